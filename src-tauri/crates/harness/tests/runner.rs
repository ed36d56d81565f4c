//! The runner, with a target and a judge that say yes to everything.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use evidence::PicoUsd;
use futures::{FutureExt as _, future::BoxFuture};
use harness::{
    Case, CaseSource, Cause, Judge, Judged, Outcome, Problem, ResultSink, RunPlan, SinkError, ToJudge,
    TrialError, TrialResult,
    runner::{Budget, run},
    sink::RunObserver,
    target::{Asked, Target},
    trial::Answer,
};
use provider::{ExchangeErrorKind, PriceTable, RetryPolicy};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};
use tokio_util::sync::CancellationToken;

struct Yes;

impl Target for Yes {
    fn ask<'a>(&'a self, _: &'a Case, _: u32) -> BoxFuture<'a, Asked> {
        async {
            Asked {
                answer: Ok(Answer::default()),
                exchange: None,
                unanswered: None,
                latency_ms: 1.0,
            }
        }
        .boxed()
    }
}

impl Judge for Yes {
    fn judge<'a>(&'a self, _: ToJudge<'a>) -> BoxFuture<'a, Judged> {
        async {
            Judged {
                passed: true,
                ..Judged::default()
            }
        }
        .boxed()
    }
}

/// Counts what is durable, and says so to whoever listens.
struct Kept {
    results: AtomicUsize,
    told: Mutex<mpsc::Sender<()>>,
}

impl ResultSink for Kept {
    fn accept(&self, _: Arc<[TrialResult]>) -> BoxFuture<'_, Result<(), SinkError>> {
        async { Ok(()) }.boxed()
    }
}

impl RunObserver for Kept {
    fn preparing(&self, _: &str) {}

    fn committed(&self, batch: &[TrialResult]) {
        self.results.fetch_add(batch.len(), Ordering::Relaxed);
        // Nobody listens any more when the last case has been read.
        let _ = self.told.lock().unwrap().send(());
    }

    fn slowed(&self, _: usize) {}
}

fn case(index: u64) -> Case {
    Case {
        index,
        id: format!("case-{index}"),
        category: "general".into(),
        fields: serde_json::Map::from_iter([("question".to_owned(), "Well?".into())]),
    }
}

fn plan(cases: CaseSource) -> RunPlan {
    RunPlan {
        cases,
        judge: Arc::new(Yes),
        repeat: 1,
        concurrency: 2,
        slow_start: false,
        filter: None,
        shard: None,
        done: Default::default(),
        retry: RetryPolicy::never(),
        budget: None,
        early_stop: None,
        cache: None,
        prices: Default::default(),
        practice: false,
    }
}

/// The second case can be read only after the first has a durable result.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_goes_on_while_the_next_case_is_awaited() {
    let (told, durable) = mpsc::channel();
    let durable = Arc::new(Mutex::new(durable));
    let cases = CaseSource::Expanded(Arc::new(move || {
        let durable = Arc::clone(&durable);
        let cases = (0..2).map(move |index| {
            if index == 1 {
                let waited = durable.lock().unwrap().recv_timeout(Duration::from_secs(20));
                waited.expect("the first call is answered while this case is awaited");
            }
            Ok::<Case, Problem>(case(index))
        });
        Box::new(cases) as Box<dyn Iterator<Item = Result<Case, Problem>> + Send>
    }));
    let kept = Arc::new(Kept {
        results: AtomicUsize::new(0),
        told: Mutex::new(told),
    });
    let outcome = run(
        plan(cases),
        Arc::new(Yes),
        Arc::clone(&kept) as _,
        Arc::clone(&kept) as _,
        CancellationToken::new(),
    )
    .await;
    assert_eq!(outcome.unwrap(), Outcome::Finished);
    assert_eq!(kept.results.load(Ordering::Relaxed), 2);
}

/// A target whose call costs ten at most, and a judge who asks models for twenty.
struct Priced {
    /// Whether no call is answered in time.
    late: bool,
    judged: bool,
    asked: AtomicUsize,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

impl Target for Priced {
    fn ask<'a>(&'a self, _: &'a Case, _: u32) -> BoxFuture<'a, Asked> {
        async move {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_in_flight.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            let late = TrialError {
                cause: Cause::Timeout,
                message: "no answer in time".into(),
            };
            Asked {
                answer: if self.late {
                    Err(late)
                } else {
                    Ok(Answer::default())
                },
                exchange: None,
                unanswered: self.late.then_some(ExchangeErrorKind::Timeout),
                latency_ms: 1.0,
            }
        }
        .boxed()
    }

    fn most_cost(&self, _: &Case, _: u32, _: &PriceTable) -> Option<PicoUsd> {
        Some(PicoUsd::from_pico(10))
    }
}

impl Judge for Priced {
    fn judge<'a>(&'a self, _: ToJudge<'a>) -> BoxFuture<'a, Judged> {
        let cost = self.judged.then_some(PicoUsd::from_pico(20));
        async move {
            Judged {
                passed: true,
                cost,
                ..Judged::default()
            }
        }
        .boxed()
    }

    fn asks_models(&self) -> bool {
        self.judged
    }
}

/// What a run of twenty cases with this budget came to, and who was asked.
async fn spend(limit: i64, late: bool, judged: bool, retries: u32) -> (Outcome, Arc<Priced>) {
    let priced = Arc::new(Priced {
        late,
        judged,
        asked: AtomicUsize::new(0),
        in_flight: AtomicUsize::new(0),
        most_in_flight: AtomicUsize::new(0),
    });
    let cases = CaseSource::Expanded(Arc::new(|| {
        let cases = (0..20).map(|index| Ok::<Case, Problem>(case(index)));
        Box::new(cases) as Box<dyn Iterator<Item = Result<Case, Problem>> + Send>
    }));
    let kept = Arc::new(Kept {
        results: AtomicUsize::new(0),
        told: Mutex::new(mpsc::channel().0),
    });
    let plan = RunPlan {
        judge: Arc::clone(&priced) as _,
        concurrency: 8,
        retry: RetryPolicy {
            retries,
            first_wait: Duration::from_millis(1),
            ..RetryPolicy::default()
        },
        budget: Some(Budget {
            limit: PicoUsd::from_pico(limit),
            spent: PicoUsd::ZERO,
        }),
        ..plan(cases)
    };
    let outcome = run(
        plan,
        Arc::clone(&priced) as _,
        Arc::clone(&kept) as _,
        kept,
        CancellationToken::new(),
    )
    .await;
    (outcome.unwrap(), priced)
}

fn over(spent: i64, limit: i64) -> Outcome {
    Outcome::OverBudget {
        spent: PicoUsd::from_pico(spent),
        limit: PicoUsd::from_pico(limit),
    }
}

/// A call that ran out of time may be billed: each attempt counts as what it could have cost.
#[tokio::test]
async fn attempts_without_an_answer_count_against_the_budget() {
    for retries in [0, 5] {
        let (outcome, priced) = spend(35, true, false, retries).await;
        assert_eq!(outcome, over(30, 35), "{retries} retries");
        assert_eq!(priced.asked.load(Ordering::SeqCst), 3, "{retries} retries");
    }
}

/// The bound of a call leaves out its judges: one trial finds out what they cost, and then twice as much is set aside for each.
/// The target does not say what it used, so its ten count too.
#[tokio::test]
async fn a_budget_holds_for_judges_too() {
    let (outcome, priced) = spend(50, false, true, 0).await;
    assert_eq!(outcome, over(30, 50));
    assert_eq!(priced.asked.load(Ordering::SeqCst), 1);
    // Five trials of thirty; a sixth could cost sixty.
    let (outcome, priced) = spend(200, false, true, 0).await;
    assert_eq!(outcome, over(150, 200));
    assert_eq!(priced.most_in_flight.load(Ordering::SeqCst), 2);
}
