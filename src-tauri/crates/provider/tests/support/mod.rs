//! A server on loopback that answers as it is told, and exchanges made by hand.
#![allow(dead_code, reason = "each test file uses its own part")]

use provider::{Exchange, OutgoingRequest};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One scripted answer.
#[derive(Clone)]
pub enum Reply {
    /// These bytes, in these pieces with a pause between them; then the connection is closed.
    Raw(Vec<Vec<u8>>, Duration),
    /// Nothing, for ever.
    Hang,
}

impl Reply {
    /// A whole answer.
    pub fn status(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut bytes = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
            body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        Self::Raw(vec![bytes], Duration::ZERO)
    }

    /// A whole JSON answer.
    pub fn json(body: &str) -> Self {
        Self::status(200, "content-type: application/json\r\n", body)
    }
}

/// Answers each connection with the next reply, the last one again and again. Gives the base address and what was asked.
pub async fn serve(replies: Vec<Reply>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((stream, _)) = listener.accept().await {
            let reply = replies[number.min(replies.len() - 1)].clone();
            number += 1;
            let seen = Arc::clone(&seen);
            tokio::spawn(answer(stream, reply, seen));
        }
    });
    (base, asked)
}

async fn answer(mut stream: TcpStream, reply: Reply, seen: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut buffer).await.unwrap_or(0);
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length: ")
                        .map(str::to_owned)
                })
                .map_or(0, |length| length.parse().unwrap());
            body.len() >= length
        });
        // A handshake of TLS is no request; a server without TLS answers it with a complaint.
        let handshake = request.first() == Some(&0x16);
        if whole || handshake || read == 0 {
            seen.lock().unwrap().push(text);
            break;
        }
    }
    match reply {
        Reply::Hang => std::future::pending().await,
        Reply::Raw(pieces, pause) => {
            for (number, piece) in pieces.iter().enumerate() {
                if number > 0 {
                    tokio::time::sleep(pause).await;
                }
                if stream.write_all(piece).await.is_err() {
                    return;
                }
                let _ = stream.flush().await;
            }
            let _ = stream.shutdown().await;
        }
    }
}

/// A successful exchange with this body.
pub fn exchange(content_type: &str, body: impl AsRef<[u8]>) -> Exchange {
    let body = body.as_ref().to_vec();
    Exchange {
        request: OutgoingRequest::default(),
        status: 200,
        headers: vec![("content-type".into(), content_type.into())],
        first_byte: Duration::from_millis(10),
        total: Duration::from_millis(20),
        chunks: vec![(Duration::from_millis(10), body.len())],
        body,
        started_at: chrono::DateTime::UNIX_EPOCH,
    }
}

/// A stream of server-sent events with these data.
pub fn events(data: &[&str]) -> String {
    data.iter().map(|data| format!("data: {data}\n\n")).collect()
}
