//! Variants side by side, what changed between two runs, how a metric developed, and what a run would take.

use super::project::CategoryCount;
use chrono::{DateTime, Utc};
use evidence::{Direction, Metric, ProjectId, Purpose, RunId, Unit, variants::Weighed};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for runs side by side as variants: those named, or the group of one run, or the newest group of a project.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct VariantsRequest {
    /// The runs; they must be of one suite on the same dataset with the same graders.
    pub runs: Vec<RunId>,
    /// A run whose group is meant: those that measured the targets beside it.
    pub group_of: Option<RunId>,
    /// Where neither is given: the project whose newest group is meant, or its newest comparable runs.
    pub project: Option<ProjectId>,
}

/// Variants side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct VariantsView {
    /// Name of the suite.
    pub suite_name: String,
    /// Cases of the dataset that all were measured on.
    pub cases: u64,
    /// The variants in order.
    pub weighed: Weighed,
    /// Runs that could be held beside these: of the same suite, dataset and graders, newest first.
    pub others: Vec<ComparableRun>,
}

/// A run that can be chosen as a variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ComparableRun {
    /// The run.
    pub run: RunId,
    /// Its number.
    pub number: u32,
    /// The target's name.
    pub target: String,
    /// The models that answered.
    pub models: String,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// The group it belongs to.
    pub group: Option<RunId>,
}

/// Asks what differs between the versions of dataset and suite that two runs used.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct DiffRequest {
    /// The earlier run.
    pub before: RunId,
    /// The later run; absent for the files as they are now.
    pub after: Option<RunId>,
}

/// What differs between two versions of dataset, suite and rubrics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct VersionDiff {
    /// "Run 3".
    pub before: String,
    /// "Run 5", or "the files now".
    pub after: String,
    /// The dataset.
    pub dataset: DatasetDiff,
    /// The suite file and what its graders read, where either differs.
    pub texts: Vec<TextDiffView>,
    /// Whether the graders differ: two runs were then measured with two rulers.
    pub graders_differ: bool,
    /// What could not be held against each other, and why.
    pub notes: Vec<String>,
}

/// What differs between two versions of a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DatasetDiff {
    /// Content of the earlier version.
    pub before_hash: String,
    /// Content of the later version.
    pub after_hash: String,
    /// One sentence: "2 cases added, 1 removed, 3 changed".
    pub headline: String,
    /// Cases that only the later version has.
    pub added: u64,
    /// Cases that only the earlier version has.
    pub removed: u64,
    /// Cases whose content or category differs.
    pub changed: u64,
    /// Cases that are alike in both.
    pub unchanged: u64,
    /// The cases that differ, the first 200.
    pub cases: Vec<CaseDiff>,
    /// Cases by category, before and after.
    pub categories: Vec<CategoryDiff>,
}

/// How a case differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CaseChange {
    /// Only in the later version.
    Added,
    /// Only in the earlier version.
    Removed,
    /// In both, and not alike.
    Changed,
}

/// One case that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CaseDiff {
    /// The case's id.
    pub id: String,
    /// What happened to it.
    pub change: CaseChange,
    /// Its category; the later one where it is in both.
    pub category: String,
    /// What it asks, shortened.
    pub title: String,
    /// The fields that differ, for a changed case.
    pub fields: Vec<FieldDiff>,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct FieldDiff {
    /// The field.
    pub field: String,
    /// Its text in pieces, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Piece {
    /// Whether it stands in both versions, or in one.
    pub kind: PieceKind,
    /// The text.
    pub text: String,
}

/// Where a piece of text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PieceKind {
    /// In both.
    Same,
    /// Only in the earlier one.
    Removed,
    /// Only in the later one.
    Added,
    /// Lines that are alike in both and left out.
    Gap,
}

/// Cases of a category before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CategoryDiff {
    /// The category.
    pub name: String,
    /// Its cases before.
    pub before: u64,
    /// Its cases after.
    pub after: u64,
}

/// A text file that differs: the suite, a rubric, a schema, a script.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TextDiffView {
    /// Path as the suite names it.
    pub name: String,
    /// Lines, three of context around each change.
    pub lines: Vec<Piece>,
}

/// Asks how a metric developed over the runs of a suite.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HistoryRequest {
    /// The project.
    pub project: ProjectId,
    /// Name of the suite; absent for that of the newest run.
    #[serde(default)]
    pub suite: Option<String>,
    /// Name of the metric, or `category:` and a category; absent for the pass rate.
    #[serde(default)]
    pub metric: Option<String>,
}

/// A metric over the finished runs of a suite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct HistoryView {
    /// Suites that have a finished run.
    pub suites: Vec<String>,
    /// The suite shown.
    pub suite: String,
    /// What can be shown, in the order of the newest run: its metrics, then its categories.
    pub metrics: Vec<MetricChoice>,
    /// The metric shown.
    pub metric: String,
    /// What people read.
    pub label: String,
    /// Unit of all values.
    pub unit: Unit,
    /// Which way is better.
    pub better: Direction,
    /// The limit that the newest run's suite sets.
    pub threshold: Option<f64>,
    /// Points, oldest first.
    pub points: Vec<HistoryPoint>,
    /// Days since the newest finished run of this suite.
    pub days_since_run: i64,
    /// Whether that is longer than the seven days after which a regression can no longer be told from what changed since.
    pub overdue: bool,
    /// What there is to see, in one sentence.
    pub sentence: String,
}

/// A metric that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MetricChoice {
    /// Its name.
    pub name: String,
    /// What people read.
    pub label: String,
    /// Whether it is the pass rate of one category.
    pub category: bool,
}

/// One run in a history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct HistoryPoint {
    /// The run.
    pub run: RunId,
    /// Its number.
    pub number: u32,
    /// Why it was made.
    pub purpose: Purpose,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The target's name.
    pub target: String,
    /// Whether a practice model answered.
    pub practice: bool,
    /// The value; absent is no data.
    pub value: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// The value in words with its unit.
    pub text: String,
    /// Observations behind it.
    pub n: u64,
    /// Why this point cannot be held against the one before: "the dataset changed". Absent where it can.
    pub break_before: Option<String>,
}

/// The states of the corpus that a project's runs have seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CorpusView {
    /// Newest last seen first.
    pub snapshots: Vec<SnapshotView>,
    /// Runs whose answers named no snapshot.
    pub unnamed_runs: u64,
    /// What to do where answers name none.
    pub hint: Option<String>,
}

/// One state of the corpus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SnapshotView {
    /// Its id, as the answers named it.
    pub id: String,
    /// When a run first saw it.
    pub first_seen: DateTime<Utc>,
    /// When a run last saw it.
    pub last_seen: DateTime<Utc>,
    /// Days since it was first seen: its age, as far as runs can tell.
    pub age_days: i64,
    /// Numbers of the runs that saw it, newest first.
    pub runs: Vec<u32>,
    /// The run that the metrics are of: the newest that saw it.
    pub measured_by: u32,
    /// Retrieval metrics over the answers that named it.
    pub metrics: Vec<Metric>,
}

/// What a run would take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Estimate {
    /// Cases that would be asked.
    pub cases: u64,
    /// How often each.
    pub repeat: u32,
    /// One entry a target.
    pub targets: Vec<TargetEstimate>,
    /// Calls to all targets, graders left out, without calls that are made again.
    pub calls: u64,
    /// Cost of all targets together; not known as soon as one target's is not.
    pub cost: Figure,
    /// How long the run would take: targets run side by side, so the slowest one's time.
    pub duration: Figure,
    /// What the budget allows, in a sentence; absent without a budget.
    pub budget: Option<String>,
    /// What the estimate leaves out.
    pub notes: Vec<String>,
}

/// What one target would take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TargetEstimate {
    /// Its name.
    pub name: String,
    /// Calls, without those that are made again.
    pub calls: u64,
    /// Calls of graders to models.
    pub grader_calls: u64,
    /// Tokens read.
    pub input_tokens: Figure,
    /// Tokens written.
    pub output_tokens: Figure,
    /// Cost in US dollars, with that of grading where an earlier run knows it.
    pub cost: Figure,
    /// Seconds.
    pub duration: Figure,
    /// Whether a practice model answers: its price is no money.
    pub practice: bool,
}

/// An estimated figure and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Figure {
    /// The figure; absent where nobody knows, which is not 0.
    pub value: Option<f64>,
    /// In words: "about $0.31", "at most $0.80", "not known".
    pub text: String,
    /// Where it comes from, or why it is not known.
    pub source: String,
}

/// Names a suite file of a project.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SuiteFileRequest {
    /// The project.
    pub project: ProjectId,
    /// Path within the project; absent for the default suite.
    #[serde(default)]
    pub suite: Option<String>,
}

/// A suite file as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SuiteText {
    /// Path within the project.
    pub path: String,
    /// The text.
    pub text: String,
    /// Content that the text was read as, to be given back when it is saved.
    pub hash: String,
    /// Path of its dataset within the project, where the text names one.
    pub dataset: Option<String>,
    /// What is wrong with it.
    pub check: SuiteCheck,
}

/// A suite's text, to be checked or saved.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SuiteTextRequest {
    /// The project.
    pub project: ProjectId,
    /// Path within the project.
    pub suite: String,
    /// The text.
    pub text: String,
}

/// What is wrong with a suite's text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct SuiteCheck {
    /// Mistakes, each at its place. A suite with one cannot run.
    pub problems: Vec<TextProblem>,
    /// What the reader should know of it all the same.
    pub warnings: Vec<String>,
}

/// A mistake in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TextProblem {
    /// Line, from 1; 0 where it is the whole file's.
    pub line: u64,
    /// Column, from 1; 0 where only the line is known.
    pub column: u64,
    /// What is wrong and what was expected.
    pub message: String,
}

/// Saves a suite's text.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SaveSuiteRequest {
    /// The project.
    pub project: ProjectId,
    /// Path within the project.
    pub suite: String,
    /// The text.
    pub text: String,
    /// Content of the file that the text was made from. Where the file is another by now, nothing is written and the difference
    /// comes back; saving again with the hash that came with it replaces the file.
    pub hash: String,
}

/// What saving a file came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct FileSaved {
    /// Content of the file as it is now.
    pub hash: String,
    /// Why nothing was written, with the difference between the file and what was to be written.
    pub conflict: Option<super::portfolio::FileConflict>,
}

/// Asks for rows of a suite's dataset.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DatasetRequest {
    /// The project.
    pub project: ProjectId,
    /// Suite file within the project.
    pub suite: String,
    /// Only rows that hold this text.
    #[serde(default)]
    pub text: Option<String>,
    /// First row, from 0.
    pub offset: u64,
    /// Rows at most, up to 500.
    pub limit: u32,
}

/// Rows of a dataset file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DatasetPage {
    /// Path within the project.
    pub path: String,
    /// Content of the file, to be given back when rows are changed.
    pub hash: String,
    /// Names of fields: the header of a CSV file; for JSONL in order of first appearance.
    pub columns: Vec<String>,
    /// Whether a row can have fields that are no column (JSONL can, CSV cannot).
    pub open_columns: bool,
    /// Rows of this page.
    pub rows: Vec<DatasetRow>,
    /// Rows that fit the text, in all.
    pub total: u64,
    /// Rows of the file.
    pub cases: u64,
    /// Cases by category.
    pub categories: Vec<CategoryCount>,
    /// What the reader should know: fewer than 100 cases, a category with very few.
    pub warnings: Vec<String>,
}

/// One row of a dataset file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DatasetRow {
    /// Number of the row in the file, from 0.
    pub row: u64,
    /// Line that it begins at.
    pub line: u64,
    /// Its fields in order.
    #[ts(type = "Record<string, unknown>")]
    pub fields: serde_json::Map<String, serde_json::Value>,
    /// Why it cannot be read, if it cannot.
    pub problem: Option<String>,
}

/// Changes rows of a suite's dataset. Every other row keeps its bytes.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SaveDatasetRequest {
    /// The project.
    pub project: ProjectId,
    /// Suite file within the project.
    pub suite: String,
    /// Content of the file that the rows were read from.
    pub hash: String,
    /// The changes.
    pub changes: Vec<RowChange>,
}

/// One change of a dataset.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RowChange {
    /// The row, from 0; absent for a new one.
    pub row: Option<u64>,
    /// Its fields as they were read, so that it is found again where the file has changed since.
    #[ts(type = "Record<string, unknown> | null")]
    #[serde(default)]
    pub before: Option<serde_json::Map<String, serde_json::Value>>,
    /// Its fields in order; absent to take the row away.
    #[ts(type = "Record<string, unknown> | null")]
    pub fields: Option<serde_json::Map<String, serde_json::Value>>,
}
