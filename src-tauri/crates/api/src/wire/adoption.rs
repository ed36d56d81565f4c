//! Adopting a project of one's own: how it starts, one request, mapping the answer, five cases.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// Asks how a folder's program might start.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct InspectRequest {
    /// The folder.
    pub folder: String,
}

/// A way in which the program might start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StartProposal {
    /// The command, as one would type it.
    pub command: String,
    /// How the port reaches it: an environment variable, or `{port}` in the command.
    pub port: PortWay,
    /// Why this is proposed: "app.py creates a Flask app".
    pub reason: String,
}

/// How a service learns its port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum PortWay {
    /// An environment variable.
    Environment {
        /// Its name.
        name: String,
    },
    /// `{port}` stands in the command.
    Argument,
    /// It always uses this port.
    Fixed {
        /// The port.
        port: u16,
    },
}

/// A request that the program seems to answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RequestProposal {
    /// GET or POST.
    pub method: String,
    /// Path, with `{{question}}` where the question belongs in a GET.
    pub path: String,
    /// Name of the JSON field that carries the question in a POST.
    pub question_field: Option<String>,
    /// Why this is proposed: "app.py line 12".
    pub reason: String,
}

/// What the folder says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Inspection {
    /// The folder, absolute.
    pub folder: String,
    /// Name proposed for the project.
    pub name: String,
    /// Ways to start, most likely first; may be empty.
    pub starts: Vec<StartProposal>,
    /// Requests, most likely first; may be empty.
    pub requests: Vec<RequestProposal>,
    /// A path that answers when it is ready.
    pub health: String,
    /// A suite that is there already; then nothing needs adopting.
    pub existing_suite: Option<String>,
}

/// How to start a program and what to ask of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServiceSpec {
    /// The command, as one would type it.
    pub command: String,
    /// How the port reaches it.
    pub port: PortWay,
    /// Path that answers when it is ready; empty if an open port is enough.
    pub health: String,
    /// GET or POST.
    pub method: String,
    /// Path of the request.
    pub path: String,
    /// JSON field that carries the question in a POST.
    pub question_field: Option<String>,
}

/// Starts the program, asks one question, stops it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TryRequest {
    /// The folder.
    pub folder: String,
    /// How to start and ask.
    pub service: ServiceSpec,
    /// The question.
    pub question: String,
    /// Whether the person trusts the folder's commands.
    pub trusted: bool,
}

/// A value in a real response that can be pointed at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ResponseValue {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// Text, number, list of 3, …
    pub kind: String,
    /// The value, shortened.
    pub preview: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TryResponse {
    /// HTTP status.
    pub status: u16,
    /// Milliseconds.
    pub latency_ms: f64,
    /// The path that answered when it was ready; empty if none did with success, so that an open port is enough.
    pub health: String,
    /// The response.
    #[ts(type = "unknown")]
    pub body: Value,
    /// Every value that can be pointed at.
    pub values: Vec<ResponseValue>,
    /// A mapping that fits, for the person to confirm or change.
    pub proposed: Mapping,
}

/// Where in the response the things are that graders need. JSON pointers; absent is "not in the response".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Mapping {
    /// The answer's text.
    pub answer: Option<String>,
    /// Cited ids.
    pub citations: Option<String>,
    /// Retrieved passages.
    pub passages: Option<String>,
    /// Id within a passage.
    pub passage_id: Option<String>,
    /// Text within a passage.
    pub passage_text: Option<String>,
    /// Whether it refused.
    pub refused: Option<String>,
    /// Model that answered.
    pub model: Option<String>,
    /// Tokens read.
    pub input_tokens: Option<String>,
    /// Tokens written.
    pub output_tokens: Option<String>,
}

/// A case that the person typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TypedCase {
    /// The question.
    pub question: String,
    /// What a right answer must hold; empty for "it should refuse".
    pub expected: String,
    /// Category, in the person's words.
    pub category: String,
}

/// Writes the suite and makes the folder a project.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AdoptRequest {
    /// The folder.
    pub folder: String,
    /// How to start and ask.
    pub service: ServiceSpec,
    /// Where things are in the response.
    pub mapping: Mapping,
    /// Cases, five at best.
    pub cases: Vec<TypedCase>,
    /// Whether the person trusts the folder's commands.
    pub trusted: bool,
}

/// What adopting wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Adopted {
    /// The project.
    pub project: evidence::ProjectId,
    /// Files written, within the folder.
    pub files: Vec<String>,
}
