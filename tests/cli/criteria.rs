//! What a run is judged by, and the files that say what came of it.

use crate::targets::project;
use playbook_tests::{Sandbox, StubProject};
use serde_json::{Value, json};
use std::fs;

/// R78: criteria are locked by the first candidate on a dataset; a later edit is marked post hoc, and says what changed.
#[test]
fn criteria_that_change_after_results_are_marked_post_hoc() {
    let sandbox = Sandbox::new();
    let stub = StubProject::well(&sandbox.path("app"), 4);
    let gate = |arguments: &[&str]| sandbox.run(arguments).exits(0).json()["run"]["gate"]["post_hoc"].clone();
    assert_eq!(gate(&["eval", "app", "--trust", "--json"]), Value::Null);
    assert_eq!(gate(&["eval", "app", "--json"]), Value::Null);
    stub.change_suite(
        "{ metric: pass_rate, at_least: 0.5 }",
        "{ metric: pass_rate, at_least: 0.4 }",
    );
    assert_eq!(
        gate(&["eval", "app", "--json"]),
        "the limit of pass_rate was changed since run 1"
    );
    let report = sandbox.path("report.md").display().to_string();
    let text = sandbox
        .run(&["eval", "app", "--markdown", &report])
        .exits(0)
        .stdout;
    let markdown = fs::read_to_string(&report).unwrap();
    for text in [text.to_lowercase(), markdown.to_lowercase()] {
        assert!(
            text.contains("post hoc") && text.contains("since run 1"),
            "{text}"
        );
    }
    assert_eq!(
        gate(&["eval", "app", "--json", "--purpose", "experiment"]),
        Value::Null
    );
    // New cases: nobody has seen results on them.
    let rows = fs::read_to_string(stub.folder.join("golden.jsonl")).unwrap();
    let more = json!({ "id": "plain-new", "question": "say new", "expected": "new" });
    fs::write(stub.folder.join("golden.jsonl"), format!("{rows}{more}\n")).unwrap();
    assert_eq!(gate(&["eval", "app", "--json"]), Value::Null);
}

/// H11: a release metric may demand that a run is no worse than its baseline by more than a margin: exit codes say it.
/// R75: the file for CI runs the suite, whose exit code is not zero on a breach.
#[test]
fn a_gate_holds_a_run_against_its_baseline() {
    let sandbox = Sandbox::new();
    let cases: Vec<(String, String)> = (0..40)
        .map(|n| {
            (
                format!("a-{n:02}"),
                format!("late {}", if n < 10 { "no" } else { "yes" }),
            )
        })
        .collect();
    let cases: Vec<(&str, &str, &str)> = cases
        .iter()
        .map(|(id, asks)| (id.as_str(), asks.as_str(), "yes"))
        .collect();
    let stub = StubProject::new(&sandbox.path("app"), "", &cases);
    stub.change_suite(
        "{ metric: pass_rate, at_least: 0.5 }",
        "{ metric: pass_rate, no_worse_by: 5% }",
    );
    let first = sandbox.run(&["eval", "app", "--trust", "--json"]).exits(1).json();
    let metric = &first["run"]["gate"]["metrics"][0];
    assert_eq!(
        (
            &metric["verdict"],
            metric["sentence"].as_str().unwrap().contains("no baseline")
        ),
        (&json!("not_measured"), true)
    );
    stub.release();
    let second = sandbox
        .run(&["eval", "app", "--baseline", "1", "--json"])
        .exits(0)
        .json();
    assert_eq!(second["run"]["gate"]["metrics"][0]["verdict"], "met");
    fs::remove_file(stub.folder.join(".release")).unwrap();
    let third = sandbox
        .run(&["eval", "app", "--baseline", "2", "--json"])
        .exits(1)
        .json();
    let metric = &third["run"]["gate"]["metrics"][0];
    assert_eq!(metric["verdict"], "not_met");
    assert!(
        metric["sentence"].as_str().unwrap().contains("\u{2212}25"),
        "{metric}"
    );
}

/// A part of the cases is nothing to hold the whole against, and a run that is named is what the terminal speaks of.
#[test]
fn the_run_before_asked_the_same_cases() {
    let sandbox = Sandbox::new();
    let cases = [
        ("a-1", "late no", "yes"),
        ("a-2", "late no", "yes"),
        ("b-1", "late no", "yes"),
        ("b-2", "late no", "yes"),
    ];
    let stub = StubProject::new(&sandbox.path("app"), "", &cases);
    let eval = |arguments: &[&str], exits: i32| {
        let all = [&["eval", "app"][..], arguments].concat();
        sandbox.run(&all).exits(exits).stdout
    };
    stub.release();
    eval(&["--trust"], 0);
    let text = eval(&["--filter", "category=a"], 0);
    assert!(
        text.contains("Against run 1 on 2 shared cases: 0 cases newly pass, 0 newly fail"),
        "{text}"
    );
    fs::remove_file(stub.folder.join(".release")).unwrap();
    let text = eval(&[], 1);
    assert!(
        text.contains("Against run 1 on 4 shared cases: 0 cases newly pass, 4 newly fail"),
        "{text}"
    );
    let report = sandbox.path("report.md").display().to_string();
    let text = eval(&["--baseline", "1", "--markdown", &report], 1);
    let markdown = fs::read_to_string(&report).unwrap();
    assert!(
        markdown.contains("Against run 1 on 4 shared cases: 0 cases newly pass, 4 cases newly fail"),
        "{markdown}"
    );
    assert!(markdown.contains("| late no |"), "{markdown}");
    assert!(
        text.contains("Against run 1 on 4 shared cases: 0 cases newly pass, 4 newly fail"),
        "{text}"
    );
    let text = eval(&[], 1);
    assert!(text.contains("Against run 4 on 4 shared cases"), "{text}");
    // A drill is held against what was measured before it, and nothing against a drill.
    eval(&["--purpose", "drill"], 1);
    assert!(eval(&[], 1).contains("Against run 5 on 4 shared cases"));
}

/// Two runs that were graded differently are shown side by side, and neither is said to be the better one.
#[test]
fn other_graders_make_no_run_better() {
    let sandbox = Sandbox::new();
    let ids: Vec<String> = (0..12).map(|n| format!("a-{n:02}")).collect();
    let cases: Vec<(&str, &str, &str)> = ids.iter().map(|id| (id.as_str(), "late no", "yes")).collect();
    let stub = StubProject::new(&sandbox.path("app"), "", &cases);
    sandbox.run(&["eval", "app", "--trust"]).exits(1);
    stub.release();
    sandbox.run(&["eval", "app"]).exits(0);
    let compared = |runs: [&str; 2]| {
        let found = sandbox
            .run(&["compare", runs[0], runs[1], "--json"])
            .exits(0)
            .json();
        let rate = found["comparisons"][0].clone();
        assert_eq!(rate["metric"], "pass_rate");
        (
            rate["graders_differ"].clone(),
            rate["p_value"].as_f64().unwrap() < 0.05,
        )
    };
    assert_eq!(compared(["1", "2"]), (json!(false), true));
    stub.change_suite(
        "graders:\n",
        "graders:\n  - { name: short, type: contains, value: \"e\", failure: other }\n",
    );
    let report = sandbox.path("report.md").display().to_string();
    sandbox
        .run(&["eval", "app", "--baseline", "1", "--markdown", &report])
        .exits(0);
    assert_eq!(compared(["1", "3"]), (json!(true), true));
    let said = sandbox.run(&["compare", "1", "3"]).exits(0).stdout;
    let markdown = fs::read_to_string(&report).unwrap();
    for text in [said, markdown] {
        assert!(text.contains("not comparable: the graders differ"), "{text}");
        assert!(!text.contains("Pass rate: 0 % to"), "{text}");
    }
}

/// H14: results leave as JSON, JSONL, CSV, HTML; H11: as JUnit and as a Markdown summary for a pull request.
#[test]
fn a_run_is_written_in_every_format() {
    let sandbox = Sandbox::new();
    let folder = project(
        &sandbox,
        "targets:\n  - { name: good, echo: \"{{passage}}\" }\n  - { name: bad, echo: \"=no\" }",
    );
    let formats = ["output", "junit", "markdown", "html", "jsonl", "csv"];
    let mut arguments = vec!["eval".to_owned(), folder];
    for format in formats {
        arguments.extend([format!("--{format}"), format!("out/{format}.txt")]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    sandbox.run(&arguments).exits(1);
    let read = |name: &str| fs::read_to_string(sandbox.path(format!("out/{name}.txt"))).unwrap();
    let results: Value = serde_json::from_str(&read("output")).unwrap();
    assert_eq!(results["results"].as_array().unwrap().len(), 12);
    let junit = read("junit");
    assert_eq!(
        (
            junit.matches("<testsuite ").count(),
            junit.matches("<testcase ").count(),
            junit.matches("<failure").count()
        ),
        (2, 12, 6)
    );
    assert!(read("markdown").contains("good") && read("markdown").contains("missing fact"));
    let html = read("html");
    assert!(html.contains("<svg") && !html.contains("http://") && html.contains("missing fact"));
    assert_eq!(
        read("jsonl")
            .lines()
            .filter(|line| serde_json::from_str::<Value>(line).is_ok())
            .count(),
        12
    );
    let csv = read("csv");
    assert_eq!(csv.lines().count(), 13);
    assert!(
        !csv.contains(",=no"),
        "a cell that a spreadsheet would run: {csv}"
    );
}

/// A file that cannot be written is an error, and takes nothing with it that was measured.
#[test]
fn a_report_that_cannot_be_written_costs_no_figures() {
    let sandbox = Sandbox::new();
    let folder = project(&sandbox, "target: { name: echo, echo: \"{{passage}}\" }");
    fs::write(sandbox.path("file"), "").unwrap();
    let ran = sandbox
        .run(&["eval", &folder, "--output", "file/results.json"])
        .exits(3);
    assert!(ran.stderr.contains("file/results.json"), "{}", ran.stderr);
    assert!(ran.stdout.contains("Gate passed"), "{}", ran.stdout);
}

/// A slip in the name of a report destroys nobody's file, and the next report takes the place of the last.
#[test]
fn a_report_replaces_an_earlier_one_and_no_other_file() {
    let sandbox = Sandbox::new();
    let folder = project(&sandbox, "target: { name: echo, echo: \"{{passage}}\" }");
    let suite = fs::read_to_string(sandbox.path("app/suite.yaml")).unwrap();
    let options = ["--output", "--junit", "--markdown", "--html", "--jsonl", "--csv"];
    for option in options {
        let refused = sandbox
            .run(&["eval", &folder, option, "app/suite.yaml", "--json"])
            .exits(2);
        assert!(
            refused
                .stderr
                .contains("app/suite.yaml is there and is no such report"),
            "{option}: {}",
            refused.stderr
        );
        assert_eq!(refused.json()["error"]["code"], "file_changed");
    }
    assert_eq!(fs::read_to_string(sandbox.path("app/suite.yaml")).unwrap(), suite);
    assert!(
        sandbox.run(&["runs", "--json"]).exits(0).json() == json!([]),
        "nothing was asked"
    );
    let all: Vec<String> = options
        .iter()
        .flat_map(|option| [(*option).to_owned(), format!("reports/{}", &option[2..])])
        .collect();
    let mut arguments = vec!["eval", folder.as_str()];
    arguments.extend(all.iter().map(String::as_str));
    fs::create_dir_all(sandbox.path("reports")).unwrap();
    fs::write(sandbox.path("reports/output"), "").unwrap();
    sandbox.run(&arguments).exits(0);
    let first = fs::read_to_string(sandbox.path("reports/output")).unwrap();
    sandbox.run(&arguments).exits(0);
    assert_ne!(fs::read_to_string(sandbox.path("reports/output")).unwrap(), first);
    let refused = sandbox.run(&["eval", &folder, "--csv", "reports/html"]).exits(2);
    assert!(refused.stderr.contains("Name another file"), "{}", refused.stderr);
    assert_eq!(
        fs::read_dir(sandbox.path("reports")).unwrap().count(),
        options.len(),
        "nothing is left beside them"
    );
}

/// R77: quality and cost of the last seven days, as Markdown.
#[test]
fn the_week_is_reported() {
    let sandbox = Sandbox::new();
    let folder = project(&sandbox, "target: { name: echo, echo: \"{{passage}}\" }");
    sandbox.run(&["eval", &folder]).exits(0);
    let text = sandbox.run(&["weekly", &folder]).exits(0).stdout;
    assert!(text.contains("100 %") && text.contains("echo"), "{text}");
}

/// R75: the file for a CI engine is written once, shown where it would replace another, and names no secret's value.
#[test]
fn ci_files_are_written_and_never_replace_others() {
    let sandbox = Sandbox::new();
    let folder = project(&sandbox, "target: { name: echo, echo: \"{{passage}}\" }");
    let mut arguments = vec![
        "ci",
        "init",
        &folder,
        "--repository",
        "https://example.org/playbook.git",
        "--secret",
        "OPENAI_API_KEY",
        "--shards",
        "3",
    ];
    for kind in ["github", "gitlab", "slurm", "kubernetes"] {
        arguments.extend(["--kind", kind]);
    }
    arguments.extend(["--project-repository", "https://example.org/app.git"]);
    arguments.extend(["--project-revision", "v2"]);
    let said = sandbox.run(&arguments).exits(0).stdout;
    let workflow = fs::read_to_string(sandbox.path("app/.github/workflows/playbook.yml")).unwrap();
    assert!(
        workflow.contains("install --locked") && workflow.contains(" merge "),
        "{workflow}"
    );
    assert!(said.contains(".github/workflows/playbook.yml"), "{said}");
    let job = fs::read_to_string(sandbox.path("app/ci/playbook.kubernetes.yaml")).unwrap();
    assert!(job.contains("PROJECT_REVISION: \"v2\""), "{job}");
    sandbox.run(&arguments).exits(0);
    fs::write(sandbox.path("app/.github/workflows/playbook.yml"), "mine").unwrap();
    let refused = sandbox.run(&arguments).exits(2);
    assert!(refused.stderr.contains("-mine"), "{}", refused.stderr);
    assert_eq!(
        fs::read_to_string(sandbox.path("app/.github/workflows/playbook.yml")).unwrap(),
        "mine"
    );
}

/// An engine reads its files at the root of the repository, so they are written there and name the suite from there.
#[test]
fn ci_files_lie_at_the_root_of_the_repository() {
    let sandbox = Sandbox::new();
    let folder = project(&sandbox, "target: { name: echo, echo: \"{{passage}}\" }");
    let arguments = [
        "ci",
        "init",
        &folder,
        "--repository",
        "https://example.org/playbook.git",
    ];
    let alone = sandbox.run(&arguments).exits(0);
    assert!(
        alone.stderr.contains("lies in no git repository"),
        "{}",
        alone.stderr
    );
    fs::remove_dir_all(sandbox.path("app/.github")).unwrap();

    fs::create_dir(sandbox.path(".git")).unwrap();
    let within = sandbox.run(&arguments).exits(0);
    assert!(
        within.stderr.contains("the root of the git repository"),
        "{}",
        within.stderr
    );
    assert!(!sandbox.path("app/.github").exists());
    let workflow = fs::read_to_string(sandbox.path(".github/workflows/playbook.yml")).unwrap();
    assert!(workflow.contains("SUITE: \"app/suite.yaml\""), "{workflow}");

    let pods = [&arguments[..], &["--kind", "kubernetes"]].concat();
    let refused = sandbox.run(&pods).exits(2);
    assert!(
        refused.stderr.contains("--project-repository"),
        "{}",
        refused.stderr
    );
}
