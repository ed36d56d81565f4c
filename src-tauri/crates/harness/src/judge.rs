//! What is said of an answer: the seam between the runner, which asks, and whoever knows what was expected.

use crate::{
    dataset::Case,
    grader::{
        Graded, Grader, grade_all,
        models::{CapNoted, ModelCalls},
    },
    trial::{Answer, Cause, Grade, TrialError},
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
    /// Whether a practice model judged, so that the verdict is practice too.
    pub practice: bool,
}

/// Judges answers.
pub trait Judge: Send + Sync {
    /// Judges one.
    fn judge<'a>(&'a self, answer: ToJudge<'a>) -> BoxFuture<'a, Judged>;

    /// Whether it asks models, so that nobody knows beforehand what a verdict costs.
    fn asks_models(&self) -> bool {
        false
    }
}

/// The graders of a suite: an answer passes when every deciding grader that applies passes it.
pub struct SuiteJudge {
    graders: Arc<[Grader]>,
    models: Option<Arc<dyn ModelCalls>>,
}

impl SuiteJudge {
    /// A judge of these graders, in order; `models` answers the graders that ask models.
    pub fn new(graders: &[Grader], models: Option<Arc<dyn ModelCalls>>) -> Self {
        Self {
            graders: graders.into(),
            models,
        }
    }

    async fn verdict(&self, answer: ToJudge<'_>) -> Judged {
        let graded = Graded {
            case: answer.case,
            answer: answer.answer,
            latency_ms: answer.latency_ms,
            cost: answer.cost,
        };
        let models = self.models.as_deref().map(CapNoted::new);
        let asked = models.as_ref().map(|models| models as &dyn ModelCalls);
        let verdict = grade_all(&self.graders, &graded, asked).await;
        let refused = models.as_ref().is_some_and(CapNoted::was_refused);
        // Where a deciding grader gave no verdict and none failed, nobody knows whether the answer passes.
        let error = verdict.passed.is_none().then(|| {
            let open = verdict
                .grades
                .iter()
                .find(|grade| grade.undecided.is_some() && !grade.informational);
            TrialError {
                cause: if refused {
                    Cause::SpendingCap
                } else {
                    Cause::GradingFailed
                },
                message: open.map_or_else(
                    || "a grader gave no verdict".into(),
                    |grade| format!("{}: {}", grade.grader, grade.reason),
                ),
            }
        });
        Judged {
            passed: verdict.passed == Some(true),
            score: verdict.score,
            failure: verdict.failure,
            error,
            cost: verdict.spent.cost,
            practice: verdict.spent.practice,
            grades: verdict.grades,
        }
    }
}

impl Judge for SuiteJudge {
    fn judge<'a>(&'a self, answer: ToJudge<'a>) -> BoxFuture<'a, Judged> {
        self.verdict(answer).boxed()
    }

    fn asks_models(&self) -> bool {
        self.graders.iter().any(Grader::needs_models)
    }
}
