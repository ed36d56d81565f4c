//! Repeats of a case, and what they say of steadiness.

use crate::targets::project;
use playbook_tests::{Sandbox, StubProject};
use serde_json::json;
use std::fs;

/// H5: repeats give the flip rate with its interval, pass@k and pass^k, and a measured verdict: "not enough repeats" is one.
/// R188: repeated N times, a case that flips is counted, and the rate says how often two repeats disagree.
#[test]
fn repeats_show_the_flip_rate_and_a_measured_verdict() {
    let sandbox = Sandbox::new();
    let cases: Vec<(String, &str)> = (0..6)
        .map(|n| (format!("case-{n}"), if n == 0 { "flaky" } else { "say yes" }))
        .collect();
    let cases: Vec<(&str, &str, &str)> = cases
        .iter()
        .map(|(id, asks)| (id.as_str(), *asks, "yes"))
        .collect();
    StubProject::new(&sandbox.path("app"), "", &cases);
    let results = sandbox
        .run(&["eval", "app", "--trust", "--repeat", "2", "-j", "1", "--json"])
        .exits(0)
        .json();
    let repeats = &results["run"]["repeats"];
    assert_eq!(
        (&repeats["cases"], &repeats["disagreeing"]),
        (&json!(6), &json!(1))
    );
    assert!((repeats["flip_rate"].as_f64().unwrap() - 1.0 / 6.0).abs() < 1e-9);
    assert_eq!(
        repeats["verdict"], "not_enough_repeats",
        "six cases cannot show 5 %"
    );
    let metric = |name: &str| {
        let metrics = results["run"]["metrics"].as_array().unwrap();
        metrics
            .iter()
            .find(|metric| metric["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(
        (&metric("pass_at_k")["label"], &metric("pass_at_k")["value"]),
        (&json!("pass@2"), &json!(1.0))
    );
    let all = metric("pass_hat_k");
    assert!((all["value"].as_f64().unwrap() - 5.0 / 6.0).abs() < 1e-9, "{all}");
}

/// R99: every violation of a schema is counted under its own name, and an answer that is no JSON is one of them.
#[test]
fn schema_violations_are_counted_and_none_is_silent() {
    let sandbox = Sandbox::new();
    let folder = project(&sandbox, "target: { name: echo, echo: \"{{answer}}\" }");
    let answers = ["{\"days\": 30}", "{\"days\": \"thirty\"}", "thirty days", "{}"];
    let rows: String = answers
        .iter()
        .enumerate()
        .map(|(n, answer)| {
            format!(
                "{}\n",
                json!({ "id": format!("a-{n}"), "question": "How long?", "answer": answer })
            )
        })
        .collect();
    fs::write(sandbox.path("app/golden.jsonl"), rows).unwrap();
    let suite = fs::read_to_string(sandbox.path("app/suite.yaml")).unwrap();
    let graders = "  - name: shape\n    type: json_schema\n    failure: schema violation\n    schema: { type: object, required: [days], properties: { days: { type: integer } } }\n";
    let before = "  - { name: fact, type: contains, expected: expected, failure: missing fact }\n";
    fs::write(sandbox.path("app/suite.yaml"), suite.replace(before, graders)).unwrap();
    let results = sandbox.run(&["eval", &folder, "--json"]).exits(1).json();
    assert_eq!(
        results["run"]["failures"],
        json!([{ "name": "schema violation", "trials": 3, "error": false }])
    );
    let reasons: Vec<&str> = results["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["grades"][0]["reason"].as_str().unwrap())
        .collect();
    assert!(reasons.iter().all(|reason| !reason.is_empty()), "{reasons:?}");
}
