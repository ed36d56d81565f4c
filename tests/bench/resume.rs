//! Going on with a long run: how soon its first call begins, and what a result takes in the database.

use crate::{Outcome, note, provider::Watched, report::Report, workload::Workload};
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use store::Store;

/// Stops a run in its middle and goes on with it so many times.
pub fn measure(report: &mut Report, playbook: &Path, cases: u32, times: usize) -> Outcome<()> {
    let watched = Watched::start()?;
    let workload = Workload::write(&watched.url, cases, 100)?;
    note(&format!("{cases} cases: half of a run, to go on with"));
    let suite = workload.folder().join("suite.yaml").display().to_string();
    let mut first = start(playbook, &workload, &["eval", &suite])?;
    let half = u64::from(cases / 2);
    wait(&mut first, Duration::from_secs(600), || watched.calls() >= half)?;
    kill(&mut first)?;
    let mut took = Vec::new();
    for time in 1..=times {
        note(&format!("{cases} cases: going on, {time} of {times}"));
        let before = settled(&watched);
        let started = Instant::now();
        let mut child = start(playbook, &workload, &["eval", "--resume", "last"])?;
        wait(&mut child, Duration::from_secs(60), || watched.calls() > before)?;
        took.push(started.elapsed());
        kill(&mut child)?;
    }
    report.resume(cases, &mut took);

    let database = workload.folder().join(".data").join("playbook.db");
    let space = Store::open(&database)
        .and_then(|store| store.space())
        .map_err(|error| error.to_string())?;
    report.space(cases, &space);
    Ok(())
}

/// Calls so far, once those of a killed process have all arrived.
fn settled(watched: &Watched) -> u64 {
    let mut calls = watched.calls();
    loop {
        std::thread::sleep(Duration::from_millis(200));
        if watched.calls() == calls {
            return calls;
        }
        calls = watched.calls();
    }
}

fn start(playbook: &Path, workload: &Workload, arguments: &[&str]) -> Outcome<Child> {
    Command::new(playbook)
        .args(arguments)
        .envs(workload.environment())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{}: {error}", playbook.display()))
}

fn wait(child: &mut Child, limit: Duration, reached: impl Fn() -> bool) -> Outcome<()> {
    let started = Instant::now();
    while !reached() {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(format!("the run ended before it was stopped: {status}"));
        }
        if started.elapsed() > limit {
            kill(child)?;
            return Err(format!("nothing within {limit:?}"));
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    Ok(())
}

fn kill(child: &mut Child) -> Outcome<()> {
    child
        .kill()
        .and_then(|()| child.wait())
        .map(drop)
        .map_err(|error| format!("the run cannot be stopped: {error}"))
}
