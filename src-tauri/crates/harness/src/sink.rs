//! Where results go. The engine waits for the sink's word that a batch is durable before it counts it as finished.

use crate::trial::TrialResult;
use futures::future::BoxFuture;
use std::sync::Arc;

/// A sink that could not make results durable: the disk is full, the database is broken.
#[derive(Clone, Debug, thiserror::Error)]
#[error("results cannot be saved: {message}")]
pub struct SinkError {
    /// The cause in words.
    pub message: String,
}

/// Takes results and returns when they are durable.
pub trait ResultSink: Send + Sync {
    /// Makes a batch durable. The results count as finished, and are shown, only after this returned.
    fn accept(&self, batch: Arc<[TrialResult]>) -> BoxFuture<'_, Result<(), SinkError>>;
}

/// Hears of a run after the fact: batches that are durable, and what is being prepared.
pub trait RunObserver: Send + Sync {
    /// The target is being made ready.
    fn preparing(&self, text: &str);
    /// A batch is durable.
    fn committed(&self, batch: &[TrialResult]);
    /// The provider asked for fewer calls at once, and so many are made from now on.
    fn slowed(&self, in_flight: usize);
}
