//! Small pieces of wording.

use evidence::{GateVerdict, RunSummary};

/// "a", "a and b", "a, b and c".
pub(crate) fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// "1 day", "8 days".
pub(crate) fn count(number: i64, thing: &str) -> String {
    if number == 1 {
        format!("1 {thing}")
    } else {
        format!("{number} {thing}s")
    }
}

/// The text without surrounding space; absent when nothing is left.
pub(crate) fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A run in one line: "Run 3: 100 cases on golden, gate failed, practice model".
pub(crate) fn run_line(run: &RunSummary) -> String {
    let gate = match run.gate.verdict {
        GateVerdict::Passed => ", gate passed",
        GateVerdict::Failed => ", gate failed",
        GateVerdict::Unset => "",
    };
    let practice = if run.practice { ", practice model" } else { "" };
    format!(
        "Run {}: {} on {}{gate}{practice}",
        run.number,
        count(run.cases as i64, "case"),
        run.suite_name
    )
}
