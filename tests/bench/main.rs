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
mod resume;
mod stored;
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
use stored::Shape;
use workload::Workload;

/// Why a measurement could not be made. A missed goal is a result and no failure.
type Outcome<T> = Result<T, String>;

const USAGE: &str = "usage: cargo xtask bench [--quick] [--with-promptfoo] [PART…]\n\
    Measures playbook against a bare reqwest loop, and against promptfoo where it is on the PATH.\n\
    --quick            less of everything: for a look, not for the record\n\
    --with-promptfoo   stop where promptfoo is not on the PATH\n\
    PART               only these: loop (many cases and one, beside the bare loop), memory, page, resume\n";

/// How long the provider takes for an answer.
const LATENCY: Duration = Duration::from_millis(50);
/// Calls in flight at once.
const IN_FLIGHT: u32 = 100;

/// How much is measured.
struct Size {
    cases: u32,
    pairs: usize,
    cold_pairs: usize,
    pages: [Shape; 2],
    times: usize,
    resume_cases: u32,
    resumes: usize,
}

const FULL: Size = Size {
    cases: 10_000,
    pairs: 5,
    cold_pairs: 10,
    // As an app has them after a year; and all in one run, the hardest case.
    pages: [
        Shape {
            runs: 100,
            results: 10_000,
        },
        Shape {
            runs: 2,
            results: 1_000_000,
        },
    ],
    times: 40,
    resume_cases: 100_000,
    resumes: 5,
};
const QUICK: Size = Size {
    cases: 1_000,
    pairs: 3,
    cold_pairs: 5,
    pages: [
        Shape {
            runs: 10,
            results: 2_000,
        },
        Shape {
            runs: 2,
            results: 50_000,
        },
    ],
    times: 10,
    resume_cases: 10_000,
    resumes: 3,
};

/// What can be measured by itself.
const PARTS: [&str; 4] = ["loop", "memory", "page", "resume"];

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["provider"] => provider::serve(LATENCY),
        ["bare", url, cases, in_flight] => bare::run(url, cases, in_flight),
        ["measure", program, arguments @ ..] => measure::child(program, arguments),
        ["--help" | "-h"] => say(USAGE),
        words => bench(words),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            note(&message);
            ExitCode::FAILURE
        }
    }
}

fn bench(words: &[&str]) -> Outcome<()> {
    let (options, parts): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.starts_with('-'));
    let known = |option: &&str| matches!(*option, "--quick" | "--with-promptfoo");
    if !options.iter().all(known) || !parts.iter().all(|part| PARTS.contains(part)) {
        return Err(USAGE.into());
    }
    let size = if options.contains(&"--quick") {
        &QUICK
    } else {
        &FULL
    };
    let wanted = |part: &str| parts.is_empty() || parts.contains(&part);
    let promptfoo = promptfoo::find();
    if options.contains(&"--with-promptfoo") && promptfoo.is_none() {
        return Err("promptfoo is not on the PATH; install it with `npm install --global promptfoo`".into());
    }
    let playbook = playbook_binary()?;
    let mut report = Report::new(LATENCY, IN_FLIGHT);
    if wanted("loop") || wanted("memory") {
        beside_the_loop(size, &playbook, promptfoo, wanted("memory"), &mut report)?;
    }
    if wanted("page") {
        for shape in &size.pages {
            stored::measure(&mut report, shape, size.times)?;
        }
    }
    if wanted("resume") {
        resume::measure(&mut report, &playbook, size.resume_cases, size.resumes)?;
    }
    say(&report.text())
}

fn beside_the_loop(
    size: &Size,
    playbook: &Path,
    promptfoo: Option<PathBuf>,
    memory: bool,
    report: &mut Report,
) -> Outcome<()> {
    let provider = provider::Provider::start()?;
    let many = Workload::write(&provider.url, size.cases, IN_FLIGHT)?;
    let (bare, many_own) = pairs(&many, playbook, size.pairs)?;
    // The goals are for the full number: what every process costs once weighs more in a shorter run.
    let judged = size.cases == FULL.cases;
    report.many(size.cases, judged, &bare, &many_own);
    if memory {
        note(&format!("{} cases: memory", size.cases * 10));
        let more = Workload::write(&provider.url, size.cases * 10, IN_FLIGHT)?;
        let took = measure(&more.playbook_command(playbook), &more.environment())?;
        more.check(playbook)?;
        report.memory(size.cases * 10, judged, &many_own, &took);
    }

    let one = Workload::write(&provider.url, 1, 1)?;
    let (bare, one_own) = pairs(&one, playbook, size.cold_pairs)?;
    report.cold(&bare, &one_own);

    let Some(program) = promptfoo else {
        report.remark(
            "promptfoo is not on the PATH, so it was not run beside (`npm install --global promptfoo`).",
        );
        return Ok(());
    };
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
    report.promptfoo(&version, size.cases, [&[all], &cold], [&many_own, &one_own]);
    Ok(())
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
