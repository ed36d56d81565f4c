//! What a person may ask for, and how the answer no is worded.

use crate::event::{ItemId, LearningKind, Place};
use chrono::NaiveDate;
use evidence::{Artifact, ArtifactId, RunId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Something a person asks for. [`crate::decide`] turns it into events or refuses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Begin, or revise what was said at the beginning. Every part may be left out and given later.
    SetOut {
        /// First day of week 1, on any weekday. Without it, and without an earlier one, the plan starts today.
        start_date: Option<NaiveDate>,
        /// A role family's id.
        role_family: Option<String>,
        /// Competency id to a level from 1 to 5; any of the seven may be absent.
        #[serde(default)]
        self_scores: BTreeMap<String, u8>,
    },
    /// Choose another role family.
    ChooseRoleFamily {
        /// Its id.
        role_family: String,
    },
    /// Score competencies again; what is absent keeps its score.
    ScoreSkills {
        /// Competency id to a level from 1 to 5.
        scores: BTreeMap<String, u8>,
    },
    /// Choose the sprint's two competencies.
    ChooseFocus {
        /// Two competency ids.
        competencies: Vec<String>,
        /// Needed when they are not the two that the rule proposes.
        reason: Option<String>,
    },
    /// Set the one objective of the twelve weeks.
    SetObjective {
        /// What will be true at the end.
        outcome: String,
        /// The thing that others will be able to open.
        artifact: String,
    },
    /// Define a week's one measurable output.
    DefineOutput {
        /// 1 to 12.
        week: u8,
        /// The output.
        text: String,
    },
    /// Link an artifact.
    LinkArtifact {
        /// Where.
        place: Place,
        /// What; made by api.
        artifact: Artifact,
        /// The id of the need that it is linked for, where the person chose one.
        #[serde(default)]
        #[ts(optional = nullable)]
        need: Option<String>,
    },
    /// Take an artifact off.
    UnlinkArtifact {
        /// Which.
        artifact: ArtifactId,
    },
    /// Add an item.
    AddItem {
        /// What is to be done.
        text: String,
        /// The week; absent for the backlog.
        week: Option<u8>,
    },
    /// Turn a failed case into an item.
    AddItemFromFailure {
        /// The run in which it failed.
        run: RunId,
        /// The case.
        case_id: String,
        /// What to do about it; worded by the app when absent.
        text: Option<String>,
        /// The week; absent for the backlog.
        week: Option<u8>,
    },
    /// Move an item to another week or to the backlog.
    MoveItem {
        /// Which.
        item: ItemId,
        /// The new week; absent for the backlog.
        week: Option<u8>,
    },
    /// Drop an item.
    DropItem {
        /// Which.
        item: ItemId,
    },
    /// Close a week.
    CloseWeek {
        /// 1 to 12.
        week: u8,
        /// What happened and what was learned.
        retro: String,
        /// What comes next.
        next_plan: String,
    },
    /// Open a closed week again.
    ReopenWeek {
        /// 1 to 12.
        week: u8,
        /// Why.
        reason: String,
    },
    /// Close a month.
    CloseMonth {
        /// 1 to 3.
        month: u8,
    },
    /// Open a closed month again.
    ReopenMonth {
        /// 1 to 3.
        month: u8,
        /// Why.
        reason: String,
    },
    /// Log a tutorial, course, certificate or text. It moves no progress bar.
    LogLearning {
        /// What kind.
        what: LearningKind,
        /// Its title.
        title: String,
    },
    /// Move a week and all later ones.
    ShiftPlan {
        /// The first week that moves, 1 to 12.
        from_week: u8,
        /// By how many days; negative to bring them forward.
        days: i32,
        /// Why; may be left out.
        reason: Option<String>,
    },
    /// Pause the plan from today.
    PausePlan {
        /// Why; may be left out.
        reason: Option<String>,
    },
    /// Go on from today.
    ResumePlan,
}

/// Why a command was refused, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, TS)]
#[error("{message}")]
pub struct Refusal {
    /// Stable code; `journey.` and a word.
    pub code: &'static str,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do next, in one sentence.
    pub hint: String,
}

impl Refusal {
    /// A refusal from its three parts.
    pub fn new(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: hint.into(),
        }
    }
}
