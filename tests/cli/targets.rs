//! Everything that can be measured besides a service: model APIs, programs, echoes, several of them side by side.

use playbook_tests::Sandbox;
use serde_json::{Value, json};
use std::fs;

/// Writes a suite with this target section (or these targets) over six small cases.
pub fn project(sandbox: &Sandbox, targets: &str) -> String {
    let folder = sandbox.path("app");
    fs::create_dir_all(&folder).unwrap();
    let rows: String = (0..6)
        .map(|n| {
            let row = json!({
                "id": format!("window-{n}"), "category": if n % 2 == 0 { "even" } else { "odd" },
                "question": "How long can an item be returned?", "expected": "30 days",
                "passage": format!("An item can be returned within 30 days of delivery. Shelf {n} holds the forms."),
            });
            format!("{row}\n")
        })
        .collect();
    fs::write(folder.join("golden.jsonl"), rows).unwrap();
    fs::write(
        folder.join("suite.yaml"),
        format!(
            "version: 1
name: golden
dataset: golden.jsonl
{targets}
concurrency: 3
timeout: 20s
graders:
  - {{ name: fact, type: contains, expected: expected, failure: missing fact }}
release_metrics:
  - {{ metric: pass_rate, at_least: 0.5 }}
  - {{ metric: error_rate, at_most: 0.5 }}
  - {{ metric: latency_p95, at_most: 20s }}
"
        ),
    )
    .unwrap();
    folder.display().to_string()
}

/// A model API with the built-in practice models behind it.
pub const MODEL: &str = "model_api:
      api: openai_chat
      base: practice
      model: practice-large
      max_tokens: 200
      messages:
        - { role: system, content: \"Answer from the passages. Cite the passage in square brackets.\" }
        - { role: user, content: \"[{{id}}] {{passage}}\\n\\nQuestion: {{question}}\" }";

/// H1: a model API, a program and an echo give the same results page as a service: the same metrics, results and gate.
/// H4: the time to the first token of a streamed answer is measured.
#[test]
fn model_program_and_echo_give_the_same_results_page() {
    let sandbox = Sandbox::new();
    let targets = [
        ("model", format!("target:\n  name: model\n  {}", MODEL.replace("\n    ", "\n  "))),
        (
            "program",
            "target:\n  name: program\n  command:\n    run: [python3, -c, \"import sys; print(sys.stdin.read())\"]\n    \
             stdin: \"{{passage}}\""
                .to_owned(),
        ),
        ("echo", "target: { name: echo, echo: \"{{passage}}\" }".to_owned()),
    ];
    for (name, target) in targets {
        let folder = project(&sandbox, &target);
        let results = sandbox
            .run(&["eval", &folder, "--trust", "--json"])
            .exits(0)
            .json();
        assert_eq!(results["summary"]["cases"], 6, "{name}");
        assert_eq!(results["summary"]["passed"], 6, "{name}: {results}");
        assert_eq!(results["results"][0]["target"], name);
        let metric = |wanted: &str| {
            let metrics = results["run"]["metrics"].as_array().unwrap();
            metrics.iter().find(|metric| metric["name"] == wanted).cloned()
        };
        assert!(metric("pass_rate").is_some() && metric("fact").is_some());
        let first_token = metric("first_token_p50");
        if name == "model" {
            let first = first_token.unwrap()["value"].as_f64().unwrap();
            assert!(first > 0.0 && first < metric("latency_p50").unwrap()["value"].as_f64().unwrap());
            assert_eq!(results["run"]["target"]["models"][0]["name"], "practice-large");
            assert_eq!(results["summary"]["practice"], true);
            assert!(results["run"]["target"]["prompt"].is_string());
        } else {
            assert_eq!(first_token, None, "nothing of {name} was streamed");
            assert_eq!(results["summary"]["cost_usd"], Value::Null);
        }
    }
}

/// R65: one suite on two providers: a run each, side by side, and both of them in one results file.
#[test]
fn several_targets_run_side_by_side() {
    let sandbox = Sandbox::new();
    let small = MODEL.replace("practice-large", "practice-small");
    let folder = project(
        &sandbox,
        &format!(
            "targets:\n  - name: large\n    {MODEL}\n  - name: small\n    {small}\n  - {{ name: echo, echo: \"no\" }}"
        ),
    );
    let results = sandbox
        .run(&["eval", &folder, "--trust", "--json"])
        .exits(1)
        .json();
    let names: Vec<&str> = results["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["target"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["large", "small", "echo"]);
    assert_eq!(results["summary"]["trials"], 18);
    assert_eq!(results["summary"]["gate"], "failed", "the echo fails it");
    let order: Vec<&str> = results["results"]
        .as_array()
        .unwrap()
        .iter()
        .take(4)
        .map(|one| one["target"].as_str().unwrap())
        .collect();
    assert_eq!(order, ["large", "small", "echo", "large"], "case by case");
    let group = &results["targets"][0]["run"]["group"];
    assert!(
        results["targets"]
            .as_array()
            .unwrap()
            .iter()
            .all(|part| &part["run"]["group"] == group)
    );
    let one = sandbox
        .run(&["eval", &folder, "--target", "small", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (one["targets"].as_array(), &one["summary"]["trials"]),
        (None, &json!(6))
    );
    let unknown = sandbox.run(&["eval", &folder, "--target", "tiny"]).exits(2);
    assert!(
        unknown.stderr.contains("large, small, echo"),
        "{}",
        unknown.stderr
    );
}

/// H8: a run with a budget stops before a call that could cross it, says so, and can be gone on with.
#[test]
fn a_budget_is_never_crossed() {
    let sandbox = Sandbox::new();
    let folder = project(
        &sandbox,
        &format!("target:\n  name: model\n  {}", MODEL.replace("\n    ", "\n  ")),
    );
    let whole = sandbox.run(&["eval", &folder, "--json"]).exits(0).json();
    let cost = whole["summary"]["cost_usd"].as_f64().unwrap();
    let budget = format!("{:.6}", cost * 0.7);
    let stopped = sandbox
        .run(&["eval", &folder, "--budget", &budget, "--output", "stopped.json"])
        .exits(130);
    assert!(stopped.stderr.contains("budget"), "{}", stopped.stderr);
    let results: Value =
        serde_json::from_str(&fs::read_to_string(sandbox.path("stopped.json")).unwrap()).unwrap();
    let spent = results["summary"]["cost_usd"].as_f64().unwrap_or(0.0);
    assert!(spent <= cost * 0.7, "{spent} of {budget}");
    assert!(results["summary"]["trials"].as_u64().unwrap() < 6);
    for wrong in ["0", "-1", "much"] {
        sandbox
            .run(&["eval", &folder, &format!("--budget={wrong}")])
            .exits(2);
    }
}

/// A key is named by its variable, and a missing one is said before anything is asked.
#[test]
fn a_missing_key_is_named_before_anything_is_asked() {
    let sandbox = Sandbox::new();
    let target = MODEL
        .replace(
            "base: practice",
            "base: http://127.0.0.1:9/v1\n      key: SOME_KEY",
        )
        .replace("\n    ", "\n  ");
    let folder = project(&sandbox, &format!("target:\n  name: model\n  {target}"));
    let ran = sandbox.run(&["eval", &folder]).exits(3);
    assert!(ran.stderr.contains("SOME_KEY"), "{}", ran.stderr);
    assert!(
        !ran.stdout.contains("pass rate"),
        "no figures without a result: {}",
        ran.stdout
    );
}

/// Answers to the same request are kept where that is asked for: the second run asks nobody and says so.
#[test]
fn the_response_cache_hides_no_cost() {
    let sandbox = Sandbox::new();
    let folder = project(
        &sandbox,
        &format!("target:\n  name: model\n  {}", MODEL.replace("\n    ", "\n  ")),
    );
    let first = sandbox
        .run(&["eval", &folder, "--cache", "--json"])
        .exits(0)
        .json();
    let second = sandbox
        .run(&["eval", &folder, "--cache", "--json"])
        .exits(0)
        .json();
    assert_eq!(
        (&first["run"]["cached"], &second["run"]["cached"]),
        (&json!(0), &json!(6))
    );
    assert_eq!(
        first["summary"]["cost_usd"], second["summary"]["cost_usd"],
        "what it cost when it was asked"
    );
    let third = sandbox.run(&["eval", &folder, "--json"]).exits(0).json();
    assert_eq!(third["run"]["cached"], 0);
}
