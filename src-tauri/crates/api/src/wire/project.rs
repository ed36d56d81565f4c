//! Projects: folders that the app knows, their suites and what they measured over time.

use chrono::{DateTime, Utc};
use evidence::{ProjectId, RunSummary};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names a project.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct ProjectRequest {
    /// The project.
    pub project: ProjectId,
}

/// Asks for a starter project in a new folder.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CreateStarterRequest {
    /// The starter.
    pub starter: String,
    /// The folder to make; it must not exist or must be empty.
    pub folder: String,
}

/// Asks the app to know a folder that already has a suite file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OpenProjectRequest {
    /// The folder.
    pub folder: String,
}

/// Says that the app may run this project's commands.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct TrustRequest {
    /// The project.
    pub project: ProjectId,
    /// Whether it is trusted.
    pub trusted: bool,
}

/// A project in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ProjectRow {
    /// Identity.
    pub id: ProjectId,
    /// Name.
    pub name: String,
    /// Absolute folder.
    pub folder: String,
    /// The starter it came from.
    pub starter: Option<String>,
    /// Whether the folder is there.
    pub folder_exists: bool,
    /// Whether the app may run its commands.
    pub trusted: bool,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// How many runs it has.
    pub runs: u64,
    /// The run that speaks for it: the newest finished candidate on its whole suite, or else the newest finished run.
    pub last_run: Option<RunSummary>,
    /// "exploration" until a measured outcome exists (no candidate has finished yet), else none.
    pub label: Option<String>,
}

/// The list of projects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Projects {
    /// Newest first.
    pub projects: Vec<ProjectRow>,
}

/// A suite file of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SuiteRow {
    /// Path within the project.
    pub path: String,
    /// Name in the file; the file's name where it cannot be read.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Number of cases.
    pub cases: u64,
    /// Cases by category.
    pub categories: Vec<CategoryCount>,
    /// Whether the model is the practice model.
    pub practice: bool,
    /// Names of its targets; a run measures all of them side by side unless it names some.
    pub targets: Vec<String>,
    /// What the reader should know: fewer than 100 cases, fewer than three release metrics.
    pub warnings: Vec<String>,
    /// Why it cannot run, if it cannot.
    pub error: Option<super::WireError>,
    /// The command that a run starts, for the question of trust.
    pub command: Option<String>,
}

/// Cases of a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CategoryCount {
    /// The category.
    pub name: String,
    /// Its cases.
    pub cases: u64,
}

/// A project opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ProjectView {
    /// The row.
    pub row: ProjectRow,
    /// Suite files, the default one first.
    pub suites: Vec<SuiteRow>,
    /// Runs, newest first.
    pub runs: Vec<RunSummary>,
    /// Days since the newest finished run; absent when there is none.
    pub days_since_run: Option<i64>,
    /// Charts over the finished candidate runs, oldest first.
    pub charts: Vec<Chart>,
    /// What the project's starter says to change first.
    pub first_change: Option<FirstChange>,
}

/// One line that is worth changing first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FirstChange {
    /// File within the project.
    pub path: String,
    /// Line number, from 1.
    pub line: u32,
    /// The line as it stands.
    pub text: String,
}

/// A chart whose every number Rust computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Chart {
    /// Stable key.
    pub id: String,
    /// What the chart shows, as a sentence fragment with its unit.
    pub title: String,
    /// Unit of all values.
    pub unit: evidence::Unit,
    /// The lines, each with its points in order.
    pub series: Vec<Series>,
    /// A limit drawn across, in the unit.
    pub threshold: Option<f64>,
}

/// One line of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Series {
    /// What people read.
    pub name: String,
    /// Points in order.
    pub points: Vec<Point>,
}

/// One point of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Point {
    /// Position on the axis: "Run 14".
    pub label: String,
    /// When it was measured.
    pub at: DateTime<Utc>,
    /// The value; absent is no data.
    pub value: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// The value in words with its unit.
    pub text: String,
    /// Whether a new line begins here, since the dataset or the graders changed: the value before is no measure for this one.
    pub cut: bool,
}
