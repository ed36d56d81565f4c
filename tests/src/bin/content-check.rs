//! `content-check DIR`: holds every file of `content/` against its JSON Schema and against the other files.
//!
//! Every mistake gets one line, `file:line: /path/in/the/file: what is wrong`, on standard error; the exit code is 1 when
//! there was one. `cargo xtask tidy` runs it.

use journey::Content;
use serde_json::Value;
use serde_saphyr::granit_parser::{Event, Parser};
use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Files with a schema of their own: `content/NAME.yaml` and `content/schemas/NAME.schema.json`.
const WITH_SCHEMA: [&str; 3] = ["roadmap", "competencies", "role-families"];

fn main() -> ExitCode {
    let folder = env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("content"), PathBuf::from);
    let mistakes = check(&folder);
    let mut out = io::stderr().lock();
    for mistake in &mistakes {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(out, "{mistake}");
    }
    if mistakes.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Every mistake below this folder.
fn check(folder: &Path) -> Vec<String> {
    let mut mistakes = Vec::new();
    for name in WITH_SCHEMA {
        let file = folder.join(format!("{name}.yaml"));
        let schema = folder.join("schemas").join(format!("{name}.schema.json"));
        if let Err(problem) = check_schema(&file, &schema, &mut mistakes) {
            mistakes.push(problem);
        }
    }
    for name in ["list", "practice"] {
        let prices = folder.join("prices");
        let (file, schema) = (
            prices.join(format!("{name}.json")),
            prices.join("prices.schema.json"),
        );
        if let Err(problem) = check_schema(&file, &schema, &mut mistakes) {
            mistakes.push(problem);
        }
    }
    if mistakes.is_empty() {
        mistakes.extend(check_together(folder).err());
    }
    if let Err(problem) = check_known(folder, &mut mistakes) {
        mistakes.push(problem);
    }
    if let Err(problem) = check_starters(&folder.join("starters"), &mut mistakes) {
        mistakes.push(problem);
    }
    mistakes
}

fn check_schema(file: &Path, schema: &Path, mistakes: &mut Vec<String>) -> Result<(), String> {
    let text = read(file)?;
    let value: Value =
        serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let schema_value: Value = serde_json::from_str(&read(schema)?)
        .map_err(|error| format!("{}:{}: {error}", schema.display(), error.line()))?;
    let validator = jsonschema::draft202012::new(&schema_value)
        .map_err(|error| format!("{}: is not a schema: {error}", schema.display()))?;
    for error in validator.iter_errors(&value) {
        let path = error.instance_path().to_string();
        let line = line_of(&text, &path)
            .map(|line| format!(":{line}"))
            .unwrap_or_default();
        let place = if path.is_empty() {
            "the file"
        } else {
            path.as_str()
        };
        mistakes.push(format!("{}{line}: {place}: {error}", file.display()));
    }
    Ok(())
}

/// What a schema cannot say: twelve weeks in order, seven competencies, targets for each, known metrics.
fn check_together(folder: &Path) -> Result<(), String> {
    let [roadmap, competencies, roles] = WITH_SCHEMA.map(|name| read(&folder.join(format!("{name}.yaml"))));
    match Content::parse(&roadmap?, &competencies?, &roles?) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!(
            "{}: {}",
            folder.join(error.file).display(),
            error.problem
        )),
    }
}

/// A file that no schema covers would be read by nothing and checked by nobody.
fn check_known(folder: &Path, mistakes: &mut Vec<String>) -> Result<(), String> {
    for path in entries(folder)? {
        let is_yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        let known = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .is_some_and(|stem| WITH_SCHEMA.contains(&stem));
        if is_yaml && !known {
            mistakes.push(format!(
                "{}: has no schema in {}/schemas",
                path.display(),
                folder.display()
            ));
        }
    }
    Ok(())
}

fn check_starters(folder: &Path, mistakes: &mut Vec<String>) -> Result<(), String> {
    let starters: Vec<PathBuf> = entries(folder)?
        .into_iter()
        .filter(|path| path.is_dir())
        .collect();
    if starters.is_empty() {
        mistakes.push(format!("{}: there is no starter", folder.display()));
    }
    for starter in starters {
        let suite = starter.join("suite.yaml");
        if !suite.is_file() {
            mistakes.push(format!("{}: the starter has no suite.yaml", suite.display()));
            continue;
        }
        if let Err(error) = serde_saphyr::from_str::<Value>(&read(&suite)?) {
            mistakes.push(format!("{}: {error}", suite.display()));
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let problem = |error: io::Error| format!("{}: {error}", folder.display());
    let mut paths = fs::read_dir(folder)
        .map_err(problem)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(problem)?;
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The line on which the value at a JSON pointer begins.
fn line_of(text: &str, pointer: &str) -> Option<usize> {
    // Each open collection: its pointer, and the key or index that comes next.
    let mut open: Vec<(String, Position)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let (is_start, is_mapping) = match &event {
            Event::MappingStart(..) => (true, true),
            Event::SequenceStart(..) => (true, false),
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                continue;
            }
            Event::Scalar(..) | Event::Alias(..) => (false, false),
            _ => continue,
        };
        let here = match open.last_mut() {
            None => String::new(),
            Some((parent, position @ Position::Key)) => {
                let Event::Scalar(key, ..) = &event else {
                    return None;
                };
                let path = format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"));
                *position = Position::Value(path);
                continue;
            }
            Some((_, position @ Position::Value(_))) => {
                let Position::Value(path) = std::mem::replace(position, Position::Key) else {
                    return None;
                };
                path
            }
            Some((parent, Position::Index(index))) => {
                *index += 1;
                format!("{parent}/{}", *index - 1)
            }
        };
        if here == pointer {
            return Some(span.start.line());
        }
        if is_start {
            open.push((
                here,
                if is_mapping {
                    Position::Key
                } else {
                    Position::Index(0)
                },
            ));
        }
    }
    None
}

/// What a collection expects next.
enum Position {
    Key,
    Value(String),
    Index(usize),
}
