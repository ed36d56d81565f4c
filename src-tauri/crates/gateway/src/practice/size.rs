//! The two sizes, and all in which they differ. What is not here they have in common.

use std::time::Duration;

/// The sizes of the practice model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PracticeSize {
    /// Cheap, quick, easily distracted.
    #[default]
    Small,
    /// Dearer and slower, and more often right.
    Large,
}

impl PracticeSize {
    /// Both sizes, in the order of `GET /v1/models`. The small one stays first: a service may take the first it is offered.
    pub const ALL: [Self; 2] = [Self::Small, Self::Large];

    /// What a request calls it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Small => "practice-small",
            Self::Large => "practice-large",
        }
    }

    /// The size that a request names.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.id() == id)
    }

    /// How long it takes before it writes its first token.
    pub(super) fn before_writing(self, prompt_tokens: u64) -> Duration {
        let (fixed, each) = match self {
            Self::Small => (15_000, 20),
            Self::Large => (60_000, 40),
        };
        Duration::from_micros(prompt_tokens.saturating_mul(each).saturating_add(fixed))
    }

    /// How long it writes.
    pub(super) fn writing(self, completion_tokens: u64) -> Duration {
        let each = match self {
            Self::Small => 200,
            Self::Large => 600,
        };
        Duration::from_micros(completion_tokens.saturating_mul(each))
    }

    /// Greatest perturbation of its judgement of a sentence, with one passage.
    pub(super) fn noise(self) -> f64 {
        match self {
            Self::Small => 0.02,
            Self::Large => 0.004,
        }
    }

    /// How often a citation names an id that was not given.
    pub(super) fn wrong_citation(self) -> f64 {
        match self {
            Self::Small => 0.025,
            Self::Large => 0.004,
        }
    }

    /// What a pair of words counts that stand together in the question and in a sentence. The small one reads single words.
    pub(super) fn pair(self) -> f64 {
        match self {
            Self::Small => 0.0,
            Self::Large => 0.5,
        }
    }

    /// Most sentences of an answer.
    pub(super) fn sentences(self) -> usize {
        match self {
            Self::Small => 2,
            Self::Large => 3,
        }
    }

    /// How often it forgets an argument that a tool does not demand.
    pub(super) fn forgets(self) -> f64 {
        match self {
            Self::Small => 0.15,
            Self::Large => 0.01,
        }
    }

    /// Greatest perturbation of its judgement of an answer.
    pub(super) fn judging_noise(self) -> f64 {
        match self {
            Self::Small => 0.12,
            Self::Large => 0.02,
        }
    }

    /// What a hundred words of length add when it judges an answer: the bias for long answers.
    pub(super) fn length_bias(self) -> f64 {
        match self {
            Self::Small => 0.35,
            Self::Large => 0.02,
        }
    }

    /// How often it overlooks a "not" in a rubric.
    pub(super) fn overlooks_negation(self) -> f64 {
        match self {
            Self::Small => 0.25,
            Self::Large => 0.01,
        }
    }
}
