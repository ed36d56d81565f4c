//! Mistakes in files: each is reported with its file, its line and what was expected, and nothing is started.

use playbook_tests::{Sandbox, StubProject};
use std::fmt::Write as _;

/// What the command says, without the folder of this test.
fn said(sandbox: &Sandbox) -> String {
    let ran = sandbox.run(&["eval", "app", "--trust"]).exits(2);
    assert_eq!(ran.stdout, "");
    ran.stderr
        .replace(&format!("{}/", sandbox.folder().display()), "")
}

/// R75: a suite that cannot be read is an input error, never a passed gate. Every mistake has its line.
#[test]
fn suite_mistakes_are_named_at_their_line() {
    let mistakes = [
        ("version: 1", "version: 2"),
        ("name: golden\n", "name: \" \"\n"),
        ("dataset: golden.jsonl", "dataset: silver.jsonl"),
        ("dataset: golden.jsonl", "dataset: ../golden.jsonl"),
        (
            "dataset: golden.jsonl",
            "dataset: golden.jsonl\ndatasets: more.jsonl",
        ),
        ("  name: stub", "  name: stub\n  model: gpt-5"),
        ("    command: [python3, stub.py]", "    command: []"),
        (
            "    url: \"http://127.0.0.1:{port}\"",
            "    url: 127.0.0.1:{port}",
        ),
        ("startup_timeout: 20s", "startup_timeout: soon"),
        (
            "    health: /healthz\n",
            "    health: /healthz\n   indented: wrongly\n",
        ),
        ("    answer: /answer", "    reply: /answer"),
        ("concurrency: 4", "concurrency: 0"),
        ("concurrency: 4", "concurrency: four"),
        ("timeout: 20s\ngraders", "timeout: 20\ngraders"),
        ("type: contains", "type: similar"),
        (
            "type: contains, expected: expected",
            "type: contains, expected: expected, value: yes",
        ),
        (
            "type: contains, expected: expected",
            "type: regex, pattern: '(unclosed'",
        ),
        (
            "type: contains, expected: expected",
            "type: recall_at_k, k: 0, relevant: expected",
        ),
        (
            "type: contains, expected: expected",
            "type: json_schema, schema: answer.schema.json",
        ),
        ("type: contains, expected: expected", "type: latency, at_most: 2"),
        (
            "release_metrics:",
            "  - { name: fact, type: citations }\nrelease_metrics:",
        ),
        ("metric: pass_rate", "metric: accuracy"),
        ("at_least: 0.5", "at_least: 85"),
        ("at_least: 0.5", "at_least: 0.5, at_most: 0.9"),
        ("error_rate, at_most: 0.5", "error_rate, at_most: 3s"),
        ("at_most: 20s }", "at_most: 20 }"),
        ("latency_p95, at_most: 20s", "latency_p95, at_least: 1s"),
        ("pass_rate, at_least: 0.5", "fact, at_most: 0.5"),
        ("type: contains", "type: contians"),
    ];
    let mut table = String::new();
    for (from, to) in mistakes {
        let sandbox = Sandbox::new();
        let project = StubProject::well(&sandbox.path("app"), 1);
        project.change_suite(from, to);
        let _ = writeln!(
            table,
            "{}\n{}",
            to.trim().replace('\n', " ⏎ "),
            said(&sandbox).trim_end()
        );
        assert!(project.asked().is_empty());
    }
    insta::assert_snapshot!(table);
}

/// Several mistakes are reported at once, each at its line.
#[test]
fn all_mistakes_of_a_suite_are_reported_at_once() {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), 1);
    project.change_suite("dataset: golden.jsonl", "dataset: silver.jsonl");
    project.change_suite("concurrency: 4", "concurrency: 0");
    project.change_suite("metric: pass_rate", "metric: accuracy");
    let said = said(&sandbox);
    let places: Vec<&str> = said
        .lines()
        .filter_map(|line| line.split("app/").nth(1)?.split(' ').next())
        .collect();
    let suite = std::fs::read_to_string(project.suite()).unwrap();
    let line = |part: &str| suite.lines().position(|line| line.contains(part)).unwrap() + 1;
    let expected = [line("silver"), line("accuracy"), line("concurrency")];
    assert_eq!(places.len(), 3, "{said}");
    for (place, line) in places.iter().zip(expected) {
        assert!(
            place.starts_with(&format!("suite.yaml:{line}:")),
            "{place} is not line {line}\n{said}"
        );
    }
}

/// H2: a bad row is named by file and line in all four formats.
#[test]
fn bad_rows_are_named_by_file_and_line() {
    let rows = [
        ("d.jsonl", "{\"question\":\"say a\"}\n\n{\"question\":\"say b\"\n"),
        ("d.jsonl", "{\"question\":\"say a\"}\n[1, 2]\n"),
        (
            "d.jsonl",
            "{\"id\":\"a\",\"question\":\"x\"}\n{\"id\":\"b\",\"question\":\"x\"}\n{\"id\":\"a\",\"question\":\"x\"}\n",
        ),
        ("d.jsonl", "{\"id\":\"a\"}\n"),
        ("d.jsonl", "{\"id\":\" \",\"question\":\"x\"}\n"),
        ("d.jsonl", "{\"id\":[1],\"question\":\"x\"}\n"),
        ("d.jsonl", "\n"),
        (
            "d.json",
            "[\n  {\"question\": \"say a\"},\n  {\"question\": }\n]\n",
        ),
        ("d.json", "[\n  {\"question\": \"say a\"},\n  \"say b\"\n]\n"),
        ("d.json", "{\"question\": \"say a\"}\n"),
        ("d.json", "[\n  {\"question\": \"say a\"},\n"),
        ("d.json", "[\n  {\"question\": \"say a\"}\n]\n[]\n"),
        ("d.csv", "id,question\na,say a\nb,say b,say c\n"),
        ("d.csv", "id,id\na,say a\n"),
        ("d.csv", "id,question\na,say a\nb,\"say b\nc,say c\n"),
        ("d.csv", "id;question;expected\na;say a;a\n"),
        ("d.csv", "id,question\na,\"say\na\"\na,say b\n"),
        ("d.yaml", "- question: say a\n- say b\n"),
        ("d.yaml", "- question: say a\n- question: [say b\n"),
        ("d.yaml", "question: say a\n"),
        ("d.xlsx", "PK"),
    ];
    let mut table = String::new();
    for (name, text) in rows {
        let sandbox = Sandbox::new();
        let project = StubProject::well(&sandbox.path("app"), 1);
        std::fs::write(project.folder.join(name), text).unwrap();
        project.change_suite("dataset: golden.jsonl", &format!("dataset: {name}"));
        let _ = writeln!(
            table,
            "{name}: {}\n{}",
            text.trim_end().replace('\n', " ⏎ "),
            said(&sandbox).trim_end()
        );
    }
    insta::assert_snapshot!(table);
}

/// A folder without a suite, and a file that is no suite at all.
#[test]
fn what_is_no_suite_is_said_so() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("app")).unwrap();
    assert!(said(&sandbox).contains("no suite here (looked for suite.yaml); make one with `playbook init`"));
    for (text, says) in [
        (&b"\xff\xfe"[..], "not UTF-8"),
        (b"", "suite.yaml:1:1"),
        (b"null", "suite.yaml:1:1"),
        (b"- 1\n- 2\n", "suite.yaml:1:1"),
        (b"a: &a [*a]\n", "suite.yaml"),
    ] {
        std::fs::write(sandbox.path("app/suite.yaml"), text).unwrap();
        let said = said(&sandbox);
        assert!(said.contains(says), "{said}");
    }
}

/// A case that lacks what the request asks with is named before anything is started, and not graded as an error.
#[test]
fn a_misspelt_field_is_found_before_the_run() {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), 3);
    let rows = std::fs::read_to_string(project.folder.join("golden.jsonl")).unwrap();
    let misspelt = rows.replacen("\"question\"", "\"qestion\"", 1);
    std::fs::write(project.folder.join("golden.jsonl"), misspelt).unwrap();
    let said = said(&sandbox);
    assert!(
        said.contains("needs `question`") && said.contains("plain-000"),
        "{said}"
    );
    assert!(project.asked().is_empty(), "nothing was asked");
}

/// A grader that reads what no case has would grade nothing and let the gate pass, so it is refused, with the field that
/// was meant; by `--check` as by a run.
#[test]
fn a_grader_that_reads_what_no_case_has_is_refused() {
    for (written, says) in [
        ("expcted", "did you mean `expected`?"),
        ("colour", "cases have question, expected"),
    ] {
        let sandbox = Sandbox::new();
        let project = StubProject::well(&sandbox.path("app"), 3);
        project.change_suite("expected: expected", &format!("expected: {written}"));
        let said = said(&sandbox);
        let reads = format!("grader fact reads the field `{written}`, and no case has it");
        for part in ["suite.yaml", reads.as_str(), says] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(project.asked().is_empty(), "nothing was asked");
        let checked = sandbox.run(&["eval", "app", "--check"]).exits(2);
        assert!(checked.stderr.contains(says), "{}", checked.stderr);
    }
}

/// `--check` finds in cases and requests what a run refuses, and all of it at once.
#[test]
fn a_check_refuses_what_a_run_refuses() {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), 3);
    sandbox.run(&["eval", "app", "--check"]).exits(0);
    project.change_suite("{{question}}", "{{qestion}}");
    project.change_suite("expected: expected", "expected: expcted");
    let checked = sandbox.run(&["eval", "app", "--check"]).exits(2);
    for part in ["needs `qestion`", "did you mean `expected`?"] {
        assert!(checked.stderr.contains(part), "{part}: {}", checked.stderr);
    }
    project.change_suite("{{qestion}}", "{{question}}");
    project.change_suite("expected: expcted", "expected: expected");

    let rows = "{\"question\": \"say a\", \"expected\": \"a\"}\n[1]\n";
    std::fs::write(project.folder.join("golden.jsonl"), rows).unwrap();
    let checked = sandbox.run(&["eval", "app", "--check"]).exits(2);
    assert!(
        checked.stderr.contains("golden.jsonl:2:") && checked.stderr.contains("--skip-bad-rows"),
        "{}",
        checked.stderr
    );
    sandbox
        .run(&["eval", "app", "--check", "--skip-bad-rows"])
        .exits(0);
}
