//! A run, or several that share a group, set for its readers: CI servers, pull requests, tables, people.
//!
//! Everything comes from plain structs, so this module needs neither the engine nor the database. A group is one run a
//! target ("several targets side by side"); a report of one run is a group of one. Figures are worded where they were
//! measured ([`evidence::Metric::value_text`] and its neighbours); nothing here computes one, except the sums that the
//! weekly report names as sums.
//!
//! | function | file | reader |
//! |---|---|---|
//! | [`junit`] | JUnit XML | CI servers |
//! | [`markdown`] | summary | a pull request, a job's summary page |
//! | [`html`] | one self-contained page | people |
//! | [`jsonl`], [`csv`] | a row a trial | DuckDB, Polars, Spark, spreadsheets |
//! | [`weekly`] | quality and cost of seven days | a team |

mod html;
mod junit;
mod markdown;
mod markdown_text;
mod recognise;
mod rows;
mod weekly;
mod words;

pub use html::html;
pub use junit::junit;
pub use markdown::{MarkdownOptions, markdown};
pub use recognise::{HEAD, Kind, is_report};
pub use rows::{csv, jsonl};
pub use weekly::{WeeklyInput, weekly};

use crate::ExportError;
use evidence::{Comparison, RunId, RunSummary, Tokens};
use portfolio::TemplateError;

/// One grader's verdict on one trial.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportGrade {
    /// Name of the grader.
    pub grader: String,
    /// Whether the answer passes it.
    pub passed: bool,
    /// 0 to 1; absent when the grader gave none.
    pub score: Option<f64>,
    /// Why, in words.
    pub reason: String,
    /// `minor`, `moderate` or `severe`; absent when it passed or the grader cannot tell.
    pub severity: Option<String>,
    /// Whether it does not decide.
    pub informational: bool,
}

/// Why a trial has no verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportCause {
    /// The cause out of the documented list (`docs/suite-format.md`): `timeout`, `rate_limited`.
    pub cause: String,
    /// What happened, in words.
    pub message: String,
}

/// One trial.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportRow {
    /// The run it belongs to.
    pub run: RunId,
    /// Id of the case.
    pub case_id: String,
    /// Which repeat, from 0.
    pub repeat: u32,
    /// Name of the target.
    pub target: String,
    /// Category of the case.
    pub category: String,
    /// One line that says what the case asks.
    pub title: String,
    /// Whether every deciding grader passed; false for an error.
    pub passed: bool,
    /// Mean score of the deciding graders, 0 to 1; absent for an error.
    pub score: Option<f64>,
    /// Failure category; absent when it passed.
    pub failure: Option<String>,
    /// Why there is no verdict; absent when there is one.
    pub error: Option<ReportCause>,
    /// Milliseconds from sending the request to the last byte; absent when no request was sent.
    pub latency_ms: Option<f64>,
    /// Milliseconds to the first token; absent without streaming.
    pub first_token_ms: Option<f64>,
    /// US dollars; absent when it could not be priced.
    pub cost_usd: Option<f64>,
    /// Tokens; absent when the target reported none.
    pub tokens: Option<Tokens>,
    /// One a grader that applied, in the suite's order.
    pub grades: Vec<ReportGrade>,
    /// What was asked, or its beginning.
    pub question: Option<String>,
    /// What came back, or its beginning.
    pub answer: Option<String>,
}

/// A case whose verdict differs between a run and its baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flip {
    /// Id of the case.
    pub case_id: String,
    /// Its category.
    pub category: String,
    /// One line that says what the case asks.
    pub title: String,
    /// Failure category on the side that fails; absent when it is not known.
    pub failure: Option<String>,
}

/// The run against an earlier one on the cases that both have.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// How people call it: "run 13", "results.json of main".
    pub name: String,
    /// Whether a practice model answered any of its trials.
    pub practice: bool,
    /// What differs between the two: "prompt", "model". Empty when nothing does.
    pub differs: Vec<String>,
    /// Metrics, paired by case.
    pub comparisons: Vec<Comparison>,
    /// Pass rate by category, paired by case; the label is the category.
    pub categories: Vec<Comparison>,
    /// Cases that newly pass.
    pub gained: Vec<Flip>,
    /// Cases that newly fail.
    pub lost: Vec<Flip>,
}

/// One run with what a document says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportRun {
    /// The run.
    pub summary: RunSummary,
    /// What a reader has to know before the numbers: criteria changed after the lock, rows skipped, a shard missing.
    pub notes: Vec<String>,
    /// Trials to show. Failed ones and errors suffice; a document takes as many as it can carry and says what it left.
    pub rows: Vec<ReportRow>,
    /// What it is held against.
    pub baseline: Option<Baseline>,
    /// Earlier runs of the same suite and target, for charts over time. May be empty.
    pub history: Vec<RunSummary>,
}

/// What a document is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Name of the project.
    pub project: String,
    /// The runs of the group, in the suite's order of targets.
    pub runs: Vec<ReportRun>,
}

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A report of nothing.
    #[error("there is no run to report: name at least one")]
    Empty,
    /// The rows could not be read.
    #[error("the results cannot be read: {0}")]
    Rows(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The file could not be written.
    #[error("the report cannot be written: {0}. Check the path and the space left on the disk")]
    Write(#[from] std::io::Error),
    /// The CSV writer refused a record.
    #[error("the CSV file cannot be written: {0}")]
    Csv(#[from] ::csv::Error),
    /// A row could not be set as JSON.
    #[error("a row cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A chart could not be drawn.
    #[error(transparent)]
    Chart(#[from] ExportError),
}

impl ReportError {
    /// Wraps the error of whoever reads the rows.
    pub fn rows(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Rows(error.into())
    }
}
