//! A run as a variant to choose: figures that the summary does not carry are computed from the trials.

use crate::trial::TrialRecord;
use evidence::{
    Direction, Interval, IntervalMethod, Metric, RunSummary, Unit,
    statistics::{FLIP_TOLERANCE, Repeats, flakiness, mean_pass_hat_k, quantile},
    variants::{Pair, PassesPerDollar, Variant, size_in_name},
};
use std::collections::BTreeMap;

/// What paired comparisons decide between variants.
const PAIRED: [&str; 3] = ["pass_rate", "cost_per_case", "latency_mean"];

/// What a run says of the variant that it measured.
pub fn variant(summary: &RunSummary, trials: &[TrialRecord]) -> Variant {
    let repeats = repeats(trials);
    let metric = |name: &str, label: &str, unit: Unit, better: Direction| {
        summary.metric(name).cloned().unwrap_or_else(|| Metric {
            note: Some("this run did not measure it".into()),
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
            summary.passed,
            summary.cost_usd,
            // A trial without tokens has no cost either, and passes all the same.
            trials.iter().filter(|trial| trial.cost.is_none()).count() as u64,
            summary.practice,
        ),
        latency_p50: metric("latency_p50", "p50 latency", Unit::Milliseconds, Direction::Lower),
        latency_p95: metric("latency_p95", "p95 latency", Unit::Milliseconds, Direction::Lower),
        first_token: first_token(trials),
        flip_rate: flip_rate(&repeats),
        all_pass: all_pass(&repeats),
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

fn repeats(trials: &[TrialRecord]) -> Vec<Repeats> {
    let mut cases: BTreeMap<u64, Repeats> = BTreeMap::new();
    for trial in trials {
        let case = cases.entry(trial.key.case_index).or_insert(Repeats { passed: 0, total: 0 });
        case.total += 1;
        case.passed += u64::from(trial.passed);
    }
    cases.into_values().collect()
}

fn first_token(trials: &[TrialRecord]) -> Metric {
    let mut times: Vec<f64> = trials
        .iter()
        .filter(|trial| !trial.error)
        .filter_map(|trial| trial.first_token_ms)
        .collect();
    times.sort_by(f64::total_cmp);
    let estimate = quantile(&times, 0.5);
    let supported = estimate.is_some_and(|estimate| estimate.supported);
    Metric {
        value: estimate.map(|estimate| estimate.value),
        interval: estimate.filter(|_| supported).map(|estimate| Interval {
            low: estimate.low,
            high: estimate.high,
            method: IntervalMethod::OrderStatistics,
        }),
        n: times.len() as u64,
        note: times.is_empty().then(|| "answers were not streamed".into()),
        ..blank("first_token_p50", "p50 time to first token", Unit::Milliseconds, Direction::Lower)
    }
}

fn flip_rate(cases: &[Repeats]) -> Metric {
    let blank = blank("flip_rate", "Flip rate", Unit::Share, Direction::Lower);
    match flakiness(cases, FLIP_TOLERANCE) {
        Ok(found) => Metric {
            value: Some(found.flip_rate),
            interval: Some(Interval {
                low: Some(found.flip_interval.0),
                high: Some(found.flip_interval.1),
                method: IntervalMethod::Wilson,
            }),
            n: found.repeated_cases,
            ..blank
        },
        Err(_) => Metric {
            note: Some("needs repeats".into()),
            ..blank
        },
    }
}

/// pass^k with k the repeats that every repeated case has; a case that ran once says nothing of it.
fn all_pass(cases: &[Repeats]) -> Option<Metric> {
    let repeated: Vec<Repeats> = cases.iter().copied().filter(|case| case.total > 1).collect();
    let k = repeated.iter().map(|case| case.total).min()?;
    let estimate = mean_pass_hat_k(&repeated, k).ok()?;
    let bounds = estimate.uncertainty.ok();
    let steady = repeated.iter().all(|case| !case.disagree());
    Some(Metric {
        value: Some(estimate.value),
        interval: bounds.map(|bounds| Interval {
            low: Some(bounds.low),
            high: Some(bounds.high),
            method: if steady { IntervalMethod::Wilson } else { IntervalMethod::StudentT },
        }),
        n: repeated.len() as u64,
        ..blank("pass_hat_k", &format!("All {k} repeats pass"), Unit::Share, Direction::Higher)
    })
}
