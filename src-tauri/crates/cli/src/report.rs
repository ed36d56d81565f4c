//! What a person reads in a terminal.

use api::{
    SuiteCheckup,
    evidence::{Comparison, GateVerdict, RunStatus, RunSummary, Unit, Verdict},
    wire::run::{CompareView, RunView},
};
use std::fmt::Write as _;

/// What a suite has, and what of it would not run.
pub fn checked(found: &SuiteCheckup) -> String {
    let mut text = format!(
        "{}: {} cases, {} {}: {}\n",
        found.name,
        found.cases,
        found.targets.len(),
        if found.targets.len() == 1 {
            "target"
        } else {
            "targets"
        },
        found.targets.join("; ")
    );
    if found.unsupported.is_empty() {
        text.push_str("Everything in it runs here.\n");
    } else {
        text.push_str("What does not run here; each test that needs it ends in an error that says so:\n");
        for one in &found.unsupported {
            let _ = writeln!(text, "  {one}");
        }
    }
    if !found.warnings.is_empty() {
        text.push_str("What is ignored, or means something else than it seems to:\n");
        for one in &found.warnings {
            let _ = writeln!(text, "  {one}");
        }
    }
    text
}

/// A run, the most important thing first.
/// For causes of errors, an example of each may be given: the cause's name, and a sentence.
pub fn run(view: &RunView, examples: &[(String, String)]) -> String {
    let run = &view.summary;
    let mut text = String::new();
    let gate = match run.gate.verdict {
        _ if run.status != RunStatus::Finished => "Not finished",
        GateVerdict::Passed => "Gate passed",
        GateVerdict::Failed => "Gate failed",
        GateVerdict::Unset => "No gate",
    };
    let _ = writeln!(text, "{gate}. {}", view.headline);
    if let Some(changed) = &run.gate.post_hoc {
        let _ = writeln!(
            text,
            "Post hoc: the criteria were changed after results on this dataset had been seen ({changed}), so they no longer test this run."
        );
    }
    let practice = practice(run);
    // Runs side by side differ in nothing else that stands here.
    let target = match run.group {
        Some(_) => format!(", target {}", run.target.name),
        None => String::new(),
    };
    let _ = writeln!(
        text,
        "Run {} of {}{target}, {}, {} {}, {}{practice}, suite {}, dataset {}",
        run.number,
        run.suite_name,
        run.purpose,
        run.cases,
        if run.cases == 1 { "case" } else { "cases" },
        run.models_text(),
        run.suite.short(),
        run.dataset.short()
    );
    if let (RunStatus::Finished, Some(stopped)) = (run.status, &run.stopped) {
        let _ = writeln!(text, "Stopped early: {stopped}");
    }
    match run.skipped_rows {
        0 => {}
        1 => text.push_str("1 bad row of the dataset was passed over\n"),
        rows => {
            let _ = writeln!(text, "{rows} bad rows of the dataset were passed over");
        }
    }
    text.push('\n');
    for metric in run
        .metrics
        .iter()
        .filter(|metric| metric.value.is_some() || metric.note.is_some())
    {
        let interval = metric
            .interval_text()
            .map(|text| format!("({text})"))
            .unwrap_or_default();
        let gate = run
            .gate
            .metrics
            .iter()
            .find(|gate| gate.threshold.metric == metric.name);
        let verdict = gate.map(|gate| {
            let word = match gate.verdict {
                Verdict::Met => "met",
                Verdict::MetNotCertain => "met, not certain",
                Verdict::NotMet => "NOT MET",
                Verdict::NotMeasured => "NOT MEASURED",
            };
            format!("{} {word}", gate.threshold.limit_text(metric))
        });
        let note = metric
            .note
            .as_deref()
            .filter(|_| metric.value.is_none())
            .unwrap_or_default();
        let line = format!(
            "  {:<24} {:>9}  {:<16} n={:<5} {}{note}",
            metric.label,
            metric.value_text(),
            interval,
            metric.n,
            verdict.map(|verdict| format!("{verdict} ")).unwrap_or_default(),
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if let Some((flipping, repeated)) = run.flipping_cases {
        let _ = writeln!(
            text,
            "  {flipping} of {repeated} repeated cases do not always give the same verdict"
        );
    }
    if run.unpriced > 0 {
        let _ = writeln!(
            text,
            "  {} calls went to a model without a known price",
            run.unpriced
        );
    }
    if !run.categories.is_empty() {
        text.push_str("\nPass rate by category\n");
        for slice in &run.categories {
            let rate = &slice.pass_rate;
            let interval = rate
                .interval_text()
                .map(|text| format!("({text})"))
                .unwrap_or_default();
            let line = format!(
                "  {:<24} {:>9}  {:<16} n={}",
                slice.name,
                rate.value_text(),
                interval,
                rate.n
            );
            let _ = writeln!(text, "{line}");
        }
    }
    if !run.failures.is_empty() {
        text.push_str("\nFailures\n");
        for failure in &run.failures {
            let kind = if failure.error { " (error)" } else { "" };
            let _ = writeln!(text, "  {:<24} {:>9}{kind}", failure.name, failure.trials);
            if let Some((_, example)) = examples.iter().find(|(name, _)| *name == failure.name) {
                let _ = writeln!(text, "    e.g. {example}");
            }
        }
    }
    for severity in &run.severities {
        let _ = writeln!(
            text,
            "  {} {}: {}",
            severity.severity, severity.grader, severity.trials
        );
    }
    if let Some(previous) = &view.previous {
        let _ = writeln!(
            text,
            "\nAgainst run {} on {}: {} cases newly pass, {} newly fail. What differs: {}.",
            previous.number,
            shared_cases(&previous.comparisons),
            previous.gained,
            previous.lost,
            if previous.differs.is_empty() {
                "nothing".into()
            } else {
                previous.differs.join(", ")
            }
        );
    }
    text
}

/// "100 shared cases".
fn shared_cases(comparisons: &[Comparison]) -> String {
    match comparisons.first().map_or(0, |comparison| comparison.n) {
        1 => "1 shared case".into(),
        n => format!("{n} shared cases"),
    }
}

/// Runs in a table.
pub fn runs(runs: &[RunSummary]) -> String {
    if runs.is_empty() {
        return "No runs yet. Start one with: playbook eval SUITE\n".into();
    }
    let mut text = format!(
        "{:<5} {:<16} {:<11} {:<12} {:<22} {:<8} {:<16} id\n",
        "run", "suite", "purpose", "status", "pass rate", "gate", "date"
    );
    for run in runs {
        let rate = run.metric("pass_rate").map_or_else(
            || "no data".into(),
            |metric| match metric.interval_text() {
                Some(interval) => format!("{} ({interval})", metric.value_text()),
                None => metric.value_text(),
            },
        );
        let gate = match run.gate.verdict {
            _ if run.status != RunStatus::Finished => "",
            GateVerdict::Passed => "passed",
            GateVerdict::Failed => "failed",
            GateVerdict::Unset => "unset",
        };
        let status = serde_json::to_value(run.status).ok();
        let status = status
            .as_ref()
            .and_then(|status| status.as_str())
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "{:<5} {:<16} {:<11} {status:<12} {rate:<22} {gate:<8} {:<16} {}",
            run.number,
            run.suite_name,
            run.purpose.as_str(),
            run.started_at.format("%Y-%m-%d %H:%M"),
            format_args!("{}{}", run.run, practice(run))
        );
    }
    text
}

/// The label of a run that a practice model answered.
fn practice(run: &RunSummary) -> &'static str {
    if run.practice { " (practice model)" } else { "" }
}

/// Two runs held against each other.
pub fn compared(view: &CompareView) -> String {
    let mut text = format!(
        "Run {}{} and run {}{} of {}\n",
        view.before.number,
        practice(&view.before),
        view.after.number,
        practice(&view.after),
        view.after.suite_name
    );
    let differs = if view.differs.is_empty() {
        "nothing".into()
    } else {
        view.differs.join(", ")
    };
    let _ = writeln!(text, "What differs: {differs}\n");
    for (comparison, sentence) in view.comparisons.iter().zip(&view.sentences) {
        let interval = comparison
            .interval
            .and_then(|interval| Some((interval.low?, interval.high?)));
        let interval = interval.map_or_else(String::new, |(low, high)| {
            let points = |value: f64| match comparison.unit {
                Unit::Share => format!("{:+.0}", value * 100.0),
                unit => unit.figure(value),
            };
            format!(
                "  95 % interval of the difference {} to {}",
                points(low),
                points(high)
            )
        });
        let p = comparison.p_value.map_or_else(String::new, |p| {
            if p < 0.001 {
                ", p < 0.001".into()
            } else {
                format!(", p = {p:.3}")
            }
        });
        let _ = writeln!(text, "  {sentence}  n={}{interval}{p}", comparison.n);
    }
    for (title, cases) in [("Newly pass", &view.gained), ("Newly fail", &view.lost)] {
        let _ = writeln!(
            text,
            "\n{title}: {}",
            if cases.is_empty() {
                "none".into()
            } else {
                cases.join(", ")
            }
        );
    }
    text
}
