//! The run: cases in order, so many in flight, each judged, each durable before it counts.
//!
//! ```text
//! dataset --(thread)--> cases --> trials in flight --> results --> batches of 50 ms --> sink --> observer
//! ```
//!
//! Every channel is bounded, so memory does not grow with the dataset. A kill can repeat at most the calls in flight and one
//! batch: while a whole batch waits for a slow sink, no call begins.

mod budget;
mod cache;
mod pace;
mod shard;
mod trial;
mod writer;

pub use budget::Budget;
pub use cache::{CachedAnswer, ResponseCache};
pub use shard::Shard;

use crate::{
    dataset::{Case, CaseSource},
    filter::Filter,
    judge::Judge,
    sink::{ResultSink, RunObserver, SinkError},
    suite::SuiteError,
    target::{ServiceFailure, Target},
    trial::{Cause, TrialError, TrialKey, TrialResult},
};
use budget::{Allowance, Foreseen, Purse};
use evidence::PicoUsd;
use futures::{StreamExt as _, stream::FuturesUnordered};
use pace::Pace;
use provider::{PriceTable, RetryPolicy};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use writer::{BATCH_SIZE, Waiting};

/// What a run is to do.
pub struct RunPlan {
    /// Where its cases come from.
    pub cases: CaseSource,
    /// Who says what of an answer.
    pub judge: Arc<dyn Judge>,
    /// How often each case is run.
    pub repeat: u32,
    /// Calls in flight at once, at most.
    pub concurrency: u32,
    /// Whether to begin with few calls in flight and find out what the provider allows.
    pub slow_start: bool,
    /// Which cases; all when absent.
    pub filter: Option<Filter>,
    /// Which slice of the cases; all when absent.
    pub shard: Option<Shard>,
    /// Trials that have a result already (of the run that is gone on with).
    pub done: HashSet<TrialKey>,
    /// When a failed call is made again.
    pub retry: RetryPolicy,
    /// Most that may be spent.
    pub budget: Option<Budget>,
    /// Answers of earlier runs; none when absent.
    pub cache: Option<Arc<dyn ResponseCache>>,
    /// What calls cost.
    pub prices: Arc<PriceTable>,
    /// Whether the model is a built-in practice model.
    pub practice: bool,
}

/// How a run ended that was not broken off by a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every trial has a result.
    Finished,
    /// A person stopped it.
    Cancelled,
    /// One more call could have crossed the budget.
    OverBudget {
        /// What was spent.
        spent: PicoUsd,
        /// What may be spent.
        limit: PicoUsd,
    },
}

/// Why a run was broken off. What was finished is durable, and the run can be resumed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RunFailure {
    /// The service could not be started, was not ready, or ended.
    #[error(transparent)]
    Service(#[from] ServiceFailure),
    /// Results could not be made durable.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The suite or the dataset cannot be read.
    #[error(transparent)]
    Input(#[from] SuiteError),
}

/// Runs a plan against a target that is ready.
pub async fn run(
    plan: RunPlan,
    target: Arc<dyn Target>,
    sink: Arc<dyn ResultSink>,
    observer: Arc<dyn RunObserver>,
    cancel: CancellationToken,
) -> Result<Outcome, RunFailure> {
    // A result never waits for a place in the channel: the dispatcher stops beginning calls long before it is full.
    let (result_sender, result_receiver) = mpsc::channel(BATCH_SIZE + plan.concurrency as usize + 1);
    let stop = cancel.child_token();
    let waiting = Arc::new(Waiting::default());
    let writer = tokio::spawn(writer::write(
        result_receiver,
        sink,
        Arc::clone(&observer),
        Arc::clone(&waiting),
        stop.clone(),
    ));
    let dispatched = dispatch(&plan, target, result_sender, &waiting, observer.as_ref(), &stop).await;
    // The writer ends when the last sender is gone; its failure explains a broken dispatch.
    match writer.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(error.into()),
        Err(error) => {
            return Err(SinkError {
                message: format!("the writer stopped: {error}"),
            }
            .into());
        }
    }
    let over_budget = dispatched?;
    Ok(match over_budget {
        _ if cancel.is_cancelled() => Outcome::Cancelled,
        Some((spent, limit)) => Outcome::OverBudget { spent, limit },
        None => Outcome::Finished,
    })
}

/// Keeps as many trials in flight as the pace allows until there are no more cases, somebody cancels, the service ends or
/// the budget forbids one more; in the last case it says what was spent and what may be.
async fn dispatch(
    plan: &RunPlan,
    target: Arc<dyn Target>,
    results: mpsc::Sender<TrialResult>,
    waiting: &Arc<Waiting>,
    observer: &dyn RunObserver,
    stop: &CancellationToken,
) -> Result<Option<(PicoUsd, PicoUsd)>, RunFailure> {
    let pace = Mutex::new(Pace::new(plan.concurrency, plan.slow_start));
    let paced = || pace.lock().unwrap_or_else(PoisonError::into_inner);
    let purse = plan.budget.map(|budget| Mutex::new(Purse::new(budget)));
    let judged = plan.judge.asks_models();
    let mut cases = plan.cases.stream();
    let mut next: Vec<(Arc<Case>, u32)> = Vec::new();
    let mut in_flight = FuturesUnordered::new();
    let (mut exhausted, mut over_budget) = (false, None);
    let mut cuts = 0;
    loop {
        // Read once: the writer makes room at any moment, and who saw it both ways would end with cases left, or never.
        let is_full = waiting.is_full();
        while over_budget.is_none() && !is_full && in_flight.len() < paced().limit() {
            let Some((case, repeat)) = next.pop() else { break };
            if let Some(purse) = &purse {
                let call = target.most_cost(&case, repeat, &plan.prices);
                let foreseen = Foreseen { call, judged };
                let mut purse = budget::open(purse);
                let allowance = purse.allows(foreseen);
                if allowance == Allowance::No {
                    over_budget = Some((purse.spent(), purse.limit()));
                }
                if allowance != Allowance::Yes {
                    next.push((case, repeat));
                    break;
                }
                let case_index = case.index;
                purse.began(TrialKey { case_index, repeat }, foreseen);
            }
            in_flight.push(trial::trial(
                plan,
                Arc::clone(&target),
                &pace,
                purse.as_ref(),
                case,
                repeat,
            ));
            paced().began(in_flight.len());
        }
        let wants_case = next.is_empty()
            && !exhausted
            && over_budget.is_none()
            && !is_full
            && in_flight.len() < paced().limit();
        if in_flight.is_empty() && !is_full && !wants_case {
            return Ok(over_budget);
        }
        let result = tokio::select! {
            // What is in flight is given up: it was not finished, so a resume asks it again.
            () = stop.cancelled() => return Ok(None),
            // Beside the calls in flight: a filter may pass over a long dataset before it finds a case.
            case = cases.recv(), if wants_case => {
                match case {
                    None => exhausted = true,
                    Some(Err(error)) => return Err(error.into()),
                    Some(Ok(case)) => plan.trials_of(case, &mut next),
                }
                continue;
            }
            // The sink has caught up; calls may begin again.
            () = waiting.fewer(), if is_full => continue,
            Some(result) = in_flight.next(), if !in_flight.is_empty() => result,
        };
        if let Some(purse) = &purse {
            budget::open(purse).settle(&result);
        }
        let now = paced().cuts();
        if now != cuts {
            cuts = now;
            observer.slowed(paced().limit());
        }
        if let Some(TrialError {
            cause: Cause::ServiceCrashed,
            message,
        }) = &result.error
        {
            return Err(ServiceFailure::Crashed {
                message: message.clone(),
            }
            .into());
        }
        waiting.add();
        if results.send(result).await.is_err() {
            // The writer has failed and says why.
            return Ok(None);
        }
    }
}

impl RunPlan {
    /// Puts what is left to ask of a case on the pile, the first repeat on top.
    fn trials_of(&self, case: Case, pile: &mut Vec<(Arc<Case>, u32)>) {
        let left_out = self.filter.as_ref().is_some_and(|filter| !filter.accepts(&case))
            || self.shard.is_some_and(|shard| !shard.holds(&case.id));
        if left_out {
            return;
        }
        let case = Arc::new(case);
        for repeat in (0..self.repeat).rev() {
            let key = TrialKey {
                case_index: case.index,
                repeat,
            };
            if !self.done.contains(&key) {
                pile.push((Arc::clone(&case), repeat));
            }
        }
    }
}
