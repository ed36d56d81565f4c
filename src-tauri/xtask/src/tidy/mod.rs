//! `cargo xtask tidy`: format, lints, and the invariants of docs/ARCHITECTURE.md that a command can check.

mod arrows;
mod mentions;
mod tree;

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome, failure};
use crate::{acceptance, bindings, places, prerequisites, process};
use std::process::ExitCode;
use std::time::Instant;

/// One choice of packages and features for every compilation, so that tidy, tests and window share their artifacts.
/// The feature embeds the built user interface, as the shipped window does.
pub const WHOLE_WORKSPACE: [&str; 3] = ["--workspace", "--features", "playbook-app/custom-protocol"];

/// Checks all; with `--fix`, formats and regenerates first.
pub fn command(words: Vec<String>) -> Outcome<ExitCode> {
    let mut arguments = Arguments::new("tidy", words);
    let fix = arguments.switch("--fix");
    arguments.finish()?;
    prerequisites::ensure_linters()?;
    if fix {
        process::run(process::cargo(["fmt", "--all"]), "see what rustfmt says above")?;
        bindings::write()?;
    }
    check()?;
    Ok(ExitCode::SUCCESS)
}

/// Builds everything there is: crates, tests, examples, tools and the app.
pub fn build_workspace() -> Outcome {
    something_to_embed()?;
    let mut command = process::cargo(["build", "--all-targets"]);
    command.args(WHOLE_WORKSPACE);
    process::run(command, "see what the compiler says above")
}

/// A check gives back one line for each thing it objects to.
type Check = (&'static str, fn() -> Outcome<Vec<String>>);

/// The cheap ones first.
const CHECKS: &[Check] = &[
    ("format", format),
    ("arrows between crates", arrows::check),
    ("words that one crate owns", mentions::check),
    ("acceptance table", acceptance::problems),
    ("lints", lints),
    ("generated files", generated_files),
    ("content", content),
];

/// Runs every check, so that one round shows all there is to mend.
pub fn check() -> Outcome {
    let mut count = 0;
    for (name, check) in CHECKS {
        let started = Instant::now();
        let problems = check().unwrap_or_else(|failure| vec![failure.to_string()]);
        let verdict = if problems.is_empty() { "ok" } else { "not ok" };
        println!(
            "tidy: {name}: {verdict} ({:.1} s)",
            started.elapsed().as_secs_f64()
        );
        for problem in &problems {
            println!("  {problem}");
        }
        count += problems.len();
    }
    match count {
        0 => Ok(()),
        1 => Err(failure(
            "tidy objects to one thing",
            "it is named above with its remedy",
        )),
        count => Err(failure(
            format!("tidy objects to {count} things"),
            "each is named above with its remedy",
        )),
    }
}

fn format() -> Outcome<Vec<String>> {
    Ok(objection(process::run(
        process::cargo(["fmt", "--all", "--check"]),
        "run `cargo fmt --all`",
    )))
}

fn lints() -> Outcome<Vec<String>> {
    something_to_embed()?;
    let mut command = process::cargo(["clippy", "--all-targets"]);
    command.args(WHOLE_WORKSPACE).args(["--", "-D", "warnings"]);
    Ok(objection(process::run(command, "see what clippy says above")))
}

fn generated_files() -> Outcome<Vec<String>> {
    build_workspace()?;
    let mut problems = bindings::stale()?;
    for problem in &mut problems {
        problem.push_str("; run `cargo xtask bindings` and commit what it writes");
    }
    Ok(problems)
}

fn content() -> Outcome<Vec<String>> {
    build_workspace()?;
    let mut command = std::process::Command::new(places::executable("debug/content-check")?);
    command.arg("content").current_dir(places::root());
    Ok(objection(process::run(
        command,
        "see above which file does not fit its schema",
    )))
}

fn objection(outcome: Outcome) -> Vec<String> {
    outcome.err().iter().map(Failure::to_string).collect()
}

/// The window does not compile without something to embed; in a clone where the user interface has not been built
/// yet, a page that says so stands in for it.
fn something_to_embed() -> Outcome {
    let page = places::ui().join("build").join("index.html");
    if page.exists() {
        return Ok(());
    }
    let text = "<!doctype html><title>Not built</title><p>Run cargo xtask run.</p>\n";
    std::fs::create_dir_all(places::ui().join("build"))
        .and_then(|()| std::fs::write(&page, text))
        .map_err(|error| {
            failure(
                format!("{} could not be written ({error})", places::readable(&page)),
                "see that ui/ is yours to write to",
            )
        })
}
