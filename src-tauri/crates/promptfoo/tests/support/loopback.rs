//! The loopback server of the recordings once more, in Rust: it reads the same `tests/promptfoo/server.json`.

use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// Starts the server and gives its address.
pub async fn start() -> String {
    let rules: Value =
        serde_json::from_str(include_str!("../../../../../tests/promptfoo/server.json")).unwrap();
    let rules = Arc::new(rules);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let rules = Arc::clone(&rules);
            tokio::spawn(async move {
                let _ = serve(stream, &rules).await;
            });
        }
    });
    address
}

async fn serve(stream: TcpStream, rules: &Value) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let mut words = line.split_whitespace();
    let (method, target) = (
        words.next().unwrap_or("").to_owned(),
        words.next().unwrap_or("").to_owned(),
    );
    let (mut length, mut kind, mut mark) = (0, String::new(), String::new());
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await?;
        let Some((name, value)) = header.trim_end().split_once(':') else {
            break;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "content-type" => kind = value.trim().split(';').next().unwrap_or("").to_owned(),
            "x-mark" => mark = value.trim().to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let (path, query) = target
        .split_once('?')
        .map_or((target.as_str(), String::new()), |(path, query)| {
            (path, format!("?{query}"))
        });
    let (status, answer) = if path.ends_with("/chat/completions") {
        chat(rules, &serde_json::from_str(&body).unwrap_or_default())
    } else if path.ends_with("/embeddings") {
        let request: Value = serde_json::from_str(&body).unwrap_or_default();
        let text = request["input"]
            .as_str()
            .or(request["input"][0].as_str())
            .unwrap_or("");
        (200, json!({ "data": [{ "index": 0, "embedding": vector(text) }], "usage": { "prompt_tokens": 1, "total_tokens": 1 } }).to_string())
    } else if path == "/mirror" {
        (
            200,
            json!({ "method": method, "query": query, "type": kind, "mark": mark, "body": body }).to_string(),
        )
    } else {
        let route = rules["http"]
            .as_array()
            .unwrap()
            .iter()
            .find(|route| route["path"] == path);
        route.map_or((404, "no route".into()), |route| {
            (
                route["status"].as_u64().unwrap(),
                route["body"].as_str().unwrap().to_owned(),
            )
        })
    };
    let head = format!(
        "HTTP/1.1 {status} -\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(answer.as_bytes()).await
}

fn vector(text: &str) -> Vec<f64> {
    let mut counts = vec![1.0; 8];
    for byte in text.bytes() {
        counts[usize::from(byte % 8)] += 1.0;
    }
    counts
}

fn chat(rules: &Value, request: &Value) -> (u64, String) {
    let text = |message: &Value| match &message["content"] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let texts: Vec<String> = request["messages"].as_array().unwrap().iter().map(text).collect();
    let whole = texts.join("\n");
    let rule = rules["chat"].as_array().unwrap().iter().find(|rule| {
        rule["when"]
            .as_array()
            .unwrap()
            .iter()
            .all(|when| whole.contains(when.as_str().unwrap()))
    });
    if let Some(status) = rule.and_then(|rule| rule["status"].as_u64()) {
        return (
            status,
            json!({ "error": { "message": "broken", "type": "invalid_request_error" } }).to_string(),
        );
    }
    let empty = json!({ "message": { "content": texts.last() } });
    let rule = rule.unwrap_or(&empty);
    let mut message = rule["message"].clone();
    message["role"] = json!("assistant");
    let mut choice = json!({ "index": 0, "finish_reason": rule.get("finish_reason").unwrap_or(&json!("stop")), "message": message });
    if let Some(Value::Array(list)) = rule.get("logprobs") {
        let content: Vec<Value> = list
            .iter()
            .map(|logprob| json!({ "token": "x", "logprob": logprob }))
            .collect();
        choice["logprobs"] = json!({ "content": content });
    }
    let usage = json!({ "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 });
    (200, json!({ "id": "x", "object": "chat.completion", "model": request["model"], "choices": [choice], "usage": usage }).to_string())
}
