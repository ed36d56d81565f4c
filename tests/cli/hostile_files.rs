//! Files that would hang the app or eat the machine: each is refused or stopped, by name and in time.

use playbook_tests::{Ran, Sandbox, StubProject};
use std::{
    fmt::Write as _,
    fs,
    time::{Duration, Instant},
};

/// Runs the suite, which must end soon.
#[track_caller]
fn run(sandbox: &Sandbox) -> Ran {
    let started = Instant::now();
    let ran = sandbox.run(&["eval", "app", "--trust", "--json"]);
    assert!(started.elapsed() < Duration::from_secs(60), "{ran:?}");
    assert!(!ran.stderr.contains("panicked") && ran.code >= 0, "{ran:?}");
    ran
}

/// Nine levels of ten references each: a thousand million texts.
fn billion_laughs(list: bool) -> String {
    let mut text = String::new();
    let dash = if list { "- " } else { "" };
    let _ = writeln!(
        text,
        "{dash}a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"
    );
    for level in 1..10 {
        let references = vec![format!("*a{}", level - 1); 10].join(", ");
        let indent = if list { "  " } else { "" };
        let _ = writeln!(text, "{indent}a{level}: &a{level} [{references}]");
    }
    text
}

/// A suite or a dataset that grows to more than the machine holds is refused at its line.
#[test]
fn aliases_that_multiply_are_refused() {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), 1);
    let body = billion_laughs(false)
        .lines()
        .map(|line| format!("      {line}\n"))
        .collect::<String>();
    project.change_suite(
        "body: { question: \"{{question}}\" } }",
        &format!("\n    body:\n{body}"),
    );
    let suite = fs::read_to_string(project.suite()).unwrap();
    let suite = suite.replace(
        "request: { method: POST, path: /ask, ",
        "request:\n    method: POST\n    path: /ask",
    );
    project.write_suite(&suite);
    let refused = run(&sandbox).exits(2);
    assert!(refused.stderr.contains("suite.yaml:"), "{}", refused.stderr);

    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), 1);
    fs::write(project.folder.join("laughs.yaml"), billion_laughs(true)).unwrap();
    project.change_suite("dataset: golden.jsonl", "dataset: laughs.yaml");
    let refused = run(&sandbox).exits(2);
    assert!(refused.stderr.contains("laughs.yaml:"), "{}", refused.stderr);
}

/// Nesting without end overflows no stack.
#[test]
fn nesting_without_end_is_refused() {
    let deep = "[".repeat(200_000);
    for (name, text) in [
        ("suite.yaml", deep.clone()),
        ("deep.jsonl", format!("{{\"question\": {deep}")),
        ("deep.json", deep.clone()),
        ("deep.yaml", deep),
    ] {
        let sandbox = Sandbox::new();
        let project = StubProject::well(&sandbox.path("app"), 1);
        if name == "suite.yaml" {
            project.write_suite(&text);
        } else {
            fs::write(project.folder.join(name), text).unwrap();
            project.change_suite("dataset: golden.jsonl", &format!("dataset: {name}"));
        }
        let refused = run(&sandbox).exits(2);
        assert!(refused.stderr.contains(&format!("{name}:")), "{}", refused.stderr);
    }
}

/// A list that is cut off ends, also for somebody who passes over bad rows: with what stands before the cut.
#[test]
fn a_list_that_is_cut_off_ends() {
    for (text, passed) in [
        (
            "[\n  {\"id\": \"a\", \"question\": \"say yes\", \"expected\": \"yes\"},\n",
            1,
        ),
        (
            "[\n  {\"id\": \"a\", \"question\": \"say yes\", \"expected\": \"yes\"},\n  {\"id\": \"b\"",
            1,
        ),
        ("{\"id\": \"a\", \"question\": \"say yes\"}\n", 0),
    ] {
        let sandbox = Sandbox::new();
        let project = StubProject::well(&sandbox.path("app"), 1);
        fs::write(project.folder.join("cut.json"), text).unwrap();
        project.change_suite("dataset: golden.jsonl", "dataset: cut.json");
        let refused = run(&sandbox).exits(2);
        assert_eq!(
            refused.stderr.matches("cut.json").count(),
            1,
            "once: {}",
            refused.stderr
        );
        let skipping = sandbox.run(&["eval", "app", "--trust", "--json", "--skip-bad-rows"]);
        if passed == 0 {
            assert!(skipping.exits(2).stderr.contains("no cases"));
        } else {
            assert_eq!(skipping.json()["summary"]["passed"], passed);
        }
    }
}

/// Whatever a suite names lies in its folder: a path up, an absolute path and a link that leads out are refused.
#[test]
fn paths_that_leave_the_project_are_refused() {
    for (named, link) in [
        ("../outside.jsonl", false),
        ("/outside.jsonl", false),
        ("inside/../../outside.jsonl", false),
        ("link.jsonl", true),
    ] {
        let sandbox = Sandbox::new();
        let project = StubProject::well(&sandbox.path("app"), 1);
        let outside = sandbox.path("outside.jsonl");
        fs::copy(project.folder.join("golden.jsonl"), &outside).unwrap();
        fs::create_dir(project.folder.join("inside")).unwrap();
        if link {
            std::os::unix::fs::symlink(&outside, project.folder.join("link.jsonl")).unwrap();
        }
        project.change_suite("dataset: golden.jsonl", &format!("dataset: {named}"));
        let refused = run(&sandbox).exits(2);
        assert!(
            refused.stderr.contains("suite.yaml:3:10: "),
            "{named}: {}",
            refused.stderr
        );
        assert!(project.asked().is_empty());
    }
}

/// A schema that refers to itself ends: at a mistake in the suite, or in a verdict.
#[test]
fn a_schema_that_refers_to_itself_ends() {
    for schema in [
        r##"{ "$ref": "#" }"##,
        r##"{ "$ref": "#/$defs/a", "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } } }"##,
        r#"{ "$ref": "schema.json" }"#,
    ] {
        let sandbox = Sandbox::new();
        let project = StubProject::new(
            &sandbox.path("app"),
            "",
            &[("a", "json {\"answer\": \"{}\"}", "x")],
        );
        fs::write(project.folder.join("schema.json"), schema).unwrap();
        project.change_suite(
            "type: contains, expected: expected",
            "type: json_schema, schema: schema.json",
        );
        let ran = run(&sandbox);
        assert!(ran.code <= 2, "{schema}: {ran:?}");
    }
}

/// Scripts without an end and scripts that allocate without an end are stopped, each with its name, and the run ends.
#[test]
fn scripts_without_an_end_are_stopped() {
    let graders = "graders:
  - { name: endless js, type: script, language: javascript, time_limit: 300ms, code: '(() => { for (;;) {} })()' }
  - { name: endless py, type: script, language: python, time_limit: 2s, code: \"def grade(output, context):\\n  while True: pass\" }
  - { name: greedy js, type: script, language: javascript, memory_limit_mib: 32, code: '(() => { const all = []; for (;;) all.push(\"x\".repeat(1 << 16) + all.length) })()' }
  - { name: greedy py, type: script, language: python, memory_limit_mib: 256, code: \"def grade(output, context):\\n  all = []\\n  while True: all.append(bytearray(1 << 20))\" }
";
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), 3);
    let suite = fs::read_to_string(project.suite()).unwrap();
    let suite = suite.replace("graders:\n", graders);
    project.write_suite(&suite);
    let results = run(&sandbox).exits(1).json();
    for row in results["results"].as_array().unwrap() {
        let grades = row["grades"].as_array().unwrap();
        let said = |name: &str| {
            let grade = grades.iter().find(|grade| grade["grader"] == name).unwrap();
            assert_eq!(grade["undecided"], "script_failed", "{grade}");
            grade["reason"].as_str().unwrap().to_owned()
        };
        assert!(
            said("endless js").contains("ran longer than 0.3 s"),
            "{}",
            said("endless js")
        );
        assert!(
            said("endless py").contains("ran longer than 2 s"),
            "{}",
            said("endless py")
        );
        assert!(
            said("greedy js").contains("more than 32 MiB"),
            "{}",
            said("greedy js")
        );
        assert!(
            said("greedy py").contains("more than 256 MiB"),
            "{}",
            said("greedy py")
        );
        assert_eq!(grades.iter().filter(|grade| grade["grader"] == "fact").count(), 1);
    }
    assert_eq!(sandbox.processes(), [], "no script outlives the run");
}
