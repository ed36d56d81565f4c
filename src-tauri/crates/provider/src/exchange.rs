//! One request and its answer, as they went over the wire: what recording, replay and cost stand on.

use crate::key::Secret;
use chrono::{DateTime, Utc};
use std::fmt;
use std::time::Duration;

/// What stands where a secret stood.
pub(crate) const REDACTED: &str = "[redacted]";

/// A request about to be sent. Its `Debug` form shows no secrets.
#[derive(Clone, Default, PartialEq, Eq)]
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

impl OutgoingRequest {
    /// Puts `[redacted]` in the place of every secret: headers that carry keys or cookies, and keys in the address.
    pub fn redact(&mut self) {
        redact_headers(&mut self.headers);
        self.url = shown_url(&self.url);
    }
}

impl fmt::Debug for OutgoingRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut headers = self.headers.clone();
        redact_headers(&mut headers);
        formatter
            .debug_struct("OutgoingRequest")
            .field("method", &self.method)
            .field("url", &shown_url(&self.url))
            .field("headers", &headers)
            .field(
                "body",
                &self.body.as_ref().map(|body| String::from_utf8_lossy(body)),
            )
            .finish()
    }
}

/// Whether a header carries a secret by its name.
fn is_secret(header: &str) -> bool {
    let name = header.to_ascii_lowercase();
    let ends = ["cookie", "auth", "-key", "apikey", "token", "secret"];
    name.contains("authorization")
        || (ends.iter().any(|end| name.ends_with(end)) && name != "idempotency-key")
}

fn redact_headers(headers: &mut [(String, String)]) {
    for (name, value) in headers {
        if is_secret(name) {
            REDACTED.clone_into(value);
        }
    }
}

/// An address without what may be secret in it: user name (some services take their token there), password, and the values of
/// parameters that carry keys.
pub(crate) fn shown_url(url: &str) -> String {
    if !url.contains(['?', '@']) {
        return url.to_owned();
    }
    let Ok(mut parsed) = reqwest::Url::parse(url) else {
        // What stands before the last @ may be a name and a password, whatever else is wrong with the address.
        let shown = match url.rsplit_once('@') {
            Some((_, rest)) => format!("{REDACTED}@{rest}"),
            None => url.to_owned(),
        };
        return shown.split('?').next().unwrap_or_default().to_owned();
    };
    if !parsed.username().is_empty() {
        let _ = parsed.set_username(REDACTED);
    }
    if parsed.password().is_some() {
        let _ = parsed.set_password(Some(REDACTED));
    }
    let secret = |name: &str| {
        matches!(
            name,
            "key" | "api_key" | "apikey" | "access_token" | "token" | "sig" | "signature"
        )
    };
    if parsed.query_pairs().any(|(name, _)| secret(&name)) {
        let pairs: Vec<(String, String)> = parsed
            .query_pairs()
            .map(|(name, value)| {
                let value = if secret(&name) { REDACTED.into() } else { value };
                (name.into_owned(), value.into_owned())
            })
            .collect();
        parsed.query_pairs_mut().clear().extend_pairs(pairs);
    }
    parsed.into()
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
    /// Each piece of the body: from sending to its arrival, and its length in bytes.
    pub chunks: Vec<(Duration, usize)>,
}

impl Exchange {
    /// Whether the status says success (200 to 299).
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of the answer with this name, in whatever case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The provider's id of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-request-id").or_else(|| self.header("request-id"))
    }

    /// From sending to the arrival of the piece that completes the first `length` bytes of the body.
    #[must_use]
    pub fn arrival_of(&self, length: usize) -> Option<Duration> {
        let mut arrived = 0;
        self.chunks.iter().find_map(|(at, bytes)| {
            arrived += bytes;
            (arrived >= length).then_some(*at)
        })
    }

    /// Puts `[redacted]` in the place of every secret in the headers and the address. A server that refuses a key may quote
    /// it, so `key` is taken out of the body of an answer that is no success.
    pub fn redact(&mut self, key: Option<&Secret>) {
        self.request.redact();
        redact_headers(&mut self.headers);
        if let Some(key) = key
            && !self.is_success()
            && let Ok(text) = std::str::from_utf8(&self.body)
            && text.contains(key.expose())
        {
            self.body = key.scrub(text).into_bytes();
        }
    }
}

/// The first header with this name, in whatever case.
pub(crate) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(have, _)| have.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
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
    /// No trusted encrypted connection came about.
    Tls,
    /// The time was up.
    Timeout,
    /// The connection broke before the answer was whole.
    Interrupted,
    /// The answer is longer than allowed.
    TooLarge,
}

impl ExchangeErrorKind {
    /// Whether the request may have cost something: a provider bills what it wrote, whether or not it arrived. Without a
    /// connection it wrote nothing.
    #[must_use]
    pub fn may_cost(self) -> bool {
        matches!(self, Self::Timeout | Self::Interrupted | Self::TooLarge)
    }
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

    /// Takes note of a request that got no whole answer.
    fn record_failure(&self, request: &OutgoingRequest, error: &ExchangeError) {
        let _ = (request, error);
    }
}
