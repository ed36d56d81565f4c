//! Errors, in the shape that OpenAI's clients read.

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use provider::openai::{ErrorBody, ErrorDetail};

use crate::practice::{Invalid, PracticeSize};

/// An error in the shape that OpenAI's clients read.
pub(super) struct Problem {
    pub status: StatusCode,
    pub message: String,
    pub param: Option<&'static str>,
    pub code: &'static str,
}

impl Problem {
    pub fn stopped() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            message:
                "The practice model stopped before it could answer. Start it again and repeat the request."
                    .into(),
            param: None,
            code: "stopped",
        }
    }

    /// The body could not be read to its end.
    pub fn unreadable(rejection: &BytesRejection) -> Self {
        Self {
            status: rejection.status(),
            message: format!(
                "The request body could not be read: {rejection}. Bodies up to 8 MB are accepted."
            ),
            param: None,
            code: "unreadable_body",
        }
    }

    /// No practice model has that name.
    pub fn no_model(asked: &str) -> Self {
        let [small, large] = PracticeSize::ALL.map(PracticeSize::id);
        Self {
            status: StatusCode::NOT_FOUND,
            message: format!(
                "There is no model '{asked}' here. Ask for '{small}' or '{large}', or point the base URL at the server that has it."
            ),
            param: Some("model"),
            code: "model_not_found",
        }
    }

    pub fn bad(param: Option<&'static str>, message: String) -> Self {
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

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::bad(Some(invalid.param), invalid.message)
    }
}
