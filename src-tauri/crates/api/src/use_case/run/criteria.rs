//! What a run is judged by: criteria that are locked by the first candidate, and the baseline that later runs are held against.

use super::super::{Playbook, run_view::by_one_ruler};
use crate::{
    Code, Error,
    wire::{Nothing, run::RunRequest},
};
use evidence::{Comparison, GateMetric, Metric, ProjectId, Purpose, RunId, RunStatus, RunSummary};
use store::RunRecord;

fn baseline_setting(project: ProjectId, suite: &str) -> String {
    format!("baseline:{project}:{suite}")
}

impl Playbook {
    /// Freezes a finished candidate as the baseline of its suite: later runs are held against it, whatever lies between.
    pub async fn freeze_baseline(&self, request: RunRequest) -> Result<Nothing, Error> {
        self.blocking(move |playbook| {
            let run = playbook.store.run(request.run)?.summary;
            if run.purpose != Purpose::Candidate || run.status != RunStatus::Finished {
                return Err(Error::new(
                    Code::Refused,
                    format!(
                        "run {} is no finished candidate, so nothing can be held against it",
                        run.number
                    ),
                    "Freeze a candidate that ran the whole suite.",
                ));
            }
            let setting = baseline_setting(run.project, &run.suite_name);
            playbook.store.set_setting(&setting, &run.run.to_string())?;
            Ok(Nothing {})
        })
        .await
    }

    /// Lets the baseline of a run's suite go; runs are held against the run before again.
    pub async fn release_baseline(&self, request: RunRequest) -> Result<Nothing, Error> {
        self.blocking(move |playbook| {
            let run = playbook.store.run(request.run)?.summary;
            playbook
                .store
                .set_setting(&baseline_setting(run.project, &run.suite_name), "")?;
            Ok(Nothing {})
        })
        .await
    }

    /// The frozen baseline of a suite.
    pub(in crate::use_case) fn frozen_baseline(
        &self,
        project: ProjectId,
        suite: &str,
    ) -> Result<Option<RunId>, Error> {
        let text = self.store.setting(&baseline_setting(project, suite))?;
        Ok(text.and_then(|text| text.parse().ok()))
    }

    /// What the criteria say otherwise than those of the first candidate on the same dataset, which locked them: whoever
    /// changes them afterwards has seen results.
    pub(in crate::use_case) fn changed_criteria(&self, run: &RunSummary) -> Result<Option<String>, Error> {
        let first = self
            .store
            .runs(Some(run.project))?
            .into_iter()
            .rev()
            .map(|record| record.summary)
            .find(|earlier| {
                earlier.purpose == Purpose::Candidate
                    && earlier.suite_name == run.suite_name
                    && earlier.dataset == run.dataset
                    && earlier.trials > 0
            });
        let Some(first) = first else { return Ok(None) };
        let mut changes = Vec::new();
        let names = |metrics: &[GateMetric]| -> Vec<String> {
            metrics
                .iter()
                .map(|metric| metric.threshold.metric.clone())
                .collect()
        };
        let (then, now) = (names(&first.gate.metrics), names(&run.gate.metrics));
        changes.extend(
            now.iter()
                .filter(|name| !then.contains(name))
                .map(|name| format!("{name} was added")),
        );
        changes.extend(
            then.iter()
                .filter(|name| !now.contains(name))
                .map(|name| format!("{name} was taken out")),
        );
        for metric in &run.gate.metrics {
            let before = first
                .gate
                .metrics
                .iter()
                .find(|other| other.threshold.metric == metric.threshold.metric);
            if before.is_some_and(|before| before.threshold != metric.threshold) {
                changes.push(format!("the limit of {} was changed", metric.threshold.metric));
            }
        }
        Ok((!changes.is_empty()).then(|| format!("{} since run {}", changes.join(", "), first.number)))
    }

    /// The run held against its baseline, for the release metrics that ask for one.
    pub(super) fn against_baseline(
        &self,
        record: &RunRecord,
        metrics: &[Metric],
    ) -> Result<Vec<Comparison>, Error> {
        let asks = |metric: &GateMetric| metric.threshold.bound == evidence::Bound::NoWorseBy;
        let Some(baseline) = record
            .plan
            .baseline
            .filter(|_| record.summary.gate.metrics.iter().any(asks))
        else {
            return Ok(Vec::new());
        };
        let before = self.store.run(baseline)?;
        let compared = self.paired(&before, record, metrics)?;
        Ok(by_one_ruler(compared, &before.summary, &record.summary).comparisons)
    }
}
