//! What people say of results: verdicts, root causes, and the file that they can be taken away in.

mod agreement;
mod queue;
mod report;

use super::{Playbook, results_file::ReviewEntry};
use crate::{
    Code, Error,
    wire::{
        Nothing,
        portfolio::Exported,
        review::{ExportReviewsRequest, LabelRequest, ResultReviews, ReviewView, SaveReviewRequest},
        run::ResultRequest,
    },
};
use evidence::{CriterionPoints, ReviewPass};
use harness::{
    TrialRecord,
    grader::{GraderInfo, Undecided},
    review::{Review, RiskyResult, riskiest},
};
use serde::Serialize;
use std::path::Path;
use store::{ResultDetail, RunRecord};

/// Where the name is kept that a person typed last.
const REVIEWER: &str = "reviewer";

impl From<Review> for ReviewView {
    fn from(review: Review) -> Self {
        Self {
            pass: review.pass,
            reviewer: review.reviewer,
            passed: review.passed,
            marks: review.marks,
            points: review.points,
            note: review.note,
            reviewed_at: review.reviewed_at,
        }
    }
}

/// A review as a line of a file.
#[derive(Serialize)]
struct ReviewLine {
    run: evidence::RunId,
    run_number: u32,
    case_id: String,
    repeat: u32,
    automatic: Option<bool>,
    #[serde(flatten)]
    review: ReviewEntry,
    #[serde(skip_serializing_if = "Option::is_none")]
    root_cause: Option<evidence::RootCause>,
}

impl Playbook {
    /// Keeps what a person thinks of a result.
    pub async fn save_review(&self, request: SaveReviewRequest) -> Result<ReviewView, Error> {
        self.blocking(move |playbook| {
            let (record, trial) = playbook.trial(request.run, request.case_index, request.repeat)?;
            let key = trial.key;
            if !trial.answered() {
                return Err(Error::new(
                    Code::Refused,
                    format!("{} has no answer to judge", trial.case_id),
                    "Name its root cause instead.",
                ));
            }
            let reviewer = request.reviewer.trim().to_owned();
            if reviewer.is_empty() {
                return Err(Error::input(
                    "a review needs somebody who gave it",
                    "Type your name; it stays on this machine.",
                ));
            }
            let there = playbook.store.reviews(record.key, Some(key))?;
            demand_order(&there, request.pass)?;
            let detail = playbook.store.result_detail(record.key, key)?;
            for points in &request.points {
                check_points(points, &record.graders, &detail)?;
            }
            let review = Review {
                key,
                pass: request.pass,
                reviewer,
                passed: request.passed,
                marks: request.marks,
                points: request.points,
                note: request.note.trim().to_owned(),
                reviewed_at: playbook.host.now(),
            };
            playbook.store.save_review(record.key, &review)?;
            playbook.store.set_setting(REVIEWER, &review.reviewer)?;
            Ok(review.into())
        })
        .await
    }

    /// What people said of one result, in both passes.
    pub async fn result_reviews(&self, request: ResultRequest) -> Result<ResultReviews, Error> {
        self.blocking(move |playbook| {
            let (record, trial) = playbook.trial(request.run, request.case_index, request.repeat)?;
            let key = trial.key;
            let reviews = playbook.store.reviews(record.key, Some(key))?;
            Ok(ResultReviews {
                can_label: is_failure(&trial, &reviews),
                root_cause: playbook.store.root_causes(record.key)?.remove(&key),
                reviews: reviews.into_iter().map(ReviewView::from).collect(),
            })
        })
        .await
    }

    /// Says why a result failed.
    pub async fn label_root_cause(&self, request: LabelRequest) -> Result<Nothing, Error> {
        self.blocking(move |playbook| {
            let (record, trial) = playbook.trial(request.run, request.case_index, request.repeat)?;
            let key = trial.key;
            let reviews = playbook.store.reviews(record.key, Some(key))?;
            if request.cause.is_some() && !is_failure(&trial, &reviews) {
                return Err(Error::new(
                    Code::Refused,
                    format!("{} did not fail, so there is no cause to name", trial.case_id),
                    "Where the graders are wrong, fail it in a review first.",
                ));
            }
            playbook
                .store
                .label_root_cause(record.key, key, request.cause, playbook.host.now())?;
            Ok(Nothing {})
        })
        .await
    }

    /// Writes the reviews of a run into the project's folder, as JSON Lines.
    pub async fn export_reviews(&self, request: ExportReviewsRequest) -> Result<Exported, Error> {
        self.blocking(move |playbook| {
            let record = playbook.store.run(request.run)?;
            let project = playbook.store.project(record.summary.project)?;
            let reviews = playbook.store.reviews(record.key, None)?;
            if reviews.is_empty() {
                return Err(Error::input(
                    format!("run {} has no review yet", record.summary.number),
                    "Review some of its results first.",
                ));
            }
            let causes = playbook.store.root_causes(record.key)?;
            let mut text = String::new();
            for review in reviews {
                let key = review.key;
                let trial = playbook.store.record(record.key, &record.graders, key)?;
                let line = ReviewLine {
                    run: record.summary.run,
                    run_number: record.summary.number,
                    repeat: key.repeat,
                    automatic: (!trial.error).then_some(trial.passed),
                    case_id: trial.case_id,
                    root_cause: causes.get(&key).copied(),
                    review: review.into(),
                };
                text += &serde_json::to_string(&line).map_err(|error| Error::internal(error.to_string()))?;
                text.push('\n');
            }
            let name = format!("reviews/run-{}.jsonl", record.summary.number);
            let files = [(name, text.into_bytes())];
            playbook.write_files(Path::new(&project.folder), &files, &request.replace)
        })
        .await
    }

    /// Every case of a run that has an answer, riskiest first, with the trials it was ranked from.
    fn ranked(&self, record: &RunRecord) -> Result<(Vec<RiskyResult>, Vec<TrialRecord>), Error> {
        let trials = self.store.records(record.key, &record.graders)?;
        let runs = self.store.runs(Some(record.summary.project))?;
        let before = match self.held_against(record, &runs)? {
            Some(earlier) => self.store.records(earlier.key, &earlier.graders)?,
            None => Vec::new(),
        };
        let flags = self.store.review_flags(record.key)?;
        Ok((riskiest(&trials, &flags, &before), trials))
    }
}

/// Whether a result failed, for the graders or for somebody who looked.
fn is_failure(trial: &TrialRecord, reviews: &[Review]) -> bool {
    !trial.passed || reviews.iter().any(|review| !review.passed)
}

/// The first pass comes first, and stays as it was once the second is there: otherwise agreement would measure editing.
fn demand_order(there: &[Review], pass: ReviewPass) -> Result<(), Error> {
    let has = |pass| there.iter().any(|review| review.pass == pass);
    let refused = |message: &str, hint: &str| Err(Error::new(Code::Refused, message, hint));
    match pass {
        ReviewPass::Second if !has(ReviewPass::First) => refused(
            "a second pass judges what a first one did",
            "Review it in the first pass.",
        ),
        ReviewPass::First if has(ReviewPass::Second) => refused(
            "the second pass has judged it, so the first stays as it was",
            "Change the second pass instead; the report shows both.",
        ),
        _ => Ok(()),
    }
}

/// Names of the rubrics that apply to a result.
fn rubrics_of(graders: &[GraderInfo], detail: &ResultDetail) -> Vec<String> {
    let applies = |grader: &&GraderInfo| {
        grader.rubric.is_some()
            && detail
                .grades
                .iter()
                .any(|grade| grade.grader == grader.name && grade.undecided == Some(Undecided::AwaitsPerson))
    };
    graders
        .iter()
        .filter(applies)
        .map(|grader| grader.name.clone())
        .collect()
}

fn check_points(
    points: &CriterionPoints,
    graders: &[GraderInfo],
    detail: &ResultDetail,
) -> Result<(), Error> {
    let unknown = || {
        Error::input(
            format!(
                "nothing called {} of {} is asked here",
                points.criterion, points.grader
            ),
            "Name a criterion of a rubric that applies to the case.",
        )
    };
    if !rubrics_of(graders, detail).contains(&points.grader) {
        return Err(unknown());
    }
    let criterion = graders
        .iter()
        .filter(|grader| grader.name == points.grader)
        .filter_map(|grader| grader.rubric.as_ref())
        .flat_map(|rubric| &rubric.criteria)
        .find(|criterion| criterion.name == points.criterion)
        .ok_or_else(unknown)?;
    let (low, high) = scale(criterion);
    if (low..=high).contains(&points.points) {
        return Ok(());
    }
    Err(Error::input(
        format!("{} is not on the scale of {}", points.points, points.criterion),
        format!("Give {low} to {high} points."),
    ))
}

/// The lowest and the highest point of a criterion.
fn scale(criterion: &harness::grader::Criterion) -> (i64, i64) {
    let first = criterion.anchors.first_key_value().map_or(0, |(point, _)| *point);
    let last = criterion
        .anchors
        .last_key_value()
        .map_or(first, |(point, _)| *point);
    (first, last)
}
