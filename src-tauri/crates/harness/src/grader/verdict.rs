//! What several graders say together of one answer.

use super::{Graded, Grader, GradingSpend, models::ModelCalls};
use crate::trial::Grade;

/// What several graders say together of one answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Whether every deciding grader passes. None where nothing failed and a deciding grader gave no verdict.
    pub passed: Option<bool>,
    /// Mean score of the deciding graders that gave a verdict, between 0 and 1; without any, 1 for a pass, else 0.
    pub score: f64,
    /// Failure label of the first deciding grader that failed; where none failed, of the first that gave no verdict.
    pub failure: Option<String>,
    /// Grades in the suite's order, for the graders that apply.
    pub grades: Vec<Grade>,
    /// What grading spent on models.
    pub spent: GradingSpend,
}

/// Grades an answer by all graders of a suite. Graders that take their time run side by side.
pub async fn grade_all(graders: &[Grader], graded: &Graded<'_>, models: Option<&dyn ModelCalls>) -> Verdict {
    let marks: Vec<Option<(Grade, Option<String>)>> = if graders.iter().all(Grader::is_immediate) {
        graders.iter().map(|grader| grader.grade(graded)).collect()
    } else {
        let marks = graders
            .iter()
            .map(|grader| grader.grade_with_models(graded, models));
        futures::future::join_all(marks).await
    };
    let mut grades = Vec::with_capacity(marks.len());
    let mut spent = GradingSpend::default();
    let mut scores = Vec::new();
    let (mut failed, mut open) = (None, None);
    for (grade, failure) in marks.into_iter().flatten() {
        if let Some(more) = &grade.spent {
            spent.add(more);
        }
        if !grade.informational {
            if grade.undecided.is_some() {
                open = open.or(Some(failure));
            } else {
                scores.push(grade.score);
                if !grade.passed {
                    failed = failed.or(Some(failure));
                }
            }
        }
        grades.push(grade);
    }
    let passed = match (&failed, &open) {
        (Some(_), _) => Some(false),
        (None, Some(_)) => None,
        (None, None) => Some(true),
    };
    let score = if scores.is_empty() {
        f64::from(u8::from(passed == Some(true)))
    } else {
        scores.iter().sum::<f64>() / scores.len() as f64
    };
    Verdict {
        passed,
        score,
        failure: failed.or(open).flatten(),
        grades,
        spent,
    }
}
