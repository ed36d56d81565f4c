//! A call of a provider: its attempts, its answer or the one named reason why there is none.

use crate::exchange::{Exchange, ExchangeError, ExchangeErrorKind};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// A call that was answered.
#[derive(Clone, Debug)]
pub struct Call<T> {
    /// What was asked for.
    pub answer: T,
    /// Every attempt, the successful one last.
    pub attempts: Vec<Attempt>,
    /// The last attempt as it went over the wire, without secrets.
    pub exchange: Exchange,
}

/// One attempt of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// 1 for the first.
    pub number: u32,
    /// HTTP status, where an answer came.
    pub status: Option<u16>,
    /// Why no answer came.
    pub error: Option<ExchangeErrorKind>,
    /// Time waited after this attempt before the next; zero after the last.
    pub waited: Duration,
    /// Why that long, or why there was no next attempt after a failure.
    pub wait_reason: Option<String>,
    /// When it was sent.
    pub started_at: DateTime<Utc>,
    /// From sending to the last byte, or to the failure.
    pub duration: Duration,
    /// The provider's id of the request.
    pub request_id: Option<String>,
}

/// Why a call has no answer. Each kind has one remedy, which the message names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallFailureKind {
    /// The request could not be formed, or the client not be set up.
    Request,
    /// Nobody listens at the address.
    Connect,
    /// No trusted encrypted connection came about.
    Tls,
    /// The time was up.
    Timeout,
    /// The answer broke off.
    Interrupted,
    /// The answer is longer than allowed.
    TooLarge,
    /// Too many requests: status 429, or the same said inside a stream.
    RateLimited,
    /// Status 500 and above, or an error inside a stream.
    ServerError,
    /// Another status that is no success.
    ClientError(u16),
    /// The answer is not what this API answers.
    Malformed,
    /// A stream without an event.
    EmptyStream,
    /// Not sent, since it could have crossed the spending cap.
    RefusedByCap,
}

impl CallFailureKind {
    /// The name in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::ClientError(_) => "client_error",
            Self::Malformed => "malformed",
            Self::EmptyStream => "empty_stream",
            Self::RefusedByCap => "refused_by_cap",
        }
    }
}

/// A call without an answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct CallFailure {
    /// Why.
    pub kind: CallFailureKind,
    /// What happened and what to do next.
    pub message: String,
    /// Every attempt; none where nothing was sent.
    pub attempts: Vec<Attempt>,
    /// The last answer as it went over the wire, without secrets, where one came.
    pub exchange: Option<Box<Exchange>>,
}

impl CallFailure {
    /// A failure as one attempt shows it; [`crate::Caller`] attaches the attempts and the exchange.
    pub(crate) fn new(kind: CallFailureKind, message: String) -> Self {
        Self {
            kind,
            message,
            attempts: Vec::new(),
            exchange: None,
        }
    }

    /// The failure of a request that got no whole answer.
    pub(crate) fn unanswered(error: &ExchangeError, url: &str) -> Self {
        let (kind, next) = match error.kind {
            ExchangeErrorKind::Client | ExchangeErrorKind::Request => (
                CallFailureKind::Request,
                "check the provider's base address and headers",
            ),
            ExchangeErrorKind::Connect => (
                CallFailureKind::Connect,
                "check that the server runs and that the base address is right",
            ),
            ExchangeErrorKind::Tls => (
                CallFailureKind::Tls,
                "check that the address begins with the right one of http and https, and that this machine trusts the server's certificate",
            ),
            ExchangeErrorKind::Timeout => (
                CallFailureKind::Timeout,
                "raise the time limit, or ask for a shorter answer",
            ),
            ExchangeErrorKind::Interrupted => (
                CallFailureKind::Interrupted,
                "run the case again, and look into the server's log if it happens again",
            ),
            ExchangeErrorKind::TooLarge => (
                CallFailureKind::TooLarge,
                "limit the answer with max_tokens, or check that the address is that of a model API",
            ),
        };
        Self::new(
            kind,
            format!("{}: {}; {next}", crate::exchange::shown_url(url), error.message),
        )
    }

    /// The failure that an error status shows.
    pub(crate) fn status(exchange: &Exchange) -> Self {
        let kind = match exchange.status {
            429 => CallFailureKind::RateLimited,
            500.. => CallFailureKind::ServerError,
            other => CallFailureKind::ClientError(other),
        };
        let next = match exchange.status {
            401 | 403 => "check the provider's key and what it is allowed to do",
            404 => "check the model's name and the provider's base address",
            300..=399 => "the server redirects, which is not followed; set the base address it points at",
            408 => "raise the time limit, or run the case again",
            413 => "send less: the request is too long",
            429 => "wait, ask with less in flight, or raise the limit or the credit at the provider",
            400..=499 => "correct the request; the provider says above what it objects to",
            _ => "run the case again later; the fault is at the provider",
        };
        let said = said(&exchange.body);
        Self::new(
            kind,
            format!(
                "{} answered with status {}: {said}; {next}",
                crate::exchange::shown_url(&exchange.request.url),
                exchange.status
            ),
        )
    }
}

/// The words of an error body: the message, where it is JSON of a known shape.
fn said(body: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    // Gemini wraps the error of a stream into an array.
    let value = value.get(0).unwrap_or(&value);
    [
        &value["error"]["message"],
        &value["error"],
        &value["message"],
        &value["detail"],
    ]
    .iter()
    .find_map(|text| text.as_str())
    .map_or_else(
        || crate::api::excerpt(body),
        |text| text.trim_end_matches('.').chars().take(500).collect(),
    )
}
