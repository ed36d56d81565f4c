//! One self-contained page: no script, nothing fetched, light and dark.

mod tile;
mod trial;

use super::{
    Baseline, Report, ReportError, ReportRow, ReportRun,
    words::{
        PRACTICE, against, change, cost, counted, day, gate, gate_lines, headline, identity,
        interval_or_note, models, status,
    },
};
use crate::chart::{self, Chart};
use evidence::{Comparison, Metric, RunSummary, Unit};
use portfolio::{Templates, claim::text::range};
use serde_json::{Value, json};
use tile::tiles;
use trial::{case, trials};

/// Failed trials that a page shows for each run; more would make it slow to open.
const FAILED: usize = 500;

/// The group as one HTML page.
pub fn html(report: &Report, templates: &Templates) -> Result<String, ReportError> {
    let first = &report.runs.first().ok_or(ReportError::Empty)?.summary;
    let several = report.runs.len() > 1;
    let runs = report
        .runs
        .iter()
        .enumerate()
        .map(|(i, run)| of_run(i, run))
        .collect::<Result<Vec<_>, _>>()?;
    let title = if several {
        format!(
            "{}, {} side by side",
            first.suite_name,
            counted(report.runs.len() as u64, "target")
        )
    } else {
        format!("{}, run {}", first.suite_name, first.number)
    };
    let targets = if several {
        Some(side_by_side(&report.runs)?)
    } else {
        None
    };
    let context = json!({
        "title": title,
        "project": report.project,
        "suite": first.suite_name,
        "several": several,
        "targets": targets,
        "runs": runs,
        "practice_words": PRACTICE,
        "style": templates.get("reports/style.css").unwrap_or_default(),
    });
    Ok(templates.render("reports/run.html.tera", &context)?)
}

fn side_by_side(runs: &[ReportRun]) -> Result<Value, ReportError> {
    let cell = |run: &RunSummary, name: &str| {
        run.metric(name).map_or_else(
            || json!({ "value": "no data" }),
            |metric| json!({ "value": metric.value_text(), "interval": range(metric.unit, metric.interval), "n": metric.n }),
        )
    };
    let rows: Vec<Value> = runs
        .iter()
        .enumerate()
        .map(|(i, run)| {
            let run = &run.summary;
            let (words, tone) = gate(run);
            json!({
                "anchor": anchor(i), "target": run.target.name, "model": run.models_text(), "practice": run.practice,
                "gate": words, "tone": tone, "pass_rate": cell(run, "pass_rate"), "latency": cell(run, "latency_p95"),
                "cost_per_case": cell(run, "cost_per_case"), "cost": cost(run),
            })
        })
        .collect();
    let names: Vec<String> = runs
        .iter()
        .map(|run| {
            let practice = if run.summary.practice { " (practice)" } else { "" };
            format!("{}{practice}", run.summary.target.name)
        })
        .collect();
    let lines: Vec<(&str, &Metric)> = runs
        .iter()
        .zip(&names)
        .filter_map(|(run, name)| Some((name.as_str(), run.summary.metric("pass_rate")?)))
        .collect();
    let practice = runs.iter().any(|run| run.summary.practice);
    let drawn = chart::intervals(
        "targets",
        "Pass rate by target, with its 95 % interval",
        "Target",
        &lines,
        None,
        practice,
    )?;
    Ok(json!({ "rows": rows, "chart": drawn.as_ref().map(drawing) }))
}

fn anchor(i: usize) -> String {
    format!("run-{}", i + 1)
}

fn of_run(i: usize, run: &ReportRun) -> Result<Value, ReportError> {
    let summary = &run.summary;
    let (words, tone) = gate(summary);
    let gate: Vec<Value> = gate_lines(summary)
        .into_iter()
        .map(|line| {
            json!({
                "label": line.label, "value": line.value, "interval": line.interval, "n": line.n, "limit": line.limit,
                "verdict": line.verdict, "tone": line.tone,
            })
        })
        .collect();
    let notes: Vec<String> = status(summary)
        .into_iter()
        .chain(run.notes.iter().cloned())
        .collect();
    let categories: Vec<(&str, &Metric)> = summary
        .categories
        .iter()
        .map(|slice| (slice.name.as_str(), &slice.pass_rate))
        .collect();
    let limit = summary
        .gate
        .metrics
        .iter()
        .find(|judged| judged.threshold.metric == "pass_rate");
    let limit = limit.map(|judged| judged.threshold.limit);
    let title = match limit {
        Some(limit) => {
            format!(
                "Pass rate by category, with its 95 % interval; the line is the threshold of {} for the whole",
                Unit::Share.text(limit)
            )
        }
        None => "Pass rate by category, with its 95 % interval".into(),
    };
    let by_category = chart::intervals(
        "categories",
        &title,
        "Category",
        &categories,
        limit,
        summary.practice,
    )?;
    let mut history: Vec<&RunSummary> = run
        .history
        .iter()
        .filter(|earlier| earlier.run != summary.run)
        .collect();
    history.push(summary);
    history.sort_by_key(|run| run.number);
    let over_time = chart::over_time(&history)?;
    let failures = chart::failures_of(summary)?;
    let failed: Vec<&ReportRow> = run.rows.iter().filter(|row| !row.passed).collect();
    let all = summary.failed + summary.errored;
    let shown = failed.len().min(FAILED);
    Ok(json!({
        "anchor": anchor(i),
        "target": summary.target.name,
        "number": summary.number,
        "gate_words": words,
        "tone": tone,
        "headline": headline(summary),
        "meta": meta(summary),
        "practice": summary.practice,
        "notes": notes,
        "tiles": tiles(run),
        "gate": gate,
        "metrics": summary.metrics.iter().map(metric).collect::<Vec<_>>(),
        "categories": categories.iter().map(|(name, rate)| category(name, rate, run.baseline.as_ref())).collect::<Vec<_>>(),
        "compared": run.baseline.as_ref().is_some_and(|baseline| !baseline.categories.is_empty()),
        "category_chart": by_category.as_ref().map(drawing),
        "baseline": run.baseline.as_ref().map(baseline),
        "over_time": over_time.iter().map(drawing).collect::<Vec<_>>(),
        "failure_chart": failures.as_ref().map(drawing),
        "severities": summary.severities.iter().map(|share| json!({
            "grader": share.grader, "severity": share.severity, "trials": share.trials,
        })).collect::<Vec<_>>(),
        "failed": failed.iter().take(FAILED).map(|row| case(row, summary.repeat)).collect::<Vec<_>>(),
        "not_shown": (all > shown as u64).then(|| format!(
            "{} of {} failed trials are shown here; the JSONL and CSV files have all of them.", shown, all
        )),
        "trials": trials(run),
        "cost": cost(summary),
        "tokens": summary.tokens.map(|tokens| format!("{} read, {} written", tokens.input, tokens.output)),
        "identity": facts(summary),
    }))
}

fn meta(run: &RunSummary) -> String {
    let elapsed = run
        .finished_at
        .map(|end| (end - run.started_at).num_milliseconds().max(0));
    let elapsed = elapsed
        .map(|ms| format!(", {}", Unit::Milliseconds.text(ms as f64)))
        .unwrap_or_default();
    format!(
        "{}, {}, {}, {}, {}{elapsed}, {}",
        run.purpose,
        day(run.finished_at.unwrap_or(run.started_at)),
        counted(run.cases, "case"),
        counted(run.trials, "trial"),
        run.models_text(),
        cost(run)
    )
}

fn metric(metric: &Metric) -> Value {
    json!({
        "label": metric.label, "value": metric.value_text(), "interval": interval_or_note(metric), "n": metric.n,
    })
}

fn category(name: &str, rate: &Metric, baseline: Option<&Baseline>) -> Value {
    let found = baseline.and_then(|baseline| baseline.categories.iter().find(|entry| entry.label == name));
    json!({
        "name": name, "value": rate.value_text(), "interval": interval_or_note(rate), "n": rate.n,
        "change": found.map(changed),
    })
}

fn changed(comparison: &Comparison) -> Value {
    let line = change(comparison);
    json!({
        "label": line.label, "before": line.before, "after": line.after, "difference": line.difference,
        "interval": line.interval, "n": line.n, "verdict": line.verdict, "tone": line.tone,
    })
}

fn baseline(baseline: &Baseline) -> Value {
    let flips = |title: &str, flips: &[super::Flip]| {
        json!({
            "title": title,
            "count": counted(flips.len() as u64, "case"),
            "cases": flips.iter().take(FAILED).map(|flip| json!({
                "id": flip.case_id, "title": flip.title, "category": flip.category, "failure": flip.failure,
            })).collect::<Vec<_>>(),
            "more": flips.len().saturating_sub(FAILED),
        })
    };
    json!({
        "name": baseline.name,
        "sentence": against(baseline),
        "changes": baseline.comparisons.iter().map(changed).collect::<Vec<_>>(),
        "flips": [flips("Newly fail", &baseline.lost), flips("Newly pass", &baseline.gained)],
    })
}

fn drawing(chart: &Chart) -> Value {
    json!({
        "title": chart.title, "practice": chart.practice, "svg": chart.svg, "columns": chart.columns, "rows": chart.rows,
    })
}

fn facts(run: &RunSummary) -> Vec<[String; 2]> {
    let target = &run.target;
    let mut facts = vec![
        ["Run".into(), run.run.to_string()],
        [
            "Started".into(),
            run.started_at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        ],
        ["Model".into(), models(run)],
        ["In short".into(), identity(run)],
        ["Dataset".into(), run.dataset.to_string()],
        ["Suite".into(), run.suite.to_string()],
        ["Source".into(), target.source.to_string()],
        ["Configuration".into(), target.configuration.to_string()],
    ];
    if let Some(commit) = &target.git_commit {
        let dirty = if target.git_dirty.is_some() {
            " with uncommitted changes"
        } else {
            ""
        };
        facts.push(["Git commit".into(), format!("{commit}{dirty}")]);
    }
    if let Some((flipping, repeated)) = run.flipping_cases {
        facts.push([
            "Repeats".into(),
            format!("{flipping} of {repeated} repeated cases do not always give the same verdict"),
        ]);
    }
    facts
}
