//! The figures on top of a run's page.

use super::in_words::difference;
use crate::wire::run::{PreviousRun, TileView};
use evidence::{Comparison, Metric, RunSummary, Unit};

/// Metrics on top of the page, besides the release metrics.
const TILES: [&str; 3] = ["pass_rate", "latency_p95", "cost_per_case"];
/// Tiles on the page at most.
const MOST_TILES: usize = 4;

/// The figures on top: release metrics first, then what a reader asks anyway; four at most.
pub(super) fn tiles(summary: &RunSummary, previous: Option<&PreviousRun>) -> Vec<TileView> {
    let gated = summary
        .gate
        .metrics
        .iter()
        .map(|gate| gate.threshold.metric.as_str());
    let mut names: Vec<&str> = Vec::new();
    for name in gated.chain(TILES) {
        if !names.contains(&name) && names.len() < MOST_TILES {
            names.push(name);
        }
    }
    names
        .into_iter()
        .filter_map(|name| Some(tile(summary, summary.metric(name)?, previous)))
        .collect()
}

fn tile(summary: &RunSummary, metric: &Metric, previous: Option<&PreviousRun>) -> TileView {
    let gate = summary
        .gate
        .metrics
        .iter()
        .find(|gate| gate.threshold.metric == metric.name);
    let threshold = gate.map(|gate| gate.threshold.limit);
    let (low, high) = metric
        .interval
        .map_or((None, None), |interval| (interval.low, interval.high));
    let tone = gate.filter(|_| metric.value.is_some()).map(|gate| {
        if gate.verdict.passes() {
            "pass".to_owned()
        } else {
            "fail".to_owned()
        }
    });
    let compared = previous.and_then(|previous| {
        // A quantile is held against the earlier run by its mean.
        let name = if metric.name.starts_with("latency_") {
            "latency_mean"
        } else {
            &metric.name
        };
        previous
            .comparisons
            .iter()
            .find(|comparison| comparison.metric == name)
            .map(|one| (previous, one))
    });
    let foot = match (&metric.note, compared) {
        (Some(note), _) => note.clone(),
        (None, Some((previous, comparison))) => against(previous.number, comparison),
        (None, None) => match gate {
            Some(gate) => format!("threshold {}", gate.threshold.limit_text(metric)),
            None => format!("n = {}", metric.n),
        },
    };
    TileView {
        metric: metric.name.clone(),
        label: metric.label.clone(),
        value_text: metric.value_text(),
        interval_text: metric.interval_text(),
        value: metric.value,
        low,
        high,
        threshold,
        axis: axis(metric.unit, &[metric.value, low, high, threshold]),
        tone,
        foot,
        n: metric.n,
    }
}

/// "+2 points on run 13: not distinguishable".
fn against(number: u32, comparison: &Comparison) -> String {
    let change = difference(comparison);
    let mean = if comparison.metric == "latency_mean" {
        "mean "
    } else {
        ""
    };
    if comparison.graders_differ {
        format!("{mean}{change} on run {number}: not comparable, the graders differ")
    } else if comparison.distinguishable {
        format!("{mean}{change} on run {number}, interval excludes 0")
    } else {
        format!("{mean}{change} on run {number}: not distinguishable")
    }
}

pub(super) fn limit(summary: &RunSummary, metric: &str) -> Option<f64> {
    let mut thresholds = summary.gate.metrics.iter().map(|gate| &gate.threshold);
    thresholds
        .find(|threshold| threshold.metric == metric)
        .map(|threshold| threshold.limit)
}

/// Ends of an axis that holds all these values, with some air; a share never leaves 0 to 1.
fn axis(unit: Unit, values: &[Option<f64>]) -> (f64, f64) {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    let (low, high) = known
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
    if known.is_empty() {
        return (0.0, 1.0);
    }
    match unit {
        Unit::Share | Unit::Score => (((low - 0.1) * 10.0).floor().max(0.0) / 10.0, 1.0),
        Unit::Milliseconds | Unit::Usd | Unit::Count => {
            let air = ((high - low) * 0.4).max(high * 0.2).max(f64::MIN_POSITIVE);
            ((low - air).max(0.0), high + air)
        }
    }
}
