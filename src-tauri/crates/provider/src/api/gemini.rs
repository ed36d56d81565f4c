//! Google's Gemini (`POST /models/MODEL:generateContent`, streamed `:streamGenerateContent?alt=sse`).
//!
//! Usage: `promptTokenCount` includes `cachedContentTokenCount` and leaves out `toolUsePromptTokenCount`;
//! `candidatesTokenCount` leaves out `thoughtsTokenCount`. Both are summed here. Counts of a stream are cumulative.

use super::value::{append, field, instructs, items, part, text};
use super::{Assembly, Message, ModelAnswer, ModelRequest, Piece, ToolCall, value};
use crate::Usage;
use serde_json::{Map, Value, json};

pub(super) fn encode(request: &ModelRequest) -> Map<String, Value> {
    let mut body = Map::new();
    let mut system: Vec<Value> = Vec::new();
    let mut contents: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in &request.messages {
        if instructs(&message.role) {
            system.extend(parts(&message.content));
            continue;
        }
        let role = if message.role == "assistant" {
            "model"
        } else {
            "user"
        };
        let new = turn(message, &request.messages);
        // The results of calls that were made together belong into one turn.
        match contents.last_mut() {
            Some((last, parts)) if *last == role => parts.extend(new),
            _ => contents.push((role, new)),
        }
    }
    if !system.is_empty() {
        body.insert("systemInstruction".into(), json!({"parts": system}));
    }
    let contents = contents
        .into_iter()
        .map(|(role, parts)| json!({"role": role, "parts": parts}));
    body.insert("contents".into(), contents.collect());
    let (functions, others): (Vec<&Value>, Vec<&Value>) = request
        .tools
        .iter()
        .partition(|tool| tool["function"].is_object());
    let mut tools: Vec<Value> = others.into_iter().cloned().collect();
    if !functions.is_empty() {
        let declarations: Vec<Value> = functions.into_iter().map(declaration).collect();
        tools.push(json!({"functionDeclarations": declarations}));
    }
    if !tools.is_empty() {
        body.insert("tools".into(), tools.into());
    }
    let configuration = configuration(request);
    if !configuration.is_empty() {
        body.insert("generationConfig".into(), configuration.into());
    }
    body
}

fn configuration(request: &ModelRequest) -> Map<String, Value> {
    let mut configuration = Map::new();
    if let Some(temperature) = request.temperature {
        configuration.insert("temperature".into(), temperature.into());
    }
    if let Some(limit) = request.max_tokens {
        configuration.insert("maxOutputTokens".into(), limit.into());
    }
    if let Some(seed) = request.seed {
        configuration.insert("seed".into(), seed.into());
    }
    if let Some(format) = &request.response_format
        && format["type"] != "text"
    {
        configuration.insert("responseMimeType".into(), "application/json".into());
        if let Some(schema) = value::schema_of(format) {
            configuration.insert("responseJsonSchema".into(), schema.clone());
        }
    }
    configuration
}

fn declaration(tool: &Value) -> Value {
    let function = &tool["function"];
    let mut declaration = json!({"name": function["name"]});
    if !function["description"].is_null() {
        declaration["description"] = function["description"].clone();
    }
    if !function["parameters"].is_null() {
        declaration["parametersJsonSchema"] = function["parameters"].clone();
    }
    declaration
}

fn turn(message: &Message, all: &[Message]) -> Vec<Value> {
    if message.role == "tool" {
        let id = message
            .extra
            .get("tool_call_id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        // The API knows a result by the function's name, which OpenAI's form keeps at the call.
        let name = message
            .extra
            .get("name")
            .and_then(Value::as_str)
            .or_else(|| {
                all.iter()
                    .flat_map(|message| value::calls(&message.extra))
                    .find(|(call, ..)| *call == id)
                    .map(|(_, name, _)| name)
            })
            .unwrap_or_default();
        let plain = message.plain();
        let response = match serde_json::from_str(&plain) {
            Ok(Value::Object(object)) => Value::Object(object),
            _ => json!({"result": plain}),
        };
        return vec![json!({"functionResponse": {"name": name, "response": response}})];
    }
    let mut list = parts(&message.content);
    list.extend(value::calls(&message.extra).map(
        |(_, name, arguments)| json!({"functionCall": {"name": name, "args": value::arguments_object(arguments)}}),
    ));
    list
}

fn parts(content: &Value) -> Vec<Value> {
    match content {
        Value::String(text) => vec![json!({"text": text})],
        Value::Array(parts) => parts.iter().map(picture_or_text).collect(),
        _ => Vec::new(),
    }
}

fn picture_or_text(item: &Value) -> Value {
    match item["type"].as_str() {
        Some("text") => json!({"text": item["text"]}),
        Some("image_url") => {
            let image = &item["image_url"];
            let address = image
                .as_str()
                .or_else(|| image["url"].as_str())
                .unwrap_or_default();
            match value::data_address(address) {
                Some((media_type, data)) => json!({"inlineData": {"mimeType": media_type, "data": data}}),
                None => json!({"fileData": {"fileUri": address}}),
            }
        }
        _ => item.clone(),
    }
}

pub(super) fn assemble(pieces: Vec<Piece>) -> Assembly {
    let mut assembly = Assembly {
        body: json!({}),
        ..Assembly::default()
    };
    let mut joined: Vec<Value> = Vec::new();
    let mut candidate = json!({});
    let mut logprobs: Vec<Value> = Vec::new();
    for Piece { mut value, end } in pieces {
        let mut first = value
            .get_mut("candidates")
            .and_then(|candidates| candidates.get_mut(0))
            .map(Value::take)
            .unwrap_or_default();
        for part in items(&first["content"]["parts"]) {
            join(&mut joined, part);
            let shown = part["text"].as_str().is_some_and(|text| !text.is_empty()) && part["thought"] != true;
            if shown || part["functionCall"].is_object() {
                assembly.first_content.get_or_insert(end);
            }
        }
        logprobs.extend(
            items(&first["logprobsResult"]["chosenCandidates"])
                .iter()
                .cloned(),
        );
        assembly.finished |= first["finishReason"].is_string();
        if let Some(first) = first.as_object_mut() {
            first.remove("content");
            value::lay_over_value(&mut candidate, first);
        }
        // A blocked prompt has no candidate and ends the stream.
        assembly.finished |= value["promptFeedback"]["blockReason"].is_string();
        if let Some(rest) = value.as_object_mut() {
            rest.remove("candidates");
            value::lay_over_value(&mut assembly.body, rest);
        }
    }
    candidate["content"] = json!({"role": "model", "parts": joined});
    if !logprobs.is_empty() {
        *field(field(&mut candidate, "logprobsResult"), "chosenCandidates") = logprobs.into();
    }
    assembly.body["candidates"] = json!([candidate]);
    assembly
}

/// Text goes on where the last part was text of the same sort; everything else is a part of its own.
fn join(joined: &mut Vec<Value>, part: &Value) {
    if let Some(piece) = part["text"].as_str()
        && let Some(last) = joined.last_mut()
        && last["text"].is_string()
        && last["thought"] == part["thought"]
        && part["thoughtSignature"].is_null()
    {
        append(last, "text", piece);
    } else {
        joined.push(part.clone());
    }
}

pub(super) fn read(body: &Value) -> Result<ModelAnswer, &'static str> {
    let blocked = text(&body["promptFeedback"], "blockReason");
    let candidate = items(&body["candidates"]).first().unwrap_or(&Value::Null);
    if candidate.is_null() && blocked.is_none() {
        return Err("candidates");
    }
    let parts = items(&candidate["content"]["parts"]);
    let texts: Vec<&str> = parts
        .iter()
        .filter(|part| part["thought"] != true)
        .filter_map(|part| part["text"].as_str())
        .collect();
    let logprobs = items(&candidate["logprobsResult"]["chosenCandidates"]);
    let searches = items(&candidate["groundingMetadata"]["webSearchQueries"]).len();
    Ok(ModelAnswer {
        text: texts.concat(),
        tool_calls: parts
            .iter()
            .map(|part| &part["functionCall"])
            .filter(|call| call.is_object())
            .map(|call| ToolCall {
                id: text(call, "id").unwrap_or_default(),
                name: text(call, "name").unwrap_or_default(),
                arguments: value::arguments_text(&call["args"]),
            })
            .collect(),
        finish_reason: text(candidate, "finishReason").or_else(|| blocked.clone()),
        refusal: blocked.map(|reason| format!("the prompt was blocked: {reason}")),
        model: text(body, "modelVersion"),
        usage: usage(&body["usageMetadata"]).map(|usage| Usage {
            web_searches: searches as u64,
            ..usage
        }),
        service_tier: text(&body["usageMetadata"], "serviceTier")
            .or_else(|| text(&body["usageMetadata"], "trafficType")),
        logprobs: (!logprobs.is_empty()).then(|| {
            logprobs
                .iter()
                .filter_map(|token| token["logProbability"].as_f64())
                .collect()
        }),
        ..ModelAnswer::default()
    })
}

fn usage(usage: &Value) -> Option<Usage> {
    let modality = |list: &str, kind: &str| {
        items(&usage[list])
            .iter()
            .filter(|entry| entry["modality"] == kind)
            .map(|entry| part(entry, "tokenCount"))
            .sum()
    };
    let thoughts = part(usage, "thoughtsTokenCount");
    // An answer that only thought has no count of candidates; one that has neither count was not counted.
    let written = match usage["candidatesTokenCount"].as_u64() {
        Some(count) => count,
        None if thoughts > 0 || usage["totalTokenCount"] == usage["promptTokenCount"] => 0,
        None => return None,
    };
    Some(Usage {
        input: usage["promptTokenCount"]
            .as_u64()?
            .checked_add(part(usage, "toolUsePromptTokenCount"))?,
        cache_read: part(usage, "cachedContentTokenCount"),
        audio_input: modality("promptTokensDetails", "AUDIO"),
        audio_cache_read: modality("cacheTokensDetails", "AUDIO"),
        image_input: modality("promptTokensDetails", "IMAGE"),
        output: written.checked_add(thoughts)?,
        reasoning: thoughts,
        audio_output: modality("candidatesTokensDetails", "AUDIO"),
        image_output: modality("candidatesTokensDetails", "IMAGE"),
        ..Usage::default()
    })
}
