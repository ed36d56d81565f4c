//! The Skills room.

use chrono::{DateTime, NaiveDate, Utc};
use evidence::{ArtifactId, RunId};
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// A thing that speaks for a level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct EvidenceLine {
    /// What it shows.
    pub text: String,
    /// The run, where it is one.
    pub run: Option<RunId>,
    /// The artifact, where it is one.
    pub artifact: Option<ArtifactId>,
}

/// How self-score and evidence differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// The self-score is at least two levels above the evidence.
    FeltNotShown,
    /// The evidence is above the self-score.
    ShownNotFelt,
}

/// A difference worth saying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct GapFlag {
    /// Which way.
    pub kind: GapKind,
    /// In words.
    pub text: String,
}

/// One competency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct CompetencyView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is, in one line.
    pub summary: String,
    /// Where somebody who writes prompts usually starts.
    pub starts_from: String,
    /// What it is raised to.
    pub upgrade: String,
    /// The learner's own score.
    pub self_level: Option<u8>,
    /// The level that runs and artifacts show; 1 when they show nothing yet.
    pub evidence_level: u8,
    /// What speaks for it.
    pub evidence: Vec<EvidenceLine>,
    /// The level that the role family asks for; absent until one is chosen.
    pub target: Option<u8>,
    /// Why.
    pub target_reason: Option<String>,
    /// What would raise it, in one line.
    pub next_step: String,
    /// What each level from 1 to 5 looks like.
    pub anchors: [String; 5],
    /// What the next level still asks for.
    pub missing: Vec<String>,
    /// Why the evidence counts for no more than this level, where a cap holds it.
    pub cap: Option<String>,
    /// Whether it is in the sprint's focus.
    pub focus: bool,
    /// A difference between self-score and evidence that is worth saying.
    pub gap_flag: Option<GapFlag>,
}

/// The sprint's focus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FocusView {
    /// Two competency ids.
    pub competencies: Vec<String>,
    /// When it was chosen.
    pub chosen_on: NaiveDate,
    /// Why it differs from what the rule proposed, where it does.
    pub reason: Option<String>,
}

/// One scoring of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ScoringView {
    /// When.
    pub at: DateTime<Utc>,
    /// Every score as it stood after it, by competency id.
    pub scores: BTreeMap<String, u8>,
    /// What changed, in words.
    pub change: String,
}

/// The Skills room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SkillsView {
    /// The one thing that the table says.
    pub headline: String,
    /// The sentence or two below it.
    pub explanation: String,
    /// The role family's name.
    pub role_family: Option<String>,
    /// What the targets rest on.
    pub targets_note: String,
    /// When the learner last scored.
    pub scored_at: Option<DateTime<Utc>>,
    /// Whether the monthly scoring is due.
    pub rescore_due: bool,
    /// Advice, when the scores do not tell the competencies apart.
    pub score_advice: Option<String>,
    /// The seven competencies.
    pub competencies: Vec<CompetencyView>,
    /// The focus, once chosen.
    pub focus: Option<FocusView>,
    /// The two that the rule proposes now.
    pub proposed_focus: Vec<String>,
    /// How the proposal is made and how ties are broken.
    pub tie_rule: String,
    /// Every scoring, newest first.
    pub history: Vec<ScoringView>,
}
