//! The provider that both sides ask: JSON in, JSON out, after a fixed time.

use crate::Outcome;
use axum::{Json, Router, routing::post, serve::ListenerExt as _};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// What stands around every answer, so that an answer is about as long as a support answer is.
const PROSE: &str = "Refunds go back to the card that was used for the purchase within five working days after the \
    parcel has reached the warehouse. Where a part of an order is sent back, shipping is refunded only if nothing \
    of the order is kept. The return label can be printed from the order page, or asked for at any parcel shop.";

/// The provider as a child process; it ends with this value.
pub struct Provider {
    /// Where it answers.
    pub url: String,
    child: Child,
}

impl Provider {
    pub fn start() -> Outcome<Self> {
        let program = std::env::current_exe().map_err(|error| format!("this program's own path: {error}"))?;
        let mut child = Command::new(program)
            .arg("provider")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the provider cannot be started: {error}"))?;
        let mut url = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut url)
                .map_err(|error| format!("the provider says nothing: {error}"))?;
        }
        Ok(Self {
            url: url.trim().to_owned(),
            child,
        })
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // Its standard input closes, and it ends.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The same provider within this process, at once, and counting: for what begins when.
pub struct Watched {
    /// Where it answers.
    pub url: String,
    calls: Arc<AtomicU64>,
    // The server ends with it.
    _runtime: tokio::runtime::Runtime,
}

impl Watched {
    pub fn start() -> Outcome<Self> {
        let failed = |error: std::io::Error| format!("the provider: {error}");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(failed)?;
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0)))
            .map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let calls = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&calls);
        let answer = move |Json(request): Json<Value>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move { Json(answer(&request)) }
        };
        let router = Router::new().route("/answer", post(answer));
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            url: format!("http://{address}"),
            calls,
            _runtime: runtime,
        })
    }

    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
}

fn answer(request: &Value) -> Value {
    let question = request["question"].as_str().unwrap_or_default();
    json!({
        "answer": format!("You asked: {question} {PROSE}"),
        "model": "bench-model",
        "usage": { "prompt_tokens": 412, "completion_tokens": 96, "total_tokens": 508 },
    })
}

/// Serves until standard input closes.
#[tokio::main]
pub async fn serve(latency: Duration) -> Outcome<()> {
    let answer = move |Json(request): Json<Value>| async move {
        tokio::time::sleep(latency).await;
        Json(answer(&request))
    };
    let failed = |error: std::io::Error| format!("the provider: {error}");
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    writeln!(std::io::stdout(), "http://{address}").map_err(failed)?;
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let router = Router::new().route("/answer", post(answer));
    let closed = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    tokio::select! {
        served = async { axum::serve(listener, router).await } => served.map_err(failed),
        _ = closed => Ok(()),
    }
}
