use super::{Claim, ClaimDefinition, ClaimState, RunComparison, RunPair, draft::Draft, stale};
use crate::prose;
use evidence::{Comparison, Purpose, RunId, RunStatus, RunSummary, Unit};

/// Holds a claim against the runs of its project.
///
/// `comparisons` are those of [`comparisons_needed`]; others do no harm. The newest finished candidate of the same
/// suite decides whether the claim went stale; a practice run never contradicts a run on a real model.
pub fn assess(definition: &ClaimDefinition, runs: &[RunSummary], comparisons: &[RunComparison]) -> Claim {
    let Some(run) = find(runs, definition.run).filter(|run| run.project == definition.project) else {
        return Draft::without_run(definition)
            .refused("The run behind this claim is not in this project any more.");
    };
    let baseline = definition.baseline.and_then(|baseline| find(runs, baseline));
    let comparison = definition.baseline.and_then(|before| {
        comparison(
            comparisons,
            RunPair {
                before,
                after: run.run,
            },
            &definition.metric,
        )
    });
    let draft = Draft::new(definition, run, baseline, comparison, runs);
    if let Some(reason) = why_refused(definition, run, baseline, comparison, runs) {
        return draft.refused(&reason);
    }
    if let Some(change) = draft.change.as_ref().filter(|change| !change.distinguishable) {
        let range = change
            .interval_text
            .as_ref()
            .map(|range| format!(" ({range})"))
            .unwrap_or_default();
        let reason = format!(
            "The paired comparison cannot tell the runs apart: {}{range} on {} shared cases.",
            change.difference_text, change.n
        );
        return draft.closed(ClaimState::NotDistinguishable, reason);
    }
    if let Some(reason) = stale::why_stale(definition, run, draft.change.as_ref(), runs, comparisons) {
        return draft.closed(ClaimState::Stale, reason);
    }
    if let Some(reason) = draft.why_weak() {
        return draft.closed(ClaimState::Weak, reason);
    }
    draft.close(ClaimState::Holds, None)
}

/// Holds every claim of a project against its runs.
pub fn assess_all(
    definitions: &[ClaimDefinition],
    runs: &[RunSummary],
    comparisons: &[RunComparison],
) -> Vec<Claim> {
    definitions
        .iter()
        .map(|definition| assess(definition, runs, comparisons))
        .collect()
}

/// The pairs of runs whose comparisons [`assess_all`] and [`super::propose`] want to see (every metric of each).
pub fn comparisons_needed(definitions: &[ClaimDefinition], runs: &[RunSummary]) -> Vec<RunPair> {
    let mut pairs = Vec::new();
    let mut want = |before: RunId, after: RunId| {
        let pair = RunPair { before, after };
        if before != after && !pairs.contains(&pair) {
            pairs.push(pair);
        }
    };
    for definition in definitions {
        let Some((run, baseline)) = find(runs, definition.run).zip(definition.baseline) else {
            continue;
        };
        want(baseline, run.run);
        if let Some(newest) = stale::newest_after(run, runs) {
            want(baseline, newest.run);
        }
    }
    for newest in newest_candidates(runs) {
        for earlier in baselines(newest, runs) {
            want(earlier.run, newest.run);
        }
    }
    pairs
}

pub(super) fn find(runs: &[RunSummary], id: RunId) -> Option<&RunSummary> {
    runs.iter().find(|run| run.run == id)
}

pub(super) fn comparison<'a>(
    all: &'a [RunComparison],
    pair: RunPair,
    metric: &str,
) -> Option<&'a Comparison> {
    all.iter()
        .find(|one| one.pair == pair && one.comparison.metric == metric)
        .map(|one| &one.comparison)
}

/// Whether a run may make claims.
pub(super) fn is_candidate(run: &RunSummary) -> bool {
    run.purpose == Purpose::Candidate && run.status == RunStatus::Finished
}

/// The finished candidates of a run's suite, the run itself among them.
pub(super) fn peers<'a>(run: &'a RunSummary, runs: &'a [RunSummary]) -> impl Iterator<Item = &'a RunSummary> {
    runs.iter().filter(move |other| {
        other.project == run.project && other.suite_name == run.suite_name && is_candidate(other)
    })
}

/// Whether two runs measured several targets side by side: one eval made both, so neither is newer than the other.
pub(super) fn beside(run: &RunSummary, other: &RunSummary) -> bool {
    run.run != other.run && run.group.is_some() && run.group == other.group
}

/// Whether a run was made after another one, and not beside it.
pub(super) fn after(other: &RunSummary, run: &RunSummary) -> bool {
    other.number > run.number && !beside(run, other)
}

/// The newest finished candidate of each suite, in order of suite name; all of them where it measured several targets.
pub(super) fn newest_candidates(runs: &[RunSummary]) -> Vec<&RunSummary> {
    let mut newest: Vec<&RunSummary> = runs
        .iter()
        .filter(|run| is_candidate(run))
        .filter(|run| !peers(run, runs).any(|other| after(other, run)))
        .collect();
    newest.sort_by(|a, b| (&a.suite_name, a.number).cmp(&(&b.suite_name, b.number)));
    newest
}

/// The candidates that a change is offered against: the first and the one before, of the same target where it ran before.
pub(super) fn baselines<'a>(run: &'a RunSummary, runs: &'a [RunSummary]) -> Vec<&'a RunSummary> {
    let mut earlier: Vec<&RunSummary> = peers(run, runs).filter(|other| after(run, other)).collect();
    if earlier.iter().any(|other| other.target.name == run.target.name) {
        earlier.retain(|other| other.target.name == run.target.name);
    }
    earlier.sort_by_key(|run| run.number);
    match earlier.as_slice() {
        [] => Vec::new(),
        [one] => vec![one],
        [first, .., last] => vec![first, last],
    }
}

fn why_refused(
    definition: &ClaimDefinition,
    run: &RunSummary,
    baseline: Option<&RunSummary>,
    comparison: Option<&Comparison>,
    runs: &[RunSummary],
) -> Option<String> {
    for run in baseline.into_iter().chain([run]) {
        if run.purpose != Purpose::Candidate {
            return Some(format!(
                "Run {} is no candidate ({}): only candidates make claims.",
                run.number, run.purpose
            ));
        }
        if run.status != RunStatus::Finished {
            return Some(format!(
                "Run {} did not finish: resume it, then claim.",
                run.number
            ));
        }
    }
    if let Some(before) = baseline.filter(|before| before.grading != run.grading) {
        return Some(format!(
            "The graders changed between run {} and run {}: a difference would be the ruler's, not the target's.",
            before.number, run.number
        ));
    }
    let Some(metric) = run.metric(&definition.metric) else {
        return Some(format!(
            "Run {} did not measure `{}`.",
            run.number, definition.metric
        ));
    };
    if !metric.value.is_some_and(f64::is_finite) {
        let note = metric
            .note
            .as_ref()
            .map(|note| format!(" ({note})"))
            .unwrap_or_default();
        return Some(format!(
            "{} has no value in run {}{note}: no data is not a result.",
            metric.label, run.number
        ));
    }
    if !prose::plain(&metric.label) {
        return Some(format!(
            "The metric's name `{}` contains a number: rename it in the suite.",
            metric.label
        ));
    }
    if metric.label.contains(['<', '>', '|', '[', ']', '`', '\\', '\n']) {
        return Some(format!(
            "The metric's name `{}` contains formatting: rename it in the suite.",
            metric.label
        ));
    }
    if metric.unit == Unit::Usd {
        let both = || baseline.into_iter().chain([run]);
        if both().any(|run| run.practice) {
            return Some("The cost comes from practice prices, which nobody pays.".into());
        }
        if let Some(run) = both().find(|run| run.unpriced > 0) {
            return Some(format!(
                "The cost of run {} leaves out {} trials without a known price.",
                run.number, run.unpriced
            ));
        }
    }
    let there = |other: &&RunSummary| {
        after(other, run)
            && other.practice == run.practice
            && other.finished_at.is_some_and(|at| at <= definition.created_at)
    };
    if let Some(newer) = peers(run, runs).filter(there).max_by_key(|run| run.number) {
        return Some(format!(
            "Run {} was there when this claim was made, and is newer: a claim is made from the newest candidate.",
            newer.number
        ));
    }
    definition.baseline?;
    match (baseline, comparison) {
        (None, _) => Some("The run it is compared with is not in this project any more.".into()),
        (Some(baseline), _) if baseline.number >= run.number || baseline.project != run.project => Some(
            format!("Run {} does not come before run {}.", baseline.number, run.number),
        ),
        (Some(baseline), _) if baseline.suite_name != run.suite_name => Some(format!(
            "Runs {} and {} are of different suites.",
            baseline.number, run.number
        )),
        (Some(baseline), None) => Some(format!(
            "Runs {} and {} share no case on which both measured it.",
            baseline.number, run.number
        )),
        (Some(_), Some(_)) => None,
    }
}
