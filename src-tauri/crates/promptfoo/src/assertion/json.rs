//! JSON as the whole answer, and JSON somewhere in it.

use super::{Check, Grading, schema};
use crate::{document, problem::Fault};
use serde_json::Value;

/// The schema of the assertion: a mapping, or YAML text.
fn schema_of(check: &Check<'_>) -> Result<Option<jsonschema::Validator>, Fault> {
    match &check.value {
        None => Ok(None),
        Some(value) if !document::truthy(value) => Ok(None),
        Some(Value::String(text)) => {
            let read = document::yaml_lenient(text)
                .map_err(|error| Fault::invalid(format!("the schema is not YAML: {error}")))?;
            schema::compile(&read.unwrap_or_default()).map(Some)
        }
        Some(value @ Value::Object(_)) => schema::compile(value).map(Some),
        Some(_) => Err(Fault::invalid(format!(
            "{} assertion must have a string or object value",
            check.assertion.base()
        ))),
    }
}

pub(super) fn is_json(check: &Check<'_>) -> Result<Grading, Fault> {
    let Ok(parsed) = document::json(&check.text) else {
        return Ok(check.verdict(false, |_| "Expected output to be valid JSON".into()));
    };
    let Some(schema) = schema_of(check)? else {
        return Ok(check.verdict(true, |_| "Expected output to be valid JSON".into()));
    };
    let error = schema.validate(&parsed).err().map(|error| error.to_string());
    Ok(check.verdict(error.is_none(), |_| match error {
        Some(error) => format!("JSON does not conform to the provided schema. Errors: {error}"),
        None => "Output is JSON that conforms to the provided schema".into(),
    }))
}

pub(super) fn contains_json(check: &Check<'_>) -> Result<Grading, Fault> {
    let found = objects_in(&check.text);
    let failed = || Grading::fail("Expected output to contain valid JSON");
    let passed = || Grading::new(true, 1.0, "Assertion passed");
    // Without an object no schema is looked at, also not a wrong one.
    if found.is_empty() {
        return Ok(if check.inverse { passed() } else { failed() });
    }
    let Some(schema) = schema_of(check)? else {
        return Ok(if check.inverse { failed() } else { passed() });
    };
    let valid = found.iter().any(|object| schema.is_valid(object));
    Ok(check.verdict(valid, |_| {
        if valid {
            "Output contains JSON conforming to the provided schema".into()
        } else {
            "JSON does not conform to the provided schema".into()
        }
    }))
}

/// Every object that begins with a brace, read leniently: as YAML, with `//` comments, and closed where it is not.
pub(super) fn objects_in(text: &str) -> Vec<Value> {
    /// Characters after which an object that has not ended is given up.
    const LONGEST: usize = 100_000;
    let characters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        if characters[at] == '{'
            && let Some((object, end)) = object_at(&characters, at, LONGEST)
        {
            found.push(object);
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

fn object_at(characters: &[char], start: usize, longest: usize) -> Option<(Value, usize)> {
    let limit = characters.len().min(start + longest);
    let mut depth = 1_usize;
    let mut end = start + 1;
    while end < limit && depth > 0 {
        match characters[end] {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        end += 1;
    }
    if depth > 0 && end < limit {
        return None;
    }
    let mut candidate: String = characters[start..end].iter().collect();
    candidate.extend(std::iter::repeat_n('}', depth));
    let read = document::yaml_lenient(&comments(&candidate)).ok().flatten()?;
    (read.is_object() || read.is_array()).then_some((read, end))
}

/// `// comment` becomes a YAML comment, unless it stands in quotes or belongs to an address.
fn comments(text: &str) -> String {
    text.split('\n')
        .map(comment_in_line)
        .collect::<Vec<_>>()
        .join("\n")
}

fn comment_in_line(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let letter = |at: Option<usize>| {
        at.and_then(|at| characters.get(at))
            .is_some_and(char::is_ascii_alphabetic)
    };
    let escaped = |at: usize| {
        characters[..at]
            .iter()
            .rev()
            .take_while(|character| **character == '\\')
            .count()
            % 2
            == 1
    };
    let mut quote: Option<char> = None;
    let mut at = 0;
    while at < characters.len() {
        let character = characters[at];
        match quote {
            None if character == '\'' && !letter(at.checked_sub(1)) => quote = Some('\''),
            None if character == '"' => quote = Some('"'),
            None if character == '/' && characters.get(at + 1) == Some(&'/') => {
                let token = characters[..at]
                    .iter()
                    .rposition(|character| character.is_whitespace())
                    .map_or(0, |space| space + 1);
                let before: String = characters[token..(at + 2).min(characters.len())].iter().collect();
                if !before.contains("://") {
                    let slashes = characters[at..]
                        .iter()
                        .take_while(|character| **character == '/')
                        .count();
                    let head: String = characters[..at].iter().collect();
                    let tail: String = characters[at + slashes..].iter().collect();
                    return format!("{head}{}{tail}", "#".repeat(slashes / 2));
                }
            }
            Some('\'') if character == '\'' && !escaped(at) && !letter(Some(at + 1)) => quote = None,
            Some('"') if character == '"' && !escaped(at) => quote = None,
            _ => {}
        }
        at += 1;
    }
    line.to_owned()
}
