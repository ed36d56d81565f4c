//! What a response holds, and where in it the answer, the passages and the usage seem to be.

use crate::wire::adoption::{Mapping, ResponseValue};
use harness::target::pointers;
use serde_json::Value;

/// Every value of a response that can be pointed at.
pub(super) fn described_values(body: &Value) -> Vec<ResponseValue> {
    pointers(body)
        .into_iter()
        .map(|(pointer, value)| described(pointer, value))
        .collect()
}

fn described(pointer: String, value: &Value) -> ResponseValue {
    let kind = match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) => "yes or no".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "text".into(),
        Value::Array(items) => format!("list of {}", items.len()),
        Value::Object(fields) => format!("{} fields", fields.len()),
    };
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let preview = match text.char_indices().nth(120) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    };
    ResponseValue {
        pointer,
        kind,
        preview,
    }
}

/// Guesses by name and shape; the person confirms or changes.
pub(super) fn propose_mapping(body: &Value) -> Mapping {
    let all = pointers(body);
    let find = |names: &[&str], fits: &dyn Fn(&Value) -> bool| {
        names.iter().find_map(|name| {
            let ends = |pointer: &str| {
                pointer
                    .rsplit('/')
                    .next()
                    .is_some_and(|last| last.eq_ignore_ascii_case(name))
            };
            all.iter()
                .find(|(pointer, value)| ends(pointer) && fits(value))
                .map(|(pointer, _)| pointer.clone())
        })
    };
    let objects = |value: &Value| {
        value
            .as_array()
            .is_some_and(|items| items.first().is_some_and(Value::is_object))
    };
    let texts = |value: &Value| {
        value
            .as_array()
            .is_some_and(|items| items.iter().all(Value::is_string))
    };
    let answer_names = [
        "answer",
        "response",
        "output",
        "reply",
        "completion",
        "result",
        "text",
        "message",
        "content",
        "generated_text",
    ];
    let passages = find(
        &[
            "passages",
            "contexts",
            "context",
            "documents",
            "docs",
            "chunks",
            "retrieved",
            "sources",
            "hits",
        ],
        &|value| objects(value) || (texts(value) && !value.as_array().is_some_and(Vec::is_empty)),
    );
    let first = passages
        .as_ref()
        .and_then(|pointer| body.pointer(&format!("{pointer}/0")));
    let within = |names: &[&str]| {
        let fields = first?.as_object()?;
        names
            .iter()
            .find(|name| fields.contains_key(**name))
            .map(|name| format!("/{name}"))
    };
    // Without a telling name, the longest text of the response is likely the answer.
    let longest = || {
        let texts = all
            .iter()
            .filter_map(|(pointer, value)| Some((value.as_str()?.len(), pointer)));
        texts
            .max_by_key(|(length, _)| *length)
            .map(|(_, pointer)| pointer.clone())
    };
    Mapping {
        answer: find(&answer_names, &Value::is_string).or_else(longest),
        citations: find(&["citations", "cited", "references", "sources"], &texts)
            .filter(|found| Some(found) != passages.as_ref()),
        passage_id: within(&["id", "doc_id", "document_id", "source", "title"]),
        passage_text: within(&["text", "content", "page_content", "body", "chunk"]),
        passages,
        refused: find(
            &["refused", "refusal", "declined", "no_answer"],
            &Value::is_boolean,
        ),
        model: find(&["model", "model_name"], &Value::is_string),
        input_tokens: find(&["input_tokens", "prompt_tokens"], &Value::is_number),
        output_tokens: find(&["output_tokens", "completion_tokens"], &Value::is_number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_mapping_is_proposed_by_name_and_shape() {
        let body = json!({
            "output": { "text": "Thirty days.", "model": "m-1" },
            "sources": [{ "doc_id": "a", "content": "x" }],
            "usage": { "prompt_tokens": 3, "completion_tokens": 2 }
        });
        let mapping = propose_mapping(&body);
        assert_eq!(mapping.answer.as_deref(), Some("/output/text"));
        assert_eq!(mapping.passages.as_deref(), Some("/sources"));
        assert_eq!(mapping.passage_id.as_deref(), Some("/doc_id"));
        assert_eq!(mapping.model.as_deref(), Some("/output/model"));
        assert_eq!(mapping.input_tokens.as_deref(), Some("/usage/prompt_tokens"));
    }
}
