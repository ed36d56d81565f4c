//! Small readings of JSON that the dialects share.

use super::{Piece, ToolCall};
use crate::call::{CallFailure, CallFailureKind};
use crate::exchange::Exchange;
use serde_json::{Map, Value};

/// In which form a body came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One JSON value.
    Json,
    /// Server-sent events.
    Events,
    /// A JSON value a line.
    Lines,
    /// A web page.
    Html,
}

impl Form {
    /// By the content type, and by the first bytes where servers label carelessly.
    pub(super) fn of(exchange: &Exchange) -> Self {
        let kind = exchange
            .header("content-type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let start = exchange.body.trim_ascii_start();
        if start.first() == Some(&b'<') {
            Self::Html
        } else if kind.contains("ndjson") || kind.contains("jsonl") {
            Self::Lines
        } else if start.first() == Some(&b'{') {
            // Servers that cannot stream answer whole, whatever was asked for and however they label it.
            Self::Json
        } else if kind.contains("event-stream")
            || [&b"data:"[..], b"event:", b":"]
                .iter()
                .any(|begin| start.starts_with(begin))
        {
            Self::Events
        } else {
            Self::Json
        }
    }
}

/// The values of a stream. An unfinished last one is left out: the stream then lacks its end, which is found later.
pub(super) fn pieces(texts: Vec<(String, usize, bool)>) -> Result<Vec<Piece>, CallFailure> {
    if texts.is_empty() {
        return Err(CallFailure::new(
            CallFailureKind::EmptyStream,
            "the stream held not one event; run the case again, and look into the server's log if it happens again".to_owned(),
        ));
    }
    let mut pieces = Vec::with_capacity(texts.len());
    for (text, end, complete) in texts {
        match serde_json::from_str(&text) {
            Ok(value) => pieces.push(Piece { value, end }),
            Err(_) if !complete => {}
            Err(error) => {
                return Err(CallFailure::new(
                    CallFailureKind::Malformed,
                    format!(
                        "an event of the stream is not JSON ({error}); check that the provider's API kind is right: {}",
                        excerpt(text.as_bytes())
                    ),
                ));
            }
        }
    }
    Ok(pieces)
}

/// The one value of a whole answer.
pub(crate) fn whole(exchange: &Exchange) -> Result<Value, CallFailure> {
    if exchange.body.trim_ascii().is_empty() {
        return Err(CallFailure::new(
            CallFailureKind::Malformed,
            format!(
                "the answer is empty though its status is {}; look into the server's log",
                exchange.status
            ),
        ));
    }
    serde_json::from_slice(&exchange.body).map_err(|error| {
        CallFailure::new(
            CallFailureKind::Malformed,
            format!(
                "the answer is not JSON ({error}); check the base address and the API kind of the provider: {}",
                excerpt(&exchange.body)
            ),
        )
    })
}

/// The first 200 characters of a body on one line.
pub(crate) fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(1000)]);
    let mut line: String = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(200)
        .collect();
    if line.is_empty() {
        line.push_str("(empty)");
    }
    line
}

/// The text of a content: itself, or its text parts joined by newlines.
pub(super) fn plain(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect::<Vec<_>>()
            .join("\n"),
        _ => String::new(),
    }
}

/// Lays fields over a body, object over object; the fields win.
pub(super) fn lay_over(body: &mut Map<String, Value>, extra: &Map<String, Value>) {
    for (name, value) in extra {
        match (body.get_mut(name), value) {
            (Some(Value::Object(inner)), Value::Object(over)) => lay_over(inner, over),
            _ => {
                body.insert(name.clone(), value.clone());
            }
        }
    }
}

/// A text field; absent where it is no text.
pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    value[name].as_str().map(str::to_owned)
}

/// An array's elements; none where it is no array.
pub(super) fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A count that may be absent or null, which then is 0: the sums beside it say whether anything was counted at all.
pub(super) fn part(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or(0)
}

/// A field to write to. What is no object becomes one, since a server may send anything anywhere.
pub(super) fn field<'a>(target: &'a mut Value, name: &str) -> &'a mut Value {
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    &mut target[name]
}

/// Appends a piece of text to a text field, which is made where it is missing.
pub(super) fn append(target: &mut Value, name: &str, piece: &str) {
    match field(target, name) {
        Value::String(text) => text.push_str(piece),
        other => *other = Value::String(piece.to_owned()),
    }
}

/// The arguments of a tool call as JSON text, from APIs that send an object.
pub(super) fn arguments_text(value: &Value) -> String {
    match value {
        Value::Null => "{}".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The arguments of a tool call as an object, for APIs that want one; what is no JSON is passed on as text.
pub(super) fn arguments_object(value: &Value) -> Value {
    match value {
        Value::String(text) if text.trim().is_empty() => Value::Object(Map::new()),
        Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
        Value::Null => Value::Object(Map::new()),
        other => other.clone(),
    }
}

/// Media type and base64 text of a `data:` address.
pub(super) fn data_address(address: &str) -> Option<(&str, &str)> {
    address.strip_prefix("data:")?.split_once(";base64,")
}

/// The schema of a `response_format` of type `json_schema`.
pub(super) fn schema_of(format: &Value) -> Option<&Value> {
    (format["type"] == "json_schema").then(|| match &format["json_schema"]["schema"] {
        Value::Null => &format["schema"],
        schema => schema,
    })
}

/// The calls of an assistant message in OpenAI's form: id, name, arguments.
pub(super) fn calls(extra: &Map<String, Value>) -> impl Iterator<Item = (&str, &str, &Value)> {
    extra.get("tool_calls").map_or(&[][..], items).iter().map(|call| {
        (
            call["id"].as_str().unwrap_or_default(),
            call["function"]["name"].as_str().unwrap_or_default(),
            &call["function"]["arguments"],
        )
    })
}

/// What an answer's message in OpenAI's form calls.
pub(super) fn called(message: &Value) -> Vec<ToolCall> {
    items(&message["tool_calls"])
        .iter()
        .map(|call| ToolCall {
            id: text(call, "id").unwrap_or_default(),
            name: text(&call["function"], "name").unwrap_or_default(),
            arguments: arguments_text(&call["function"]["arguments"]),
        })
        .collect()
}

/// Whether a role carries the application's instructions.
pub(super) fn instructs(role: &str) -> bool {
    matches!(role, "system" | "developer")
}

/// Lays the fields of an object over a value that is an object.
pub(super) fn lay_over_value(value: &mut Value, fields: &Map<String, Value>) {
    if let Value::Object(body) = value {
        lay_over(body, fields);
    }
}
