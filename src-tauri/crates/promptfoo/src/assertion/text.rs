//! Assertions on the text: equality, substrings, regular expressions, words, signs of HTML.

use super::{Check, Grading};
use crate::{
    document,
    problem::Fault,
    test::{comma_separated, threshold},
};
use harness::script::{Limits, Program, ScriptError, run};
use serde_json::{Value, json};
use std::cmp::Ordering;

pub(super) fn equals(check: &Check<'_>) -> Result<Grading, Fault> {
    let value = check.value.as_ref();
    let (equal, shown) = match value {
        // null is an object in JavaScript.
        Some(value @ (Value::Object(_) | Value::Array(_) | Value::Null)) => {
            let equal = document::json(&check.text).is_ok_and(|output| output == *value);
            (equal, value.to_string())
        }
        Some(value) => {
            let text = document::text(value);
            (text == check.text, text)
        }
        None => ("undefined" == check.text, "undefined".into()),
    };
    Ok(check.verdict(equal, |not| {
        format!("Expected output \"{}\" to {not}equal \"{shown}\"", check.text)
    }))
}

/// The value of a script goes before the rendered one, unless it is null.
fn chosen<'a>(check: &'a Check<'_>) -> Option<&'a Value> {
    check
        .from_script
        .as_ref()
        .filter(|value| !value.is_null())
        .or(check.value.as_ref())
}

pub(super) fn contains(check: &Check<'_>) -> Result<Grading, Fault> {
    let value = match chosen(check) {
        Some(Value::String(text)) if !text.is_empty() => text.clone(),
        Some(value @ Value::Number(_)) => document::text(value),
        _ => {
            let kind = check.assertion.base();
            return Err(Fault::invalid(format!(
                "\"{kind}\" assertion type must have a string or number value"
            )));
        }
    };
    let found = if check.assertion.base().starts_with('i') {
        check.text.to_lowercase().contains(&value.to_lowercase())
    } else {
        check.text.contains(&value)
    };
    Ok(check.verdict(found, |not| {
        format!("Expected output to {not}contain \"{value}\"")
    }))
}

pub(super) fn contains_list(check: &Check<'_>) -> Result<Grading, Fault> {
    let kind = check.assertion.base();
    let values: Vec<String> = match chosen(check) {
        Some(value) if !document::truthy(value) => {
            return Err(Fault::invalid(format!(
                "\"{kind}\" assertion type must have a value"
            )));
        }
        Some(Value::String(text)) => comma_separated(text).map_err(Fault::Invalid)?,
        Some(Value::Array(items)) => items.iter().map(document::text).collect(),
        Some(_) => {
            return Err(Fault::invalid(format!(
                "\"{kind}\" assertion type must have an array value"
            )));
        }
        None => {
            return Err(Fault::invalid(format!(
                "\"{kind}\" assertion type must have a value"
            )));
        }
    };
    let folded = kind.starts_with('i').then(|| check.text.to_lowercase());
    let holds = |value: &String| match &folded {
        Some(text) => text.contains(&value.to_lowercase()),
        None => check.text.contains(value.as_str()),
    };
    if kind.ends_with("-any") {
        let found = values.iter().any(holds);
        return Ok(check.verdict(found, |not| {
            format!("Expected output to {not}contain one of \"{}\"", values.join(", "))
        }));
    }
    let missing: Vec<&str> = values
        .iter()
        .filter(|value| !holds(value))
        .map(String::as_str)
        .collect();
    Ok(check.verdict(missing.is_empty(), |not| {
        format!(
            "Expected output to {not}contain all of [{}]. Missing: [{}]",
            values.join(", "),
            missing.join(", ")
        )
    }))
}

pub(super) fn starts_with(check: &Check<'_>) -> Result<Grading, Fault> {
    let value = check.value_text()?;
    if value.is_empty() {
        return Err(Fault::invalid(
            "\"starts-with\" assertion type must have a string value",
        ));
    }
    let begins = check.text.starts_with(value);
    Ok(check.verdict(begins, |not| {
        format!("Expected output to {not}start with \"{value}\"")
    }))
}

pub(super) async fn regex(check: &Check<'_>) -> Result<Grading, Fault> {
    let pattern = check.value_text()?;
    if pattern.is_empty() {
        return Err(Fault::invalid(
            "\"regex\" assertion type must have a string value",
        ));
    }
    const BODY: &str = "let expression; try { expression = new RegExp(pattern); } catch (error) { return error.message; }\
        return expression.test(text);";
    let program = Program::body("pattern,text", BODY);
    let returned = run(
        program,
        vec![json!(pattern), json!(check.text)],
        Limits::JAVASCRIPT,
    )
    .await?;
    match returned.value {
        Value::Bool(matches) => Ok(check.verdict(matches, |not| {
            format!("Expected output to {not}match regex \"{pattern}\"")
        })),
        // A pattern that is none fails with `not-` as well.
        Value::String(message) => Ok(Grading::fail(format!("Invalid regex pattern: {message}"))),
        _ => Err(Fault::Script(ScriptError::Failed(
            "the regular expression gave no answer".into(),
        ))),
    }
}

pub(super) fn word_count(check: &Check<'_>) -> Result<Grading, Fault> {
    let count = check
        .text
        .split(document::is_space)
        .filter(|word| !word.is_empty())
        .count() as f64;
    let wrong = || {
        Fault::invalid("\"word-count\" assertion value must be a number or an object with min/max properties")
    };
    let (holds, expected) = match chosen(check) {
        Some(Value::Object(range)) => {
            // As JavaScript compares: a text as its number, null as 0, and nothing holds of what is no number.
            let bound = |key: &str| {
                range.get(key).map(|value| match value {
                    Value::Null => 0.0,
                    other => threshold(other).unwrap_or(f64::NAN),
                })
            };
            match (bound("min"), bound("max")) {
                (Some(min), Some(max)) if min.partial_cmp(&max).is_none_or(Ordering::is_gt) => {
                    return Err(Fault::invalid(format!(
                        "\"word-count\" assertion: min ({min}) must be less than or equal to max ({max})"
                    )));
                }
                (Some(min), Some(max)) => (count >= min && count <= max, format!("between {min} and {max}")),
                (Some(min), None) => (count >= min, format!("at least {min}")),
                (None, Some(max)) => (count <= max, format!("at most {max}")),
                (None, None) => return Err(wrong()),
            }
        }
        Some(Value::Number(number)) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            (count == number, number.to_string())
        }
        Some(Value::String(text)) => {
            let number = document::parse_number(text).ok_or_else(wrong)?;
            (count == number, number.to_string())
        }
        _ => return Err(wrong()),
    };
    Ok(check.verdict(holds, |not| {
        format!("Expected word count to {not}be {expected}, but got {count}")
    }))
}

/// Signs of HTML; two are enough. A pair of tags, a doctype and the name of a common element count for two each.
const HTML_SIGNS: &str = r#"
const opening = /<[a-zA-Z][a-zA-Z0-9-]*(?:\s[^>]*)?>/.test(text);
const closing = /<\/[a-zA-Z][a-zA-Z0-9-]*\s*>/.test(text);
let signs = opening && closing ? 2 : opening || closing ? 1 : 0;
for (const sign of [
  /<[a-zA-Z][a-zA-Z0-9-]*(?:\s[^>]*)?\/>/,
  /&(?:[a-zA-Z]+|#[0-9]+|#x[0-9a-fA-F]+);/,
  /<!--[^-]*(?:-[^-]+)*-->/,
  /\s[a-zA-Z-]+=\s*["'][^"']*["']/,
]) if (sign.test(text)) signs += 1;
for (const sign of [
  /<!DOCTYPE\s+html/i,
  /<(html|head|body|div|span|p|a|img|h[1-6]|ul|ol|li|table|tr|td|th|form|input|button|script|style|link|meta|br|hr)\b/i,
]) if (sign.test(text)) signs += 2;
return signs >= 2;
"#;

pub(super) async fn contains_html(check: &Check<'_>) -> Result<Grading, Fault> {
    const LONGEST: usize = 10 * 1024 * 1024;
    let found = if check.text.encode_utf16().count() > LONGEST {
        false
    } else {
        let program = Program::body("text", HTML_SIGNS);
        run(program, vec![json!(check.text)], Limits::JAVASCRIPT)
            .await?
            .value
            == json!(true)
    };
    Ok(check.verdict(found, |not| {
        format!("Expected output to {not}contain HTML content")
    }))
}
