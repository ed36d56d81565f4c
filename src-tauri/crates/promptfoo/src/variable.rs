//! Variables that stand in files or are made by scripts, and prompts that scripts make.

use crate::{
    configuration::TargetSpec,
    document,
    problem::Fault,
    project::{extension, is_javascript},
    prompt::PromptFunction,
    provider::{self, Caller},
    template::Vars,
};
use harness::script::{Limits, Program, run};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Puts the content of `file://` variables in their place.
pub(crate) async fn load_files(caller: &Caller<'_>, vars: &mut Vars, prompt: &str) -> Result<(), Fault> {
    let names: Vec<String> = vars
        .iter()
        .filter(|(_, value)| {
            value
                .as_str()
                .is_some_and(|text| text.starts_with("file://") || text.starts_with("package:"))
        })
        .map(|(name, _)| name.clone())
        .collect();
    for name in names {
        let reference = vars.get(&name).map(document::text).unwrap_or_default();
        if reference.starts_with("package:") {
            return Err(Fault::Unsupported(format!(
                "a variable from an npm package (`{reference}`)"
            )));
        }
        let value = load(caller, &name, &reference, prompt, vars).await?;
        vars.insert(name, value);
    }
    Ok(())
}

async fn load(
    caller: &Caller<'_>,
    name: &str,
    reference: &str,
    prompt: &str,
    vars: &Vars,
) -> Result<Value, Fault> {
    let project = caller.project;
    let path = project.resolve(reference).map_err(Fault::Invalid)?;
    let output = |returned: Value| {
        let said = |key: &str| returned.get(key).filter(|value| document::truthy(value));
        match (said("error"), said("output")) {
            (Some(error), _) => Err(Fault::invalid(format!(
                "`{reference}` says: {}",
                document::text(error)
            ))),
            (None, Some(output)) => Ok(output.clone()),
            (None, None) => Err(Fault::invalid(format!(
                "`{reference}` must return an `output`, not `{returned}`"
            ))),
        }
    };
    let written = reference.strip_prefix("file://").unwrap_or(reference);
    if is_javascript(written) {
        let program = Program::Export(project.export(reference).map_err(Fault::Invalid)?);
        let arguments = vec![json!(name), json!(prompt), json!(vars)];
        return output(run(program, arguments, Limits::JAVASCRIPT).await?.value);
    }
    match extension(&path) {
        "py" => {
            let arguments = [json!(name), json!(prompt), json!(vars)];
            let value = output(caller.python(&path, "get_var", &arguments).await?)?;
            value
                .as_str()
                .map(|text| json!(document::trim(text)))
                .ok_or_else(|| Fault::invalid(format!("`{reference}` must return a text as `output`")))
        }
        "yaml" | "yml" => {
            let parsed = project.parsed(&path).map_err(Fault::Invalid)?;
            Ok(json!(parsed.to_string()))
        }
        "pdf" => Err(Fault::Unsupported("text of a PDF file".into())),
        _ if is_media(&path) => Err(Fault::Unsupported(format!(
            "the picture, sound or film `{written}` as a variable"
        ))),
        _ => Ok(json!(document::trim(
            &project.text(reference).map_err(Fault::Invalid)?
        ))),
    }
}

fn is_media(path: &Path) -> bool {
    const MEDIA: [&str; 27] = [
        "jpg", "jpeg", "png", "gif", "bmp", "webp", "svg", "tif", "tiff", "ico", "avif", "heic", "heif",
        "mp4", "webm", "ogg", "mov", "avi", "wmv", "mkv", "m4v", "wav", "mp3", "m4a", "aac", "flac", "opus",
    ];
    MEDIA.contains(&extension(path).to_lowercase().as_str())
}

/// Runs the script that makes a prompt.
async fn run_prompt_function(
    caller: &Caller<'_>,
    function: &PromptFunction,
    context: Value,
) -> Result<Value, Fault> {
    match function {
        PromptFunction::JavaScript(export) => {
            let program = Program::Export(export.clone());
            Ok(run(program, vec![context], Limits::JAVASCRIPT).await?.value)
        }
        PromptFunction::Python {
            path,
            function: Some(function),
        } => caller.python(path, function, &[context]).await,
        PromptFunction::Python { path, function: None } => {
            let python = caller
                .variables
                .get("PROMPTFOO_PYTHON")
                .map_or("python3", String::as_str);
            let words = [python.to_owned(), path.to_string_lossy().into_owned()];
            printed(caller, &words, &context).await
        }
        PromptFunction::Command(words) => printed(caller, words, &context).await,
    }
}

async fn printed(caller: &Caller<'_>, words: &[String], context: &Value) -> Result<Value, Fault> {
    let arguments = [context.to_string()];
    let printed = provider::run_command(words, &arguments, caller.project.folder(), caller.variables).await?;
    Ok(json!(printed))
}

/// The prompt that a function makes.
pub(crate) async fn made_prompt(
    caller: &Caller<'_>,
    function: &PromptFunction,
    target: &TargetSpec,
    vars: &Vars,
    config: &mut Map<String, Value>,
) -> Result<String, Fault> {
    let context = json!({
        "vars": vars,
        "provider": { "id": target.provider.id, "label": target.provider.label },
        "config": config,
    });
    let made = run_prompt_function(caller, function, context).await?;
    Ok(match made {
        Value::String(text) => text,
        Value::Object(fields) if fields.contains_key("prompt") => {
            if let Some(Value::Object(more)) = fields.get("config") {
                config.extend(more.clone());
            }
            document::coerce(&fields["prompt"])
        }
        other @ (Value::Object(_) | Value::Array(_)) => other.to_string(),
        other => {
            return Err(Fault::invalid(format!(
                "a prompt function must return a text or an object, not `{other}`"
            )));
        }
    })
}
