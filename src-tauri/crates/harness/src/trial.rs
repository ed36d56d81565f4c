//! One trial: one case, asked once, with its grades.

use crate::grader::{GradingSpend, JudgeGrade, ToolCall, Undecided};
use chrono::{DateTime, Utc};
use evidence::{PicoUsd, Tokens};
use provider::{CallFailureKind, Exchange, Usage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{fmt, sync::Arc};

/// Which trial: the case's ordinal and the repeat, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrialKey {
    /// Ordinal of the case in its dataset.
    pub case_index: u64,
    /// Which repeat.
    pub repeat: u32,
}

/// How bad a failure is, where a grader can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A blemish.
    Minor,
    /// Misleading.
    Moderate,
    /// Invented or harmful.
    Severe,
}

impl Severity {
    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Moderate => "moderate",
            Self::Severe => "severe",
        }
    }
}

/// What one grader says of one answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    /// The grader's name.
    pub grader: String,
    /// Whether the answer passes it.
    pub passed: bool,
    /// Between 0 and 1.
    pub score: f64,
    /// Why, in words.
    pub reason: String,
    /// How bad, where the grader can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Whether it informs only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub informational: bool,
    /// Why it decides nothing. `passed` and `score` then mean nothing and are counted nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecided: Option<Undecided>,
    /// What each judge said, where models judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judges: Vec<JudgeGrade>,
    /// What grading spent on models, apart from what the target cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spent: Option<GradingSpend>,
}

impl Grade {
    /// Whether it has a say in the verdict: it does not only inform, and is not undecided.
    pub fn decides(&self) -> bool {
        !self.informational && self.undecided.is_none()
    }
}

/// Why there is no verdict: one named cause of a documented list (`docs/suite-format.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The case lacks a field that the request needs.
    RequestTemplate,
    /// Nobody listens at the service's address.
    Connect,
    /// No answer in time.
    Timeout,
    /// The connection broke before the answer was whole.
    Interrupted,
    /// The answer is longer than allowed.
    TooLarge,
    /// The service answered with an error status.
    HttpStatus,
    /// The answer is not JSON.
    MalformedResponse,
    /// The answer has nothing where the suite points.
    ResponseMapping,
    /// The service ended during the run.
    ServiceCrashed,
    /// The provider refused the call for its rate, also when asked again.
    RateLimited,
    /// No secure connection could be made.
    Tls,
    /// The stream ended before anything was said.
    EmptyStream,
    /// The command ended with an error, or could not be started.
    CommandFailed,
    /// The answer is there, and a grader could not judge it.
    GradingFailed,
    /// The configuration asks for something that this app does not do.
    Unsupported,
    /// One more call could have crossed a spending cap.
    SpendingCap,
}

impl Cause {
    /// The name in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequestTemplate => "request_template",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::TooLarge => "too_large",
            Self::HttpStatus => "http_status",
            Self::MalformedResponse => "malformed_response",
            Self::ResponseMapping => "response_mapping",
            Self::ServiceCrashed => "service_crashed",
            Self::RateLimited => "rate_limited",
            Self::Tls => "tls",
            Self::EmptyStream => "empty_stream",
            Self::CommandFailed => "command_failed",
            Self::GradingFailed => "grading_failed",
            Self::Unsupported => "unsupported",
            Self::SpendingCap => "spending_cap",
        }
    }

    /// Whether the target may have been paid for, though there is no answer that says how much: it was asked, and answered
    /// late, by halves or not readably.
    pub fn may_be_billed(self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::Interrupted
                | Self::TooLarge
                | Self::MalformedResponse
                | Self::ResponseMapping
                | Self::EmptyStream
        )
    }

    /// The name for people, as a failure category.
    pub fn label(self) -> &'static str {
        match self {
            Self::RequestTemplate => "request not formed",
            Self::Connect => "not reachable",
            Self::Timeout => "timed out",
            Self::Interrupted => "connection broke",
            Self::TooLarge => "answer too long",
            Self::HttpStatus => "error status",
            Self::MalformedResponse => "not JSON",
            Self::ResponseMapping => "answer not found",
            Self::ServiceCrashed => "service crashed",
            Self::RateLimited => "rate limited",
            Self::Tls => "no secure connection",
            Self::EmptyStream => "empty stream",
            Self::CommandFailed => "command failed",
            Self::GradingFailed => "grading failed",
            Self::Unsupported => "not supported",
            Self::SpendingCap => "spending cap",
        }
    }
}

impl From<CallFailureKind> for Cause {
    fn from(kind: CallFailureKind) -> Self {
        match kind {
            CallFailureKind::Request => Self::RequestTemplate,
            CallFailureKind::Connect => Self::Connect,
            CallFailureKind::Tls => Self::Tls,
            CallFailureKind::Timeout => Self::Timeout,
            CallFailureKind::Interrupted => Self::Interrupted,
            CallFailureKind::TooLarge => Self::TooLarge,
            CallFailureKind::RateLimited => Self::RateLimited,
            CallFailureKind::ServerError | CallFailureKind::ClientError(_) => Self::HttpStatus,
            CallFailureKind::Malformed => Self::MalformedResponse,
            CallFailureKind::EmptyStream => Self::EmptyStream,
            CallFailureKind::RefusedByCap => Self::SpendingCap,
        }
    }
}

/// A trial without a verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialError {
    /// Why.
    pub cause: Cause,
    /// In words, with what to look at.
    pub message: String,
}

impl fmt::Display for TrialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// An attempt that was made again, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// What went wrong.
    pub cause: Cause,
    /// In words.
    pub message: String,
    /// HTTP status, where one came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Milliseconds the attempt took.
    pub latency_ms: f64,
    /// Milliseconds waited before the next one.
    pub waited_ms: f64,
    /// Why as long as that: "retry-after: 2", "backoff".
    pub reason: String,
}

/// A passage that the target says it retrieved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Its id.
    pub id: String,
    /// Its text, where the response has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What the target answered, in the terms that graders use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The text.
    pub text: String,
    /// Cited ids; absent where the suite maps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citations: Option<Vec<String>>,
    /// Passages in rank order; absent where the suite maps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passages: Option<Vec<Passage>>,
    /// Whether it refused; absent where the suite maps nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<bool>,
    /// State of the corpus.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<String>,
    /// Model that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
    /// What the call consumed in every detail, where a model API was asked directly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The tier that was served, on which the price depends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_tier: Option<String>,
    /// Tools that it called, in order; absent where the suite maps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Vec<ToolCall>>,
    /// Milliseconds until the first token; absent where the answer did not stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_token_ms: Option<f64>,
}

/// A finished trial, with everything that was seen.
#[derive(Clone, Debug)]
pub struct TrialResult {
    /// Which trial.
    pub key: TrialKey,
    /// The case's id.
    pub case_id: String,
    /// The case's category.
    pub category: String,
    /// What the case says, by content (see [`crate::Case::fingerprint`]): only equal cases of two runs are held against each
    /// other.
    pub case_fingerprint: u64,
    /// Cases of one cluster (one document, one customer) are not independent of each other.
    pub cluster: Option<String>,
    /// How much the case counts; 1 where the dataset says nothing.
    pub weight: f64,
    /// What people recognise the case by.
    pub title: String,
    /// Every field of the case.
    pub fields: Arc<Map<String, Value>>,
    /// Whether every deciding grader passed.
    pub passed: bool,
    /// Mean score of the deciding graders, between 0 and 1.
    pub score: f64,
    /// The first failing grader's failure label, or the cause of the error.
    pub failure: Option<String>,
    /// Why there is no verdict.
    pub error: Option<TrialError>,
    /// From sending the request to the last byte of the answer, in milliseconds.
    pub latency_ms: f64,
    /// From sending the request to the first token, in milliseconds, where the answer was streamed.
    pub first_token_ms: Option<f64>,
    /// What the model calls cost, where they could be priced.
    pub cost: Option<PicoUsd>,
    /// The price row that was used.
    pub price: Option<String>,
    /// Whether tokens were reported for a model without a known price.
    pub unpriced: bool,
    /// Whether a practice model answered.
    pub practice: bool,
    /// Whether the answer came from the response cache: its latency and cost are those of the time it was asked.
    pub cached: bool,
    /// Attempts that were made again, in order.
    pub attempts: Vec<Attempt>,
    /// The answer.
    pub answer: Option<Answer>,
    /// Grades in the suite's order, for the graders that apply.
    pub grades: Vec<Grade>,
    /// What grading cost, where a model judged.
    pub grading_cost: Option<PicoUsd>,
    /// When it was asked.
    pub started_at: DateTime<Utc>,
    /// The request and the answer as they went over the wire.
    pub exchange: Option<Exchange>,
}

impl TrialResult {
    /// What the trial cost the run, grading included; nothing where no part of it could be priced. A cached answer was paid
    /// before; what its judging cost is paid now.
    pub fn spent(&self) -> Option<PicoUsd> {
        match (self.cost.filter(|_| !self.cached), self.grading_cost) {
            (None, None) => None,
            (cost, grading) => Some(cost.unwrap_or_default() + grading.unwrap_or_default()),
        }
    }
}

/// The columns of a trial that a summary needs, as the store keeps them.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialRecord {
    /// Which trial.
    pub key: TrialKey,
    /// The case's id.
    pub case_id: String,
    /// What the case says, by content; absent in results from before it was kept.
    pub case_fingerprint: Option<u64>,
    /// The case's category.
    pub category: String,
    /// The case's cluster.
    pub cluster: Option<String>,
    /// How much the case counts.
    pub weight: f64,
    /// Whether it passed.
    pub passed: bool,
    /// Failure category.
    pub failure: Option<String>,
    /// Whether it ended in an error.
    pub error: bool,
    /// Milliseconds.
    pub latency_ms: f64,
    /// Milliseconds to the first token, where the answer was streamed.
    pub first_token_ms: Option<f64>,
    /// Cost.
    pub cost: Option<PicoUsd>,
    /// What grading cost.
    pub grading_cost: Option<PicoUsd>,
    /// Attempts that were made again.
    pub retries: u32,
    /// Whether the answer came from the response cache.
    pub cached: bool,
    /// Whether its model has no known price.
    pub unpriced: bool,
    /// Whether a practice model answered.
    pub practice: bool,
    /// Model.
    pub model: Option<String>,
    /// Corpus snapshot.
    pub snapshot: Option<String>,
    /// Tokens.
    pub tokens: Option<Tokens>,
    /// Grader name, passed, score, severity.
    pub grades: Vec<(String, bool, f64, Option<Severity>)>,
}

impl TrialRecord {
    /// Whether there is an answer that somebody can look at: a verdict, or an error of grading alone.
    pub fn answered(&self) -> bool {
        !self.error || self.failure.as_deref() == Some(Cause::GradingFailed.label())
    }
}

impl TrialResult {
    /// The columns that a summary needs.
    pub fn record(&self) -> TrialRecord {
        let answer = self.answer.as_ref();
        TrialRecord {
            key: self.key,
            case_id: self.case_id.clone(),
            case_fingerprint: Some(self.case_fingerprint),
            category: self.category.clone(),
            cluster: self.cluster.clone(),
            weight: self.weight,
            passed: self.passed,
            failure: self.failure.clone(),
            error: self.error.is_some(),
            latency_ms: self.latency_ms,
            first_token_ms: self.first_token_ms,
            cost: self.cost,
            grading_cost: self.grading_cost,
            retries: self.attempts.len() as u32,
            cached: self.cached,
            unpriced: self.unpriced,
            practice: self.practice,
            model: answer.and_then(|answer| answer.model.clone()),
            snapshot: answer.and_then(|answer| answer.snapshot.clone()),
            tokens: answer.and_then(|answer| answer.tokens),
            grades: self
                .grades
                .iter()
                .filter(|grade| grade.undecided.is_none())
                .map(|grade| (grade.grader.clone(), grade.passed, grade.score, grade.severity))
                .collect(),
        }
    }
}
