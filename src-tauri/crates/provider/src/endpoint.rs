//! A configured model API: how a neutral request becomes an HTTP request, and an HTTP answer a neutral answer.

use crate::api::{self, ApiKind, ModelAnswer, ModelRequest};
use crate::call::{CallFailure, CallFailureKind};
use crate::embedding::{self, Embeddings};
use crate::exchange::{Exchange, OutgoingRequest};
use crate::key::Secret;
use serde_json::Value;

/// The version of Anthropic's API that is spoken.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// A model API at an address.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The dialect.
    pub api: ApiKind,
    /// Base address, as providers write it in their documentation: `https://api.openai.com/v1`,
    /// `https://api.anthropic.com`, `https://generativelanguage.googleapis.com/v1beta`, `http://localhost:11434`.
    pub base: String,
    /// The key; local servers need none.
    pub key: Option<Secret>,
    /// Further headers. One that the dialect sends too takes its place.
    pub headers: Vec<(String, String)>,
}

impl Endpoint {
    /// An endpoint without further headers.
    #[must_use]
    pub fn new(api: ApiKind, base: impl Into<String>, key: Option<Secret>) -> Self {
        Self {
            api,
            base: base.into(),
            key,
            headers: Vec::new(),
        }
    }

    /// The HTTP request that asks a model.
    pub fn request(&self, request: &ModelRequest) -> Result<OutgoingRequest, CallFailure> {
        if request.model.trim().is_empty() {
            return Err(CallFailure::new(
                CallFailureKind::Request,
                "the request names no model; set one".to_owned(),
            ));
        }
        let path = match self.api {
            ApiKind::OpenAiChat => "chat/completions".to_owned(),
            ApiKind::OpenAiResponses => "responses".to_owned(),
            ApiKind::Anthropic => "messages".to_owned(),
            ApiKind::Gemini => {
                let call = if request.stream {
                    "streamGenerateContent?alt=sse"
                } else {
                    "generateContent"
                };
                format!("{}:{call}", gemini_model(&request.model))
            }
            ApiKind::Ollama => "api/chat".to_owned(),
        };
        let official = self.base.contains("//api.openai.com");
        self.post(&path, &api::encode(self.api, request, official))
    }

    /// Reads a model's answer.
    pub fn answer(&self, exchange: &Exchange) -> Result<ModelAnswer, CallFailure> {
        if exchange.is_success() {
            api::decode(self.api, exchange)
        } else {
            Err(self.scrub(CallFailure::status(exchange)))
        }
    }

    /// The HTTP request that embeds texts.
    pub fn embeddings_request(&self, model: &str, inputs: &[String]) -> Result<OutgoingRequest, CallFailure> {
        let (path, body) = embedding::encode(self.api, model, inputs)?;
        self.post(&path, &body)
    }

    /// Reads embeddings; `expected` is the count of texts that were sent.
    pub fn embeddings_answer(&self, exchange: &Exchange, expected: usize) -> Result<Embeddings, CallFailure> {
        if exchange.is_success() {
            embedding::decode(self.api, exchange, expected)
        } else {
            Err(self.scrub(CallFailure::status(exchange)))
        }
    }

    /// The HTTP request that lists the models, which costs nothing.
    pub fn models_request(&self) -> Result<OutgoingRequest, CallFailure> {
        let path = if self.api == ApiKind::Ollama {
            "api/tags"
        } else {
            "models"
        };
        Ok(OutgoingRequest {
            method: "GET".into(),
            url: self.address(path)?,
            headers: self.all_headers(false),
            body: None,
        })
    }

    /// Reads the list of models.
    pub fn models_answer(&self, exchange: &Exchange) -> Result<Vec<String>, CallFailure> {
        if !exchange.is_success() {
            return Err(self.scrub(CallFailure::status(exchange)));
        }
        let body = api::whole(exchange)?;
        let (list, name) = match self.api {
            ApiKind::Ollama => (&body["models"], "name"),
            ApiKind::Gemini => (&body["models"], "name"),
            _ => (&body["data"], "id"),
        };
        let Some(list) = list.as_array() else {
            return Err(CallFailure::new(
                CallFailureKind::Malformed,
                format!(
                    "the answer lists no models as this API does ({}); check the API kind and the base address: {}",
                    self.api.as_str(),
                    api::excerpt(&exchange.body)
                ),
            ));
        };
        Ok(list
            .iter()
            .filter_map(|model| model[name].as_str())
            .map(|name| name.strip_prefix("models/").unwrap_or(name).to_owned())
            .collect())
    }

    fn post(&self, path: &str, body: &Value) -> Result<OutgoingRequest, CallFailure> {
        Ok(OutgoingRequest {
            method: "POST".into(),
            url: self.address(path)?,
            headers: self.all_headers(true),
            body: Some(body.to_string().into_bytes()),
        })
    }

    /// The address of a call. A base without any path gets the version that the dialect's servers have there.
    fn address(&self, path: &str) -> Result<String, CallFailure> {
        let base = self.base.trim().trim_end_matches('/');
        let Some((_, place)) = base
            .split_once("://")
            .filter(|(scheme, place)| matches!(*scheme, "http" | "https") && !place.is_empty())
        else {
            return Err(CallFailure::new(
                CallFailureKind::Request,
                format!(
                    "the base address `{base}` does not begin with http:// or https://; correct it in the provider's settings"
                ),
            ));
        };
        let bare = !place.contains('/');
        let version = match self.api {
            ApiKind::OpenAiChat | ApiKind::OpenAiResponses if bare => "v1/",
            ApiKind::Anthropic if !base.ends_with("/v1") => "v1/",
            ApiKind::Gemini if bare => "v1beta/",
            _ => "",
        };
        Ok(format!("{base}/{version}{path}"))
    }

    fn all_headers(&self, with_body: bool) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> = Vec::new();
        if with_body {
            headers.push(("content-type".into(), "application/json".into()));
        }
        if let Some(key) = &self.key {
            headers.push(match self.api {
                ApiKind::Anthropic => ("x-api-key".into(), key.expose().to_owned()),
                ApiKind::Gemini => ("x-goog-api-key".into(), key.expose().to_owned()),
                _ => ("authorization".into(), format!("Bearer {}", key.expose())),
            });
        }
        if self.api == ApiKind::Anthropic {
            headers.push(("anthropic-version".into(), ANTHROPIC_VERSION.into()));
        }
        headers.retain(|(name, _)| !self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)));
        headers.extend(self.headers.iter().cloned());
        headers
    }

    /// A failure whose message does not quote the key.
    pub(crate) fn scrub(&self, mut failure: CallFailure) -> CallFailure {
        if let Some(key) = &self.key {
            failure.message = key.scrub(&failure.message);
        }
        failure
    }
}

/// `models/NAME`, whether or not it was written that way.
pub(crate) fn gemini_model(model: &str) -> String {
    if model.contains('/') {
        model.to_owned()
    } else {
        format!("models/{model}")
    }
}
