//! Model calls through the provider crate's caller, with its retries, recordings and cap.

use crate::{
    document,
    provider::{CallError, Embedding, HttpReply, HttpRequest, ModelApi, ModelCall, ModelCalls, ModelReply},
};
use chrono::Utc;
use evidence::PicoUsd;
use futures::{FutureExt as _, future::BoxFuture};
use harness::{Cause, target::Accounts};
use provider::{
    ApiKind, CallFailure, Caller, Endpoint, Message, ModelRequest, OutgoingRequest, PriceContext, PriceTable,
    Secret, ToolCall, Usage,
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// Asks models and services through a [`Caller`].
pub struct ProviderCalls {
    caller: Caller,
    accounts: Option<Arc<dyn Accounts + Send + Sync>>,
    prices: Arc<PriceTable>,
    variables: BTreeMap<String, String>,
}

impl ProviderCalls {
    /// With prices, which decide what a call cost, and environment variables, which hold keys and addresses.
    pub fn new(caller: Caller, prices: Arc<PriceTable>, variables: BTreeMap<String, String>) -> Self {
        Self {
            caller,
            accounts: None,
            prices,
            variables,
        }
    }

    /// Holds the calls of models to the daily caps of those who bill for them.
    #[must_use]
    pub fn with_accounts(mut self, accounts: Arc<dyn Accounts + Send + Sync>) -> Self {
        self.accounts = Some(accounts);
        self
    }

    fn caller_of(&self, endpoint: &Endpoint) -> Caller {
        let guard = self
            .accounts
            .as_ref()
            .and_then(|accounts| accounts.guard(None, &endpoint.base));
        let caller = self.caller.clone();
        match guard {
            Some(guard) => caller.with_spending(guard),
            None => caller,
        }
    }

    fn setting(&self, call: &ModelCall, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| {
            let own = call.environment.get(*name).and_then(Value::as_str);
            own.or_else(|| self.variables.get(*name).map(String::as_str))
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
        })
    }

    fn endpoint(&self, call: &ModelCall) -> Endpoint {
        let (kind, keys, bases, default): (_, &[&str], &[&str], _) = match call.api {
            ModelApi::OpenAiChat | ModelApi::OpenAiResponses => (
                if call.api == ModelApi::OpenAiChat {
                    ApiKind::OpenAiChat
                } else {
                    ApiKind::OpenAiResponses
                },
                &["OPENAI_API_KEY"],
                &["OPENAI_API_BASE_URL", "OPENAI_BASE_URL"],
                "https://api.openai.com/v1",
            ),
            ModelApi::Anthropic => (
                ApiKind::Anthropic,
                &["ANTHROPIC_API_KEY"],
                &["ANTHROPIC_BASE_URL"],
                "https://api.anthropic.com",
            ),
            ModelApi::Gemini => (
                ApiKind::Gemini,
                &["GEMINI_API_KEY", "GOOGLE_API_KEY", "PALM_API_KEY"],
                &["GOOGLE_API_BASE_URL"],
                "https://generativelanguage.googleapis.com/v1beta",
            ),
            ModelApi::Ollama => (
                ApiKind::Ollama,
                &["OLLAMA_API_KEY"],
                &["OLLAMA_BASE_URL"],
                "http://localhost:11434",
            ),
        };
        let text = |key: &str| {
            call.config
                .get(key)
                .and_then(Value::as_str)
                .filter(|value| !value.is_empty())
        };
        let base = text("apiHost")
            .map(|host| format!("https://{host}/v1"))
            .or_else(|| text("apiBaseUrl").map(str::to_owned))
            .or_else(|| self.setting(call, bases))
            .unwrap_or_else(|| default.to_owned());
        let key = text("apiKey")
            .map(str::to_owned)
            .or_else(|| text("apiKeyEnvar").and_then(|name| self.setting(call, &[name])))
            .or_else(|| self.setting(call, keys));
        let mut endpoint = Endpoint::new(kind, base, key.map(|key| Secret::new(&key)));
        let headers = call.config.get("headers").and_then(Value::as_object);
        endpoint.headers = headers
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), document::text(value)))
            .collect();
        endpoint
    }

    fn cost(&self, model: &str, usage: Option<&Usage>, tier: Option<&str>) -> Option<PicoUsd> {
        let context = PriceContext::served(tier, Utc::now())?;
        Some(self.prices.price(model, usage?, &context)?.cost)
    }

    async fn ask(&self, call: ModelCall) -> Result<ModelReply, CallError> {
        let endpoint = self.endpoint(&call);
        let request = request(&call).map_err(|message| CallError {
            cause: Cause::RequestTemplate,
            message,
        })?;
        let asked = self
            .caller_of(&endpoint)
            .chat(&endpoint, &request)
            .await
            .map_err(unanswered)?;
        let answer = asked.answer;
        let choice = answer.raw.pointer("/choices/0/message");
        let reasoning = choice
            .and_then(|message| {
                message
                    .get("reasoning")
                    .or_else(|| message.get("reasoning_content"))
            })
            .and_then(Value::as_str)
            .map(str::to_owned);
        // OpenAI's own shape where it is OpenAI's, so that scripts see what they see in promptfoo.
        let own_shape = choice
            .and_then(|message| message.get("tool_calls"))
            .filter(|calls| calls.is_array());
        let tool_calls = match own_shape {
            Some(calls) => Some(calls.clone()),
            None if answer.tool_calls.is_empty() => None,
            None => Some(answer.tool_calls.iter().map(tool_call).collect()),
        };
        let named = answer.model.as_deref().unwrap_or(&call.model);
        Ok(ModelReply {
            cost: self.cost(named, answer.usage.as_ref(), answer.service_tier.as_deref()),
            practice: self.prices.is_practice(named),
            model: answer.model,
            usage: answer.usage,
            service_tier: answer.service_tier,
            text: answer.text,
            tool_calls,
            refusal: answer.refusal,
            reasoning,
            finish_reason: answer.finish_reason,
            log_probabilities: answer.logprobs,
            latency_ms: Some(asked.exchange.total.as_secs_f64() * 1000.0),
        })
    }
}

fn unanswered(failure: CallFailure) -> CallError {
    CallError {
        cause: failure.kind.into(),
        message: failure.message,
    }
}

fn tool_call(call: &ToolCall) -> Value {
    json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": call.arguments } })
}

/// The request with promptfoo's defaults: temperature 0 and 1,024 tokens, unless the model reasons.
fn request(call: &ModelCall) -> Result<ModelRequest, String> {
    let config = &call.config;
    let messages: Vec<Message> = match &call.messages {
        Value::Array(_) => serde_json::from_value(call.messages.clone())
            .map_err(|error| format!("the prompt is no list of chat messages: {error}"))?,
        other => vec![Message::text("user", other.to_string())],
    };
    let name = call.model.rsplit('/').next().unwrap_or(&call.model);
    let reasons = ["o1", "o3", "o4", "gpt-5"]
        .iter()
        .any(|family| name.starts_with(family));
    let number = |key: &str| config.get(key).and_then(Value::as_f64);
    let whole = |key: &str| {
        config
            .get(key)
            .and_then(Value::as_u64)
            .and_then(|value| u32::try_from(value).ok())
    };
    let defaults = !config
        .get("omitDefaults")
        .is_some_and(|omit| omit == &json!(true));
    let limited = matches!(
        call.api,
        ModelApi::OpenAiChat | ModelApi::OpenAiResponses | ModelApi::Anthropic
    );
    let mut extra = Map::new();
    for key in [
        "top_p",
        "stop",
        "presence_penalty",
        "frequency_penalty",
        "tool_choice",
        "reasoning_effort",
        "reasoning",
        "max_completion_tokens",
        "service_tier",
        "user",
        "store",
        "metadata",
        "top_k",
        "thinking",
        "generationConfig",
        "safetySettings",
        "systemInstruction",
        "options",
        "functions",
        "function_call",
        "verbosity",
    ] {
        if let Some(value) = config.get(key) {
            extra.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(Value::Object(more)) = config.get("passthrough") {
        extra.extend(more.clone());
    }
    Ok(ModelRequest {
        model: call.model.clone(),
        messages,
        tools: config
            .get("tools")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default(),
        temperature: number("temperature")
            .or((defaults && !reasons && limited).then_some(0.0))
            .filter(|_| !reasons),
        max_tokens: whole("max_tokens")
            .or((defaults && limited).then_some(1024))
            .filter(|_| !reasons),
        seed: config.get("seed").and_then(Value::as_i64),
        response_format: config
            .get("response_format")
            .filter(|format| format.is_object())
            .cloned(),
        stream: false,
        extra,
    })
}

impl ModelCalls for ProviderCalls {
    fn chat<'a>(&'a self, call: ModelCall) -> BoxFuture<'a, Result<ModelReply, CallError>> {
        self.ask(call).boxed()
    }

    fn embed<'a>(&'a self, call: ModelCall, text: String) -> BoxFuture<'a, Result<Embedding, CallError>> {
        async move {
            let endpoint = self.endpoint(&call);
            let embedded = self
                .caller_of(&endpoint)
                .embed(&endpoint, &call.model, &[text])
                .await
                .map_err(unanswered)?;
            let answer = embedded.answer;
            let named = answer.model.as_deref().unwrap_or(&call.model);
            let cost = self.cost(named, answer.usage.as_ref(), None);
            let practice = self.prices.is_practice(named);
            let vector = answer.vectors.into_iter().next();
            let vector = vector.ok_or_else(|| CallError {
                cause: Cause::MalformedResponse,
                message: "No embedding".into(),
            })?;
            Ok(Embedding {
                vector: vector.into_iter().map(f64::from).collect(),
                cost,
                usage: answer.usage,
                practice,
            })
        }
        .boxed()
    }

    fn send<'a>(&'a self, request: HttpRequest) -> BoxFuture<'a, Result<HttpReply, CallError>> {
        async move {
            let outgoing = OutgoingRequest {
                method: request.method,
                url: request.url,
                headers: request.headers,
                body: request.body.map(String::into_bytes),
            };
            let exchange = match self.caller.send(outgoing).await {
                Ok(call) => call.exchange,
                // A status is an answer, whatever it says.
                Err(CallFailure {
                    exchange: Some(exchange),
                    ..
                }) => *exchange,
                Err(failure) => return Err(unanswered(failure)),
            };
            Ok(HttpReply {
                status: exchange.status,
                headers: exchange
                    .headers
                    .iter()
                    .map(|(name, value)| (name.to_lowercase(), value.clone()))
                    .collect(),
                body: String::from_utf8_lossy(&exchange.body).into_owned(),
                latency_ms: exchange.total.as_secs_f64() * 1000.0,
            })
        }
        .boxed()
    }
}
