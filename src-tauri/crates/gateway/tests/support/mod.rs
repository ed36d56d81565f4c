//! A client of sixty lines: reqwest belongs to `provider` alone.
#![allow(clippy::unwrap_used, missing_docs, dead_code)]

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub async fn call(address: SocketAddr, method: &str, path: &str, body: &str) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let split = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(answer[..split].to_vec()).unwrap();
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        unchunked(&head, &answer[split + 4..]),
    )
}

/// The body without the sizes of its chunks, where it was sent in chunks.
fn unchunked(head: &str, body: &[u8]) -> Vec<u8> {
    if !head.to_lowercase().contains("transfer-encoding: chunked") {
        return body.to_vec();
    }
    let (mut rest, mut whole) = (body, Vec::new());
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
}

/// Posts JSON and reads JSON.
pub async fn post(address: SocketAddr, path: &str, body: &Value) -> (u16, Value) {
    let (status, body) = call(address, "POST", path, &body.to_string()).await;
    (status, serde_json::from_slice(&body).unwrap())
}

/// A chat completion that must succeed.
pub async fn chat(address: SocketAddr, body: &Value) -> Value {
    let (status, answer) = post(address, "/v1/chat/completions", body).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// The text of an answer.
pub fn text(answer: &Value) -> &str {
    answer["choices"][0]["message"]["content"].as_str().unwrap()
}
