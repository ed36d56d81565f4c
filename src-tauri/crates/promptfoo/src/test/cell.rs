//! The grammar of an `__expected` cell: `[not-]TYPE[(threshold)][:value]`, some prefixes, and else the text to equal.

use crate::{assertion::KNOWN_TYPES, document, project::is_javascript};
use serde_json::{Map, Value, json};

/// What a cell asserts.
pub(super) fn assertion(cell: &str) -> Result<Map<String, Value>, String> {
    for prefix in ["javascript:", "fn:", "eval:"] {
        if let Some(code) = cell.strip_prefix(prefix) {
            return Ok(of("javascript", json!(document::trim(code))));
        }
    }
    if let Some(path) = cell.strip_prefix("file://") {
        if is_javascript(path) {
            return Ok(of("javascript", json!(cell)));
        }
        if cell.ends_with(".py") || cell.contains(".py:") {
            return Ok(of("python", json!(document::trim(path))));
        }
    }
    for prefix in ["grade:", "llm-rubric:"] {
        if let Some(rubric) = cell.strip_prefix(prefix) {
            return Ok(of("llm-rubric", json!(rubric)));
        }
    }
    if let Some(code) = cell.strip_prefix("python:") {
        return Ok(of("python", json!(document::trim(code))));
    }
    let Some(parts) = parts(cell) else {
        return Ok(of("equals", json!(cell)));
    };
    let trimmed = parts.value.map(document::trim);
    let mut assertion = Map::new();
    assertion.insert("type".into(), json!(parts.whole));
    let value = match parts.base {
        "contains-all" | "contains-any" | "icontains-all" | "icontains-any" => match parts.value {
            Some(value) if !value.is_empty() => Some(json!(comma_separated(value)?)),
            other => other.map(|value| json!(value)),
        },
        "contains-json" | "is-json" => parts.value.map(|value| json!(value)),
        _ => trimmed.map(|value| json!(value)),
    };
    if let Some(value) = value {
        assertion.insert("value".into(), value);
    }
    if THRESHOLD_TYPES.contains(&parts.base) {
        // In CSV a threshold is never left open, which differs from YAML on purpose: it is so in promptfoo.
        let default = if parts.base == "similar" { 0.8 } else { 0.75 };
        let threshold = parts.threshold.unwrap_or(default);
        assertion.insert(
            "threshold".into(),
            document::number(threshold).map_or(Value::Null, Value::Number),
        );
    }
    Ok(assertion)
}

const THRESHOLD_TYPES: [&str; 13] = [
    "answer-relevance",
    "classifier",
    "context-faithfulness",
    "context-recall",
    "context-relevance",
    "cost",
    "latency",
    "levenshtein",
    "perplexity-score",
    "perplexity",
    "rouge-n",
    "similar",
    "starts-with",
];

fn of(kind: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), json!(kind)), ("value".to_owned(), value)])
}

struct Parts<'a> {
    whole: &'a str,
    base: &'a str,
    threshold: Option<f64>,
    value: Option<&'a str>,
}

fn parts(cell: &str) -> Option<Parts<'_>> {
    let negation = if cell.starts_with("not-") { 4 } else { 0 };
    let rest = &cell[negation..];
    // `similar` and `similar:dot` are both types; the grammar takes the one with which the rest makes sense.
    KNOWN_TYPES.iter().find_map(|kind| {
        let after = rest.strip_prefix(kind)?;
        let (threshold, after) = match after.strip_prefix('(') {
            Some(inner) => {
                let (number, after) = inner.split_once(')')?;
                let sound = match number.split_once('.') {
                    Some((whole, fraction)) => digits(whole) && digits(fraction),
                    None => digits(number),
                };
                (Some(sound.then(|| number.parse().ok()).flatten()?), after)
            }
            None => (None, after),
        };
        let value = match after.strip_prefix(':') {
            Some(value) => Some(value),
            None if after.is_empty() => None,
            None => return None,
        };
        Some(Parts {
            whole: &cell[..negation + kind.len()],
            base: kind,
            threshold,
            value,
        })
    })
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A whole cell that is a finite decimal number.
pub(super) fn finite(text: &str) -> Option<f64> {
    let text = document::trim(text);
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    (plain && !text.is_empty())
        .then(|| text.parse::<f64>().ok())
        .flatten()
        .filter(|number| number.is_finite())
}

/// A list in a `__metadata:key[]` cell: commas part, `\,` is a comma.
pub(super) fn split_list(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\\' && characters.peek() == Some(&',') {
            characters.next();
            push(&mut items, ',');
        } else if character == ',' {
            items.push(String::new());
        } else {
            push(&mut items, character);
        }
    }
    items.iter().map(|item| document::trim(item).to_owned()).collect()
}

fn push(items: &mut [String], character: char) {
    if let Some(last) = items.last_mut() {
        last.push(character);
    }
}

/// Which assertion a `__config:__expectedN:threshold` column speaks of, counted from 0. A column of another shape is ignored.
pub(super) fn config_target(target: &str) -> Result<Option<usize>, String> {
    let mut parts = target.split(':');
    let (Some(expected), Some(key), None) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let at = match expected.strip_prefix("__expected") {
        Some("") => Some(0),
        Some(number) if digits(number) => number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1)),
        _ => None,
    };
    let at =
        at.ok_or_else(|| format!("`{expected}` in a __config column is not __expected or __expectedN"))?;
    if key != "threshold" {
        return Err(format!(
            "`{key}` cannot be set by a __config column; expected threshold"
        ));
    }
    Ok(Some(at))
}

/// Fields between commas; a field in double quotes may hold commas, `\"` and `""`.
pub(crate) fn comma_separated(text: &str) -> Result<Vec<String>, String> {
    let characters: Vec<char> = text.chars().collect();
    let mut fields = Vec::new();
    let mut at = 0;
    let space = |at: usize| {
        characters
            .get(at)
            .is_some_and(|character| document::is_space(*character))
    };
    loop {
        while space(at) || characters.get(at) == Some(&',') {
            at += 1;
        }
        let Some(first) = characters.get(at) else {
            return Ok(fields);
        };
        if *first != '"' {
            let end = (at..characters.len())
                .find(|at| characters[*at] == ',')
                .unwrap_or(characters.len());
            let field: String = characters[at..end].iter().collect();
            fields.push(document::trim(&field).to_owned());
            at = end;
            continue;
        }
        at += 1;
        let mut field = String::new();
        loop {
            match (characters.get(at), characters.get(at + 1)) {
                (Some('\\'), Some(next @ ('"' | '\\'))) => {
                    field.push(*next);
                    at += 2;
                }
                (Some('"'), Some('"')) => {
                    field.push('"');
                    at += 2;
                }
                (Some('"'), _) => {
                    at += 1;
                    break;
                }
                (Some(character), _) => {
                    field.push(*character);
                    at += 1;
                }
                (None, _) => return Err(format!("a quoted field is not closed in `{text}`")),
            }
        }
        fields.push(field);
        while space(at) {
            at += 1;
        }
        if at < characters.len() && characters[at] != ',' {
            return Err(format!("a comma is missing after a quoted field in `{text}`"));
        }
    }
}
