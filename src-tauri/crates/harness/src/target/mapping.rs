//! From a response to an answer: JSON pointers say where things are.

use crate::{
    dataset::plain,
    grader::ToolCall,
    suite::file::ResponseFile,
    trial::{Answer, Cause, Passage, TrialError},
};
use evidence::Tokens;
use serde_json::Value;

/// Reads an answer out of a response. Only the answer itself must be there; what else is missing is absent.
pub fn map_answer(file: &ResponseFile, body: &Value) -> Result<Answer, TrialError> {
    let error = |message: String| TrialError {
        cause: Cause::ResponseMapping,
        message,
    };
    let text = match body.pointer(&file.answer) {
        Some(Value::Null) | None => {
            let there: Vec<String> = pointers(body)
                .into_iter()
                .take(8)
                .map(|(pointer, _)| pointer)
                .collect();
            let there = if there.is_empty() {
                "nothing".into()
            } else {
                there.join(", ")
            };
            return Err(error(format!(
                "the response has no answer at `{}`; it has {there}. Correct `response.answer` in the suite",
                file.answer
            )));
        }
        Some(value) => plain(value),
    };
    let at = |pointer: &Option<String>| {
        pointer
            .as_deref()
            .and_then(|pointer| body.pointer(pointer))
            .filter(|value| !value.is_null())
    };
    let texts = |value: &Value| match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        other => vec![plain(other)],
    };
    let count = |pointer: &Option<String>| at(pointer).and_then(Value::as_u64);
    let tokens = match (count(&file.input_tokens), count(&file.output_tokens)) {
        (None, None) => None,
        (input, output) => Some(Tokens {
            input: input.unwrap_or(0),
            output: output.unwrap_or(0),
        }),
    };
    Ok(Answer {
        text,
        citations: at(&file.citations).map(texts),
        passages: at(&file.passages)
            .and_then(Value::as_array)
            .map(|items| passages(file, items)),
        refused: at(&file.refused).and_then(Value::as_bool),
        snapshot: at(&file.snapshot).map(plain),
        model: at(&file.model).map(plain),
        tokens,
        usage: None,
        service_tier: None,
        tool_calls: at(&file.tool_calls).map(ToolCall::list),
        first_token_ms: None,
    })
}

fn passages(file: &ResponseFile, items: &[Value]) -> Vec<Passage> {
    let id = file.passage_id.as_deref().unwrap_or("/id");
    items
        .iter()
        .map(|item| match item {
            Value::Object(_) => Passage {
                id: item.pointer(id).map(plain).unwrap_or_default(),
                text: file
                    .passage_text
                    .as_deref()
                    .and_then(|text| item.pointer(text))
                    .map(plain),
            },
            other => Passage {
                id: plain(other),
                text: None,
            },
        })
        .collect()
}

/// Every value of a response that can be pointed at: its pointer and itself, objects and lists before their parts.
/// Of a list only the first element's parts are given, since the others look alike.
pub fn pointers(body: &Value) -> Vec<(String, &Value)> {
    fn walk<'a>(at: &str, value: &'a Value, found: &mut Vec<(String, &'a Value)>) {
        if !at.is_empty() {
            found.push((at.to_owned(), value));
        }
        match value {
            Value::Object(fields) => {
                for (name, part) in fields {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    walk(&format!("{at}/{name}"), part, found);
                }
            }
            Value::Array(items) => {
                if let Some(first) = items.first() {
                    walk(&format!("{at}/0"), first, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk("", body, &mut found);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_there_is_absent_and_a_missing_answer_names_what_is_there() {
        let file = ResponseFile {
            answer: "/a".into(),
            citations: Some("/c".into()),
            passages: Some("/p".into()),
            input_tokens: Some("/u/in".into()),
            ..ResponseFile::default()
        };
        let answer = map_answer(&file, &json!({ "a": "yes", "p": ["x", { "id": 7 }] })).unwrap();
        assert_eq!(answer.citations, None);
        assert_eq!(answer.tokens, None);
        let ids: Vec<_> = answer
            .passages
            .unwrap()
            .into_iter()
            .map(|passage| passage.id)
            .collect();
        assert_eq!(ids, ["x", "7"]);
        let error = map_answer(&file, &json!({ "result": { "text": "yes" } })).unwrap_err();
        assert!(
            error.message.contains("/result, /result/text"),
            "{}",
            error.message
        );
    }
}
