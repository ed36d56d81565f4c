//! What people say of results: which ones they look at first, their verdicts, and why a result failed.
//!
//! [`risk`] ranks the results of a run, [`sample`] puts them into a random order that is always the same.
//! `docs/review.md` says the same for people.

mod risk;
mod sample;

pub use risk::{ReviewFlags, RiskReason, RiskyResult, is_high_risk_category, riskiest};
pub use sample::random_order;

use crate::trial::TrialKey;
use chrono::{DateTime, Utc};
use evidence::{CriterionPoints, Marks, ReviewPass};

/// What one person said of one result in one pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Which result.
    pub key: TrialKey,
    /// Which look.
    pub pass: ReviewPass,
    /// Who, as they typed it.
    pub reviewer: String,
    /// The verdict.
    pub passed: bool,
    /// What was verified.
    pub marks: Marks,
    /// Points by criterion.
    pub points: Vec<CriterionPoints>,
    /// In their words.
    pub note: String,
    /// When.
    pub reviewed_at: DateTime<Utc>,
}
