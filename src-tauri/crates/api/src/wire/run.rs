//! Runs, their results in pages, and two runs held side by side.

use super::project::Chart;
use chrono::{DateTime, Utc};
use evidence::{Comparison, ProjectId, Purpose, RunId, RunSummary, SliceComparison};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// Asks for a run.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StartRunRequest {
    /// The project.
    pub project: ProjectId,
    /// Suite file within the project; absent for its default suite.
    pub suite: Option<String>,
    /// Why it is made; absent for a candidate, or an experiment where a filter leaves cases out or it may stop early.
    pub purpose: Option<Purpose>,
    /// How often each case is run; absent for what the suite says.
    pub repeat: Option<u32>,
    /// Calls in flight at once; absent for what the suite says.
    pub concurrency: Option<u32>,
    /// Which cases to run: see `harness::filter`.
    pub filter: Option<String>,
    /// Names of the targets to run; absent for all that the suite names.
    #[serde(default)]
    pub targets: Option<Vec<String>>,
    /// Most that may be spent, in US dollars: "0.50".
    #[serde(default)]
    pub budget_usd: Option<String>,
    /// How often a failed call is made again; absent for what the suite says.
    #[serde(default)]
    pub retries: Option<u32>,
    /// Which slice of the cases: "2/4", or "auto" for what the engine around the process says.
    #[serde(default)]
    pub shard: Option<String>,
    /// Whether answers of earlier runs to the same request may be used. Services are always asked.
    #[serde(default)]
    pub cache: bool,
    /// Whether bad rows of the dataset are passed over instead of refusing the run.
    #[serde(default)]
    pub skip_bad_rows: bool,
    /// Whether it ends as soon as the cases so far decide on which side of its limit the pass rate lies.
    #[serde(default)]
    pub stop_early: bool,
    /// The run that release metrics which name a baseline are held against; absent for the project's frozen one.
    #[serde(default)]
    pub baseline: Option<RunId>,
}

impl StartRunRequest {
    /// A run of a project's default suite, as the suite says.
    pub fn of(project: ProjectId) -> Self {
        Self {
            project,
            suite: None,
            purpose: None,
            repeat: None,
            concurrency: None,
            filter: None,
            targets: None,
            budget_usd: None,
            retries: None,
            shard: None,
            cache: false,
            skip_bad_rows: false,
            stop_early: false,
            baseline: None,
        }
    }
}

/// Names a run.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct RunRequest {
    /// The run.
    pub run: RunId,
}

/// A run that has begun.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunStarted {
    /// The run.
    pub run: RunId,
    /// Its number within the project.
    pub number: u32,
    /// Runs that measure the suite's other targets beside it.
    pub beside: Vec<RunId>,
    /// What did not keep it from starting, and is probably a slip: a field that no case has, what is not supported.
    pub warnings: Vec<String>,
}

/// A run opened: the summary, and what a reader asks next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RunView {
    /// The summary.
    pub summary: RunSummary,
    /// Name of the project.
    pub project_name: String,
    /// One sentence that says the most important thing first.
    pub headline: String,
    /// Why a failed or stopped run ended, in words.
    pub failure: Option<super::WireError>,
    /// The earlier run of the same suite that it is held against.
    pub previous: Option<PreviousRun>,
    /// The four figures on top of the page.
    pub tiles: Vec<TileView>,
    /// How latency and cost spread over this run's cases: values in ascending order.
    pub charts: Vec<Chart>,
    /// How long the run took, in seconds.
    pub wall_seconds: Option<f64>,
    /// Whether the work can be resumed.
    pub can_resume: bool,
    /// Release metrics of which nobody has said what people get of them, in a sentence; absent where all are linked.
    pub unlinked: Option<String>,
    /// Candidates of this suite that came before it, or beside it where it is one of several targets.
    pub candidates_before: u32,
}

/// An earlier run on the same suite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PreviousRun {
    /// The run.
    pub run: RunId,
    /// Its number.
    pub number: u32,
    /// Whether it is the frozen baseline of the suite, and not only the run before.
    pub frozen: bool,
    /// Comparison by metric.
    pub comparisons: Vec<Comparison>,
    /// Cases that fail there and pass here.
    pub gained: u64,
    /// Cases that pass there and fail here.
    pub lost: u64,
    /// What differs between the two, in words: "source", "model", "dataset", "configuration".
    pub differs: Vec<String>,
}

/// A figure on top of a run's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TileView {
    /// The metric's name.
    pub metric: String,
    /// What people read.
    pub label: String,
    /// The value with its unit.
    pub value_text: String,
    /// The interval without its unit.
    pub interval_text: Option<String>,
    /// The value.
    pub value: Option<f64>,
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// The threshold.
    pub threshold: Option<f64>,
    /// Ends of the drawn axis.
    pub axis: (f64, f64),
    /// Meaning of the colour: pass, fail, or none.
    pub tone: Option<String>,
    /// The line below: comparison, or what is missing.
    pub foot: String,
    /// Number of observations.
    pub n: u64,
}

/// Which results to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct ResultFilter {
    /// Only passed (true) or not passed (false).
    pub passed: Option<bool>,
    /// Only this failure category.
    pub failure: Option<String>,
    /// Only this category of cases.
    pub category: Option<String>,
    /// Only cases whose id or question holds this text.
    pub text: Option<String>,
    /// Only cases whose verdict differs from that of this run; with repeats, every trial of the cases of which most trials do.
    pub flipped_since: Option<FlipFilter>,
}

/// Cases whose verdict differs between two runs.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FlipFilter {
    /// The other run.
    pub run: RunId,
    /// Which way.
    pub flip: Flip,
}

/// The way a case's verdict changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Flip {
    /// Failed before, passes now.
    Gained,
    /// Passed before, fails now.
    Lost,
    /// Either.
    Any,
}

/// Asks for a page of results.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ResultsRequest {
    /// The run.
    pub run: RunId,
    /// Which results.
    #[serde(default)]
    pub filter: ResultFilter,
    /// First row, from 0.
    pub offset: u64,
    /// Rows at most, up to 500.
    pub limit: u32,
}

/// A page of results, failures first, then in case order.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ResultsPage {
    /// Rows of this page.
    pub rows: Vec<ResultRow>,
    /// Rows in all.
    pub total: u64,
}

/// One trial in a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ResultRow {
    /// Ordinal of the case in its dataset, from 0.
    pub case_index: u64,
    /// Which repeat, from 0.
    pub repeat: u32,
    /// The case's id.
    pub case_id: String,
    /// Its category.
    pub category: String,
    /// What was asked, shortened.
    pub question: String,
    /// Whether every deciding grader passed.
    pub passed: bool,
    /// Failure category.
    pub failure: Option<String>,
    /// Whether it ended in an error.
    pub error: bool,
    /// Milliseconds from request to answer.
    pub latency_ms: f64,
    /// Cost in US dollars.
    pub cost_usd: Option<f64>,
    /// How it changed since the previous run of the suite.
    pub flip: Option<Flip>,
}

/// Names a trial.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct ResultRequest {
    /// The run.
    pub run: RunId,
    /// Ordinal of the case.
    pub case_index: u64,
    /// Which repeat.
    pub repeat: u32,
}

/// One grade of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct GradeView {
    /// The grader's name.
    pub grader: String,
    /// Whether it passed.
    pub passed: bool,
    /// Between 0 and 1.
    pub score: f64,
    /// Why.
    pub reason: String,
    /// Whether it only informs and does not decide.
    pub informational: bool,
}

/// A passage that the target retrieved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PassageView {
    /// Its id.
    pub id: String,
    /// Its text, if the response has it.
    pub text: Option<String>,
    /// Whether the case names it as relevant.
    pub relevant: bool,
    /// Whether the answer cites it.
    pub cited: bool,
}

/// One trial opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ResultView {
    /// The row.
    pub row: ResultRow,
    /// What was asked, whole.
    pub question: String,
    /// The answer, whole.
    pub answer: Option<String>,
    /// Every field of the case.
    #[ts(type = "Record<string, unknown>")]
    pub case: Value,
    /// Grades in the suite's order.
    pub grades: Vec<GradeView>,
    /// Passages in rank order.
    pub passages: Vec<PassageView>,
    /// Relevant documents that were not retrieved.
    pub missed: Vec<String>,
    /// Why there is no verdict.
    pub error: Option<super::WireError>,
    /// Model that answered.
    pub model: Option<String>,
    /// Tokens.
    pub tokens: Option<evidence::Tokens>,
    /// The price row that the cost was computed with; absent where there is no cost.
    pub price: Option<super::price::PriceUsed>,
    /// When it was asked.
    pub started_at: DateTime<Utc>,
    /// The request as it was sent.
    pub request: Option<String>,
    /// The response as it came back.
    pub response: Option<String>,
    /// The same case in the previous run: its verdict and answer.
    pub previous: Option<PreviousResult>,
    /// Other repeats of the case in this run and whether each passed.
    pub repeats: Vec<bool>,
}

/// The same case in an earlier run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PreviousResult {
    /// Number of that run.
    pub number: u32,
    /// Whether it passed there.
    pub passed: bool,
    /// Its answer there.
    pub answer: Option<String>,
}

/// Two runs to hold against each other.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct CompareRequest {
    /// The earlier run.
    pub before: RunId,
    /// The later run.
    pub after: RunId,
}

/// Two runs held against each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CompareView {
    /// The earlier run.
    pub before: RunSummary,
    /// The later run.
    pub after: RunSummary,
    /// By metric.
    pub comparisons: Vec<Comparison>,
    /// One sentence a metric, "not distinguishable" where it is.
    pub sentences: Vec<String>,
    /// Cases that newly pass.
    pub gained: Vec<String>,
    /// Cases that newly fail.
    pub lost: Vec<String>,
    /// What differs between the two.
    pub differs: Vec<String>,
    /// By category, adjusted for looking at all of them.
    pub slices: Vec<SliceComparison>,
    /// Cases with the same id that say something else now, and are therefore not compared.
    pub reworded: u64,
}
