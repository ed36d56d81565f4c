//! The command line and the api (which the window calls) say the same of the same project.

use crate::support::{Desk, change};
use api::wire::{run::CompareRequest, run::RunRequest};
use serde_json::{Value, json};

/// The runs that the command line made read the same through the api, figure by figure, and a run of the api on the
/// same state measures what the command line measured. R75: the same gate, so CI and window never disagree.
#[tokio::test(flavor = "multi_thread")]
async fn command_line_and_api_give_the_same_numbers() {
    let desk = Desk::new();
    let folder = desk.sandbox.starter();
    let results = desk.sandbox.run(&["eval", "app", "--json"]).exits(1).json();
    change(&folder.join("service.py"), "TOP_K = 2", "TOP_K = 5");
    desk.sandbox.run(&["eval", "app"]).exits(0);

    // The same database, read by the other front.
    let project = desk
        .playbook
        .find_project(&folder.display().to_string())
        .await
        .unwrap();
    let runs = desk.playbook.run_list(Some(project.id)).await.unwrap();
    assert_eq!(runs.len(), 2);
    let (first, second) = (runs[1].run, runs[0].run);
    let view = desk.playbook.run(RunRequest { run: first }).await.unwrap();
    assert_eq!(serde_json::to_value(&view.summary).unwrap(), results["run"]);
    assert_eq!(
        serde_json::to_value(desk.playbook.results_file(&[first]).await.unwrap()).unwrap(),
        results
    );
    let compared = desk
        .playbook
        .compare(CompareRequest {
            before: first,
            after: second,
        })
        .await
        .unwrap();
    let shown = desk.sandbox.run(&["compare", "1", "2", "--json"]).exits(0).json();
    assert_eq!(serde_json::to_value(&compared).unwrap(), shown);

    // The same project state, measured by the other front: all that does not depend on the clock is the same.
    let own = desk.candidate(project.id).await.summary;
    let by_cli = desk
        .playbook
        .run(RunRequest { run: second })
        .await
        .unwrap()
        .summary;
    let timeless = |run: &api::evidence::RunSummary| -> Value {
        let metrics = run
            .metrics
            .iter()
            .filter(|metric| !metric.name.starts_with("latency_"));
        json!([
            run.cases,
            run.trials,
            run.passed,
            run.failed,
            run.errored,
            metrics.collect::<Vec<_>>(),
            run.categories,
            run.failures,
            run.severities,
            run.tokens,
            run.cost_usd,
            run.gate.verdict,
            run.practice,
            run.target,
            run.dataset,
            run.suite
        ])
    };
    assert_eq!(timeless(&own), timeless(&by_cli));
}
