//! The user interface: built, checked, and tested by its own npm scripts.

use super::{Choice, Ended, run_tests};
use crate::failure::Outcome;
use crate::{prerequisites, process};

/// Builds what the window embeds.
pub fn build() -> Outcome {
    process::run(process::npm(["run", "build"]), "see what Vite says above")
}

/// Types and markup, with warnings as errors.
pub fn check() -> Outcome {
    process::run(process::npm(["run", "check"]), "see what svelte-check says above")
}

/// The tests of one npm script.
pub fn tests(script: &str, choice: Choice) -> Ended {
    let mut command = process::npm(["run", script]);
    if let Some(chromium) = prerequisites::chromium() {
        command.env("CHROMIUM", chromium);
    }
    run_tests(command, choice)
}
