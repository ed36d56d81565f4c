//! Before an assertion decides: its transform, and its value, rendered, loaded or made by a script.

use super::{Check, Grading, Subject, javascript};
use crate::{
    document,
    problem::Fault,
    project::{extension, is_javascript},
    test::Assertion,
    transform,
};
use harness::script::{Limits, Program, run};
use serde_json::{Value, json};
use std::path::Path;

/// Transforms the output and finds the value. A Python file that fails is a failed assertion, not an error.
pub(super) async fn prepare<'a>(
    subject: &'a Subject<'a>,
    assertion: &'a Assertion,
) -> Result<Result<Check<'a>, Grading>, Fault> {
    let caller = subject.caller;
    let mut output = subject.response.output.clone();
    if let Some(code) = &assertion.transform {
        let mut context = json!({ "vars": subject.vars, "prompt": { "label": subject.prompt } });
        if let Some(metadata) = &subject.response.metadata {
            context["metadata"] = metadata.clone();
        }
        output = transform::output(code, &output, context, &caller).await?;
    }
    let mut context = json!({
        "prompt": subject.prompt,
        "vars": subject.vars,
        "test": subject.test,
        "provider": { "id": subject.provider.id, "label": subject.provider.label, "config": subject.provider.config },
        "providerResponse": subject.response.to_mapping(),
    });
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            context[key] = value;
        }
    };
    put(
        "logProbs",
        subject
            .response
            .log_probabilities
            .as_ref()
            .map(|list| json!(list)),
    );
    put(
        "config",
        assertion
            .written
            .get("config")
            .filter(|config| document::truthy(config))
            .cloned(),
    );
    put("metadata", subject.response.metadata.clone());
    let mut value = assertion.value.clone();
    let mut from_script = None;
    match &assertion.value {
        Some(Value::String(reference)) if reference.starts_with("file://") => {
            // The path ends at the first colon: so promptfoo reads an assertion's reference.
            let written = &reference["file://".len()..];
            let (path, function) = written
                .split_once(':')
                .map_or((written, None), |(path, name)| (path, Some(name)));
            if is_javascript(path) {
                let program = Program::Export(caller.project.export(written).map_err(Fault::Invalid)?);
                let arguments = vec![output.clone(), context.clone()];
                let returned = run(program, arguments, Limits::JAVASCRIPT).await?;
                from_script = javascript::of_returned(returned);
            } else if path.ends_with(".py") {
                let file = caller.project.resolve(path).map_err(Fault::Invalid)?;
                let arguments = [output.clone(), context.clone()];
                match caller
                    .python(&file, function.unwrap_or("get_assert"), &arguments)
                    .await
                {
                    Ok(returned) => {
                        from_script = Some(returned)
                            .filter(|value| !value.is_null())
                            .or(Some(Value::Null))
                    }
                    Err(Fault::Script(harness::script::ScriptError::Threw(message))) => {
                        return Ok(Err(Grading::new(false, 0.0, message)));
                    }
                    Err(other) => return Err(other),
                }
            } else if path.ends_with(".rb") {
                return Err(Fault::Unsupported("an assertion in Ruby".into()));
            } else {
                value = Some(file_value(subject, written)?);
            }
        }
        Some(Value::String(text)) if text.starts_with("package:") => {
            return Err(Fault::Unsupported(format!(
                "an assertion in an npm package (`{text}`)"
            )));
        }
        Some(Value::String(text)) => value = Some(json!(caller.templates.render(text, subject.vars).await?)),
        Some(Value::Array(items)) => {
            let mut rendered = Vec::new();
            for item in items {
                rendered.push(match item {
                    Value::String(text) if text.starts_with("file://") => {
                        file_value(subject, &text["file://".len()..])?
                    }
                    Value::String(text) => json!(caller.templates.render(text, subject.vars).await?),
                    other => other.clone(),
                });
            }
            value = Some(Value::Array(rendered));
        }
        _ => {}
    }
    if let Some(scripted) = &from_script
        && !matches!(assertion.base(), "javascript" | "python" | "ruby")
    {
        let what = match scripted {
            Value::Bool(_) => Some("a boolean"),
            Value::Object(fields) if fields.contains_key("pass") => Some("a GradingResult"),
            _ => None,
        };
        if let Some(what) = what {
            return Err(Fault::invalid(format!(
                "the script of a `{}` assertion returned {what}; only javascript and python may",
                assertion.kind
            )));
        }
        value = Some(scripted.clone());
    }
    let text = document::coerce(&output);
    Ok(Ok(Check {
        subject,
        assertion,
        inverse: assertion.inverse(),
        output,
        text,
        value,
        from_script,
        context,
    }))
}

fn file_value(subject: &Subject<'_>, path: &str) -> Result<Value, Fault> {
    let project = subject.caller.project;
    let file = project.resolve(path).map_err(Fault::Invalid)?;
    match extension(Path::new(path)) {
        "json" | "yaml" | "yml" => {
            let text = project.text(path).map_err(Fault::Invalid)?;
            document::yaml(&file, &text, &mut Vec::new())
                .map(Option::unwrap_or_default)
                .map_err(|problem| Fault::Invalid(problem.to_string()))
        }
        "txt" => Ok(json!(document::trim(
            &project.text(path).map_err(Fault::Invalid)?
        ))),
        _ => Err(Fault::invalid(format!("Unsupported file type: {path}"))),
    }
}
