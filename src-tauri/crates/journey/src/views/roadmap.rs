//! The Roadmap room.

use crate::event::{ItemId, ItemSource};
use chrono::{DateTime, NaiveDate, Utc};
use evidence::{Artifact, RunId};
use serde::Serialize;
use ts_rs::TS;

/// Where a week stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WeekState {
    /// Not begun.
    Upcoming,
    /// Running today.
    Now,
    /// Over and not closed.
    Late,
    /// Closed with an artifact.
    Done,
}

/// Where a month stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MonthState {
    /// Not begun.
    Upcoming,
    /// Running today.
    Now,
    /// Over and not closed.
    Open,
    /// Closed with its proof.
    Done,
}

/// How far the plan is. Only weeks and months that were closed with artifacts count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Progress {
    /// Weeks closed.
    pub weeks_closed: u8,
    /// Weeks in all.
    pub weeks_total: u8,
    /// Months closed.
    pub months_closed: u8,
    /// Months in all.
    pub months_total: u8,
}

/// The one measurable output of a week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct OutputView {
    /// What the learner defined.
    pub text: String,
    /// When.
    pub defined_at: DateTime<Utc>,
    /// Whether the week had already begun.
    pub late: bool,
    /// The stamp to show beside it, when late.
    pub stamp: Option<String>,
    /// Advice, when the text names nothing that can be measured.
    pub warning: Option<String>,
}

/// One thing that a week or month asks for before it can be closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct NeedView {
    /// Its id within the week or month; send it along when linking something for it.
    pub id: String,
    /// What is asked for.
    pub text: String,
    /// Whether something linked meets it.
    pub met: bool,
    /// The label of what meets it.
    pub by: Option<String>,
    /// Why the closest linked thing does not meet it.
    pub lacking: Option<String>,
}

/// A linked artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ArtifactView {
    /// The artifact.
    pub artifact: Artifact,
    /// Whether it can close something. A run that is not a finished candidate cannot.
    pub closes: bool,
    /// Why it cannot, or that it was answered by a practice model.
    pub note: Option<String>,
}

/// One item of a week or of the backlog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ItemView {
    /// Its id.
    pub id: ItemId,
    /// What is to be done.
    pub text: String,
    /// Its week; absent in the backlog.
    pub week: Option<u8>,
    /// What it was made from.
    pub source: ItemSource,
    /// The source in words, for an item made from a failed case.
    pub source_text: Option<String>,
    /// True while no artifact is linked.
    pub wishlist: bool,
    /// "Wishlist" or "Backed by an artifact".
    pub label: String,
    /// What is linked to it.
    pub artifacts: Vec<ArtifactView>,
}

/// One week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct WeekView {
    /// 1 to 12.
    pub number: u8,
    /// 1 to 3.
    pub month: u8,
    /// What the week is about.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// An output to start from.
    pub suggested_output: String,
    /// A piece of advice.
    pub tip: String,
    /// The time-box in hours.
    pub time_box_hours: u8,
    /// First day; absent before setting out.
    pub starts: Option<NaiveDate>,
    /// Last day; absent before setting out.
    pub ends: Option<NaiveDate>,
    /// Where it stands.
    pub state: WeekState,
    /// Its output, once defined.
    pub output: Option<OutputView>,
    /// What closing it asks for.
    pub needs: Vec<NeedView>,
    /// What is linked to it.
    pub artifacts: Vec<ArtifactView>,
    /// Its items.
    pub items: Vec<ItemView>,
    /// What was written when it was closed.
    pub retro: Option<String>,
    /// What was planned when it was closed.
    pub next_plan: Option<String>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Whether a retro and a next plan are all that closing still asks for.
    pub can_close: bool,
    /// What is missing before it can be closed, in words (without the retro and the plan, which closing asks for).
    pub missing: Vec<String>,
}

/// One month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct MonthView {
    /// 1 to 3.
    pub number: u8,
    /// What the month is about.
    pub title: String,
    /// What proves it.
    pub proof: String,
    /// Its weeks.
    pub weeks: Vec<u8>,
    /// First day; absent before setting out.
    pub starts: Option<NaiveDate>,
    /// Last day; absent before setting out.
    pub ends: Option<NaiveDate>,
    /// Where it stands.
    pub state: MonthState,
    /// What closing it asks for.
    pub needs: Vec<NeedView>,
    /// What is linked to the month and to its weeks.
    pub artifacts: Vec<ArtifactView>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Whether it can be closed.
    pub can_close: bool,
    /// What is missing, in words.
    pub missing: Vec<String>,
}

/// What a line of the log is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LogKind {
    /// Dates: setting out, shifts, pauses.
    Plan,
    /// Outputs, artifacts, items, weeks and months.
    Work,
    /// Scores, role family, focus.
    Skills,
    /// Tutorials, courses, certificates: shown, never counted.
    Learning,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct LogLine {
    /// When.
    pub at: DateTime<Utc>,
    /// What it is about.
    pub kind: LogKind,
    /// What happened.
    pub text: String,
}

/// The one objective of the twelve weeks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ObjectiveView {
    /// What will be true at the end.
    pub outcome: String,
    /// The thing that others will be able to open.
    pub artifact: String,
}

/// A pause that lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct PauseView {
    /// Its first day.
    pub since: NaiveDate,
    /// Days so far.
    pub days: u32,
    /// Why.
    pub reason: Option<String>,
}

/// The Roadmap room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RoadmapView {
    /// First day of week 1; absent before setting out.
    pub start_date: Option<NaiveDate>,
    /// Last day of week 12; absent before setting out.
    pub end_date: Option<NaiveDate>,
    /// Days from today to the last day; negative once it is past.
    pub days_left: Option<i32>,
    /// The week that today is in.
    pub today_week: Option<u8>,
    /// How far the plan is.
    pub progress: Progress,
    /// The objective.
    pub objective: Option<ObjectiveView>,
    /// Three months.
    pub months: Vec<MonthView>,
    /// Twelve weeks.
    pub weeks: Vec<WeekView>,
    /// Items without a week.
    pub backlog: Vec<ItemView>,
    /// The pause, while one lasts.
    pub paused: Option<PauseView>,
    /// The run that week 4 froze as the baseline.
    pub baseline: Option<RunId>,
    /// Everything that happened, newest first.
    pub log: Vec<LogLine>,
}
