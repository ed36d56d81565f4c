//! The service under test: trusted first, stopped whatever happens, and a named cause where it fails.

use nix::sys::signal::Signal;
use playbook_tests::{Ran, Sandbox, StubProject, signal, until};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    process::{Child, Output},
};

/// Eight cases that are answered at once, and eight that are held back until the test lets them go.
fn held(sandbox: &Sandbox, arguments: &str) -> StubProject {
    let cases: Vec<(String, String)> = (0..16)
        .map(|n| {
            (
                format!("case-{n:02}"),
                format!("{} w{n}", if n < 8 { "say" } else { "hold" }),
            )
        })
        .collect();
    let cases: Vec<(&str, &str, &str)> = cases
        .iter()
        .map(|(id, question)| (id.as_str(), question.as_str(), "w"))
        .collect();
    StubProject::new(&sandbox.path("app"), arguments, &cases)
}

/// The command at work on a run of which eight results are safe.
fn at_work(sandbox: &Sandbox, project: &StubProject) -> Child {
    let child = sandbox
        .command(&["eval", "app", "--trust", "-j", "4"])
        .spawn()
        .unwrap();
    until("the first eight are answered and four are held back", || {
        project.asked().len() == 12
    });
    until("eight results are safe", || results(sandbox) == 8);
    child
}

/// Results that another process finds in the database.
fn results(sandbox: &Sandbox) -> u64 {
    let paths = api::Paths::below(&sandbox.data());
    let playbook = api::Playbook::open(paths, std::sync::Arc::new(api::SystemHost)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let state = runtime
        .block_on(playbook.app_state(api::wire::Nothing {}))
        .unwrap();
    state
        .running
        .iter()
        .map(|run| run.done)
        .chain(state.resumable.iter().map(|run| run.done))
        .sum()
}

fn ended(output: Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Every case once, and none whose result was safe asked a second time.
fn assert_nothing_lost_and_none_twice(results: &Value, project: &StubProject) {
    let mut ids: Vec<&str> = results["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["case_id"].as_str().unwrap())
        .collect();
    assert!(ids.is_sorted(), "{ids:?}");
    ids.dedup();
    assert_eq!(ids.len(), 16);
    assert_eq!(results["summary"]["passed"], 16);
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    for question in project.asked() {
        *times.entry(question).or_default() += 1;
    }
    for (question, times) in times {
        // Eight were finished; the four in flight were given up and asked again.
        let most = if question.starts_with("say") { 1 } else { 2 };
        assert!(times <= most, "{question} was asked {times} times");
    }
}

/// Ctrl-C stops the run and keeps what is finished; the service ends; `--resume last` does the rest.
#[test]
fn ctrl_c_keeps_what_is_finished_and_resume_does_the_rest() {
    let sandbox = Sandbox::new();
    let project = held(&sandbox, "");
    let child = at_work(&sandbox, &project);
    let run = sandbox.run(&["runs", "--json"]).exits(0).json()[0]["run"]
        .as_str()
        .unwrap()
        .to_owned();
    let marked = sandbox
        .processes()
        .iter()
        .filter(|(_, mark)| mark.as_deref() == Some(run.as_str()))
        .count();
    assert_eq!(marked, 1, "the service carries the mark of its run");

    signal(child.id(), Signal::SIGINT);
    let stopped = ended(child.wait_with_output().unwrap()).exits(130);
    assert!(
        stopped.stderr.contains("stopped: 8 of 16 results are kept"),
        "{}",
        stopped.stderr
    );
    assert_eq!(sandbox.processes(), []);

    project.release();
    let resumed = sandbox
        .run(&["eval", "app", "--resume", "last", "--json"])
        .exits(0)
        .json();
    assert_eq!(resumed["run"]["run"], run);
    assert_eq!(resumed["run"]["status"], "finished");
    assert_nothing_lost_and_none_twice(&resumed, &project);
}

/// kill -9 loses no finished result; the service and what it started do not outlive the next start; the run can be
/// gone on with by its number.
#[test]
fn kill_keeps_what_is_finished_and_leaves_no_service() {
    let sandbox = Sandbox::new();
    let project = held(&sandbox, "--child");
    let mut child = at_work(&sandbox, &project);
    let run = sandbox.run(&["runs", "--json"]).exits(0).json()[0].clone();
    assert_eq!(run["status"], "running");
    signal(child.id(), Signal::SIGKILL);
    child.wait().unwrap();
    // The service dies with the engine. Its child may live on, until the app starts the next time and finds the mark.
    until("at most the service's own child is left", || {
        sandbox.processes().len() <= 1
    });

    let runs = sandbox.run(&["runs", "--json"]).exits(0).json();
    assert_eq!(
        (&runs[0]["status"], &runs[0]["trials"]),
        (&"interrupted".into(), &8.into())
    );
    until("nothing is left", || sandbox.processes().is_empty());

    project.release();
    let resumed = sandbox.run(&["eval", "--resume", "1", "--json"]).exits(0).json();
    assert_eq!(resumed["run"]["run"], run["run"]);
    assert_nothing_lost_and_none_twice(&resumed, &project);
    let again = sandbox.run(&["eval", "--resume", "1", "--json"]).exits(0).json();
    assert_eq!(
        again["results"], resumed["results"],
        "there is nothing left to do, and nothing was done"
    );
}

/// A run whose suite or dataset changed is not gone on with: its results would be of two things.
#[test]
fn resume_is_refused_after_the_dataset_changed() {
    let sandbox = Sandbox::new();
    let project = held(&sandbox, "");
    let child = at_work(&sandbox, &project);
    signal(child.id(), Signal::SIGINT);
    child.wait_with_output().unwrap();
    let dataset = project.folder.join("golden.jsonl");
    let text = std::fs::read_to_string(&dataset).unwrap();
    std::fs::write(&dataset, text.replace("\"w\"", "\"x\"")).unwrap();
    let refused = sandbox.run(&["eval", "--resume", "last"]).exits(2);
    assert!(
        refused
            .stderr
            .contains("the dataset has changed since run 1 began"),
        "{}",
        refused.stderr
    );
}

/// A service that does not listen to SIGTERM is killed; the command ends all the same.
#[test]
fn service_that_ignores_the_request_to_stop_is_killed() {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), 2);
    project.change_suite("stub.py", "stub.py, --deafening, --child");
    sandbox.run(&["eval", "app", "--trust"]).exits(0);
    assert_eq!(sandbox.processes(), []);
}

/// An untrusted folder starts nothing: exit code 2, and the way to trust it.
#[test]
fn untrusted_folder_starts_nothing() {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("app"), 1);
    let refused = sandbox.run(&["eval", "app"]).exits(2);
    assert!(
        refused.stderr.contains("this folder is not trusted yet"),
        "{}",
        refused.stderr
    );
    assert!(
        refused.stderr.contains("python3 stub.py") && refused.stderr.contains("--trust"),
        "{}",
        refused.stderr
    );
    let arguments =
        "init new --command stub.py --port-variable PORT --path /ask --field question --question x";
    let arguments: Vec<&str> = arguments.split(' ').collect();
    StubProject::well(&sandbox.path("new"), 1);
    std::fs::remove_file(sandbox.path("new/suite.yaml")).unwrap();
    let refused = sandbox.run(&arguments).exits(2);
    assert!(refused.stderr.contains("not trusted yet"), "{}", refused.stderr);
    assert!(project.asked().is_empty());
    assert!(!sandbox.path("new/.asked.log").exists());
    assert_eq!(sandbox.run(&["runs", "--json"]).json(), serde_json::json!([]));
    sandbox.run(&["eval", "app", "--trust"]).exits(0);
    // Trust is remembered for the folder.
    sandbox.run(&["eval", "app"]).exits(0);
}

/// A service that ends in the middle is a named failure with its last words, and what was finished is kept.
#[test]
fn crash_in_the_middle_is_named_and_can_be_resumed() {
    let sandbox = Sandbox::new();
    let project = StubProject::new(
        &sandbox.path("app"),
        "",
        &[
            ("a", "say yes", "yes"),
            ("b", "say yes", "yes"),
            ("c", "crash yes", "yes"),
            ("d", "say yes", "yes"),
        ],
    );
    let failed = sandbox.run(&["eval", "app", "--trust", "-j", "1"]).exits(3);
    assert!(
        failed
            .stderr
            .contains("the service ended during the run with exit code 7"),
        "{}",
        failed.stderr
    );
    assert!(
        failed.stderr.contains("Traceback: the index is gone"),
        "{}",
        failed.stderr
    );
    let runs = sandbox.run(&["runs", "--json"]).exits(0).json();
    assert_eq!(
        (&runs[0]["status"], &runs[0]["trials"]),
        (&"failed".into(), &2.into())
    );

    project.release();
    let resumed = sandbox
        .run(&["eval", "--resume", "last", "--json"])
        .exits(0)
        .json();
    assert_eq!(resumed["summary"]["trials"], 4);
    assert_eq!(
        project
            .asked()
            .iter()
            .filter(|question| *question == "say yes")
            .count(),
        3
    );
}

/// A service that was mended in between is another service: its results are not mixed with those of the broken one.
#[test]
fn resume_is_refused_after_the_service_changed() {
    let sandbox = Sandbox::new();
    let project = StubProject::new(
        &sandbox.path("app"),
        "",
        &[("a", "say yes", "yes"), ("b", "crash yes", "yes")],
    );
    sandbox.run(&["eval", "app", "--trust", "-j", "1"]).exits(3);
    let stub = project.folder.join("stub.py");
    let mended = std::fs::read_to_string(&stub).unwrap() + "# mended\n";
    std::fs::write(&stub, mended).unwrap();
    let refused = sandbox.run(&["eval", "--resume", "last"]).exits(2);
    assert!(
        refused
            .stderr
            .contains("the project's source has changed since run 1 began"),
        "{}",
        refused.stderr
    );
}

/// A service that cannot be asked at all: every way has its cause in words, exit code 3, and no hang.
#[test]
fn service_that_never_comes_up_is_named() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let fixed = format!("127.0.0.1:{port}");
    let in_use = format!("{fixed} is in use by another program");
    for (from, to, says) in [
        (
            "stub.py",
            "stub.py, --exit",
            &[
                "ended with exit code 1 before it was ready",
                "No module named 'langchain'",
            ][..],
        ),
        (
            "stub.py",
            "gone.py",
            &["ended with exit code 2 before it was ready", "gone.py"],
        ),
        (
            "python3",
            "no-such-program",
            &["there is no program `no-such-program` on the PATH"],
        ),
        (
            "stub.py",
            "stub.py, --unwell",
            &["was not ready within 1 s: /healthz answers with status 503"],
        ),
        (
            "stub.py",
            "stub.py, --deaf",
            &[
                "was not ready within 1 s: nothing listens at",
                "loading the index",
            ],
        ),
        ("http://127.0.0.1:{port}", &format!("http://{fixed}"), &[&in_use]),
    ] {
        let sandbox = Sandbox::new();
        let project = StubProject::well(&sandbox.path("app"), 1);
        project.change_suite("startup_timeout: 20s", "startup_timeout: 1s");
        project.change_suite(from, to);
        let failed = sandbox.run(&["eval", "app", "--trust"]).exits(3);
        for text in says {
            assert!(failed.stderr.contains(text), "{to}: {}", failed.stderr);
        }
        assert_eq!(sandbox.processes(), [], "{to}");
    }
}

/// A service that answers, and wrongly: each trial names its cause, the run goes on to its end.
#[test]
fn unusable_answers_are_errors_with_a_cause() {
    let sandbox = Sandbox::new();
    let project = StubProject::new(
        &sandbox.path("app"),
        "",
        &[
            ("a-html", "html", "x"),
            ("b-500", "status 500", "x"),
            ("c-silence", "silence", "x"),
            ("d-slow", "hold x", "x"),
            ("e-elsewhere", "json {\"reply\": \"x\"}", "x"),
            ("f-right", "say x", "x"),
        ],
    );
    project.change_suite("timeout: 20s\ngraders", "timeout: 500ms\ngraders");
    let results = sandbox.run(&["eval", "app", "--trust", "--json"]).exits(1).json();
    let errors: Vec<&str> = results["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["error"].as_str().unwrap_or("none"))
        .collect();
    let causes = [
        "malformed_response",
        "http_status",
        "interrupted",
        "timeout",
        "response_mapping",
        "none",
    ];
    for (error, cause) in errors.iter().zip(causes) {
        assert!(error.starts_with(cause), "{error} is not {cause}");
    }
    assert!(errors[0].contains("It works"), "{}", errors[0]);
    assert!(
        errors[4].contains("it has /reply. Correct `response.answer`"),
        "{}",
        errors[4]
    );
    assert_eq!(
        (&results["summary"]["errored"], &results["summary"]["passed"]),
        (&5.into(), &1.into())
    );
}
