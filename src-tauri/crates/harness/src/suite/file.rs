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
    pub target: TargetFile,
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
    /// How answers are graded, in the order in which a failure is named.
    #[schemars(with = "Vec<GraderFile>")]
    pub graders: Vec<Spanned<Value>>,
    /// What a release must reach, fixed before the run. With fewer than three, nothing can be released.
    #[serde(default)]
    #[schemars(with = "Vec<ReleaseMetricFile>")]
    pub release_metrics: Vec<Spanned<Value>>,
}

/// What is measured: an HTTP service, started by the harness or already running.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetFile {
    /// Name for people.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// `practice` for the built-in practice model, or the base URL of an OpenAI-compatible server. The service
    /// receives it where its environment says `{model_url}`. Leave it out when the service finds its model itself.
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
    /// How a case becomes a request.
    pub request: RequestFile,
    /// Where in the response things are.
    pub response: ResponseFile,
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
    /// `pass_rate`, `error_rate`, `latency_p50`, `latency_p95`, `latency_p99`, `latency_mean`,
    /// `cost_per_case`, a grader's name (the share of cases that pass it) or `<grader>.score` (its mean score).
    pub metric: String,
    /// The value must be at least this.
    #[serde(default)]
    pub at_least: Option<Quantity>,
    /// The value must be at most this.
    #[serde(default)]
    pub at_most: Option<Quantity>,
    /// Whether the unfavourable end of the 95 % interval must keep the limit too. Default false.
    #[serde(default)]
    pub demand_bound: bool,
}
