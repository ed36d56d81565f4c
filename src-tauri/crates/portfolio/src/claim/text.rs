//! How a claim is said.

use super::{Change, ClaimRun};
use chrono::{DateTime, Utc};
use evidence::{Comparison, Interval, IntervalMethod, Metric, RunSummary, Unit};

/// The words that stand behind every text about a practice run.
pub const PRACTICE: &str = "(practice model)";

/// A value with its sign in front and, for a share, without its unit: "+19", "−310 ms", "+$0.0010".
fn signed(unit: Unit, value: f64) -> String {
    let size = match unit {
        Unit::Share => unit.figure(value.abs()),
        _ => unit.text(value.abs()),
    };
    let zero = !size.chars().any(|c| c.is_ascii_digit() && c != '0');
    match (zero, value > 0.0) {
        (true, _) => size,
        (false, true) => format!("+{size}"),
        (false, false) => format!("\u{2212}{size}"),
    }
}

/// A difference in words: "+19 points", "−310 ms".
pub fn difference(unit: Unit, value: f64) -> String {
    let text = signed(unit, value);
    match unit {
        Unit::Share if text == "+1" || text == "\u{2212}1" => format!("{text} point"),
        Unit::Share => format!("{text} points"),
        _ => text,
    }
}

/// The interval of a difference: "11 to 27", "−310 ms to −120 ms".
pub fn difference_range(unit: Unit, interval: Option<Interval>) -> Option<String> {
    ends(interval, |value| match unit {
        Unit::Share if value > 0.0 => unit.figure(value),
        _ => signed(unit, value),
    })
}

/// The interval of a value: "71 to 87", "1.90 s to 2.50 s".
pub fn range(unit: Unit, interval: Option<Interval>) -> Option<String> {
    ends(interval, |value| match unit {
        Unit::Share => unit.figure(value),
        _ => unit.text(value),
    })
}

fn ends(interval: Option<Interval>, text: impl Fn(f64) -> String) -> Option<String> {
    let interval = interval?;
    match (interval.low, interval.high) {
        (Some(low), Some(high)) => Some(format!("{} to {}", text(low), text(high))),
        (Some(low), None) => Some(format!("at least {}", text(low))),
        (None, Some(high)) => Some(format!("at most {}", text(high))),
        (None, None) => None,
    }
}

/// How an interval came about.
pub fn method(interval: Option<Interval>, change: Option<&Change>) -> String {
    if let Some(change) = change {
        let paired = "Student t interval of the paired difference by case, 95 %";
        return match (change.interval, change.p_value) {
            (None, _) if change.n < 2 => "no interval: too few shared cases".into(),
            (None, _) => "no interval: the shared cases do not vary enough".into(),
            (Some(_), Some(p)) if p < 0.001 => format!("{paired}; exact McNemar p below 0.001"),
            (Some(_), Some(p)) => format!("{paired}; exact McNemar p = {p:.3}"),
            (Some(_), None) => paired.into(),
        };
    }
    match interval.map(|interval| interval.method) {
        Some(IntervalMethod::Wilson) => "Wilson score interval, 95 %".into(),
        Some(IntervalMethod::StudentT) => "Student t interval of the mean over cases, 95 %".into(),
        Some(IntervalMethod::OrderStatistics) => "order statistics of the quantile, 95 %".into(),
        Some(IntervalMethod::Clustered) => "Student t interval over clusters of cases, 95 %".into(),
        Some(IntervalMethod::Weighted) => "Student t interval of the weighted mean over cases, 95 %".into(),
        Some(IntervalMethod::AnytimeValid) => "anytime-valid interval of the mean over cases, 95 %".into(),
        None => "no interval".into(),
    }
}

/// "100 cases", "300 trials".
pub fn observations(metric: &Metric, run: &RunSummary) -> String {
    let noun = match metric.n {
        n if n == run.cases => "case",
        n if n == run.trials => "trial",
        _ => "observation",
    };
    counted(metric.n, noun)
}

/// "1 case", "100 cases".
pub fn counted(n: u64, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{s}")
}

/// "run 14", "runs 6 and 14".
pub fn runs(runs: &[ClaimRun]) -> String {
    match runs {
        [] => "no run".into(),
        [one] => format!("run {}", one.number),
        [one, .., last] => format!("runs {} and {}", one.number, last.number),
    }
}

/// A day: "2 Nov 2026".
pub fn day(time: DateTime<Utc>) -> String {
    time.format("%-d %b %Y").to_string()
}

/// "20 Nov 2026", "2 Nov 2026 to 20 Nov 2026".
pub fn dates(runs: &[ClaimRun]) -> String {
    let days: Vec<String> = runs
        .iter()
        .map(|run| day(run.finished_at.unwrap_or(run.started_at)))
        .collect();
    match (days.first(), days.last()) {
        (Some(first), Some(last)) if first == last => first.clone(),
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => "no date".into(),
    }
}

/// A level as a sentence: "Pass rate 80 % (71 to 87) on 100 cases".
pub fn level(label: &str, value: &str, interval: Option<&str>, n: &str, practice: bool) -> String {
    let interval = interval
        .map(|interval| format!(" ({interval})"))
        .unwrap_or_default();
    labelled(format!("{label} {value}{interval} on {n}"), practice)
}

/// A change as a sentence: "Pass rate rose from 61 % to 80 % (paired difference +19 points, 11 to 27)".
pub fn change(label: &str, change: &Change, practice: bool) -> String {
    let range = change
        .interval_text
        .as_ref()
        .map(|range| format!(", {range}"))
        .unwrap_or_default();
    let (before, after) = (&change.before_text, &change.after_text);
    let paired = format!("(paired difference {}{range})", change.difference_text);
    let text = match (change.distinguishable, change.difference > 0.0) {
        (true, true) => format!("{label} rose from {before} to {after} {paired}"),
        (true, false) => format!("{label} fell from {before} to {after} {paired}"),
        (false, _) => format!("{label} {before} before and {after} after: not distinguishable {paired}"),
    };
    labelled(text, practice)
}

fn labelled(text: String, practice: bool) -> String {
    if practice {
        format!("{text} {PRACTICE}")
    } else {
        text
    }
}

/// A comparison in the words of a claim.
pub fn change_of(comparison: &Comparison, differed: Vec<String>) -> Change {
    let unit = comparison.unit;
    Change {
        before: comparison.before,
        before_text: unit.text(comparison.before),
        after: comparison.after,
        after_text: unit.text(comparison.after),
        difference: comparison.difference,
        difference_text: difference(unit, comparison.difference),
        interval: comparison.interval,
        interval_text: difference_range(unit, comparison.interval),
        n: comparison.n,
        p_value: comparison.p_value,
        distinguishable: comparison.distinguishable,
        improved: comparison.improved,
        differed,
    }
}

/// A run as the proof page shows it.
pub fn claim_run(run: &RunSummary) -> ClaimRun {
    let target = &run.target;
    ClaimRun {
        run: run.run,
        number: run.number,
        suite_name: run.suite_name.clone(),
        started_at: run.started_at,
        finished_at: run.finished_at,
        dataset: run.dataset.clone(),
        dataset_short: run.dataset.short().into(),
        suite: run.suite.clone(),
        suite_short: run.suite.short().into(),
        source: target.source.clone(),
        source_short: target.source.short().into(),
        git_commit: target.git_commit.clone(),
        git_commit_short: target
            .git_commit
            .as_ref()
            .map(|commit| commit.chars().take(7).collect()),
        uncommitted: target.git_dirty.is_some(),
        models: target.models.iter().map(|model| model.name.clone()).collect(),
        practice: run.practice,
        cases: run.cases,
        trials: run.trials,
    }
}
