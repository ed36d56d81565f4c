//! The HTTP face of the practice model. What it decides is decided in [`super::answer`]; here it is only put on the wire, so
//! that streaming can render the same decision in pieces, and recording or faults can stand between the two.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use provider::openai::{
    ChatMessage, ChatRequest, ChatResponse, Choice, ErrorBody, ErrorDetail, ModelInfo, ModelList, Role, Usage,
};
use serde_json::{Map, json};

use super::{PRACTICE_MODEL, PRACTICE_VERSION, PracticeAnswer, answer, fingerprint, seeded};

/// Longest request body that is read.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// What every request sees.
pub(super) struct Practice {
    pub seed: u64,
}

pub(super) fn router(practice: Practice) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(chat))
        .route("/v1/models", get(models))
        .route("/healthz", get(health))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(Arc::new(practice))
}

async fn chat(State(practice): State<Arc<Practice>>, body: Result<Bytes, BytesRejection>) -> Response {
    let request = match read(body) {
        Ok(request) => request,
        Err(problem) => return problem.into_response(),
    };
    let seed = practice.seed;
    // A long prompt is work; it must not keep other calls waiting.
    let decided = tokio::task::spawn_blocking(move || (answer(&request, seed), request)).await;
    let Ok((answer, request)) = decided else {
        return Problem::stopped().into_response();
    };
    tokio::time::sleep(answer.latency()).await;
    Json(render(&request, answer, seed)).into_response()
}

/// Takes a body for what it says, or explains what is wrong with it.
fn read(body: Result<Bytes, BytesRejection>) -> Result<ChatRequest, Problem> {
    let body = body.map_err(|rejection| Problem {
        status: rejection.status(),
        message: format!("The request body could not be read: {rejection}. Bodies up to 8 MB are accepted."),
        param: None,
        code: "unreadable_body",
    })?;
    let request: ChatRequest = serde_json::from_slice(&body).map_err(|error| {
        Problem::bad(None, format!(
            "The body is not a chat request: {error}. Send JSON such as {{\"model\": \"{PRACTICE_MODEL}\", \"messages\": [{{\"role\": \"user\", \"content\": \"...\"}}]}}."
        ))
    })?;
    if request.model != PRACTICE_MODEL {
        return Err(Problem {
            status: StatusCode::NOT_FOUND,
            message: format!(
                "There is no model '{}' here. Ask for '{PRACTICE_MODEL}', or point the base URL at the server that has it.",
                request.model
            ),
            param: Some("model"),
            code: "model_not_found",
        });
    }
    if request.messages.is_empty() {
        return Err(Problem::bad(
            Some("messages"),
            "There are no messages. Send at least one with the role 'user'.".into(),
        ));
    }
    if request.stream == Some(true) {
        return Err(Problem::bad(
            Some("stream"),
            "The practice model does not stream. Leave out 'stream', or set it to false.".into(),
        ));
    }
    Ok(request)
}

fn render(request: &ChatRequest, answer: PracticeAnswer, seed: u64) -> ChatResponse {
    let said: Vec<String> = request.messages.iter().map(ChatMessage::plain).collect();
    let parts: Vec<&str> = said
        .iter()
        .map(String::as_str)
        .chain([answer.text.as_str()])
        .collect();
    ChatResponse {
        id: format!("chatcmpl-practice-{:016x}", seeded::hash(seed, &parts)),
        object: "chat.completion".into(),
        created: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
        model: PRACTICE_MODEL.into(),
        system_fingerprint: Some(fingerprint(seed)),
        usage: Some(Usage::plain(answer.prompt_tokens, answer.completion_tokens)),
        choices: vec![Choice {
            index: 0,
            finish_reason: Some(if answer.truncated { "length" } else { "stop" }.into()),
            message: ChatMessage::text(Role::Assistant, answer.text),
            other: Map::new(),
        }],
        other: Map::new(),
    }
}

async fn models() -> Json<ModelList> {
    let model = ModelInfo {
        id: PRACTICE_MODEL.into(),
        object: "model".into(),
        created: 0,
        owned_by: "transition-playbook".into(),
    };
    Json(ModelList {
        object: "list".into(),
        data: vec![model],
    })
}

async fn health() -> Response {
    Json(json!({ "status": "ok", "model": PRACTICE_MODEL, "version": PRACTICE_VERSION })).into_response()
}

async fn unknown(uri: Uri) -> Problem {
    Problem {
        status: StatusCode::NOT_FOUND,
        message: format!(
            "There is nothing at {}. This server has /v1/chat/completions, /v1/models and /healthz; a base URL ends in /v1.",
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
            "{} does not take this method. Send POST to /v1/chat/completions, GET to the others.",
            uri.path()
        ),
        param: None,
        code: "method_not_allowed",
    }
}

/// An error in the shape that OpenAI's clients read.
struct Problem {
    status: StatusCode,
    message: String,
    param: Option<&'static str>,
    code: &'static str,
}

impl Problem {
    fn stopped() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            message:
                "The practice model stopped before it could answer. Start it again and repeat the request."
                    .into(),
            param: None,
            code: "stopped",
        }
    }

    fn bad(param: Option<&'static str>, message: String) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message,
            param,
            code: "invalid_request",
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let error = ErrorDetail {
            message: self.message,
            kind: Some(
                if self.status.is_client_error() {
                    "invalid_request_error"
                } else {
                    "server_error"
                }
                .into(),
            ),
            param: self.param.map(Into::into),
            code: Some(self.code.into()),
        };
        (self.status, Json(ErrorBody { error })).into_response()
    }
}
