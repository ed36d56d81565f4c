//! All Rust tests but those in the real window.

use super::{Choice, Ended, none_is_a_failure, run_tests};
use crate::failure::{Outcome, failure};
use crate::tidy::WHOLE_WORKSPACE;
use crate::{places, process};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The test target that drives the real window.
const WINDOW_TESTS: &str = "e2e";

/// Runs them with nextest where it is installed, else with cargo alone.
pub fn run(choice: Choice) -> Ended {
    let targets = match test_targets() {
        Ok(targets) => targets,
        Err(failure) => return Err(failure).into(),
    };
    let with_nextest = process::succeeds("cargo", &["nextest", "--version"]);
    let command = if with_nextest {
        nextest(&targets, choice)
    } else {
        cargo_test(&targets, choice)
    };
    let tests = none_is_a_failure(run_tests(command, choice), "Rust test");
    if tests.failure.is_some() {
        return tests;
    }
    // Neither way above runs the examples in the documentation.
    let mut documentation = process::cargo(["test", "--doc"]);
    documentation.args(WHOLE_WORKSPACE);
    let documented = run_tests(documentation, choice);
    Ended {
        tests: tests.tests + documented.tests,
        failure: documented.failure,
    }
}

fn nextest(targets: &BTreeSet<String>, choice: Choice) -> Command {
    let mut command = process::cargo(["nextest", "run", "--no-fail-fast"]);
    command
        .args(["--status-level", "fail", "--final-status-level", "fail"])
        .args(WHOLE_WORKSPACE);
    // nextest refuses to leave out what is not there.
    if targets.contains(WINDOW_TESTS) {
        command.args(["-E", &format!("not binary({WINDOW_TESTS})")]);
    }
    if choice.full {
        command.args(["--run-ignored", "all"]);
    }
    command
}

fn cargo_test(targets: &BTreeSet<String>, choice: Choice) -> Command {
    let mut command = process::cargo(["test", "--no-fail-fast", "--lib", "--bins", "--examples"]);
    command.args(WHOLE_WORKSPACE);
    // cargo cannot leave one target out, so all others are named.
    for target in targets.iter().filter(|target| *target != WINDOW_TESTS) {
        command.args(["--test", target]);
    }
    if choice.full {
        command.args(["--", "--include-ignored"]);
    }
    command
}

/// The names of all test targets in the workspace.
fn test_targets() -> Outcome<BTreeSet<String>> {
    let root = places::root();
    let mut packages = vec![
        root.join("src-tauri"),
        root.join("src-tauri/xtask"),
        root.join("tests"),
    ];
    let crates = root.join("src-tauri/crates");
    let entries = std::fs::read_dir(&crates).map_err(|error| {
        failure(
            format!("{} could not be read ({error})", places::readable(&crates)),
            "see that the clone is complete",
        )
    })?;
    packages.extend(entries.flatten().map(|entry| entry.path()));
    let mut targets = BTreeSet::new();
    for package in packages {
        if let Ok(manifest) = std::fs::read_to_string(package.join("Cargo.toml")) {
            targets.extend(declared(&manifest));
            targets.extend(discovered(&package.join("tests")));
        }
    }
    Ok(targets)
}

/// The names under `[[test]]` in a manifest.
fn declared(manifest: &str) -> Vec<String> {
    let mut within = false;
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            within = line.starts_with("[[test]]");
        } else if within
            && let Some((key, value)) = line.split_once('=')
            && key.trim() == "name"
        {
            names.push(value.trim().trim_matches('"').to_owned());
        }
    }
    names
}

/// The targets that cargo finds in a `tests` folder by itself.
fn discovered(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension().is_some_and(|extension| extension == "rs") || path.join("main.rs").is_file()
        })
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_declared_test_targets() {
        let manifest = "[package]\nname = \"playbook-tests\"\n\n[[test]]\nname = \"cli\"\npath = \"cli/main.rs\"\n\n[[bin]]\nname = \"bench\"\n\n[[test]]\npath = \"e2e/main.rs\"\nname = \"e2e\"\n";
        assert_eq!(declared(manifest), ["cli", "e2e"]);
    }
}
