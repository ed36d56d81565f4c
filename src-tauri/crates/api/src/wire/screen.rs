//! Screens that join the journey with what was measured.

use super::run::TileView;
use chrono::{DateTime, Utc};
use evidence::{ProjectId, RunId};
use journey::{Command, Place, views::TodayView};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The Today room.
#[derive(Clone, Debug, Serialize, TS)]
pub struct TodayScreen {
    /// The week, the next action, what is worth attention.
    pub today: TodayView,
    /// The newest run of the active project.
    pub last_run: Option<LastRun>,
}

/// A run in the margin of Today.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LastRun {
    /// The run.
    pub run: RunId,
    /// Its project.
    pub project: ProjectId,
    /// Name of the project.
    pub project_name: String,
    /// "golden, run 13, 100 cases, practice-small".
    pub caption: String,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Pass rate, latency, cost.
    pub tiles: Vec<TileView>,
    /// Whether a practice model answered.
    pub practice: bool,
}

/// Something that the person did or decided.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RecordRequest {
    /// What.
    pub command: Command,
}

/// What is to be linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LinkSource {
    /// A run.
    Run {
        /// Which.
        run: RunId,
    },
    /// A file; its content is hashed as it is now.
    File {
        /// Absolute path.
        path: String,
    },
    /// A page.
    Link {
        /// Address.
        url: String,
    },
}

/// Links an artifact.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LinkRequest {
    /// Where.
    pub place: Place,
    /// What.
    pub source: LinkSource,
    /// What a reader sees; made from the source when empty.
    #[serde(default)]
    pub label: String,
    /// The need that it is linked for.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub need: Option<String>,
}
