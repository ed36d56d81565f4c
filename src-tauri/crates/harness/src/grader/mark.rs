//! What a rule says, before the grader's name is put to it; and what stays open.

use crate::trial::Severity;
use evidence::{PicoUsd, Tokens};
use serde::{Deserialize, Serialize};

/// Why a grade decides nothing. Its `passed` and `score` then mean nothing and must be counted nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undecided {
    /// No judge gave a verdict that can be used.
    JudgeFailed,
    /// The embedding model gave nothing that can be used.
    EmbeddingFailed,
    /// The script broke off, took too long or returned no verdict.
    ScriptFailed,
    /// The texts are too long to be compared.
    TooLong,
    /// A person has not looked yet.
    AwaitsPerson,
}

impl Undecided {
    /// The name for people, as a failure category.
    pub fn label(self) -> &'static str {
        match self {
            Self::JudgeFailed => "judge failed",
            Self::EmbeddingFailed => "embedding failed",
            Self::ScriptFailed => "script failed",
            Self::TooLong => "too long to compare",
            Self::AwaitsPerson => "awaits a person",
        }
    }
}

/// What grading itself spent on models, apart from what the target cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradingSpend {
    /// Calls that were answered.
    pub calls: u32,
    /// Tokens, as far as they were reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Tokens>,
    /// Cost of the calls that could be priced; absent where none could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<PicoUsd>,
    /// Calls that could not be priced.
    #[serde(default)]
    pub unpriced: u32,
    /// Whether a practice model answered one of them, so that the grade is practice as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub practice: bool,
}

impl GradingSpend {
    /// Adds one answered call.
    pub fn call(&mut self, tokens: Option<Tokens>, cost: Option<PicoUsd>, practice: bool) {
        self.add(&Self {
            calls: 1,
            tokens,
            cost,
            unpriced: u32::from(cost.is_none()),
            practice,
        });
    }

    /// Adds what something else spent.
    pub fn add(&mut self, more: &Self) {
        self.calls += more.calls;
        self.unpriced += more.unpriced;
        self.practice |= more.practice;
        self.cost = match (self.cost, more.cost) {
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b),
        };
        self.tokens = match (self.tokens, more.tokens) {
            (Some(a), Some(b)) => Some(Tokens {
                input: a.input + b.input,
                output: a.output + b.output,
            }),
            (a, b) => a.or(b),
        };
    }
}

/// What one judge said of one answer. Kept for each judge, so that their agreement can be computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JudgeGrade {
    /// The provider that was asked, as the suite names it.
    pub judge: String,
    /// The model that answered, where it was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The verdict, or why there is none.
    #[serde(flatten)]
    pub said: JudgeSaid,
}

/// A judge's verdict, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgeSaid {
    /// A verdict.
    Verdict {
        /// Whether this judge alone would pass the answer.
        passed: bool,
        /// Points on the rubric's scale; absent where the scale is pass or fail.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        points: Option<i64>,
        /// Why, in the judge's words.
        reason: String,
    },
    /// Why there is no verdict.
    Failed(String),
}

/// What a rule says, before the grader's name is put to it.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(super) passed: bool,
    pub(super) score: f64,
    pub(super) reason: String,
    pub(super) severity: Option<Severity>,
    /// Replaces the grader's failure label where the rule knows better.
    pub(super) failure: Option<&'static str>,
    pub(super) undecided: Option<Undecided>,
    pub(super) judges: Vec<JudgeGrade>,
    pub(super) spent: Option<GradingSpend>,
}

impl Mark {
    pub(super) fn new(passed: bool, score: f64, reason: impl Into<String>) -> Self {
        Self {
            passed,
            score,
            reason: reason.into(),
            severity: None,
            failure: None,
            undecided: None,
            judges: Vec::new(),
            spent: None,
        }
    }

    /// Score 1 or 0.
    pub(super) fn plain(passed: bool, reason: impl Into<String>) -> Self {
        Self::new(passed, f64::from(u8::from(passed)), reason)
    }

    /// No verdict.
    pub(super) fn undecided(why: Undecided, reason: impl Into<String>) -> Self {
        Self {
            undecided: Some(why),
            ..Self::plain(false, reason)
        }
    }

    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    pub(super) fn spent(mut self, spent: GradingSpend) -> Self {
        self.spent = (spent.calls > 0).then_some(spent);
        self
    }
}
