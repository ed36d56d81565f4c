//! From trials to the numbers of a run, each with its interval and n.
//!
//! The unit of analysis is the case: where a case ran several times, its repeats are averaged first, so that ten
//! repeats of one case never pass for ten cases. Where a case's repeats all agree, a share has a Wilson interval over
//! cases; where some do not, it has a t interval over cases.

use crate::{
    grader::{GraderInfo, capital},
    trial::TrialRecord,
};
use evidence::{
    Direction, FailureShare, Interval, IntervalMethod, Metric, ModelServed, PicoUsd, Slice, Tokens, Unit,
    statistics::{mean_interval, quantile, samples_needed, wilson},
};
use std::collections::BTreeMap;

/// The numbers of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Distinct cases with a result.
    pub cases: u64,
    /// Results.
    pub trials: u64,
    /// Trials that passed.
    pub passed: u64,
    /// Trials that failed.
    pub failed: u64,
    /// Trials that ended in an error.
    pub errored: u64,
    /// Every metric, `pass_rate` first.
    pub metrics: Vec<Metric>,
    /// Pass rate by category.
    pub categories: Vec<Slice>,
    /// Failures by reason, most first.
    pub failures: Vec<FailureShare>,
    /// Failures by grader and severity, worst first.
    pub severities: Vec<evidence::SeverityShare>,
    /// Tokens.
    pub tokens: Option<Tokens>,
    /// Cost of all priced calls.
    pub cost: Option<PicoUsd>,
    /// Trials without a known price.
    pub unpriced: u64,
    /// Models that answered.
    pub models: Vec<ModelServed>,
    /// Corpus snapshots.
    pub snapshots: Vec<String>,
    /// Whether a practice model answered.
    pub practice: bool,
    /// Cases whose trials disagree, and cases that ran several times.
    pub flipping_cases: Option<(u64, u64)>,
    /// Calls that were made again.
    pub retries: u64,
    /// Results from the response cache.
    pub cached: u64,
    /// What grading cost.
    pub grading_cost: Option<PicoUsd>,
}

/// Computes the numbers of a run from its trials, in any order.
pub fn figures(trials: &[TrialRecord], graders: &[GraderInfo]) -> Figures {
    let count =
        |test: &dyn Fn(&TrialRecord) -> bool| trials.iter().filter(|trial| test(trial)).count() as u64;
    let (passed, errored) = (count(&|trial| trial.passed), count(&|trial| trial.error));
    let mut by_case: BTreeMap<u64, Vec<&TrialRecord>> = BTreeMap::new();
    for trial in trials {
        by_case.entry(trial.key.case_index).or_default().push(trial);
    }
    let repeated: Vec<&Vec<&TrialRecord>> = by_case.values().filter(|trials| trials.len() > 1).collect();
    let flipping = repeated
        .iter()
        .filter(|trials| trials.iter().any(|trial| trial.passed) && trials.iter().any(|trial| !trial.passed))
        .count() as u64;
    let flipping_cases = (!repeated.is_empty()).then_some((flipping, repeated.len() as u64));
    let costs: Vec<PicoUsd> = trials.iter().filter_map(|trial| trial.cost).collect();
    let unpriced = count(&|trial| trial.unpriced);
    let tokens = trials
        .iter()
        .filter_map(|trial| trial.tokens)
        .reduce(|sum, more| Tokens {
            input: sum.input + more.input,
            output: sum.output + more.output,
        });
    Figures {
        cases: by_case.len() as u64,
        trials: trials.len() as u64,
        passed,
        failed: trials.len() as u64 - passed - errored,
        errored,
        metrics: metrics(trials, graders),
        categories: categories(trials),
        failures: failures(trials),
        severities: severities(trials),
        tokens,
        cost: (!costs.is_empty()).then(|| costs.iter().copied().sum()),
        unpriced,
        models: models(trials),
        snapshots: snapshots(trials),
        practice: trials.iter().any(|trial| trial.practice),
        flipping_cases,
        retries: trials.iter().map(|trial| u64::from(trial.retries)).sum(),
        cached: count(&|trial| trial.cached),
        grading_cost: trials
            .iter()
            .filter_map(|trial| trial.grading_cost)
            .reduce(|sum, more| sum + more),
    }
}

fn metrics(trials: &[TrialRecord], graders: &[GraderInfo]) -> Vec<Metric> {
    let mut metrics = vec![
        share("pass_rate", "Pass rate", Direction::Higher, trials, |trial| {
            Some(trial.passed)
        }),
        share("error_rate", "Error rate", Direction::Lower, trials, |trial| {
            Some(trial.error)
        }),
    ];
    for grader in graders {
        let of = |trial: &TrialRecord| {
            trial
                .grades
                .iter()
                .find(|grade| grade.0 == grader.name)
                .map(|grade| (grade.1, grade.2))
        };
        // A score that only informs has no limit, so the share that passes it would say nothing.
        if !(grader.informational && grader.score_label.is_some()) {
            metrics.push(share(
                &grader.name,
                &capital(&grader.name),
                Direction::Higher,
                trials,
                |trial| of(trial).map(|(passed, _)| passed),
            ));
        }
        if let Some(label) = &grader.score_label {
            let name = format!("{}.score", grader.name);
            let values = case_means(trials, |trial| of(trial).map(|(_, score)| score));
            metrics.push(mean(&name, label, Unit::Score, Direction::Higher, &values));
        }
    }
    let mut latencies: Vec<f64> = trials
        .iter()
        .filter(|trial| !trial.error)
        .map(|trial| trial.latency_ms)
        .collect();
    latencies.sort_by(f64::total_cmp);
    for (name, label, q) in [
        ("latency_p50", "p50 latency", 0.5),
        ("latency_p95", "p95 latency", 0.95),
        ("latency_p99", "p99 latency", 0.99),
    ] {
        metrics.push(latency(name, label, q, &latencies));
    }
    // The mean can be held against another run's, paired by case; a quantile cannot.
    let means = case_means(trials, |trial| (!trial.error).then_some(trial.latency_ms));
    metrics.push(mean(
        "latency_mean",
        "Mean latency",
        Unit::Milliseconds,
        Direction::Lower,
        &means,
    ));
    let costs = case_means(trials, |trial| trial.cost.map(PicoUsd::as_usd));
    let mut cost = mean(
        "cost_per_case",
        "Cost per case",
        Unit::Usd,
        Direction::Lower,
        &costs,
    );
    let unpriced = trials.iter().filter(|trial| trial.unpriced).count();
    if unpriced > 0 {
        // A mean over the priced calls alone would look cheaper than the truth.
        cost.note = Some(format!("{unpriced} calls went to a model without a known price"));
        cost.value = None;
        cost.interval = None;
    }
    metrics.push(cost);
    metrics
}

/// One value a case: the mean over its repeats for which `value` says something.
fn case_means<'a>(
    trials: impl IntoIterator<Item = &'a TrialRecord>,
    value: impl Fn(&TrialRecord) -> Option<f64>,
) -> BTreeMap<u64, f64> {
    means(
        trials.into_iter().map(|trial| (trial.key.case_index, trial)),
        value,
    )
}

/// As [`case_means`], where the caller says which case a trial belongs to.
pub(crate) fn means<'a>(
    trials: impl IntoIterator<Item = (u64, &'a TrialRecord)>,
    value: impl Fn(&TrialRecord) -> Option<f64>,
) -> BTreeMap<u64, f64> {
    let mut sums: BTreeMap<u64, (f64, u32)> = BTreeMap::new();
    for (case, trial) in trials {
        if let Some(value) = value(trial) {
            let sum = sums.entry(case).or_default();
            sum.0 += value;
            sum.1 += 1;
        }
    }
    sums.into_iter()
        .map(|(case, (sum, count))| (case, sum / f64::from(count)))
        .collect()
}

fn share<'a>(
    name: &str,
    label: &str,
    better: Direction,
    trials: impl IntoIterator<Item = &'a TrialRecord> + Clone,
    test: impl Fn(&TrialRecord) -> Option<bool>,
) -> Metric {
    let applicable: Vec<bool> = trials.clone().into_iter().filter_map(&test).collect();
    let yes = applicable.iter().filter(|yes| **yes).count() as u64;
    let n = applicable.len() as u64;
    let values = case_means(trials, |trial| test(trial).map(|yes| f64::from(u8::from(yes))));
    // Repeats that all agree are one observation a case: a t interval over them would have no width at all.
    let steady = values.values().all(|value| [0.0, 1.0].contains(value));
    let flat = values.values().all(|value| Some(value) == values.values().next());
    let (passing, cases) = (values.values().sum::<f64>().round() as u64, values.len() as u64);
    let mut metric = if steady || flat {
        Metric {
            name: name.into(),
            label: label.into(),
            unit: Unit::Share,
            better,
            value: (n > 0).then(|| yes as f64 / n as f64),
            interval: wilson(passing, cases).map(|(low, high)| Interval {
                low: Some(low),
                high: Some(high),
                method: IntervalMethod::Wilson,
            }),
            n: cases,
            note: None,
        }
    } else {
        let mut metric = mean(name, label, Unit::Share, better, &values);
        // A share cannot leave 0 to 1, whatever the t interval says.
        metric.interval = metric.interval.map(|interval| Interval {
            low: interval.low.map(|low| low.max(0.0)),
            high: interval.high.map(|high| high.min(1.0)),
            ..interval
        });
        // The value stays the share of trials, as people count it; the interval is over cases.
        metric.value = Some(yes as f64 / n as f64);
        metric
    };
    if n == 0 {
        metric.note = Some("no case that this applies to".into());
    }
    metric
}

fn mean(name: &str, label: &str, unit: Unit, better: Direction, values: &BTreeMap<u64, f64>) -> Metric {
    let values: Vec<f64> = values.values().copied().collect();
    let estimate = mean_interval(&values);
    Metric {
        name: name.into(),
        label: label.into(),
        unit,
        better,
        value: estimate.map(|estimate| estimate.mean),
        // Values that are all equal give an interval without width, which would promise more than they know.
        interval: estimate
            .and_then(|estimate| estimate.interval)
            .filter(|(low, high)| low < high)
            .map(|(low, high)| Interval {
                low: Some(low.max(0.0)),
                // A score cannot leave 0 to 1, whatever the t interval says.
                high: Some(if matches!(unit, Unit::Share | Unit::Score) {
                    high.min(1.0)
                } else {
                    high
                }),
                method: IntervalMethod::StudentT,
            }),
        n: values.len() as u64,
        note: match (values.is_empty(), unit) {
            (false, _) => None,
            (true, Unit::Usd) => Some("no tokens were reported, or the model has no known price".into()),
            (true, _) => Some("no case that this applies to".into()),
        },
    }
}

fn latency(name: &str, label: &str, q: f64, sorted: &[f64]) -> Metric {
    let estimate = quantile(sorted, q);
    let needed = samples_needed(q);
    let supported = estimate.is_some_and(|estimate| estimate.supported);
    // p99 of too few answers is only their maximum under another name; p50 and p95 are shown with their warning.
    let refused = q > 0.95 && !supported;
    Metric {
        name: name.into(),
        label: label.into(),
        unit: Unit::Milliseconds,
        better: Direction::Lower,
        value: estimate.filter(|_| !refused).map(|estimate| estimate.value),
        interval: estimate.filter(|_| supported).map(|estimate| Interval {
            low: estimate.low,
            high: estimate.high,
            method: IntervalMethod::OrderStatistics,
        }),
        n: sorted.len() as u64,
        note: (!supported).then(|| {
            let percent = (q * 100.0).round();
            format!(
                "p{percent} needs {needed} answers to be estimated; there are {}",
                sorted.len()
            )
        }),
    }
}

fn categories(trials: &[TrialRecord]) -> Vec<Slice> {
    let mut by_name: BTreeMap<&str, Vec<&TrialRecord>> = BTreeMap::new();
    for trial in trials {
        by_name.entry(&trial.category).or_default().push(trial);
    }
    by_name
        .into_iter()
        .map(|(name, trials)| Slice {
            name: name.into(),
            pass_rate: share("pass_rate", "Pass rate", Direction::Higher, trials, |trial| {
                Some(trial.passed)
            }),
        })
        .collect()
}

fn failures(trials: &[TrialRecord]) -> Vec<FailureShare> {
    let mut counts: BTreeMap<(&str, bool), u64> = BTreeMap::new();
    for trial in trials.iter().filter(|trial| !trial.passed) {
        let name = trial.failure.as_deref().unwrap_or("unexplained");
        *counts.entry((name, trial.error)).or_default() += 1;
    }
    let mut shares: Vec<FailureShare> = counts
        .into_iter()
        .map(|((name, error), trials)| FailureShare {
            name: name.into(),
            trials,
            error,
        })
        .collect();
    shares.sort_by(|a, b| b.trials.cmp(&a.trials).then_with(|| a.name.cmp(&b.name)));
    shares
}

fn severities(trials: &[TrialRecord]) -> Vec<evidence::SeverityShare> {
    let mut counts: BTreeMap<(&str, std::cmp::Reverse<crate::trial::Severity>), u64> = BTreeMap::new();
    for (grader, passed, _, severity) in trials.iter().flat_map(|trial| &trial.grades) {
        if let (false, Some(severity)) = (passed, severity) {
            *counts.entry((grader, std::cmp::Reverse(*severity))).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .map(|((grader, severity), trials)| evidence::SeverityShare {
            grader: grader.into(),
            severity: severity.0.as_str().into(),
            trials,
        })
        .collect()
}

fn models(trials: &[TrialRecord]) -> Vec<ModelServed> {
    let mut counts: BTreeMap<(&str, bool), u64> = BTreeMap::new();
    for trial in trials.iter().filter(|trial| !trial.error) {
        *counts
            .entry((trial.model.as_deref().unwrap_or("unreported"), trial.practice))
            .or_default() += 1;
    }
    let mut models: Vec<ModelServed> = counts
        .into_iter()
        .map(|((name, practice), trials)| ModelServed {
            name: name.into(),
            trials,
            practice,
        })
        .collect();
    models.sort_by(|a, b| b.trials.cmp(&a.trials).then_with(|| a.name.cmp(&b.name)));
    models
}

fn snapshots(trials: &[TrialRecord]) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for snapshot in trials.iter().filter_map(|trial| trial.snapshot.as_ref()) {
        if !seen.contains(snapshot) {
            seen.push(snapshot.clone());
        }
    }
    seen
}
