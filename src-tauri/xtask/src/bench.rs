//! `cargo xtask bench`: the numbers of the design, measured.

use crate::failure::Outcome;
use crate::{places, prerequisites, process};
use std::process::ExitCode;

/// Builds for release and starts the benchmarks with the arguments as given.
pub fn command(words: Vec<String>) -> Outcome<ExitCode> {
    prerequisites::ensure(prerequisites::Purpose::CommandLine)?;
    process::run(
        process::cargo(["build", "--release", "-p", "playbook-cli"]),
        "see what the compiler says above",
    )?;
    let mut bench = process::cargo(["run", "--release", "-p", "playbook-tests", "--bin", "bench", "--"]);
    bench
        .args(words)
        .env("PLAYBOOK_CLI_BINARY", places::executable("release/playbook")?);
    process::run(bench, "see what the benchmark says above")?;
    Ok(ExitCode::SUCCESS)
}
