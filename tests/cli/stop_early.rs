//! Runs that end as soon as their pass rate is decided, and what such a run may not be.

use crate::targets::project;
use playbook_tests::{Sandbox, StubProject};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs};

const ECHO: &str = "target: { name: echo, echo: \"{{passage}}\" }";
const CASES: usize = 400;

/// A project around an echo, with as many cases as a run would not need to ask all of; `right` says which are right.
fn echo(sandbox: &Sandbox, right: impl Fn(usize) -> bool) -> String {
    let folder = project(sandbox, ECHO);
    let rows: String = (0..CASES)
        .map(|n| {
            let passage = if right(n) { "30 days" } else { "never" };
            let row = json!({ "id": format!("case-{n}"), "question": "How long?", "expected": "30 days", "passage": passage });
            format!("{row}\n")
        })
        .collect();
    fs::write(sandbox.path("app/golden.jsonl"), rows).unwrap();
    folder
}

fn metric<'a>(results: &'a Value, name: &str) -> &'a Value {
    let metrics = results["run"]["metrics"].as_array().unwrap();
    metrics.iter().find(|metric| metric["name"] == name).unwrap()
}

fn asked(results: &Value) -> BTreeSet<&str> {
    let results = results["results"].as_array().unwrap();
    results
        .iter()
        .map(|one| one["case_id"].as_str().unwrap())
        .collect()
}

/// Cases that it took, from the words of the run.
fn taken(results: &Value) -> usize {
    let words = results["run"]["stopped"].as_str().unwrap();
    let after = words.split("after ").nth(1).unwrap();
    after.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_clear_pass_rate_ends_the_run_early_and_says_so() {
    let sandbox = Sandbox::new();
    // The file begins with what fails: asked in its order, the run would end below.
    let folder = echo(&sandbox, |n| n >= 40);
    let run = ["eval", &folder, "--stop-early", "--json"];
    let results = sandbox.run(&run).exits(0).json();
    let summary = &results["run"];
    assert_eq!(summary["status"], "finished");
    assert_eq!(summary["purpose"], "experiment");
    assert_eq!(summary["planned"], CASES);
    let stopped = summary["stopped"].as_str().unwrap();
    assert!(
        stopped.starts_with("the pass rate lies above 50 %, certain at the 95 % level after ")
            && stopped.ends_with(" of 400 cases; the rest was not asked"),
        "{stopped}"
    );
    let trials = summary["trials"].as_u64().unwrap() as usize;
    assert!(trials < CASES / 4, "{trials}");
    // Three calls at once: those in flight were finished, and so were at most as many cases behind a slower one.
    assert!(
        (taken(&results)..=taken(&results) + 6).contains(&trials),
        "{trials}"
    );

    let rate = metric(&results, "pass_rate");
    assert_eq!(rate["interval"]["method"], "anytime_valid");
    assert!(rate["interval"]["low"].as_f64().unwrap() > 0.4, "{rate}");
    assert_eq!(rate["note"], Value::Null);
    let fact = metric(&results, "fact");
    assert_eq!(fact["interval"]["method"], "wilson");
    assert!(fact["note"].as_str().unwrap().contains("stopped early"), "{fact}");

    let again = sandbox.run(&["eval", &folder, "--stop-early", "-j", "1", "--json"]);
    let again = again.exits(0).json();
    assert_eq!(
        taken(&again),
        taken(&results),
        "the order of asking counts, whatever the concurrency"
    );
    assert_eq!(again["run"]["trials"], taken(&again));
    assert!(
        asked(&results).is_superset(&asked(&again)),
        "the order is the dataset's"
    );
    let shown = sandbox.run(&["eval", &folder, "--stop-early"]).exits(0).stdout;
    assert!(
        shown.contains("Stopped early: the pass rate lies above"),
        "{shown}"
    );
}

#[test]
fn a_clear_failure_ends_it_too_and_fails_the_gate() {
    let sandbox = Sandbox::new();
    let folder = echo(&sandbox, |n| n % 10 == 0);
    let run = ["eval", &folder, "--stop-early", "--repeat", "2", "--json"];
    let results = sandbox.run(&run).exits(1).json();
    let stopped = results["run"]["stopped"].as_str().unwrap();
    assert!(stopped.starts_with("the pass rate lies below 50 %"), "{stopped}");
    assert!(stopped.contains(" of 400 cases"), "{stopped}");
    assert!(results["run"]["trials"].as_u64().unwrap() < CASES as u64 / 2);
}

#[test]
fn a_pass_rate_that_is_not_clear_takes_every_case() {
    let sandbox = Sandbox::new();
    let folder = echo(&sandbox, |n| n % 2 == 0);
    let run = ["eval", &folder, "--stop-early", "--json"];
    let results = sandbox.run(&run).exits(0).json();
    assert_eq!(results["run"]["stopped"], Value::Null);
    assert_eq!(results["run"]["trials"], CASES);
    assert_eq!(results["run"]["purpose"], "experiment");
    let rate = metric(&results, "pass_rate");
    assert_eq!(
        rate["interval"]["method"], "anytime_valid",
        "it might have stopped"
    );
    assert_eq!(metric(&results, "fact")["note"], Value::Null);
}

#[test]
fn what_cannot_stop_early_is_refused_before_anything_starts() {
    let sandbox = Sandbox::new();
    let folder = echo(&sandbox, |_| true);
    let refused = |more: &[&str], why: &str, what_to_do: &str| {
        let mut arguments = vec!["eval", folder.as_str(), "--stop-early"];
        arguments.extend(more);
        let ran = sandbox.run(&arguments).exits(2);
        assert!(
            ran.stderr.contains(why) && ran.stderr.contains(what_to_do),
            "{}",
            ran.stderr
        );
    };
    refused(
        &["--purpose", "candidate"],
        "a candidate runs the whole suite",
        "--purpose experiment",
    );
    refused(&["--shard", "1/2"], "a shard cannot stop early", "--shard");
    let suite = fs::read_to_string(sandbox.path("app/suite.yaml")).unwrap();
    let limit = "  - { metric: pass_rate, at_least: 0.5 }\n";
    for (instead, why) in [
        ("", "sets no limit for the pass rate"),
        (
            "  - { metric: pass_rate, no_worse_by: 0.1 }\n",
            "sets no limit for the pass rate",
        ),
        (
            "  - { metric: pass_rate, at_least: 0.5 }\n  - { metric: pass_rate, at_least: 0.9 }\n",
            "sets several limits for the pass rate",
        ),
    ] {
        fs::write(sandbox.path("app/suite.yaml"), suite.replace(limit, instead)).unwrap();
        refused(&[], why, "release_metrics");
    }
    let runs = sandbox.run(&["runs", "--json"]).exits(0).json();
    assert_eq!(runs.as_array().map(Vec::len), Some(0), "{runs}");
}

#[test]
fn a_run_that_broke_off_goes_on_with_what_it_has() {
    let sandbox = Sandbox::new();
    let cases: Vec<(String, String)> = (0..CASES)
        .map(|n| {
            let word = if n % 10 == 0 { "crash" } else { "say" };
            let answer = if n % 7 == 0 { "no" } else { "yes" };
            (format!("case-{n}"), format!("{word} {answer} {n}"))
        })
        .collect();
    let cases: Vec<(&str, &str, &str)> = cases
        .iter()
        .map(|(id, asks)| (id.as_str(), asks.as_str(), "yes"))
        .collect();
    let project = StubProject::new(&sandbox.path("app"), "", &cases);
    let run = ["eval", "app", "--trust", "--stop-early", "-j", "1", "--json"];
    sandbox.run(&run).exits(3);
    let before = project.asked().len();
    assert!(before > 1, "it crashed at once");
    project.release();
    let resume = ["eval", "--resume", "last", "--json"];
    let resumed = sandbox.run(&resume).exits(0).json();
    assert_eq!(
        project.asked().len(),
        taken(&resumed) + 1,
        "only the crashed call again"
    );
    let whole = sandbox.run(&run).exits(0).json();
    assert_eq!(resumed["run"]["stopped"], whole["run"]["stopped"]);
    assert_eq!(asked(&resumed), asked(&whole));
    assert_eq!(
        metric(&resumed, "pass_rate")["interval"],
        metric(&whole, "pass_rate")["interval"]
    );

    // It has ended: there is nothing to go on with.
    let ended = sandbox.run(&resume).exits(0);
    assert!(ended.stderr.contains("is finished"), "{}", ended.stderr);
}
