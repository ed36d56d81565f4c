//! What a run and a comparison say, in sentences that every front shows alike.

use evidence::{Comparison, GateVerdict, RunStatus, RunSummary, Unit, Verdict};

/// The most important thing first: what keeps the gate shut, or how many passed.
pub(super) fn headline(summary: &RunSummary) -> String {
    let failing = summary
        .gate
        .metrics
        .iter()
        .find(|metric| !metric.verdict.passes());
    let capped = summary
        .failures
        .iter()
        .find(|failure| failure.error && failure.name == harness::Cause::SpendingCap.label());
    if let (RunStatus::Finished, Some(capped)) = (summary.status, capped) {
        return format!(
            "{} of {} trials have no verdict: a call could have crossed a provider's daily spending cap and was not sent.",
            capped.trials, summary.trials
        );
    }
    match (summary.status, failing, summary.gate.verdict) {
        (RunStatus::Running, _, _) => format!("{} cases are being asked", summary.planned),
        (RunStatus::Finished, Some(metric), _) => format!("{}.", metric.sentence),
        (RunStatus::Finished, None, GateVerdict::Unset) => format!(
            "{} of {} trials passed. A release needs three release metrics; the suite sets {}.",
            summary.passed,
            summary.trials,
            summary.gate.metrics.len()
        ),
        (RunStatus::Finished, None, _) => {
            let uncertain = summary
                .gate
                .metrics
                .iter()
                .filter(|metric| metric.verdict == Verdict::MetNotCertain)
                .count();
            let certainty = match uncertain {
                0 => "all of them with their whole interval".to_owned(),
                1 => "one of them met, not certain".to_owned(),
                count => format!("{count} of them met, not certain"),
            };
            format!(
                "All {} release metrics are met, {certainty}.",
                summary.gate.metrics.len()
            )
        }
        (_, _, _) => format!("{} of {} results are there.", summary.trials, summary.planned),
    }
}

/// The difference with its sign: "+19 points", "−12 ms".
pub(super) fn difference(comparison: &Comparison) -> String {
    let size = size(comparison.unit, comparison.difference.abs());
    let sign = match comparison.difference {
        // A sign before nothing but zeros would make something of it.
        _ if !size.contains(|digit: char| ('1'..='9').contains(&digit)) && comparison.unit != Unit::Share => {
            return "no change".into();
        }
        rise if rise >= 0.0 => "+",
        _ => "\u{2212}",
    };
    format!("{sign}{size}")
}

/// How large a difference is: "19 points", "12 ms".
fn size(unit: Unit, size: f64) -> String {
    match unit {
        Unit::Share => {
            let points = format!("{:.0}", size * 100.0);
            format!("{points} {}", if points == "1" { "point" } else { "points" })
        }
        unit => unit.text(size),
    }
}

/// One comparison in words.
pub(super) fn sentence(comparison: &Comparison) -> String {
    let (before, after) = (
        comparison.unit.text(comparison.before),
        comparison.unit.text(comparison.after),
    );
    let change = difference(comparison);
    if comparison.graders_differ {
        return format!(
            "{}: {before} and {after} ({change}), not comparable: the graders differ",
            comparison.label
        );
    }
    if !comparison.distinguishable {
        let shows = comparison.detectable.map(|detectable| {
            let least = size(comparison.unit, detectable);
            format!("; these {} cases show {least} or more", comparison.n)
        });
        return format!(
            "{}: {before} and {after} ({change}), not distinguishable{}",
            comparison.label,
            shows.unwrap_or_default()
        );
    }
    let verdict = if comparison.improved == Some(true) {
        "better"
    } else {
        "worse"
    };
    format!("{}: {before} to {after} ({change}), {verdict}", comparison.label)
}
