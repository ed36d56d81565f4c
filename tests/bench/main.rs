//! `cargo xtask bench`: the numbers of the design, measured side by side on this machine.
//!
//! The provider and both sides of every pair are processes of their own (this program, started again with a
//! subcommand), so that the time of one never counts for the other.

mod bare;
mod machine;
mod measure;
mod promptfoo;
mod provider;
mod report;
mod workload;

use measure::{Measured, measure};
use report::Report;
use std::{
    env,
    ffi::OsString,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};
use workload::Workload;

/// Why a measurement could not be made. A missed goal is a result and no failure.
type Outcome<T> = Result<T, String>;

const USAGE: &str = "usage: cargo xtask bench [--quick]\n\
    Measures playbook against a bare reqwest loop, and against promptfoo where it is on the PATH.\n\
    --quick   fewer cases and pairs: for a look, not for the record\n";

/// How long the provider takes for an answer.
const LATENCY: Duration = Duration::from_millis(50);
/// Calls in flight at once.
const IN_FLIGHT: u32 = 100;

/// How much is measured.
struct Size {
    cases: u32,
    pairs: usize,
    cold_pairs: usize,
}

const FULL: Size = Size {
    cases: 10_000,
    pairs: 5,
    cold_pairs: 10,
};
const QUICK: Size = Size {
    cases: 1_000,
    pairs: 3,
    cold_pairs: 5,
};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["provider"] => provider::serve(LATENCY),
        ["bare", url, cases, in_flight] => bare::run(url, cases, in_flight),
        ["measure", program, arguments @ ..] => measure::child(program, arguments),
        [] => bench(&FULL),
        ["--quick"] => bench(&QUICK),
        ["--help" | "-h"] => say(USAGE),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            note(&message);
            ExitCode::FAILURE
        }
    }
}

fn bench(size: &Size) -> Outcome<()> {
    let playbook = playbook_binary()?;
    let provider = provider::Provider::start()?;
    let mut report = Report::new(LATENCY, IN_FLIGHT);

    let many = Workload::write(&provider.url, size.cases, IN_FLIGHT)?;
    let (bare, own) = pairs(&many, &playbook, size.pairs)?;
    // The goals are for the full number: what every process costs once weighs more in a shorter run.
    report.many(size.cases, size.cases == FULL.cases, &bare, &own);

    let one = Workload::write(&provider.url, 1, 1)?;
    let (bare, own) = pairs(&one, &playbook, size.cold_pairs)?;
    report.cold(&bare, &own);

    match promptfoo::find() {
        None => report.remark(
            "promptfoo is not on the PATH, so it was not run beside (`npm install --global promptfoo`).",
        ),
        Some(program) => {
            let version = promptfoo::version(&program)?;
            note(&format!(
                "promptfoo {version}: {} cases, which takes a minute or more",
                size.cases
            ));
            let all = promptfoo::run(&program, &many)?;
            let mut cold = Vec::new();
            for _ in 0..3 {
                cold.push(promptfoo::run(&program, &one)?);
            }
            report.promptfoo(&version, size.cases, &all, &cold);
        }
    }
    say(&report.text())
}

/// Measures the bare loop and playbook by turns, after one warm-up of each.
fn pairs(workload: &Workload, playbook: &Path, count: usize) -> Outcome<(Vec<Measured>, Vec<Measured>)> {
    let (mut bare, mut own) = (Vec::new(), Vec::new());
    for pair in 0..=count {
        note(&match pair {
            0 => format!("{} case(s): warm-up", workload.cases),
            pair => format!("{} case(s): pair {pair} of {count}", workload.cases),
        });
        let loop_took = measure(&workload.bare_command()?, &[])?;
        let own_took = measure(&workload.playbook_command(playbook), &workload.environment())?;
        workload.check(playbook)?;
        if pair > 0 {
            bare.push(loop_took);
            own.push(own_took);
        }
    }
    Ok((bare, own))
}

fn playbook_binary() -> Outcome<PathBuf> {
    let path: OsString = env::var_os("PLAYBOOK_CLI_BINARY").ok_or(
        "PLAYBOOK_CLI_BINARY does not name the playbook program; start this with `cargo xtask bench`",
    )?;
    std::path::absolute(&path).map_err(|error| format!("{}: {error}", path.display()))
}

fn say(text: &str) -> Outcome<()> {
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| format!("standard output: {error}"))
}

fn note(text: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
}
