//! Each way in which a provider fails, against a server on loopback: the kind, the attempts, and what the message says to do.
#![allow(clippy::unwrap_used)]

mod support;

use provider::{
    ApiKind, CallFailure, CallFailureKind, Caller, ClientOptions, Endpoint, Exchange, ExchangeError,
    ExchangeErrorKind, ExchangeRecorder, HttpClient, Message, ModelRequest, OutgoingRequest, RetryPolicy,
    Secret,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{Reply, events, serve};

const GOOD: &str = r#"{"model": "m", "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}"#;
const KEY: &str = "sk-secret-123";

fn http(timeout: Duration) -> HttpClient {
    HttpClient::new(ClientOptions {
        timeout,
        ..ClientOptions::default()
    })
    .unwrap()
}

/// Waits of a few milliseconds without chance, so that a test is quick and its waits are known.
fn retry() -> RetryPolicy {
    RetryPolicy {
        first_wait: Duration::from_millis(4),
        jitter: Arc::new(|| 0.0),
        ..RetryPolicy::default()
    }
}

fn caller() -> Caller {
    Caller::new(http(Duration::from_secs(20)), retry())
}

fn endpoint(base: &str) -> Endpoint {
    Endpoint::new(ApiKind::OpenAiChat, base, Some(Secret::new(KEY)))
}

fn request(stream: bool) -> ModelRequest {
    ModelRequest {
        model: "m".into(),
        messages: vec![Message::text("user", "Hello")],
        stream,
        ..ModelRequest::default()
    }
}

async fn failure(replies: Vec<Reply>) -> CallFailure {
    let (base, _) = serve(replies).await;
    caller()
        .chat(&endpoint(&base), &request(false))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_rate_limit_with_retry_after_is_waited_for() {
    let (base, asked) = serve(vec![
        Reply::status(429, "retry-after-ms: 30\r\nx-request-id: r1\r\n", "{}"),
        Reply::json(GOOD),
    ])
    .await;
    let call = caller().chat(&endpoint(&base), &request(false)).await.unwrap();
    assert_eq!(call.answer.text, "Hi");
    assert_eq!(asked.lock().unwrap().len(), 2);
    let first = &call.attempts[0];
    assert_eq!(
        (first.number, first.status, first.waited),
        (1, Some(429), Duration::from_millis(30))
    );
    assert_eq!(
        first.wait_reason.as_deref(),
        Some("status 429, retry-after-ms: 30")
    );
    assert_eq!(first.request_id.as_deref(), Some("r1"));
    assert!(call.attempts[1].started_at - first.started_at >= chrono::TimeDelta::milliseconds(30));
    assert_eq!(
        (call.attempts[1].status, call.attempts[1].waited),
        (Some(200), Duration::ZERO)
    );
}

#[tokio::test]
async fn a_rate_limit_without_retry_after_backs_off_and_gives_up() {
    let failure = failure(vec![Reply::status(
        429,
        "",
        r#"{"error": {"message": "Slow down."}}"#,
    )])
    .await;
    assert_eq!(failure.kind, CallFailureKind::RateLimited);
    assert!(
        failure
            .message
            .contains("Slow down; wait, ask with less in flight"),
        "{failure}"
    );
    let waits: Vec<u128> = failure
        .attempts
        .iter()
        .map(|attempt| attempt.waited.as_millis())
        .collect();
    assert_eq!(waits, [4, 8, 0]);
    assert_eq!(
        failure.attempts[2].wait_reason.as_deref(),
        Some("attempt 3 was the last")
    );
    assert_eq!(failure.exchange.unwrap().status, 429);
}

#[tokio::test]
async fn a_wait_of_more_than_two_minutes_is_not_waited_for() {
    let failure = failure(vec![Reply::status(429, "retry-after: 121\r\n", "{}")]).await;
    assert_eq!(failure.attempts.len(), 1);
    assert!(
        failure.attempts[0]
            .wait_reason
            .as_deref()
            .unwrap()
            .contains("wait 121 s")
    );
}

#[tokio::test]
async fn a_server_error_is_retried_and_a_client_error_is_not() {
    let (base, _) = serve(vec![Reply::status(503, "", ""), Reply::json(GOOD)]).await;
    let call = caller().chat(&endpoint(&base), &request(false)).await.unwrap();
    assert_eq!(call.attempts.len(), 2);

    let server = failure(vec![Reply::status(500, "", "oops")]).await;
    assert_eq!(
        (server.kind, server.attempts.len()),
        (CallFailureKind::ServerError, 3)
    );

    let body = format!(r#"{{"error": {{"message": "Incorrect API key provided: {KEY}"}}}}"#);
    let client = failure(vec![Reply::status(401, "", body)]).await;
    assert_eq!(
        (client.kind, client.attempts.len()),
        (CallFailureKind::ClientError(401), 1)
    );
    assert!(client.message.contains("check the provider's key"), "{client}");
    assert!(
        !client.message.contains(KEY),
        "the message quotes the key: {client}"
    );
}

#[tokio::test]
async fn a_server_that_hangs_is_a_timeout() {
    let (base, _) = serve(vec![Reply::Hang]).await;
    let caller = Caller::new(
        http(Duration::from_millis(80)),
        RetryPolicy {
            retries: 1,
            ..retry()
        },
    );
    let failure = caller.chat(&endpoint(&base), &request(false)).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.attempts.len()),
        (CallFailureKind::Timeout, 2)
    );
    assert_eq!(failure.attempts[0].error, Some(ExchangeErrorKind::Timeout));
    assert!(failure.message.contains("raise the time limit"), "{failure}");
}

#[tokio::test]
async fn a_cut_body_is_interrupted() {
    let cut =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"choices\":"
            .to_vec();
    let failure = failure(vec![Reply::Raw(vec![cut], Duration::ZERO)]).await;
    assert_eq!(
        (failure.kind, failure.attempts.len()),
        (CallFailureKind::Interrupted, 3)
    );
}

#[tokio::test]
async fn a_web_page_instead_of_json_is_malformed() {
    let page = Reply::status(
        200,
        "content-type: text/html\r\n",
        "<!doctype html><title>Sign in</title>",
    );
    let failure = failure(vec![page]).await;
    assert_eq!(failure.kind, CallFailureKind::Malformed);
    assert!(failure.message.contains("check the base address"), "{failure}");
    assert!(failure.exchange.is_some());
}

#[tokio::test]
async fn an_empty_stream_has_a_name_of_its_own() {
    for body in ["", ": keep-alive\n\n", "data: [DONE]\n\n"] {
        let (base, _) = serve(vec![Reply::status(
            200,
            "content-type: text/event-stream\r\n",
            body,
        )])
        .await;
        let failure = caller().chat(&endpoint(&base), &request(true)).await.unwrap_err();
        assert_eq!(failure.kind, CallFailureKind::EmptyStream, "{body:?}");
    }
}

#[tokio::test]
async fn an_answer_without_usage_is_an_answer() {
    let (base, asked) = serve(vec![Reply::json(GOOD)]).await;
    let call = caller().chat(&endpoint(&base), &request(false)).await.unwrap();
    assert_eq!(call.answer.usage, None);
    assert_eq!(call.answer.text, "Hi");
    let sent = asked.lock().unwrap()[0].clone();
    assert!(sent.starts_with("POST /v1/chat/completions "), "{sent}");
    assert!(sent.contains(&format!("authorization: Bearer {KEY}")), "{sent}");
}

#[tokio::test]
async fn a_refused_connection_is_retried_and_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let failure = caller()
        .chat(&endpoint(&format!("http://{address}/v1")), &request(false))
        .await
        .unwrap_err();
    assert_eq!(
        (failure.kind, failure.attempts.len()),
        (CallFailureKind::Connect, 3)
    );
    assert!(
        failure.message.contains("check that the server runs"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_server_without_encryption_behind_https_is_a_tls_failure() {
    let (base, _) = serve(vec![Reply::status(400, "", "no")]).await;
    let failure = caller()
        .chat(&endpoint(&base.replace("http:", "https:")), &request(false))
        .await
        .unwrap_err();
    assert_eq!(
        (failure.kind, failure.attempts.len()),
        (CallFailureKind::Tls, 1),
        "{failure}"
    );
    assert!(failure.message.contains("http and https"), "{failure}");
}

#[tokio::test]
async fn an_answer_of_forty_megabytes_is_too_large() {
    let failure = failure(vec![Reply::status(200, "", vec![b' '; 40_000_000])]).await;
    assert_eq!(
        (failure.kind, failure.attempts.len()),
        (CallFailureKind::TooLarge, 1)
    );
    assert!(failure.message.contains("max_tokens"), "{failure}");
}

/// The first token is what carries content: neither the headers nor the opening event count.
#[tokio::test]
async fn the_first_token_is_timed_by_the_piece_that_carries_it() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n".to_vec();
    let opening = events(&[r#"{"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}"#]);
    let first = events(&[r#"{"choices": [{"index": 0, "delta": {"content": "Hi"}}]}"#]);
    let last = events(&[
        r#"{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}"#,
        "[DONE]",
    ]);
    let pieces = vec![head, opening.into_bytes(), first.into_bytes(), last.into_bytes()];
    let pause = Duration::from_millis(120);
    let (base, _) = serve(vec![Reply::Raw(pieces, pause)]).await;
    let call = caller().chat(&endpoint(&base), &request(true)).await.unwrap();
    let first = call.answer.time_to_first_token.unwrap();
    assert!(
        first >= 2 * pause,
        "{first:?} is before the piece with content was sent"
    );
    assert!(
        first < call.exchange.total,
        "{first:?} of {:?}",
        call.exchange.total
    );
    assert!(call.exchange.first_byte < first);
}

#[derive(Default)]
struct Recorder(Mutex<Vec<String>>);

impl ExchangeRecorder for Recorder {
    fn record(&self, exchange: &Exchange) {
        self.0
            .lock()
            .unwrap()
            .push(format!("{} {:?}", exchange.status, exchange.request.headers));
    }

    fn record_failure(&self, request: &OutgoingRequest, error: &ExchangeError) {
        self.0
            .lock()
            .unwrap()
            .push(format!("{:?} {:?}", error.kind, request.headers));
    }
}

#[tokio::test]
async fn every_attempt_is_recorded_and_none_with_the_key() {
    let recorder = Arc::new(Recorder::default());
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec();
    let (base, _) = serve(vec![
        Reply::status(500, "", ""),
        Reply::Raw(vec![cut], Duration::ZERO),
        Reply::json(GOOD),
    ])
    .await;
    let caller = caller().with_recorder(Arc::clone(&recorder) as Arc<dyn ExchangeRecorder>);
    let call = caller.chat(&endpoint(&base), &request(false)).await.unwrap();
    let recorded = recorder.0.lock().unwrap();
    let starts: Vec<&str> = recorded
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(starts, ["500", "Interrupted", "200"]);
    assert!(!format!("{recorded:?}{call:?}").contains(KEY), "{recorded:?}");
}
