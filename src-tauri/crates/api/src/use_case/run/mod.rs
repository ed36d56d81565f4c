//! Starting, going on with and ending runs.

mod carry_out;
mod criteria;
mod early;
mod estimate;
mod models;
mod prepare;
mod request;
pub(super) mod survey;

use super::{Playbook, imported::SuiteRead, job::Job};
use crate::{
    Code, Error,
    wire::{
        Nothing,
        run::{RunRequest, RunStarted, StartRunRequest},
    },
};
use evidence::{PicoUsd, RunStatus};
use harness::{BadRows, Outcome, TrialKey, filter::Filter, runner::Shard};
use std::{collections::HashSet, sync::Arc};
use store::RunRecord;

/// A run that is ready to be worked on.
struct Work {
    record: RunRecord,
    read: SuiteRead,
    filter: Option<Filter>,
    shard: Option<Shard>,
    done: Vec<TrialKey>,
    /// Those of them that passed, where the run may stop early.
    passed_before: HashSet<TrialKey>,
    spent: PicoUsd,
    job: Arc<Job>,
}

pub(super) fn bad_rows(skip: bool) -> BadRows {
    if skip { BadRows::Skip } else { BadRows::Refuse }
}

impl Playbook {
    /// Starts a run; one for each target where the suite names several, side by side.
    pub async fn start_run(&self, request: StartRunRequest) -> Result<RunStarted, Error> {
        let (works, warnings) = self.blocking(move |playbook| playbook.prepare(&request)).await?;
        self.launch_all(works, warnings)
    }

    /// Goes on with a run that ended before its work did. Suite, dataset and source must be as they were.
    pub async fn resume_run(&self, request: RunRequest) -> Result<RunStarted, Error> {
        let work = self
            .blocking(move |playbook| playbook.prepare_resume(request.run, prepare::Again::Rest, None))
            .await?;
        self.launch_all(vec![work], Vec::new())
    }

    /// As [`Playbook::resume_run`], with another budget for the whole run, what it has spent included.
    pub async fn resume_run_within(
        &self,
        request: RunRequest,
        budget_usd: String,
    ) -> Result<RunStarted, Error> {
        let work = self
            .blocking(move |playbook| {
                let budget = request::budget(&budget_usd)?;
                playbook.prepare_resume(request.run, prepare::Again::Rest, Some(budget))
            })
            .await?;
        self.launch_all(vec![work], Vec::new())
    }

    /// Asks the trials of a run once more that ended in an error. Their old errors are taken away; verdicts stay.
    pub async fn retry_errors(&self, request: RunRequest) -> Result<RunStarted, Error> {
        let work = self
            .blocking(move |playbook| playbook.prepare_resume(request.run, prepare::Again::Errors, None))
            .await?;
        self.launch_all(vec![work], Vec::new())
    }

    /// Stops a run; what is finished is kept.
    pub async fn cancel_run(&self, request: RunRequest) -> Result<Nothing, Error> {
        let Some(job) = self.jobs.get(request.run) else {
            return Err(Error::new(
                Code::NotFound,
                "this run is not going on here",
                "It has ended, or another window or command line works on it.",
            ));
        };
        job.cancel.cancel();
        Ok(Nothing {})
    }

    fn launch_all(&self, works: Vec<Work>, warnings: Vec<String>) -> Result<RunStarted, Error> {
        let mut ids = works
            .iter()
            .map(|work| (work.record.summary.run, work.record.summary.number));
        let (run, number) = ids
            .next()
            .ok_or_else(|| Error::internal("a run without a target"))?;
        let started = RunStarted {
            run,
            number,
            beside: ids.map(|(run, _)| run).collect(),
            warnings,
        };
        for work in works {
            self.launch(work);
        }
        Ok(started)
    }

    fn launch(&self, work: Work) {
        let playbook = self.clone();
        tokio::spawn(async move {
            let (job, record) = (Arc::clone(&work.job), work.record.clone());
            let inner = playbook.clone();
            // On a task of its own, so that a panic ends the run instead of leaving it "running" for ever.
            let outcome = match tokio::spawn(async move { inner.carry_out(work).await }).await {
                Ok(outcome) => outcome,
                Err(error) => Err(Error::internal(format!("the run broke off: {error}"))),
            };
            let (status, stopped, failure) = match outcome {
                Ok(Outcome::Finished) => (RunStatus::Finished, None, None),
                Ok(Outcome::Cancelled) => (RunStatus::Cancelled, None, None),
                Ok(Outcome::OverBudget { spent, limit }) => (
                    RunStatus::Cancelled,
                    Some(format!(
                        "one more call could have crossed the budget: {spent} of {limit} are spent"
                    )),
                    None,
                ),
                Ok(Outcome::Decided { decision, cases }) => (
                    RunStatus::Finished,
                    early::stopped(&record.summary, decision, cases),
                    None,
                ),
                Err(error) => (RunStatus::Failed, None, Some(error.wire())),
            };
            let text = failure
                .as_ref()
                .and_then(|failure| serde_json::to_string(failure).ok());
            let saved = playbook
                .blocking(move |playbook| {
                    let mut summary = playbook.summarise(&record, status)?;
                    if status == RunStatus::Finished && stopped.is_some() {
                        early::note_metrics(&mut summary);
                    }
                    summary.stopped = stopped;
                    Ok(playbook.store.end_run(&summary, text.as_deref())?)
                })
                .await;
            match saved {
                Ok(()) => playbook.jobs.end(&job, status, failure),
                Err(error) => {
                    tracing::error!(%error, "the end of a run could not be saved");
                    playbook.jobs.end(&job, RunStatus::Failed, Some(error.wire()));
                }
            }
        });
    }
}
