//! Runs and their gate: thresholds, budgets, severities, what differs, what is too small.

use crate::support::{Desk, ask, change, experiment, metric};
use api::{
    Code,
    evidence::{GateVerdict, Purpose, RunId, RunStatus, Verdict},
    wire::{
        project::{ProjectRequest, ProjectView},
        run::{
            CompareRequest, Flip, FlipFilter, ResultFilter, ResultRequest, ResultsRequest, RunView,
            StartRunRequest,
        },
    },
};
use playbook_tests::StubProject;

async fn opened(desk: &Desk, project: api::evidence::ProjectId) -> ProjectView {
    desk.playbook.project(ProjectRequest { project }).await.unwrap()
}

fn verdict(view: &RunView, name: &str) -> Verdict {
    view.summary
        .gate
        .metrics
        .iter()
        .find(|gate| gate.threshold.metric == name)
        .unwrap()
        .verdict
}

/// R74: a release needs three release metrics that were set before the run and pass: fewer are no gate, a failing one
/// shuts it, and the sentence says which.
#[tokio::test(flavor = "multi_thread")]
async fn a_release_needs_three_metrics_that_pass() {
    let desk = Desk::new();
    let stub = StubProject::well(&desk.sandbox.path("app"), 12);
    let project = desk.opens(&stub.folder).await.id;
    let passed = desk.candidate(project).await;
    assert_eq!(passed.summary.gate.verdict, GateVerdict::Passed);

    stub.change_suite("  - { metric: latency_p95, at_most: 20s }\n", "");
    let unset = desk.candidate(project).await;
    assert_eq!(unset.summary.gate.verdict, GateVerdict::Unset);
    assert!(
        unset
            .headline
            .contains("needs three release metrics; the suite sets 2"),
        "{}",
        unset.headline
    );
    let row = &opened(&desk, project).await.suites[0];
    assert!(
        row.warnings
            .iter()
            .any(|warning| warning.contains("2 of 3 release metrics are set")),
        "{row:?}"
    );

    stub.change_suite(
        "pass_rate, at_least: 0.5",
        "pass_rate, at_least: 0.9, demand_bound: true",
    );
    let failed = desk.candidate(project).await;
    assert_eq!(failed.summary.gate.verdict, GateVerdict::Failed);
    // Twelve of twelve: the value passes, its interval reaches below.
    assert!(
        failed.headline.starts_with("Pass rate 100 %"),
        "{}",
        failed.headline
    );
    assert!(
        failed.headline.contains("threshold at least 90 %"),
        "{}",
        failed.headline
    );
    stub.change_suite(", demand_bound: true", "");
    assert_eq!(
        verdict(&desk.candidate(project).await, "pass_rate"),
        Verdict::MetNotCertain
    );
}

/// R71: p50, p95 and p99 stand against the latency budget; a quantile that the run cannot carry does not pass by silence.
/// H10: p99 of few answers is refused with how many it needs.
#[tokio::test(flavor = "multi_thread")]
async fn latency_is_held_against_its_budget() {
    let desk = Desk::new();
    let stub = StubProject::well(&desk.sandbox.path("app"), 10);
    let project = desk.opens(&stub.folder).await.id;
    stub.change_suite(
        "  - { metric: error_rate, at_most: 0.5 }",
        "  - { metric: latency_p99, at_most: 20s }",
    );
    stub.change_suite(
        "  - { metric: pass_rate, at_least: 0.5 }",
        "  - { metric: latency_p50, at_most: 0ms }",
    );
    let few = desk.candidate(project).await;
    assert_eq!(verdict(&few, "latency_p99"), Verdict::NotMeasured);
    assert_eq!(verdict(&few, "latency_p50"), Verdict::NotMet);
    // The p95 of ten answers is shown, and never as certain.
    assert_eq!(verdict(&few, "latency_p95"), Verdict::MetNotCertain);
    let p99 = metric(&few.summary, "latency_p99");
    assert_eq!(
        p99.note.as_deref(),
        Some("p99 needs 299 answers to be estimated; there are 10")
    );
    assert_eq!((p99.value, p99.interval), (None, None));

    let many = desk
        .run(StartRunRequest {
            repeat: Some(30),
            ..ask(project)
        })
        .await;
    assert!(metric(&many.summary, "latency_p99").value.is_some());
    assert!(verdict(&many, "latency_p99").passes());
    assert_eq!(many.summary.gate.verdict, GateVerdict::Failed);
}

/// R81: failure categories stand beside the average and lead to their cases. R70: failures of refusal and citations come
/// by severity tier, each case with its reason.
#[tokio::test(flavor = "multi_thread")]
async fn failures_come_by_cause_and_severity() {
    let desk = Desk::new();
    let project = desk.starter().await.id;
    let run = desk.candidate(project).await.summary;
    assert!(run.failures.len() >= 4, "{:?}", run.failures);
    assert!(
        run.failures
            .is_sorted_by_key(|failure| std::cmp::Reverse(failure.trials))
    );
    assert_eq!(
        run.failures.iter().map(|failure| failure.trials).sum::<u64>(),
        run.failed + run.errored
    );
    let page = async |filter: ResultFilter| {
        let request = ResultsRequest {
            run: run.run,
            filter,
            offset: 0,
            limit: 500,
        };
        desk.playbook.results(request).await.unwrap()
    };
    for failure in &run.failures {
        let rows = page(ResultFilter {
            failure: Some(failure.name.clone()),
            ..ResultFilter::default()
        })
        .await;
        assert_eq!(rows.total, failure.trials, "{}", failure.name);
    }
    assert_eq!(
        page(ResultFilter {
            passed: Some(false),
            ..ResultFilter::default()
        })
        .await
        .total,
        run.failed
    );

    let severe: u64 = run
        .severities
        .iter()
        .filter(|one| one.severity == "severe")
        .map(|one| one.trials)
        .sum();
    assert!(
        severe > 0 && run.severities.iter().any(|one| one.severity == "moderate"),
        "{:?}",
        run.severities
    );
    assert!(
        run.severities.iter().any(|one| one.grader == "citations"),
        "{:?}",
        run.severities
    );
    let row = page(ResultFilter {
        failure: Some("should refuse".into()),
        ..ResultFilter::default()
    })
    .await
    .rows
    .remove(0);
    let request = ResultRequest {
        run: run.run,
        case_index: row.case_index,
        repeat: 0,
    };
    let opened = desk.playbook.result(request).await.unwrap();
    let refusal = opened
        .grades
        .iter()
        .find(|grade| grade.grader == "refusal")
        .unwrap();
    assert_eq!(refusal.reason, "severe: answered, although it should refuse");
    assert!(opened.answer.is_some() && opened.request.is_some() && opened.response.is_some());
}

/// R67: a golden set shows its count and its spread over categories, and warns below a hundred cases.
#[tokio::test(flavor = "multi_thread")]
async fn a_golden_set_shows_its_size_and_spread() {
    let desk = Desk::new();
    let starter = desk.starter().await.id;
    let row = opened(&desk, starter).await.suites.remove(0);
    assert_eq!((row.cases, row.categories.len(), row.practice), (100, 10, true));
    assert_eq!(
        row.categories.iter().map(|category| category.cases).sum::<u64>(),
        100
    );
    assert_eq!(row.warnings, Vec::<String>::new());

    let golden = desk.sandbox.path("assistant/golden.jsonl");
    let text = std::fs::read_to_string(&golden).unwrap();
    std::fs::write(&golden, text.lines().take(99).collect::<Vec<_>>().join("\n")).unwrap();
    let row = opened(&desk, starter).await.suites.remove(0);
    assert_eq!(
        row.warnings,
        ["99 cases: below 100, only large differences can be told from noise."]
    );
    std::fs::write(&golden, "not json\n").unwrap();
    let row = opened(&desk, starter).await.suites.remove(0);
    assert!(row.error.unwrap().message.contains("golden.jsonl:1"));
}

/// R68: the age of the last regression run is shown; after seven days Today says it is overdue, until a new one ends.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_regression_run_is_overdue() {
    let desk = Desk::new();
    desk.sets_out().await;
    let stub = StubProject::well(&desk.sandbox.path("app"), 2);
    let project = desk.opens(&stub.folder).await.id;
    let alert = async || {
        let today = desk.playbook.today(api::wire::Nothing {}).await.unwrap().today;
        today
            .alerts
            .into_iter()
            .find(|alert| alert.code == "regression_idle")
            .map(|alert| alert.title)
    };
    assert_eq!(opened(&desk, project).await.days_since_run, None);
    desk.candidate(project).await;
    desk.days_pass(7);
    assert_eq!(
        (opened(&desk, project).await.days_since_run, alert().await),
        (Some(7), None)
    );
    desk.days_pass(1);
    assert_eq!(opened(&desk, project).await.days_since_run, Some(8));
    assert!(alert().await.unwrap().contains("8 days"));
    desk.candidate(project).await;
    assert_eq!(
        (opened(&desk, project).await.days_since_run, alert().await),
        (Some(0), None)
    );
}

/// R79: what differs between two runs is known by content: dataset, suite, configuration, source. R73: flips are listed
/// against the run that is held as baseline.
#[tokio::test(flavor = "multi_thread")]
async fn what_differs_between_two_runs_is_known() {
    let desk = Desk::new();
    let stub = StubProject::new(
        &desk.sandbox.path("app"),
        "",
        &[
            ("a", "say yes", "yes"),
            ("b", "say no", "yes"),
            ("c", "say yes", "yes"),
        ],
    );
    let project = desk.opens(&stub.folder).await.id;
    let first = desk.candidate(project).await.summary;
    let differs = async || {
        let run = desk.candidate(project).await.summary;
        let compared = desk
            .playbook
            .compare(CompareRequest {
                before: first.run,
                after: run.run,
            })
            .await
            .unwrap();
        (
            compared.differs.join(", "),
            compared.gained.join(", "),
            compared.lost.join(", "),
        )
    };
    assert_eq!(differs().await, (String::new(), String::new(), String::new()));
    // What running and the app itself leave behind is no part of the service; a program of that name is.
    for name in ["service.log", "results.json", "README.md", ".cache"] {
        std::fs::write(stub.folder.join(name), "left behind").unwrap();
    }
    assert_eq!(differs().await.0, "");
    for name in ["results.py", "license_check.py"] {
        std::fs::write(stub.folder.join(name), "").unwrap();
        assert_eq!(differs().await.0, "source", "{name}");
        std::fs::remove_file(stub.folder.join(name)).unwrap();
    }
    change(&stub.folder.join("stub.py"), "turns = 0", "turns = 1");
    assert_eq!(differs().await.0, "source");
    stub.change_suite("startup_timeout: 20s", "startup_timeout: 21s");
    assert_eq!(differs().await.0, "source, configuration, suite");
    change(&stub.folder.join("golden.jsonl"), "say no", "say yes");
    assert_eq!(
        differs().await,
        (
            "source, configuration, dataset, suite".into(),
            // Case b says something else now, so it is not the case that failed.
            String::new(),
            String::new()
        )
    );

    let last = desk.candidate(project).await.summary;
    let filter = ResultFilter {
        flipped_since: Some(FlipFilter {
            run: first.run,
            flip: Flip::Gained,
        }),
        ..ResultFilter::default()
    };
    let page = desk
        .playbook
        .results(ResultsRequest {
            run: last.run,
            filter,
            offset: 0,
            limit: 10,
        })
        .await
        .unwrap();
    assert_eq!(
        page.rows
            .iter()
            .map(|row| row.case_id.as_str())
            .collect::<Vec<_>>(),
        Vec::<&str>::new(),
        "a case that says something else has not flipped"
    );
}

/// R80: a release candidate shows quality and economics together: the pass rate with its interval beside what a case costs and how
/// long it takes, each as the run measured it.
#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_shows_quality_beside_cost_and_latency() {
    let desk = Desk::new();
    let project = desk.starter().await.id;
    let run = desk.candidate(project).await;
    assert_eq!(
        (run.summary.purpose, run.summary.status),
        (Purpose::Candidate, RunStatus::Finished)
    );
    for name in ["pass_rate", "cost_per_case", "latency_p95"] {
        let tile = run
            .tiles
            .iter()
            .find(|tile| tile.metric == name)
            .unwrap_or_else(|| panic!("no tile {name}: {:?}", run.tiles));
        let measured = metric(&run.summary, name);
        let interval = measured.interval.unwrap();
        assert!(tile.value.is_some() && tile.n > 0, "{tile:?}");
        assert_eq!((tile.value, tile.n), (measured.value, measured.n));
        assert_eq!((tile.low, tile.high), (interval.low, interval.high));
        assert_eq!(
            (tile.value_text.clone(), tile.interval_text.clone()),
            (measured.value_text(), measured.interval_text())
        );
    }
    let rate = run.tiles.iter().find(|tile| tile.metric == "pass_rate").unwrap();
    let share = run.summary.passed as f64 / run.summary.trials as f64;
    assert!((rate.value.unwrap() - share).abs() < 1e-12, "{rate:?}");
    assert!(rate.low < rate.value && rate.value < rate.high, "{rate:?}");
    // Both spreads are drawn as well.
    let charts: Vec<&str> = run.charts.iter().map(|chart| chart.id.as_str()).collect();
    assert_eq!(charts, ["latency", "cost"]);
}

/// R72: a cost above its threshold fails the run. Only candidates are on the charts and count as candidates before.
#[tokio::test(flavor = "multi_thread")]
async fn a_dear_case_fails_the_run() {
    let desk = Desk::new();
    let project = desk.starter().await.id;
    let suite = desk.sandbox.path("assistant/suite.yaml");
    change(
        &suite,
        "release_metrics:",
        "release_metrics:\n  - { metric: cost_per_case, at_most: $0.00001 }",
    );
    desk.run(experiment(project)).await;
    let run = desk.candidate(project).await;
    assert_eq!(verdict(&run, "cost_per_case"), Verdict::NotMet);
    assert_eq!(run.summary.gate.verdict, GateVerdict::Failed);
    assert!(
        run.headline.starts_with("Cost per case $0.001"),
        "{}",
        run.headline
    );
    assert_eq!(run.candidates_before, 0);
    let charts = opened(&desk, project).await.charts;
    let cost = charts.iter().find(|chart| chart.id == "cost").unwrap();
    assert_eq!((cost.series[0].points.len(), cost.threshold), (1, Some(0.00001)));
}

/// Found out at the end it would cost the whole run.
#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_that_is_not_there_starts_no_run() {
    let desk = Desk::new();
    let stub = StubProject::well(&desk.sandbox.path("app"), 2);
    let project = desk.opens(&stub.folder).await.id;
    let request = StartRunRequest {
        baseline: Some(RunId::new()),
        ..ask(project)
    };
    let error = desk.playbook.start_run(request).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound, "{error}");
    assert!(opened(&desk, project).await.runs.is_empty());
    assert!(desk.playbook.running().is_empty());
}

/// A run can be stopped and gone on with; what is finished is neither lost nor asked again.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_goes_on_where_it_stopped() {
    let desk = Desk::new();
    let cases: Vec<(String, String)> = (0..6)
        .map(|n| {
            (
                format!("c{n}"),
                if n < 3 {
                    format!("say w{n}")
                } else {
                    format!("hold w{n}")
                },
            )
        })
        .collect();
    let cases: Vec<(&str, &str, &str)> = cases
        .iter()
        .map(|(id, asks)| (id.as_str(), asks.as_str(), "w"))
        .collect();
    let stub = StubProject::new(&desk.sandbox.path("app"), "", &cases);
    let project = desk.opens(&stub.folder).await.id;
    let run = desk.playbook.start_run(ask(project)).await.unwrap().run;
    let mut events = desk.playbook.watch(run).unwrap();
    loop {
        if let api::wire::event::RunEvent::Progress { done: 3, .. } = events.recv().await.unwrap() {
            break;
        }
    }
    desk.playbook
        .cancel_run(api::wire::run::RunRequest { run })
        .await
        .unwrap();
    let stopped = desk.ends(run).await;
    assert_eq!(
        (stopped.summary.status, stopped.summary.trials, stopped.can_resume),
        (RunStatus::Cancelled, 3, true)
    );
    // Half of the cases decide no release, however they came out.
    assert_eq!(stopped.summary.gate.verdict, GateVerdict::Unset);
    let state = desk.playbook.app_state(api::wire::Nothing {}).await.unwrap();
    assert_eq!((state.resumable[0].done, state.resumable[0].planned), (3, 6));

    stub.release();
    desk.playbook
        .resume_run(api::wire::run::RunRequest { run })
        .await
        .unwrap();
    let ended = desk.ends(run).await.summary;
    assert_eq!(
        (ended.status, ended.trials, ended.passed),
        (RunStatus::Finished, 6, 6)
    );
    assert_eq!(
        stub.asked()
            .iter()
            .filter(|question| question.starts_with("say"))
            .count(),
        3
    );
}
