//! The folder of a configuration and the files in it. Nothing outside the folder is read.

use crate::{
    document,
    problem::{Problem, whole_file},
};
use harness::script::Export;
use serde_json::{Map, Value};
use std::path::{Component, Path, PathBuf};

/// Longest file that is read whole, in bytes. Tests in CSV and JSONL are streamed and may be longer.
pub(crate) const LONGEST_FILE: u64 = 64 * 1024 * 1024;

/// The folder of a configuration.
#[derive(Clone, Debug)]
pub struct Project {
    folder: PathBuf,
}

impl Project {
    /// The folder of a configuration file that exists.
    pub(crate) fn of(configuration: &Path) -> Result<(Self, PathBuf), Problem> {
        let path = configuration
            .canonicalize()
            .map_err(|error| whole_file(configuration, format!("cannot be read: {error}")))?;
        let folder = path.parent().unwrap_or(Path::new("/")).to_path_buf();
        Ok((Self { folder }, path))
    }

    /// Where relative paths begin.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file named by a path with or without `file://`. A path that leaves the folder is refused, also by a link.
    pub fn resolve(&self, reference: &str) -> Result<PathBuf, String> {
        let written = reference.strip_prefix("file://").unwrap_or(reference);
        let path = tidy(&self.folder.join(written));
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if !path.starts_with(&self.folder) || !real.starts_with(&self.folder) {
            return Err(format!(
                "`{written}` leaves the folder of the configuration ({}); put the file inside it",
                self.folder.display()
            ));
        }
        Ok(path)
    }

    /// The text of a file in the folder.
    pub fn text(&self, reference: &str) -> Result<String, String> {
        read_text(&self.resolve(reference)?)
    }

    /// Files that match a pattern, sorted.
    pub fn matching(&self, pattern: &str) -> Result<Vec<PathBuf>, String> {
        let path = self.resolve(pattern)?;
        // The folder is no part of the pattern: `[` in its name is a letter like any other.
        let folder = glob::Pattern::escape(&self.folder.to_string_lossy());
        let pattern = Path::new(&folder).join(path.strip_prefix(&self.folder).unwrap_or(&path));
        let found = glob::glob(&pattern.to_string_lossy())
            .map_err(|error| format!("`{}` is no pattern of files: {error}", path.display()))?;
        let mut files = Vec::new();
        for file in found.flatten() {
            // A link inside the folder may point out of it.
            files.push(self.resolve(&file.to_string_lossy())?);
        }
        files.sort();
        Ok(files)
    }

    /// A JavaScript file and, after a colon, the name of what it exports.
    pub fn export(&self, reference: &str) -> Result<Export, String> {
        let (path, name) = split_function(reference);
        if is_typescript(path) {
            return Err(format!(
                "`{path}` is TypeScript, which does not run here; compile it to JavaScript"
            ));
        }
        Ok(Export {
            file: self.relative(&self.resolve(path)?),
            source: self.text(path)?,
            name: name.map(str::to_owned),
        })
    }

    /// A path as people know it: relative to the folder.
    pub fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned()
    }

    /// What a `file://` text stands for in a configuration: the parsed content of JSON, YAML and CSV, else the text.
    /// Other texts stay. Scripts with a function, and in these places scripts at all, stay references.
    pub(crate) fn external(&self, value: Value, place: Place) -> Result<Value, String> {
        match value {
            Value::String(text) if text.starts_with("file://") => self.external_file(text, place),
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.external(item, place))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            Value::Object(entries) => {
                let script = entries
                    .get("type")
                    .and_then(Value::as_str)
                    .is_some_and(|kind| matches!(kind, "python" | "javascript"));
                let mut loaded = Map::new();
                for (key, value) in entries {
                    let inner = match key.as_str() {
                        "value" if script => Place::Assertion,
                        "vars" => Place::Vars,
                        _ => place,
                    };
                    let value = self.external(value, inner)?;
                    loaded.insert(key, value);
                }
                Ok(Value::Object(loaded))
            }
            other => Ok(other),
        }
    }

    fn external_file(&self, reference: String, place: Place) -> Result<Value, String> {
        let (path, function) = split_function(&reference);
        let script = is_script(path);
        if place == Place::Vars || (script && (place == Place::Assertion || function.is_some())) {
            return Ok(Value::String(reference));
        }
        if has_magic(path) {
            let mut all = Vec::new();
            for file in self.matching(path)? {
                match self.parsed(&file)? {
                    Value::Array(items) => all.extend(items),
                    Value::Null => {}
                    other => all.push(other),
                }
            }
            return Ok(Value::Array(all));
        }
        self.parsed(&self.resolve(path)?)
    }

    /// A file's content, parsed where its name says what it is.
    pub(crate) fn parsed(&self, path: &Path) -> Result<Value, String> {
        let text = read_text(path)?;
        let name = self.relative(path);
        match extension(path) {
            "json" => document::json(&text).map_err(|error| format!("`{name}` is not JSON: {error}")),
            "yaml" | "yml" => document::yaml(path, &text, &mut Vec::new())
                .map(Option::unwrap_or_default)
                .map_err(|problem| problem.to_string()),
            "csv" => {
                let mut rows = crate::test::csv_rows(path).map_err(|problem| problem.to_string())?;
                rows.try_fold(Vec::new(), |mut all, row| {
                    let (_, row) = row?;
                    let only = (row.len() == 1).then(|| row.values().next().cloned()).flatten();
                    all.push(only.unwrap_or(Value::Object(row)));
                    Ok::<_, Problem>(all)
                })
                .map(Value::Array)
                .map_err(|problem| problem.to_string())
            }
            _ => Ok(Value::String(text)),
        }
    }
}

/// Where in a configuration a reference stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Anywhere,
    Assertion,
    Vars,
}

/// Reads a file of text, named in the error.
pub(crate) fn read_text(path: &Path) -> Result<String, String> {
    let unreadable = |why: String| format!("`{}` cannot be read: {why}", path.display());
    let size = std::fs::metadata(path)
        .map_err(|error| unreadable(error.to_string()))?
        .len();
    if size > LONGEST_FILE {
        return Err(unreadable(format!("{size} bytes is too long")));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text".into()))
}

/// The path without `.` and `..`, by its text alone.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                tidied.pop();
            }
            Component::CurDir => {}
            other => tidied.push(other),
        }
    }
    tidied
}

/// `path.js:name` into path and name. Only scripts have functions.
pub(crate) fn split_function(reference: &str) -> (&str, Option<&str>) {
    let path = reference.strip_prefix("file://").unwrap_or(reference);
    match path.rsplit_once(':') {
        Some((path, name)) if is_script(path) => (path, Some(name)),
        _ => (path, None),
    }
}

/// The extension of a file, in lower case as it is written.
pub(crate) fn extension(path: &Path) -> &str {
    path.extension().and_then(|text| text.to_str()).unwrap_or("")
}

/// Whether a file holds JavaScript or TypeScript.
pub(crate) fn is_javascript(path: &str) -> bool {
    matches!(extension(Path::new(path)), "js" | "cjs" | "mjs") || is_typescript(path)
}

fn is_typescript(path: &str) -> bool {
    matches!(extension(Path::new(path)), "ts" | "cts" | "mts")
}

fn is_script(path: &str) -> bool {
    is_javascript(path) || path.ends_with(".py")
}

/// Whether a path is a pattern: `*`, `?` or `[...]`.
pub(crate) fn has_magic(path: &str) -> bool {
    path.contains(['*', '?']) || path.find('[').is_some_and(|at| path[at..].contains(']'))
}
