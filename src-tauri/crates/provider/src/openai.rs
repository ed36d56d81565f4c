//! The chat-completions wire shapes that OpenAI defined and that most servers speak.
//!
//! Reading is lenient, since servers differ: what is optional anywhere is optional here, and fields without a name here are
//! kept in `other`, so that a request or response can be passed on without loss. Writing leaves out what is absent.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Body of `POST /v1/chat/completions`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ChatRequest {
    /// Id of the model that is asked for.
    pub model: String,
    /// The conversation so far, oldest first.
    pub messages: Vec<ChatMessage>,
    /// Sampling temperature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Most tokens to write; the older of the two names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Most tokens to write, reasoning included; the newer of the two names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_completion_tokens: Option<u32>,
    /// Whether the answer should arrive as server-sent events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<bool>,
    /// Seed for sampling, where the server honours one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// Everything else: tools, response_format, stop and so on.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl ChatRequest {
    /// The limit on written tokens, whichever name carried it.
    #[must_use]
    pub fn token_limit(&self) -> Option<u32> {
        self.max_completion_tokens.or(self.max_tokens)
    }
}

/// One message of a conversation, in a request or in a response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// Who speaks.
    pub role: Role,
    /// What is said; absent or null where a message carries only tool calls.
    #[serde(default)]
    pub content: Option<Content>,
    /// Everything else: name, tool_calls, tool_call_id, refusal and so on.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl ChatMessage {
    /// A message of plain text.
    #[must_use]
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            content: Some(Content::Text(text.into())),
            other: Map::new(),
        }
    }

    /// The message's text, parts joined by newlines; empty where there is none.
    #[must_use]
    pub fn plain(&self) -> String {
        match &self.content {
            None => String::new(),
            Some(Content::Text(text)) => text.clone(),
            Some(Content::Parts(parts)) => parts
                .iter()
                .filter_map(|part| part.text.as_deref())
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }
}

/// Who speaks in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions by the application.
    System,
    /// The newer name of [`Role::System`].
    Developer,
    /// The person, or whatever stands in for one.
    User,
    /// The model.
    Assistant,
    /// The result of a tool call.
    Tool,
    /// A role that this version has no name for.
    #[serde(untagged)]
    Other(String),
}

impl Role {
    /// Whether messages of this role carry the application's instructions.
    #[must_use]
    pub fn instructs(&self) -> bool {
        matches!(self, Role::System | Role::Developer)
    }
}

/// Content of a message: plain text, or typed parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// Plain text.
    Text(String),
    /// Typed parts: text, images, audio, files.
    Parts(Vec<ContentPart>),
}

/// One part of a message's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContentPart {
    /// The kind of part, such as `text` or `image_url`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The text of a text part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What parts of other kinds carry.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Body of a successful answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatResponse {
    /// The server's id for this answer.
    #[serde(default)]
    pub id: String,
    /// Always `chat.completion`.
    #[serde(default)]
    pub object: String,
    /// Unix time in seconds.
    #[serde(default)]
    pub created: u64,
    /// The model that was really served, which need not be the one asked for.
    #[serde(default)]
    pub model: String,
    /// What identifies the serving configuration, where the server tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_fingerprint: Option<String>,
    /// The answers, usually one.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// What the call consumed, where the server tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl ChatResponse {
    /// Text of the first answer; empty where there is none.
    #[must_use]
    pub fn plain(&self) -> String {
        self.choices
            .first()
            .map(|choice| choice.message.plain())
            .unwrap_or_default()
    }
}

/// One answer of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// Position among the answers.
    #[serde(default)]
    pub index: u32,
    /// What the model said.
    pub message: ChatMessage,
    /// Why it stopped: `stop`, `length`, `tool_calls`, `content_filter`.
    #[serde(default)]
    pub finish_reason: Option<String>,
    /// Everything else, such as logprobs.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// What a call consumed. The details are parts of the two counts, never in addition to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read, cached ones included.
    #[serde(default)]
    pub prompt_tokens: u64,
    /// Tokens written, reasoning included.
    #[serde(default)]
    pub completion_tokens: u64,
    /// The sum of both.
    #[serde(default)]
    pub total_tokens: u64,
    /// What the read tokens consist of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_tokens_details: Option<PromptTokensDetails>,
    /// What the written tokens consist of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion_tokens_details: Option<CompletionTokensDetails>,
}

impl Usage {
    /// The usage of a call without cached or reasoning tokens.
    #[must_use]
    pub fn plain(prompt_tokens: u64, completion_tokens: u64) -> Self {
        Self {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens.saturating_add(completion_tokens),
            ..Self::default()
        }
    }
}

/// What the read tokens consist of. Servers send null for what they do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptTokensDetails {
    /// Tokens served from the provider's prompt cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<u64>,
    /// Tokens of audio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_tokens: Option<u64>,
}

/// What the written tokens consist of. Servers send null for what they do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletionTokensDetails {
    /// Tokens the model thought with and did not show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
    /// Tokens of audio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_tokens: Option<u64>,
    /// Tokens of a given prediction that came true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_prediction_tokens: Option<u64>,
    /// Tokens of a given prediction that did not; they are billed all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_prediction_tokens: Option<u64>,
}

/// Body of `GET /v1/models`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelList {
    /// Always `list`.
    #[serde(default)]
    pub object: String,
    /// The models that the server offers.
    #[serde(default)]
    pub data: Vec<ModelInfo>,
}

/// One model that a server offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// What to put into [`ChatRequest::model`].
    pub id: String,
    /// Always `model`.
    #[serde(default)]
    pub object: String,
    /// Unix time in seconds.
    #[serde(default)]
    pub created: u64,
    /// Whose model it is.
    #[serde(default)]
    pub owned_by: String,
}

/// Body of an answer with an error status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorDetail,
}

/// What went wrong, in the words of the server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// For people.
    #[serde(default)]
    pub message: String,
    /// The class of error, such as `invalid_request_error`.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// The field of the request that is to blame.
    #[serde(default)]
    pub param: Option<String>,
    /// For programs; a word at OpenAI, a number at some other servers.
    #[serde(default)]
    pub code: Option<Value>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_passes_through_without_loss() {
        let body = json!({
            "model": "m", "temperature": 0.2, "tools": [{"type": "function"}],
            "messages": [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {"url": "x"}}]},
                {"role": "assistant", "content": null, "tool_calls": []},
                {"role": "critic", "content": "new"}
            ]
        });
        let request: ChatRequest = serde_json::from_value(body.clone()).unwrap();
        assert_eq!(request.messages[1].plain(), "Hi");
        assert_eq!(request.messages[3].role, Role::Other("critic".into()));
        assert!(request.messages[0].role.instructs());
        assert_eq!(serde_json::to_value(&request).unwrap(), body);
    }

    #[test]
    fn a_sparse_response_is_read() {
        let response: ChatResponse = serde_json::from_value(
            json!({"choices": [{"message": {"role": "assistant", "content": "Yes."}}]}),
        )
        .unwrap();
        assert_eq!(response.plain(), "Yes.");
        assert_eq!(response.usage, None);
        let usage: Usage = serde_json::from_value(json!({
            "prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12,
            "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": null}
        }))
        .unwrap();
        assert_eq!(
            usage
                .prompt_tokens_details
                .and_then(|details| details.cached_tokens),
            Some(4)
        );
    }
}
