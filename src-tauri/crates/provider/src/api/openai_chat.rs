//! OpenAI's chat completions (`POST /chat/completions`), which most servers speak.
//!
//! Usage: `prompt_tokens` includes cached tokens and tokens written into the cache; `completion_tokens` includes reasoning and
//! rejected predictions. A stream reports usage in a last chunk without choices, and only when it was asked to.

use super::value::{append, items, part, text};
use super::{Assembly, ModelAnswer, ModelRequest, Piece, value};
use crate::Usage;
use serde_json::{Map, Value, json};

pub(super) fn encode(request: &ModelRequest, official: bool) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), request.model.clone().into());
    let messages = request.messages.iter().map(|message| {
        let mut object = Map::new();
        object.insert("role".into(), message.role.clone().into());
        object.insert("content".into(), message.content.clone());
        object.extend(message.extra.clone());
        Value::Object(object)
    });
    body.insert("messages".into(), messages.collect());
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.clone().into());
    }
    if let Some(temperature) = request.temperature {
        body.insert("temperature".into(), temperature.into());
    }
    if let Some(limit) = request.max_tokens {
        let name = if official {
            "max_completion_tokens"
        } else {
            "max_tokens"
        };
        body.insert(name.into(), limit.into());
    }
    if let Some(seed) = request.seed {
        body.insert("seed".into(), seed.into());
    }
    if let Some(format) = &request.response_format {
        body.insert("response_format".into(), format.clone());
    }
    if request.stream {
        body.insert("stream".into(), true.into());
        body.insert("stream_options".into(), json!({"include_usage": true}));
    }
    body
}

pub(super) fn assemble(pieces: Vec<Piece>) -> Assembly {
    let mut assembly = Assembly {
        body: json!({"object": "chat.completion"}),
        ..Assembly::default()
    };
    let mut choices: Vec<Value> = Vec::new();
    for Piece { value, end } in pieces {
        for name in [
            "id",
            "created",
            "model",
            "system_fingerprint",
            "service_tier",
            "usage",
        ] {
            if !value[name].is_null() {
                assembly.body[name] = value[name].clone();
            }
        }
        for choice in items(&value["choices"]) {
            let index = part(choice, "index");
            let known = choices.iter().position(|known| known["index"] == index);
            let position = known.unwrap_or_else(|| {
                choices.push(json!({"index": index, "message": {"role": "assistant", "content": null}, "finish_reason": null}));
                choices.len() - 1
            });
            let into = &mut choices[position];
            if join(into, choice) && index == 0 {
                assembly.first_content.get_or_insert(end);
            }
            if !choice["finish_reason"].is_null() {
                into["finish_reason"] = choice["finish_reason"].clone();
                assembly.finished = true;
            }
        }
    }
    choices.sort_by_key(|choice| part(choice, "index"));
    assembly.body["choices"] = choices.into();
    assembly
}

/// Joins a choice's delta to it; true where the delta carried text, a tool call or a refusal.
fn join(into: &mut Value, choice: &Value) -> bool {
    let delta = &choice["delta"];
    let mut content = false;
    for (name, counts) in [
        ("content", true),
        ("refusal", true),
        ("reasoning_content", false),
        ("reasoning", false),
    ] {
        if let Some(piece) = delta[name].as_str().filter(|piece| !piece.is_empty()) {
            append(&mut into["message"], name, piece);
            content |= counts;
        }
    }
    for call in items(&delta["tool_calls"]) {
        join_call(&mut into["message"]["tool_calls"], call);
        content = true;
    }
    for list in ["content", "refusal"] {
        let new = items(&choice["logprobs"][list]);
        if !new.is_empty() {
            let all = &mut into["logprobs"][list];
            if let Value::Array(all) = all {
                all.extend(new.iter().cloned());
            } else {
                *all = new.into();
            }
        }
    }
    content
}

/// Pieces of a call share its index. Some servers leave the index out and repeat or omit the id instead.
fn join_call(calls: &mut Value, piece: &Value) {
    if !calls.is_array() {
        *calls = Value::Array(Vec::new());
    }
    let Some(calls) = calls.as_array_mut() else { return };
    let same = match (piece["index"].as_u64(), piece["id"].as_str()) {
        (Some(index), _) => calls.iter().position(|call| call["index"] == index),
        (None, Some(id)) => calls.iter().position(|call| call["id"] == id),
        (None, None) => calls.len().checked_sub(1),
    };
    let position = same.unwrap_or_else(|| {
        calls.push(json!({"index": piece["index"], "id": "", "type": "function", "function": {"name": "", "arguments": ""}}));
        calls.len() - 1
    });
    let call = &mut calls[position];
    if let Some(id) = piece["id"].as_str().filter(|id| !id.is_empty()) {
        call["id"] = id.into();
    }
    if let Some(name) = piece["function"]["name"].as_str() {
        // OpenAI sends the name once; servers that repeat it with each piece do not mean it twice.
        if call["function"]["name"] != name {
            append(&mut call["function"], "name", name);
        }
    }
    if let Some(arguments) = piece["function"]["arguments"].as_str() {
        append(&mut call["function"], "arguments", arguments);
    }
}

pub(super) fn read(body: &Value) -> Result<ModelAnswer, &'static str> {
    let choice = items(&body["choices"]).first().ok_or("choices")?;
    let message = &choice["message"];
    let logprobs = items(&choice["logprobs"]["content"]);
    Ok(ModelAnswer {
        text: value::plain(&message["content"]),
        tool_calls: value::called(message),
        finish_reason: text(choice, "finish_reason"),
        refusal: text(message, "refusal"),
        model: text(body, "model"),
        usage: usage(&body["usage"]),
        service_tier: text(body, "service_tier"),
        fingerprint: text(body, "system_fingerprint"),
        logprobs: (!logprobs.is_empty()).then(|| {
            logprobs
                .iter()
                .filter_map(|token| token["logprob"].as_f64())
                .collect()
        }),
        ..ModelAnswer::default()
    })
}

fn usage(usage: &Value) -> Option<Usage> {
    let (read, written) = (
        &usage["prompt_tokens_details"],
        &usage["completion_tokens_details"],
    );
    Some(Usage {
        input: usage["prompt_tokens"].as_u64()?,
        cache_read: part(read, "cached_tokens"),
        cache_write_5m: part(read, "cache_write_tokens"),
        audio_input: part(read, "audio_tokens"),
        output: usage["completion_tokens"].as_u64()?,
        reasoning: part(written, "reasoning_tokens"),
        audio_output: part(written, "audio_tokens"),
        ..Usage::default()
    })
}
