//! A model API, asked directly with the suite's own prompt.

use super::{Asked, ServiceFailure, Surroundings, Target, fill_text};
use crate::{
    dataset::Case,
    grader::ToolCall,
    suite::{
        PRACTICE,
        file::{MessageFile, ModelApiFile},
    },
    trial::{Answer, Cause, TrialError},
};
use evidence::{ContentHash, PicoUsd};
use futures::{FutureExt as _, future::BoxFuture};
use provider::{
    ApiKind, CallFailure, Charge, ClientOptions, Endpoint, HttpClient, Message, ModelAnswer, ModelRequest,
    PriceContext, PriceTable, Secret, SpendingGuard,
};
use std::sync::Arc;

pub(super) struct ModelApiTarget {
    api: ModelApiFile,
    endpoint: Endpoint,
    client: HttpClient,
    spending: Option<Arc<SpendingGuard>>,
}

impl ModelApiTarget {
    pub(super) fn new(api: &ModelApiFile, surroundings: &Surroundings<'_>) -> Result<Self, ServiceFailure> {
        let not_started = |message: String| ServiceFailure::NotStarted { message };
        let practice = api.base.as_deref() == Some(PRACTICE);
        let dialect = api
            .api
            .ok_or_else(|| not_started(format!("nothing says which API {} speaks", api.model)))?
            .dialect();
        let base = match api.base.as_deref() {
            Some(PRACTICE) => surroundings
                .practice_url
                .ok_or_else(|| not_started("the practice models are not served for this run".into()))?,
            Some(base) => base,
            None => dialect.default_base(),
        };
        let provider = api.provider.as_ref().map(|name| name.value.as_str());
        let key = match provider {
            Some(provider) => surroundings.accounts.key(provider),
            None => {
                let named = api.key.as_deref().filter(|_| !practice);
                key(dialect, named, api.base.is_some(), surroundings.environment)
                    .map_err(|variable| missing_key(&api.model, &variable))
            }
        };
        let key = key.map_err(not_started)?;
        let options = ClientOptions {
            timeout: surroundings.timeout,
            ..ClientOptions::default()
        };
        Ok(Self {
            api: api.clone(),
            spending: surroundings.accounts.guard(provider, base).filter(|_| !practice),
            endpoint: Endpoint::new(dialect, base, key),
            client: HttpClient::new(options).map_err(|error| not_started(error.to_string()))?,
        })
    }

    fn request(&self, case: &Case, repeat: u32) -> Result<ModelRequest, TrialError> {
        Ok(ModelRequest {
            model: self.api.model.clone(),
            messages: messages(&self.api, case)?,
            tools: self.api.tools.clone(),
            temperature: self.api.temperature,
            max_tokens: self.api.max_tokens,
            // The same seed for every repeat would make them one answer, asked several times.
            seed: self.api.seed.map(|seed| seed.wrapping_add(i64::from(repeat))),
            response_format: self.api.response_format.clone(),
            stream: self.api.stream,
            extra: self.api.extra.clone(),
        })
    }

    async fn ask_once(&self, case: &Case, repeat: u32) -> Asked {
        let started = std::time::Instant::now();
        let failed = |error: TrialError| Asked {
            answer: Err(error),
            exchange: None,
            unanswered: None,
            latency_ms: started.elapsed().as_secs_f64() * 1000.0,
        };
        let prepared = self.request(case, repeat).and_then(|request| {
            let outgoing = self
                .endpoint
                .request(&request)
                .map_err(|failure| trial_error(&failure))?;
            let charge = self.reserve(&request, outgoing.body.as_ref().map_or(0, Vec::len))?;
            Ok((outgoing, charge))
        });
        let (outgoing, charge) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return failed(error),
        };
        match self.client.send(outgoing).await {
            Err(error) => {
                if let Some(charge) = charge {
                    charge.unanswered(error.kind.may_cost());
                }
                Asked {
                    unanswered: Some(error.kind),
                    ..failed(super::unanswered(&error))
                }
            }
            Ok(mut exchange) => {
                let answer = self.endpoint.answer(&exchange);
                match (charge, &answer) {
                    (Some(charge), Ok(answer)) => charge.answered(
                        answer.model.as_deref(),
                        answer.usage.as_ref(),
                        answer.service_tier.as_deref(),
                    ),
                    // An answer that came and cannot be read was billed all the same; a refusal was not.
                    (Some(charge), Err(_)) => charge.unanswered(exchange.is_success()),
                    (None, _) => {}
                }
                exchange.redact(self.endpoint.key.as_ref());
                Asked {
                    answer: answer.map(answered).map_err(|failure| trial_error(&failure)),
                    latency_ms: exchange.total.as_secs_f64() * 1000.0,
                    unanswered: None,
                    exchange: Some(exchange),
                }
            }
        }
    }

    /// Sets aside what a call could cost, where a cap holds.
    fn reserve(&self, request: &ModelRequest, body: usize) -> Result<Option<Charge>, TrialError> {
        let reserved = self
            .spending
            .as_ref()
            .map(|guard| guard.reserve(&request.model, body, request.asked_limit(), request.asked_tier()));
        reserved.transpose().map_err(|refusal| TrialError {
            cause: Cause::SpendingCap,
            message: refusal.to_string(),
        })
    }
}

/// The key from the environment: from the variable that is named, or from the vendor's usual ones. A server of one's own
/// needs none unless one is named. The error is the variable that was looked for.
pub fn key(
    api: ApiKind,
    named: Option<&str>,
    own_server: bool,
    environment: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Option<Secret>, String> {
    let usual = if own_server { &[] } else { api.key_variables() };
    let candidates: Vec<&str> = named.map_or_else(|| usual.to_vec(), |named| vec![named]);
    let found = candidates
        .iter()
        .filter_map(|variable| environment(variable))
        .find(|key| !key.trim().is_empty());
    match (found, candidates.first()) {
        (Some(key), _) => Ok(Some(Secret::new(key.trim()))),
        (None, None) => Ok(None),
        (None, Some(first)) => Err((*first).to_owned()),
    }
}

/// What to do about a key that is not there.
pub fn missing_key(model: &str, variable: &str) -> String {
    format!(
        "{model} needs a key, and the environment variable {variable} is not set; set it, or write `base: practice` to use the \
         built-in practice models"
    )
}

fn messages(api: &ModelApiFile, case: &Case) -> Result<Vec<Message>, TrialError> {
    let filled = |message: &MessageFile| Ok(Message::text(&message.role, fill_text(&message.content, case)?));
    api.messages.iter().map(filled).collect()
}

/// Bytes of the filled messages, of the tools and of the response format: what a model reads.
pub(super) fn prompt_bytes(api: &ModelApiFile, case: &Case) -> Result<u64, TrialError> {
    let mut bytes = 0;
    for message in &api.messages {
        bytes += fill_text(&message.content, case)?.len();
    }
    let shapes = api.tools.iter().chain(&api.response_format);
    bytes += shapes.map(|shape| shape.to_string().len()).sum::<usize>();
    Ok(bytes as u64)
}

/// Fills every message with a case.
pub(super) fn check(api: &ModelApiFile, case: &Case) -> Result<(), TrialError> {
    messages(api, case).map(drop)
}

fn answered(answer: ModelAnswer) -> Answer {
    Answer {
        refused: answer.refusal.as_ref().map(|_| true),
        text: if answer.text.is_empty() {
            answer.refusal.unwrap_or_default()
        } else {
            answer.text
        },
        model: answer.model,
        tokens: answer.usage.map(|usage| usage.tokens()),
        usage: answer.usage,
        first_token_ms: answer.time_to_first_token.map(|time| time.as_secs_f64() * 1000.0),
        tool_calls: Some(
            answer
                .tool_calls
                .iter()
                .map(|call| ToolCall::from_text(&call.name, &call.arguments))
                .collect(),
        ),
        service_tier: answer.service_tier,
        ..Answer::default()
    }
}

fn trial_error(failure: &CallFailure) -> TrialError {
    TrialError {
        cause: failure.kind.into(),
        message: failure.message.clone(),
    }
}

impl Target for ModelApiTarget {
    fn ask<'a>(&'a self, case: &'a Case, repeat: u32) -> BoxFuture<'a, Asked> {
        self.ask_once(case, repeat).boxed()
    }

    fn most_cost(&self, case: &Case, repeat: u32, prices: &PriceTable) -> Option<PicoUsd> {
        let request = self.request(case, repeat).ok()?;
        let output = request.asked_limit()?;
        let body = self.endpoint.request(&request).ok()?.body?.len();
        let context = PriceContext::served(request.asked_tier(), chrono::Utc::now())?;
        prices.most(&request.model, body, output, &context)
    }

    fn request_hash(&self, case: &Case, repeat: u32) -> Option<ContentHash> {
        let request = self.request(case, repeat).ok()?;
        let body = serde_json::to_string(&request).ok()?;
        Some(ContentHash::of(format!(
            "{} {} {body}",
            self.endpoint.api.as_str(),
            // The practice models are the same ones at whatever port a run finds them.
            self.api.base.as_deref().unwrap_or(&self.endpoint.base)
        )))
    }
}
