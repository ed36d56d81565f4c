//! Assertions that a person programmed, in JavaScript or Python.

use super::{Check, Grading};
use crate::{document, problem::Fault};
use harness::script::{
    Limits, Program, Returned, ScriptError,
    python::{self, Source},
    run,
};
use serde_json::{Map, Value};

/// The value that a script returned; absent for undefined.
pub(super) fn of_returned(returned: Returned) -> Option<Value> {
    if returned.kind == "undefined" {
        return None;
    }
    // NaN and infinities have no JSON; a text keeps them apart from null.
    if returned.kind == "number" && returned.value.is_null() {
        return returned.text.map(Value::String);
    }
    Some(returned.value)
}

pub(super) async fn javascript(check: &Check<'_>) -> Result<Grading, Fault> {
    let code = match &check.assertion.value {
        Some(Value::String(_)) => check.value.as_ref().map(document::text).unwrap_or_default(),
        _ => {
            return Ok(Grading::fail(
                "Custom function threw error: javascript assertion must have a string value",
            ));
        }
    };
    let code = code.trim_end_matches(document::is_space);
    let returned = match &check.from_script {
        Some(value) => value.clone(),
        None => {
            let body = if code.contains('\n') {
                code.to_owned()
            } else {
                one_line(code)
            };
            // In promptfoo the provider's id is a function.
            let prelude =
                "if (context.provider) { const id = context.provider.id; context.provider.id = () => id; } ";
            let program = Program::body("output,context", format!("{prelude}{body}"));
            let arguments = vec![check.output.clone(), check.context.clone()];
            match run(program, arguments, Limits::JAVASCRIPT).await {
                Ok(returned) if returned.kind == "number" => {
                    return Ok(number(
                        check,
                        returned.number().unwrap_or(f64::NAN),
                        "Custom function",
                    ));
                }
                Ok(returned) => of_returned(returned).unwrap_or_default(),
                Err(ScriptError::Threw(message)) => {
                    return Ok(Grading::fail(format!(
                        "Custom function threw error: {message}\n{code}"
                    )));
                }
                Err(other) => return Err(other.into()),
            }
        }
    };
    Ok(match &returned {
        Value::Bool(flag) => boolean(check, *flag, "Custom function"),
        Value::Number(value) => number(check, value.as_f64().unwrap_or(f64::NAN), "Custom function"),
        other => match grading(other) {
            Some(grading) => inverted(check, grading, "Custom function"),
            None => Grading::fail(format!(
                "Custom function must return a boolean, number, or GradingResult object. Got: {other}"
            )),
        },
    })
}

/// A line of code as a function body: an expression is returned; after declarations the last expression is.
fn one_line(code: &str) -> String {
    let code = document::trim(code)
        .trim_end_matches(|character: char| character == ';' || document::is_space(character));
    let declares = ["const", "let", "var"].iter().any(|word| {
        code.strip_prefix(word)
            .is_some_and(|rest| rest.starts_with(document::is_space))
    });
    if !declares {
        return format!("return {code}");
    }
    match last_semicolon(code) {
        Some(at) if !document::trim(&code[at + 1..]).is_empty() => {
            format!("{} return {}", &code[..=at], document::trim(&code[at + 1..]))
        }
        _ => code.to_owned(),
    }
}

/// The last semicolon outside of quotes.
fn last_semicolon(code: &str) -> Option<usize> {
    let mut quote: Option<char> = None;
    let mut backslashes = 0;
    let mut last = None;
    for (at, character) in code.char_indices() {
        let escaped = backslashes % 2 == 1;
        backslashes = if character == '\\' { backslashes + 1 } else { 0 };
        match (quote, character) {
            (Some(open), close) if open == close && !escaped => quote = None,
            (None, '\'' | '"' | '`') if !escaped => quote = Some(character),
            (None, ';') => last = Some(at),
            _ => {}
        }
    }
    last
}

fn boolean(check: &Check<'_>, flag: bool, what: &str) -> Grading {
    check.verdict(flag, |_| format!("{what} returned {flag}"))
}

fn number(check: &Check<'_>, value: f64, what: &str) -> Grading {
    let raw = check
        .assertion
        .threshold
        .map_or(value > 0.0, |limit| value >= limit);
    let pass = raw != check.inverse;
    let reason = if pass {
        "Assertion passed".into()
    } else {
        format!("{what} returned {raw}")
    };
    Grading::new(pass, value, reason)
}

fn inverted(check: &Check<'_>, mut grading: Grading, what: &str) -> Grading {
    if check.inverse {
        let raw = grading.pass;
        grading.pass = !raw;
        grading.reason = if grading.pass {
            "Assertion passed".into()
        } else {
            format!("{what} returned {raw}")
        };
    }
    grading
}

/// A mapping that is a grading result: pass, score and reason, each of its type.
pub(super) fn grading(value: &Value) -> Option<Grading> {
    let Value::Object(fields) = value else { return None };
    let mut grading = Grading::new(
        fields.get("pass")?.as_bool()?,
        fields.get("score")?.as_f64()?,
        fields.get("reason")?.as_str()?,
    );
    let absent = |key: &str| fields.get(key).is_none_or(|value| value.is_object());
    if !absent("namedScores")
        || fields
            .get("componentResults")
            .is_some_and(|parts| !parts.is_array())
    {
        return None;
    }
    let pairs = |key: &str| -> Vec<(String, f64)> {
        let scores = fields.get(key).and_then(Value::as_object);
        scores
            .into_iter()
            .flatten()
            .filter_map(|(name, score)| Some((name.clone(), score.as_f64()?)))
            .collect()
    };
    grading.named_scores = pairs("namedScores");
    grading.named_weights = pairs("namedScoreWeights");
    grading.components = fields
        .get("componentResults")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(part)
        .collect();
    Some(grading)
}

fn part(value: &Value) -> Grading {
    Grading {
        kind: value
            .get("assertion")
            .and_then(|assertion| assertion.get("type"))
            .and_then(Value::as_str)
            .map(str::to_owned),
        ..Grading::new(
            value.get("pass").is_some_and(document::truthy),
            value.get("score").and_then(Value::as_f64).unwrap_or(0.0),
            value.get("reason").map(document::text).unwrap_or_default(),
        )
    }
}

pub(super) async fn python(check: &Check<'_>) -> Result<Grading, Fault> {
    let code = match &check.value {
        Some(Value::String(code)) => code,
        _ => return Err(Fault::invalid("python assertion must have a string value")),
    };
    let returned = match &check.from_script {
        Some(value) => value.clone(),
        None => {
            let caller = check.subject.caller;
            let arguments = [check.output.clone(), check.context.clone()];
            let source = Source::Code(module(code));
            match python::run(
                &source,
                "main",
                &arguments,
                caller.project.folder(),
                caller.variables,
                Limits::PYTHON,
            )
            .await
            {
                Ok(value) => value,
                Err(ScriptError::Threw(message)) => {
                    return Ok(Grading::fail(format!("Python code execution failed: {message}")));
                }
                Err(other) => return Err(other.into()),
            }
        }
    };
    Ok(of_python(check, returned))
}

/// Inline Python as a module: an expression, or the lines of a function body, indented as they are themselves.
fn module(code: &str) -> String {
    if !code.contains('\n') {
        return format!("import json\n\ndef main(output, context):\n    return {code}\n");
    }
    let indent = code
        .split('\n')
        .filter(|line| !document::trim(line).is_empty())
        .map(|line| &line[..line.len() - line.trim_start_matches(document::is_space).len()])
        .find(|space| !space.is_empty())
        .unwrap_or("    ");
    let lines: Vec<String> = code.split('\n').map(|line| format!("{indent}{line}")).collect();
    format!(
        "import json\n\ndef main(output, context):\n{}\n",
        lines.join("\n")
    )
}

fn of_python(check: &Check<'_>, returned: Value) -> Grading {
    let wrong = |shown: &Value| {
        Grading::fail(format!(
            "Python code execution failed: Python assertion must return a boolean, number, or {{pass, score, reason}} object. Got: {shown}"
        ))
    };
    let word = returned.as_str().map(str::to_lowercase);
    match (&returned, word.as_deref()) {
        (Value::Bool(flag), _) => boolean(check, *flag, "Python code"),
        (_, Some("true")) => boolean(check, true, "Python code"),
        (_, Some("false")) => boolean(check, false, "Python code"),
        (Value::String(text), _) if text.starts_with('{') => match document::json(text) {
            Ok(value @ Value::Object(_)) => of_dict(check, &value).unwrap_or_else(|| wrong(&returned)),
            _ => wrong(&returned),
        },
        (Value::Object(_) | Value::Array(_), _) => {
            of_dict(check, &returned).unwrap_or_else(|| wrong(&returned))
        }
        (other, _) => match parse_float(&document::text(other)) {
            Some(value) => number(check, value, "Python code"),
            None => wrong(&returned),
        },
    }
}

fn of_dict(check: &Check<'_>, value: &Value) -> Option<Grading> {
    let mut fields: Map<String, Value> = value.as_object()?.clone();
    for (snake, camel) in [
        ("pass_", "pass"),
        ("named_scores", "namedScores"),
        ("component_results", "componentResults"),
        ("tokens_used", "tokensUsed"),
    ] {
        if let (Some(own), false) = (fields.get(snake).cloned(), fields.contains_key(camel)) {
            fields.insert(camel.to_owned(), own);
        }
    }
    let mut grading = grading(&Value::Object(fields))?;
    if let Some(limit) = check.assertion.threshold
        && grading.score < limit
    {
        grading.pass = false;
        grading.reason = format!(
            "Python score {} is less than threshold {limit}: {}",
            grading.score, grading.reason
        );
    }
    Some(inverted(check, grading, "Python code"))
}

/// `parseFloat` of JavaScript: the longest number at the beginning.
fn parse_float(text: &str) -> Option<f64> {
    let text = document::trim(text);
    let end = text
        .find(|character: char| !(character.is_ascii_digit() || "+-.eE".contains(character)))
        .unwrap_or(text.len());
    (1..=end).rev().find_map(|end| text[..end].parse().ok())
}
