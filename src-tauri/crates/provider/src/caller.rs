//! Calls around the one HTTP client: retried by one policy, with every attempt noted and recorded.

use crate::api::{ModelAnswer, ModelRequest};
use crate::call::{Attempt, Call, CallFailure, CallFailureKind};
use crate::embedding::Embeddings;
use crate::endpoint::Endpoint;
use crate::exchange::{Exchange, ExchangeRecorder, OutgoingRequest};
use crate::http::HttpClient;
use crate::key::Secret;
use crate::retry::{NextStep, RetryPolicy};
use crate::spending::{Charge, SpendingGuard};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Calls models and other HTTP services.
#[derive(Clone)]
pub struct Caller {
    http: HttpClient,
    retry: RetryPolicy,
    recorder: Option<Arc<dyn ExchangeRecorder>>,
    spending: Option<Arc<SpendingGuard>>,
}

/// An answered request with the attempts it took.
struct Sent {
    exchange: Exchange,
    attempts: Vec<Attempt>,
    /// What is set aside for the last attempt.
    charge: Option<Charge>,
}

impl Caller {
    /// A caller that records nothing and has no spending cap.
    #[must_use]
    pub fn new(http: HttpClient, retry: RetryPolicy) -> Self {
        Self {
            http,
            retry,
            recorder: None,
            spending: None,
        }
    }

    /// Tells a recorder of every attempt.
    #[must_use]
    pub fn with_recorder(mut self, recorder: Arc<dyn ExchangeRecorder>) -> Self {
        self.recorder = Some(recorder);
        self
    }

    /// Holds the calls of models to a spending cap.
    #[must_use]
    pub fn with_spending(mut self, guard: Arc<SpendingGuard>) -> Self {
        self.spending = Some(guard);
        self
    }

    /// Asks a model.
    pub async fn chat(
        &self,
        endpoint: &Endpoint,
        request: &ModelRequest,
    ) -> Result<Call<ModelAnswer>, CallFailure> {
        let outgoing = endpoint.request(request)?;
        let body = outgoing.body.as_ref().map_or(0, Vec::len);
        let reserve = || self.reserve(&request.model, body, request.asked_limit(), request.asked_tier());
        let sent = self
            .deliver(outgoing, endpoint.key.as_ref(), reserve)
            .await
            .map_err(|failure| endpoint.scrub(failure));
        conclude(sent, |exchange| {
            let answer = endpoint.answer(exchange)?;
            let bill = (answer.model.clone(), answer.usage, answer.service_tier.clone());
            Ok((answer, bill))
        })
    }

    /// Embeds texts.
    pub async fn embed(
        &self,
        endpoint: &Endpoint,
        model: &str,
        inputs: &[String],
    ) -> Result<Call<Embeddings>, CallFailure> {
        let outgoing = endpoint.embeddings_request(model, inputs)?;
        let body = outgoing.body.as_ref().map_or(0, Vec::len);
        let reserve = || self.reserve(model, body, Some(0), None);
        let sent = self
            .deliver(outgoing, endpoint.key.as_ref(), reserve)
            .await
            .map_err(|failure| endpoint.scrub(failure));
        conclude(sent, |exchange| {
            let embeddings = endpoint.embeddings_answer(exchange, inputs.len())?;
            let bill = (embeddings.model.clone(), embeddings.usage, None);
            Ok((embeddings, bill))
        })
    }

    /// Lists the models of an API, which costs nothing.
    pub async fn models(&self, endpoint: &Endpoint) -> Result<Call<Vec<String>>, CallFailure> {
        let sent = self
            .deliver(endpoint.models_request()?, endpoint.key.as_ref(), || Ok(None))
            .await
            .map_err(|failure| endpoint.scrub(failure));
        conclude(sent, |exchange| {
            Ok((endpoint.models_answer(exchange)?, (None, None, None)))
        })
    }

    /// Sends a request to any HTTP service under the same policy. An error status that remains is a failure.
    pub async fn send(&self, request: OutgoingRequest) -> Result<Call<()>, CallFailure> {
        let sent = self.deliver(request, None, || Ok(None)).await;
        conclude(sent, |exchange| {
            if exchange.is_success() {
                Ok(((), (None, None, None)))
            } else {
                Err(CallFailure::status(exchange))
            }
        })
    }

    fn reserve(
        &self,
        model: &str,
        body: usize,
        limit: Option<u32>,
        tier: Option<&str>,
    ) -> Result<Option<Charge>, CallFailure> {
        self.spending
            .as_ref()
            .map(|guard| guard.reserve(model, body, limit, tier))
            .transpose()
            .map_err(|refused| CallFailure::new(CallFailureKind::RefusedByCap, refused.to_string()))
    }

    /// Sends a request until it is answered or the policy gives up. What it gives back holds no secrets. Each attempt may be
    /// billed, so money is set aside for each by itself.
    async fn deliver(
        &self,
        request: OutgoingRequest,
        key: Option<&Secret>,
        reserve: impl Fn() -> Result<Option<Charge>, CallFailure>,
    ) -> Result<Sent, CallFailure> {
        let mut attempts: Vec<Attempt> = Vec::new();
        loop {
            let number = u32::try_from(attempts.len())
                .unwrap_or(u32::MAX)
                .saturating_add(1);
            let charge = match reserve() {
                Ok(charge) => charge,
                Err(refused) => return Err(CallFailure { attempts, ..refused }),
            };
            let started_at = (self.retry.clock)();
            let started = Instant::now();
            let mut outcome = self.http.send(request.clone()).await;
            let mut attempt = Attempt {
                number,
                status: None,
                error: None,
                waited: Duration::ZERO,
                wait_reason: None,
                started_at,
                duration: started.elapsed(),
                request_id: None,
            };
            let next = match &mut outcome {
                Ok(exchange) => {
                    let next = self.retry.after_answer(number, exchange);
                    exchange.redact(key);
                    attempt.status = Some(exchange.status);
                    attempt.request_id = exchange.request_id().map(str::to_owned);
                    if let Some(recorder) = &self.recorder {
                        recorder.record(exchange);
                    }
                    next
                }
                Err(error) => {
                    attempt.error = Some(error.kind);
                    if let Some(recorder) = &self.recorder {
                        let mut shown = request.clone();
                        shown.redact();
                        recorder.record_failure(&shown, error);
                    }
                    self.retry.after_error(number, error.kind)
                }
            };
            match next {
                NextStep::Wait(wait, reason) => {
                    settle(charge, outcome.is_err_and(|error| error.kind.may_cost()));
                    attempt.waited = wait;
                    attempt.wait_reason = Some(reason);
                    attempts.push(attempt);
                    tokio::time::sleep(wait).await;
                }
                NextStep::Stop(reason) => {
                    attempt.wait_reason = reason;
                    attempts.push(attempt);
                    return match outcome {
                        Ok(exchange) => Ok(Sent {
                            exchange,
                            attempts,
                            charge,
                        }),
                        Err(error) => {
                            settle(charge, error.kind.may_cost());
                            Err(CallFailure {
                                attempts,
                                ..CallFailure::unanswered(&error, &request.url)
                            })
                        }
                    };
                }
            }
        }
    }
}

/// Reads the answer and settles what the call cost.
fn conclude<T>(
    sent: Result<Sent, CallFailure>,
    read: impl FnOnce(&Exchange) -> Result<(T, Bill), CallFailure>,
) -> Result<Call<T>, CallFailure> {
    let Sent {
        exchange,
        attempts,
        charge,
    } = sent?;
    match read(&exchange) {
        Ok((answer, (model, usage, tier))) => {
            if let Some(charge) = charge {
                charge.answered(model.as_deref(), usage.as_ref(), tier.as_deref());
            }
            Ok(Call {
                answer,
                attempts,
                exchange,
            })
        }
        Err(failure) => {
            settle(charge, exchange.is_success());
            Err(CallFailure {
                attempts,
                exchange: Some(Box::new(exchange)),
                ..failure
            })
        }
    }
}

/// Model, usage and tier as an answer named them.
type Bill = (Option<String>, Option<crate::Usage>, Option<String>);

/// Settles a call without an answer: at what it could have cost, or at nothing.
fn settle(charge: Option<Charge>, may_cost: bool) {
    if let Some(charge) = charge {
        charge.unanswered(may_cost);
    }
}
