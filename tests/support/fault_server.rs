//! A provider that fails as it is told: the question says how, so that a dataset is a list of faults.

use serde_json::{Value, json};
use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

/// One call as the server saw it.
#[derive(Clone, Debug)]
pub struct Call {
    /// What was asked.
    pub question: String,
    /// When it came, counted from the start of the server.
    pub at: Duration,
    /// Calls being answered at that moment, this one among them.
    pub in_flight: usize,
    /// Whether it was refused because there were too many.
    pub refused: bool,
}

/// A server on loopback that speaks OpenAI's chat completions (streamed or whole), and plain JSON (`{"question"}` in, `{"answer"}`
/// out). It ends with this value.
///
/// A question is a list of steps, parted by ` | `. The first call of a question gets the first step, the second the second,
/// every further one the last:
///
/// ```text
/// say TEXT                        answers
/// uncounted TEXT                  answers without usage
/// status N [HEADER: VALUE]        answers with a status; {soon} is a date two seconds ahead
/// hang                            never answers
/// cut                             ends in the middle of the answer
/// html                            answers with a page
/// empty                           answers with a stream of nothing
/// long MIB                        answers with so many mebibytes
/// ```
pub struct FaultServer {
    port: u16,
    state: Arc<State>,
    // Its tasks end with it.
    _runtime: Runtime,
}

struct State {
    started: Instant,
    latency: Duration,
    most_in_flight: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    in_flight: usize,
    turns: HashMap<String, usize>,
    calls: Vec<Call>,
}

impl State {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaultServer {
    /// One that answers at once.
    pub fn start() -> Self {
        Self::with(Duration::ZERO, usize::MAX)
    }

    /// One that takes so long for each answer, and refuses calls above so many in flight.
    pub fn with(latency: Duration, most_in_flight: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            started: Instant::now(),
            latency,
            most_in_flight,
            seen: Mutex::default(),
        });
        let served = Arc::clone(&state);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&served)));
            }
        });
        Self {
            port,
            state,
            _runtime: runtime,
        }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its base URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.state.seen().calls.clone()
    }

    /// The questions of all calls so far, in order.
    pub fn asked(&self) -> Vec<String> {
        let seen = self.state.seen();
        seen.calls.iter().map(|call| call.question.clone()).collect()
    }
}

/// Answers the calls of one connection, until a step breaks it.
async fn serve(mut stream: TcpStream, state: Arc<State>) -> io::Result<()> {
    let mut buffer = Vec::new();
    while let Some(body) = request(&mut stream, &mut buffer).await? {
        let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
        let last = asked["messages"].as_array().and_then(|messages| messages.last());
        let question = last
            .map_or(&asked["question"], |message| &message["content"])
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let (step, refused) = {
            let mut seen = state.seen();
            seen.in_flight += 1;
            let (in_flight, at) = (seen.in_flight, state.started.elapsed());
            let refused = in_flight > state.most_in_flight;
            let turn = seen.turns.entry(question.clone()).or_default();
            let steps: Vec<&str> = question.split(" | ").collect();
            let step = steps[(*turn).min(steps.len() - 1)].to_owned();
            *turn += usize::from(!refused);
            seen.calls.push(Call {
                question,
                at,
                in_flight,
                refused,
            });
            (step, refused)
        };
        let step = if refused {
            "status 429 retry-after-ms: 100".into()
        } else {
            tokio::time::sleep(state.latency).await;
            step
        };
        let kept = answer(&mut stream, &step, &asked).await;
        state.seen().in_flight -= 1;
        if !kept? {
            break;
        }
    }
    Ok(())
}

/// The body of the next request; none when the connection has ended.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    loop {
        // A client that begins a TLS handshake; plain servers answer it like this.
        if buffer.first() == Some(&0x16) {
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
            return Ok(None);
        }
        if let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
                .unwrap_or(0);
            if buffer.len() >= head + 4 + length {
                let body = buffer[head + 4..head + 4 + length].to_vec();
                buffer.drain(..head + 4 + length);
                return Ok(Some(body));
            }
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// Does one step. Returns whether the connection is kept.
async fn answer(stream: &mut TcpStream, step: &str, asked: &Value) -> io::Result<bool> {
    let (word, rest) = step.split_once(' ').unwrap_or((step, ""));
    let streamed = asked["stream"] == true;
    let (kind, body) = match word {
        "say" | "uncounted" => said(rest, asked, word == "say"),
        "status" => {
            let (status, header) = rest.split_once(' ').unwrap_or((rest, ""));
            let soon = chrono::Utc::now() + chrono::TimeDelta::seconds(2);
            let date = soon.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            let header = header.replace("{soon}", &date);
            let body = json!({ "error": { "message": "as asked" } }).to_string();
            write(
                stream,
                status,
                "application/json",
                &header,
                body.as_bytes(),
                body.len(),
            )
            .await?;
            return Ok(true);
        }
        "hang" => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            return Ok(false);
        }
        "cut" => {
            let (kind, body) = said("this is only the beginning", asked, true);
            let half = body.len() / 2;
            write(stream, "200", kind, "", &body.as_bytes()[..half], body.len()).await?;
            stream.shutdown().await?;
            return Ok(false);
        }
        "html" => ("text/html", "<!doctype html><title>It works</title>".to_owned()),
        "empty" if streamed => ("text/event-stream", "data: [DONE]\n\n".to_owned()),
        "empty" => ("application/json", String::new()),
        "long" => said(&"x".repeat(rest.parse::<usize>().unwrap() << 20), asked, true),
        _ => panic!("no step of a fault server: {step}"),
    };
    write(stream, "200", kind, "", body.as_bytes(), body.len()).await?;
    Ok(true)
}

/// An answer in the form that was asked for.
fn said(text: &str, asked: &Value, counted: bool) -> (&'static str, String) {
    let model = asked["model"].as_str().unwrap_or("fault-server");
    let usage = if counted {
        json!({ "prompt_tokens": 40, "completion_tokens": 500 })
    } else {
        Value::Null
    };
    if asked["messages"].is_null() {
        let answer = json!({ "answer": text, "model": model, "usage": usage });
        return ("application/json", answer.to_string());
    }
    if asked["stream"] != true {
        let message = json!({ "role": "assistant", "content": text });
        let choice = json!({ "index": 0, "message": message, "finish_reason": "stop" });
        let answer = json!({ "model": model, "choices": [choice], "usage": usage });
        return ("application/json", answer.to_string());
    }
    let first = json!({ "index": 0, "delta": { "content": text } });
    let last = json!({ "index": 0, "delta": {}, "finish_reason": "stop" });
    let first = json!({ "model": model, "choices": [first] });
    let last = json!({ "model": model, "choices": [last], "usage": usage });
    let events = format!("data: {first}\n\ndata: {last}\n\ndata: [DONE]\n\n");
    ("text/event-stream", events)
}

async fn write(
    stream: &mut TcpStream,
    status: &str,
    kind: &str,
    header: &str,
    body: &[u8],
    length: usize,
) -> io::Result<()> {
    let header = if header.is_empty() {
        String::new()
    } else {
        format!("{header}\r\n")
    };
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n{header}\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    stream.flush().await
}
