//! Runs that end as soon as their pass rate is decided: when one may, what it takes, and what is said of it then.

use crate::{Code, Error};
use evidence::{
    Bound, RunSummary, Threshold, Unit,
    statistics::{SequentialDecision, SequentialTest},
};
use harness::{
    TrialKey,
    runner::{EarlyStop, Shard, pass_rate_test},
};
use std::collections::HashSet;
use store::RunRecord;

/// The metric that is decided on.
const PASS_RATE: &str = "pass_rate";

/// The limit that the pass rate is held against, or why the run cannot stop early.
pub(super) fn limit(thresholds: &[Threshold], shard: Option<Shard>) -> Result<f64, Error> {
    if shard.is_some() {
        return Err(Error::new(
            Code::Refused,
            "a shard cannot stop early: whether the pass rate is decided shows in all cases together, and each shard sees its own only",
            "Leave out --shard or --stop-early. Nothing was started.",
        ));
    }
    let mut limits = thresholds
        .iter()
        .filter(|threshold| threshold.metric == PASS_RATE && threshold.bound != Bound::NoWorseBy);
    match (limits.next(), limits.next()) {
        (Some(one), None) => Ok(one.limit),
        (None, _) => Err(Error::input(
            "the run cannot stop early: the suite sets no limit for the pass rate that it could be held against",
            "Add `- { metric: pass_rate, at_least: 0.8 }` to the suite's release_metrics, or do without the early stop (--stop-early). Nothing was started.",
        )),
        (Some(_), Some(_)) => Err(Error::input(
            "the run cannot stop early: the suite sets several limits for the pass rate, and only one can be decided",
            "Leave one `pass_rate` in the suite's release_metrics, or do without the early stop (--stop-early). Nothing was started.",
        )),
    }
}

/// Why a run that may stop early is no candidate.
pub(super) fn no_candidate() -> Error {
    Error::new(
        Code::Refused,
        "a candidate runs the whole suite: a run that stops early ends where its pass rate happens to look best or worst, so the figure itself is off",
        "Leave --stop-early out, or make the run an experiment (--purpose experiment).",
    )
}

/// The test that may end this run; none where it runs to its end anyway.
pub(super) fn test(record: &RunRecord) -> Result<Option<SequentialTest>, Error> {
    if !record.plan.stop_early {
        return Ok(None);
    }
    let limit = limit_of(&record.summary)?;
    pass_rate_test(limit, cases(&record.summary))
        .map(Some)
        .map_err(|_| {
            Error::input(
                format!("the run cannot stop early: {limit} is no limit for a pass rate"),
                "Give a limit between 0 and 1 in the suite's release_metrics.",
            )
        })
}

/// What the runner needs for it.
pub(super) fn early_stop(record: &RunRecord, passed: HashSet<TrialKey>) -> Result<Option<EarlyStop>, Error> {
    let test = test(record)?;
    Ok(test.map(|test| EarlyStop::new(test, &record.summary.dataset, passed)))
}

/// Why the run ended before its cases did.
pub(super) fn stopped(run: &RunSummary, decision: SequentialDecision, after: u64) -> Option<String> {
    let side = match decision {
        SequentialDecision::Above => "above",
        SequentialDecision::Below => "below",
        SequentialDecision::Undecided => return None,
    };
    let limit = Unit::Share.text(limit_of(run).ok()?);
    Some(format!(
        "the pass rate lies {side} {limit}, certain at the 95 % level after {after} of {} cases; the rest was not asked",
        cases(run)
    ))
}

/// Says with each figure but the pass rate, whose interval allows for it, that the run stopped early.
pub(super) fn note_metrics(run: &mut RunSummary) {
    let slices = run.categories.iter_mut().map(|slice| &mut slice.pass_rate);
    let metrics = run.metrics.iter_mut().filter(|metric| metric.name != PASS_RATE);
    for metric in metrics.chain(slices) {
        let note = "the run stopped early; neither the value nor its interval allows for that";
        metric.note = Some(match metric.note.take() {
            Some(before) => format!("{before}; {note}"),
            None => note.to_owned(),
        });
    }
}

fn limit_of(run: &RunSummary) -> Result<f64, Error> {
    let thresholds: Vec<Threshold> = run
        .gate
        .metrics
        .iter()
        .map(|metric| metric.threshold.clone())
        .collect();
    limit(&thresholds, None)
}

/// Cases that the run asks at most.
fn cases(run: &RunSummary) -> u64 {
    run.planned / u64::from(run.repeat.max(1))
}
