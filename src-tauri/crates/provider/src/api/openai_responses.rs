//! OpenAI's responses (`POST /responses`).
//!
//! Usage: `input_tokens` includes cached tokens, `output_tokens` includes reasoning. Each search of the web is an item of the
//! output; OpenAI bills the action `search`, not the opening of a page.

use super::value::{items, part, text};
use super::{Assembly, Message, ModelAnswer, ModelRequest, Piece, ToolCall, value};
use crate::Usage;
use serde_json::{Map, Value, json};

pub(super) fn encode(request: &ModelRequest) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), request.model.clone().into());
    let input: Vec<Value> = request.messages.iter().flat_map(input_items).collect();
    body.insert("input".into(), input.into());
    if !request.tools.is_empty() {
        let tools = request
            .tools
            .iter()
            .map(|tool| match tool["function"].as_object() {
                // The same object one floor higher.
                Some(function) => {
                    let mut flat = Map::new();
                    flat.insert("type".into(), "function".into());
                    flat.extend(function.clone());
                    Value::Object(flat)
                }
                None => tool.clone(),
            });
        body.insert("tools".into(), tools.collect());
    }
    if let Some(temperature) = request.temperature {
        body.insert("temperature".into(), temperature.into());
    }
    if let Some(limit) = request.max_tokens {
        body.insert("max_output_tokens".into(), limit.into());
    }
    if let Some(format) = &request.response_format {
        let format = match format["json_schema"].as_object() {
            Some(schema) => {
                let mut flat = Map::new();
                flat.insert("type".into(), "json_schema".into());
                flat.extend(schema.clone());
                Value::Object(flat)
            }
            None => format.clone(),
        };
        body.insert("text".into(), json!({"format": format}));
    }
    if request.stream {
        body.insert("stream".into(), true.into());
    }
    body
}

/// A message as items: its text, then its calls of tools; or the result of a call.
fn input_items(message: &Message) -> Vec<Value> {
    if message.role == "tool" {
        let id = message.extra.get("tool_call_id").cloned().unwrap_or_default();
        return vec![json!({"type": "function_call_output", "call_id": id, "output": message.plain()})];
    }
    let mut list = Vec::new();
    let empty = message.content.is_null() || message.content == "";
    let calls: Vec<Value> = value::calls(&message.extra)
        .map(|(id, name, arguments)| {
            json!({"type": "function_call", "call_id": id, "name": name, "arguments": value::arguments_text(arguments)})
        })
        .collect();
    if !empty || calls.is_empty() {
        let kind = if message.role == "assistant" {
            "output_text"
        } else {
            "input_text"
        };
        let content = match &message.content {
            Value::Array(parts) => parts.iter().map(|item| content_part(item, kind)).collect(),
            Value::Null => Value::String(String::new()),
            other => other.clone(),
        };
        list.push(json!({"role": message.role, "content": content}));
    }
    list.extend(calls);
    list
}

fn content_part(item: &Value, text_kind: &str) -> Value {
    match item["type"].as_str() {
        Some("text") => json!({"type": text_kind, "text": item["text"]}),
        Some("image_url") => {
            let image = &item["image_url"];
            let address = if image.is_string() { image } else { &image["url"] };
            let mut picture = json!({"type": "input_image", "image_url": address});
            if !image["detail"].is_null() {
                picture["detail"] = image["detail"].clone();
            }
            picture
        }
        _ => item.clone(),
    }
}

pub(super) fn assemble(pieces: Vec<Piece>) -> Assembly {
    let mut assembly = Assembly::default();
    let mut done = Vec::new();
    for Piece { mut value, end } in pieces {
        match value["type"].as_str().unwrap_or_default() {
            "response.output_text.delta"
            | "response.refusal.delta"
            | "response.function_call_arguments.delta" => {
                assembly.first_content.get_or_insert(end);
            }
            "response.output_item.done" => {
                // A call without arguments has no delta of its own.
                if value["item"]["type"] == "function_call" {
                    assembly.first_content.get_or_insert(end);
                }
                done.push(value["item"].take());
            }
            "response.completed" | "response.incomplete" | "response.failed" => {
                assembly.body = value["response"].take();
                assembly.finished = true;
            }
            _ => {}
        }
    }
    // Some servers send the items only as they are done and leave them out of the last event.
    if assembly.body.is_object() && items(&assembly.body["output"]).is_empty() && !done.is_empty() {
        assembly.body["output"] = done.into();
    }
    assembly
}

pub(super) fn read(body: &Value) -> Result<ModelAnswer, &'static str> {
    let output = body["output"].as_array().ok_or("output")?;
    let mut answer = ModelAnswer {
        // Why it is incomplete says more than that it is.
        finish_reason: text(&body["incomplete_details"], "reason").or_else(|| text(body, "status")),
        model: text(body, "model"),
        service_tier: text(body, "service_tier"),
        ..ModelAnswer::default()
    };
    let (mut texts, mut refusals, mut logprobs) = (Vec::new(), Vec::new(), Vec::new());
    let mut searches = 0;
    for item in output {
        match item["type"].as_str().unwrap_or_default() {
            "message" => {
                for part in items(&item["content"]) {
                    texts.extend(part["text"].as_str());
                    refusals.extend(part["refusal"].as_str());
                    logprobs.extend(
                        items(&part["logprobs"])
                            .iter()
                            .filter_map(|token| token["logprob"].as_f64()),
                    );
                }
            }
            "function_call" => answer.tool_calls.push(ToolCall {
                id: text(item, "call_id").unwrap_or_default(),
                name: text(item, "name").unwrap_or_default(),
                arguments: value::arguments_text(&item["arguments"]),
            }),
            "web_search_call" if matches!(item["action"]["type"].as_str(), None | Some("search")) => {
                searches += 1
            }
            _ => {}
        }
    }
    answer.text = texts.join("");
    answer.refusal = (!refusals.is_empty()).then(|| refusals.join(""));
    answer.logprobs = (!logprobs.is_empty()).then_some(logprobs);
    answer.usage = usage(&body["usage"]).map(|usage| Usage {
        web_searches: searches,
        ..usage
    });
    Ok(answer)
}

fn usage(usage: &Value) -> Option<Usage> {
    let (read, written) = (&usage["input_tokens_details"], &usage["output_tokens_details"]);
    Some(Usage {
        input: usage["input_tokens"].as_u64()?,
        cache_read: part(read, "cached_tokens"),
        cache_write_5m: part(read, "cache_write_tokens"),
        audio_input: part(read, "audio_tokens"),
        image_input: part(read, "image_tokens"),
        output: usage["output_tokens"].as_u64()?,
        reasoning: part(written, "reasoning_tokens"),
        audio_output: part(written, "audio_tokens"),
        image_output: part(written, "image_tokens"),
        ..Usage::default()
    })
}
