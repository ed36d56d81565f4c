//! How the reports say what was measured.

use super::{Baseline, ReportRow};
use evidence::{Comparison, GateVerdict, Metric, RunStatus, RunSummary, Unit, Verdict};
use portfolio::claim::text::{difference, difference_range, range};

pub(super) use portfolio::claim::text::{counted, day};

/// Said wherever a practice model answered.
pub(super) const PRACTICE: &str = "A built-in practice model answered in some or all of these trials. The code and the \
measurements are real; the numbers say nothing about a real model.";

/// A gate in words and as a class for colour.
pub(super) fn gate(run: &RunSummary) -> (&'static str, &'static str) {
    match run.gate.verdict {
        _ if run.status != RunStatus::Finished => ("Not finished", "warn"),
        GateVerdict::Passed => ("Gate passed", "pass"),
        GateVerdict::Failed => ("Gate failed", "fail"),
        GateVerdict::Unset => ("No gate", "warn"),
    }
}

/// The status of a run, for one that did not finish.
pub(super) fn status(run: &RunSummary) -> Option<String> {
    let word = match run.status {
        RunStatus::Finished => return None,
        RunStatus::Running => "is still running",
        RunStatus::Cancelled => "was stopped",
        RunStatus::Interrupted => "was interrupted",
        RunStatus::Failed => "broke off",
    };
    Some(format!(
        "The run {word}: {} of {} trials have a result.",
        run.trials, run.planned
    ))
}

/// What the gate says first: the first release metric that does not pass, else how many pass.
pub(super) fn headline(run: &RunSummary) -> String {
    let judged = &run.gate.metrics;
    if let Some(first) = judged.iter().find(|judged| !judged.verdict.passes()) {
        let others = judged.iter().filter(|judged| !judged.verdict.passes()).count() - 1;
        return match others {
            0 => format!("{}.", first.sentence),
            n => format!(
                "{}, and {} more.",
                first.sentence,
                counted(n as u64, "release metric")
            ),
        };
    }
    let rate = run.metric("pass_rate").map(level);
    let rate = rate.unwrap_or_else(|| "Pass rate not measured".into());
    if run.status != RunStatus::Finished {
        return format!("{rate}, so far.");
    }
    match (run.gate.verdict, judged.len() as u64) {
        (GateVerdict::Unset, 0) => format!("{rate}. The suite sets no release metric."),
        (GateVerdict::Unset, n) => format!("{rate}. {} set, three are needed.", counted(n, "release metric")),
        (_, n) => {
            let unsure = judged
                .iter()
                .filter(|judged| judged.verdict == Verdict::MetNotCertain)
                .count();
            let unsure = match unsure {
                0 => String::new(),
                unsure => format!(", {unsure} of them not certain"),
            };
            format!("{rate}. All {} hold{unsure}.", counted(n, "release metric"))
        }
    }
}

/// "Pass rate 80 % (71 to 87), n = 100".
pub(super) fn level(metric: &Metric) -> String {
    let interval = range(metric.unit, metric.interval);
    let interval = interval.map(|text| format!(" ({text})")).unwrap_or_default();
    format!(
        "{} {}{interval}, n = {}",
        metric.label,
        metric.value_text(),
        metric.n
    )
}

/// The interval, or why there is none.
pub(super) fn interval_or_note(metric: &Metric) -> String {
    range(metric.unit, metric.interval)
        .or_else(|| metric.note.clone())
        .unwrap_or_else(|| "none".into())
}

/// A verdict in words and as a class for colour.
pub(super) fn verdict(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Met => ("met", "pass"),
        Verdict::MetNotCertain => ("met, not certain", "warn"),
        Verdict::NotMet => ("not met", "fail"),
        Verdict::NotMeasured => ("not measured", "fail"),
    }
}

/// One release metric as cells: label, value, interval, n, limit, verdict, class.
pub(super) struct GateLine {
    pub label: String,
    pub value: String,
    pub interval: String,
    pub n: String,
    pub limit: String,
    pub verdict: &'static str,
    pub tone: &'static str,
}

/// The gate of a run, a line a release metric.
pub(super) fn gate_lines(run: &RunSummary) -> Vec<GateLine> {
    let line = |judged: &evidence::GateMetric| {
        let (verdict, tone) = verdict(judged.verdict);
        let threshold = &judged.threshold;
        let Some(metric) = run.metric(&threshold.metric) else {
            return GateLine {
                label: threshold.metric.clone(),
                value: "no data".into(),
                interval: "not measured in this run".into(),
                n: "0".into(),
                limit: judged.sentence.clone(),
                verdict,
                tone,
            };
        };
        let whole = if threshold.demand_bound {
            ", whole interval"
        } else {
            ""
        };
        GateLine {
            label: metric.label.clone(),
            value: metric.value_text(),
            interval: interval_or_note(metric),
            n: metric.n.to_string(),
            limit: format!("{}{whole}", threshold.limit_text(metric)),
            verdict,
            tone,
        }
    };
    run.gate.metrics.iter().map(line).collect()
}

/// A comparison as cells.
pub(super) struct ChangeLine {
    pub label: String,
    pub before: String,
    pub after: String,
    pub difference: String,
    pub interval: String,
    pub n: String,
    pub verdict: &'static str,
    pub tone: &'static str,
}

/// A comparison in words: "not distinguishable" wherever the interval says so.
pub(super) fn change(comparison: &Comparison) -> ChangeLine {
    let (verdict, tone) = match (comparison.distinguishable, comparison.improved) {
        _ if comparison.graders_differ => ("not comparable: the graders differ", "none"),
        (false, _) => ("not distinguishable", "none"),
        (true, Some(true)) => ("better", "pass"),
        (true, Some(false)) => ("worse", "fail"),
        (true, None) => ("different", "warn"),
    };
    ChangeLine {
        label: comparison.label.clone(),
        before: comparison.unit.text(comparison.before),
        after: comparison.unit.text(comparison.after),
        difference: difference(comparison.unit, comparison.difference),
        interval: difference_range(comparison.unit, comparison.interval).unwrap_or_else(|| {
            let why = match comparison.n {
                0 | 1 => "too few shared cases",
                _ => "the shared cases do not vary enough",
            };
            format!("none: {why}")
        }),
        n: comparison.n.to_string(),
        verdict,
        tone,
    }
}

/// "Against run 13 on 100 shared cases: 4 cases newly pass, 1 newly fails. What differs: prompt."
pub(super) fn against(baseline: &Baseline) -> String {
    let practice = if baseline.practice {
        " (practice model)"
    } else {
        ""
    };
    let (gained, lost) = (baseline.gained.len(), baseline.lost.len());
    let newly = |n: usize, one: &str, many: &str| if n == 1 { one.into() } else { format!("{n} {many}") };
    let differs = match baseline.differs.as_slice() {
        [] => "nothing that was recorded".to_owned(),
        things => things.join(", "),
    };
    // Every case has a pass rate, which comes first.
    let shared = baseline.comparisons.first().map_or(0, |first| first.n);
    format!(
        "Against {}{practice} on {}: {}, {}. What differs: {differs}.",
        baseline.name,
        counted(shared, "shared case"),
        newly(gained, "1 case newly passes", "cases newly pass"),
        newly(lost, "1 case newly fails", "cases newly fail"),
    )
}

/// What differs between two runs, from their identities.
pub(super) fn differences(before: &RunSummary, after: &RunSummary) -> String {
    match after.differs_from(before).as_slice() {
        [] => "nothing that was recorded".into(),
        things => things.join(", "),
    }
}

/// What a run cost: "$0.29", "no data", "$0.29, and 3 trials without a known price".
pub(super) fn cost(run: &RunSummary) -> String {
    let amount = run
        .cost_usd
        .map_or_else(|| "no data".into(), |usd| Unit::Usd.text(usd));
    let practice = if run.practice && run.cost_usd.is_some() {
        " at practice prices"
    } else {
        ""
    };
    match run.unpriced {
        0 => format!("{amount}{practice}"),
        n => format!(
            "{amount}{practice}, and {} without a known price",
            counted(n, "trial")
        ),
    }
}

/// The models, a practice run saying so.
pub(super) fn models(run: &RunSummary) -> String {
    if run.practice {
        format!("{} (practice model)", run.models_text())
    } else {
        run.models_text()
    }
}

/// "suite 4f2a91c, dataset 77ab012".
pub(super) fn identity(run: &RunSummary) -> String {
    let commit = run
        .target
        .git_commit
        .as_deref()
        .map(|commit| commit.get(..7).unwrap_or(commit));
    let dirty = if run.target.git_dirty.is_some() {
        " with uncommitted changes"
    } else {
        ""
    };
    let commit = commit
        .map(|commit| format!(", commit {commit}{dirty}"))
        .unwrap_or_default();
    format!(
        "suite {}, dataset {}{commit}",
        run.suite.short(),
        run.dataset.short()
    )
}

/// The name of a trial: the case, and which repeat where there are several.
pub(super) fn trial(row: &ReportRow, repeats: u32) -> String {
    if repeats > 1 {
        format!("{} #{}", row.case_id, row.repeat + 1)
    } else {
        row.case_id.clone()
    }
}

/// Why a trial did not pass, one line each: the error, or each deciding grade that failed.
pub(super) fn reasons(row: &ReportRow) -> Vec<String> {
    if let Some(error) = &row.error {
        return vec![format!("{}: {}", error.cause, error.message)];
    }
    row.grades
        .iter()
        .filter(|grade| !grade.passed && !grade.informational)
        .map(|grade| match &grade.severity {
            Some(severity) => format!("{} ({severity}): {}", grade.grader, grade.reason),
            None => format!("{}: {}", grade.grader, grade.reason),
        })
        .collect()
}

/// The beginning of a text, at most `most` characters, with an ellipsis where something was left out.
pub(super) fn beginning(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('\u{2026}');
    short
}
