//! Scripts around a request: what is made of the prompt, of the answer, and of the status.

use crate::{
    document,
    problem::Fault,
    provider::{Call, Caller},
    template::Vars,
};
use harness::script::{Limits, Program, run};
use serde_json::{Map, Value, json};

/// Whether code is a function: `(…) =>` or `function (…)` at its beginning.
fn is_function(code: &str) -> bool {
    let arrow = code.starts_with('(')
        && code
            .lines()
            .next()
            .and_then(|line| line.find(')').map(|_| line))
            .is_some_and(|line| {
                line.match_indices(')')
                    .any(|(at, _)| line[at + 1..].trim_start().starts_with("=>"))
            });
    let keyword = code
        .strip_prefix("function")
        .is_some_and(|rest| rest.trim_start().starts_with('(') && rest.contains(')'));
    arrow || keyword
}

pub(super) async fn request_transform(
    caller: &Caller<'_>,
    config: &Map<String, Value>,
    call: &Call<'_>,
    vars: &Vars,
) -> Result<Value, Fault> {
    let Some(code) = config
        .get("transformRequest")
        .and_then(Value::as_str)
        .filter(|code| !code.is_empty())
    else {
        return Ok(json!(call.prompt));
    };
    let arguments = vec![json!(call.prompt), json!(vars), call.context()];
    let program = if code.starts_with("file://") {
        Program::Export(caller.project.export(code).map_err(Fault::Invalid)?)
    } else {
        let code = document::trim(code);
        let body = if is_function(code) {
            format!("return ({code})(prompt, vars, context)")
        } else if has_word(code, "return") {
            code.to_owned()
        } else {
            format!("return ({code})")
        };
        Program::body("prompt,vars,context", body)
    };
    Ok(run(program, arguments, Limits::JAVASCRIPT).await?.value)
}

pub(super) async fn response_transform(
    caller: &Caller<'_>,
    config: &Map<String, Value>,
    parsed: Value,
    text: &str,
    context: Value,
) -> Result<Value, Fault> {
    let code = ["transformResponse", "responseParser"].iter().find_map(|key| {
        config
            .get(*key)
            .and_then(Value::as_str)
            .filter(|code| !code.is_empty())
    });
    let data = if document::truthy(&parsed) {
        parsed
    } else {
        Value::Null
    };
    let Some(code) = code else {
        let output = if data.is_null() { json!(text) } else { data };
        return Ok(json!({ "output": output }));
    };
    let program = if code.starts_with("file://") {
        Program::Export(caller.project.export(code).map_err(Fault::Invalid)?)
    } else {
        let code = document::trim(code);
        let body = if is_function(code) {
            format!("return ({code})(json, text, context)")
        } else {
            format!("return ({code})")
        };
        Program::body("json,text,context", body)
    };
    let returned = run(program, vec![data, json!(text), context], Limits::JAVASCRIPT)
        .await?
        .value;
    Ok(match returned {
        Value::Object(fields) if fields.contains_key("output") || fields.contains_key("error") => {
            Value::Object(fields)
        }
        Value::Null => Value::Object(Map::new()),
        other => json!({ "output": other }),
    })
}

pub(super) async fn accepts(
    config: &Map<String, Value>,
    status: u16,
    caller: &Caller<'_>,
) -> Result<bool, Fault> {
    let Some(code) = config
        .get("validateStatus")
        .and_then(Value::as_str)
        .filter(|code| !code.is_empty())
    else {
        return Ok(true);
    };
    let program = if code.starts_with("file://") {
        Program::Export(caller.project.export(code).map_err(Fault::Invalid)?)
    } else {
        let code = document::trim(code);
        let body = if code.contains("=>") || code.starts_with("function") {
            format!("return ({code})(status)")
        } else {
            format!("return {code}")
        };
        Program::body("status", body)
    };
    let returned = run(program, vec![json!(status)], Limits::JAVASCRIPT).await?;
    Ok(document::truthy(&returned.value))
}

fn has_word(code: &str, word: &str) -> bool {
    let part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    code.match_indices(word)
        .any(|(at, _)| !code[..at].ends_with(part) && !code[at + word.len()..].starts_with(part))
}
