//! Slices of one run on several machines, and the run they are merged into.

use crate::targets::project;
use playbook_tests::Sandbox;
use serde_json::{Value, json};
use std::fs;

const ECHO: &str = "target: { name: echo, echo: \"{{passage}} {{question}}\" }";

/// What is the same whoever ran it: the counts, the rates with their intervals, and each case's verdict.
fn essence(results: &Value) -> Value {
    let cases: Vec<Value> = results["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["case_id"], one["repeat"], one["passed"], one["grades"]]))
        .collect();
    let summary = &results["summary"];
    json!([
        summary["cases"],
        summary["trials"],
        summary["passed"],
        summary["pass_rate"],
        summary["pass_rate_ci"],
        summary["gate"],
        results["run"]["categories"],
        results["run"]["purpose"],
        results["run"]["planned"],
        cases
    ])
}

/// H13: the slices of a run, merged, give the same report as one run; merging again changes nothing, and a slice that
/// is missing or measured something else is refused.
#[test]
fn merged_shards_are_the_run_that_one_machine_makes() {
    let sandbox = Sandbox::new();
    let folder = project(&sandbox, ECHO);
    let one = sandbox
        .run(&["eval", &folder, "--repeat", "2", "--json"])
        .exits(0)
        .json();
    let merged = merged(&sandbox, &folder);
    assert_eq!(essence(&merged), essence(&one));
    assert_eq!(merged["run"]["shard"], Value::Null);
    let again = sandbox.run(&MERGE).exits(0).json();
    assert_eq!(again["run"]["run"], merged["run"]["run"]);
    assert_eq!(essence(&again), essence(&one));

    let missing = sandbox
        .run(&["merge", "shards/1.db", "shards/3.db", "--db", "other.db"])
        .exits(2);
    assert!(missing.stderr.contains("2/3"), "{}", missing.stderr);
    fs::write(sandbox.path("app/notes.txt"), "another version").unwrap();
    sandbox
        .run(&[
            "eval",
            &folder,
            "--repeat",
            "2",
            "--shard",
            "2/3",
            "--db",
            "shards/other.db",
        ])
        .exits(0);
    let mixed = sandbox
        .run(&[
            "merge",
            "shards/1.db",
            "shards/other.db",
            "shards/3.db",
            "--db",
            "other.db",
        ])
        .exits(2);
    assert!(mixed.stderr.contains("another source"), "{}", mixed.stderr);
    let none = sandbox.run(&["merge", "merged.db", "--db", "other.db"]).exits(2);
    assert!(none.stderr.contains("holds a run of a shard"), "{}", none.stderr);
}

/// Merges the three slices.
const MERGE: [&str; 7] = [
    "merge",
    "shards/1.db",
    "shards/2.db",
    "shards/3.db",
    "--db",
    "merged.db",
    "--json",
];

/// Runs the three slices of a project, each into a database of its own, and merges them into `merged.db`.
fn merged(sandbox: &Sandbox, folder: &str) -> Value {
    for shard in 1..=3 {
        let (slice, database) = (format!("{shard}/3"), format!("shards/{shard}.db"));
        let eval = [
            "eval", folder, "--trust", "--repeat", "2", "--shard", &slice, "--db", &database,
        ];
        sandbox.run(&eval).exits(0);
    }
    sandbox.run(&MERGE).exits(0).json()
}

/// A slice is an experiment, and what it is merged into a candidate: that one says that its criteria changed after results.
#[test]
fn a_merged_candidate_is_held_to_the_locked_criteria() {
    let sandbox = Sandbox::new();
    let folder = project(&sandbox, ECHO);
    sandbox
        .run(&["eval", &folder, "--repeat", "2", "--db", "merged.db"])
        .exits(0);
    let suite = sandbox.path("app/suite.yaml");
    let text = fs::read_to_string(&suite).unwrap();
    let (old, new) = ("pass_rate, at_least: 0.5", "pass_rate, at_least: 0.4");
    assert!(text.contains(old));
    fs::write(&suite, text.replace(old, new)).unwrap();
    assert_eq!(
        merged(&sandbox, &folder)["run"]["gate"]["post_hoc"],
        "the limit of pass_rate was changed since run 1"
    );
}

/// The database of a slice may come from anywhere, so the trust in it is not the trust of whoever merges.
#[test]
fn a_merge_brings_no_trust() {
    let sandbox = Sandbox::new();
    let program = "target:\n  name: program\n  command:\n    run: [cat]\n    stdin: \"{{passage}}\"";
    let folder = project(&sandbox, program);
    merged(&sandbox, &folder);
    let refused = sandbox.run(&["eval", &folder, "--db", "merged.db"]).exits(2);
    assert!(refused.stderr.contains("not trusted"), "{}", refused.stderr);
}

/// The engine around the process names the slice; a process without one says what was looked for.
#[test]
fn the_engine_names_the_shard() {
    let sandbox = Sandbox::new();
    let folder = project(&sandbox, ECHO);
    let mut command = sandbox.command(&["eval", &folder, "--shard", "auto", "--json"]);
    command
        .env("SLURM_ARRAY_TASK_ID", "2")
        .env("SLURM_ARRAY_TASK_MIN", "1")
        .env("SLURM_ARRAY_TASK_COUNT", "2");
    let ran = playbook_tests::finish(command).exits(0).json();
    assert_eq!(ran["run"]["shard"], "2/2");
    assert_eq!(
        ran["run"]["purpose"], "experiment",
        "a slice of a candidate is not a candidate"
    );
    let lost = sandbox.run(&["eval", &folder, "--shard", "auto"]).exits(2);
    assert!(lost.stderr.contains("SLURM_ARRAY_TASK_ID"), "{}", lost.stderr);
    for wrong in ["0/2", "3/2", "half"] {
        sandbox.run(&["eval", &folder, "--shard", wrong]).exits(2);
    }
}

/// A file that is no database is named, and stays as it is.
#[test]
fn a_file_that_is_no_database_is_not_merged() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("notes.txt"), "not a database").unwrap();
    std::fs::write(sandbox.path("empty.db"), "").unwrap();
    for (name, content) in [("notes.txt", "not a database"), ("empty.db", "")] {
        let refused = sandbox.run(&["merge", name, "--db", "merged.db"]).exits(2);
        assert!(
            refused.stderr.contains("is no playbook database"),
            "{}",
            refused.stderr
        );
        assert_eq!(std::fs::read_to_string(sandbox.path(name)).unwrap(), content);
    }
}
