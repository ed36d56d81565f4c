//! Reads what a tool gave back, as a passage under the tool's name.

use provider::openai::{ChatMessage, Role};
use serde_json::Value;

use super::prompt::Passage;

/// Most lines that are read of one result.
const MOST_LINES: usize = 200;

/// A result as a passage. JSON becomes a line for each object, `key value` by `key value`; other text stays as it is.
pub(super) fn passage(message: &ChatMessage, messages: &[ChatMessage]) -> Passage {
    let text = message.plain();
    let id = name(message, messages).unwrap_or_else(|| "tool".into());
    let text = match serde_json::from_str::<Value>(&text) {
        Ok(value) => {
            let mut lines = Vec::new();
            describe(&value, &mut lines);
            lines.truncate(MOST_LINES);
            lines.iter().map(|line| format!("- {line}.\n")).collect()
        }
        Err(_) => text,
    };
    Passage {
        title: id.replace(['_', '-', '.'], " "),
        id,
        text,
    }
}

/// The tool's name: in the message itself, or in the call that it answers.
fn name(message: &ChatMessage, messages: &[ChatMessage]) -> Option<String> {
    if let Some(name) = message.other.get("name").and_then(Value::as_str) {
        return Some(name.to_owned());
    }
    let id = message.other.get("tool_call_id")?;
    messages
        .iter()
        .filter(|message| message.role == Role::Assistant)
        .filter_map(|message| message.other.get("tool_calls")?.as_array())
        .flatten()
        .find(|call| call.get("id") == Some(id))?
        .pointer("/function/name")?
        .as_str()
        .map(str::to_owned)
}

fn describe(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let flat: Vec<String> = fields
                .iter()
                .filter(|(_, value)| !value.is_object() && !holds_objects(value))
                .map(|(key, value)| format!("{} {}", key.replace('_', " "), plain(value)))
                .collect();
            if !flat.is_empty() {
                lines.push(flat.join(", "));
            }
            for value in fields
                .values()
                .filter(|value| value.is_object() || holds_objects(value))
            {
                describe(value, lines);
            }
        }
        Value::Array(items) if holds_objects(value) => {
            for item in items {
                describe(item, lines);
            }
        }
        Value::Null => {}
        other => {
            let text = plain(other);
            if !text.is_empty() {
                lines.push(text.trim_end_matches('.').to_owned());
            }
        }
    }
}

fn holds_objects(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|items| items.iter().any(|item| item.is_object() || item.is_array()))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
