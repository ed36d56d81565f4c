//! Prompts, in every form in which they are written.

use crate::{
    document,
    project::{Place, Project, extension, has_magic, is_javascript, read_text, split_function},
    provider::command_words,
    test::names_one_of,
};
use harness::script::Export;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// A prompt.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The template.
    pub raw: String,
    /// Name for people; tests and providers refer to it.
    pub label: String,
    /// Id, where one is written.
    pub id: Option<String>,
    /// Configuration that goes to the provider with the prompt.
    pub config: Option<Value>,
    /// What makes the prompt, in place of the template.
    pub function: Option<PromptFunction>,
}

/// A prompt that a script makes for each test.
#[derive(Clone, Debug)]
pub enum PromptFunction {
    /// A JavaScript function.
    JavaScript(Export),
    /// A Python file and its function; without one the file is run and prints the prompt.
    Python {
        /// The file.
        path: PathBuf,
        /// The function.
        function: Option<String>,
    },
    /// A program with its arguments, to which the context is added as JSON.
    Command(Vec<String>),
}

/// File name extensions that make a text a path.
const EXTENSIONS: [&str; 14] = [
    ".cjs", ".cts", ".j2", ".js", ".json", ".jsonl", ".md", ".mjs", ".mts", ".py", ".ts", ".txt", ".yml",
    ".yaml",
];

#[derive(Clone)]
struct Written {
    raw: String,
    label: Option<String>,
    id: Option<String>,
    config: Option<Value>,
}

/// Reads what `prompts:` says. Without it there is one prompt, `{{prompt}}`.
pub(crate) fn prompts(written: Option<&Value>, project: &Project) -> Result<Vec<Prompt>, String> {
    let mut all = Vec::new();
    for written in listed(written)? {
        let found = read(&written, project, true)?;
        if found.is_empty() {
            return Err(format!(
                "there is no prompt in `{}`; a text that holds `/` or ends like a file is taken for a file: add a line end to keep it a text",
                written.raw
            ));
        }
        all.extend(found);
    }
    if all.is_empty() {
        return Err("there is no prompt".into());
    }
    Ok(all)
}

fn listed(written: Option<&Value>) -> Result<Vec<Written>, String> {
    let plain = |raw: &str| Written {
        raw: raw.to_owned(),
        label: None,
        id: None,
        config: None,
    };
    match written {
        None | Some(Value::Null) => Ok(vec![plain("{{prompt}}")]),
        Some(Value::String(raw)) => Ok(vec![plain(raw)]),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| match item {
                Value::String(raw) => Ok(plain(raw)),
                Value::Object(fields) => of_object(fields),
                other => Err(format!("a prompt is a text or a mapping, not `{other}`")),
            })
            .collect(),
        Some(Value::Object(entries)) => Ok(entries
            .iter()
            .map(|(raw, label)| Written {
                label: label.as_str().map(str::to_owned),
                ..plain(raw)
            })
            .collect()),
        Some(other) => Err(format!("`prompts` is `{other}`; expected a list")),
    }
}

fn of_object(fields: &Map<String, Value>) -> Result<Written, String> {
    let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
    let raw = text("raw").or_else(|| text("id")).ok_or_else(|| {
        format!(
            "a prompt has neither `raw` nor `id`: `{}`",
            Value::Object(fields.clone())
        )
    })?;
    Ok(Written {
        raw,
        label: text("label"),
        id: text("id"),
        config: fields.get("config").cloned(),
    })
}

fn read(written: &Written, project: &Project, patterns: bool) -> Result<Vec<Prompt>, String> {
    let raw = written.raw.as_str();
    for remote in ["portkey://", "langfuse://", "helicone://"] {
        if raw.starts_with(remote) {
            return Err(format!(
                "prompts from `{remote}` are not supported; write the prompt into a file"
            ));
        }
    }
    if let Some(command) = raw.strip_prefix("exec:") {
        let words = command_words(command, project)?;
        return Ok(vec![made(
            written,
            raw.into(),
            raw.into(),
            Some(PromptFunction::Command(words)),
        )]);
    }
    if !looks_like_a_path(raw) {
        let label = written.label.clone().unwrap_or_else(|| raw.to_owned());
        return Ok(vec![Prompt {
            id: written.id.clone(),
            ..made(written, raw.to_owned(), label, None)
        }]);
    }
    let (reference, function) = split_function(raw);
    let path = project.resolve(reference)?;
    if patterns && (path.is_dir() || has_magic(reference)) {
        let files = if path.is_dir() {
            Vec::new()
        } else {
            project.matching(reference)?
        };
        let mut all = Vec::new();
        for file in files {
            let found = Written {
                raw: project.relative(&file),
                label: None,
                id: None,
                config: None,
            };
            all.extend(read(&found, project, false)?);
        }
        if all.is_empty() {
            all.push(made(
                written,
                raw.to_owned(),
                written.label.clone().unwrap_or_else(|| raw.to_owned()),
                None,
            ));
        }
        return Ok(all);
    }
    of_file(written, &path, function, project)
}

fn of_file(
    written: &Written,
    path: &Path,
    function: Option<&str>,
    project: &Project,
) -> Result<Vec<Prompt>, String> {
    let name = path.display().to_string();
    let label = |own: String| written.label.clone().unwrap_or(own);
    let one = |raw: String, label: String| vec![made(written, raw, label, None)];
    let kind = extension(path);
    Ok(match kind {
        "txt" => {
            let text = read_text(path)?.replace("\r\n", "\n");
            text.split('\n')
                .collect::<Vec<_>>()
                .split(|line| document::trim(line) == "---")
                .map(|lines| document::trim(&lines.join("\n")).to_owned())
                .filter(|raw| !raw.is_empty())
                .map(|raw| {
                    let own = format!("{name}: {raw}");
                    let label = written
                        .label
                        .as_ref()
                        .map_or(own.clone(), |label| format!("{label}: {own}"));
                    made(written, raw, label, None)
                })
                .collect()
        }
        "json" | "yaml" | "yml" => {
            let text = read_text(path)?;
            let parsed = if kind == "json" {
                document::json(&text).ok()
            } else {
                document::yaml(path, &text, &mut Vec::new()).ok().flatten()
            };
            let loaded = parsed
                .map(|value| project.external(value, Place::Anywhere))
                .transpose()?;
            let raw = loaded.map_or(text, |value| value.to_string());
            let own = if kind == "json" {
                format!("{name}: {raw}")
            } else {
                format!("{name}: {}", beginning(&raw, 80))
            };
            one(raw, label(own))
        }
        "jsonl" => {
            let text = read_text(path)?;
            let lines: Vec<&str> = text
                .split('\n')
                .map(|line| line.strip_suffix('\r').unwrap_or(line))
                .filter(|line| !line.is_empty())
                .collect();
            let several = lines.len() > 1;
            lines
                .into_iter()
                .map(|line| {
                    let base = label(name.clone());
                    let label = if several { format!("{base}: {line}") } else { base };
                    made(written, line.to_owned(), label, None)
                })
                .collect()
        }
        "csv" => of_csv(written, path)?,
        "md" | "j2" => {
            let raw = read_text(path)?;
            let own = format!("{name}: {}...", beginning(&raw, 50));
            one(raw, label(own))
        }
        "py" => {
            let raw = read_text(path)?;
            let own = function.map_or_else(
                || format!("{name}: {raw}"),
                |function| format!("{name}:{function}"),
            );
            let function = PromptFunction::Python {
                path: path.to_path_buf(),
                function: function.map(str::to_owned),
            };
            vec![made(written, raw, label(own), Some(function))]
        }
        _ if is_javascript(&name) => {
            let export = project.export(&written.raw)?;
            let own = function.map_or_else(|| name.clone(), |function| format!("{name}:{function}"));
            vec![made(
                written,
                export.source.clone(),
                label(own),
                Some(PromptFunction::JavaScript(export)),
            )]
        }
        "sh" | "bash" | "rb" | "pl" => {
            let raw = read_text(path)?;
            let function = PromptFunction::Command(vec![name.clone()]);
            vec![made(written, raw, label(name), Some(function))]
        }
        _ => Vec::new(),
    })
}

fn made(written: &Written, raw: String, label: String, function: Option<PromptFunction>) -> Prompt {
    Prompt {
        raw,
        label,
        id: None,
        config: written.config.clone(),
        function,
    }
}

fn of_csv(written: &Written, path: &Path) -> Result<Vec<Prompt>, String> {
    let text = read_text(path)?;
    let numbered = |at: usize, raw: &str| {
        let label = written
            .label
            .clone()
            .unwrap_or_else(|| format!("Prompt {} - {raw}", at + 1));
        made(written, raw.to_owned(), label, None)
    };
    if !text.contains(',') {
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !document::trim(line).is_empty())
            .collect();
        let header = lines
            .first()
            .is_some_and(|line| document::trim(line).eq_ignore_ascii_case("prompt"));
        return Ok(lines
            .into_iter()
            .skip(usize::from(header))
            .enumerate()
            .map(|(at, line)| numbered(at, line))
            .collect());
    }
    let rows = crate::test::csv_rows(path).map_err(|problem| problem.to_string())?;
    let mut all = Vec::new();
    for row in rows {
        let (_, row) = row.map_err(|problem| problem.to_string())?;
        let cell = |name: &str| {
            row.get(name)
                .and_then(Value::as_str)
                .map(document::trim)
                .filter(|cell| !cell.is_empty())
        };
        if let Some(raw) = cell("prompt") {
            let mut prompt = numbered(all.len(), raw);
            if let Some(label) = cell("label") {
                prompt.label = label.to_owned();
            }
            all.push(prompt);
        }
    }
    Ok(all)
}

fn beginning(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

/// Whether promptfoo takes a text for a path rather than for a prompt.
fn looks_like_a_path(text: &str) -> bool {
    if text.contains('\n') {
        return false;
    }
    let mut parts = text.rsplit(':');
    let (last, before) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let units: Vec<u16> = text.encode_utf16().collect();
    let dot_at = |from_end: usize| {
        units
            .len()
            .checked_sub(from_end)
            .and_then(|at| units.get(at))
            .is_some_and(|unit| *unit == u16::from(b'.'))
    };
    text.starts_with("file://")
        || EXTENSIONS
            .iter()
            .any(|end| last.ends_with(end) || before.ends_with(end))
        || dot_at(3)
        || dot_at(4)
        || text.contains(['*', '/', '\\'])
}

/// Whether a reference in `prompts:` of a test or a provider means this prompt.
pub(crate) fn is_meant(prompt: &Prompt, references: Option<&[String]>) -> bool {
    names_one_of(references, [Some(prompt.label.as_str()), prompt.id.as_deref()])
}
