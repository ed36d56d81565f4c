//! When a call is tried again, and how long is waited before.
//!
//! The rules are those of OpenAI's own client (`openai-python`, `_base_client.py`), which the other providers' clients share:
//! tried again are 408, 409, 429, 500 and above, and connections that fail; `x-should-retry` overrules the status; the wait is
//! what the server asks for (`retry-after-ms`, then `retry-after` in seconds or as a date), or else
//! `min(0.5 · 2ⁿ, 8) s · (1 − 0.25 u)` with `u` uniform in [0, 1); a server that asks for more than 120 s is not asked again.

use crate::exchange::{Exchange, ExchangeErrorKind};
use chrono::{DateTime, Utc};
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

/// When and how a call is tried again.
#[derive(Clone)]
pub struct RetryPolicy {
    /// Attempts after the first.
    pub retries: u32,
    /// Wait before the first retry, when the server names none; it doubles with each further one.
    pub first_wait: Duration,
    /// Longest wait, when the server names none.
    pub longest_wait: Duration,
    /// A server that asks for a longer wait than this is not asked again.
    pub longest_asked: Duration,
    /// Gives `u`, uniform in [0, 1).
    pub jitter: Arc<dyn Fn() -> f64 + Send + Sync>,
    /// Gives the time, which dates in `retry-after` are held against.
    pub clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            retries: 2,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(8),
            longest_asked: Duration::from_secs(120),
            jitter: Arc::new(random),
            clock: Arc::new(Utc::now),
        }
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RetryPolicy")
            .field("retries", &self.retries)
            .field("first_wait", &self.first_wait)
            .field("longest_wait", &self.longest_wait)
            .field("longest_asked", &self.longest_asked)
            .finish_non_exhaustive()
    }
}

/// What to do after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// The outcome stands: a success, or a failure that another attempt would not mend. The reason is for failures.
    Stop(Option<String>),
    /// Try again after this long, for this reason.
    Wait(Duration, String),
}

impl RetryPolicy {
    /// One attempt and no more.
    #[must_use]
    pub fn never() -> Self {
        Self {
            retries: 0,
            ..Self::default()
        }
    }

    /// What to do after an answer; `number` is 1 for the first attempt.
    #[must_use]
    pub fn after_answer(&self, number: u32, exchange: &Exchange) -> NextStep {
        if exchange.is_success() {
            return NextStep::Stop(None);
        }
        let status = exchange.status;
        match exchange.header("x-should-retry") {
            Some("true") => {}
            Some("false") => {
                return NextStep::Stop(Some("the server asks not to retry (x-should-retry)".into()));
            }
            _ if matches!(status, 408 | 409 | 429 | 500..) => {}
            _ => return NextStep::Stop(Some(format!("status {status} is not mended by a retry"))),
        }
        if let Some(exhausted) = self.exhausted(number) {
            return exhausted;
        }
        match self.asked(exchange) {
            Some((wait, header)) if wait > self.longest_asked => NextStep::Stop(Some(format!(
                "status {status}: the server asks to wait {:.0} s ({header}), which is longer than {:.0} s",
                wait.as_secs_f64(),
                self.longest_asked.as_secs_f64()
            ))),
            Some((wait, header)) => NextStep::Wait(wait, format!("status {status}, {header}")),
            None => NextStep::Wait(self.backoff(number), format!("status {status}, backoff")),
        }
    }

    /// What to do after a request that got no whole answer.
    #[must_use]
    pub fn after_error(&self, number: u32, error: ExchangeErrorKind) -> NextStep {
        let why = match error {
            ExchangeErrorKind::Connect => "no connection",
            ExchangeErrorKind::Timeout => "timeout",
            ExchangeErrorKind::Interrupted => "interrupted",
            ExchangeErrorKind::Tls
            | ExchangeErrorKind::Client
            | ExchangeErrorKind::Request
            | ExchangeErrorKind::TooLarge => {
                return NextStep::Stop(Some("another attempt would end the same way".into()));
            }
        };
        self.exhausted(number)
            .unwrap_or_else(|| NextStep::Wait(self.backoff(number), format!("{why}, backoff")))
    }

    fn exhausted(&self, number: u32) -> Option<NextStep> {
        (number > self.retries).then(|| NextStep::Stop(Some(format!("attempt {number} was the last"))))
    }

    /// The wait after attempt `number` where the server asks for none.
    fn backoff(&self, number: u32) -> Duration {
        let doubled = self
            .first_wait
            .saturating_mul(2_u32.saturating_pow(number.saturating_sub(1)));
        doubled
            .min(self.longest_wait)
            .mul_f64(1.0 - 0.25 * (self.jitter)().clamp(0.0, 1.0))
    }

    /// The wait that the server asks for and the header that says so. What is not above 0 asks for nothing.
    fn asked(&self, exchange: &Exchange) -> Option<(Duration, String)> {
        let in_units = |name: &str, per_second: f64| {
            let value = exchange.header(name)?.trim();
            let number: f64 = value.parse().ok()?;
            let wait = Duration::try_from_secs_f64(number / per_second).ok()?;
            (!wait.is_zero()).then(|| (wait, format!("{name}: {value}")))
        };
        in_units("retry-after-ms", 1000.0)
            .or_else(|| in_units("retry-after", 1.0))
            .or_else(|| {
                let value = exchange.header("retry-after")?.trim();
                // RFC 9110's date has the form of RFC 2822 with GMT.
                let date = DateTime::parse_from_rfc2822(value).ok()?;
                let wait = date.signed_duration_since((self.clock)()).to_std().ok()?;
                (!wait.is_zero()).then(|| (wait, format!("retry-after: {value}")))
            })
    }
}

/// Uniform in [0, 1). Each hasher of the standard library is keyed anew from the system's randomness, which is all that
/// spreading retries asks for.
fn random() -> f64 {
    let bits = std::hash::RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1_u64 << 53) as f64
}
