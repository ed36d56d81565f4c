//! Counts over trials: why they failed, how badly, who answered.

use crate::trial::{Severity, TrialRecord};
use evidence::{FailureShare, ModelServed, SeverityShare};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
};

/// Corpus snapshots of a run that are kept. A run reads one state of its corpus, or a few where the corpus changes meanwhile; a
/// service that names another one in each answer (a time, a request's number) names no state, and would make every summary as
/// long as the run.
const MOST_SNAPSHOTS: usize = 100;

/// The counts while trials come in.
#[derive(Default)]
pub(super) struct Breakdown {
    failures: BTreeMap<(String, bool), u64>,
    severities: BTreeMap<(String, Reverse<Severity>), u64>,
    models: BTreeMap<(String, bool), u64>,
    snapshots: Vec<String>,
    known_snapshots: HashSet<String>,
}

impl Breakdown {
    pub(super) fn add(&mut self, trial: &TrialRecord) {
        if !trial.passed {
            let name = trial.failure.as_deref().unwrap_or("unexplained");
            count(&mut self.failures, (name.to_owned(), trial.error));
        }
        for (grader, passed, _, severity) in &trial.grades {
            if let (false, Some(severity)) = (passed, severity) {
                count(&mut self.severities, (grader.clone(), Reverse(*severity)));
            }
        }
        if !trial.error {
            let name = trial.model.as_deref().unwrap_or("unreported");
            count(&mut self.models, (name.to_owned(), trial.practice));
        }
        if let Some(snapshot) = &trial.snapshot
            && self.snapshots.len() < MOST_SNAPSHOTS
            && !self.known_snapshots.contains(snapshot)
        {
            self.known_snapshots.insert(snapshot.clone());
            self.snapshots.push(snapshot.clone());
        }
    }

    /// Failures by reason, most first.
    pub(super) fn failures(&self) -> Vec<FailureShare> {
        let mut shares: Vec<FailureShare> = self
            .failures
            .iter()
            .map(|((name, error), trials)| FailureShare {
                name: name.clone(),
                trials: *trials,
                error: *error,
            })
            .collect();
        shares.sort_by(|a, b| b.trials.cmp(&a.trials).then_with(|| a.name.cmp(&b.name)));
        shares
    }

    /// Failures by grader and severity, worst first within a grader.
    pub(super) fn severities(&self) -> Vec<SeverityShare> {
        self.severities
            .iter()
            .map(|((grader, severity), trials)| SeverityShare {
                grader: grader.clone(),
                severity: severity.0.as_str().into(),
                trials: *trials,
            })
            .collect()
    }

    /// Models that answered, most trials first.
    pub(super) fn models(&self) -> Vec<ModelServed> {
        let mut models: Vec<ModelServed> = self
            .models
            .iter()
            .map(|((name, practice), trials)| ModelServed {
                name: name.clone(),
                trials: *trials,
                practice: *practice,
            })
            .collect();
        models.sort_by(|a, b| b.trials.cmp(&a.trials).then_with(|| a.name.cmp(&b.name)));
        models
    }

    /// Corpus snapshots, in order of appearance, the first of them where there are many.
    pub(super) fn snapshots(self) -> Vec<String> {
        self.snapshots
    }
}

fn count<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    *counts.entry(key).or_default() += 1;
}
