//! What this crate asks of the app: model calls and HTTP. The crate has no client of its own.

use evidence::PicoUsd;
use futures::future::BoxFuture;
use harness::Cause;
use provider::Usage;
use serde_json::{Map, Value};

/// The dialect of a model's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelApi {
    /// OpenAI chat completions, and every server that speaks it.
    OpenAiChat,
    /// OpenAI responses.
    OpenAiResponses,
    /// Anthropic messages.
    Anthropic,
    /// Gemini.
    Gemini,
    /// Ollama.
    Ollama,
}

/// A model to ask.
#[derive(Clone, Debug)]
pub struct ModelCall {
    /// Dialect.
    pub api: ModelApi,
    /// Model.
    pub model: String,
    /// Chat messages, as the prompt has them.
    pub messages: Value,
    /// The provider's `config` with the prompt's: `apiBaseUrl`, `apiKey`, `temperature`, `tools`, `response_format`, ….
    pub config: Map<String, Value>,
    /// Environment variables that the configuration sets, such as a key.
    pub environment: Map<String, Value>,
}

/// What a model answered.
#[derive(Clone, Debug, Default)]
pub struct ModelReply {
    /// The model that answered, by its own word; absent where it says nothing.
    pub model: Option<String>,
    /// Text of the answer, empty where it only calls tools.
    pub text: String,
    /// Tool calls, in the shape of the API that made them.
    pub tool_calls: Option<Value>,
    /// Text of a refusal, where the API has one.
    pub refusal: Option<String>,
    /// Reasoning that the API gives beside the text.
    pub reasoning: Option<String>,
    /// Why the answer ended, as the API says it.
    pub finish_reason: Option<String>,
    /// Log probabilities of the tokens.
    pub log_probabilities: Option<Vec<f64>>,
    /// Cost; absent where it is not known.
    pub cost: Option<PicoUsd>,
    /// What the call consumed, where the API says so.
    pub usage: Option<Usage>,
    /// The tier that was served, on which the price depends.
    pub service_tier: Option<String>,
    /// Whether a practice model answered.
    pub practice: bool,
    /// Milliseconds of the call.
    pub latency_ms: Option<f64>,
}

/// A text as a vector.
#[derive(Clone, Debug, Default)]
pub struct Embedding {
    /// The vector.
    pub vector: Vec<f64>,
    /// Cost; absent where it is not known.
    pub cost: Option<PicoUsd>,
    /// What the call consumed, where the API says so.
    pub usage: Option<Usage>,
    /// Whether a practice model answered.
    pub practice: bool,
}

/// An HTTP request of an `http` provider or of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// Method.
    pub method: String,
    /// Address.
    pub url: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct HttpReply {
    /// Status.
    pub status: u16,
    /// Headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: String,
    /// Milliseconds of the call.
    pub latency_ms: f64,
}

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// Which of the named causes it is.
    pub cause: Cause,
    /// What happened and what to do next.
    pub message: String,
}

/// How the app asks models and services, with its own retries, recordings and budget.
pub trait ModelCalls: Send + Sync {
    /// Asks a chat model.
    fn chat<'a>(&'a self, call: ModelCall) -> BoxFuture<'a, Result<ModelReply, CallError>>;
    /// Makes a vector of a text. The call's messages are empty.
    fn embed<'a>(&'a self, call: ModelCall, text: String) -> BoxFuture<'a, Result<Embedding, CallError>>;
    /// Sends an HTTP request. Any status is an answer.
    fn send<'a>(&'a self, request: HttpRequest) -> BoxFuture<'a, Result<HttpReply, CallError>>;
}
