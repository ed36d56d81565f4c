//! `cargo xtask bindings`: TypeScript types and the suite schema, written from the Rust types.

use crate::failure::{Failure, Outcome, failure};
use crate::{places, process};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Where the types lie that the user interface speaks to Rust with. The folder is wholly generated.
const TYPES: &str = "ui/src/lib/backend/types";
/// Where the schema lies that editors complete a suite from.
const SCHEMA: &str = "docs/suite.schema.json";

/// Writes both.
pub fn command(words: Vec<String>) -> Outcome<ExitCode> {
    crate::arguments::Arguments::new("bindings", words).finish()?;
    write()?;
    Ok(ExitCode::SUCCESS)
}

/// Regenerates both and says what changed.
pub fn write() -> Outcome {
    let generated = generate(|package, example| {
        process::cargo(["run", "-q", "-p", package, "--example", example, "--"])
    })?;
    let differences = compare(&generated, &committed()?);
    for difference in &differences {
        let path = places::root().join(difference.path());
        match difference {
            Difference::Gone(_) => std::fs::remove_file(&path).map_err(|error| not_written(&path, &error))?,
            Difference::New(name) | Difference::Changed(name) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder).map_err(|error| not_written(folder, &error))?;
                }
                std::fs::write(&path, &generated[name]).map_err(|error| not_written(&path, &error))?;
            }
        }
        println!("{difference}");
    }
    if differences.is_empty() {
        println!("Types and schema were up to date.");
    }
    Ok(())
}

/// What is stale, one line each, from executables that the workspace build has just made.
pub fn stale() -> Outcome<Vec<String>> {
    let examples = places::target()?.join("debug").join("examples");
    let generated = generate(|_, example| {
        Command::new(examples.join(format!("{example}{}", std::env::consts::EXE_SUFFIX)))
    })?;
    Ok(compare(&generated, &committed()?)
        .iter()
        .map(ToString::to_string)
        .collect())
}

/// Files by their path below the root.
type Files = BTreeMap<String, Vec<u8>>;

/// One file that is not as it is generated.
#[derive(Debug, PartialEq, Eq)]
enum Difference {
    New(String),
    Changed(String),
    Gone(String),
}

impl Difference {
    fn path(&self) -> &str {
        match self {
            Self::New(path) | Self::Changed(path) | Self::Gone(path) => path,
        }
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self {
            Self::New(_) => "new",
            Self::Changed(_) => "changed",
            Self::Gone(_) => "no longer generated",
        };
        write!(formatter, "{}: {word}", self.path())
    }
}

fn compare(generated: &Files, committed: &Files) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (path, content) in generated {
        match committed.get(path) {
            None => differences.push(Difference::New(path.clone())),
            Some(old) if !same_text(old, content) => differences.push(Difference::Changed(path.clone())),
            Some(_) => {}
        }
    }
    differences.extend(
        committed
            .keys()
            .filter(|path| !generated.contains_key(*path))
            .cloned()
            .map(Difference::Gone),
    );
    differences
}

/// Equal but for how git has checked the line ends out.
fn same_text(left: &[u8], right: &[u8]) -> bool {
    let lines = |text: &[u8]| {
        text.iter()
            .copied()
            .filter(|byte| *byte != b'\r')
            .collect::<Vec<u8>>()
    };
    left == right || lines(left) == lines(right)
}

/// What the generators give now; `start` makes the command for an example of a package.
fn generate(start: impl Fn(&str, &str) -> Command) -> Outcome<Files> {
    let folder = TemporaryFolder::new()?;
    let mut types = start("api", "bindings");
    types.arg(&folder.0);
    process::capture(types)?;
    let mut files = Files::new();
    collect(&folder.0, TYPES, &mut files)?;
    if files.is_empty() {
        return Err(failure(
            "the example `bindings` of package api wrote no file",
            "let it write one file per wire type into the folder it is given",
        ));
    }
    let schema = process::capture(start("harness", "suite_schema"))?;
    files.insert(SCHEMA.to_owned(), format!("{}\n", schema.trim_end()).into_bytes());
    Ok(files)
}

fn committed() -> Outcome<Files> {
    let mut files = Files::new();
    collect(&places::root().join(TYPES), TYPES, &mut files)?;
    if let Ok(schema) = std::fs::read(places::root().join(SCHEMA)) {
        files.insert(SCHEMA.to_owned(), schema);
    }
    Ok(files)
}

/// Reads every file below `folder`, named as if it lay below `name`.
fn collect(folder: &Path, name: &str, files: &mut Files) -> Outcome {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        let (path, name) = (
            entry.path(),
            format!("{name}/{}", entry.file_name().to_string_lossy()),
        );
        if path.is_dir() {
            collect(&path, &name, files)?;
        } else {
            let content = std::fs::read(&path).map_err(|error| {
                failure(
                    format!("{} could not be read ({error})", path.display()),
                    "see that it is yours to read",
                )
            })?;
            files.insert(name, content);
        }
    }
    Ok(())
}

fn not_written(path: &Path, error: &std::io::Error) -> Failure {
    failure(
        format!("{} could not be written ({error})", places::readable(path)),
        "see that it is yours to write to",
    )
}

/// A folder that goes with this value.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn new() -> Outcome<Self> {
        let path = std::env::temp_dir().join(format!("playbook-bindings-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| not_written(&path, &error))?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> Files {
        list.iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn names_new_changed_and_gone_files() {
        let generated = files(&[("a.ts", "1"), ("b.ts", "2"), ("c.ts", "3\n")]);
        let committed = files(&[("b.ts", "old"), ("c.ts", "3\r\n"), ("d.ts", "4")]);
        let said: Vec<String> = compare(&generated, &committed)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(said, ["a.ts: new", "b.ts: changed", "d.ts: no longer generated"]);
    }
}
