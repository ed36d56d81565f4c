//! Runs and claims for the tests, with fixed ids and days.
#![allow(dead_code, reason = "each test file uses its part")]

use chrono::{DateTime, Days, TimeZone, Utc};
use evidence::*;
use portfolio::{Claim, ClaimDefinition, RunComparison, RunPair, assess};

pub fn id<T: std::str::FromStr>(n: u32) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("0198c0de-0000-7000-8000-{n:012}").parse().unwrap()
}

pub fn day(n: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 1, 9, 30, 0).unwrap() + Days::new(n.into())
}

pub fn metric(name: &str, label: &str, unit: Unit, value: f64, low: f64, high: f64) -> Metric {
    let better = match unit {
        Unit::Share | Unit::Score => Direction::Higher,
        _ => Direction::Lower,
    };
    let method = match unit {
        Unit::Share => IntervalMethod::Wilson,
        Unit::Milliseconds => IntervalMethod::OrderStatistics,
        _ => IntervalMethod::StudentT,
    };
    let interval = Some(Interval {
        low: Some(low),
        high: Some(high),
        method,
    });
    Metric {
        name: name.into(),
        label: label.into(),
        unit,
        better,
        value: Some(value),
        interval,
        n: 100,
        note: None,
    }
}

pub fn pass_rate(passed: u64) -> Metric {
    let (low, high) = statistics::wilson(passed, 100).unwrap();
    metric(
        "pass_rate",
        "Pass rate",
        Unit::Share,
        passed as f64 / 100.0,
        low,
        high,
    )
}

/// A finished candidate on a real model: 100 cases, p95 about two seconds.
pub fn run(number: u32, passed: u64) -> RunSummary {
    let mut p99 = metric("latency_p99", "Latency p99", Unit::Milliseconds, 0.0, 0.0, 0.0);
    (p99.value, p99.interval, p99.note) = (None, None, Some("299 trials are needed".into()));
    let metrics = vec![
        pass_rate(passed),
        metric(
            "latency_p50",
            "Latency p50",
            Unit::Milliseconds,
            900.0 - f64::from(number),
            850.0,
            960.0,
        ),
        metric(
            "latency_p95",
            "Latency p95",
            Unit::Milliseconds,
            2400.0 - 10.0 * f64::from(number),
            2200.0,
            2600.0,
        ),
        p99,
        metric(
            "cost_per_case",
            "Cost per case",
            Unit::Usd,
            0.0031,
            0.0029,
            0.0034,
        ),
    ];
    let limits = [
        ("pass_rate", Bound::AtLeast, 0.75),
        ("latency_p95", Bound::AtMost, 3000.0),
        ("cost_per_case", Bound::AtMost, 0.01),
    ];
    let thresholds: Vec<Threshold> = limits
        .map(|(metric, bound, limit)| Threshold {
            metric: metric.into(),
            bound,
            limit,
            demand_bound: false,
            outcome: None,
        })
        .to_vec();
    RunSummary {
        run: id(number),
        number,
        project: id(900),
        suite_name: "golden".into(),
        purpose: Purpose::Candidate,
        status: RunStatus::Finished,
        started_at: day(number),
        finished_at: Some(day(number)),
        dataset: ContentHash::of("dataset"),
        suite: ContentHash::of("suite"),
        target: TargetIdentity {
            name: "service".into(),
            git_commit: Some("4f2c9e1d0a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d".into()),
            git_dirty: None,
            source: ContentHash::of(format!("source {number}")),
            configuration: ContentHash::of("configuration"),
            prompt: None,
            models: vec![ModelServed {
                name: "gpt-5-mini".into(),
                trials: 100,
                practice: false,
            }],
            snapshots: vec!["corpus-1".into()],
        },
        cases: 100,
        trials: 100,
        planned: 100,
        repeat: 1,
        passed,
        failed: 100 - passed,
        errored: 0,
        gate: Gate::judge(&thresholds, &metrics, &[]),
        metrics,
        categories: Vec::new(),
        grading: None,
        severities: Vec::new(),
        failures: vec![
            FailureShare {
                name: "wrong citation".into(),
                trials: 12,
                error: false,
            },
            FailureShare {
                name: "answered <beyond> the corpus".into(),
                trials: 7,
                error: false,
            },
            FailureShare {
                name: "timeout".into(),
                trials: 1,
                error: true,
            },
        ],
        tokens: None,
        cost_usd: Some(0.31),
        unpriced: 0,
        practice: false,
        own_cases: 35,
        starter: Some("rag-support-assistant".into()),
        target_changed: true,
        flipping_cases: None,
        repeats: None,
        group: None,
        shard: None,
        skipped_rows: 0,
        retries: 0,
        cached: 0,
        grading_cost_usd: None,
        stopped: None,
    }
}

pub fn practice(mut run: RunSummary) -> RunSummary {
    run.practice = true;
    run.target.models = vec![ModelServed {
        name: "practice-small".into(),
        trials: 100,
        practice: true,
    }];
    run
}

pub fn compare(before: &RunSummary, after: &RunSummary, name: &str, low: f64, high: f64) -> RunComparison {
    let (old, new) = (before.metric(name).unwrap(), after.metric(name).unwrap());
    let (b, a) = (old.value.unwrap(), new.value.unwrap());
    let distinguishable = low > 0.0 || high < 0.0;
    let comparison = Comparison {
        metric: name.into(),
        label: new.label.clone(),
        unit: new.unit,
        before: b,
        after: a,
        difference: a - b,
        interval: Some(Interval {
            low: Some(low),
            high: Some(high),
            method: IntervalMethod::StudentT,
        }),
        n: 100,
        p_value: (new.unit == Unit::Share).then_some(if distinguishable { 0.0004 } else { 0.4 }),
        distinguishable,
        improved: distinguishable.then_some((a > b) == (new.better == Direction::Higher)),
        detectable: None,
        graders_differ: false,
    };
    RunComparison {
        pair: RunPair {
            before: before.run,
            after: after.run,
        },
        comparison,
    }
}

pub fn definition(
    slug: &str,
    metric: &str,
    run: &RunSummary,
    baseline: Option<&RunSummary>,
) -> ClaimDefinition {
    ClaimDefinition {
        id: id(800 + slug.len() as u32),
        project: run.project,
        slug: slug.into(),
        metric: metric.into(),
        run: run.run,
        baseline: baseline.map(|run| run.run),
        created_at: run.finished_at.unwrap(),
    }
}

/// A project's runs and its claims: pass rate (level and change), latency p95 (level), one not distinguishable change.
pub fn project(practised: bool) -> (Vec<RunSummary>, Vec<Claim>) {
    let wrap = |run| if practised { practice(run) } else { run };
    let runs = vec![wrap(run(6, 61)), wrap(run(14, 80))];
    let comparisons = vec![
        compare(&runs[0], &runs[1], "pass_rate", 0.11, 0.27),
        compare(&runs[0], &runs[1], "latency_p95", -190.0, 30.0),
    ];
    let (first, last) = (&runs[0], &runs[1]);
    let definitions = [
        definition("pass-rate", "pass_rate", last, None),
        definition("pass-rate-change", "pass_rate", last, Some(first)),
        definition("latency-p95", "latency_p95", last, None),
        definition("latency-p95-change", "latency_p95", last, Some(first)),
    ];
    let claims = definitions
        .iter()
        .map(|definition| assess(definition, &runs, &comparisons))
        .collect();
    (runs, claims)
}

/// A case study that may be exported.
pub const SOURCE: &str = include_str!("source.md");
