//! A run as the results file that scripts and other tools read (`docs/results-format.md`).

use super::Playbook;
use crate::Error;
use chrono::{DateTime, Utc};
use evidence::{
    CriterionPoints, GateVerdict, Marks, Metric, ReviewPass, RootCause, RunId, RunSummary, Tokens,
};
use harness::{Attempt, Grade, TrialKey, TrialRecord, review::Review};
use serde::Serialize;
use std::collections::HashMap;
use store::RunRecord;

/// The whole file.
#[derive(Clone, Debug, Serialize)]
pub struct ResultsFile {
    /// Version of this format.
    pub version: u32,
    /// The run by content: suite, dataset and target, purpose, gate, every metric. The first one where several targets were
    /// measured side by side.
    pub run: RunSummary,
    /// The numbers, over all targets.
    pub summary: Summary,
    /// Each target by itself, where several were measured side by side.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetPart>,
    /// Trials in case order, the targets in the suite's order within a case.
    pub results: Vec<TrialEntry>,
}

/// One target of several.
#[derive(Clone, Debug, Serialize)]
pub struct TargetPart {
    /// Its name.
    pub target: String,
    /// Its run.
    pub run: RunSummary,
    /// Its numbers.
    pub summary: Summary,
}

/// The numbers of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Distinct cases.
    pub cases: u64,
    /// Results: cases times repeats.
    pub trials: u64,
    /// Trials that passed.
    pub passed: u64,
    /// Trials that failed.
    pub failed: u64,
    /// Trials without a verdict.
    pub errored: u64,
    /// Passed trials of all trials.
    pub pass_rate: Option<f64>,
    /// 95 % interval of it.
    pub pass_rate_ci: Option<[f64; 2]>,
    /// Quantiles of the latency.
    pub latency_ms: Quantiles,
    /// Cost of all priced calls; null when nothing was priced.
    pub cost_usd: Option<f64>,
    /// Trials whose model has no known price.
    pub unpriced: u64,
    /// Tokens; zero when the target reports none.
    pub tokens: Tokens,
    /// passed, failed or unset.
    pub gate: GateVerdict,
    /// Whether a practice model answered.
    pub practice: bool,
}

/// Quantiles in milliseconds; null where the data cannot carry one.
#[derive(Clone, Debug, Serialize)]
pub struct Quantiles {
    /// Median.
    pub p50: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// 99th percentile; null below 299 answers.
    pub p99: Option<f64>,
}

/// One trial.
#[derive(Clone, Debug, Serialize)]
pub struct TrialEntry {
    /// The case.
    pub case_id: String,
    /// Which repeat, from 0.
    pub repeat: u32,
    /// Name of the target.
    pub target: String,
    /// Its category.
    pub category: String,
    /// Whether it passed.
    pub passed: bool,
    /// Mean score of the deciding graders.
    pub score: f64,
    /// Failure category; null when it passed.
    pub failure: Option<String>,
    /// `cause: message`; null when there is a verdict.
    pub error: Option<String>,
    /// Milliseconds.
    pub latency_ms: f64,
    /// Milliseconds to the first token; null where the answer was not streamed.
    pub first_token_ms: Option<f64>,
    /// Cost; null when it could not be priced.
    pub cost_usd: Option<f64>,
    /// Whether the answer came from the response cache.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cached: bool,
    /// Attempts that were made again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// Grades with their reasons.
    pub grades: Vec<Grade>,
    /// What people said of it, the first pass before the second.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reviews: Vec<ReviewEntry>,
    /// Why it failed, as a person sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<RootCause>,
}

/// What a person said of a trial.
#[derive(Clone, Debug, Serialize)]
pub struct ReviewEntry {
    /// first or second.
    pub pass: ReviewPass,
    /// Who.
    pub reviewer: String,
    /// The verdict.
    pub passed: bool,
    /// correct, valuable, aligned: true, false, or null where nobody said.
    #[serde(flatten)]
    pub marks: Marks,
    /// Points by criterion.
    pub points: Vec<CriterionPoints>,
    /// In their words.
    pub note: String,
    /// When.
    pub reviewed_at: DateTime<Utc>,
}

impl From<Review> for ReviewEntry {
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

/// What people said of the trials of one run.
#[derive(Default)]
struct Judged {
    reviews: HashMap<TrialKey, Vec<Review>>,
    root_causes: HashMap<TrialKey, RootCause>,
}

impl Playbook {
    /// Runs that were made side by side (or one by itself) with all their trials.
    pub async fn results_file(&self, runs: &[RunId]) -> Result<ResultsFile, Error> {
        let runs = runs.to_vec();
        self.blocking(move |playbook| {
            let mut parts = Vec::new();
            let mut results: Vec<((u64, usize, u32), TrialEntry)> = Vec::new();
            for (position, run) in runs.into_iter().enumerate() {
                let record = playbook.store.run(run)?;
                let mut judged = Judged {
                    root_causes: playbook.store.root_causes(record.key)?,
                    ..Judged::default()
                };
                for review in playbook.store.reviews(record.key, None)? {
                    judged.reviews.entry(review.key).or_default().push(review);
                }
                for trial in playbook.store.records(record.key, &record.graders)? {
                    let place = (trial.key.case_index, position, trial.key.repeat);
                    results.push((place, playbook.entry(&record, trial, &mut judged)?));
                }
                parts.push(TargetPart {
                    target: record.summary.target.name.clone(),
                    summary: summary(&record.summary),
                    run: record.summary,
                });
            }
            results.sort_by_key(|(place, _)| *place);
            let first = parts
                .first()
                .ok_or_else(|| Error::internal("no run was named"))?
                .clone();
            let several = parts.len() > 1;
            Ok(ResultsFile {
                version: 1,
                summary: if several { together(&parts) } else { first.summary },
                run: first.run,
                targets: if several { parts } else { Vec::new() },
                results: results.into_iter().map(|(_, entry)| entry).collect(),
            })
        })
        .await
    }

    fn entry(
        &self,
        record: &RunRecord,
        trial: TrialRecord,
        judged: &mut Judged,
    ) -> Result<TrialEntry, Error> {
        let detail = self.store.result_detail(record.key, trial.key)?;
        let deciding: Vec<f64> = detail
            .grades
            .iter()
            .filter(|grade| grade.decides())
            .map(|grade| grade.score)
            .collect();
        let plain = f64::from(u8::from(trial.passed));
        let mean = deciding.iter().sum::<f64>() / deciding.len().max(1) as f64;
        Ok(TrialEntry {
            case_id: trial.case_id,
            repeat: trial.key.repeat,
            target: record.summary.target.name.clone(),
            category: trial.category,
            passed: trial.passed,
            score: if deciding.is_empty() { plain } else { mean },
            failure: trial.failure,
            error: detail
                .error
                .map(|error| format!("{}: {}", error.cause.as_str(), error.message)),
            latency_ms: trial.latency_ms,
            first_token_ms: trial.first_token_ms,
            cost_usd: trial.cost.map(evidence::PicoUsd::as_usd),
            cached: trial.cached,
            attempts: detail.attempts,
            grades: detail.grades,
            reviews: judged
                .reviews
                .remove(&trial.key)
                .unwrap_or_default()
                .into_iter()
                .map(ReviewEntry::from)
                .collect(),
            root_cause: judged.root_causes.remove(&trial.key),
        })
    }
}

/// The counts of several targets added up. Rates and quantiles over different targets would describe none of them.
fn together(parts: &[TargetPart]) -> Summary {
    let sum = |of: fn(&Summary) -> u64| parts.iter().map(|part| of(&part.summary)).sum::<u64>();
    let cases = parts.iter().map(|part| part.summary.cases).max().unwrap_or(0);
    let (trials, passed) = (sum(|part| part.trials), sum(|part| part.passed));
    let costs: Vec<f64> = parts.iter().filter_map(|part| part.summary.cost_usd).collect();
    let verdicts = || parts.iter().map(|part| part.summary.gate);
    Summary {
        cases,
        trials,
        passed,
        failed: sum(|part| part.failed),
        errored: sum(|part| part.errored),
        pass_rate: (trials > 0).then(|| passed as f64 / trials as f64),
        pass_rate_ci: None,
        latency_ms: Quantiles {
            p50: None,
            p95: None,
            p99: None,
        },
        cost_usd: (!costs.is_empty()).then(|| costs.iter().sum()),
        unpriced: sum(|part| part.unpriced),
        tokens: Tokens {
            input: sum(|part| part.tokens.input),
            output: sum(|part| part.tokens.output),
        },
        gate: if verdicts().any(|verdict| verdict == GateVerdict::Failed) {
            GateVerdict::Failed
        } else if verdicts().all(|verdict| verdict == GateVerdict::Passed) {
            GateVerdict::Passed
        } else {
            GateVerdict::Unset
        },
        practice: parts.iter().any(|part| part.summary.practice),
    }
}

fn summary(run: &RunSummary) -> Summary {
    let value = |name: &str| run.metric(name).and_then(|metric| metric.value);
    let interval = run
        .metric("pass_rate")
        .and_then(|metric: &Metric| metric.interval);
    Summary {
        cases: run.cases,
        trials: run.trials,
        passed: run.passed,
        failed: run.failed,
        errored: run.errored,
        pass_rate: value("pass_rate"),
        pass_rate_ci: interval.and_then(|interval| Some([interval.low?, interval.high?])),
        latency_ms: Quantiles {
            p50: value("latency_p50"),
            p95: value("latency_p95"),
            p99: value("latency_p99"),
        },
        cost_usd: run.cost_usd,
        unpriced: run.unpriced,
        tokens: run.tokens.unwrap_or_default(),
        gate: run.gate.verdict,
        practice: run.practice,
    }
}
