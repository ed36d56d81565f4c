//! Which results people look at, and in which order.

use super::{REVIEWER, rubrics_of, scale};
use crate::{
    Error,
    use_case::{Playbook, results::short_title},
    wire::review::{
        AnchorView, CriterionView, QueueItem, QueueOrder, ReviewQueue, ReviewQueueRequest, ReviewView,
        RiskReasonView, RubricView,
    },
};
use evidence::ReviewPass;
use harness::{
    TrialKey, TrialRecord,
    grader::GraderInfo,
    review::{Review, RiskyResult, random_order},
};
use std::collections::HashMap;

/// Results of a queue where nobody says how many.
const USUAL: u32 = 20;
/// Results of a queue at most.
const MOST: u32 = 500;

impl Playbook {
    /// The results of a run that people look at.
    pub async fn review_queue(&self, request: ReviewQueueRequest) -> Result<ReviewQueue, Error> {
        self.blocking(move |playbook| {
            let record = playbook.store.run(request.run)?;
            let project = playbook.store.project(record.summary.project)?;
            let (ranked, trials) = playbook.ranked(&record)?;
            let reviews = playbook.store.reviews(record.key, None)?;
            let count = |pass| reviews.iter().filter(|review| review.pass == pass).count() as u64;
            let cases = ranked.len() as u64;
            let limit = request.limit.unwrap_or(USUAL).clamp(1, MOST) as usize;
            let seed = record.summary.run.to_string();
            let mut chosen = chosen(request, ranked, &trials, &reviews, &seed);
            chosen.truncate(limit);
            let mut items = Vec::with_capacity(chosen.len());
            for result in chosen {
                let trial = playbook.store.record(record.key, &record.graders, result.key)?;
                let detail = playbook.store.result_detail(record.key, result.key)?;
                let review = reviews
                    .iter()
                    .find(|review| review.key == result.key && review.pass == request.pass);
                items.push(QueueItem {
                    case_index: result.key.case_index,
                    repeat: result.key.repeat,
                    case_id: trial.case_id,
                    category: trial.category,
                    question: short_title(&detail.fields),
                    risk: result.risk,
                    reasons: result
                        .reasons
                        .iter()
                        .map(|reason| RiskReasonView {
                            text: reason.to_string(),
                            points: reason.points(),
                        })
                        .collect(),
                    rubrics: rubrics_of(&record.graders, &detail),
                    review: review.cloned().map(ReviewView::from),
                });
            }
            Ok(ReviewQueue {
                run: record.summary.run,
                number: record.summary.number,
                project: project.id,
                project_name: project.name,
                suite_name: record.summary.suite_name.clone(),
                pass: request.pass,
                order: request.order,
                reviewed: items.iter().filter(|item| item.review.is_some()).count() as u64,
                items,
                first_pass: count(ReviewPass::First),
                second_pass: count(ReviewPass::Second),
                cases,
                rubrics: record.graders.iter().filter_map(rubric).collect(),
                reviewer: playbook.store.setting(REVIEWER)?,
            })
        })
        .await
    }
}

fn chosen(
    request: ReviewQueueRequest,
    ranked: Vec<RiskyResult>,
    trials: &[TrialRecord],
    reviews: &[Review],
    seed: &str,
) -> Vec<RiskyResult> {
    let mut keys: Vec<TrialKey> = match (request.pass, request.order) {
        (ReviewPass::First, QueueOrder::Riskiest) => return ranked,
        (ReviewPass::First, QueueOrder::Random) => return in_order(&sample(trials, seed), ranked),
        (ReviewPass::Second, _) => reviews
            .iter()
            .filter(|review| review.pass == ReviewPass::First)
            .map(|review| review.key)
            .collect(),
    };
    // In another order than the first time, so that the order does not remind of the verdict.
    random_order(&mut keys, &format!("{seed} again"));
    in_order(&keys, ranked)
}

/// The results of these keys in their order. What the ranking passed over (another repeat of a case) has no reasons.
fn in_order(keys: &[TrialKey], ranked: Vec<RiskyResult>) -> Vec<RiskyResult> {
    let mut known: HashMap<TrialKey, RiskyResult> =
        ranked.into_iter().map(|result| (result.key, result)).collect();
    keys.iter()
        .map(|key| {
            known.remove(key).unwrap_or(RiskyResult {
                key: *key,
                risk: 0,
                reasons: Vec::new(),
            })
        })
        .collect()
}

/// A random order of the cases that have a verdict of the graders, by their first repeat: what the corrected rate is made of.
pub(super) fn sample(trials: &[TrialRecord], seed: &str) -> Vec<TrialKey> {
    let mut keys: Vec<TrialKey> = trials
        .iter()
        .filter(|trial| trial.key.repeat == 0 && !trial.error)
        .map(|trial| trial.key)
        .collect();
    random_order(&mut keys, seed);
    keys
}

fn rubric(grader: &GraderInfo) -> Option<RubricView> {
    let rubric = grader.rubric.as_ref()?;
    Some(RubricView {
        grader: grader.name.clone(),
        instructions: rubric.instructions.clone(),
        criteria: rubric
            .criteria
            .iter()
            .map(|criterion| {
                let (low, high) = scale(criterion);
                CriterionView {
                    name: criterion.name.clone(),
                    question: criterion.question.clone(),
                    low,
                    high,
                    anchors: criterion
                        .anchors
                        .iter()
                        .map(|(points, words)| AnchorView {
                            points: *points,
                            words: words.clone(),
                        })
                        .collect(),
                }
            })
            .collect(),
    })
}
