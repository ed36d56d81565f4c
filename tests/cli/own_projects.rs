//! `playbook init` on services of other people's making, which know nothing of the app.

use playbook_tests::{Sandbox, copy_folder, fingerprints, finish, node_modules, python_environment, root};
use serde_json::Value;
use std::{io::Write as _, os::unix::fs::symlink, path::PathBuf};

fn adopt(sandbox: &Sandbox, name: &str, link: (&str, PathBuf), arguments: &[&str]) -> PathBuf {
    let folder = sandbox.path(name);
    copy_folder(&root().join("tests/fixtures").join(name), &folder);
    symlink(link.1, folder.join(link.0)).unwrap();
    let before = fingerprints(&folder);

    let mut all = vec!["init", name, "--trust"];
    all.extend(arguments);
    let ran = sandbox.run(&all).exits(0);
    assert!(
        ran.stdout
            .contains("Wrote playbook.suite.yaml and playbook.golden.jsonl"),
        "{}",
        ran.stdout
    );
    let mut after = fingerprints(&folder);
    assert!(after.remove("playbook.suite.yaml").is_some() && after.remove("playbook.golden.jsonl").is_some());
    assert_eq!(after, before, "a file of the project's own was changed");
    assert_eq!(sandbox.processes(), []);
    folder
}

fn evaluate(sandbox: &Sandbox, name: &str) -> Value {
    let results = sandbox.run(&["eval", name, "--json"]).exits(0).json();
    assert_eq!(results["summary"]["cases"], 5);
    assert_eq!(results["summary"]["passed"], 5, "{results:#}");
    assert_eq!(results["summary"]["practice"], false);
    assert_eq!(sandbox.processes(), []);
    // A second init overwrites nothing.
    let again = sandbox.run(&["init", name]).exits(0);
    assert!(again.stdout.contains("has a suite already"), "{}", again.stdout);
    results
}

/// A FastAPI service is adopted with its own start, its nested answer and its passages, and five typed cases run on it.
#[test]
fn python_service_is_adopted_and_measured() {
    let sandbox = Sandbox::new();
    let cases = [
        "--case=When is it open? => closed on Mondays",
        "--case=What is a ticket? => twelve euros",
        "--case=Where can I park? => no car park",
        "--case=Is there a cafe? => until three",
        "--case=Who painted it? =>",
    ];
    let start = ".venv/bin/python -m uvicorn main:app --host 127.0.0.1 --port {port}";
    let mut arguments = vec![
        "--command",
        start,
        "--path",
        "/v1/ask",
        "--question",
        "When is it open?",
    ];
    arguments.extend(["--answer", "/result/reply"]);
    arguments.extend(cases);
    let folder = adopt(
        &sandbox,
        "python-service",
        (".venv", python_environment()),
        &arguments,
    );
    let suite = std::fs::read_to_string(folder.join("playbook.suite.yaml")).unwrap();
    for line in [
        "    health: \"/health\"",
        "    body: {\"query\":\"{{question}}\"}",
        "    answer: \"/result/reply\"",
        "    passages: \"/sources\"",
        "    passage_id: \"/doc_id\"",
        "    input_tokens: \"/usage/prompt_tokens\"",
    ] {
        assert!(suite.lines().any(|there| there == line), "no {line} in\n{suite}");
    }
    evaluate(&sandbox, "python-service");
}

/// An Express service is adopted by answering questions: every proposal is taken, and five cases are typed.
#[test]
fn node_service_is_adopted_and_measured() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("node-service");
    copy_folder(&root().join("tests/fixtures/node-service"), &folder);
    symlink(node_modules(), folder.join("node_modules")).unwrap();
    let before = fingerprints(&folder);
    let mut command = sandbox.command(&["init", "node-service"]);
    let (reader, mut writer) = std::io::pipe().unwrap();
    command.stdin(reader);
    // Command, path, question, trust, answer; then five cases.
    let typed = [
        "",
        "",
        "When do I plant a tomato?",
        "yes",
        "", //
        "",
        "after the last frost",
        "How do I cut a rose?",
        "early spring",
        "How short is the lawn?",
        "four centimetres",
        "What about compost?",
        "three weeks",
        "What is the capital of Peru?",
        "",
    ];
    writer
        .write_all(format!("{}\n", typed.join("\n")).as_bytes())
        .unwrap();
    drop(writer);
    let ran = finish(command).exits(0);
    assert!(
        ran.stderr
            .contains("proposed: node server.js  (the start script in package.json"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("proposed: POST /chat  (server.js line"),
        "{}",
        ran.stderr
    );
    let mut after = fingerprints(&folder);
    assert!(after.remove("playbook.suite.yaml").is_some() && after.remove("playbook.golden.jsonl").is_some());
    assert_eq!(after, before, "a file of the project's own was changed");
    let results = evaluate(&sandbox, "node-service");
    assert_eq!(
        results["results"][4]["grades"][0]["reason"],
        "refused, as it should"
    );
}

/// Where the answers are missing, `init` says which, changes nothing and leaves nothing running.
#[test]
fn init_without_answers_changes_nothing() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("app");
    copy_folder(&root().join("tests/fixtures/services"), &folder);
    let before = fingerprints(&folder);
    let start = ["--command", "python3 stub.py", "--port-variable", "PORT"];
    let ask = ["--path", "/ask", "--field", "question", "--question", "say hello"];
    for (arguments, code, says) in [
        (vec![], 2, "pass --path"),
        (ask.to_vec(), 2, "pass --answer"),
        (
            [&ask[..], &["--answer", "/nowhere", "--case", "a => b"]].concat(),
            2,
            "It has /answer",
        ),
        (
            [&ask[..], &["--answer", "/answer", "--case", "a is b"]].concat(),
            2,
            "`a is b` is no case",
        ),
        (
            [&ask[..], &["--answer", "/answer"]].concat(),
            2,
            "there is no case yet",
        ),
        (
            [
                "--path",
                "/ask",
                "--field",
                "question",
                "--question",
                "status 404",
            ]
            .to_vec(),
            3,
            "with status 404",
        ),
        (
            ["--path", "/ask", "--field", "question", "--question", "html"].to_vec(),
            3,
            "is not JSON",
        ),
        (
            ["--path", "/ask", "--field", "question", "--question", "crash"].to_vec(),
            3,
            "exit code 7",
        ),
    ] {
        let mut all = vec!["init", "app", "--trust"];
        all.extend(start);
        all.extend(arguments);
        let ran = sandbox.run(&all).exits(code);
        assert!(ran.stderr.contains(says), "{all:?}: {}", ran.stderr);
        let mut after = fingerprints(&folder);
        after.remove(".asked.log");
        assert_eq!(after, before, "{all:?}");
        assert_eq!(sandbox.processes(), [], "{all:?}");
    }
}

/// A service that answers nothing but POST is ready when its port is open; the suite names no health path.
#[test]
fn a_service_without_a_health_path_is_adopted() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("bare");
    std::fs::create_dir_all(&folder).unwrap();
    let server = "import json, os\nfrom http.server import BaseHTTPRequestHandler, HTTPServer\n\n\nclass H(BaseHTTPRequestHandler):\n    def do_POST(self):\n        self.rfile.read(int(self.headers['Content-Length']))\n        body = json.dumps({'answer': 'yes'}).encode()\n        self.send_response(200)\n        self.send_header('Content-Length', str(len(body)))\n        self.end_headers()\n        self.wfile.write(body)\n\n\nHTTPServer(('127.0.0.1', int(os.environ['PORT'])), H).serve_forever()\n";
    std::fs::write(folder.join("app.py"), server).unwrap();
    let arguments = [
        "init",
        "bare",
        "--trust",
        "--command",
        "python3 app.py",
        "--port-variable",
        "PORT",
        "--path",
        "/ask",
        "--field",
        "question",
        "--question",
        "Is it so?",
        "--answer",
        "/answer",
    ];
    // What is typed wrongly is said before anything is started.
    let bad = sandbox
        .run(&[&arguments[..], &["--case", "bad case"]].concat())
        .exits(2);
    assert!(bad.stderr.contains("`bad case` is no case"), "{}", bad.stderr);
    assert!(!bad.stderr.contains("Starting it"), "{}", bad.stderr);
    let ran = sandbox
        .run(&[&arguments[..], &["--case", "Is it so? => yes"]].concat())
        .exits(0);
    assert!(
        ran.stderr.contains("an open port counts as ready"),
        "{}",
        ran.stderr
    );
    let suite = std::fs::read_to_string(folder.join("playbook.suite.yaml")).unwrap();
    assert!(!suite.contains("health:"), "{suite}");
    let results = sandbox.run(&["eval", "bare", "--json"]).json();
    assert_eq!(results["summary"]["passed"], 1, "{results:#}");
    // A case that would be lost is refused.
    let again = sandbox
        .run(&["init", "bare", "--case", "And so? => yes"])
        .exits(2);
    assert!(
        again.stderr.contains("no case was added to it"),
        "{}",
        again.stderr
    );
    assert_eq!(sandbox.processes(), []);
}
