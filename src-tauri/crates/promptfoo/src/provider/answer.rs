//! What a provider gave back.

use super::CallError;
use harness::Cause;
use provider::Usage;
use serde_json::{Map, Value, json};

/// An answer of a provider, in the words of promptfoo's provider responses.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// Output; null where there is none.
    pub output: Value,
    /// Why there is no answer.
    pub error: Option<String>,
    /// Which of the named causes that is; absent where a script or a program says it.
    pub cause: Option<Cause>,
    /// The model that answered, by its own word. Scripts do not see it, as they do not in promptfoo.
    pub model: Option<String>,
    /// Cost in US dollars; absent where it is not known.
    pub cost: Option<f64>,
    /// What the call of a model consumed in every detail.
    pub usage: Option<Usage>,
    /// The tier that a model was served at, on which its price depends.
    pub service_tier: Option<String>,
    /// Milliseconds that the provider itself names.
    pub latency_ms: Option<f64>,
    /// Log probabilities of the tokens.
    pub log_probabilities: Option<Vec<f64>>,
    /// Why the answer ended.
    pub finish_reason: Option<String>,
    /// What the provider says of safety.
    pub guardrails: Option<Value>,
    /// Metadata.
    pub metadata: Option<Value>,
    /// Everything else that a script sees of a response: raw, tokenUsage, cached, ….
    pub more: Map<String, Value>,
}

impl Response {
    /// An answer with an output and nothing else.
    pub(crate) fn of(output: impl Into<Value>) -> Self {
        Self {
            output: output.into(),
            ..Self::default()
        }
    }

    /// An error.
    pub(crate) fn failed(error: CallError) -> Self {
        Self {
            error: Some(error.message),
            cause: Some(error.cause),
            ..Self::default()
        }
    }

    /// Why there is no answer, where there is none.
    pub(crate) fn failure(&self) -> Option<CallError> {
        let message = self.error.clone()?;
        Some(CallError {
            cause: self.cause.unwrap_or(Cause::CommandFailed),
            message,
        })
    }

    /// A mapping that a script returned.
    pub(crate) fn of_mapping(mut fields: Map<String, Value>) -> Self {
        let text = |value: Option<Value>| value.filter(|value| !value.is_null() && *value != json!(""));
        let number = |value: Option<Value>| value.and_then(|value| value.as_f64());
        Self {
            output: fields.remove("output").unwrap_or_default(),
            error: text(fields.remove("error")).map(|error| crate::document::text(&error)),
            cause: None,
            model: None,
            usage: None,
            service_tier: None,
            cost: number(fields.remove("cost")),
            latency_ms: number(fields.remove("latencyMs")),
            log_probabilities: fields.remove("logProbs").and_then(|list| {
                list.as_array()
                    .map(|list| list.iter().filter_map(Value::as_f64).collect())
            }),
            finish_reason: fields
                .remove("finishReason")
                .and_then(|reason| reason.as_str().map(str::to_owned)),
            guardrails: text(fields.remove("guardrails")),
            metadata: text(fields.remove("metadata")),
            more: fields,
        }
    }

    /// The mapping that scripts see as `providerResponse`.
    pub(crate) fn to_mapping(&self) -> Value {
        let mut all = self.more.clone();
        all.insert("output".into(), self.output.clone());
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                all.insert(key.into(), value);
            }
        };
        put("error", self.error.as_ref().map(|error| json!(error)));
        put("cost", self.cost.map(|cost| json!(cost)));
        put("latencyMs", self.latency_ms.map(|latency| json!(latency)));
        put(
            "logProbs",
            self.log_probabilities.as_ref().map(|list| json!(list)),
        );
        put(
            "finishReason",
            self.finish_reason.as_ref().map(|reason| json!(reason)),
        );
        put("guardrails", self.guardrails.clone());
        put("metadata", self.metadata.clone());
        let mut whole = Value::Object(all);
        crate::document::normalize(&mut whole);
        whole
    }
}
