//! Embeddings: texts as vectors.
//!
//! OpenAI `POST /embeddings`, Gemini `POST /models/MODEL:batchEmbedContents`, Ollama `POST /api/embed`. Anthropic has none.

use crate::Usage;
use crate::api::{self, ApiKind};
use crate::call::{CallFailure, CallFailureKind};
use crate::endpoint::gemini_model;
use crate::exchange::Exchange;
use serde_json::{Value, json};

/// Texts as vectors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embeddings {
    /// One vector a text, in the order of the texts.
    pub vectors: Vec<Vec<f32>>,
    /// What the call consumed; absent when the API did not say.
    pub usage: Option<Usage>,
    /// The model that was really served.
    pub model: Option<String>,
}

/// Path and body of the request.
pub(crate) fn encode(kind: ApiKind, model: &str, inputs: &[String]) -> Result<(String, Value), CallFailure> {
    Ok(match kind {
        ApiKind::OpenAiChat | ApiKind::OpenAiResponses => (
            "embeddings".into(),
            json!({"model": model, "input": inputs, "encoding_format": "float"}),
        ),
        ApiKind::Ollama => ("api/embed".into(), json!({"model": model, "input": inputs})),
        ApiKind::Gemini => {
            let name = gemini_model(model);
            let requests: Vec<Value> = inputs
                .iter()
                .map(|input| json!({"model": name, "content": {"parts": [{"text": input}]}}))
                .collect();
            (
                format!("{name}:batchEmbedContents"),
                json!({"requests": requests}),
            )
        }
        ApiKind::Anthropic => {
            return Err(CallFailure::new(
                CallFailureKind::Request,
                "Anthropic's API has no embeddings; name another provider for them".into(),
            ));
        }
    })
}

/// Reads the answer. A count of vectors that is not that of the texts is an error: nobody could say which belongs to which.
pub(crate) fn decode(kind: ApiKind, exchange: &Exchange, expected: usize) -> Result<Embeddings, CallFailure> {
    let mut body = api::whole(exchange)?;
    let (list, values) = match kind {
        ApiKind::Gemini => ("embeddings", Some("values")),
        ApiKind::Ollama => ("embeddings", None),
        _ => ("data", Some("embedding")),
    };
    let mut entries = match body.get_mut(list).map(Value::take) {
        Some(Value::Array(entries)) => entries,
        _ => return Err(malformed(&format!("no list `{list}`"), exchange)),
    };
    // Servers may answer out of order, and say so.
    entries.sort_by_key(|entry| entry["index"].as_u64().unwrap_or(0));
    let vectors: Option<Vec<Vec<f32>>> = entries
        .iter()
        .map(|entry| vector(values.map_or(entry, |name| &entry[name])))
        .collect();
    let vectors = vectors.ok_or_else(|| malformed("an embedding that is no list of numbers", exchange))?;
    if vectors.len() != expected {
        return Err(malformed(
            &format!("{} embeddings for {expected} texts", vectors.len()),
            exchange,
        ));
    }
    // Embeddings write nothing, so the read tokens are the whole usage.
    let read = match kind {
        ApiKind::Ollama => body["prompt_eval_count"].as_u64(),
        ApiKind::Gemini => body["usageMetadata"]["promptTokenCount"].as_u64(),
        _ => body["usage"]["prompt_tokens"].as_u64(),
    };
    Ok(Embeddings {
        vectors,
        usage: read.map(|input| Usage {
            input,
            ..Usage::default()
        }),
        model: body["model"].as_str().map(str::to_owned),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the models compute in single precision or less"
)]
fn vector(value: &Value) -> Option<Vec<f32>> {
    let numbers = value.as_array()?;
    numbers
        .iter()
        .map(|number| number.as_f64().map(|number| number as f32))
        .collect()
}

fn malformed(what: &str, exchange: &Exchange) -> CallFailure {
    CallFailure::new(
        CallFailureKind::Malformed,
        format!(
            "the answer has {what}; check that the model is one for embeddings and the API kind is right: {}",
            api::excerpt(&exchange.body)
        ),
    )
}
