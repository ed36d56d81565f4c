//! Claims: the only door through which a measured number enters a document.

mod assess;
mod draft;
mod propose;
mod stale;
pub mod text;

pub use assess::{assess, assess_all, comparisons_needed};
pub use propose::{is_slug, propose};

use chrono::{DateTime, Utc};
use evidence::{ClaimId, Comparison, ContentHash, Direction, Interval, ProjectId, RunId, Unit};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a person chose to claim. It carries no number: those come from the runs, each time anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClaimDefinition {
    /// Identity.
    pub id: ClaimId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// Name of its token, unique in the project: `pass-rate` is written `[[pass-rate]]`.
    pub slug: String,
    /// Name of the metric.
    pub metric: String,
    /// The run that measured it.
    pub run: RunId,
    /// The earlier run of a claim about a change.
    pub baseline: Option<RunId>,
    /// When the person made the claim.
    pub created_at: DateTime<Utc>,
}

/// What a claim says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// A value that one run measured.
    Level,
    /// A difference between two runs.
    Change,
}

/// Whether a claim may be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// It may enter a document.
    Holds,
    /// A newer candidate contradicts it.
    Stale,
    /// Too few cases, or an interval too wide to say anything.
    Weak,
    /// The paired comparison cannot tell the two runs apart.
    NotDistinguishable,
    /// It may not be made from these runs at all.
    Refused,
}

/// One run behind a claim, as the proof page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClaimRun {
    /// Identity.
    pub run: RunId,
    /// Number within its project.
    pub number: u32,
    /// Name of the suite.
    pub suite_name: String,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Content of the dataset.
    pub dataset: ContentHash,
    /// Its first seven digits.
    pub dataset_short: String,
    /// Content of the suite.
    pub suite: ContentHash,
    /// Its first seven digits.
    pub suite_short: String,
    /// Content of the target's files.
    pub source: ContentHash,
    /// Its first seven digits.
    pub source_short: String,
    /// Git commit of the target, where there is one.
    pub git_commit: Option<String>,
    /// Its first seven digits.
    pub git_commit_short: Option<String>,
    /// Whether files differed from that commit.
    pub uncommitted: bool,
    /// Models that answered.
    pub models: Vec<String>,
    /// Whether a practice model answered.
    pub practice: bool,
    /// Distinct cases.
    pub cases: u64,
    /// Cases times repeats.
    pub trials: u64,
}

/// The difference that a claim about a change rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Change {
    /// Value of the earlier run over the shared cases.
    pub before: f64,
    /// In words: "61 %".
    pub before_text: String,
    /// Value of the later run over the shared cases.
    pub after: f64,
    /// In words: "80 %".
    pub after_text: String,
    /// After minus before.
    pub difference: f64,
    /// In words: "+19 points".
    pub difference_text: String,
    /// 95 % interval of the difference, paired by case.
    pub interval: Option<Interval>,
    /// In words: "11 to 27".
    pub interval_text: Option<String>,
    /// Cases in both runs.
    pub n: u64,
    /// Exact McNemar p-value, where the metric is a pass or fail per case.
    pub p_value: Option<f64>,
    /// Whether the comparison tells the runs apart.
    pub distinguishable: bool,
    /// Whether the change is for the better; absent when not distinguishable.
    pub improved: Option<bool>,
    /// What differed between the two runs: "source", "configuration", "model", "dataset", "suite", "corpus".
    pub differed: Vec<String>,
}

/// A claim held against the runs: what it says, what it rests on, and whether it may be said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Claim {
    /// Identity.
    pub id: ClaimId,
    /// The project it belongs to.
    pub project: ProjectId,
    /// Name of its token.
    pub slug: String,
    /// Level or change.
    pub kind: ClaimKind,
    /// Name of the metric.
    pub metric: String,
    /// What people read: "Pass rate".
    pub label: String,
    /// Unit of the value.
    pub unit: Unit,
    /// Which way is better.
    pub better: Direction,
    /// The value that the run measured; absent when there is none.
    pub value: Option<f64>,
    /// In words: "80 %", "no data".
    pub value_text: String,
    /// 95 % interval of the value.
    pub interval: Option<Interval>,
    /// In words: "71 to 87".
    pub interval_text: Option<String>,
    /// How the interval came about: "Wilson score interval, 95 %".
    pub method_text: String,
    /// Observations behind it: the shared cases for a change, those of the metric for a level.
    pub n: u64,
    /// In words: "100 cases".
    pub n_text: String,
    /// The difference; present for a change whose comparison is known.
    pub change: Option<Change>,
    /// The runs, the baseline first.
    pub runs: Vec<ClaimRun>,
    /// In words: "runs 6 and 14".
    pub runs_text: String,
    /// In words: "2 Nov 2026 to 20 Nov 2026".
    pub dates_text: String,
    /// Models that answered, in order, each once.
    pub models: Vec<String>,
    /// Whether a practice model answered in any of the runs.
    pub practice: bool,
    /// Finished candidates of this suite before the run, and beside it where it is one of several targets: the best of twenty is
    /// not a result.
    pub candidates_before: u32,
    /// Finished candidates of this suite after the run.
    pub candidates_after: u32,
    /// The release threshold on the metric in the run: "at least 95 %".
    pub threshold_text: Option<String>,
    /// Whether it may be written down.
    pub state: ClaimState,
    /// Why it may not, in words for the reader; absent when it holds.
    pub reason: Option<String>,
    /// The claim as one sentence without a full stop.
    pub sentence: String,
    /// When the person made it.
    pub created_at: DateTime<Utc>,
}

impl Claim {
    /// Whether it may enter a document.
    pub fn holds(&self) -> bool {
        self.state == ClaimState::Holds
    }

    /// Where its proof stands in an exported case study.
    pub fn anchor(&self) -> String {
        format!("claim-{}", self.slug)
    }
}

/// Two runs in the order they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct RunPair {
    /// The earlier run.
    pub before: RunId,
    /// The later run.
    pub after: RunId,
}

/// A comparison and the runs it compares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RunComparison {
    /// The runs.
    #[serde(flatten)]
    pub pair: RunPair,
    /// What the comparison found on one metric.
    pub comparison: Comparison,
}

/// A claim that the newest candidate offers and nobody has made yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ClaimProposal {
    /// A free name for its token.
    pub slug: String,
    /// Level or change.
    pub kind: ClaimKind,
    /// Name of the metric.
    pub metric: String,
    /// What people read.
    pub label: String,
    /// The newest candidate.
    pub run: RunId,
    /// The earlier run of a change.
    pub baseline: Option<RunId>,
    /// What it would say.
    pub sentence: String,
    /// Whether it would hold.
    pub state: ClaimState,
    /// Why it would not.
    pub reason: Option<String>,
    /// Whether a practice model answered.
    pub practice: bool,
}

impl ClaimProposal {
    /// The claim that a person makes of it.
    pub fn define(&self, project: ProjectId, now: DateTime<Utc>) -> ClaimDefinition {
        ClaimDefinition {
            id: ClaimId::new(),
            project,
            slug: self.slug.clone(),
            metric: self.metric.clone(),
            run: self.run,
            baseline: self.baseline,
            created_at: now,
        }
    }
}

/// What a project may call itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// No claim holds: nothing was measured that may be said, so no bullet.
    Exploration,
    /// At least one claim holds.
    Measured,
}

/// What these claims make of their project.
pub fn standing(claims: &[Claim]) -> Standing {
    if claims.iter().any(Claim::holds) {
        Standing::Measured
    } else {
        Standing::Exploration
    }
}
