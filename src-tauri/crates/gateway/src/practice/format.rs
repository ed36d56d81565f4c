//! Which form an answer must have: text, a JSON object with certain keys, or JSON that obeys a schema.

use serde_json::{Map, Value, json};

use super::Invalid;
use super::schema;
use super::text::stems;

/// The form of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Format {
    Text,
    /// Some JSON object; the prompt names its keys, or nobody does.
    Object,
    Schema(Value),
}

/// Reads `response_format`.
pub(super) fn read(other: &Map<String, Value>) -> Result<Format, Invalid> {
    let invalid = |message: String| Invalid::new("response_format", message);
    let Some(wanted) = other.get("response_format").filter(|wanted| !wanted.is_null()) else {
        return Ok(Format::Text);
    };
    match wanted.get("type").and_then(Value::as_str) {
        Some("text") => Ok(Format::Text),
        Some("json_object") => Ok(Format::Object),
        Some("json_schema") => {
            let schema = wanted.pointer("/json_schema/schema").ok_or_else(|| {
                invalid("There is no schema. Put it under response_format.json_schema.schema.".into())
            })?;
            match schema::check(schema) {
                None => Ok(Format::Schema(schema.clone())),
                Some(problem) => Err(invalid(problem)),
            }
        }
        _ => Err(invalid(
            "This response_format is not known. Send {\"type\": \"text\"}, {\"type\": \"json_object\"}, or \"json_schema\" with a schema."
                .into(),
        )),
    }
}

/// The schema of an object with these keys, its types guessed from their names.
pub(super) fn schema_of(keys: &[String]) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|key| (key.clone(), guess(key))).collect();
    json!({ "type": "object", "properties": properties, "required": keys, "additionalProperties": false })
}

fn guess(key: &str) -> Value {
    let lower = key.to_lowercase();
    let is = |words: &[&str]| {
        words
            .iter()
            .any(|word| lower == *word || lower.ends_with(&format!("_{word}")))
    };
    if is(&[
        "citations",
        "sources",
        "ids",
        "references",
        "passages",
        "quotes",
        "tags",
    ]) {
        json!({ "type": "array", "items": { "type": "string" } })
    } else if is(&["confidence", "score", "probability", "certainty", "rating"]) {
        json!({ "type": "number" })
    } else if is(&[
        "pass",
        "passed",
        "refused",
        "answerable",
        "supported",
        "found",
        "correct",
    ]) || lower.starts_with("is_")
        || lower.starts_with("has_")
    {
        json!({ "type": "boolean" })
    } else {
        json!({ "type": "string" })
    }
}

/// The keys that a prompt names: those before a colon in the first pair of braces, or else the names in quotation marks or
/// backticks in a sentence that speaks of JSON, keys or fields.
pub(super) fn keys_asked(told: &str) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        let name = name.trim();
        let named = !name.is_empty()
            && name.len() <= 60
            && name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
            && name
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '_');
        if named && keys.len() < 40 && !keys.iter().any(|key| key == name) {
            keys.push(name.to_owned());
        }
    };
    let braces = told.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    if let Some((inside, _)) = braces {
        for part in inside.split([',', '\n']) {
            if let Some((name, _)) = part.split_once(':') {
                add(name.trim().trim_matches(['"', '\'', '`']));
            }
        }
    } else {
        for sentence in told.split(['.', '\n']) {
            let words = stems(sentence);
            if words
                .iter()
                .any(|word| matches!(word.as_str(), "json" | "key" | "field"))
            {
                for quote in ['"', '`', '\''] {
                    for name in sentence.split(quote).skip(1).step_by(2) {
                        add(name);
                    }
                }
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_from_braces_or_from_quotation_marks() {
        let braces = "Respond with JSON: {reason: string, \"pass\": boolean, score: number}. {\"other\": 1}";
        assert_eq!(keys_asked(braces), ["reason", "pass", "score"]);
        assert_eq!(
            keys_asked("Answer as JSON with the keys \"answer\" and `source_id`."),
            ["answer", "source_id"]
        );
        assert!(keys_asked("Never say \"maybe\".").is_empty());
    }
}
