//! A run with failures of each kind, and another beside it.

use crate::support::{compare, day, id, metric, practice, run};
use evidence::*;
use export::report::*;

pub fn row(n: u32, passed: bool) -> ReportRow {
    ReportRow {
        run: id(14),
        case_id: format!("refund-{n:03}"),
        repeat: 0,
        target: "service".into(),
        category: "refunds".into(),
        title: format!("Refund after {n} days with a gift receipt"),
        passed,
        score: Some(if passed { 1.0 } else { 0.6 }),
        failure: (!passed).then(|| "wrong citation".into()),
        error: None,
        latency_ms: Some(2400.5),
        first_token_ms: Some(310.0),
        cost_usd: Some(0.0034),
        tokens: Some(Tokens {
            input: 812,
            output: 96,
        }),
        grades: vec![
            ReportGrade {
                grader: "grounding".into(),
                passed,
                score: Some(if passed { 1.0 } else { 0.0 }),
                reason: if passed {
                    "every sentence is supported".into()
                } else {
                    "policy-12 does not mention gift receipts".into()
                },
                severity: (!passed).then(|| "severe".into()),
                informational: false,
            },
            ReportGrade {
                grader: "rank".into(),
                passed: false,
                score: Some(0.25),
                reason: "policy-31 was retrieved at rank 4".into(),
                severity: None,
                informational: true,
            },
        ],
        question: Some("Can I return a gift after 45 days with only the gift receipt?".into()),
        answer: Some("Yes. With a gift receipt you may return within 60 days [policy-12].".into()),
    }
}

pub fn error(n: u32) -> ReportRow {
    ReportRow {
        passed: false,
        score: None,
        failure: Some("timeout".into()),
        error: Some(ReportCause {
            cause: "timeout".into(),
            message: "no answer within 30 s".into(),
        }),
        latency_ms: Some(30_000.0),
        first_token_ms: None,
        cost_usd: None,
        tokens: None,
        grades: Vec::new(),
        answer: None,
        ..row(n, false)
    }
}

fn slice(name: &str, passed: u64, n: u64) -> Slice {
    let (low, high) = statistics::wilson(passed, n).unwrap();
    let mut rate = metric(
        "pass_rate",
        name,
        Unit::Share,
        passed as f64 / n as f64,
        low,
        high,
    );
    rate.n = n;
    Slice {
        name: name.into(),
        pass_rate: rate,
    }
}

pub fn summary() -> RunSummary {
    let mut run = run(14, 80);
    run.failed = 19;
    run.errored = 1;
    run.finished_at = Some(run.started_at + chrono::TimeDelta::milliseconds(41_200));
    run.categories = vec![
        slice("accounts", 36, 40),
        slice("refunds", 18, 30),
        slice("shipping", 26, 30),
    ];
    run.severities = vec![SeverityShare {
        grader: "grounding".into(),
        severity: "severe".into(),
        trials: 2,
    }];
    run.tokens = Some(Tokens {
        input: 81_200,
        output: 9_600,
    });
    run
}

pub fn flip(n: u32, failure: Option<&str>) -> Flip {
    Flip {
        case_id: format!("refund-{n:03}"),
        category: "refunds".into(),
        title: format!("Refund after {n} days"),
        failure: failure.map(Into::into),
    }
}

pub fn baseline(after: &RunSummary) -> Baseline {
    let before = run(6, 61);
    let mut refunds = compare(&before, after, "pass_rate", -0.04, 0.21).comparison;
    refunds.label = "refunds".into();
    refunds.n = 30;
    Baseline {
        name: "run 6".into(),
        practice: false,
        differs: vec!["source".into()],
        comparisons: vec![
            compare(&before, after, "pass_rate", 0.11, 0.27).comparison,
            compare(&before, after, "latency_p95", -190.0, 30.0).comparison,
        ],
        categories: vec![refunds],
        gained: (1..=20).map(|n| flip(n, Some("retrieval miss"))).collect(),
        lost: vec![flip(45, Some("wrong citation"))],
    }
}

pub fn report_run() -> ReportRun {
    let summary = summary();
    let mut history = vec![run(6, 61), run(9, 70), run(11, 74)];
    history[1].started_at = day(9);
    ReportRun {
        notes: Vec::new(),
        rows: vec![row(45, false), row(46, false), error(47), row(48, true)],
        baseline: Some(baseline(&summary)),
        history,
        summary,
    }
}

pub fn report() -> Report {
    Report {
        project: "RAG support assistant".into(),
        runs: vec![report_run()],
    }
}

/// Two targets in one group; a practice model answers for the second.
pub fn group() -> Report {
    let mut second = report_run();
    second.summary = practice(RunSummary {
        target: TargetIdentity {
            name: "small".into(),
            ..second.summary.target.clone()
        },
        run: id(15),
        number: 15,
        ..second.summary.clone()
    });
    second.baseline = None;
    second.history = Vec::new();
    second.notes = vec!["The threshold of latency_p95 was changed after the lock: post hoc.".into()];
    Report {
        runs: vec![report_run(), second],
        ..report()
    }
}

/// Text that tries to be something else, in every format.
pub const HOSTILE: &str = "a|b `c` <script>alert(1)</script> ]]> </details> @someone #12 [x](http://e.org) \u{0}\u{8}\u{FFFE} \"q\" 'r' & \n\n# h";

pub fn hostile(text: &str) -> Report {
    let mut report = report();
    let run = &mut report.runs[0];
    report.project = text.into();
    run.notes = vec![text.into()];
    run.summary.suite_name = text.into();
    run.summary.target.name = text.into();
    run.summary.target.models[0].name = text.into();
    run.summary.categories[0].name = text.into();
    run.summary.failures[0].name = text.into();
    run.summary.metrics[0].label = text.into();
    run.summary.gate.metrics[0].sentence = text.into();
    run.summary.severities[0].grader = text.into();
    let baseline = run.baseline.as_mut().unwrap();
    baseline.name = text.into();
    baseline.differs = vec![text.into()];
    baseline.lost[0] = Flip {
        case_id: text.into(),
        category: text.into(),
        title: text.into(),
        failure: Some(text.into()),
    };
    for row in &mut run.rows {
        row.case_id = text.into();
        row.category = text.into();
        row.title = text.into();
        row.target = text.into();
        row.failure = (!row.passed).then(|| text.into());
        row.question = Some(text.into());
        row.answer = Some(text.into());
        if let Some(error) = &mut row.error {
            (error.cause, error.message) = (text.into(), text.into());
        }
        for grade in &mut row.grades {
            (grade.grader, grade.reason) = (text.into(), text.into());
        }
    }
    report
}
