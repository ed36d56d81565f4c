//! The suite file as it is written: every key, its meaning and its default. The JSON Schema is generated from here.

use super::quantity::Quantity;
use crate::grader::file::GraderFile;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;

/// A Transition Playbook eval suite.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Transition Playbook suite")]
pub struct SuiteFile {
    /// Version of this format. Always 1.
    #[schemars(with = "u32", range(min = 1, max = 1))]
    pub version: Spanned<u32>,
    /// Short name, as it appears beside every run: `golden`.
    #[schemars(with = "String", length(min = 1))]
    pub name: Spanned<String>,
    /// What the suite is for, in a sentence.
    #[serde(default)]
    pub description: String,
    /// The dataset: a .jsonl, .json, .csv or .yaml file, relative to this file.
    #[schemars(with = "String")]
    pub dataset: Spanned<String>,
    /// What is measured.
    #[serde(default)]
    pub target: Option<TargetFile>,
    /// Several targets, measured side by side in one go: a run for each.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub targets: Vec<TargetFile>,
    /// How often each case is run. Default 1.
    #[serde(default)]
    #[schemars(with = "Option<u32>", range(min = 1, max = 10000))]
    pub repeat: Option<Spanned<u32>>,
    /// Calls in flight at once. Default 8.
    #[serde(default)]
    #[schemars(with = "Option<u32>", range(min = 1, max = 1000))]
    pub concurrency: Option<Spanned<u32>>,
    /// Longest time for one answer, such as `30s`. Default 30s.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub timeout: Option<Spanned<String>>,
    /// How often a call that failed for the provider's or the network's sake is made again: statuses 408, 409, 429 and 5xx,
    /// and broken connections. Default 2 for a model API, 0 for a service or a command, whose failures are results.
    #[serde(default)]
    #[schemars(with = "Option<u32>", range(max = 10))]
    pub retries: Option<Spanned<u32>>,
    /// Models that graders ask, by the name that graders give them. `practice-small` and `practice-large` are always there.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, ProviderFile>")]
    pub providers: BTreeMap<String, Spanned<ProviderFile>>,
    /// How answers are graded, in the order in which a failure is named.
    #[schemars(with = "Vec<GraderFile>")]
    pub graders: Vec<Spanned<Value>>,
    /// What a release must reach, fixed before the run. With fewer than three, nothing can be released.
    #[serde(default)]
    #[schemars(with = "Vec<ReleaseMetricFile>")]
    pub release_metrics: Vec<Spanned<Value>>,
}

/// What is measured: exactly one of `service`, `url`, `model_api`, `command` and `echo`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetFile {
    /// Name for people.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// For a service: `practice` for the built-in practice models, or the base URL of an OpenAI-compatible server. The
    /// service receives it where its environment says `{model_url}`. Leave it out when the service finds its model itself.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub model: Option<Spanned<String>>,
    /// A service that the harness starts, awaits and stops.
    #[serde(default)]
    #[schemars(with = "Option<ServiceFile>")]
    pub service: Option<Spanned<ServiceFile>>,
    /// Base URL of a service that is already running.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub url: Option<Spanned<String>>,
    /// For a service: how a case becomes a request.
    #[serde(default)]
    pub request: Option<RequestFile>,
    /// For a service: where in the response things are.
    #[serde(default)]
    pub response: Option<ResponseFile>,
    /// A model API, asked directly.
    #[serde(default)]
    #[schemars(with = "Option<ModelApiFile>")]
    pub model_api: Option<Spanned<ModelApiFile>>,
    /// A program, started once for each case.
    #[serde(default)]
    #[schemars(with = "Option<CommandFile>")]
    pub command: Option<Spanned<CommandFile>>,
    /// Answers with this text itself, `{{field}}` filled in: for trying graders out.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub echo: Option<Spanned<String>>,
}

/// The dialect that a model API speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelApiKind {
    /// OpenAI chat completions, and every compatible server.
    OpenaiChat,
    /// OpenAI responses.
    OpenaiResponses,
    /// Anthropic messages.
    Anthropic,
    /// Google Gemini.
    Gemini,
    /// Ollama's own API.
    Ollama,
}

impl ModelApiKind {
    /// The dialect in the words of a suite file.
    pub fn of(dialect: provider::ApiKind) -> Self {
        match dialect {
            provider::ApiKind::OpenAiChat => Self::OpenaiChat,
            provider::ApiKind::OpenAiResponses => Self::OpenaiResponses,
            provider::ApiKind::Anthropic => Self::Anthropic,
            provider::ApiKind::Gemini => Self::Gemini,
            provider::ApiKind::Ollama => Self::Ollama,
        }
    }

    /// The same in the words of the provider crate.
    pub fn dialect(self) -> provider::ApiKind {
        match self {
            Self::OpenaiChat => provider::ApiKind::OpenAiChat,
            Self::OpenaiResponses => provider::ApiKind::OpenAiResponses,
            Self::Anthropic => provider::ApiKind::Anthropic,
            Self::Gemini => provider::ApiKind::Gemini,
            Self::Ollama => provider::ApiKind::Ollama,
        }
    }
}

/// A model API, asked directly.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelApiFile {
    /// A provider of Settings, by its name; it brings dialect, address, key and cap, so `api`, `base` and `key` are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub provider: Option<Spanned<String>>,
    /// Its dialect. Required without `provider`.
    #[serde(default)]
    pub api: Option<ModelApiKind>,
    /// Base URL; `practice` for the built-in practice models. Default: the vendor's own address.
    #[serde(default)]
    pub base: Option<String>,
    /// The model.
    pub model: String,
    /// Environment variable that holds the key. Default: the vendor's usual one. The key itself never stands in a file.
    #[serde(default)]
    pub key: Option<String>,
    /// The conversation. `{{field}}` is replaced by the case's field.
    #[schemars(length(min = 1))]
    pub messages: Vec<MessageFile>,
    /// Sampling temperature.
    #[serde(default)]
    pub temperature: Option<f64>,
    /// Most tokens to write.
    #[serde(default)]
    pub max_tokens: Option<u32>,
    /// Seed for sampling, where the API takes one; each repeat adds its number.
    #[serde(default)]
    pub seed: Option<i64>,
    /// Tools in the API's own shape.
    #[serde(default)]
    pub tools: Vec<Value>,
    /// Response format in the API's own shape (JSON mode, JSON Schema).
    #[serde(default)]
    pub response_format: Option<Value>,
    /// Whether the answer is streamed, so that the time to the first token is measured. Default true.
    #[serde(default = "yes")]
    pub stream: bool,
    /// Anything else that the API's request body takes.
    #[serde(default)]
    pub extra: serde_json::Map<String, Value>,
}

fn yes() -> bool {
    true
}

/// A model that graders ask.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderFile {
    /// A provider of Settings, by its name; it brings dialect, address, key and cap, so `api`, `base` and `key` are left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub provider: Option<Spanned<String>>,
    /// The dialect of its API. Required without `provider`.
    #[serde(default)]
    pub api: Option<ModelApiKind>,
    /// Base URL; `practice` for the built-in practice models. Default: the vendor's own address.
    #[serde(default)]
    pub base: Option<String>,
    /// The model.
    pub model: String,
    /// Environment variable that holds the key. Default: the vendor's usual one.
    #[serde(default)]
    pub key: Option<String>,
}

/// One message of the conversation.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageFile {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What is said.
    pub content: String,
}

/// A program, started once for each case; what it prints is the answer.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandFile {
    /// Program and arguments; `{{field}}` is replaced by the case's field.
    #[schemars(length(min = 1))]
    pub run: Vec<String>,
    /// What it reads on standard input. Default: nothing.
    #[serde(default)]
    pub stdin: Option<String>,
    /// Environment variables; `{{field}}` and `{model_url}` are filled in.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Folder to start it in, relative to the suite file. Default: the suite's folder.
    #[serde(default)]
    pub working_directory: Option<String>,
    /// Where in its JSON output things are. Without it, the whole output is the answer's text.
    #[serde(default)]
    pub response: Option<ResponseFile>,
}

/// A service that the harness starts, awaits and stops.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceFile {
    /// Program and arguments. `{port}` becomes a free port.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,
    /// Base URL. `{port}` becomes the free port; a fixed port may be written instead.
    pub url: String,
    /// Path that answers with a status below 500 once the service is ready. Without it, an open port is enough.
    #[serde(default)]
    pub health: Option<String>,
    /// Longest time until it is ready. Default 20s.
    #[serde(default)]
    pub startup_timeout: Option<String>,
    /// Environment variables. `{port}` and `{model_url}` are filled in.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Folder to start it in, relative to the suite file. Default: the suite's folder.
    #[serde(default)]
    pub working_directory: Option<String>,
}

/// How a case becomes an HTTP request. `{{field}}` is replaced by the case's field.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestFile {
    /// HTTP method. Default POST.
    #[serde(default = "post")]
    pub method: String,
    /// Path and query below the base URL. Values of `{{field}}` are percent-encoded here.
    pub path: String,
    /// Headers. A value may read a secret from the environment: `${NAME}`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// JSON body. A text that is exactly `{{field}}` becomes the field's own JSON value.
    #[serde(default)]
    pub body: Option<Value>,
}

fn post() -> String {
    "POST".into()
}

/// Where in the JSON response things are: JSON pointers (RFC 6901) such as `/result/answer`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponseFile {
    /// The answer's text. An empty pointer means that the whole response is the answer.
    pub answer: String,
    /// Cited ids: a list of texts.
    #[serde(default)]
    pub citations: Option<String>,
    /// Retrieved passages in rank order: a list of ids, or of objects.
    #[serde(default)]
    pub passages: Option<String>,
    /// Id within a passage object. Default `/id`.
    #[serde(default)]
    pub passage_id: Option<String>,
    /// Text within a passage object.
    #[serde(default)]
    pub passage_text: Option<String>,
    /// Whether the service refused to answer: true or false.
    #[serde(default)]
    pub refused: Option<String>,
    /// Tools that were called, in order: a list in the shape of OpenAI, Anthropic or Gemini, or of `name` and `arguments`.
    #[serde(default)]
    pub tool_calls: Option<String>,
    /// Which state of the corpus was read.
    #[serde(default)]
    pub snapshot: Option<String>,
    /// Model that really answered.
    #[serde(default)]
    pub model: Option<String>,
    /// Tokens read.
    #[serde(default)]
    pub input_tokens: Option<String>,
    /// Tokens written.
    #[serde(default)]
    pub output_tokens: Option<String>,
}

/// A limit that a release must keep.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseMetricFile {
    /// `pass_rate`, `error_rate`, `latency_p50`, `latency_p95`, `latency_p99`, `latency_mean`, `first_token_p50`,
    /// `first_token_p95`, `cost_per_case`, a grader's name (the share of cases that pass it) or `<grader>.score` (its mean score).
    pub metric: String,
    /// The value must be at least this.
    #[serde(default)]
    pub at_least: Option<Quantity>,
    /// The value must be at most this.
    #[serde(default)]
    pub at_most: Option<Quantity>,
    /// The value may be worse than the baseline run's by at most this, paired by case. The baseline is the frozen one, or
    /// the one that `--baseline` names.
    #[serde(default)]
    pub no_worse_by: Option<Quantity>,
    /// Whether the unfavourable end of the 95 % interval must keep the limit too. Default false.
    #[serde(default)]
    pub demand_bound: bool,
    /// What people get of it when the limit is kept, in a sentence: `"Customers find the right return period without writing to
    /// us."` A metric without one is flagged, since nobody can say why it matters.
    #[serde(default)]
    pub outcome: Option<String>,
}
