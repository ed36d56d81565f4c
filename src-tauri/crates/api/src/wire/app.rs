//! The app as a whole: state at start, settings, what can be resumed.

use evidence::{ProjectId, RunId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// What a person has set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Settings {
    /// Light or dark.
    pub theme: Theme,
    /// Text size in percent of the standard, 80 to 200.
    pub text_zoom: u16,
    /// Whether the person said "later" to the set-up.
    #[serde(default)]
    pub setup_skipped: bool,
    /// Broken-off runs whose offer to be resumed was waved away, oldest first.
    #[serde(default)]
    pub dismissed_runs: Vec<RunId>,
}

impl Settings {
    /// Waved-away runs that are remembered at most.
    pub const MOST_DISMISSED: usize = 50;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            text_zoom: 100,
            setup_skipped: false,
            dismissed_runs: Vec::new(),
        }
    }
}

/// A run that ended before its work did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ResumableRun {
    /// The run.
    pub run: RunId,
    /// Its project.
    pub project: ProjectId,
    /// Name of the project.
    pub project_name: String,
    /// Number within the project.
    pub number: u32,
    /// Results that are safe.
    pub done: u64,
    /// Results it asks for in all.
    pub planned: u64,
    /// Why it ended, in words.
    pub reason: String,
}

/// A run that is being worked on now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunningRun {
    /// The run.
    pub run: RunId,
    /// Its project.
    pub project: ProjectId,
    /// Name of the project.
    pub project_name: String,
    /// Number within the project.
    pub number: u32,
    /// Results so far.
    pub done: u64,
    /// Results in all.
    pub planned: u64,
}

/// What a front needs before it draws its first screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AppState {
    /// Version of the app.
    pub version: String,
    /// Whether the person has set out (start date and role family are chosen).
    pub set_out: bool,
    /// What the person has set.
    pub settings: Settings,
    /// Where the database and the logs lie.
    pub data_folder: String,
    /// The folder offered for new projects.
    pub projects_folder: String,
    /// Runs that can be resumed, newest first.
    pub resumable: Vec<ResumableRun>,
    /// Runs going on now.
    pub running: Vec<RunningRun>,
    /// The starters that can be created.
    pub starters: Vec<StarterOffer>,
}

/// A starter project that can be created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StarterOffer {
    /// Name of its folder under content/starters.
    pub id: String,
    /// What people read.
    pub title: String,
    /// What it proves, in a sentence.
    pub description: String,
}
