//! From a case to a request: `{{field}}` in path, headers and body.

use crate::{
    dataset::{Case, plain},
    suite::file::RequestFile,
    trial::{Cause, TrialError},
};
use provider::OutgoingRequest;
use serde_json::Value;

/// Fills a request template with a case.
pub fn render_request(base: &str, file: &RequestFile, case: &Case) -> Result<OutgoingRequest, TrialError> {
    let path = fill(&file.path, case, percent_encode)?;
    let slash = if path.starts_with('/') { "" } else { "/" };
    let mut headers = Vec::with_capacity(file.headers.len() + 1);
    let body = match &file.body {
        Some(template) => {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
            let value = fill_value(template, case)?;
            Some(serde_json::to_vec(&value).map_err(|error| template_error(error.to_string()))?)
        }
        None => None,
    };
    for (name, value) in &file.headers {
        // The environment first: a case must not be able to name a variable.
        headers.push((name.clone(), fill(&from_environment(value)?, case, plain)?));
    }
    Ok(OutgoingRequest {
        method: file.method.clone(),
        url: format!("{base}{slash}{path}"),
        headers,
        body,
    })
}

fn template_error(message: String) -> TrialError {
    TrialError {
        cause: Cause::RequestTemplate,
        message,
    }
}

/// A text that is exactly `{{field}}` becomes the field's own value; elsewhere fields are inserted as text.
fn fill_value(template: &Value, case: &Case) -> Result<Value, TrialError> {
    Ok(match template {
        Value::String(text) => match whole_field(text) {
            Some("id") => Value::String(case.id.clone()),
            Some("category") => Value::String(case.category.clone()),
            Some(field) => value_of(case, field)?.clone(),
            None => Value::String(fill(text, case, plain)?),
        },
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| fill_value(item, case))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), fill_value(value, case)?)))
                .collect::<Result<_, TrialError>>()?,
        ),
        other => other.clone(),
    })
}

fn whole_field(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains('{') && !inner.contains('}')).then_some(inner.trim())
}

fn value_of<'a>(case: &'a Case, field: &str) -> Result<&'a Value, TrialError> {
    case.fields
        .get(field)
        .filter(|value| !value.is_null())
        .ok_or_else(|| {
            let known: Vec<&str> = case.fields.keys().map(String::as_str).collect();
            template_error(format!(
                "the request needs `{field}`, and case `{}` has only {}",
                case.id,
                known.join(", ")
            ))
        })
}

/// Fills `{{field}}` in a text with the case's fields.
pub(super) fn fill_text(template: &str, case: &Case) -> Result<String, TrialError> {
    fill(template, case, plain)
}

fn fill(template: &str, case: &Case, encode: impl Fn(&Value) -> String) -> Result<String, TrialError> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else {
            break;
        };
        filled.push_str(&rest[..start]);
        let field = rest[start + 2..start + length].trim();
        filled.push_str(&match field {
            "id" => case.id.clone(),
            "category" => case.category.clone(),
            field => encode(value_of(case, field)?),
        });
        rest = &rest[start + length + 2..];
    }
    filled.push_str(rest);
    Ok(filled)
}

/// RFC 3986: everything but unreserved characters is encoded.
fn percent_encode(value: &Value) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for byte in plain(value).bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte as char);
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// `${NAME}` in a header, so that a key need not stand in the suite file.
fn from_environment(text: &str) -> Result<String, TrialError> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        let value = std::env::var(name).map_err(|_| {
            template_error(format!(
                "a header reads the environment variable `{name}`, which is not set; set it first"
            ))
        })?;
        filled.push_str(before);
        filled.push_str(&value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn case() -> Case {
        let Value::Object(fields) = json!({ "question": "Können wir? a&b", "tags": ["x"] }) else {
            unreachable!("an object literal")
        };
        Case {
            index: 0,
            id: "c-1".into(),
            category: "general".into(),
            fields,
        }
    }

    #[test]
    fn fields_keep_their_type_in_a_body_and_are_encoded_in_a_path() {
        let file = RequestFile {
            method: "POST".into(),
            path: "/ask?q={{question}}&id={{id}}".into(),
            headers: Default::default(),
            body: Some(json!({ "q": "{{question}}", "tags": "{{tags}}", "note": "tags: {{tags}}" })),
        };
        let request = render_request("http://h", &file, &case()).unwrap();
        assert_eq!(request.url, "http://h/ask?q=K%C3%B6nnen%20wir%3F%20a%26b&id=c-1");
        let body: Value = serde_json::from_slice(&request.body.unwrap()).unwrap();
        assert_eq!(
            body,
            json!({ "q": "Können wir? a&b", "tags": ["x"], "note": "tags: [\"x\"]" })
        );
    }

    #[test]
    fn a_missing_field_is_named_with_what_there_is() {
        let file = RequestFile {
            method: "POST".into(),
            path: "/".into(),
            headers: Default::default(),
            body: Some(json!({ "q": "{{query}}" })),
        };
        let error = render_request("http://h", &file, &case()).unwrap_err();
        assert_eq!(error.cause, Cause::RequestTemplate);
        assert!(error.message.contains("`query`") && error.message.contains("question, tags"));
    }
}
