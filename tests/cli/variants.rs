//! `playbook variants`, `playbook diff`, `playbook eval --estimate`.

use playbook_tests::{Sandbox, StubProject};
use std::fs;

/// H9: `--estimate` prints what a run would take and starts nothing, and asks for no trust, as it runs nothing of the folder.
#[test]
fn an_estimate_starts_nothing() {
    let sandbox = Sandbox::new();
    let stub = StubProject::well(&sandbox.path("app"), 4);
    let said = sandbox
        .run(&["eval", "app", "--estimate", "--repeat", "3", "--budget", "1"])
        .exits(0);
    for words in [
        "4 cases, 3 times each, 12 calls. Nothing was started.",
        "not known",
        "Whether $1.00 is enough",
    ] {
        assert!(said.stdout.contains(words), "no {words:?} in {}", said.stdout);
    }
    let json = sandbox
        .run(&["eval", "app", "--estimate", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (&json["calls"], &json["cost"]["value"]),
        (&4.into(), &serde_json::Value::Null)
    );
    assert!(stub.asked().is_empty());
    assert!(sandbox.run(&["runs"]).exits(0).stdout.contains("No runs yet"));
    sandbox
        .run(&["eval", "app", "--estimate", "--resume", "last"])
        .exits(2);
}

/// H12: runs stand side by side with the cheapest passing one, or why there is none, first. R15: passes per dollar are refused
/// where nothing has a price. R79: what differs between two runs' datasets and suites is readable.
#[test]
fn runs_are_held_against_each_other_as_variants_and_as_versions() {
    let sandbox = Sandbox::new();
    let stub = StubProject::well(&sandbox.path("app"), 4);
    for _ in 0..2 {
        sandbox.run(&["eval", "app", "--trust"]).exits(0);
    }
    let said = sandbox.run(&["variants", "1", "2"]).exits(0).stdout;
    assert!(
        said.starts_with("No cheapest passing variant: none of those that pass has a known cost."),
        "{said}"
    );
    assert!(
        said.contains("refused: ") && said.contains("needs repeats") && said.contains("not distinguishable"),
        "{said}"
    );
    let json = sandbox
        .run(&["variants", "--project", "app", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        json["weighed"]["variants"].as_array().map(Vec::len),
        Some(2),
        "{json:#}"
    );
    let none = sandbox.run(&["variants"]).exits(2);
    assert!(none.stderr.contains("no run was named"), "{}", none.stderr);

    let same = sandbox.run(&["diff", "1", "2"]).exits(0).stdout;
    assert!(
        same.contains("the same file, byte for byte") && same.contains("The graders are the same."),
        "{same}"
    );
    let path = stub.folder.join("golden.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("say word2", "say word2 loudly")).unwrap();
    stub.change_suite("at_least: 0.5", "at_least: 0.6");
    let now = sandbox.run(&["diff", "2", "now"]).exits(0).stdout;
    for words in [
        "1 case changed; 3 cases alike.",
        "question: say word2{+ loudly+}",
        "at_least: 0.6",
    ] {
        assert!(now.contains(words), "no {words:?} in {now}");
    }
    let json = sandbox.run(&["diff", "2", "now", "--json"]).exits(0).json();
    assert_eq!(json["dataset"]["changed"], 1);
    sandbox.run(&["eval", "app"]).exits(0);
    let error = sandbox.run(&["variants", "1", "3"]).exits(2).stderr;
    assert!(error.contains("the dataset changed in between"), "{error}");
}
