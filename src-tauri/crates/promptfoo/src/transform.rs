//! Transforms: JavaScript that makes something else of an output or of the variables, inline or in a file.

use crate::{
    document,
    problem::Fault,
    project::{Project, split_function},
    provider::Caller,
};
use harness::script::{Limits, Program, javascript::run_here, run};
use serde_json::{Map, Value, json};

/// Applies a transform to an output. The context is what promptfoo gives: vars, prompt, metadata.
pub(crate) async fn output(
    code: &str,
    output: &Value,
    context: Value,
    caller: &Caller<'_>,
) -> Result<Value, Fault> {
    let (path, function) = split_function(code);
    let value = if code.starts_with("file://") && path.ends_with(".py") {
        let file = caller.project.resolve(path).map_err(Fault::Invalid)?;
        let arguments = [output.clone(), context];
        let function = function.unwrap_or("get_transform");
        caller.python(&file, function, &arguments).await?
    } else {
        let program = program(code, "output,context", caller.project)?;
        run(program, vec![output.clone(), context], Limits::JAVASCRIPT)
            .await?
            .value
    };
    if value.is_null() {
        return Err(Fault::invalid("the transform did not return a value"));
    }
    let mut value = value;
    document::normalize(&mut value);
    Ok(value)
}

/// Applies `transformVars`, on this thread: cases are made before they run.
pub(crate) fn vars(
    code: &Value,
    vars: &Map<String, Value>,
    project: &Project,
) -> Result<Map<String, Value>, Fault> {
    let Some(code) = code.as_str() else {
        return Err(Fault::invalid("`transformVars` is not a text"));
    };
    if code.starts_with("file://") && split_function(code).0.ends_with(".py") {
        return Err(Fault::Unsupported(
            "`transformVars` in Python; write it in JavaScript".into(),
        ));
    }
    let program = program(code, "vars,context", project)?;
    let returned = run_here(
        &program,
        &[json!(vars), json!({"prompt": {}})],
        Limits::JAVASCRIPT,
    )?;
    match returned.value {
        Value::Object(more) => Ok(more),
        _ => Err(Fault::invalid("`transformVars` did not return an object")),
    }
}

fn program(code: &str, parameters: &'static str, project: &Project) -> Result<Program, Fault> {
    if code.starts_with("file://") {
        let export = project.export(code).map_err(Fault::Invalid)?;
        return Ok(Program::Export(export));
    }
    // One line is an expression, several are a body: so it is in promptfoo.
    let body = if code.contains('\n') {
        code.to_owned()
    } else {
        format!("return {code}")
    };
    Ok(Program::body(parameters, body))
}
