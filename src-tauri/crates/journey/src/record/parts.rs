//! The parts of a record.

use crate::event::{ItemId, ItemSource, Place};
use chrono::{DateTime, NaiveDate, Utc};
use evidence::Artifact;
use std::collections::BTreeMap;

/// A week's output as it was defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The output.
    pub text: String,
    /// When it was defined.
    pub at: DateTime<Utc>,
    /// Whether the week had begun by then.
    pub late: bool,
}

/// How a week was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// When.
    pub at: DateTime<Utc>,
    /// What happened and what was learned.
    pub retro: String,
    /// What came next.
    pub next_plan: String,
}

/// An item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// What is to be done.
    pub text: String,
    /// Its week; absent in the backlog.
    pub week: Option<u8>,
    /// What it was made from.
    pub source: ItemSource,
}

/// An artifact with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// Where it is linked.
    pub place: Place,
    /// The artifact.
    pub artifact: Artifact,
    /// The need that it was linked for, if one was named.
    pub need: Option<String>,
}

/// The sprint's focus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Focus {
    /// Two competency ids.
    pub competencies: Vec<String>,
    /// The day it was chosen.
    pub on: NaiveDate,
    /// Why it differs from the proposal, where it does.
    pub reason: Option<String>,
}

/// One scoring, with every score as it stood after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scoring {
    /// When.
    pub at: DateTime<Utc>,
    /// The day, in the user's zone.
    pub on: NaiveDate,
    /// Competency id to level.
    pub scores: BTreeMap<String, u8>,
}

/// A pause that lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Its first day.
    pub since: NaiveDate,
    /// Why.
    pub reason: Option<String>,
}

/// The one objective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objective {
    /// What will be true at the end.
    pub outcome: String,
    /// The thing that others will be able to open.
    pub artifact: String,
}
