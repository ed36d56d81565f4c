//! What is said of an answer: the seam between the runner, which asks, and whoever knows what was expected.

use crate::{
    dataset::Case,
    grader::{Graded, Grader},
    trial::{Answer, Grade, TrialError},
};
use evidence::PicoUsd;
use futures::{FutureExt as _, future::BoxFuture};
use std::sync::Arc;

/// An answer about to be judged.
pub struct ToJudge<'a> {
    /// The case.
    pub case: &'a Case,
    /// The answer.
    pub answer: &'a Answer,
    /// Which repeat, from 0.
    pub repeat: u32,
    /// Milliseconds from request to answer.
    pub latency_ms: f64,
    /// Milliseconds to the first token, where the answer was streamed.
    pub first_token_ms: Option<f64>,
    /// Cost of the case, where it could be priced.
    pub cost: Option<PicoUsd>,
    /// Whether the answer came from the response cache.
    pub cached: bool,
}

/// What was said of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// Whether it passes.
    pub passed: bool,
    /// Between 0 and 1 (a judge with another scale says so in its grades).
    pub score: f64,
    /// The first failing grader's failure label.
    pub failure: Option<String>,
    /// Grades in order.
    pub grades: Vec<Grade>,
    /// Why there is no verdict, where judging itself failed.
    pub error: Option<TrialError>,
    /// What judging cost, apart from what the target cost.
    pub cost: Option<PicoUsd>,
}

/// Judges answers.
pub trait Judge: Send + Sync {
    /// Judges one.
    fn judge<'a>(&'a self, answer: ToJudge<'a>) -> BoxFuture<'a, Judged>;
}

/// The graders of a suite: an answer passes when every deciding grader that applies passes it.
pub struct SuiteJudge {
    graders: Arc<[Grader]>,
}

impl SuiteJudge {
    /// A judge of these graders, in order.
    pub fn new(graders: &[Grader]) -> Self {
        Self {
            graders: graders.into(),
        }
    }

    fn judge_now(&self, answer: &ToJudge<'_>) -> Judged {
        let graded = Graded {
            case: answer.case,
            answer: answer.answer,
            latency_ms: answer.latency_ms,
            cost: answer.cost,
        };
        let mut judged = Judged {
            passed: true,
            ..Judged::default()
        };
        let mut scores = Vec::new();
        for grader in self.graders.iter() {
            let Some((grade, failure)) = grader.grade(&graded) else {
                continue;
            };
            if !grader.informational {
                scores.push(grade.score);
                judged.passed &= grade.passed;
                if judged.failure.is_none() {
                    judged.failure = failure;
                }
            }
            judged.grades.push(grade);
        }
        judged.score = if scores.is_empty() {
            f64::from(u8::from(judged.passed))
        } else {
            scores.iter().sum::<f64>() / scores.len() as f64
        };
        judged
    }
}

impl Judge for SuiteJudge {
    fn judge<'a>(&'a self, answer: ToJudge<'a>) -> BoxFuture<'a, Judged> {
        async move { self.judge_now(&answer) }.boxed()
    }
}
