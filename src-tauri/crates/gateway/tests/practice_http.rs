//! The practice models over a real socket: the protocol and its errors.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::time::{Duration, Instant};

use gateway::GatewayError;
use gateway::practice::{PRACTICE_MODEL, PracticeOptions, PracticeServer};
use provider::openai::{ChatResponse, ErrorBody, ModelList};
use serde_json::{Value, json};
use support::call;
use tokio::net::TcpStream;

fn question() -> Value {
    json!({ "model": PRACTICE_MODEL, "messages": [
        { "role": "system", "content": "Cite the passages." },
        { "role": "user", "content": "[fees] Late fees\nA late payment costs 12 EUR.\n\nQuestion: What does a late payment cost?" }
    ] })
}

#[tokio::test]
async fn it_answers_as_openai_would() {
    let server = PracticeServer::start(PracticeOptions { port: 0, seed: 7 })
        .await
        .unwrap();
    assert_eq!(
        server.base_url(),
        format!("http://127.0.0.1:{}/v1", server.address().port())
    );
    let begun = Instant::now();
    let (status, body) = call(
        server.address(),
        "POST",
        "/v1/chat/completions",
        &question().to_string(),
    )
    .await;
    assert!(begun.elapsed() >= Duration::from_millis(15));
    let response: ChatResponse = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, response.model.as_str()), (200, PRACTICE_MODEL));
    assert_eq!(response.plain(), "A late payment costs 12 EUR. [fees]");
    assert!(response.system_fingerprint.unwrap().starts_with("practice-"));
    let usage = response.usage.unwrap();
    assert_eq!(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);

    let (status, body) = call(server.address(), "GET", "/v1/models", "").await;
    let models: ModelList = serde_json::from_slice(&body).unwrap();
    let ids: Vec<_> = models.data.iter().map(|model| model.id.as_str()).collect();
    // A service may take the first model that it is offered, so the small one stays first.
    assert_eq!((status, ids), (200, vec![PRACTICE_MODEL, "practice-large"]));
    assert_eq!(call(server.address(), "GET", "/healthz", "").await.0, 200);
    server.shutdown().await;
}

#[tokio::test]
async fn errors_say_what_to_do() {
    let server = PracticeServer::start(PracticeOptions::default()).await.unwrap();
    let expect = [
        ("not json", 400, "Send JSON"),
        (r#"{"model":"practice-small","messages":[]}"#, 400, "at least one"),
        (r#"{"model":"gpt-x","messages":[]}"#, 404, "practice-small"),
        (
            r#"{"model":"practice-small","n":2,"messages":[{"role":"user","content":"x"}]}"#,
            400,
            "seed",
        ),
        (
            r#"{"model":"practice-large","temperature":3,"messages":[{"role":"user","content":"x"}]}"#,
            400,
            "0 to 2",
        ),
        (
            r#"{"model":"practice-small","response_format":{"type":"json_schema","json_schema":{"schema":{"type":"string","pattern":"a"}}},"messages":[{"role":"user","content":"x"}]}"#,
            400,
            "pattern",
        ),
        (
            r#"{"model":"practice-small","tool_choice":"required","messages":[{"role":"user","content":"x"}]}"#,
            400,
            "no tools",
        ),
    ];
    for (body, status, says) in expect {
        let (got, body) = call(server.address(), "POST", "/v1/chat/completions", body).await;
        let error: ErrorBody = serde_json::from_slice(&body).unwrap();
        assert_eq!(got, status);
        assert!(error.error.message.contains(says), "{}", error.error.message);
    }
    let (status, body) = call(server.address(), "POST", "/chat/completions", "{}").await;
    let error: ErrorBody = serde_json::from_slice(&body).unwrap();
    assert!(status == 404 && error.error.message.contains("/v1/chat/completions"));
    assert_eq!(
        call(server.address(), "GET", "/v1/chat/completions", "").await.0,
        405
    );
}

#[tokio::test]
async fn a_taken_port_is_named_and_a_stopped_server_frees_it() {
    let server = PracticeServer::start(PracticeOptions::default()).await.unwrap();
    let port = server.address().port();
    let taken = PracticeServer::start(PracticeOptions { port, seed: 0 })
        .await
        .unwrap_err();
    assert!(matches!(taken, GatewayError::Bind { port: named, .. } if named == port));
    server.shutdown().await;
    let again = PracticeServer::start(PracticeOptions { port, seed: 0 })
        .await
        .unwrap();
    let address = again.address();
    drop(again);
    let begun = Instant::now();
    while TcpStream::connect(address).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(2), "dropped means stopped");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
