//! Targets: what is asked. Today an HTTP service, started by the harness or already running.

mod identity;
mod mapping;
mod request;
mod service;

pub use identity::{SourceIdentity, source_identity};
pub use mapping::{map_answer, pointers};
pub use request::render_request;
pub use service::{ServiceFailure, ServiceTarget};

use crate::{
    dataset::Case,
    trial::{Answer, TrialError},
};
use futures::future::BoxFuture;
use provider::Exchange;

/// What came of asking a target once.
pub struct Asked {
    /// The answer, or why there is none.
    pub answer: Result<Answer, TrialError>,
    /// What went over the wire, where anything came back.
    pub exchange: Option<Exchange>,
    /// Milliseconds from sending to the last byte, or until the attempt was given up.
    pub latency_ms: f64,
}

/// Something that can be asked a case.
pub trait Target: Send + Sync {
    /// Asks one case.
    fn ask<'a>(&'a self, case: &'a Case) -> BoxFuture<'a, Asked>;
}
