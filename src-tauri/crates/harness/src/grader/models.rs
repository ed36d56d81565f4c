//! What graders need of models: a question answered, texts embedded. Who answers, with which key and at what price,
//! is the caller's business, so the engine knows no model API.

use evidence::{PicoUsd, Tokens};
use futures::{FutureExt as _, future::BoxFuture};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};

/// Models that a grader may ask. `provider` is the name that the suite gives.
pub trait ModelCalls: Send + Sync {
    /// Asks a chat model.
    fn chat<'a>(
        &'a self,
        provider: &'a str,
        question: ModelQuestion,
    ) -> BoxFuture<'a, Result<ModelReply, ModelCallError>>;

    /// Embeds texts; one vector each, in order.
    fn embed<'a>(
        &'a self,
        provider: &'a str,
        texts: Vec<String>,
    ) -> BoxFuture<'a, Result<Embedded, ModelCallError>>;
}

/// A question to a chat model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelQuestion {
    /// What the model is told before the conversation.
    pub system: String,
    /// The conversation so far, which a [`Speaker::Asker`] began and ends.
    pub turns: Vec<Turn>,
    /// Sampling temperature.
    pub temperature: f64,
    /// Longest reply, in tokens.
    pub max_tokens: u32,
    /// JSON Schema of the wanted reply. An API that can enforce it should; the reply is checked all the same.
    pub schema: Option<Value>,
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Who speaks.
    pub speaker: Speaker,
    /// The words.
    pub text: String,
}

/// Who speaks in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The grader (`user` on the wire).
    Asker,
    /// The model (`assistant` on the wire).
    Model,
}

/// A chat model's reply.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelReply {
    /// The text.
    pub text: String,
    /// The model that answered, where the reply names it.
    pub model: Option<String>,
    /// Tokens, where reported.
    pub tokens: Option<Tokens>,
    /// Cost, where it could be priced.
    pub cost: Option<PicoUsd>,
    /// Whether a practice model answered.
    pub practice: bool,
}

/// Texts turned into vectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embedded {
    /// One vector a text, in order.
    pub vectors: Vec<Vec<f32>>,
    /// The model that answered, where the reply names it.
    pub model: Option<String>,
    /// Tokens, where reported.
    pub tokens: Option<Tokens>,
    /// Cost, where it could be priced.
    pub cost: Option<PicoUsd>,
    /// Whether a practice model answered.
    pub practice: bool,
}

/// A model that gave no answer, after all retries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ModelCallError {
    /// What happened and what to do next.
    pub message: String,
    /// Whether the call was not sent, since it could have crossed a daily cap.
    pub refused_by_cap: bool,
}

/// Models asked for one verdict, with a note of whether a daily cap kept one of them from being asked.
pub(crate) struct CapNoted<'m> {
    models: &'m dyn ModelCalls,
    refused: AtomicBool,
}

impl<'m> CapNoted<'m> {
    pub(crate) fn new(models: &'m dyn ModelCalls) -> Self {
        Self {
            models,
            refused: AtomicBool::new(false),
        }
    }

    pub(crate) fn was_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    fn note<T>(&self, outcome: &Result<T, ModelCallError>) {
        if outcome.as_ref().is_err_and(|error| error.refused_by_cap) {
            self.refused.store(true, Ordering::Relaxed);
        }
    }
}

impl ModelCalls for CapNoted<'_> {
    fn chat<'a>(
        &'a self,
        provider: &'a str,
        question: ModelQuestion,
    ) -> BoxFuture<'a, Result<ModelReply, ModelCallError>> {
        self.models
            .chat(provider, question)
            .inspect(|outcome| self.note(outcome))
            .boxed()
    }

    fn embed<'a>(
        &'a self,
        provider: &'a str,
        texts: Vec<String>,
    ) -> BoxFuture<'a, Result<Embedded, ModelCallError>> {
        self.models
            .embed(provider, texts)
            .inspect(|outcome| self.note(outcome))
            .boxed()
    }
}
