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
mod decide;
mod pace;
mod shard;
mod trial;
mod writer;

pub use budget::Budget;
pub use cache::{CachedAnswer, ResponseCache};
pub use decide::{EarlyStop, pass_rate_test};
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
use decide::Decider;
use evidence::{PicoUsd, statistics::SequentialDecision};
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
    /// When the run may end before its cases do; never when absent.
    pub early_stop: Option<EarlyStop>,
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
    /// The cases so far decide on which side of its limit the pass rate lies, and others were left unasked.
    Decided {
        /// Above or below.
        decision: SequentialDecision,
        /// Cases that it took, in the order of asking.
        cases: u64,
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
    let outcome = dispatched?;
    Ok(if cancel.is_cancelled() {
        Outcome::Cancelled
    } else {
        outcome
    })
}

/// Keeps as many trials in flight as the pace allows until there are no more cases, somebody cancels, the service ends,
/// the budget forbids one more, or the pass rate is decided.
async fn dispatch(
    plan: &RunPlan,
    target: Arc<dyn Target>,
    results: mpsc::Sender<TrialResult>,
    waiting: &Arc<Waiting>,
    observer: &dyn RunObserver,
    stop: &CancellationToken,
) -> Result<Outcome, RunFailure> {
    let pace = Mutex::new(Pace::new(plan.concurrency, plan.slow_start));
    let paced = || pace.lock().unwrap_or_else(PoisonError::into_inner);
    let purse = plan.budget.map(|budget| Mutex::new(Purse::new(budget)));
    let judged = plan.judge.asks_models();
    let mut cases = match &plan.early_stop {
        Some(early) => plan.cases.shuffled(early.seed()),
        None => plan.cases.stream(),
    };
    let mut decider = plan
        .early_stop
        .as_ref()
        .map(|early| Decider::new(early, plan.repeat, plan.concurrency));
    let mut next: Vec<(Arc<Case>, u32)> = Vec::new();
    let mut in_flight = FuturesUnordered::new();
    let (mut exhausted, mut over_budget) = (false, None);
    let mut cuts = 0;
    let decided = |decider: &Option<Decider>| decider.as_ref().and_then(Decider::decided);
    loop {
        // Read once: the writer makes room at any moment, and who saw it both ways would end with cases left, or never.
        let is_full = waiting.is_full();
        let is_open = over_budget.is_none() && decided(&decider).is_none() && !is_full;
        while is_open && over_budget.is_none() && in_flight.len() < paced().limit() {
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
        let wants_case = is_open
            && over_budget.is_none()
            && next.is_empty()
            && !exhausted
            && !decider.as_ref().is_some_and(Decider::is_full)
            && in_flight.len() < paced().limit();
        if in_flight.is_empty() && !is_full && !wants_case {
            return Ok(match (decided(&decider), over_budget) {
                (Some((decision, count)), _) if plan.is_left(&mut next, &mut cases).await? => {
                    Outcome::Decided {
                        decision,
                        cases: count,
                    }
                }
                (_, Some((spent, limit))) => Outcome::OverBudget { spent, limit },
                (_, None) => Outcome::Finished,
            });
        }
        let result = tokio::select! {
            // What is in flight is given up: it was not finished, so a resume asks it again.
            () = stop.cancelled() => return Ok(Outcome::Cancelled),
            // Beside the calls in flight: a filter may pass over a long dataset before it finds a case.
            case = cases.recv(), if wants_case => {
                match case {
                    None => exhausted = true,
                    Some(Err(error)) => return Err(error.into()),
                    Some(Ok(case)) => plan.take_up(case, &mut next, decider.as_mut()),
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
        if let Some(decider) = &mut decider {
            decider.ended(result.key, result.passed);
        }
        waiting.add();
        if results.send(result).await.is_err() {
            // The writer has failed and says why.
            return Ok(Outcome::Cancelled);
        }
    }
}

impl RunPlan {
    /// Puts what is left to ask of a case on the pile, the first repeat on top, and tells the decider that it is its turn.
    fn take_up(&self, case: Case, pile: &mut Vec<(Arc<Case>, u32)>, decider: Option<&mut Decider>) {
        let left_out = self.filter.as_ref().is_some_and(|filter| !filter.accepts(&case))
            || self.shard.is_some_and(|shard| !shard.holds(&case.id));
        if left_out {
            return;
        }
        if let Some(decider) = decider {
            decider.begins(case.index, &self.done);
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

    /// Whether anything is left to ask.
    async fn is_left(
        &self,
        pile: &mut Vec<(Arc<Case>, u32)>,
        cases: &mut mpsc::Receiver<Result<Case, SuiteError>>,
    ) -> Result<bool, SuiteError> {
        while pile.is_empty() {
            match cases.recv().await {
                Some(case) => self.take_up(case?, pile, None),
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}
