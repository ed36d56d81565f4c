//! What a crash leaves behind, and how the next start goes on.

use crate::window::Window;
use playbook_tests::{Sandbox, StubProject, until};
use serde_json::Value;

/// kill -9 in the middle of a run: every finished result is there, the service is gone, the next start offers to
/// resume, and in the end each case has exactly one result.
#[tokio::test]
async fn a_killed_app_loses_no_finished_result_and_offers_to_resume() {
    let sandbox = Sandbox::new();
    // Forty cases are answered at once; twenty are held back until the test says so, which keeps the run in its middle.
    let cases: Vec<(String, String, String)> = (0..60)
        .map(|n| {
            let verb = if n < 40 { "say" } else { "hold" };
            (
                format!("case-{n:02}"),
                format!("{verb} word{n}"),
                format!("word{n}"),
            )
        })
        .collect();
    let rows: Vec<_> = cases
        .iter()
        .map(|(id, ask, say)| (id.as_str(), ask.as_str(), say.as_str()))
        .collect();
    let project = StubProject::new(&sandbox.path("stub"), "", &rows);
    // The window gets to know the project, and its trust, from the command line.
    sandbox
        .run(&["eval", "stub", "--trust", "--filter", "id=case-00"])
        .exits(0);

    let window = Window::open(&sandbox.data(), &sandbox.path("projects")).await;
    window.click("Skip the set-up").await;
    window.go("/projects").await;
    window.click_element("//main//a[contains(., 'stub')]").await;
    window.click("Run again").await;
    window.click("Start the run").await;
    window.see("40 of 60").await;
    window.picture("running-light").await;
    let asked_before = project.asked();
    window.kill_app().await;
    until("the service ended with the app", || {
        sandbox.processes().is_empty()
    });

    let window = Window::open(&sandbox.data(), &sandbox.path("projects")).await;
    window.see("stopped at 40 of 60").await;
    window.picture("resume-light").await;
    project.release();
    window.click("Resume").await;
    window.see("Gate passed").await;
    window.close().await;

    let runs = sandbox.run(&["runs", "--json"]).exits(0).json();
    let run = &runs.as_array().unwrap()[0];
    assert_eq!(
        (run["trials"].as_u64(), run["cases"].as_u64()),
        (Some(60), Some(60)),
        "each case has one result"
    );
    assert_eq!(run["status"], Value::from("finished"));
    // No finished call was asked again; only what was in flight may be.
    let asked = project.asked();
    let again: Vec<&String> = asked[asked_before.len()..]
        .iter()
        .filter(|question| question.starts_with("say"))
        .collect();
    assert!(again.is_empty(), "asked again although finished: {again:?}");
}
