//! Where tests are written: in the configuration, in files, in patterns of files.

use super::{
    Written,
    csv::{csv_rows, test_of_row},
};
use crate::{
    document,
    problem::{Problem, whole_file},
    project::{Place, Project, extension, is_javascript, read_text},
};
use serde_json::{Map, Value, json};
use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
};

/// One place that holds tests. Files of rows are read again and again, and never held.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Written in the configuration.
    Inline(Box<Written>),
    /// A row is a test.
    Csv(PathBuf),
    /// A line is a test. Whether what it refers to is loaded and whether rows are numbered differs with how the file is named.
    JsonLines { path: PathBuf, numbered: bool },
    /// JSON or YAML: one test or a list of them.
    Document(PathBuf),
    /// YAML named as the only source of tests without a pattern: its entries are read as rows of a table.
    Table(PathBuf),
}

/// Finds the sources that `tests:` names.
pub(crate) fn sources(tests: &Value, project: &Project, place: &str) -> Result<Vec<Source>, String> {
    match tests {
        Value::Null => Ok(Vec::new()),
        Value::String(reference) if reference.ends_with("yaml") || reference.ends_with("yml") => {
            pattern(reference, project)
        }
        Value::String(reference) => standalone(reference, project).map(|source| vec![source]),
        Value::Object(entry) => match entry.get("path").and_then(Value::as_str) {
            Some(path) => standalone(path, project).map(|source| vec![source]),
            None => Err("`tests` is a mapping without a `path`; expected a list of tests, or a file".into()),
        },
        Value::Array(entries) => {
            let mut all = Vec::new();
            for (at, entry) in entries.iter().enumerate() {
                match entry {
                    Value::String(reference) => all.extend(pattern(reference, project)?),
                    Value::Object(test) => match test.get("path").and_then(Value::as_str) {
                        Some(path) => all.push(standalone(path, project)?),
                        None => all.push(Source::Inline(Box::new(Written {
                            test: complete(test.clone(), project, project.folder())?,
                            place: format!("{place}[{at}]").into(),
                        }))),
                    },
                    other => return Err(format!("`{place}[{at}]` is `{other}`; expected a test or a file")),
                }
            }
            Ok(all)
        }
        other => Err(format!(
            "`{place}` is `{other}`; expected a list of tests, or a file"
        )),
    }
}

fn refused(reference: &str) -> Option<String> {
    let remote = ["huggingface://", "az://", "https://", "http://"];
    if remote.iter().any(|scheme| reference.starts_with(scheme)) {
        return Some(format!(
            "tests from `{reference}` are not supported; save them in a file"
        ));
    }
    let path = reference.rsplit_once(':').map_or(reference, |(path, _)| path);
    if is_javascript(path) || path.ends_with(".py") || is_javascript(reference) || reference.ends_with(".py")
    {
        return Some(format!(
            "tests made by a script (`{reference}`) are not supported; write them to a file"
        ));
    }
    let sheet = reference.split('#').next().unwrap_or(reference);
    [".xlsx", ".xls"]
        .iter()
        .any(|end| sheet.ends_with(end))
        .then(|| format!("tests from a spreadsheet (`{reference}`) are not supported; save it as CSV"))
}

fn standalone(reference: &str, project: &Project) -> Result<Source, String> {
    if let Some(why) = refused(reference) {
        return Err(why);
    }
    let path = exists(project.resolve(reference)?)?;
    match extension(&path) {
        "csv" => Ok(Source::Csv(path)),
        "jsonl" => Ok(Source::JsonLines { path, numbered: true }),
        "json" => Ok(Source::Document(path)),
        "yaml" | "yml" => Ok(Source::Table(path)),
        _ => Err(format!(
            "`{reference}` is no file of tests; expected .csv, .jsonl, .json or .yaml"
        )),
    }
}

fn pattern(reference: &str, project: &Project) -> Result<Vec<Source>, String> {
    if let Some(why) = refused(reference) {
        return Err(why);
    }
    let files = project.matching(reference)?;
    if files.is_empty() {
        return Err(format!("no file of tests is called `{reference}`"));
    }
    files
        .into_iter()
        .map(|path| match extension(&path) {
            "csv" => Ok(Source::Csv(path)),
            "jsonl" => Ok(Source::JsonLines {
                path,
                numbered: false,
            }),
            "json" | "yaml" | "yml" => Ok(Source::Document(path)),
            _ => Err(format!(
                "`{}` is no file of tests; expected .csv, .jsonl, .json or .yaml",
                project.relative(&path)
            )),
        })
        .collect()
}

fn exists(path: PathBuf) -> Result<PathBuf, String> {
    match path.metadata() {
        Ok(_) => Ok(path),
        Err(error) => Err(format!("`{}` cannot be read: {error}", path.display())),
    }
}

/// Keys of which a test must have one.
const SAYS_SOMETHING: [&str; 6] = [
    "assert",
    "vars",
    "options",
    "metadata",
    "provider",
    "providerOutput",
];

/// Variables in files, named by a path or a list of paths in place of the mapping, from the folder of the file that names them.
fn complete(
    mut test: Map<String, Value>,
    project: &Project,
    base: &Path,
) -> Result<Map<String, Value>, String> {
    let patterns: Vec<String> = match test.get("vars") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => {
            let says = SAYS_SOMETHING
                .iter()
                .any(|key| test.get(*key).is_some_and(document::truthy));
            if !says && !test.get("threshold").is_some_and(Value::is_number) {
                return Err(format!(
                    "a test must have one of {} or threshold; this one is `{}`",
                    SAYS_SOMETHING.join(", "),
                    Value::Object(test)
                ));
            }
            return Ok(test);
        }
    };
    let mut vars = Map::new();
    for pattern in patterns {
        // Here `file://` is no prefix but a folder that nobody has: promptfoo finds nothing, and so does this.
        if pattern.starts_with("file://") {
            continue;
        }
        for file in project.matching(&base.join(&pattern).to_string_lossy())? {
            let text = read_text(&file)?;
            let read =
                document::yaml(&file, &text, &mut Vec::new()).map_err(|problem| problem.to_string())?;
            if let Value::Object(more) = project.external(read.unwrap_or_default(), Place::Anywhere)? {
                vars.extend(more);
            }
        }
    }
    test.insert("vars".into(), Value::Object(vars));
    Ok(test)
}

type Tests = Box<dyn Iterator<Item = Result<Written, Problem>> + Send>;

impl Source {
    /// The tests of this source, streamed where it is a file of rows.
    pub(crate) fn tests(&self, project: &Project) -> Tests {
        match self {
            Self::Inline(written) => Box::new(std::iter::once(Ok((**written).clone()))),
            Self::Csv(path) => match csv_rows(path) {
                Err(problem) => Box::new(std::iter::once(Err(problem))),
                Ok(rows) => {
                    let (path, project) = (path.clone(), project.clone());
                    Box::new(rows.enumerate().map(move |(at, row)| {
                        let (line, row) = row?;
                        let test = test_of_row(&row, at + 1);
                        finish(test, line, &path, &project)
                    }))
                }
            },
            Self::JsonLines { path, numbered } => json_lines(path, *numbered, project),
            Self::Document(path) | Self::Table(path) => {
                let rows = matches!(self, Self::Table(_));
                let number = rows || extension(path) == "json";
                match document_tests(path, project) {
                    Err(message) => Box::new(std::iter::once(Err(whole_file(path, message)))),
                    Ok(items) => {
                        let (path, project) = (path.clone(), project.clone());
                        Box::new(items.into_iter().enumerate().map(move |(at, item)| {
                            let test = match item {
                                Value::Object(row) if rows => test_of_row(&row, at + 1),
                                item => Ok(described(item, number.then_some(at + 1))),
                            };
                            let written = finish(test, 0, &path, &project)?;
                            let place = format!("{}[{at}]", project.relative(&path)).into();
                            Ok(Written { place, ..written })
                        }))
                    }
                }
            }
        }
    }
}

fn finish(
    test: Result<Value, String>,
    line: u64,
    path: &Path,
    project: &Project,
) -> Result<Written, Problem> {
    let at = |message: String| Problem {
        line,
        ..whole_file(path, message)
    };
    match test.map_err(at)? {
        Value::Object(test) => Ok(Written {
            test: complete(test, project, path.parent().unwrap_or(path)).map_err(at)?,
            place: format!("{}:{line}", project.relative(path)).into(),
        }),
        other => Err(at(format!("a test is a mapping, not `{other}`"))),
    }
}

fn described(item: Value, number: Option<usize>) -> Value {
    let Value::Object(mut test) = item else {
        return item;
    };
    if let Some(number) = number
        && !test.get("description").is_some_and(document::truthy)
    {
        test.insert("description".into(), json!(format!("Row #{number}")));
    }
    Value::Object(test)
}

fn json_lines(path: &Path, numbered: bool, project: &Project) -> Tests {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => {
            return Box::new(std::iter::once(Err(whole_file(
                path,
                format!("cannot be read: {error}"),
            ))));
        }
    };
    let (path, project) = (path.to_path_buf(), project.clone());
    let mut count = 0;
    Box::new(
        BufReader::new(file)
            .lines()
            .enumerate()
            .filter_map(move |(at, line)| {
                let number = at as u64 + 1;
                let read = match line {
                    Ok(line) if document::trim(&line).is_empty() => return None,
                    Ok(line) => {
                        document::json(&line).map_err(|error| format!("this line is not JSON: {error}"))
                    }
                    Err(error) => Err(error.to_string()),
                };
                count += 1;
                let test = read.and_then(|test| {
                    if numbered {
                        return Ok(described(test, Some(count)));
                    }
                    project.external(test, Place::Anywhere)
                });
                Some(finish(test, number, &path, &project))
            }),
    )
}

fn document_tests(path: &Path, project: &Project) -> Result<Vec<Value>, String> {
    let parsed = project.parsed(path)?;
    let loaded = project.external(parsed, Place::Anywhere)?;
    let loaded = crate::configuration::dereference(loaded, path, project)?;
    Ok(match loaded {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        one => vec![one],
    })
}

impl Source {
    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Inline(_) => None,
            Self::Csv(path) | Self::Document(path) | Self::Table(path) | Self::JsonLines { path, .. } => {
                Some(path)
            }
        }
    }
}
