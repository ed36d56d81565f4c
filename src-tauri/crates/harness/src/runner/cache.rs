//! The response cache: an answer to exactly the same request of the same repeat need not be paid twice.
//!
//! A repeat has a key of its own, since the second answer to the same question is what repeats are there to see. A cached
//! answer keeps its recorded latency and tokens and is marked, so that its cost is never hidden: the result says what it cost
//! when it was asked.

use super::RunPlan;
use crate::{
    dataset::Case,
    target::{Asked, Target},
    trial::Answer,
};
use evidence::ContentHash;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CachedAnswer {
    /// The answer.
    pub answer: Answer,
    /// Milliseconds it took when it was asked.
    pub latency_ms: f64,
}

/// Keeps answers between runs. A cache that fails is a cache miss, never a failed trial.
pub trait ResponseCache: Send + Sync {
    /// The answer kept under this key.
    fn get<'a>(&'a self, key: &'a ContentHash) -> BoxFuture<'a, Option<CachedAnswer>>;
    /// Keeps an answer.
    fn put<'a>(&'a self, key: &'a ContentHash, answer: CachedAnswer) -> BoxFuture<'a, ()>;
}

fn key(plan: &RunPlan, target: &dyn Target, case: &Case, repeat: u32) -> Option<ContentHash> {
    plan.cache.as_ref()?;
    let request = target.request_hash(case, repeat)?;
    Some(ContentHash::of(format!("{request} repeat {repeat}")))
}

pub(super) async fn look_up(plan: &RunPlan, target: &dyn Target, case: &Case, repeat: u32) -> Option<Asked> {
    let key = key(plan, target, case, repeat)?;
    let kept = plan.cache.as_ref()?.get(&key).await?;
    Some(Asked {
        answer: Ok(kept.answer),
        exchange: None,
        unanswered: None,
        latency_ms: kept.latency_ms,
    })
}

pub(super) async fn keep(plan: &RunPlan, target: &dyn Target, case: &Case, repeat: u32, asked: &Asked) {
    let (Some(cache), Some(key), Ok(answer)) = (&plan.cache, key(plan, target, case, repeat), &asked.answer)
    else {
        return;
    };
    let kept = CachedAnswer {
        answer: answer.clone(),
        latency_ms: asked.latency_ms,
    };
    cache.put(&key, kept).await;
}
