//! The figures at the top of a run, each with its interval and limit on a line.

use crate::report::{ReportRun, words::change};
use evidence::{Metric, Unit, Verdict};
use portfolio::claim::text::range;
use serde_json::{Value, json};

/// How many there are.
const TILES: usize = 4;

/// The figures at the top: pass rate, then what the gate judges, then p95 and cost per case.
pub(super) fn tiles(run: &ReportRun) -> Vec<Value> {
    let summary = &run.summary;
    let judged = summary
        .gate
        .metrics
        .iter()
        .map(|judged| judged.threshold.metric.as_str());
    let mut names: Vec<&str> = Vec::new();
    for name in ["pass_rate"]
        .into_iter()
        .chain(judged)
        .chain(["latency_p95", "cost_per_case"])
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
        .iter()
        .filter_map(|name| summary.metric(name))
        .take(TILES)
        .map(|metric| tile(run, metric))
        .collect()
}

fn tile(run: &ReportRun, metric: &Metric) -> Value {
    let judged = run
        .summary
        .gate
        .metrics
        .iter()
        .find(|judged| judged.threshold.metric == metric.name);
    let tone = judged.map_or("none", |judged| match judged.verdict {
        Verdict::Met => "pass",
        Verdict::MetNotCertain => "warn",
        Verdict::NotMet | Verdict::NotMeasured => "fail",
    });
    let compared = run.baseline.as_ref().and_then(|baseline| {
        let comparison = baseline
            .comparisons
            .iter()
            .find(|entry| entry.metric == metric.name)?;
        let line = change(comparison);
        Some(format!(
            "{} on {}: {}",
            line.difference, baseline.name, line.verdict
        ))
    });
    let limit = judged.map(|judged| judged.threshold.limit_text(metric));
    json!({
        "label": metric.label,
        "value": metric.value_text(),
        "interval": range(metric.unit, metric.interval),
        "n": metric.n,
        "limit": limit,
        "foot": compared.or_else(|| metric.note.clone()),
        "tone": tone,
        "bar": bar(metric, judged.map(|judged| judged.threshold.limit)),
    })
}

/// Places of value, interval and limit on an axis of 200 units; absent without a value.
fn bar(metric: &Metric, limit: Option<f64>) -> Option<Value> {
    let value = metric.value?;
    let low = metric.interval.and_then(|interval| interval.low).unwrap_or(value);
    let high = metric
        .interval
        .and_then(|interval| interval.high)
        .unwrap_or(value);
    let (least, most) = [Some(low), Some(high), Some(value), limit]
        .into_iter()
        .flatten()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), v| {
            (least.min(v), most.max(v))
        });
    let (from, to) = match metric.unit {
        Unit::Share | Unit::Score => (((least - 0.1) * 10.0).floor().max(0.0) / 10.0, 1.0_f64.max(most)),
        _ => (0.0_f64.min(least), most * 1.2),
    };
    let width = to - from;
    if !width.is_finite() || width <= 0.0 {
        return None;
    }
    let at = |v: f64| ((v - from) / width * 2000.0).round() / 10.0;
    Some(json!({
        "low": at(low), "width": (at(high) - at(low)).max(2.0), "value": at(value), "limit": limit.map(at),
    }))
}
