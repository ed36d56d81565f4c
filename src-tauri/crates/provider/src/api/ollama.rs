//! Ollama (`POST /api/chat`). A stream is a JSON object a line; usage stands only in the last one.

use super::value::{append, items, text};
use super::{Assembly, Message, ModelAnswer, ModelRequest, Piece, value};
use crate::Usage;
use serde_json::{Map, Value, json};

pub(super) fn encode(request: &ModelRequest) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), request.model.clone().into());
    body.insert("messages".into(), request.messages.iter().map(message).collect());
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.clone().into());
    }
    if let Some(format) = &request.response_format {
        match (value::schema_of(format), format["type"].as_str()) {
            (Some(schema), _) => {
                body.insert("format".into(), schema.clone());
            }
            (None, Some("text")) => {}
            (None, _) => {
                body.insert("format".into(), "json".into());
            }
        }
    }
    let mut options = Map::new();
    if let Some(temperature) = request.temperature {
        options.insert("temperature".into(), temperature.into());
    }
    if let Some(limit) = request.max_tokens {
        options.insert("num_predict".into(), limit.into());
    }
    if let Some(seed) = request.seed {
        options.insert("seed".into(), seed.into());
    }
    if !options.is_empty() {
        body.insert("options".into(), options.into());
    }
    // Ollama streams unless it is told not to.
    body.insert("stream".into(), request.stream.into());
    body
}

fn message(message: &Message) -> Value {
    let mut object = json!({"role": message.role, "content": message.plain()});
    let pictures: Vec<Value> = items(&message.content)
        .iter()
        .filter_map(|item| {
            item["image_url"]
                .as_str()
                .or_else(|| item["image_url"]["url"].as_str())
        })
        .filter_map(|address| value::data_address(address))
        .map(|(_, data)| data.into())
        .collect();
    if !pictures.is_empty() {
        object["images"] = pictures.into();
    }
    let calls: Vec<Value> = value::calls(&message.extra)
        .map(|(_, name, arguments)| {
            json!({"function": {"name": name, "arguments": value::arguments_object(arguments)}})
        })
        .collect();
    if !calls.is_empty() {
        object["tool_calls"] = calls.into();
    }
    if let Some(name) = message.extra.get("name") {
        object["tool_name"] = name.clone();
    }
    object
}

pub(super) fn assemble(pieces: Vec<Piece>) -> Assembly {
    let mut assembly = Assembly::default();
    let mut message = json!({"role": "assistant", "content": ""});
    let mut calls: Vec<Value> = Vec::new();
    for Piece { value, end } in pieces {
        let part = &value["message"];
        for name in ["content", "thinking"] {
            if let Some(piece) = part[name].as_str().filter(|piece| !piece.is_empty()) {
                append(&mut message, name, piece);
                if name == "content" {
                    assembly.first_content.get_or_insert(end);
                }
            }
        }
        let new = items(&part["tool_calls"]);
        if !new.is_empty() {
            assembly.first_content.get_or_insert(end);
            calls.extend(new.iter().cloned());
        }
        assembly.finished |= value["done"] == true;
        assembly.body = value;
    }
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    if assembly.body.is_object() {
        assembly.body["message"] = message;
    }
    assembly
}

pub(super) fn read(body: &Value) -> Result<ModelAnswer, &'static str> {
    let message = body["message"]
        .as_object()
        .map(|_| &body["message"])
        .ok_or("message")?;
    Ok(ModelAnswer {
        text: value::plain(&message["content"]),
        tool_calls: value::called(message),
        finish_reason: text(body, "done_reason"),
        model: text(body, "model"),
        usage: usage(body),
        ..ModelAnswer::default()
    })
}

fn usage(body: &Value) -> Option<Usage> {
    Some(Usage {
        input: body["prompt_eval_count"].as_u64()?,
        output: body["eval_count"].as_u64()?,
        ..Usage::default()
    })
}
