//! promptfoo's configurations, run as suites.

use playbook_tests::Sandbox;
use serde_json::{Value, json};
use std::fs;

const CONFIGURATION: &str = r#"
description: two prompts, one provider
prompts:
  - "say {{word}}"
  - "do not say {{word}}"
providers: [echo]
defaultTest:
  assert:
    - { type: contains, value: "{{word}}" }
tests:
  - { vars: { word: yes-sir } }
  - vars: { word: ok }
    assert:
      - { type: starts-with, value: say }
      - { type: javascript, value: "output.length < 10" }
  - vars: { word: table }
    assert:
      - { type: is-sql }
"#;

/// H3: a real promptfooconfig.yaml runs as it is: a run for each provider and prompt, with promptfoo's verdicts; what is
/// not supported is listed beforehand, and is an error of its test, never passed.
#[test]
fn a_promptfoo_configuration_runs_as_it_is() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("app");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("promptfooconfig.yaml"), CONFIGURATION).unwrap();
    let checked = sandbox
        .run(&["eval", "app/promptfooconfig.yaml", "--check"])
        .exits(0)
        .stdout;
    assert!(
        checked.contains("is-sql") && checked.contains("3 cases, 2 targets"),
        "{checked}"
    );
    let untrusted = sandbox.run(&["eval", "app/promptfooconfig.yaml"]).exits(2);
    assert!(untrusted.stderr.contains("trust"), "{}", untrusted.stderr);

    let ran = sandbox.run(&["eval", "app", "--trust", "--json"]).exits(1);
    assert!(
        ran.stderr.contains("is-sql"),
        "said before it runs: {}",
        ran.stderr
    );
    let results = ran.json();
    let said: Vec<Value> = results["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            json!([
                one["case_id"],
                one["passed"],
                one["error"]
                    .as_str()
                    .map(|error| error.starts_with("unsupported"))
            ])
        })
        .collect();
    assert_eq!(
        Value::Array(said),
        json!([
            ["test-0", true, null],
            ["test-0", true, null],
            ["test-1", true, null],
            ["test-1", false, null],
            ["test-2", false, true],
            ["test-2", false, true],
        ])
    );
    let compared = sandbox.run(&["compare", "1", "2", "--json"]).exits(0).json();
    assert_eq!(
        compared["lost"],
        json!(["test-1"]),
        "the two prompts, case by case"
    );
}

/// What promptfoo obeys or understands otherwise is said before anything runs, by `--check` and when it runs.
#[test]
fn what_of_a_configuration_is_ignored_is_said() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("app");
    fs::create_dir_all(&folder).unwrap();
    let text = "prompts: ['{{day}}']\nproviders: [echo]\nstray: 1\ncommandLineOptions: {filterSample: 3}\ntests:\n  - vars:\n      day: 2024-01-15\n    asert:\n      - {type: equals, value: no}\n";
    fs::write(folder.join("promptfooconfig.yaml"), text).unwrap();
    let checked = sandbox
        .run(&["eval", "app/promptfooconfig.yaml", "--check"])
        .exits(0)
        .stdout;
    let ran = sandbox.run(&["eval", "app", "--trust"]).exits(0).stderr;
    for said in [
        "`stray`",
        "commandLineOptions.filterSample",
        "a date without quotes",
        "the key `asert` in tests[0] is not known and is ignored; did you mean `assert`?",
    ] {
        assert!(checked.contains(said), "{said}: {checked}");
        assert!(ran.contains(said), "{said}: {ran}");
    }
    assert!(checked.contains("Everything in it runs here."), "{checked}");
    assert!(checked.contains("What is ignored"), "{checked}");
}

/// Tests that read what earlier ones said run whole, in order, one after another.
#[test]
fn tests_that_build_on_each_other_run_whole_and_in_order() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("app");
    fs::create_dir_all(&folder).unwrap();
    let text = "prompts: ['{% for turn in _conversation %}{{turn.output}},{% endfor %}{{x}}']\nproviders: [echo]\ntests:\n  - {vars: {x: a}, assert: [{type: equals, value: a}]}\n  - {vars: {x: b}, assert: [{type: equals, value: 'a,b'}]}\n  - {vars: {x: c}, assert: [{type: equals, value: 'a,a,b,c'}]}\n  - {vars: {x: d}, assert: [{type: is-sql}]}\n";
    fs::write(folder.join("promptfooconfig.yaml"), text).unwrap();
    let whole = ["eval", "app", "--trust", "--json"];
    let ran = sandbox.run(&[&whole[..], &["-j", "8"]].concat()).exits(1);
    assert!(
        ran.stderr.contains("one call is in flight at a time"),
        "{}",
        ran.stderr
    );
    let passed: Vec<Value> = ran.json()["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["passed"].clone())
        .collect();
    assert_eq!(Value::Array(passed), json!([true, true, true, false]));
    for part in [
        &[&whole[..], &["--shard", "1/2"]].concat()[..],
        &[&whole[..], &["--filter", "id=test-1"]].concat()[..],
        &["eval", "--retry-errors", "last"],
    ] {
        let refused = sandbox.run(part).exits(2);
        assert!(
            refused.stderr.contains("storeOutputAs") && refused.stderr.contains("in one go"),
            "{part:?}: {}",
            refused.stderr
        );
    }
}

/// As a job of CI reads it: 0 where every test passes, 1 where one does not, and a candidate needs release metrics.
#[test]
fn a_configuration_ends_as_its_tests_do() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("app");
    fs::create_dir_all(&folder).unwrap();
    let write = |expected: &str| {
        let text = format!(
            "prompts: ['say {{{{word}}}}']\nproviders: [echo]\ntests:\n  - vars: {{word: hello}}\n    assert: [{{type: contains, value: {expected}}}]\n"
        );
        fs::write(folder.join("promptfooconfig.yaml"), text).unwrap();
    };
    write("hello");
    let passed = sandbox.run(&["eval", "app", "--trust", "--json"]).exits(0).json();
    assert_eq!(passed["run"]["purpose"], "experiment");
    sandbox.run(&["eval", "app", "--purpose", "candidate"]).exits(1);
    write("farewell");
    sandbox.run(&["eval", "app"]).exits(1);
}

/// A test is recognised in reports by its description, or by its first text where it has none.
#[test]
fn a_test_is_named_by_its_description_in_reports() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("app");
    fs::create_dir_all(&folder).unwrap();
    let text = "prompts: ['say {{word}}']\nproviders: [echo]\ntests:\n  - description: greets politely\n    vars: {word: hello}\n  - vars: {word: farewell}\n";
    fs::write(folder.join("promptfooconfig.yaml"), text).unwrap();
    sandbox
        .run(&["eval", "app", "--trust", "--jsonl", "rows.jsonl"])
        .exits(0);
    let rows = fs::read_to_string(sandbox.path("rows.jsonl")).unwrap();
    let titles: Vec<Value> = rows
        .lines()
        .map(|row| serde_json::from_str::<Value>(row).unwrap()["title"].clone())
        .collect();
    assert_eq!(titles, ["greets politely", "farewell"]);
}
