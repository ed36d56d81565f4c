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
    let found = objects_in(&check.text)?;
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

/// What looking for objects in one text may take: characters read and values made for what turned out to be no object. Each
/// brace may begin one that ends far behind it, so a text of braces alone would take longer than anybody waits.
const MOST_STEPS: usize = 10_000_000;

/// Every object that begins with a brace, read leniently: as YAML, with `//` comments, and closed where it is not.
fn objects_in(text: &str) -> Result<Vec<Value>, Fault> {
    scan(text, usize::MAX)
}

/// The first of them.
pub(super) fn first_object_in(text: &str) -> Result<Option<Value>, Fault> {
    Ok(scan(text, 1)?.into_iter().next())
}

fn scan(text: &str, most: usize) -> Result<Vec<Value>, Fault> {
    /// Characters after which an object that has not ended is closed.
    const LONGEST: usize = 100_000;
    let characters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let (mut at, mut steps) = (0, 0_usize);
    while at < characters.len() && found.len() < most {
        if characters[at] != '{' {
            at += 1;
            continue;
        }
        if steps > MOST_STEPS {
            return Err(Fault::invalid(format!(
                "looking for JSON in the output was given up after {MOST_STEPS} steps: it has too many braces that begin nothing"
            )));
        }
        let candidate = object_at(&characters, at, LONGEST);
        match candidate.object {
            Some(object) => {
                found.push(object);
                at = candidate.end;
            }
            None => {
                steps += candidate.end - at + candidate.values;
                at += 1;
            }
        }
    }
    Ok(found)
}

/// What begins with one brace.
struct Candidate {
    object: Option<Value>,
    /// Where it ends.
    end: usize,
    /// Values that reading it made.
    values: usize,
}

fn object_at(characters: &[char], start: usize, longest: usize) -> Candidate {
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
    let mut candidate: String = characters[start..end].iter().collect();
    candidate.extend(std::iter::repeat_n('}', depth));
    let (read, values) = document::yaml_lenient_counted(&comments(&candidate));
    let object = read.ok().flatten();
    Candidate {
        object: object.filter(|read| read.is_object() || read.is_array()),
        end,
        values,
    }
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
    // Where the word at hand begins, and the last `://`.
    let (mut word, mut address) = (0, None);
    let mut at = 0;
    while at < characters.len() {
        let character = characters[at];
        if characters[at..].starts_with(&[':', '/', '/']) {
            address = Some(at);
        }
        match quote {
            None if character == '\'' && !letter(at.checked_sub(1)) => quote = Some('\''),
            None if character == '"' => quote = Some('"'),
            None if character == '/'
                && characters.get(at + 1) == Some(&'/')
                && address.is_none_or(|address| address < word) =>
            {
                let slashes = characters[at..]
                    .iter()
                    .take_while(|character| **character == '/')
                    .count();
                let head: String = characters[..at].iter().collect();
                let tail: String = characters[at + slashes..].iter().collect();
                return format!("{head}{}{tail}", "#".repeat(slashes / 2));
            }
            Some('\'') if character == '\'' && !escaped(at) && !letter(Some(at + 1)) => quote = None,
            Some('"') if character == '"' && !escaped(at) => quote = None,
            _ => {}
        }
        at += 1;
        if character.is_whitespace() {
            word = at;
        }
    }
    line.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::{Duration, Instant};

    #[test]
    fn objects_are_found_wherever_they_begin() {
        let found = |text: &str| objects_in(text).unwrap();
        assert_eq!(found("a {\"b\": 1} c {d: 2"), [json!({"b": 1}), json!({"d": 2})]);
        assert_eq!(found("{a: ]} {b: 1}"), [json!({"b": 1})]);
        assert_eq!(
            found("{a: http://b/c//d} // {e: 1 // f\n}"),
            [json!({"a": "http://b/c//d"}), json!({"e": 1})]
        );
        assert_eq!(first_object_in("{a: 1}{b: 2}").unwrap(), Some(json!({"a": 1})));
    }

    #[test]
    fn a_text_of_braces_is_given_up_and_named() {
        let begun = Instant::now();
        for (text, given_up) in [
            ("{".repeat(150_000), true),
            ("{[".repeat(100_000), true),
            (format!("{{{}", "{a: ]} ".repeat(20_000)), false),
        ] {
            let outcome = first_object_in(&text).map_err(|fault| fault.to_string());
            match outcome {
                Err(why) => assert!(given_up && why.contains("given up"), "{why}"),
                Ok(object) => assert!(!given_up && object.is_none(), "{object:?}"),
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    }
}
