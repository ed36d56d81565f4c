//! `cargo xtask test`: every test there is, in one command, with its time.

mod end_to_end;
mod report;
mod rust;
mod user_interface;

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome, failure, usage};
use crate::prerequisites::{self, Purpose};
use crate::tally::Tally;
use crate::{process, tidy};
use report::Row;
use std::process::{Command, ExitCode};
use std::time::Instant;

/// How the tests were asked for.
#[derive(Debug, Clone, Copy, Default)]
struct Choice {
    /// The long tier as well.
    full: bool,
}

/// How a step ended: the tests it ran, counted also when it failed.
#[derive(Default)]
struct Ended {
    tests: Tally,
    failure: Option<Failure>,
}

impl From<Outcome> for Ended {
    fn from(outcome: Outcome) -> Self {
        Self {
            tests: Tally::default(),
            failure: outcome.err(),
        }
    }
}

/// One part of the whole, in the order of `STEPS`.
struct Step {
    name: &'static str,
    heading: &'static str,
    /// What `--only` has to do before it.
    needs: &'static [&'static str],
    run: fn(Choice) -> Ended,
}

const END_TO_END: &str = "e2e";
const BUILDS: &[&str] = &["ui-build", "build"];

const STEPS: &[Step] = &[
    Step {
        // First, because the window embeds what this builds, and both compiler and linter look for it.
        name: "ui-build",
        heading: "Build the user interface",
        needs: &[],
        run: |_| user_interface::build().into(),
    },
    Step {
        name: "build",
        heading: "Build the workspace, its tests and the app",
        needs: &["ui-build"],
        run: |_| tidy::build_workspace().into(),
    },
    Step {
        name: "tidy",
        heading: "Format, lints and invariants",
        needs: BUILDS,
        run: |_| tidy::check().into(),
    },
    Step {
        name: "rust",
        heading: "Rust tests",
        needs: BUILDS,
        run: rust::run,
    },
    Step {
        name: "ui-check",
        heading: "Types and warnings of the user interface",
        needs: &[],
        run: |_| user_interface::check().into(),
    },
    Step {
        name: "ui-unit",
        heading: "Unit tests of the user interface",
        needs: &[],
        run: |choice| user_interface::tests("test:unit", choice),
    },
    Step {
        name: "ui-components",
        heading: "Component tests in Chromium",
        needs: &["ui-build"],
        run: |choice| user_interface::tests("test:components", choice),
    },
    Step {
        name: END_TO_END,
        heading: "End-to-end tests in the real window",
        needs: BUILDS,
        run: end_to_end::run,
    },
];

/// Runs them in order and stops at the first step that fails.
pub fn command(words: Vec<String>) -> Outcome<ExitCode> {
    let mut arguments = Arguments::new("test", words);
    let choice = Choice {
        full: arguments.switch("--full"),
    };
    let skip_end_to_end = arguments.switch("--skip-e2e");
    let only = arguments.value("--only")?;
    arguments.finish()?;
    let chosen = chosen(only.as_deref(), skip_end_to_end)?;

    let started = Instant::now();
    prerequisites::ensure(Purpose::Test)?;
    let mut rows = vec![Row::ran(
        "prerequisites",
        true,
        started.elapsed(),
        Tally::default(),
    )];
    let mut failed = None;
    for step in STEPS {
        if !chosen.contains(&step.name) {
            rows.push(Row::skipped(step.name));
        } else if failed.is_some() {
            rows.push(Row::not_run(step.name));
        } else {
            println!("\n== {} ({}) ==", step.heading, step.name);
            let step_started = Instant::now();
            let ended = (step.run)(choice);
            rows.push(Row::ran(
                step.name,
                ended.failure.is_none(),
                step_started.elapsed(),
                ended.tests,
            ));
            failed = ended.failure.map(|failure| (step.name, failure));
        }
    }

    report::print(&rows, started.elapsed());
    if let Some((name, failure)) = &failed {
        let full = if choice.full { " --full" } else { "" };
        eprintln!("error: step {name} failed: {failure}");
        eprintln!("To run it alone: cargo xtask test{full} --only {name}");
    }
    report::print_sum(&rows, failed.is_some());
    Ok(if failed.is_some() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The names of the steps to run.
fn chosen(only: Option<&str>, skip_end_to_end: bool) -> Outcome<Vec<&'static str>> {
    let Some(only) = only else {
        return Ok(STEPS
            .iter()
            .map(|step| step.name)
            .filter(|name| !(skip_end_to_end && *name == END_TO_END))
            .collect());
    };
    let Some(step) = STEPS.iter().find(|step| step.name == only) else {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(usage(
            format!("there is no step `{only}`"),
            format!("the steps are {}", names.join(", ")),
        ));
    };
    Ok(step.needs.iter().copied().chain([step.name]).collect())
}

/// Runs a test runner in an environment that cannot reach anybody's account, and counts its tests.
fn run_tests(mut command: Command, choice: Choice) -> Ended {
    for secret in [
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "ANTHROPIC_API_KEY",
        "GEMINI_API_KEY",
    ] {
        command.env_remove(secret);
    }
    if choice.full {
        command.env("PLAYBOOK_FULL", "1");
    }
    let shown = process::shown(&command);
    match process::run_counted(command) {
        Err(failure) => Ended {
            tests: Tally::default(),
            failure: Some(failure),
        },
        Ok((status, tests)) => {
            let failure = (!status.success()).then(|| {
                failure(
                    format!("`{shown}` failed ({status})"),
                    "the first failing test is named above",
                )
            });
            Ended { tests, failure }
        }
    }
}

/// A step of Rust tests that ran none has shown nothing.
fn none_is_a_failure(ended: Ended, what: &str) -> Ended {
    if ended.failure.is_none() && ended.tests.passed == 0 {
        let failure = failure(
            format!("no {what} was run"),
            "see in the output above why the runner found none",
        );
        return Ended {
            failure: Some(failure),
            ..ended
        };
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_brings_what_it_needs() {
        assert_eq!(chosen(Some("e2e"), false), Ok(vec!["ui-build", "build", "e2e"]));
        assert_eq!(chosen(Some("ui-unit"), false), Ok(vec!["ui-unit"]));
        assert!(chosen(Some("e3e"), false).is_err());
        assert!(!chosen(None, true).unwrap().contains(&"e2e"));
        assert_eq!(chosen(None, false).unwrap().len(), STEPS.len());
    }

    #[test]
    fn needs_name_earlier_steps() {
        for (position, step) in STEPS.iter().enumerate() {
            for need in step.needs {
                assert!(
                    STEPS[..position].iter().any(|earlier| earlier.name == *need),
                    "{} needs {need}",
                    step.name
                );
            }
        }
    }

    #[test]
    fn a_run_without_a_rust_test_fails() {
        assert!(none_is_a_failure(Ended::default(), "Rust test").failure.is_some());
        let one = Ended {
            tests: Tally { passed: 1, failed: 0 },
            failure: None,
        };
        assert!(none_is_a_failure(one, "Rust test").failure.is_none());
    }
}
