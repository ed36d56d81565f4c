//! A run as the results file that scripts and other tools read (`docs/results-format.md`).

use super::Playbook;
use crate::Error;
use evidence::{GateVerdict, Metric, RunId, RunSummary, Tokens};
use harness::Grade;
use serde::Serialize;

/// The whole file.
#[derive(Clone, Debug, Serialize)]
pub struct ResultsFile {
    /// Version of this format.
    pub version: u32,
    /// The run by content: suite, dataset and target, purpose, gate, every metric.
    pub run: RunSummary,
    /// The numbers.
    pub summary: Summary,
    /// Trials in case order.
    pub results: Vec<TrialEntry>,
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
    /// Cost; null when it could not be priced.
    pub cost_usd: Option<f64>,
    /// Grades with their reasons.
    pub grades: Vec<Grade>,
}

impl Playbook {
    /// A run with all its trials.
    pub async fn results_file(&self, run: RunId) -> Result<ResultsFile, Error> {
        self.blocking(move |playbook| {
            let record = playbook.store.run(run)?;
            let mut results = Vec::new();
            for trial in playbook.store.records(record.key, &record.graders)? {
                let detail = playbook.store.result_detail(record.key, trial.key)?;
                let deciding: Vec<f64> = detail
                    .grades
                    .iter()
                    .filter(|grade| grade.decides())
                    .map(|grade| grade.score)
                    .collect();
                let plain = f64::from(u8::from(trial.passed));
                let mean = deciding.iter().sum::<f64>() / deciding.len().max(1) as f64;
                results.push(TrialEntry {
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
                    cost_usd: trial.cost.map(evidence::PicoUsd::as_usd),
                    grades: detail.grades,
                });
            }
            Ok(ResultsFile {
                version: 1,
                summary: summary(&record.summary),
                run: record.summary,
                results,
            })
        })
        .await
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
