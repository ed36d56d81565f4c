//! One request and its answer, as they went over the wire: what recording, replay and cost stand on.

use chrono::{DateTime, Utc};
use std::time::Duration;

/// A request about to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutgoingRequest {
    /// GET, POST, …
    pub method: String,
    /// Absolute address.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// Body, where there is one.
    pub body: Option<Vec<u8>>,
}

/// A request with its whole answer. An answer with an error status is an exchange too.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What was sent.
    pub request: OutgoingRequest,
    /// HTTP status.
    pub status: u16,
    /// Header names and values of the answer.
    pub headers: Vec<(String, String)>,
    /// Body of the answer.
    pub body: Vec<u8>,
    /// When the request was sent.
    pub started_at: DateTime<Utc>,
    /// From sending to the first byte of the body.
    pub first_byte: Duration,
    /// From sending to the last byte of the body.
    pub total: Duration,
}

impl Exchange {
    /// Whether the status says success (200 to 299).
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeErrorKind {
    /// The client could not be set up.
    Client,
    /// The request could not be formed.
    Request,
    /// Nobody listens there.
    Connect,
    /// The time was up.
    Timeout,
    /// The connection broke before the answer was whole.
    Interrupted,
    /// The answer is longer than allowed.
    TooLarge,
}

/// A request that got no whole answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ExchangeError {
    /// Why.
    pub kind: ExchangeErrorKind,
    /// The cause in words.
    pub message: String,
}

impl ExchangeError {
    pub(crate) fn request(message: String) -> Self {
        Self {
            kind: ExchangeErrorKind::Request,
            message,
        }
    }
}

/// Hears of every finished exchange. Recording must never fail a call, so it returns nothing.
pub trait ExchangeRecorder: Send + Sync {
    /// Takes note of an exchange.
    fn record(&self, exchange: &Exchange);
}
