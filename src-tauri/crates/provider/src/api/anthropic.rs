//! Anthropic's messages (`POST /v1/messages`).
//!
//! Usage: `input_tokens` leaves out `cache_read_input_tokens` and `cache_creation_input_tokens`; the three are summed here.
//! In a stream the counts of `message_delta` are cumulative: they replace those of `message_start` and are never added.

use super::value::{append, field, instructs, part, text};
use super::{Assembly, Message, ModelAnswer, ModelRequest, Piece, ToolCall, value};
use crate::Usage;
use serde_json::{Map, Value, json};

/// The API demands a limit; this one is sent where the request has none.
const DEFAULT_LIMIT: u32 = 4096;

pub(super) fn encode(request: &ModelRequest) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), request.model.clone().into());
    body.insert(
        "max_tokens".into(),
        request.max_tokens.unwrap_or(DEFAULT_LIMIT).into(),
    );
    let (instructions, rest): (Vec<&Message>, Vec<&Message>) = request
        .messages
        .iter()
        .partition(|message| instructs(&message.role));
    let mut system: Vec<Value> = Vec::new();
    for message in instructions {
        system.extend(blocks(&message.content));
    }
    if !system.is_empty() {
        body.insert("system".into(), system.into());
    }
    body.insert("messages".into(), turns(&rest).into());
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
    }
    if let Some(temperature) = request.temperature {
        body.insert("temperature".into(), temperature.into());
    }
    if let Some(schema) = request.response_format.as_ref().and_then(value::schema_of) {
        body.insert(
            "output_config".into(),
            json!({"format": {"type": "json_schema", "schema": schema}}),
        );
    }
    if request.stream {
        body.insert("stream".into(), true.into());
    }
    body
}

fn tool(tool: &Value) -> Value {
    match tool["function"].as_object() {
        None => tool.clone(),
        Some(function) => {
            let mut object = Map::new();
            object.insert("name".into(), function.get("name").cloned().unwrap_or_default());
            if let Some(description) = function.get("description") {
                object.insert("description".into(), description.clone());
            }
            let schema = function.get("parameters").cloned();
            object.insert(
                "input_schema".into(),
                schema.unwrap_or_else(|| json!({"type": "object"})),
            );
            Value::Object(object)
        }
    }
}

/// Messages as turns: results of tools become blocks of the user, and neighbours of one role are one turn.
fn turns(messages: &[&Message]) -> Vec<Value> {
    let mut turns: Vec<(String, Vec<Value>)> = Vec::new();
    for message in messages {
        let (role, content) = if message.role == "tool" {
            let id = message.extra.get("tool_call_id").cloned().unwrap_or_default();
            let result = json!({"type": "tool_result", "tool_use_id": id, "content": message.plain()});
            ("user", vec![result])
        } else {
            let mut content = blocks(&message.content);
            content.extend(value::calls(&message.extra).map(|(id, name, arguments)| {
                json!({"type": "tool_use", "id": id, "name": name, "input": value::arguments_object(arguments)})
            }));
            (message.role.as_str(), content)
        };
        match turns.last_mut() {
            Some((last, blocks)) if last == role => blocks.extend(content),
            _ => turns.push((role.to_owned(), content)),
        }
    }
    turns
        .into_iter()
        .map(|(role, content)| json!({"role": role, "content": content}))
        .collect()
}

fn blocks(content: &Value) -> Vec<Value> {
    match content {
        // The API refuses empty blocks of text.
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(text) => vec![json!({"type": "text", "text": text})],
        Value::Array(parts) => parts.iter().map(block).collect(),
        _ => Vec::new(),
    }
}

fn block(item: &Value) -> Value {
    if item["type"] != "image_url" {
        return item.clone();
    }
    let image = &item["image_url"];
    let address = image
        .as_str()
        .or_else(|| image["url"].as_str())
        .unwrap_or_default();
    let source = match value::data_address(address) {
        Some((media_type, data)) => json!({"type": "base64", "media_type": media_type, "data": data}),
        None => json!({"type": "url", "url": address}),
    };
    json!({"type": "image", "source": source})
}

pub(super) fn assemble(pieces: Vec<Piece>) -> Assembly {
    let mut assembly = Assembly::default();
    let mut content: Vec<Value> = Vec::new();
    // The input of a tool arrives as pieces of JSON text, by block.
    let mut inputs: Vec<String> = Vec::new();
    for Piece { mut value, end } in pieces {
        let index = usize::try_from(part(&value, "index")).unwrap_or(usize::MAX);
        match value["type"].as_str().unwrap_or_default() {
            "message_start" => assembly.body = value["message"].take(),
            "content_block_start" => {
                let block = value["content_block"].take();
                if block["type"] == "tool_use" {
                    assembly.first_content.get_or_insert(end);
                }
                content.push(block);
                inputs.push(String::new());
            }
            "content_block_delta" => {
                // Blocks are numbered as they start, so a number beyond them belongs to no block.
                let (Some(block), Some(input)) = (content.get_mut(index), inputs.get_mut(index)) else {
                    continue;
                };
                let delta = &value["delta"];
                for name in ["text", "thinking", "signature"] {
                    if let Some(piece) = delta[name].as_str() {
                        append(block, name, piece);
                    }
                }
                if let Some(piece) = delta["partial_json"].as_str() {
                    input.push_str(piece);
                }
                if delta["text"].as_str().is_some_and(|piece| !piece.is_empty()) {
                    assembly.first_content.get_or_insert(end);
                }
            }
            "message_delta" => {
                for name in ["delta", "usage"] {
                    let Some(new) = value[name].as_object() else {
                        continue;
                    };
                    let into = if name == "usage" {
                        field(&mut assembly.body, "usage")
                    } else {
                        &mut assembly.body
                    };
                    for (count, new) in new {
                        if !new.is_null() {
                            *field(into, count) = new.clone();
                        }
                    }
                }
            }
            "message_stop" => assembly.finished = true,
            _ => {}
        }
    }
    for (block, input) in content.iter_mut().zip(inputs) {
        if !input.is_empty() {
            // A model that is cut off leaves text that is no JSON; it is kept as it came.
            *field(block, "input") = serde_json::from_str(&input).unwrap_or(Value::String(input));
        }
    }
    // A stream without its beginning has no message to put blocks into; it then fails as unfinished or unreadable.
    if assembly.body.is_object() {
        assembly.body["content"] = content.into();
    }
    assembly
}

pub(super) fn read(body: &Value) -> Result<ModelAnswer, &'static str> {
    let content = body["content"].as_array().ok_or("content")?;
    let texts: Vec<&str> = content
        .iter()
        .filter(|block| block["type"] == "text")
        .filter_map(|block| block["text"].as_str())
        .collect();
    let text_of_answer = texts.concat();
    let finish_reason = text(body, "stop_reason");
    Ok(ModelAnswer {
        tool_calls: content
            .iter()
            .filter(|block| block["type"] == "tool_use")
            .map(|block| ToolCall {
                id: text(block, "id").unwrap_or_default(),
                name: text(block, "name").unwrap_or_default(),
                arguments: value::arguments_text(&block["input"]),
            })
            .collect(),
        refusal: (finish_reason.as_deref() == Some("refusal")).then(|| text_of_answer.clone()),
        text: text_of_answer,
        finish_reason,
        model: text(body, "model"),
        usage: usage(&body["usage"]),
        // Fast mode is billed at a rate of its own, and named beside the tier.
        service_tier: text(&body["usage"], "speed")
            .filter(|speed| speed == "fast")
            .or_else(|| text(&body["usage"], "service_tier")),
        ..ModelAnswer::default()
    })
}

/// The three counts of read tokens summed. The two lifetimes must make up what was written into the cache; where they
/// do not, the counts contradict each other and none is believed.
fn usage(usage: &Value) -> Option<Usage> {
    let uncached = usage["input_tokens"].as_u64()?;
    let cache_read = part(usage, "cache_read_input_tokens");
    let (short, long) = match usage["cache_creation"].as_object() {
        Some(_) => (
            part(&usage["cache_creation"], "ephemeral_5m_input_tokens"),
            part(&usage["cache_creation"], "ephemeral_1h_input_tokens"),
        ),
        // Five minutes is what a write lives that asks for nothing else.
        None => (part(usage, "cache_creation_input_tokens"), 0),
    };
    let written = short.checked_add(long)?;
    if let Some(total) = usage["cache_creation_input_tokens"].as_u64()
        && total != written
    {
        return None;
    }
    Some(Usage {
        input: uncached.checked_add(cache_read)?.checked_add(written)?,
        cache_read,
        cache_write_5m: short,
        cache_write_1h: long,
        output: usage["output_tokens"].as_u64()?,
        reasoning: part(&usage["output_tokens_details"], "thinking_tokens"),
        web_searches: part(&usage["server_tool_use"], "web_search_requests"),
        ..Usage::default()
    })
}
