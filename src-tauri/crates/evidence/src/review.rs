//! The words in which people judge results: passes, marks, points, root causes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which look at a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReviewPass {
    /// The first.
    First,
    /// The second, given without seeing the first.
    Second,
}

/// What a person verified of an answer. Absent where nobody said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Marks {
    /// Whether it is true.
    pub correct: Option<bool>,
    /// Whether it is of use to the one who asked.
    pub valuable: Option<bool>,
    /// Whether it keeps to what the product promises and forbids.
    pub aligned: Option<bool>,
}

/// Points that a person gave on one criterion of a rubric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CriterionPoints {
    /// The `human_rubric` grader.
    pub grader: String,
    /// Name of the criterion.
    pub criterion: String,
    /// Points on its scale.
    pub points: i64,
}

/// The part of a system in which a failure has its cause, as a person sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RootCause {
    /// What the model was told.
    Prompt,
    /// What was found, or not found, for it to read.
    Retrieval,
    /// What the system remembered, forgot or mixed up.
    State,
    /// The model or its API.
    Provider,
    /// The order of steps, tools and decisions between calls.
    Orchestration,
    /// Machines, network, configuration.
    Infrastructure,
    /// Somebody looked and could not tell.
    Unclear,
}

impl RootCause {
    /// Every cause, in the order people are offered them.
    pub const ALL: [Self; 7] = [
        Self::Prompt,
        Self::Retrieval,
        Self::State,
        Self::Provider,
        Self::Orchestration,
        Self::Infrastructure,
        Self::Unclear,
    ];

    /// The name in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Retrieval => "retrieval",
            Self::State => "state",
            Self::Provider => "provider",
            Self::Orchestration => "orchestration",
            Self::Infrastructure => "infrastructure",
            Self::Unclear => "unclear",
        }
    }

    /// The cause of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == name)
    }
}
