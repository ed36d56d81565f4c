//! A chat completion in pieces, as server-sent events.
//!
//! The first piece comes when the model has read the prompt, the others at the pace at which it writes, so that time to first token and
//! total are those of the same answer sent whole.

use std::convert::Infallible;
use std::time::Instant;

use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use provider::openai::ChatRequest;
use serde_json::{Value, json};

use super::chat::{Head, finish_reason, logprobs, pieces, tool_call, usage, wants_logprobs};
use crate::practice::PracticeAnswer;

/// The events of an answer, each at its time after `begun`.
pub(super) fn events(
    request: &ChatRequest,
    answer: &PracticeAnswer,
    head: &Head,
    begun: Instant,
) -> Response {
    let include_usage = request
        .other
        .get("stream_options")
        .and_then(|options| options.get("include_usage"))
        == Some(&Value::Bool(true));
    let chunk = |choices: Value, used: Value| {
        let mut chunk = json!({
            "id": head.id, "object": "chat.completion.chunk", "created": head.created, "model": head.model,
            "system_fingerprint": head.fingerprint, "choices": choices,
        });
        if include_usage && let Some(fields) = chunk.as_object_mut() {
            fields.insert("usage".into(), used);
        }
        chunk.to_string()
    };
    let choice = |delta: Value, finish: Option<&str>, logprobs: Value| {
        let choice = json!([{ "index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": finish }]);
        chunk(choice, Value::Null)
    };

    let mut written = Vec::new();
    let opening = match &answer.tool_call {
        None => {
            for piece in pieces(&answer.text) {
                let sure = if wants_logprobs(request) {
                    logprobs(std::slice::from_ref(&piece), answer.confidence)
                } else {
                    Value::Null
                };
                written.push(choice(json!({ "content": piece }), None, sure));
            }
            json!({ "role": "assistant", "content": "" })
        }
        Some(call) => {
            for piece in pieces(&call.arguments) {
                let delta = json!({ "tool_calls": [{ "index": 0, "function": { "arguments": piece } }] });
                written.push(choice(delta, None, Value::Null));
            }
            let mut call = tool_call(call, head, "");
            if let Some(fields) = call.as_object_mut() {
                fields.insert("index".into(), json!(0));
            }
            json!({ "role": "assistant", "content": null, "tool_calls": [call] })
        }
    };

    let first = begun + answer.first_token();
    let last = begun + answer.latency();
    let pause = (last - first) / u32::try_from(written.len().max(1)).unwrap_or(u32::MAX);
    let mut events = vec![(first, choice(opening, None, Value::Null))];
    let mut at = first;
    for piece in written {
        at += pause;
        events.push((at, piece));
    }
    events.push((last, choice(json!({}), Some(finish_reason(answer)), Value::Null)));
    if include_usage {
        events.push((last, chunk(json!([]), json!(usage(answer)))));
    }
    events.push((last, "[DONE]".to_owned()));

    let paced = stream::unfold(events.into_iter(), |mut rest| async {
        let (at, data) = rest.next()?;
        tokio::time::sleep_until(at.into()).await;
        Some((Ok::<_, Infallible>(Event::default().data(data)), rest))
    });
    Sse::new(paced).into_response()
}
