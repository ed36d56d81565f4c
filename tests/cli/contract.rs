//! `eval` on a service that answers as the dataset says: results file, exit codes, repeats, filters, purposes.

use insta::assert_json_snapshot;
use playbook_tests::{Sandbox, StubProject};
use serde_json::{Value, json};

fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().unwrap();
    items
        .iter()
        .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
        .collect()
}

/// R104: a shipped minimal workflow is measured by one command, and the run is on record with what was measured.
/// The results file has the shape that scripts rely on, with every trial in case order.
#[test]
fn results_file_has_the_shape_of_the_contract() {
    let sandbox = Sandbox::new();
    let answer = json!({
        "answer": "no", "model": "practice-small", "citations": ["a"], "passages": [{ "id": "a", "text": "t" }],
        "usage": { "input": 1000, "output": 100 }
    });
    let project = StubProject::new(
        &sandbox.path("app"),
        "",
        &[
            ("right-1", "say yes", "yes"),
            ("wrong-1", &format!("json {answer}"), "yes"),
            ("broken-1", "status 500", "yes"),
            ("broken-2", "html", "yes"),
        ],
    );
    project.change_suite(
        "release_metrics:",
        "  - { name: cite, type: citations }\nrelease_metrics:",
    );
    let ran = sandbox
        .run(&["eval", "app", "--trust", "--output", "results.json"])
        .exits(1);
    assert!(ran.stdout.starts_with("Gate failed."), "{}", ran.stdout);

    let results: Value =
        serde_json::from_slice(&std::fs::read(sandbox.path("results.json")).unwrap()).unwrap();
    let latency = || {
        insta::dynamic_redaction(|value, _| {
            assert!(
                matches!(value, insta::internals::Content::F64(ms) if ms > 0.0),
                "{value:?}"
            );
            "[ms]"
        })
    };
    assert_json_snapshot!(results["summary"], {
        ".latency_ms.p50" => latency(),
        ".latency_ms.p95" => latency(),
    });
    assert_json_snapshot!(results["results"], {
        "[].latency_ms" => latency(),
        "[].error" => insta::dynamic_redaction(|value, _| match value.as_str() {
            Some(text) => text.chars().take(60).collect::<String>().into(),
            None => value,
        }),
    });
    let run = &results["run"];
    assert_eq!(run["purpose"], "candidate");
    for hash in [
        &run["dataset"],
        &run["suite"],
        &run["target"]["source"],
        &run["target"]["configuration"],
    ] {
        assert_eq!(hash.as_str().unwrap().len(), 64, "{hash}");
    }
    let runs = sandbox.run(&["runs", "--json"]).exits(0).json();
    assert_eq!(
        (runs.as_array().unwrap().len(), &runs[0]["run"]),
        (1, &run["run"])
    );
}

/// R72: the cost of a case is a release metric like any other, and its breach fails the run with exit code 1.
/// R75: so a CI job that runs this command goes red.
#[test]
fn cost_above_its_threshold_fails_the_run() {
    let sandbox = Sandbox::new();
    let answer =
        json!({ "answer": "yes", "model": "practice-small", "usage": { "input": 1000, "output": 100 } });
    let project = StubProject::new(
        &sandbox.path("app"),
        "",
        &[("paid-1", &format!("json {answer}"), "yes")],
    );
    project.change_suite(
        "release_metrics:",
        "release_metrics:\n  - { metric: cost_per_case, at_most: $0.000001 }",
    );
    let ran = sandbox.run(&["eval", "app", "--trust"]).exits(1);
    assert!(
        ran.stdout.starts_with("Gate failed. Cost per case $"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("NOT MET"), "{}", ran.stdout);

    project.change_suite("at_most: $0.000001", "at_most: $10");
    sandbox.run(&["eval", "app"]).exits(0);

    // A model without a known price has no cost, and no cost is not 0.
    let project = StubProject::new(
        &sandbox.path("unknown"),
        "",
        &[(
            "paid-1",
            &format!(
                "json {}",
                answer.to_string().replace("practice-small", "nobody-knows-it")
            ),
            "yes",
        )],
    );
    project.change_suite(
        "release_metrics:",
        "release_metrics:\n  - { metric: cost_per_case, at_most: $10 }",
    );
    let ran = sandbox.run(&["eval", "unknown", "--trust"]).exits(1);
    assert!(ran.stdout.contains("NOT MEASURED"), "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains("1 calls went to a model without a known price"),
        "{}",
        ran.stdout
    );
}

/// R74: without three release metrics nothing is released, however good the answers are; an experiment is no release.
/// R75: exit code 0 when the gate passes, 1 when it fails or is not set.
#[test]
fn exit_codes_follow_the_gate() {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), 3);
    let passed = sandbox.run(&["eval", "app", "--trust"]).exits(0);
    assert!(passed.stdout.starts_with("Gate passed."), "{}", passed.stdout);

    project.change_suite("  - { metric: latency_p95, at_most: 20s }\n", "");
    let unset = sandbox.run(&["eval", "app"]).exits(1);
    assert!(
        unset
            .stdout
            .contains("needs three release metrics; the suite sets 2"),
        "{}",
        unset.stdout
    );
    sandbox.run(&["eval", "app", "--purpose", "experiment"]).exits(0);

    project.change_suite("error_rate, at_most: 0.5", "latency_p50, at_most: 0ms");
    let failed = sandbox.run(&["eval", "app", "--purpose", "experiment"]).exits(1);
    assert!(
        failed.stdout.contains("p50 latency") && failed.stdout.contains("NOT MET"),
        "{}",
        failed.stdout
    );
}

/// H5: repeats show how many cases flip. A steady service flips none; one that answers in turn is found out.
#[test]
fn repeats_find_the_cases_that_flip() {
    let sandbox = Sandbox::new();
    StubProject::new(
        &sandbox.path("app"),
        "",
        &[
            ("steady-1", "say yes", "yes"),
            ("flaky-1", "flaky", "yes"),
            ("wrong-1", "say no", "yes"),
        ],
    );
    let ran = sandbox.run(&["eval", "app", "--trust", "--repeat", "4", "-j", "1", "--json"]);
    let results = ran.exits(0).json();
    assert_eq!(results["run"]["flipping_cases"], json!([1, 3]));
    assert_eq!(results["summary"]["cases"], 3);
    assert_eq!(results["summary"]["trials"], 12);
    assert_eq!(results["summary"]["pass_rate"], 0.5);
    let verdicts = |id: &str| -> Vec<(u64, bool)> {
        let rows = results["results"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["case_id"] == id);
        rows.map(|row| (row["repeat"].as_u64().unwrap(), row["passed"].as_bool().unwrap()))
            .collect()
    };
    assert_eq!(
        verdicts("flaky-1"),
        [(0, true), (1, false), (2, true), (3, false)]
    );
    assert_eq!(verdicts("steady-1"), [(0, true), (1, true), (2, true), (3, true)]);
    let shown = sandbox.run(&["eval", "app", "--repeat", "2", "-j", "1"]);
    assert!(
        shown
            .stdout
            .contains("1 of 3 repeated cases do not always give the same verdict"),
        "{}",
        shown.stdout
    );
}

/// H10: repeats of few cases never pass for many: the interval of a rate is that of its cases, also where every
/// repeat agreed.
#[test]
fn repeats_do_not_narrow_an_interval() {
    let sandbox = Sandbox::new();
    StubProject::well(&sandbox.path("app"), 5);
    let once = sandbox.run(&["eval", "app", "--trust", "--json"]).exits(0).json();
    let often = sandbox
        .run(&["eval", "app", "--repeat", "10", "--json"])
        .exits(0)
        .json();
    assert_eq!(often["summary"]["trials"], 50);
    assert_eq!(once["summary"]["pass_rate_ci"], often["summary"]["pass_rate_ci"]);
    assert!(
        once["summary"]["pass_rate_ci"][0].as_f64().unwrap() < 0.6,
        "{}",
        once["summary"]
    );
}

/// A filter runs some cases, and such a run is an experiment: as a candidate it is refused before anything starts.
#[test]
fn filter_makes_an_experiment_and_never_a_candidate() {
    let sandbox = Sandbox::new();
    let project = StubProject::new(
        &sandbox.path("app"),
        "",
        &[
            ("one-1", "say yes", "yes"),
            ("two-1", "say yes", "yes"),
            ("two-2", "say yes", "yes"),
        ],
    );
    let refused = sandbox
        .run(&[
            "eval",
            "app",
            "--trust",
            "--filter",
            "category=two",
            "--purpose",
            "candidate",
        ])
        .exits(2);
    assert!(
        refused.stderr.contains("a candidate runs the whole suite"),
        "{}",
        refused.stderr
    );
    assert!(project.asked().is_empty());

    let ran = sandbox
        .run(&["eval", "app", "--filter", "category=two, id!=two-2", "--json"])
        .exits(0)
        .json();
    assert_eq!(ran["run"]["purpose"], "experiment");
    assert_eq!(ran["results"].as_array().unwrap().len(), 1);
    assert_eq!(ran["results"][0]["case_id"], "two-1");

    for (filter, says) in [
        ("category=three", "no case fits the filter"),
        (
            "colour=red",
            "fields id, category, question, expected, and the categories one, two",
        ),
        ("two", "expected field=value"),
        ("=two", "names no field"),
    ] {
        let wrong = sandbox.run(&["eval", "app", "--filter", filter]).exits(2);
        assert!(wrong.stderr.contains(says), "{filter}: {}", wrong.stderr);
    }
}

/// A run of nothing but errors says why: each cause comes with what one trial was told.
#[test]
fn a_cause_of_errors_comes_with_an_example() {
    let sandbox = Sandbox::new();
    StubProject::new(
        &sandbox.path("app"),
        "",
        &[("one-1", "status 404", "yes"), ("one-2", "status 404", "yes")],
    );
    let shown = sandbox.run(&["eval", "app", "--trust", "-j", "1"]).stdout;
    let example = shown.lines().find(|line| line.contains("e.g. one-"));
    assert!(example.is_some_and(|line| line.contains("404")), "{shown}");
    assert_eq!(shown.matches("e.g. ").count(), 1, "{shown}");
}

/// Every purpose can be chosen; another word is refused with the words there are.
#[test]
fn purposes_are_five() {
    let sandbox = Sandbox::new();
    StubProject::well(&sandbox.path("app"), 1);
    for purpose in ["candidate", "experiment", "drill", "lab", "canary"] {
        let ran = sandbox
            .run(&["eval", "app", "--trust", "--purpose", purpose, "--json"])
            .exits(0)
            .json();
        assert_eq!(ran["run"]["purpose"], purpose);
    }
    let wrong = sandbox.run(&["eval", "app", "--purpose", "release"]).exits(2);
    assert!(
        wrong
            .stderr
            .contains("expected candidate, experiment, drill, lab or canary"),
        "{}",
        wrong.stderr
    );
    let runs = sandbox.run(&["runs", "app", "--json"]).exits(0).json();
    let purposes: Vec<String> = runs
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["purpose"].to_string())
        .collect();
    assert_eq!(
        purposes,
        [
            "\"canary\"",
            "\"lab\"",
            "\"drill\"",
            "\"experiment\"",
            "\"candidate\""
        ]
    );
}

/// R73: against a kept first run, a later one shows its difference, case by case, with what made it.
/// H10, R85: a difference inside the noise reads "not distinguishable".
#[test]
fn compare_shows_the_difference_to_an_earlier_run() {
    let sandbox = Sandbox::new();
    let cases: Vec<(String, &str)> = (0..20)
        .map(|n| (format!("word-{n:02}"), if n < 8 { "no" } else { "yes" }))
        .collect();
    let write = |word: &str| {
        let rows: Vec<(String, String)> = cases
            .iter()
            .map(|(id, said)| (id.clone(), format!("{word} {said}")))
            .collect();
        let rows: Vec<(&str, &str, &str)> = rows
            .iter()
            .map(|(id, asks)| (id.as_str(), asks.as_str(), "yes"))
            .collect();
        StubProject::new(&sandbox.path("app"), "", &rows)
    };
    let project = write("late");
    sandbox.run(&["eval", "app", "--trust"]).exits(0);
    sandbox.run(&["eval", "app"]).exits(0);
    let same = sandbox.run(&["compare", "1", "2", "--json"]).exits(0).json();
    assert_eq!((&same["gained"], &same["lost"]), (&json!([]), &json!([])));
    let pass_rate = |compared: &Value| {
        let all = compared["comparisons"].as_array().unwrap();
        all.iter()
            .find(|one| one["metric"] == "pass_rate")
            .unwrap()
            .clone()
    };
    assert_eq!(pass_rate(&same)["distinguishable"], false);
    assert_eq!(pass_rate(&same)["improved"], Value::Null);
    let text = sandbox.run(&["compare", "1", "2"]).exits(0).stdout;
    assert!(
        text.contains("Pass rate: 60 % and 60 % (+0 points), not distinguishable  n=20"),
        "{text}"
    );

    // A hidden file is no part of the source that is known, so nothing is said to differ.
    std::fs::write(project.folder.join(".release"), "").unwrap();
    sandbox.run(&["eval", "app"]).exits(0);
    let better = sandbox.run(&["compare", "1", "last", "--json"]).exits(0).json();
    assert_eq!(strings(&better["gained"]).len(), 8);
    assert!(strings(&better["differs"]).is_empty());
    let change = pass_rate(&better);
    assert_eq!(
        (&change["before"], &change["after"], &change["improved"]),
        (&json!(0.6), &json!(1.0), &json!(true))
    );
    assert_eq!(change["n"], 20);

    // Cases that say something else under the same id are other cases: nothing is left to compare.
    write("say");
    sandbox.run(&["eval", "app"]).exits(0);
    let other = sandbox.run(&["compare", "1", "last"]).exits(2);
    assert!(other.stderr.contains("share no case"), "{}", other.stderr);
    let nothing = sandbox.run(&["compare", "1", "9"]).exits(2);
    assert!(nothing.stderr.contains("there is no run 9"), "{}", nothing.stderr);
}

/// A run of one project says nothing of another project's cases.
#[test]
fn compare_of_runs_that_share_no_case_is_refused() {
    let sandbox = Sandbox::new();
    StubProject::new(&sandbox.path("one"), "", &[("a", "say yes", "yes")]);
    StubProject::new(&sandbox.path("two"), "", &[("b", "say yes", "yes")]);
    let ids: Vec<String> = ["one", "two"]
        .iter()
        .map(|name| {
            let ran = sandbox.run(&["eval", name, "--trust", "--json"]).exits(0).json();
            ran["run"]["run"].as_str().unwrap().to_owned()
        })
        .collect();
    let refused = sandbox.run(&["compare", &ids[0], &ids[1]]).exits(2);
    assert!(refused.stderr.contains("share no case"), "{}", refused.stderr);
}

/// Options that make no sense are input errors, before anything is started.
#[test]
fn wrong_arguments_exit_with_two() {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), 1);
    for (arguments, says) in [
        (&["eval"][..], "<SUITE>"),
        (&["eval", "nowhere"], "No such file"),
        (
            &["eval", "app", "--trust", "--repeat", "0"],
            "repeat 0 is out of range",
        ),
        (
            &["eval", "app", "--trust", "-j", "5000"],
            "concurrency 5000 is out of range",
        ),
        (&["eval", "app", "-j", "many"], "invalid value"),
        (
            &["eval", "app", "--repeat", "-1"],
            "out of range; expected a whole number",
        ),
        (
            &["eval", "app", "--trust", "--budget", "-1"],
            "`-1` is not a budget",
        ),
        (
            &["new", "x", "--starter", "unheard-of"],
            "Choose one of: rag-support-assistant",
        ),
        (
            &["new", "app", "--starter", "rag-support-assistant"],
            "nothing in it was touched",
        ),
        (&["runs", "unheard-of"], "there is no project"),
        (&["case-study", "unheard-of", "--out", "x"], "there is no project"),
        (&["eval", "--resume", "last"], "there is no run yet"),
        (&["fly"], "unrecognized subcommand"),
    ] {
        let ran = sandbox.run(arguments).exits(2);
        assert!(ran.stderr.contains(says), "{arguments:?}: {}", ran.stderr);
    }
    assert!(project.asked().is_empty());
    let error = sandbox.run(&["runs", "unheard-of", "--json"]).exits(2).json();
    assert_eq!(error["error"]["code"], "not_found");
}

/// R79: a run carries the content of its dataset and its suite: another rubric or another case is another hash, the
/// same content is the same.
#[test]
fn dataset_and_suite_are_known_by_content() {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), 2);
    let hashes = || {
        let run = sandbox.run(&["eval", "app", "--trust", "--json"]).exits(0).json()["run"].clone();
        let target = &run["target"];
        [
            &run["dataset"],
            &run["suite"],
            &target["configuration"],
            &target["source"],
        ]
        .map(ToString::to_string)
    };
    let first = hashes();
    assert_eq!(hashes(), first);

    project.change_suite("at_least: 0.5", "at_least: 0.6");
    let rubric = hashes();
    assert_ne!(rubric[1], first[1]);
    assert_eq!(
        [&rubric[0], &rubric[2], &rubric[3]],
        [&first[0], &first[2], &first[3]]
    );

    let dataset = project.folder.join("golden.jsonl");
    let mut text = std::fs::read_to_string(&dataset).unwrap();
    text.push_str("{\"id\":\"mine\",\"question\":\"say x\",\"expected\":\"x\"}\n");
    std::fs::write(&dataset, text).unwrap();
    let grown = hashes();
    assert_ne!(grown[0], first[0]);
    assert_eq!(grown[1..], rubric[1..]);
    let compared = sandbox.run(&["compare", "1", "last", "--json"]).exits(0).json();
    assert_eq!(strings(&compared["differs"]), ["dataset", "suite"]);
}
