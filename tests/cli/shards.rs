//! A run cut into shards, each in a database of its own, and merged.

use playbook_tests::Sandbox;
use serde_json::{Value, json};
use std::fs;

const CASES: usize = 60;

/// What must be the same however the run was made: everything but times and ids.
fn said(results: &Value) -> Value {
    let rows: Vec<Value> = results["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            json!([
                row["case_id"],
                row["repeat"],
                row["passed"],
                row["score"],
                row["failure"],
                row["grades"]
            ])
        })
        .collect();
    let mut summary = results["summary"].clone();
    summary["latency_ms"] = Value::Null;
    let run = &results["run"];
    json!([
        rows,
        summary,
        run["purpose"],
        run["status"],
        run["planned"],
        run["categories"],
        run["failures"],
        run["dataset"],
        run["suite"],
    ])
}

/// H13: three shards merge to what one run says, case by case and in every figure; merging again adds nothing, and a shard that
/// is missing is named.
#[test]
fn shards_merge_to_the_report_of_one_run() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("app");
    fs::create_dir_all(&folder).unwrap();
    let rows = (0..CASES).map(|case| {
        let answer = if case % 7 == 0 { "no" } else { "yes" };
        let category = ["a", "b"][case % 2];
        format!("{}\n", json!({ "id": format!("case-{case}"), "category": category, "question": format!("{answer} {case}") }))
    });
    fs::write(folder.join("cases.jsonl"), rows.collect::<String>()).unwrap();
    let suite = "version: 1
name: shards
dataset: cases.jsonl
target: { name: echo, echo: \"{{question}}\" }
repeat: 2
graders:
  - { name: right, type: contains, value: 'yes', failure: wrong }
release_metrics:
  - { metric: pass_rate, at_least: 50% }
  - { metric: error_rate, at_most: 0% }
  - { metric: latency_p95, at_most: 10s }
";
    fs::write(folder.join("suite.yaml"), suite).unwrap();
    let whole = sandbox.run(&["eval", "app", "--trust", "--json"]).exits(0).json();
    assert_eq!(whole["summary"]["trials"], 2 * CASES);

    let mut parts = 0;
    for shard in 1..=3 {
        let (slice, database) = (format!("{shard}/3"), format!("shard-{shard}.db"));
        let part = sandbox
            .run(&[
                "eval", "app", "--trust", "--json", "--shard", &slice, "--db", &database,
            ])
            .json();
        assert_eq!(part["run"]["purpose"], "experiment", "a slice is no candidate");
        parts += part["results"].as_array().unwrap().len();
    }
    assert_eq!(parts, 2 * CASES, "each case is in one shard");

    let missing = sandbox
        .run(&["merge", "shard-1.db", "shard-3.db", "--db", "merged.db"])
        .exits(2);
    assert!(
        missing.stderr.contains("shards are missing: 2"),
        "{}",
        missing.stderr
    );
    let merge = [
        "merge",
        "shard-3.db",
        "shard-1.db",
        "shard-2.db",
        "--db",
        "merged.db",
        "--json",
    ];
    let merged = sandbox.run(&merge).exits(0).json();
    assert_eq!(said(&merged), said(&whole));
    let again = sandbox.run(&merge).exits(0).json();
    assert_eq!(
        (&again["run"]["run"], said(&again)),
        (&merged["run"]["run"], said(&whole))
    );
    let runs = sandbox
        .run(&["runs", "--json", "--db", "merged.db"])
        .exits(0)
        .json();
    assert_eq!(runs.as_array().unwrap().len(), 1, "{runs}");
}
