//! What people say of results: the queue, their verdicts, agreement, root causes.

use chrono::{DateTime, Utc};
use evidence::{CriterionPoints, Marks, ProjectId, ReviewPass, RootCause, RunId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which results a queue holds, and in which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum QueueOrder {
    /// Riskiest first.
    #[default]
    Riskiest,
    /// A random sample of the cases, the same each time. Only such a sample says something of the whole run.
    Random,
}

/// Asks for a run's queue.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct ReviewQueueRequest {
    /// The run.
    pub run: RunId,
    /// Which look. The second pass holds what the first one judged, in a random order.
    pub pass: ReviewPass,
    /// Which results.
    #[serde(default)]
    pub order: QueueOrder,
    /// Results at most; absent for 20, up to 500.
    pub limit: Option<u32>,
}

/// The results of a run that people look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ReviewQueue {
    /// The run.
    pub run: RunId,
    /// Its number.
    pub number: u32,
    /// Its project.
    pub project: ProjectId,
    /// Name of the project.
    pub project_name: String,
    /// Name of the suite.
    pub suite_name: String,
    /// Which look.
    pub pass: ReviewPass,
    /// Which results.
    pub order: QueueOrder,
    /// The results in order.
    pub items: Vec<QueueItem>,
    /// How many of them have a verdict in this pass.
    pub reviewed: u64,
    /// Results of the run with a verdict in the first pass.
    pub first_pass: u64,
    /// Results of the run with a verdict in the second pass.
    pub second_pass: u64,
    /// Cases of the run that have an answer to look at.
    pub cases: u64,
    /// What people are asked, by rubric.
    pub rubrics: Vec<RubricView>,
    /// Who reviewed last.
    pub reviewer: Option<String>,
}

/// A result in the queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct QueueItem {
    /// Ordinal of the case.
    pub case_index: u64,
    /// Which repeat.
    pub repeat: u32,
    /// The case's id.
    pub case_id: String,
    /// Its category.
    pub category: String,
    /// What was asked, shortened.
    pub question: String,
    /// Sum of the reasons' points.
    pub risk: u32,
    /// Why it stands where it stands, most points first.
    pub reasons: Vec<RiskReasonView>,
    /// Names of the rubrics that apply to it.
    pub rubrics: Vec<String>,
    /// What was said of it in this pass. The other pass is not told.
    pub review: Option<ReviewView>,
}

/// One reason to look at a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RiskReasonView {
    /// In words.
    pub text: String,
    /// What it adds to the risk.
    pub points: u32,
}

/// A rubric that people judge by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RubricView {
    /// The `human_rubric` grader.
    pub grader: String,
    /// What a reviewer reads before the criteria.
    pub instructions: String,
    /// What is judged, one by one.
    pub criteria: Vec<CriterionView>,
}

/// One thing that people judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CriterionView {
    /// Its name.
    pub name: String,
    /// The question that a reviewer answers.
    pub question: String,
    /// Lowest point of the scale.
    pub low: i64,
    /// Highest point of the scale.
    pub high: i64,
    /// What points mean, in ascending order.
    pub anchors: Vec<AnchorView>,
}

/// What a point of a scale means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnchorView {
    /// The point.
    pub points: i64,
    /// What it means.
    pub words: String,
}

/// Says what a person thinks of a result. Another review of the same pass is replaced.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SaveReviewRequest {
    /// The run.
    pub run: RunId,
    /// Ordinal of the case.
    pub case_index: u64,
    /// Which repeat.
    pub repeat: u32,
    /// Which look.
    pub pass: ReviewPass,
    /// Who. Stays on this machine.
    pub reviewer: String,
    /// The verdict.
    pub passed: bool,
    /// What was verified.
    #[serde(default)]
    pub marks: Marks,
    /// Points by criterion.
    #[serde(default)]
    pub points: Vec<CriterionPoints>,
    /// In their words.
    #[serde(default)]
    pub note: String,
}

/// What a person said of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReviewView {
    /// Which look.
    pub pass: ReviewPass,
    /// Who.
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

/// What people said of one result, both passes, and why it failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ResultReviews {
    /// The first pass before the second.
    pub reviews: Vec<ReviewView>,
    /// Why it failed, as a person sees it.
    pub root_cause: Option<RootCause>,
    /// Whether a cause can be named: it failed, or a person failed it.
    pub can_label: bool,
}

/// Says why a result failed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct LabelRequest {
    /// The run.
    pub run: RunId,
    /// Ordinal of the case.
    pub case_index: u64,
    /// Which repeat.
    pub repeat: u32,
    /// Why; absent to take the label off.
    pub cause: Option<RootCause>,
}

/// What the reviews of a run come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ReviewReport {
    /// Results with a verdict in the first pass.
    pub first_pass: u64,
    /// Results with a verdict in the second pass.
    pub second_pass: u64,
    /// The first pass against the second: the verdict, then each criterion.
    pub passes: Vec<AgreementView>,
    /// The graders' verdict against the people's: all reviewed results, then those of high risk.
    pub graders: Vec<AgreementView>,
    /// Results on which somebody disagrees, high risk first, then riskiest first.
    pub disagreements: Vec<Disagreement>,
    /// What was verified: correct, valuable, aligned.
    pub marks: Vec<ShareView>,
    /// The graders' pass rate, corrected by people.
    pub corrected: CorrectedRateView,
    /// Why results failed.
    pub root_causes: RootCauseShares,
}

/// How far two agree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AgreementView {
    /// What they agree on: "Verdict", a criterion's name.
    pub name: String,
    /// Results that both judged.
    pub n: u64,
    /// One sentence that says what it comes to.
    pub sentence: String,
    /// Raw agreement, kappa, AC1 or AC2, alpha; those that the data can carry come with a value.
    pub figures: Vec<AgreementFigure>,
    /// Why kappa is low although the two agree, where that is so.
    pub paradox: Option<String>,
}

/// One coefficient of agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AgreementFigure {
    /// Its name.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// The value in words.
    pub value_text: String,
    /// The 95 % interval in words.
    pub interval_text: Option<String>,
    /// Why the value or its interval is missing.
    pub note: Option<String>,
}

/// A result on which the passes, or people and graders, disagree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Disagreement {
    /// Ordinal of the case.
    pub case_index: u64,
    /// Which repeat.
    pub repeat: u32,
    /// The case's id.
    pub case_id: String,
    /// Its category.
    pub category: String,
    /// What was asked, shortened.
    pub question: String,
    /// Whether case or category say high risk.
    pub high_risk: bool,
    /// Its risk in points.
    pub risk: u32,
    /// The graders' verdict; absent where they gave none.
    pub automatic: Option<bool>,
    /// The verdict of the first pass.
    pub first: bool,
    /// The verdict of the second pass.
    pub second: Option<bool>,
    /// What the reviewer wrote last.
    pub note: String,
}

/// A share of results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ShareView {
    /// Stable name.
    pub name: String,
    /// What people read.
    pub label: String,
    /// Results that it holds for.
    pub count: u64,
    /// Results of which somebody said.
    pub n: u64,
    /// The share in words; "no data" for none.
    pub value_text: String,
    /// The 95 % interval in words.
    pub interval_text: Option<String>,
    /// The share.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

/// The graders' pass rate, corrected by people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CorrectedRateView {
    /// Cases of the random sample that people reviewed without a gap.
    pub sampled: u64,
    /// How many it takes.
    pub needed: u64,
    /// What the graders alone say, over one result of each case.
    pub judged: ShareView,
    /// What people say on the sample; absent while it is too small.
    pub labelled: Option<ShareView>,
    /// The corrected rate in words; absent while the sample is too small.
    pub value_text: Option<String>,
    /// Its 95 % interval in words.
    pub interval_text: Option<String>,
    /// What it says, or what is missing.
    pub sentence: String,
}

/// Why results failed, as people see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RootCauseShares {
    /// Failed results with a label.
    pub labelled: u64,
    /// Failed results without one; they are in no share.
    pub unlabelled: u64,
    /// Share of each cause among the labelled, with its Wilson interval; causes nobody named are left out.
    pub shares: Vec<ShareView>,
}

/// Asks for the reviews of a run as a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ExportReviewsRequest {
    /// The run.
    pub run: RunId,
    /// Files that may be replaced although the app did not write them as they are now.
    #[serde(default)]
    pub replace: Vec<String>,
}
