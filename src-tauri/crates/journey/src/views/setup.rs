//! Onboarding: what can be chosen, and what was chosen so far.

use chrono::NaiveDate;
use serde::Serialize;
use ts_rs::TS;

/// A role family to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RoleFamilyChoice {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What people in it do, in one line.
    pub summary: String,
    /// The competencies it asks most of, as names.
    pub asks_most_of: Vec<String>,
}

/// A competency to score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct CompetencyChoice {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is, in one line.
    pub summary: String,
    /// What each level from 1 to 5 looks like.
    pub anchors: [String; 5],
    /// The score so far.
    pub self_level: Option<u8>,
}

/// The first screens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SetupView {
    /// Whether a start date was chosen.
    pub set_out: bool,
    /// The start date so far; today before one was chosen.
    pub start_date: NaiveDate,
    /// The role family so far.
    pub role_family: Option<String>,
    /// What the targets rest on.
    pub targets_note: String,
    /// The role families.
    pub role_families: Vec<RoleFamilyChoice>,
    /// The seven competencies.
    pub competencies: Vec<CompetencyChoice>,
}
