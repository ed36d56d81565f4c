//! When a newer candidate contradicts a claim.

use super::{
    Change, ClaimDefinition, RunComparison, RunPair,
    assess::{after, beside, comparison, peers},
    text,
};
use evidence::{Direction, Metric, RunSummary};

/// The candidate that decides whether a claim on `run` still stands: the newest one of the suite after it, and where that measured
/// several targets, the same one of them. A target that only ran beside this one does not contradict it. The name chooses among the
/// newest alone: whatever they are called, they decide.
/// A practice run says nothing of a real model, so it does not count against a claim made with one.
pub(super) fn newest_after<'a>(run: &'a RunSummary, runs: &'a [RunSummary]) -> Option<&'a RunSummary> {
    let later =
        || peers(run, runs).filter(move |other| after(other, run) && (run.practice || !other.practice));
    let newest = later().max_by_key(|other| other.number)?;
    let same_target = later()
        .filter(|other| other.run == newest.run || beside(newest, other))
        .filter(|other| other.target.name == run.target.name)
        .max_by_key(|other| other.number);
    Some(same_target.unwrap_or(newest))
}

/// Why the claim no longer stands, if it does not.
pub(super) fn why_stale(
    definition: &ClaimDefinition,
    run: &RunSummary,
    change: Option<&Change>,
    runs: &[RunSummary],
    comparisons: &[RunComparison],
) -> Option<String> {
    let newest = newest_after(run, runs)?;
    let old = run.metric(&definition.metric)?;
    let new = newest.metric(&definition.metric);
    // A change for the worse is not contradicted by getting worse still.
    let for_worse = change.is_some_and(|change| change.improved == Some(false));
    if !for_worse {
        if let Some(reason) = outside(old, new, newest) {
            return Some(reason);
        }
        if let Some(reason) = threshold_lost(run, newest, &definition.metric) {
            return Some(reason);
        }
    }
    let (change, before) = (change?, definition.baseline?);
    let pair = RunPair {
        before,
        after: newest.run,
    };
    match comparison(comparisons, pair, &definition.metric) {
        Some(newer) if !newer.distinguishable || newer.improved != change.improved => {
            let difference = text::difference(newer.unit, newer.difference);
            let verdict = if newer.distinguishable {
                "the other way"
            } else {
                "not distinguishable"
            };
            Some(format!(
                "Run {} no longer shows it: paired difference {difference}, {verdict}.",
                newest.number
            ))
        }
        Some(_) => None,
        // Without a comparison the values have to do: the change is gone when nothing of it is left.
        None => {
            let value = new?.value?;
            let gone = if change.difference > 0.0 {
                value <= change.before
            } else {
                value >= change.before
            };
            gone.then(|| {
                format!(
                    "Run {} measures {}: nothing of the change is left.",
                    newest.number,
                    old.unit.text(value)
                )
            })
        }
    }
}

fn outside(old: &Metric, new: Option<&Metric>, newest: &RunSummary) -> Option<String> {
    let value = new?.value?;
    let interval = old.interval?;
    let contradicts = match old.better {
        Direction::Higher => interval.above(value),
        Direction::Lower => interval.below(value),
    };
    let range = text::range(old.unit, old.interval)?;
    contradicts.then(|| {
        format!(
            "Run {} measures {}, outside the interval {range}.",
            newest.number,
            old.unit.text(value)
        )
    })
}

fn threshold_lost(run: &RunSummary, newest: &RunSummary, metric: &str) -> Option<String> {
    let judged = |run: &RunSummary| {
        run.gate
            .metrics
            .iter()
            .find(|judged| judged.threshold.metric == metric)
            .cloned()
    };
    let (old, new) = (judged(run)?, judged(newest)?);
    (old.verdict.passes() && !new.verdict.passes()).then(|| {
        format!(
            "Run {} no longer meets its threshold: {}.",
            newest.number, new.sentence
        )
    })
}
