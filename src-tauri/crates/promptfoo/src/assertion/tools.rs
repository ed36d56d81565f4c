//! Tool calls in the output.

use super::{Check, Grading, schema};
use crate::{document, problem::Fault};
use serde_json::Value;
use std::collections::BTreeSet;

/// What stands in brackets after a mark such as `MCP Tool Result`.
fn bracketed<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(&format!("{mark} ("))
        .and_then(|(_, rest)| rest.split_once(')'))
        .map_or("unknown", |(name, _)| name)
}

pub(super) async fn openai_tools_call(check: &Check<'_>) -> Result<Grading, Fault> {
    let text = &check.text;
    if text.contains("MCP Tool Error") {
        return Ok(Grading::fail(format!(
            "MCP tool call failed for {}",
            bracketed(text, "MCP Tool Error")
        )));
    }
    if text.contains("MCP Tool Result") {
        let name = bracketed(text, "MCP Tool Result");
        return Ok(Grading::new(
            true,
            1.0,
            format!("MCP tool call succeeded for {name}"),
        ));
    }
    let calls = match &check.output {
        Value::Object(fields) => fields.get("tool_calls").unwrap_or(&check.output),
        other => other,
    };
    let named = |call: &Value| -> Option<(String, String)> {
        let function = call.get("function")?;
        Some((
            function.get("name")?.as_str()?.to_owned(),
            function.get("arguments")?.as_str()?.to_owned(),
        ))
    };
    let calls: Option<Vec<(String, String)>> = calls
        .as_array()
        .filter(|calls| !calls.is_empty())
        .and_then(|calls| calls.iter().map(named).collect());
    let Some(calls) = calls else {
        return Ok(Grading::fail(format!(
            "OpenAI did not return a valid-looking tools response: {text}"
        )));
    };
    let subject = check.subject;
    let Some(tools) = subject
        .provider
        .config
        .get("tools")
        .filter(|tools| document::truthy(tools))
    else {
        return Ok(Grading::fail(
            "No tools configured in provider, but output contains tool calls",
        ));
    };
    let tools = subject.caller.templates.render_value(tools, subject.vars).await?;
    let tools = match tools {
        Value::String(reference) if reference.starts_with("file://") => {
            if crate::project::split_function(&reference).1.is_some() {
                return Err(Fault::Unsupported(format!(
                    "tools made by a script (`{reference}`)"
                )));
            }
            let path = subject
                .caller
                .project
                .resolve(&reference)
                .map_err(Fault::Invalid)?;
            subject.caller.project.parsed(&path).map_err(Fault::Invalid)?
        }
        other => other,
    };
    let functions: Vec<&Value> = tools
        .as_array()
        .into_iter()
        .flatten()
        .filter(|tool| tool.get("type").is_some_and(|kind| kind == "function"))
        .filter_map(|tool| tool.get("function"))
        .collect();
    for (name, arguments) in calls {
        let arguments = match document::json(&arguments) {
            Ok(arguments) => arguments,
            Err(error) => {
                return Ok(Grading::fail(format!(
                    "the arguments of \"{name}\" are not JSON: {error}"
                )));
            }
        };
        let parameters = functions
            .iter()
            .find(|function| function.get("name").is_some_and(|other| *other == name.as_str()))
            .and_then(|function| function.get("parameters"))
            .filter(|parameters| document::truthy(parameters));
        let Some(parameters) = parameters else {
            return Ok(Grading::fail(format!(
                "Called \"{name}\", but there is no function with that name"
            )));
        };
        // Everything that is wrong here is a failure of the assertion, a wrong schema too.
        let validator = match schema::compile(parameters) {
            Ok(validator) => validator,
            Err(error) => return Ok(Grading::fail(error.to_string())),
        };
        if let Err(error) = validator.validate(&arguments) {
            return Ok(Grading::fail(format!(
                "Call to \"{name}\" does not match schema: {error}"
            )));
        }
    }
    Ok(Grading::new(true, 1.0, "Assertion passed"))
}

/// F1 of the set of names that were called against the set that was expected (van Rijsbergen 1979, chapter 7).
pub(super) fn f1(check: &Check<'_>) -> Result<Grading, Fault> {
    let expected: BTreeSet<String> = match &check.value {
        Some(Value::Array(items)) if !items.is_empty() => items.iter().map(document::text).collect(),
        Some(Value::String(text)) => text
            .split(',')
            .map(|name| document::trim(name).to_owned())
            .collect(),
        _ => {
            return Err(Fault::invalid(
                "\"tool-call-f1\" assertion requires a value: array of tool names or comma-separated string",
            ));
        }
    };
    let mut called = BTreeSet::new();
    names(&check.output, &mut called);
    let shared = expected.intersection(&called).count() as f64;
    let share = |of: usize| if of > 0 { shared / of as f64 } else { 0.0 };
    let (precision, recall) = (share(called.len()), share(expected.len()));
    let f1 = if precision + recall > 0.0 {
        2.0 * precision * recall / (precision + recall)
    } else {
        0.0
    };
    let limit = check.assertion.threshold.unwrap_or(1.0);
    let pass = (f1 >= limit) != check.inverse;
    let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
    let reason = format!(
        "Tool Call F1: {f1:.3}. Expected: [{}], Called: [{}]",
        list(&expected),
        list(&called)
    );
    Ok(Grading::new(pass, f1, reason))
}

/// Names of called tools in the shapes of OpenAI, Anthropic and Google, also in JSON text and in lines of it.
fn names(output: &Value, found: &mut BTreeSet<String>) {
    let mut add = |name: Option<&Value>| {
        if let Some(name) = name.and_then(Value::as_str) {
            found.insert(name.to_owned());
        }
    };
    match output {
        Value::String(text) => {
            if let Ok(parsed) = document::json(text) {
                return names(&parsed, found);
            }
            for line in text
                .split('\n')
                .map(document::trim)
                .filter(|line| line.starts_with(['{', '[']))
            {
                if let Ok(parsed) = document::json(line) {
                    names(&parsed, found);
                }
            }
        }
        Value::Object(fields) => {
            if let Some(Value::Array(calls)) = fields.get("tool_calls") {
                for call in calls {
                    add(call.get("function").and_then(|function| function.get("name")));
                    add(call.get("name"));
                }
            } else if fields.get("type").is_some_and(|kind| kind == "tool_use")
                && fields.get("name").is_some_and(Value::is_string)
            {
                add(fields.get("name"));
            } else if let Some(call @ Value::Object(_)) = fields.get("functionCall") {
                add(call.get("name"));
            } else if let Some(Value::Array(calls)) =
                fields.get("toolCall").and_then(|call| call.get("functionCalls"))
            {
                calls.iter().for_each(|call| add(call.get("name")));
            }
        }
        Value::Array(items) => {
            for item in items {
                let inner = ["functionCall", "function"]
                    .iter()
                    .find_map(|key| item.get(*key).filter(|call| call.is_object()));
                let is_use = item.get("type").is_some_and(|kind| kind == "tool_use")
                    && item.get("name").is_some_and(Value::is_string);
                match inner {
                    Some(call) if !is_use => add(call.get("name")),
                    _ => add(item.get("name")),
                }
            }
        }
        _ => {}
    }
}
