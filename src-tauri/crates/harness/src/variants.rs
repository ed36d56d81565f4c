//! A run as a variant to choose, and two variants paired by case.

use crate::trial::TrialRecord;
use evidence::{
    Direction, Interval, IntervalMethod, Metric, RepeatSummary, RunSummary, Unit,
    variants::{Pair, PassesPerDollar, Variant, size_in_name},
};

/// What paired comparisons decide between variants.
const PAIRED: [&str; 3] = ["pass_rate", "cost_per_case", "latency_mean"];

/// What a run says of the variant that it measured.
pub fn variant(summary: &RunSummary, trials: &[TrialRecord]) -> Variant {
    let metric = |name: &str, label: &str, unit: Unit, better: Direction| {
        summary.metric(name).cloned().unwrap_or_else(|| Metric {
            note: Some("not measured".into()),
            ..blank(name, label, unit, better)
        })
    };
    let sizes: Vec<String> = summary
        .target
        .models
        .iter()
        .map(|model| size_in_name(&model.name))
        .collect();
    Variant {
        run: summary.run,
        number: summary.number,
        target: summary.target.name.clone(),
        models: summary.models_text(),
        size: match sizes.as_slice() {
            [one] => one.clone(),
            _ => "not known".into(),
        },
        practice: summary.practice,
        status: summary.status,
        cases: summary.cases,
        repeat: summary.repeat,
        quality: metric("pass_rate", "Pass rate", Unit::Share, Direction::Higher),
        cost: metric("cost_per_case", "Cost per case", Unit::Usd, Direction::Lower),
        passes_per_dollar: PassesPerDollar::of(
            // A trial without a known cost passes all the same, and would make the others look cheaper.
            trials
                .iter()
                .filter(|trial| trial.passed && trial.cost.is_some())
                .count() as u64,
            summary.cost_usd,
            summary.unpriced,
            summary.practice,
        ),
        latency_p50: metric("latency_p50", "p50 latency", Unit::Milliseconds, Direction::Lower),
        latency_p95: metric("latency_p95", "p95 latency", Unit::Milliseconds, Direction::Lower),
        first_token: metric(
            "first_token_p50",
            "p50 first token",
            Unit::Milliseconds,
            Direction::Lower,
        ),
        flip_rate: flip_rate(summary.repeats),
        all_pass: summary.metric("pass_hat_k").cloned(),
        gate: summary.gate.verdict,
    }
}

/// Two variants on the cases that both have.
pub fn pair(
    (before, earlier): (&RunSummary, &[TrialRecord]),
    (after, later): (&RunSummary, &[TrialRecord]),
) -> Pair {
    let metrics: Vec<Metric> = after
        .metrics
        .iter()
        .filter(|metric| PAIRED.contains(&metric.name.as_str()))
        .cloned()
        .collect();
    Pair {
        before: before.run,
        after: after.run,
        comparisons: crate::compare::compare(earlier, later, &metrics).comparisons,
    }
}

fn blank(name: &str, label: &str, unit: Unit, better: Direction) -> Metric {
    Metric {
        name: name.into(),
        label: label.into(),
        unit,
        better,
        value: None,
        interval: None,
        n: 0,
        note: None,
    }
}

/// The flip rate as a metric, so that it is shown and ranked like the others.
fn flip_rate(repeats: Option<RepeatSummary>) -> Metric {
    let blank = blank("flip_rate", "Flip rate", Unit::Share, Direction::Lower);
    match repeats {
        Some(found) => Metric {
            value: Some(found.flip_rate),
            interval: Some(Interval {
                low: Some(found.flip_interval.0),
                high: Some(found.flip_interval.1),
                method: IntervalMethod::Wilson,
            }),
            n: found.cases,
            ..blank
        },
        None => Metric {
            note: Some("needs repeats".into()),
            ..blank
        },
    }
}
