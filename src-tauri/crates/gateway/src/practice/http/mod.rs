//! The HTTP face of the practice models. What they decide is decided in [`super::decide`]; here it is only put on the wire, so
//! that streaming renders the same decision in pieces, and recording or faults can stand between the two.

mod chat;
mod embeddings;
mod problem;
mod stream;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use provider::openai::{ModelInfo, ModelList};
use serde_json::json;

use super::{PRACTICE_MODEL, PRACTICE_VERSION, PracticeSize};
use problem::Problem;

/// Longest request body that is read.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// What every request sees.
pub(super) struct Practice {
    pub seed: u64,
}

pub(super) fn router(practice: Practice) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat::chat))
        .route("/v1/embeddings", post(embeddings::embeddings))
        .route("/v1/models", get(models))
        .route("/healthz", get(health))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(Arc::new(practice))
}

/// Unix time in seconds.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

async fn models() -> Json<ModelList> {
    let model = |size: PracticeSize| ModelInfo {
        id: size.id().into(),
        object: "model".into(),
        created: 0,
        owned_by: "transition-playbook".into(),
    };
    Json(ModelList {
        object: "list".into(),
        data: PracticeSize::ALL.map(model).to_vec(),
    })
}

async fn health() -> Response {
    Json(json!({ "status": "ok", "model": PRACTICE_MODEL, "models": PracticeSize::ALL.map(PracticeSize::id), "version": PRACTICE_VERSION })).into_response()
}

async fn unknown(uri: Uri) -> Problem {
    Problem {
        status: StatusCode::NOT_FOUND,
        message: format!(
            "There is nothing at {}. This server has /v1/chat/completions, /v1/embeddings, /v1/models and /healthz; a base URL ends in /v1.",
            uri.path()
        ),
        param: None,
        code: "unknown_url",
    }
}

async fn wrong_method(uri: Uri) -> Problem {
    Problem {
        status: StatusCode::METHOD_NOT_ALLOWED,
        message: format!(
            "{} does not take this method. Send POST to /v1/chat/completions and /v1/embeddings, GET to the others.",
            uri.path()
        ),
        param: None,
        code: "method_not_allowed",
    }
}
