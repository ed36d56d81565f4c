//! A run as its page shows it: headline, tiles, comparison with the run before, charts.

use super::{
    Playbook,
    in_words::{headline, sentence},
    suite_row::unlinked_warning,
    tiles::{limit, tiles},
};
use crate::{
    Error,
    wire::{
        WireError,
        project::{Chart, Point, Series},
        run::{CompareRequest, CompareView, PreviousRun, RunRequest, RunView},
    },
};
use evidence::{Metric, PicoUsd, Purpose, RunId, RunStatus, RunSummary, Unit};
use harness::compare::{Compared, Pairing};
use store::RunRecord;

/// Metrics with a comparison that no grader decides.
const UNGRADED: [&str; 3] = ["error_rate", "latency_mean", "cost_per_case"];

pub(super) fn read_failure(text: &str) -> Option<WireError> {
    serde_json::from_str(text).ok()
}

impl Playbook {
    /// One run.
    pub async fn run(&self, request: RunRequest) -> Result<RunView, Error> {
        self.blocking(move |playbook| {
            let record = playbook.store.run(request.run)?;
            let project = playbook.store.project(record.summary.project)?;
            let runs = playbook.store.runs(Some(project.id))?;
            // A run that goes on has nothing to compare or to draw yet.
            let ended = record.summary.status != RunStatus::Running;
            let (latencies, costs) = if ended {
                playbook.store.latencies_and_costs(record.key)?
            } else {
                Default::default()
            };
            let previous = match playbook.held_against(&record, &runs)? {
                Some(earlier) if ended => Some(playbook.previous(earlier, &record)?),
                _ => None,
            };
            let mut summary = record.summary.clone();
            if summary.status == RunStatus::Running {
                let counts = playbook.store.result_counts(record.key)?;
                summary.trials = counts.done;
                summary.passed = counts.passed;
                summary.errored = counts.errored;
                summary.failed = counts.done - counts.passed - counts.errored;
            }
            let candidates_before = runs
                .iter()
                .filter(|run| {
                    run.summary.purpose == Purpose::Candidate
                        && run.summary.status == RunStatus::Finished
                        && run.summary.suite_name == summary.suite_name
                        && (run.summary.number < summary.number || beside(&run.summary, &summary))
                })
                .count() as u32;
            let wall_seconds = summary
                .finished_at
                .map(|finished| (finished - summary.started_at).as_seconds_f64());
            Ok(RunView {
                headline: headline(&summary),
                tiles: tiles(&summary, previous.as_ref()),
                charts: distributions(&record, latencies, costs),
                failure: record.failure.as_deref().and_then(read_failure),
                project_name: project.name,
                can_resume: summary.status.can_resume(),
                unlinked: unlinked(&summary),
                previous,
                wall_seconds,
                candidates_before,
                summary,
            })
        })
        .await
    }

    /// Two runs held against each other.
    pub async fn compare(&self, request: CompareRequest) -> Result<CompareView, Error> {
        self.blocking(move |playbook| {
            let (before, after) = (
                playbook.store.run(request.before)?,
                playbook.store.run(request.after)?,
            );
            let compared = playbook.compared(&before, &after)?;
            let compared = by_one_ruler(compared, &before.summary, &after.summary);
            if compared.comparisons.is_empty() {
                return Err(Error::input(
                    format!(
                        "run {} and run {} share no case",
                        before.summary.number, after.summary.number
                    ),
                    if compared.reworded > 0 {
                        "Their cases have the same ids and say something else: compare runs on one version of the dataset."
                    } else {
                        "Compare two runs of the same suite."
                    },
                ));
            }
            Ok(CompareView {
                sentences: compared.comparisons.iter().map(sentence).collect(),
                comparisons: compared.comparisons,
                gained: compared.gained,
                lost: compared.lost,
                differs: after.summary.differs_from(&before.summary),
                slices: compared.slices,
                reworded: compared.reworded,
                before: before.summary,
                after: after.summary,
            })
        })
        .await
    }

    pub(super) fn compared(&self, before: &RunRecord, after: &RunRecord) -> Result<Compared, Error> {
        self.paired(before, after, &after.summary.metrics)
    }

    /// Two runs held against each other in these metrics of the later one.
    pub(super) fn paired(
        &self,
        before: &RunRecord,
        after: &RunRecord,
        metrics: &[Metric],
    ) -> Result<Compared, Error> {
        let mut pairing = Pairing::new(metrics);
        self.store.each_shared_case(
            (before.key, &before.graders),
            (after.key, &after.graders),
            |earlier, later| pairing.add(earlier, later),
        )?;
        Ok(pairing.finish())
    }

    /// The run that a run is held against wherever it is shown: the one that was named when it started, or else the frozen
    /// baseline of its suite, where the run came after it, or else the run before. `runs` are those of its project, newest first.
    pub(super) fn held_against<'a>(
        &self,
        record: &RunRecord,
        runs: &'a [RunRecord],
    ) -> Result<Option<&'a RunRecord>, Error> {
        let now = &record.summary;
        let earlier = |wanted: Option<RunId>| {
            runs.iter()
                .find(|run| Some(run.summary.run) == wanted && run.summary.number < now.number)
                .filter(|run| !beside(now, &run.summary))
        };
        let named = record.plan.baseline.filter(|_| record.plan.baseline_named);
        let frozen = self.frozen_baseline(now.project, &now.suite_name)?;
        Ok(earlier(named)
            .or_else(|| earlier(frozen))
            .or_else(|| previous_of(record, runs)))
    }

    fn previous(&self, earlier: &RunRecord, later: &RunRecord) -> Result<PreviousRun, Error> {
        let frozen = self.frozen_baseline(later.summary.project, &later.summary.suite_name)?;
        let compared = by_one_ruler(self.compared(earlier, later)?, &earlier.summary, &later.summary);
        Ok(PreviousRun {
            run: earlier.summary.run,
            number: earlier.summary.number,
            frozen: frozen == Some(earlier.summary.run),
            comparisons: compared.comparisons,
            gained: compared.gained.len() as u64,
            lost: compared.lost.len() as u64,
            differs: later.summary.differs_from(&earlier.summary),
        })
    }
}

/// Takes the verdicts on what graders decide out of a comparison of runs whose graders differ: a difference would be the
/// ruler's, not the target's.
pub(super) fn by_one_ruler(mut compared: Compared, before: &RunSummary, after: &RunSummary) -> Compared {
    if before.grading == after.grading {
        return compared;
    }
    for comparison in &mut compared.comparisons {
        if UNGRADED.contains(&comparison.metric.as_str()) {
            continue;
        }
        comparison.graders_differ = true;
        comparison.distinguishable = false;
        comparison.improved = None;
        comparison.detectable = None;
    }
    for slice in &mut compared.slices {
        slice.improved = None;
    }
    compared
}

/// Whether one eval measured both, as two of several targets.
pub(super) fn beside(run: &RunSummary, other: &RunSummary) -> bool {
    run.run != other.run && run.group.is_some() && run.group == other.group
}

/// Release metrics that are linked to no user outcome.
fn unlinked(summary: &RunSummary) -> Option<String> {
    let labels: Vec<&str> = summary
        .gate
        .metrics
        .iter()
        .map(|gate| &gate.threshold)
        .filter(|threshold| threshold.outcome.is_none())
        .map(|threshold| {
            summary
                .metric(&threshold.metric)
                .map_or(threshold.metric.as_str(), |metric| metric.label.as_str())
        })
        .collect();
    unlinked_warning(&labels)
}

/// How latency and cost spread over this run's cases: values in ascending order at every twentieth.
fn distributions(record: &RunRecord, latencies: Vec<f64>, costs: Vec<PicoUsd>) -> Vec<Chart> {
    let costs = costs.into_iter().map(PicoUsd::as_usd).collect();
    let charts = [
        (
            "latency",
            "Latency of this run's answers, fastest to slowest",
            Unit::Milliseconds,
            latencies,
            "latency_p95",
        ),
        (
            "cost",
            "Cost of this run's cases, cheapest to dearest",
            Unit::Usd,
            costs,
            "cost_per_case",
        ),
    ];
    charts
        .into_iter()
        .filter(|(_, _, _, values, _)| values.len() > 1)
        .map(|(id, title, unit, mut values, metric)| {
            values.sort_by(f64::total_cmp);
            let points = (0..=20).map(|step| {
                let share = f64::from(step) / 20.0;
                let rank = ((values.len() - 1) as f64 * share).round() as usize;
                Point {
                    label: format!("{:.0} %", share * 100.0),
                    at: record.summary.started_at,
                    value: Some(values[rank]),
                    low: None,
                    high: None,
                    text: unit.text(values[rank]),
                    cut: false,
                }
            });
            Chart {
                id: id.into(),
                title: title.into(),
                unit,
                series: vec![Series {
                    name: title.into(),
                    points: points.collect(),
                }],
                threshold: limit(&record.summary, metric),
            }
        })
        .collect()
}

/// Whether a run asked everything that it was to ask.
fn is_complete(run: &RunRecord) -> bool {
    run.summary.status == RunStatus::Finished && run.summary.trials >= run.summary.planned
}

/// Whether a run measured the whole suite: no filter, no shard, and it was not stopped early.
pub(super) fn is_whole(run: &RunRecord) -> bool {
    is_complete(run) && run.plan.filter.is_none() && run.summary.shard.is_none()
}

/// The run before: the newest earlier one of the same suite, target and cases that asked all it was to ask. A candidate is held
/// against a candidate where there is one, a filtered run against a whole one where nothing ran that filter before. What a
/// drill, a lab or a canary measured says nothing of a run with another purpose, nor does a run that measured beside this one.
fn previous_of<'a>(record: &RunRecord, runs: &'a [RunRecord]) -> Option<&'a RunRecord> {
    let now = &record.summary;
    let serves = |run: &&RunRecord| {
        let then = &run.summary;
        then.number < now.number
            && then.suite_name == now.suite_name
            && then.target.name == now.target.name
            && then.shard == now.shard
            && is_complete(run)
            && (matches!(then.purpose, Purpose::Candidate | Purpose::Experiment)
                || then.purpose == now.purpose)
            && !beside(then, now)
    };
    let of = |filter: Option<&str>| {
        let fits = |run: &&RunRecord| serves(run) && run.plan.filter.as_deref() == filter;
        let candidate = runs.iter().find(|run| {
            now.purpose == Purpose::Candidate && run.summary.purpose == Purpose::Candidate && fits(run)
        });
        candidate.or_else(|| runs.iter().find(fits))
    };
    of(record.plan.filter.as_deref()).or_else(|| of(None))
}
