//! Standard output and standard error, and two processes on one database.

use playbook_tests::{Sandbox, StubProject, finish};
use serde_json::Value;

/// Away from a terminal there is no progress and no colour; JSON stands alone on standard output.
#[test]
fn streams_are_plain_away_from_a_terminal() {
    let sandbox = Sandbox::new();
    StubProject::well(&sandbox.path("app"), 3);
    for variable in [None, Some(("NO_COLOR", "1")), Some(("CLICOLOR_FORCE", "0"))] {
        let mut command = sandbox.command(&["eval", "app", "--trust", "--json"]);
        command.envs(variable);
        let ran = finish(command).exits(0);
        assert_eq!(ran.stderr, "", "{variable:?}");
        assert!(ran.json()["summary"].is_object());
    }
    for arguments in [
        &["eval", "app"][..],
        &["eval", "nowhere"],
        &["runs"],
        &["compare", "1", "2"],
        &["help"],
    ] {
        let ran = sandbox.run(arguments);
        assert!(
            !ran.stderr.contains('\u{1b}') && !ran.stdout.contains('\u{1b}'),
            "{arguments:?}: {ran:?}"
        );
    }
}

/// Whatever is listed can be read by a program: every command answers `--json` with JSON and nothing else.
#[test]
fn every_command_speaks_json() {
    let sandbox = Sandbox::new();
    let row = sandbox
        .run(&["new", "app", "--starter", "rag-support-assistant", "--json"])
        .exits(0)
        .json();
    assert_eq!(row["starter"], "rag-support-assistant");
    assert_eq!(row["trusted"], true);
    StubProject::well(&sandbox.path("own"), 1);
    let known = sandbox.run(&["init", "own", "--json"]).exits(0).json();
    assert_eq!(known["name"], "own");
    assert_eq!(known["trusted"], false);
    assert!(sandbox.run(&["eval", "own", "--trust", "--json"]).exits(0).json()["results"].is_array());
    assert_eq!(
        sandbox
            .run(&["runs", "--json"])
            .exits(0)
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert!(sandbox.run(&["compare", "1", "1", "--json"]).exits(0).json()["comparisons"].is_array());
    let refused = sandbox
        .run(&["case-study", "own", "--out", "out", "--json"])
        .exits(2)
        .json();
    assert_eq!(refused["error"]["code"], "refused");
}

/// Two processes work on one database at once: each run is whole, and both have a number of their own.
#[test]
fn two_processes_share_a_database() {
    let sandbox = Sandbox::new();
    for name in ["one", "two"] {
        StubProject::well(&sandbox.path(name), 30);
    }
    let results: Vec<Value> = std::thread::scope(|scope| {
        let evals: Vec<_> = ["one", "two", "one", "two"]
            .into_iter()
            .map(|name| {
                let command = sandbox.command(&["eval", name, "--trust", "--json", "--repeat", "2"]);
                scope.spawn(|| finish(command).exits(0).json())
            })
            .collect();
        evals.into_iter().map(|eval| eval.join().unwrap()).collect()
    });
    for result in &results {
        assert_eq!(result["summary"]["trials"], 60);
        assert_eq!(result["summary"]["passed"], 60);
    }
    let runs = sandbox.run(&["runs", "--json"]).exits(0).json();
    let mut numbers: Vec<(String, u64)> = runs
        .as_array()
        .unwrap()
        .iter()
        .map(|run| (run["project"].to_string(), run["number"].as_u64().unwrap()))
        .collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 4, "{runs}");
}
