//! Embeddings.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::Problem;
use crate::practice::embed::{DIMENSIONS, embed};
use crate::practice::{PracticeSize, tokens};

/// Most texts of one request.
const MOST_TEXTS: usize = 2048;

#[derive(Deserialize)]
struct EmbeddingsRequest {
    model: String,
    /// A text or a list of texts; lists of token numbers are refused in words of our own.
    input: Value,
    #[serde(default)]
    encoding_format: Option<Encoding>,
    #[serde(default)]
    dimensions: Option<usize>,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    #[default]
    Float,
    Base64,
}

pub(super) async fn embeddings(body: Result<Bytes, BytesRejection>) -> Response {
    let (size, texts, dimensions, encoding) = match read(body) {
        Ok(read) => read,
        Err(problem) => return problem.into_response(),
    };
    let read: u64 = texts.iter().map(|text| tokens(text.chars().count())).sum();
    let embedded = tokio::task::spawn_blocking(move || {
        let each = texts.iter().enumerate().map(|(index, text)| {
            let embedding = written(&embed(text, dimensions), encoding);
            json!({ "object": "embedding", "index": index, "embedding": embedding })
        });
        each.collect::<Vec<Value>>()
    });
    let Ok(data) = embedded.await else {
        return Problem::stopped().into_response();
    };
    tokio::time::sleep(size.before_writing(read)).await;
    let usage = json!({ "prompt_tokens": read, "total_tokens": read });
    Json(json!({ "object": "list", "data": data, "model": size.id(), "usage": usage })).into_response()
}

fn written(embedding: &[f32], encoding: Encoding) -> Value {
    match encoding {
        Encoding::Float => json!(embedding),
        // Little-endian single precision, as OpenAI's clients read it.
        Encoding::Base64 => {
            let bytes: Vec<u8> = embedding.iter().flat_map(|value| value.to_le_bytes()).collect();
            Value::String(STANDARD.encode(bytes))
        }
    }
}

fn read(
    body: Result<Bytes, BytesRejection>,
) -> Result<(PracticeSize, Vec<String>, usize, Encoding), Problem> {
    let body = body.map_err(|rejection| Problem::unreadable(&rejection))?;
    let request: EmbeddingsRequest = serde_json::from_slice(&body).map_err(|error| {
        Problem::bad(None, format!(
            "The body is not an embeddings request: {error}. Send JSON such as {{\"model\": \"practice-small\", \"input\": [\"...\"]}}."
        ))
    })?;
    let size = PracticeSize::named(&request.model).ok_or_else(|| Problem::no_model(&request.model))?;
    let bad = |message: &str| Err(Problem::bad(Some("input"), message.into()));
    let texts: Option<Vec<String>> = match request.input {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    };
    let Some(texts) = texts else {
        return bad(
            "The practice model embeds texts, not token numbers. Send 'input' as a text or a list of texts.",
        );
    };
    if texts.is_empty() || texts.iter().any(String::is_empty) {
        return bad(
            "There is nothing to embed: 'input' is empty or holds an empty text. Leave empty texts out.",
        );
    }
    if texts.len() > MOST_TEXTS {
        return bad("There are more than 2048 texts. Send them in several requests.");
    }
    let dimensions = request.dimensions.unwrap_or(DIMENSIONS);
    if !(1..=DIMENSIONS).contains(&dimensions) {
        return Err(Problem::bad(
            Some("dimensions"),
            format!(
                "An embedding has 1 to {DIMENSIONS} dimensions here, not {dimensions}. Leave 'dimensions' out for {DIMENSIONS}."
            ),
        ));
    }
    Ok((
        size,
        texts,
        dimensions,
        request.encoding_format.unwrap_or_default(),
    ))
}
