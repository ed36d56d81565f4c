//! The states of a project's corpus, as the answers of its runs named them.

use super::Playbook;
use crate::{
    Error,
    wire::{
        project::ProjectRequest,
        variants::{CorpusView, SnapshotView},
    },
};
use evidence::{Metric, RunStatus};
use harness::{TrialRecord, grader::GraderInfo, summary};
use store::RunRecord;

/// Graders of what was retrieved.
const RETRIEVAL: [&str; 6] = [
    "recall_at_k",
    "precision_at_k",
    "hit_rate",
    "reciprocal_rank",
    "ndcg",
    "context_recall",
];

impl Playbook {
    /// Which states of the corpus the runs have seen, since when, and how well passages were found in each.
    pub async fn corpus(&self, request: ProjectRequest) -> Result<CorpusView, Error> {
        self.blocking(move |playbook| {
            let runs: Vec<RunRecord> = playbook
                .store
                .runs(Some(request.project))?
                .into_iter()
                .filter(|run| run.summary.status != RunStatus::Running && run.summary.trials > 0)
                .collect();
            let mut seen: Vec<(&str, Vec<&RunRecord>)> = Vec::new();
            for run in &runs {
                for id in &run.summary.target.snapshots {
                    match seen.iter_mut().find(|(known, _)| known == id) {
                        Some((_, by)) => by.push(run),
                        None => seen.push((id, vec![run])),
                    }
                }
            }
            let mut snapshots = Vec::new();
            for (id, by) in seen {
                snapshots.extend(playbook.snapshot(id, &by)?);
            }
            let unnamed_runs = runs
                .iter()
                .filter(|run| run.summary.target.snapshots.is_empty())
                .count() as u64;
            let hint = (unnamed_runs > 0).then(|| {
                "Let the service name the state of its corpus (a date, a commit, a hash) in each answer, and say where in the suite: \
                 target.response.snapshot."
                    .to_owned()
            });
            Ok(CorpusView {
                snapshots,
                unnamed_runs,
                hint,
            })
        })
        .await
    }

    /// `by`: the runs that saw it, newest first.
    fn snapshot(&self, id: &str, by: &[&RunRecord]) -> Result<Option<SnapshotView>, Error> {
        let (Some(newest), Some(oldest)) = (by.first(), by.last()) else {
            return Ok(None);
        };
        let trials: Vec<TrialRecord> = self
            .store
            .records(newest.key, &newest.graders)?
            .into_iter()
            .filter(|trial| trial.snapshot.as_deref() == Some(id))
            .collect();
        Ok(Some(SnapshotView {
            id: id.to_owned(),
            first_seen: oldest.summary.started_at,
            last_seen: newest.summary.started_at,
            age_days: (self.host.now() - oldest.summary.started_at).num_days(),
            runs: by.iter().map(|run| run.summary.number).collect(),
            measured_by: newest.summary.number,
            metrics: retrieval(&trials, &newest.graders),
        }))
    }
}

fn retrieval(trials: &[TrialRecord], graders: &[GraderInfo]) -> Vec<Metric> {
    let of_retrieval: Vec<GraderInfo> = graders
        .iter()
        .filter(|grader| RETRIEVAL.contains(&grader.kind.as_str()))
        .cloned()
        .collect();
    let names: Vec<String> = of_retrieval
        .iter()
        .flat_map(|grader| [grader.name.clone(), format!("{}.score", grader.name)])
        .collect();
    summary::figures(trials, &of_retrieval)
        .metrics
        .into_iter()
        .filter(|metric| names.contains(&metric.name))
        .collect()
}
