//! The runner, with a target and a judge that say yes to everything.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use futures::{FutureExt as _, future::BoxFuture};
use harness::{
    Case, CaseSource, Judge, Judged, Outcome, Problem, ResultSink, RunPlan, SinkError, ToJudge, TrialResult,
    runner::run,
    sink::RunObserver,
    target::{Asked, Target},
    trial::Answer,
};
use provider::RetryPolicy;
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
