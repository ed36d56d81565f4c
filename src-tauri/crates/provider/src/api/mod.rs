//! Model APIs: one neutral request and answer, and a file for each dialect that speaks them on the wire.
//!
//! Each dialect has three functions. `encode` writes a [`ModelRequest`] as a body; `assemble` joins the events of a
//! streamed answer into the body that the whole answer would have been; `read` reads that body. So a streamed answer and a
//! whole one pass through the same reader and cannot differ in what they count.

mod anthropic;
mod gemini;
pub mod ndjson;
mod ollama;
mod openai_chat;
mod openai_responses;
pub mod sse;
mod value;

pub(crate) use value::{excerpt, whole};

use crate::Usage;
use crate::call::{CallFailure, CallFailureKind};
use crate::exchange::Exchange;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// The dialect that a model API speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApiKind {
    /// OpenAI's `POST /chat/completions`, which most servers speak.
    OpenAiChat,
    /// OpenAI's `POST /responses`.
    OpenAiResponses,
    /// Anthropic's `POST /v1/messages`.
    Anthropic,
    /// Google's `POST /models/MODEL:generateContent`.
    Gemini,
    /// Ollama's `POST /api/chat`.
    Ollama,
}

impl ApiKind {
    /// Every dialect.
    pub const ALL: [Self; 5] = [
        Self::OpenAiChat,
        Self::OpenAiResponses,
        Self::Anthropic,
        Self::Gemini,
        Self::Ollama,
    ];

    /// The name in files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAiChat => "open-ai-chat",
            Self::OpenAiResponses => "open-ai-responses",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
        }
    }

    /// Whether the API has a field for a seed; where it has none, [`ModelRequest::seed`] is not sent.
    #[must_use]
    pub fn takes_seed(self) -> bool {
        matches!(self, Self::OpenAiChat | Self::Gemini | Self::Ollama)
    }
}

/// A request to a model, in the words of OpenAI's chat completions, which every dialect is translated from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelRequest {
    /// Id of the model that is asked for.
    pub model: String,
    /// The conversation so far, oldest first.
    pub messages: Vec<Message>,
    /// Tools: functions in OpenAI's form; any other object is passed on as it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Value>,
    /// Sampling temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Most tokens to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Seed for sampling; see [`ApiKind::takes_seed`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// The form of the answer, as OpenAI's `response_format`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_format: Option<Value>,
    /// Whether the answer should arrive piece by piece, so that the time to the first token can be measured.
    pub stream: bool,
    /// Fields of the dialect itself. They are laid over the translated body, object over object, and win.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl ModelRequest {
    /// The tier that the request asks for, which may cost more than the usual one.
    #[must_use]
    pub fn asked_tier(&self) -> Option<&str> {
        ["speed", "service_tier"]
            .iter()
            .find_map(|name| self.extra.get(*name)?.as_str())
    }

    /// The most tokens that the answer may have, where the request limits them, under the dialects' own names too. Of several
    /// limits the greatest, since servers differ in which they keep.
    #[must_use]
    pub fn asked_limit(&self) -> Option<u32> {
        let flat = ["max_tokens", "max_completion_tokens", "max_output_tokens"]
            .iter()
            .map(|name| self.extra.get(*name));
        let nested = [
            ("generationConfig", "maxOutputTokens"),
            ("options", "num_predict"),
        ]
        .iter()
        .map(|(place, name)| self.extra.get(*place)?.get(*name));
        flat.chain(nested)
            .flatten()
            .filter_map(Value::as_u64)
            .map(|limit| u32::try_from(limit).unwrap_or(u32::MAX))
            .chain(self.max_tokens)
            .max()
    }
}

/// One message of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// `system`, `developer`, `user`, `assistant` or `tool`.
    pub role: String,
    /// A text, typed parts in OpenAI's form, or null.
    #[serde(default)]
    pub content: Value,
    /// Everything else: `tool_calls`, `tool_call_id`, `name` and so on.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Message {
    /// A message of plain text.
    #[must_use]
    pub fn text(role: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            role: role.into(),
            content: Value::String(text.into()),
            extra: Map::new(),
        }
    }

    /// The message's text, parts joined by newlines; empty where there is none.
    #[must_use]
    pub fn plain(&self) -> String {
        value::plain(&self.content)
    }
}

/// What a model answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelAnswer {
    /// The text; empty where the model only called tools or refused.
    pub text: String,
    /// Calls of tools, in order.
    pub tool_calls: Vec<ToolCall>,
    /// Why it stopped, in the API's own word.
    pub finish_reason: Option<String>,
    /// A refusal in the API's own words, where the API tells a refusal apart from text.
    pub refusal: Option<String>,
    /// The model that was really served.
    pub model: Option<String>,
    /// What the call consumed; absent when the API did not say.
    pub usage: Option<Usage>,
    /// The tier that was really served; prices depend on it.
    pub service_tier: Option<String>,
    /// What identifies the serving configuration.
    pub fingerprint: Option<String>,
    /// The provider's id of the request, for its support.
    pub request_id: Option<String>,
    /// From sending to the arrival of the first piece that carries text, a tool call or a refusal; only of a stream.
    pub time_to_first_token: Option<Duration>,
    /// Natural logarithms of the probabilities of the written tokens, where they were asked for.
    pub logprobs: Option<Vec<f64>>,
    /// The body; of a stream, the body that the whole answer would have been.
    pub raw: Value,
}

/// A model's call of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Id that the result names; empty where the API gives none.
    pub id: String,
    /// Name of the tool.
    pub name: String,
    /// Arguments, a JSON text as sent. It need not be valid: a model can be cut off in the middle of it.
    pub arguments: String,
}

/// A streamed answer joined to a whole one.
#[derive(Debug, Default)]
struct Assembly {
    /// What the whole answer would have been.
    body: Value,
    /// Bytes of the stream up to the end of the first piece with content.
    first_content: Option<usize>,
    /// Whether the stream said that it was finished.
    finished: bool,
}

/// One JSON value of a stream.
struct Piece {
    value: Value,
    /// Bytes of the stream up to the end of this piece.
    end: usize,
}

/// The body of a request in a dialect. `official` says whether OpenAI itself is asked, whose newer models refuse names that
/// other servers know.
pub(crate) fn encode(api: ApiKind, request: &ModelRequest, official: bool) -> Value {
    let mut body = match api {
        ApiKind::OpenAiChat => openai_chat::encode(request, official),
        ApiKind::OpenAiResponses => openai_responses::encode(request),
        ApiKind::Anthropic => anthropic::encode(request),
        ApiKind::Gemini => gemini::encode(request),
        ApiKind::Ollama => ollama::encode(request),
    };
    value::lay_over(&mut body, &request.extra);
    Value::Object(body)
}

/// Reads the answer out of a successful exchange.
pub(crate) fn decode(api: ApiKind, exchange: &Exchange) -> Result<ModelAnswer, CallFailure> {
    let form = value::Form::of(exchange);
    let streamed = match form {
        value::Form::Html => return Err(html(exchange)),
        value::Form::Json => None,
        value::Form::Events => Some(value::pieces(sse_values(&exchange.body))?),
        value::Form::Lines => Some(value::pieces(ndjson_values(&exchange.body))?),
    };
    let (body, first_content) = match streamed {
        None => (value::whole(exchange)?, None),
        Some(pieces) => {
            for piece in &pieces {
                in_stream_error(&piece.value)?;
            }
            let assembly = match api {
                ApiKind::OpenAiChat => openai_chat::assemble(pieces),
                ApiKind::OpenAiResponses => openai_responses::assemble(pieces),
                ApiKind::Anthropic => anthropic::assemble(pieces),
                ApiKind::Gemini => gemini::assemble(pieces),
                ApiKind::Ollama => ollama::assemble(pieces),
            };
            if !assembly.finished {
                return Err(CallFailure::new(
                    CallFailureKind::Interrupted,
                    "the stream ended before the model said that it was done; run the case again, and look for a proxy that cuts long answers if it happens again".to_owned(),
                ));
            }
            (assembly.body, assembly.first_content)
        }
    };
    in_stream_error(&body)?;
    let read = match api {
        ApiKind::OpenAiChat => openai_chat::read(&body),
        ApiKind::OpenAiResponses => openai_responses::read(&body),
        ApiKind::Anthropic => anthropic::read(&body),
        ApiKind::Gemini => gemini::read(&body),
        ApiKind::Ollama => ollama::read(&body),
    };
    let mut answer = read.map_err(|missing| {
        CallFailure::new(
            CallFailureKind::Malformed,
            format!(
                "the answer has no `{missing}`, which an answer of this API has; check that the provider's API kind ({}) and base address belong together: {}",
                api.as_str(),
                value::excerpt(&exchange.body)
            ),
        )
    })?;
    answer.request_id = exchange.request_id().map(str::to_owned);
    answer.time_to_first_token = first_content.and_then(|end| exchange.arrival_of(end));
    answer.raw = body;
    Ok(answer)
}

fn sse_values(body: &[u8]) -> Vec<(String, usize, bool)> {
    let mut parser = sse::SseParser::new();
    let mut events = Vec::new();
    parser.push(body, &mut events);
    let mut values: Vec<_> = events
        .into_iter()
        .map(|event| (event.data, event.end, true))
        .collect();
    values.extend(parser.finish().map(|event| (event.data, event.end, false)));
    values.retain(|(data, ..)| data.trim() != "[DONE]");
    values
}

fn ndjson_values(body: &[u8]) -> Vec<(String, usize, bool)> {
    let mut parser = ndjson::NdjsonParser::new();
    let mut lines = Vec::new();
    parser.push(body, &mut lines);
    let mut values: Vec<_> = lines
        .into_iter()
        .map(|line| (line.text, line.end, true))
        .collect();
    values.extend(parser.finish().map(|line| (line.text, line.end, false)));
    values
}

/// APIs report errors that happen after the status has been sent inside the body.
fn in_stream_error(body: &Value) -> Result<(), CallFailure> {
    // `response.failed` carries its error one floor down; a healthy answer of that API has `"error": null`.
    let error = match &body["error"] {
        Value::Null => &body["response"]["error"],
        error => error,
    };
    let message = match error {
        Value::Null => {
            // `{"type": "error", "message": …}`: the form of the responses API.
            if body["type"] != "error" {
                return Ok(());
            }
            body["message"].as_str().unwrap_or_default()
        }
        // Some servers send an empty error with a good answer.
        Value::String(text) if text.is_empty() => return Ok(()),
        Value::Object(fields) if fields.is_empty() => return Ok(()),
        Value::Bool(false) => return Ok(()),
        Value::String(text) => text,
        error => error["message"].as_str().unwrap_or_default(),
    };
    let kind = ["type", "code", "status"]
        .iter()
        .find_map(|name| error[*name].as_str().or_else(|| body[*name].as_str()))
        .unwrap_or("error");
    let limited = kind.contains("rate_limit") || kind == "RESOURCE_EXHAUSTED";
    let (kind, next) = if limited {
        (CallFailureKind::RateLimited, "wait, or ask with less in flight")
    } else {
        (CallFailureKind::ServerError, "run the case again later")
    };
    Err(CallFailure::new(
        kind,
        format!("the provider broke off with an error in the answer: {message}; {next}"),
    ))
}

fn html(exchange: &Exchange) -> CallFailure {
    CallFailure::new(
        CallFailureKind::Malformed,
        format!(
            "a web page came back instead of JSON; check the base address of the provider (a version such as /v1 may be missing, or a proxy asks to sign in): {}",
            value::excerpt(&exchange.body)
        ),
    )
}
