//! The Today room.

use super::roadmap::{NeedView, OutputView, PauseView, Progress, WeekState};
use chrono::NaiveDate;
use evidence::{ProjectId, RunId};
use serde::Serialize;
use ts_rs::TS;

/// Where an action leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Route {
    /// The first screens.
    Setup,
    /// The roadmap.
    Roadmap,
    /// One week.
    Week {
        /// 1 to 12.
        week: u8,
    },
    /// One month.
    Month {
        /// 1 to 3.
        month: u8,
    },
    /// The skills.
    Skills,
    /// Creating or adopting a project.
    NewProject,
    /// One project.
    Project {
        /// The project.
        project: ProjectId,
    },
    /// One project, with the form for a new run open.
    StartRun {
        /// The project.
        project: ProjectId,
    },
    /// The results of a run.
    Run {
        /// The project.
        project: ProjectId,
        /// The run.
        run: RunId,
        /// Whether to show only what failed.
        only_failed: bool,
    },
    /// The portfolio.
    Portfolio,
}

/// A button: where it leads and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Action {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub route: Route,
}

/// Something to do, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct NextAction {
    /// Stable code of the rule.
    pub code: String,
    /// What to do.
    pub title: String,
    /// Why.
    pub why: String,
    /// The button.
    pub action: Action,
}

/// How pressing an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Notice,
    /// Needs attention.
    Warning,
    /// Past its limit.
    Overdue,
}

/// A guard that speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Alert {
    /// Stable code of the guard.
    pub code: String,
    /// How pressing it is.
    pub severity: Severity,
    /// What is the matter.
    pub title: String,
    /// The reason, and what it costs to wait.
    pub detail: String,
    /// What to do.
    pub action: Action,
}

/// Something that is coming.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ComingUp {
    /// What.
    pub text: String,
    /// When.
    pub date: NaiveDate,
}

/// One week of the strip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct StripWeek {
    /// 1 to 12.
    pub number: u8,
    /// 1 to 3.
    pub month: u8,
    /// What the week is about.
    pub title: String,
    /// Where it stands.
    pub state: WeekState,
}

/// One month below the strip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct StripMonth {
    /// 1 to 3.
    pub number: u8,
    /// What the month is about.
    pub title: String,
}

/// The week of today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct TodayWeek {
    /// 1 to 12.
    pub number: u8,
    /// 1 to 3.
    pub month: u8,
    /// What the week is about.
    pub title: String,
    /// Its last day.
    pub ends: NaiveDate,
    /// The time-box in hours.
    pub time_box_hours: u8,
    /// An output to start from.
    pub suggested_output: String,
    /// Its output, once defined.
    pub output: Option<OutputView>,
    /// What closing it asks for.
    pub needs: Vec<NeedView>,
    /// Where it stands: now, or done.
    pub state: WeekState,
}

/// The Today room. Metrics of the last run are added beside it by api.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct TodayView {
    /// Today, in the user's zone.
    pub date: NaiveDate,
    /// Whether a start date was chosen.
    pub set_out: bool,
    /// The week of today; absent before week 1, after week 12 and before setting out.
    pub week: Option<TodayWeek>,
    /// Twelve weeks.
    pub strip: Vec<StripWeek>,
    /// Three months.
    pub months: Vec<StripMonth>,
    /// How far the plan is.
    pub progress: Progress,
    /// Days from today to the last day; negative once it is past.
    pub days_left: Option<i32>,
    /// The pause, while one lasts.
    pub paused: Option<PauseView>,
    /// The one thing to do next.
    pub next: NextAction,
    /// Other things that would help, best first.
    pub alternatives: Vec<NextAction>,
    /// Guards that speak, most pressing first.
    pub alerts: Vec<Alert>,
    /// What is coming, soonest first.
    pub coming_up: Vec<ComingUp>,
}
