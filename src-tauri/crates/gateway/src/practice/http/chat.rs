//! Chat completions, whole or streamed.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use provider::openai::{ChatMessage, ChatRequest, ChatResponse, Choice, Role, Usage};
use serde_json::{Map, Value, json};

use super::problem::Problem;
use super::{Practice, now, stream};
use crate::practice::{
    PRACTICE_MODEL, PracticeAnswer, PracticeSize, PracticeToolCall, decide, fingerprint, seeded,
};

pub(super) async fn chat(
    State(practice): State<Arc<Practice>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let begun = Instant::now();
    let request = match read(body) {
        Ok(request) => request,
        Err(problem) => return problem.into_response(),
    };
    let seed = practice.seed;
    // A long prompt is work; it must not keep other calls waiting.
    let decided = tokio::task::spawn_blocking(move || (decide(&request, seed), request)).await;
    let (answer, request) = match decided {
        Ok((Ok(answer), request)) => (answer, request),
        Ok((Err(invalid), _)) => return Problem::from(invalid).into_response(),
        Err(_) => return Problem::stopped().into_response(),
    };
    let head = Head::new(&request, &answer, seed);
    if request.stream == Some(true) {
        return stream::events(&request, &answer, &head, begun);
    }
    tokio::time::sleep(answer.latency()).await;
    Json(render(&request, answer, head)).into_response()
}

/// Takes a body for what it says, or explains what is wrong with it.
fn read(body: Result<Bytes, BytesRejection>) -> Result<ChatRequest, Problem> {
    let body = body.map_err(|rejection| Problem::unreadable(&rejection))?;
    let request: ChatRequest = serde_json::from_slice(&body).map_err(|error| {
        Problem::bad(None, format!(
            "The body is not a chat request: {error}. Send JSON such as {{\"model\": \"{PRACTICE_MODEL}\", \"messages\": [{{\"role\": \"user\", \"content\": \"...\"}}]}}."
        ))
    })?;
    if PracticeSize::named(&request.model).is_none() {
        return Err(Problem::no_model(&request.model));
    }
    if request.messages.is_empty() {
        return Err(Problem::bad(
            Some("messages"),
            "There are no messages. Send at least one with the role 'user'.".into(),
        ));
    }
    Ok(request)
}

/// What a whole answer and each piece of a streamed one begin with.
pub(super) struct Head {
    pub id: String,
    pub created: u64,
    pub model: &'static str,
    pub fingerprint: String,
    pub call_id: String,
}

impl Head {
    fn new(request: &ChatRequest, answer: &PracticeAnswer, seed: u64) -> Self {
        let said: Vec<String> = request.messages.iter().map(ChatMessage::plain).collect();
        let parts: Vec<&str> = said
            .iter()
            .map(String::as_str)
            .chain([answer.text.as_str()])
            .collect();
        let hash = seeded::hash(seed, &parts);
        Self {
            id: format!("chatcmpl-practice-{hash:016x}"),
            created: now(),
            model: answer.size.id(),
            fingerprint: fingerprint(seed),
            call_id: format!("call_practice_{hash:016x}"),
        }
    }
}

/// Why the answer ended.
pub(super) fn finish_reason(answer: &PracticeAnswer) -> &'static str {
    match answer {
        PracticeAnswer {
            tool_call: Some(_), ..
        } => "tool_calls",
        PracticeAnswer { truncated: true, .. } => "length",
        _ => "stop",
    }
}

pub(super) fn usage(answer: &PracticeAnswer) -> Usage {
    Usage::plain(answer.prompt_tokens, answer.completion_tokens)
}

/// A tool call as it stands in a message.
pub(super) fn tool_call(call: &PracticeToolCall, head: &Head, arguments: &str) -> Value {
    json!({ "id": head.call_id, "type": "function", "function": { "name": call.name, "arguments": arguments } })
}

/// The tokens of a text, by the rule that four characters are one.
pub(super) fn pieces(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|piece| piece.iter().collect()).collect()
}

/// Whether the request wants `logprobs`.
pub(super) fn wants_logprobs(request: &ChatRequest) -> bool {
    request.other.get("logprobs") == Some(&Value::Bool(true))
}

/// Each token with the logarithm of the confidence, so that the mean over the tokens is the confidence again.
pub(super) fn logprobs(pieces: &[String], confidence: f64) -> Value {
    let logprob = confidence.max(f64::MIN_POSITIVE).ln();
    let content: Vec<Value> = pieces
        .iter()
        .map(|piece| json!({ "token": piece, "logprob": logprob, "bytes": piece.as_bytes(), "top_logprobs": [] }))
        .collect();
    json!({ "content": content, "refusal": null })
}

fn render(request: &ChatRequest, answer: PracticeAnswer, head: Head) -> ChatResponse {
    let mut other = Map::new();
    if wants_logprobs(request) {
        other.insert(
            "logprobs".into(),
            logprobs(&pieces(&answer.text), answer.confidence),
        );
    }
    let finish_reason = finish_reason(&answer);
    let usage = usage(&answer);
    let message = match &answer.tool_call {
        Some(call) => {
            let calls = json!([tool_call(call, &head, &call.arguments)]);
            ChatMessage {
                role: Role::Assistant,
                content: None,
                other: Map::from_iter([("tool_calls".to_owned(), calls)]),
            }
        }
        None => ChatMessage::text(Role::Assistant, answer.text),
    };
    ChatResponse {
        id: head.id,
        object: "chat.completion".into(),
        created: head.created,
        model: head.model.into(),
        system_fingerprint: Some(head.fingerprint),
        usage: Some(usage),
        choices: vec![Choice {
            index: 0,
            finish_reason: Some(finish_reason.into()),
            message,
            other,
        }],
        other: Map::new(),
    }
}
