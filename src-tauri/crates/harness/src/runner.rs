//! The run: cases in order, so many in flight, each graded, each durable before it counts.
//!
//! ```text
//! dataset --(thread)--> cases --> trials in flight --> results --> batches of 50 ms --> sink --> observer
//! ```
//!
//! Every channel is bounded, so memory does not grow with the dataset. A kill can repeat at most the calls in
//! flight, one batch, and what waits behind a sink that is slower than the target (two batches' length at most).

use crate::{
    dataset::{self, Case},
    filter::Filter,
    grader::Graded,
    sink::{ResultSink, RunObserver, SinkError},
    suite::{Suite, SuiteError},
    target::{Asked, ServiceFailure, Target},
    trial::{Cause, TrialError, TrialKey, TrialResult},
};
use chrono::SubsecRound as _;
use futures::{StreamExt as _, stream::FuturesUnordered};
use provider::{PriceContext, PriceTable, Usage};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

/// How long results wait for company before they are made durable.
const BATCH_WINDOW: Duration = Duration::from_millis(50);
/// Results that are made durable at once at most.
const BATCH_SIZE: usize = 256;

/// What a run is to do.
#[derive(Clone)]
pub struct RunPlan {
    /// The suite.
    pub suite: Arc<Suite>,
    /// How often each case is run.
    pub repeat: u32,
    /// Calls in flight at once.
    pub concurrency: u32,
    /// Which cases; all when absent.
    pub filter: Option<Filter>,
    /// Trials that have a result already (of the run that is resumed).
    pub done: HashSet<TrialKey>,
    /// What calls cost.
    pub prices: Arc<PriceTable>,
    /// Whether the model is the built-in practice model.
    pub practice: bool,
}

/// How a run ended that was not broken off by a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every trial has a result.
    Finished,
    /// A person stopped it.
    Cancelled,
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
    let (result_sender, result_receiver) = mpsc::channel(BATCH_SIZE * 2);
    let stop = cancel.child_token();
    let writer = tokio::spawn(write(result_receiver, sink, observer, stop.clone()));
    let dispatched = dispatch(&plan, target, result_sender, &stop).await;
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
    dispatched?;
    Ok(if cancel.is_cancelled() {
        Outcome::Cancelled
    } else {
        Outcome::Finished
    })
}

/// Keeps `concurrency` trials in flight until there are no more cases, somebody cancels, or the service ends.
async fn dispatch(
    plan: &RunPlan,
    target: Arc<dyn Target>,
    results: mpsc::Sender<TrialResult>,
    stop: &CancellationToken,
) -> Result<(), RunFailure> {
    let mut cases = read_cases(plan.suite.dataset.clone());
    let mut waiting: Vec<(Arc<Case>, u32)> = Vec::new();
    let mut in_flight = FuturesUnordered::new();
    let mut exhausted = false;
    loop {
        while !exhausted && in_flight.len() < plan.concurrency as usize {
            if let Some((case, repeat)) = waiting.pop() {
                in_flight.push(trial(plan, Arc::clone(&target), case, repeat));
                continue;
            }
            match cases.recv().await {
                None => exhausted = true,
                Some(Err(error)) => return Err(error.into()),
                Some(Ok(case)) => {
                    if plan.filter.as_ref().is_some_and(|filter| !filter.accepts(&case)) {
                        continue;
                    }
                    let case = Arc::new(case);
                    // Reversed, so that the first repeat is popped first.
                    for repeat in (0..plan.repeat).rev() {
                        if !plan.done.contains(&TrialKey {
                            case_index: case.index,
                            repeat,
                        }) {
                            waiting.push((Arc::clone(&case), repeat));
                        }
                    }
                }
            }
        }
        let finished = tokio::select! {
            // What is in flight is given up: it was not finished, so a resume asks it again.
            () = stop.cancelled() => return Ok(()),
            finished = in_flight.next() => finished,
        };
        let Some(result) = finished else { return Ok(()) };
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
        if results.send(result).await.is_err() {
            // The writer has failed and says why.
            return Ok(());
        }
    }
}

/// Reads the dataset on a thread of its own, a few cases ahead.
fn read_cases(path: std::path::PathBuf) -> mpsc::Receiver<Result<Case, SuiteError>> {
    let (sender, receiver) = mpsc::channel(64);
    tokio::task::spawn_blocking(move || match dataset::read(&path) {
        Err(error) => drop(sender.blocking_send(Err(error))),
        Ok(cases) => {
            for case in cases {
                let case = case.map_err(|problem| SuiteError {
                    problems: vec![problem],
                });
                if sender.blocking_send(case).is_err() {
                    break;
                }
            }
        }
    });
    receiver
}

async fn trial(plan: &RunPlan, target: Arc<dyn Target>, case: Arc<Case>, repeat: u32) -> TrialResult {
    let started_at = chrono::Utc::now().trunc_subsecs(3);
    let asked = target.ask(&case).await;
    grade_trial(plan, &case, repeat, asked, started_at)
}

/// Grades what came back.
fn grade_trial(
    plan: &RunPlan,
    case: &Case,
    repeat: u32,
    asked: Asked,
    started_at: chrono::DateTime<chrono::Utc>,
) -> TrialResult {
    let mut result = TrialResult {
        key: TrialKey {
            case_index: case.index,
            repeat,
        },
        case_id: case.id.clone(),
        category: case.category.clone(),
        title: case.title(),
        fields: Arc::new(case.fields.clone()),
        passed: false,
        score: 0.0,
        failure: None,
        error: None,
        latency_ms: asked.latency_ms,
        cost: None,
        unpriced: false,
        practice: plan.practice,
        answer: None,
        grades: Vec::new(),
        started_at,
        exchange: asked.exchange,
    };
    let answer = match asked.answer {
        Err(error) => {
            result.failure = Some(error.cause.label().to_owned());
            result.error = Some(error);
            return result;
        }
        Ok(answer) => answer,
    };
    // By its name too: a practice model reached by its address, or without reported tokens, is practice all the same.
    result.practice |= answer
        .model
        .as_deref()
        .is_some_and(|model| plan.prices.is_practice(model));
    if let (Some(model), Some(tokens)) = (&answer.model, answer.tokens) {
        match plan
            .prices
            .price(model, &Usage::from(tokens), &PriceContext::at(started_at))
        {
            Some(priced) => {
                result.cost = Some(priced.cost);
                result.practice |= priced.practice;
            }
            None => result.unpriced = true,
        }
    }
    let graded = Graded {
        case,
        answer: &answer,
        latency_ms: result.latency_ms,
        cost: result.cost,
    };
    result.passed = true;
    let mut scores = Vec::new();
    for grader in &plan.suite.graders {
        let Some((grade, failure)) = grader.grade(&graded) else {
            continue;
        };
        if !grader.informational {
            scores.push(grade.score);
            result.passed &= grade.passed;
            if result.failure.is_none() {
                result.failure = failure;
            }
        }
        result.grades.push(grade);
    }
    result.score = if scores.is_empty() {
        f64::from(u8::from(result.passed))
    } else {
        scores.iter().sum::<f64>() / scores.len() as f64
    };
    result.answer = Some(answer);
    result
}

/// Gathers results for at most 50 ms, makes them durable, then tells the observer.
async fn write(
    mut results: mpsc::Receiver<TrialResult>,
    sink: Arc<dyn ResultSink>,
    observer: Arc<dyn RunObserver>,
    stop: CancellationToken,
) -> Result<(), SinkError> {
    while let Some(first) = results.recv().await {
        let deadline = Instant::now() + BATCH_WINDOW;
        let mut batch = vec![first];
        while batch.len() < BATCH_SIZE {
            match tokio::time::timeout_at(deadline, results.recv()).await {
                Ok(Some(result)) => batch.push(result),
                Ok(None) | Err(_) => break,
            }
        }
        let batch: Arc<[TrialResult]> = batch.into();
        if let Err(error) = sink.accept(Arc::clone(&batch)).await {
            stop.cancel();
            return Err(error);
        }
        observer.committed(&batch);
    }
    Ok(())
}
