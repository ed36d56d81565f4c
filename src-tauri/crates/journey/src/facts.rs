//! What the rest of the app knows and this crate judges by.

use chrono::{DateTime, Utc};
use evidence::{ProjectId, Purpose, RunId, RunStatus, RunSummary};

/// A project folder that the app knows.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectFacts {
    /// Identity.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// The starter it came from, if any.
    pub starter: Option<String>,
    /// When the app first knew it.
    pub created_at: DateTime<Utc>,
}

/// Everything outside the record that decisions and views depend on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Every run of every project, in any order.
    pub runs: Vec<RunSummary>,
    /// Every project.
    pub projects: Vec<ProjectFacts>,
}

impl Facts {
    /// The run with this id.
    pub fn run(&self, run: RunId) -> Option<&RunSummary> {
        self.runs.iter().find(|summary| summary.run == run)
    }

    /// Finished candidate runs, oldest first: the only ones that prove anything.
    pub fn candidates(&self) -> Vec<&RunSummary> {
        let mut runs: Vec<&RunSummary> = self.runs.iter().filter(|run| is_proof(run)).collect();
        runs.sort_by_key(|run| (run.started_at, run.run));
        runs
    }

    /// The newest run of any purpose and status.
    pub fn newest(&self) -> Option<&RunSummary> {
        self.runs.iter().max_by_key(|run| (run.started_at, run.run))
    }
}

/// Whether a run may prove something: a candidate that finished.
pub fn is_proof(run: &RunSummary) -> bool {
    run.purpose == Purpose::Candidate && run.status == RunStatus::Finished
}
