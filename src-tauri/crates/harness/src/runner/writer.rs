//! Gathers results for at most 50 ms, makes them durable, then tells the observer.

use crate::{
    sink::{ResultSink, RunObserver, SinkError},
    trial::TrialResult,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, mpsc},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// How long results wait for company before they are made durable.
const BATCH_WINDOW: Duration = Duration::from_millis(50);
/// Results that are made durable at once at most.
pub(super) const BATCH_SIZE: usize = 256;

/// Results that were received and are not durable yet. No call begins while a whole batch of them waits, so that a slow
/// disk never lets more than the calls in flight and one batch be lost.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    results: AtomicUsize,
    fewer: Notify,
}

impl Waiting {
    pub(super) fn add(&self) {
        self.results.fetch_add(1, Ordering::AcqRel);
    }

    pub(super) fn is_full(&self) -> bool {
        self.results.load(Ordering::Acquire) >= BATCH_SIZE
    }

    /// Returns when fewer wait than at the time of the call, or have waited.
    pub(super) async fn fewer(&self) {
        self.fewer.notified().await;
    }

    fn remove(&self, count: usize) {
        self.results.fetch_sub(count, Ordering::AcqRel);
        self.fewer.notify_one();
    }
}

pub(super) async fn write(
    mut results: mpsc::Receiver<TrialResult>,
    sink: Arc<dyn ResultSink>,
    observer: Arc<dyn RunObserver>,
    waiting: Arc<Waiting>,
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
        waiting.remove(batch.len());
        observer.committed(&batch);
    }
    Ok(())
}
