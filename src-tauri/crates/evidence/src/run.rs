//! A run in summary: everything that the rest of the chain may know of it.

use crate::{
    gate::Gate,
    hash::ContentHash,
    id::{ProjectId, RunId},
    metric::{Interval, Metric, Unit},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use ts_rs::TS;

/// Why a run was made. Only candidates make claims, close milestones or turn a claim stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A version that could be released, on the whole suite.
    Candidate,
    /// Trying something out.
    Experiment,
    /// A fault or risk made on purpose.
    Drill,
    /// Part of a guided lab.
    Lab,
    /// A scheduled watch on a provider.
    Canary,
}

impl Purpose {
    /// Every purpose, in the order people are offered them.
    pub const ALL: [Self; 5] = [
        Self::Candidate,
        Self::Experiment,
        Self::Drill,
        Self::Lab,
        Self::Canary,
    ];

    /// The name in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Experiment => "experiment",
            Self::Drill => "drill",
            Self::Lab => "lab",
            Self::Canary => "canary",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Purpose {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
            .ok_or_else(|| {
                format!("`{text}` is not a purpose (expected candidate, experiment, drill, lab or canary)")
            })
    }
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Being worked on now.
    Running,
    /// Every trial has a result.
    Finished,
    /// Stopped by a person; can be resumed.
    Cancelled,
    /// The process ended before the run did; can be resumed.
    Interrupted,
    /// The target or the machine failed; can be resumed.
    Failed,
}

impl RunStatus {
    /// Whether work is left that a resume would do.
    pub fn can_resume(self) -> bool {
        matches!(self, Self::Cancelled | Self::Interrupted | Self::Failed)
    }
}

/// Tokens as the target reported them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Tokens {
    /// Tokens read by the model.
    pub input: u64,
    /// Tokens written by the model.
    pub output: u64,
}

/// A model that really answered, as the responses named it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ModelServed {
    /// Name in the responses; `unreported` when the target names none.
    pub name: String,
    /// Trials it answered.
    pub trials: u64,
    /// Whether it is a built-in practice model.
    pub practice: bool,
}

/// What was measured, identified by content, so that two runs can be held side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TargetIdentity {
    /// Name in the suite.
    pub name: String,
    /// Git commit of the project folder, where it is a repository with a commit.
    pub git_commit: Option<String>,
    /// Hash of the uncommitted change, where there is one.
    pub git_dirty: Option<ContentHash>,
    /// Hash of the project's files, without the suite, the dataset and what tools generate.
    pub source: ContentHash,
    /// Hash of what the suite says of the target (command, environment, mapping, model, prompt).
    pub configuration: ContentHash,
    /// Hash of the prompt, where the target is a model API asked directly.
    #[serde(default)]
    pub prompt: Option<ContentHash>,
    /// Models that answered, most trials first. Filled in when the run ends.
    pub models: Vec<ModelServed>,
    /// Corpus snapshots that the answers named, in order of appearance.
    pub snapshots: Vec<String>,
}

/// The result of one category of cases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Slice {
    /// The category.
    pub name: String,
    /// Its pass rate.
    pub pass_rate: Metric,
}

/// How many trials failed for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FailureShare {
    /// The failure category: a grader's `failure` label, or the cause of an error.
    pub name: String,
    /// Trials that failed for it (a trial counts once, under its first cause).
    pub trials: u64,
    /// Whether the trial ended in an error and not in a verdict.
    pub error: bool,
}

/// How many trials a grader failed at one severity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SeverityShare {
    /// The grader.
    pub grader: String,
    /// `minor`, `moderate` or `severe`.
    pub severity: String,
    /// Trials.
    pub trials: u64,
}

/// What repeats can say of steadiness: the verdict is measured, and "not enough repeats" is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Steadiness {
    /// The flip rate is at most the tolerance, with 95 % confidence.
    Stable,
    /// The flip rate is above the tolerance, with 95 % confidence.
    Flaky,
    /// Neither can be said yet.
    NotEnoughRepeats,
}

/// How steadily the cases of a run answered, measured by repeating them (`docs/statistics.md`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RepeatSummary {
    /// Cases that ran at least twice.
    pub cases: u64,
    /// Of those, the cases whose repeats disagree.
    pub disagreeing: u64,
    /// The chance that two repeats of the same case disagree, 0 to 1.
    pub flip_rate: f64,
    /// 95 % interval of the flip rate.
    pub flip_interval: (f64, f64),
    /// The flip rate up to which a suite counts as stable.
    pub tolerance: f64,
    /// The verdict on the flip rate.
    pub verdict: Steadiness,
}

/// Everything that the rest of the chain may know of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct RunSummary {
    /// Identity.
    pub run: RunId,
    /// Number within its project, from 1.
    pub number: u32,
    /// The project it belongs to.
    pub project: ProjectId,
    /// Name of the suite.
    pub suite_name: String,
    /// Why it was made.
    pub purpose: Purpose,
    /// Where it stands.
    pub status: RunStatus,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Content of the dataset.
    pub dataset: ContentHash,
    /// Content of the suite.
    pub suite: ContentHash,
    /// Content of the suite's graders; absent in runs from before it was kept.
    #[serde(default)]
    pub grading: Option<ContentHash>,
    /// What was measured.
    pub target: TargetIdentity,
    /// Distinct cases with a result.
    pub cases: u64,
    /// Results: cases times repeats.
    pub trials: u64,
    /// Results that the run asks for in all.
    pub planned: u64,
    /// How often each case is run.
    pub repeat: u32,
    /// Trials that passed every deciding grader.
    pub passed: u64,
    /// Trials that failed a deciding grader.
    pub failed: u64,
    /// Trials without a verdict: the target gave no usable answer.
    pub errored: u64,
    /// Every metric, `pass_rate` first.
    pub metrics: Vec<Metric>,
    /// Pass rate by category, in order of name.
    pub categories: Vec<Slice>,
    /// Failures by reason, most first.
    pub failures: Vec<FailureShare>,
    /// Failures by grader and severity, worst first within a grader.
    #[serde(default)]
    pub severities: Vec<SeverityShare>,
    /// Tokens of all trials that reported them; absent when none did.
    pub tokens: Option<Tokens>,
    /// Cost of all priced calls in US dollars; absent when nothing was priced.
    pub cost_usd: Option<f64>,
    /// Trials that called a model whose price is not known: counted, never 0.
    pub unpriced: u64,
    /// The release metrics.
    pub gate: Gate,
    /// Whether any trial was answered by a practice model.
    pub practice: bool,
    /// Cases that the learner wrote (not shipped with a starter).
    pub own_cases: u64,
    /// The starter the project came from, if any.
    pub starter: Option<String>,
    /// Whether the target differs from the starter as it was shipped. True for an own project.
    pub target_changed: bool,
    /// For a case that ran several times: cases whose trials disagree, and the cases that ran several times.
    pub flipping_cases: Option<(u64, u64)>,
    /// What the repeats say of steadiness; absent where no case ran several times.
    #[serde(default)]
    pub repeats: Option<RepeatSummary>,
    /// The first run of those that measured several targets side by side; absent for a run by itself.
    #[serde(default)]
    pub group: Option<RunId>,
    /// Which slice of the cases it ran, such as `2/4`; absent for all of them.
    #[serde(default)]
    pub shard: Option<String>,
    /// Bad rows of the dataset that were passed over because the person said so.
    #[serde(default)]
    pub skipped_rows: u64,
    /// Calls that were made again after a failure of the provider or the network.
    #[serde(default)]
    pub retries: u64,
    /// Results that came from the response cache; their latency and cost are those of the time they were asked.
    #[serde(default)]
    pub cached: u64,
    /// What grading by models cost in US dollars, apart from `cost_usd`; absent when nothing was.
    #[serde(default)]
    pub grading_cost_usd: Option<f64>,
    /// Why it was stopped before its end, where that was not a person's wish: the budget, or a pass rate that was decided.
    #[serde(default)]
    pub stopped: Option<String>,
}

impl RunSummary {
    /// The metric of that name.
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }

    /// What differs between an earlier run and this one, in words. What no run records (environment variables, hidden files,
    /// the machine) can differ all the same.
    pub fn differs_from(&self, earlier: &Self) -> Vec<String> {
        let models = |run: &Self| {
            let mut names: Vec<String> = run.target.models.iter().map(|model| model.name.clone()).collect();
            names.sort();
            names
        };
        let (then, now) = (&earlier.target, &self.target);
        [
            ("source", then.source != now.source),
            ("configuration", then.configuration != now.configuration),
            ("prompt", then.prompt != now.prompt),
            ("model", models(earlier) != models(self)),
            ("corpus snapshot", then.snapshots != now.snapshots),
            ("dataset", earlier.dataset != self.dataset),
            ("graders", earlier.grading != self.grading),
            ("suite", earlier.suite != self.suite),
        ]
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| name.to_owned())
        .collect()
    }

    /// The models as one text: "practice-small", "gpt-5-mini and gpt-5".
    pub fn models_text(&self) -> String {
        match self.target.models.as_slice() {
            [] => "model not reported".into(),
            models => models
                .iter()
                .map(|model| model.name.as_str())
                .collect::<Vec<_>>()
                .join(" and "),
        }
    }
}

/// A category in two runs, held against each other by its cases. Looking at many categories finds differences by chance, so
/// the p-values are adjusted by Holm's method over all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SliceComparison {
    /// The category.
    pub name: String,
    /// Cases that newly pass.
    pub gained: u64,
    /// Cases that newly fail.
    pub lost: u64,
    /// Cases in both runs.
    pub n: u64,
    /// Difference of the pass rates, after minus before.
    pub difference: Option<f64>,
    /// 95 % interval of the difference, paired by case.
    pub interval: Option<Interval>,
    /// McNemar p-value, adjusted over all categories.
    pub adjusted_p_value: f64,
    /// Whether the change is for the better; absent when it is not distinguishable from chance.
    pub improved: Option<bool>,
}

/// Two runs on the same cases, held against each other on one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Comparison {
    /// The metric's name.
    pub metric: String,
    /// What people read.
    pub label: String,
    /// Unit of the values and the difference.
    pub unit: Unit,
    /// Value of the earlier run, over the cases both have.
    pub before: f64,
    /// Value of the later run, over the cases both have.
    pub after: f64,
    /// After minus before.
    pub difference: f64,
    /// 95 % interval of the difference, paired by case.
    pub interval: Option<Interval>,
    /// Cases in both runs.
    pub n: u64,
    /// Exact McNemar p-value where the metric is a pass or fail per case.
    pub p_value: Option<f64>,
    /// Whether the interval excludes 0 (and McNemar agrees where it applies); otherwise "not distinguishable".
    pub distinguishable: bool,
    /// Whether the change is for the better; absent when not distinguishable.
    pub improved: Option<bool>,
    /// The smallest true difference that these cases show with 80 % power, as their differences scatter; absent where nothing
    /// scatters, and where not even the largest difference would show.
    #[serde(default)]
    pub detectable: Option<f64>,
    /// Whether the graders that decide this metric differ between the runs: then it is not comparable, and nothing is said of
    /// better or worse.
    #[serde(default)]
    pub graders_differ: bool,
}
