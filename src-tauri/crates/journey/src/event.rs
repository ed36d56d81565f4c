//! What happened. Events are only ever added, so the history of a plan is never lost.

use chrono::{DateTime, NaiveDate, Utc};
use evidence::{Artifact, ArtifactId, ProjectId, RunId};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};
use ts_rs::TS;
use uuid::Uuid;

/// One thing to do that a person wrote down, or made from a failed case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "string")]
pub struct ItemId(Uuid);

impl ItemId {
    /// The id of the n-th item of a record, made at this instant: a version 7 UUID that depends on nothing else,
    /// so that deciding stays a pure function.
    pub fn at(now: DateTime<Utc>, nth: u64) -> Self {
        let mut rest = [0_u8; 10];
        rest[2..].copy_from_slice(&nth.to_be_bytes());
        let milliseconds = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(milliseconds, &rest).into_uuid())
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where an artifact is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "place", rename_all = "snake_case")]
pub enum Place {
    /// To a week's output.
    Week {
        /// 1 to 12.
        week: u8,
    },
    /// To the proof of a month.
    Month {
        /// 1 to 3.
        month: u8,
    },
    /// To one item.
    Item {
        /// The item.
        item: ItemId,
    },
}

/// What an item was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum ItemSource {
    /// A person wrote it.
    Written,
    /// A case that failed in a run.
    FailedCase {
        /// The project of the run.
        project: ProjectId,
        /// The run.
        run: RunId,
        /// The case.
        case_id: String,
    },
}

/// What kind of learning was logged. None of them moves a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LearningKind {
    /// A tutorial.
    Tutorial,
    /// A course.
    Course,
    /// A certificate.
    Certificate,
    /// A book, a paper or an article.
    Reading,
}

/// Something that happened. A kind that this version does not know reads as [`Event::Unknown`] and is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The twelve weeks were given a first day.
    SetOut {
        /// First day of week 1; any weekday.
        start_date: NaiveDate,
    },
    /// A role family was chosen.
    RoleFamilyChosen {
        /// Its id in `role-families.yaml`.
        role_family: String,
    },
    /// Competencies were scored by the learner. Those that are absent keep their earlier score.
    SkillsScored {
        /// The day.
        on: NaiveDate,
        /// Competency id to a level from 1 to 5.
        scores: BTreeMap<String, u8>,
    },
    /// Two competencies were made the focus of the sprint.
    FocusChosen {
        /// The day.
        on: NaiveDate,
        /// Competency ids.
        competencies: Vec<String>,
        /// What the rule proposed at that moment.
        proposed: Vec<String>,
        /// Why the choice differs from the proposal, where it does.
        reason: Option<String>,
    },
    /// One objective for the twelve weeks was set.
    ObjectiveSet {
        /// The day.
        on: NaiveDate,
        /// What will be true at the end.
        outcome: String,
        /// The thing that others will be able to open.
        artifact: String,
    },
    /// The measurable output of a week was defined.
    OutputDefined {
        /// 1 to 12.
        week: u8,
        /// The output.
        text: String,
        /// The day.
        on: NaiveDate,
        /// Whether the week had begun. The stamp stays, whatever happens to the dates later.
        late: bool,
    },
    /// An artifact was linked.
    ArtifactLinked {
        /// Where.
        place: Place,
        /// What.
        artifact: Artifact,
        /// The need that it was linked for, if one was named.
        #[serde(default)]
        need: Option<String>,
    },
    /// An artifact was taken off again.
    ArtifactUnlinked {
        /// Which.
        artifact: ArtifactId,
    },
    /// An item was added.
    ItemAdded {
        /// Its id.
        item: ItemId,
        /// What is to be done.
        text: String,
        /// The week it belongs to; absent for the backlog.
        week: Option<u8>,
        /// What it was made from.
        source: ItemSource,
    },
    /// An item was moved to another week or to the backlog.
    ItemMoved {
        /// Which.
        item: ItemId,
        /// The new week; absent for the backlog.
        week: Option<u8>,
    },
    /// An item was dropped. It stays in the history.
    ItemDropped {
        /// Which.
        item: ItemId,
    },
    /// A week was closed.
    WeekClosed {
        /// 1 to 12.
        week: u8,
        /// The day.
        on: NaiveDate,
        /// What happened and what was learned.
        retro: String,
        /// What comes next.
        next_plan: String,
    },
    /// A closed week was opened again.
    WeekReopened {
        /// 1 to 12.
        week: u8,
        /// Why.
        reason: String,
    },
    /// A month was closed.
    MonthClosed {
        /// 1 to 3.
        month: u8,
        /// The day.
        on: NaiveDate,
    },
    /// A closed month was opened again.
    MonthReopened {
        /// 1 to 3.
        month: u8,
        /// Why.
        reason: String,
    },
    /// A tutorial, course, certificate or text was finished.
    LearningLogged {
        /// The day.
        on: NaiveDate,
        /// What kind.
        what: LearningKind,
        /// Its title.
        title: String,
    },
    /// A week and all later ones were moved.
    PlanShifted {
        /// The first week that moves, 1 to 12.
        from_week: u8,
        /// By how many days; negative to bring them forward.
        days: i32,
        /// Why.
        reason: Option<String>,
    },
    /// The plan was paused.
    PlanPaused {
        /// First day of the pause.
        on: NaiveDate,
        /// Why.
        reason: Option<String>,
    },
    /// The plan went on.
    PlanResumed {
        /// First day after the pause.
        on: NaiveDate,
    },
    /// Something that a later version of the app wrote.
    #[serde(other)]
    Unknown,
}

/// An event with its moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Entry {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: Event,
}
