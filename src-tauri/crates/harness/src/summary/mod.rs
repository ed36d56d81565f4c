//! From trials to the numbers of a run, each with its interval and n.
//!
//! The unit of analysis is the case: where a case ran several times, its repeats are averaged first, so that ten
//! repeats of one case never pass for ten cases. Where a case's repeats all agree, a share has a Wilson interval over
//! cases; where some do not, it has a t interval over cases; where cases name a cluster, the interval is over clusters.
//!
//! Trials come in case by case ([`Tally`]) and leave sums behind; only times are kept one by one, eight bytes each, since a
//! quantile needs them all.

mod breakdown;
mod measure;

use crate::{
    grader::{GraderInfo, capital},
    trial::TrialRecord,
};
use breakdown::Breakdown;
use evidence::{
    Direction, FailureShare, Interval, IntervalMethod, Metric, ModelServed, PicoUsd, RepeatSummary, Slice,
    Tokens, Unit,
    statistics::{
        Estimate, FLIP_TOLERANCE, Moments, Repeats, SequentialTest, Stability, Total, flakiness,
        mean_pass_at_k, mean_pass_hat_k, quantile, ratio_mean, samples_needed,
    },
};
use measure::{Heading, Measure};
use std::collections::{BTreeMap, HashMap};

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
    /// What the repeats say of steadiness; absent where no case ran several times.
    pub repeats: Option<RepeatSummary>,
    /// Calls that were made again.
    pub retries: u64,
    /// Results from the response cache.
    pub cached: u64,
    /// What grading cost.
    pub grading_cost: Option<PicoUsd>,
}

/// Computes the numbers of a run from its trials, in any order.
pub fn figures(trials: &[TrialRecord], graders: &[GraderInfo]) -> Figures {
    let mut sorted: Vec<&TrialRecord> = trials.iter().collect();
    sorted.sort_by_key(|trial| trial.key);
    let mut tally = Tally::new(graders);
    for trial in sorted {
        tally.add(trial.clone());
    }
    tally.finish()
}

/// The numbers of a run while its trials come in, those of one case after each other.
pub struct Tally<'a> {
    graders: &'a [GraderInfo],
    /// The trials of the case that is coming in.
    case: Vec<TrialRecord>,
    cases: u64,
    trials: u64,
    passed: u64,
    errored: u64,
    pass_rate: Measure,
    /// The test that may have ended the run early, and the repeats of a complete case.
    test: Option<(SequentialTest, u32)>,
    error_rate: Measure,
    /// A share and a mean score for each grader.
    grades: Vec<(Measure, Measure)>,
    latency_mean: Measure,
    cost_per_case: Measure,
    categories: BTreeMap<String, Measure>,
    latencies: Vec<f64>,
    first_tokens: Vec<f64>,
    /// The share of passes of each case that counts more or less than once, and of the others.
    weighted: Vec<Total>,
    unweighted: Moments,
    repeats: Vec<Repeats>,
    clusters: HashMap<String, u32>,
    breakdown: Breakdown,
    tokens: Option<Tokens>,
    cost: Option<PicoUsd>,
    grading_cost: Option<PicoUsd>,
    unpriced: u64,
    retries: u64,
    cached: u64,
    practice: bool,
}

impl<'a> Tally<'a> {
    /// Nothing counted yet.
    pub fn new(graders: &'a [GraderInfo]) -> Self {
        Self {
            graders,
            case: Vec::new(),
            cases: 0,
            trials: 0,
            passed: 0,
            errored: 0,
            pass_rate: Measure::default(),
            test: None,
            error_rate: Measure::default(),
            grades: vec![Default::default(); graders.len()],
            latency_mean: Measure::default(),
            cost_per_case: Measure::default(),
            categories: BTreeMap::new(),
            latencies: Vec::new(),
            first_tokens: Vec::new(),
            weighted: Vec::new(),
            unweighted: Moments::default(),
            repeats: Vec::new(),
            clusters: HashMap::new(),
            breakdown: Breakdown::default(),
            tokens: None,
            cost: None,
            grading_cost: None,
            unpriced: 0,
            retries: 0,
            cached: 0,
            practice: false,
        }
    }

    /// For a run that may end early by this test, with so many repeats of a case: the pass rate has the interval of the
    /// test, which holds at whatever time the run ends.
    #[must_use]
    pub fn with_test(mut self, test: SequentialTest, repeat: u32) -> Self {
        self.test = Some((test, repeat));
        self
    }

    /// Adds a trial. Trials of one case follow each other.
    pub fn add(&mut self, trial: TrialRecord) {
        if self
            .case
            .first()
            .is_some_and(|first| first.key.case_index != trial.key.case_index)
        {
            self.end_case();
        }
        self.trials += 1;
        self.passed += u64::from(trial.passed);
        self.errored += u64::from(trial.error);
        self.unpriced += u64::from(trial.unpriced);
        self.retries += u64::from(trial.retries);
        self.cached += u64::from(trial.cached);
        self.practice |= trial.practice;
        if !trial.error {
            self.latencies.push(trial.latency_ms);
            self.first_tokens.extend(trial.first_token_ms);
        }
        add(&mut self.cost, trial.cost);
        add(&mut self.grading_cost, trial.grading_cost);
        if let Some(more) = trial.tokens {
            let sum = self.tokens.get_or_insert_default();
            sum.input += more.input;
            sum.output += more.output;
        }
        self.breakdown.add(&trial);
        self.case.push(trial);
    }

    fn end_case(&mut self) {
        let trials = std::mem::take(&mut self.case);
        let Some(first) = trials.first() else { return };
        self.cases += 1;
        let cluster = first.cluster.as_ref().map(|name| {
            let next = self.clusters.len() as u32;
            *self.clusters.entry(name.clone()).or_insert(next)
        });
        let truth = |yes: bool| Some(f64::from(u8::from(yes)));
        let passes = || trials.iter().map(|trial| truth(trial.passed));
        self.pass_rate.case(passes(), cluster);
        self.error_rate
            .case(trials.iter().map(|trial| truth(trial.error)), cluster);
        self.categories
            .entry(first.category.clone())
            .or_default()
            .case(passes(), cluster);
        for (grader, (share, score)) in self.graders.iter().zip(&mut self.grades) {
            let grade = |trial: &TrialRecord| {
                let found = trial.grades.iter().find(|grade| grade.0 == grader.name)?;
                Some((found.1, found.2))
            };
            share.case(
                trials
                    .iter()
                    .map(|trial| grade(trial).and_then(|(passed, _)| truth(passed))),
                cluster,
            );
            score.case(
                trials.iter().map(|trial| grade(trial).map(|(_, score)| score)),
                cluster,
            );
        }
        let answered = trials
            .iter()
            .map(|trial| (!trial.error).then_some(trial.latency_ms));
        self.latency_mean.case(answered, cluster);
        let costs = trials.iter().map(|trial| trial.cost.map(PicoUsd::as_usd));
        self.cost_per_case.case(costs, cluster);
        let passed = trials.iter().filter(|trial| trial.passed).count() as u64;
        let total = trials.len() as u64;
        let share = passed as f64 / total as f64;
        if let Some((test, repeat)) = &mut self.test
            && total == u64::from(*repeat)
        {
            // The interval needs their number and their sum, so any order does. A share lies within its range.
            _ = test.observe(share);
        }
        if first.weight == 1.0 {
            self.unweighted.add(share);
        } else {
            self.weighted.push(Total::weighted(share, first.weight));
        }
        if total > 1 {
            self.repeats.push(Repeats { passed, total });
        }
    }

    /// The numbers.
    pub fn finish(mut self) -> Figures {
        self.end_case();
        let flipping = self.repeats.iter().filter(|case| case.disagree()).count() as u64;
        Figures {
            cases: self.cases,
            trials: self.trials,
            passed: self.passed,
            failed: self.trials - self.passed - self.errored,
            errored: self.errored,
            metrics: self.metrics(),
            categories: self
                .categories
                .iter()
                .map(|(name, measure)| Slice {
                    name: name.clone(),
                    pass_rate: measure.share(pass_rate()),
                })
                .collect(),
            failures: self.breakdown.failures(),
            severities: self.breakdown.severities(),
            tokens: self.tokens,
            cost: self.cost,
            unpriced: self.unpriced,
            models: self.breakdown.models(),
            practice: self.practice,
            flipping_cases: (!self.repeats.is_empty()).then_some((flipping, self.repeats.len() as u64)),
            repeats: repeat_summary(&self.repeats),
            retries: self.retries,
            cached: self.cached,
            grading_cost: self.grading_cost,
            snapshots: self.breakdown.snapshots(),
        }
    }

    fn metrics(&mut self) -> Vec<Metric> {
        let mut metrics = vec![
            self.tested(self.pass_rate.share(pass_rate())),
            self.error_rate.share(Heading::new(
                "error_rate",
                "Error rate",
                Unit::Share,
                Direction::Lower,
            )),
        ];
        if !self.weighted.is_empty() {
            metrics.push(self.weighted_pass_rate());
        }
        for (grader, (share, score)) in self.graders.iter().zip(&self.grades) {
            // A score that only informs has no limit, so the share that passes it would say nothing.
            if !(grader.informational && grader.score_label.is_some()) {
                metrics.push(share.share(Heading::new(
                    &grader.name,
                    capital(&grader.name),
                    Unit::Share,
                    Direction::Higher,
                )));
            }
            if let Some(label) = &grader.score_label {
                let name = format!("{}.score", grader.name);
                metrics.push(score.mean(Heading::new(name, label, Unit::Score, Direction::Higher)));
            }
        }
        metrics.extend(self.repeated());
        self.latencies.sort_by(f64::total_cmp);
        for (name, label, q) in [
            ("latency_p50", "p50 latency", 0.5),
            ("latency_p95", "p95 latency", 0.95),
            ("latency_p99", "p99 latency", 0.99),
        ] {
            metrics.push(quantile_of(name, label, q, &self.latencies));
        }
        // The mean can be held against another run's, paired by case; a quantile cannot.
        let mean = Heading::new(
            "latency_mean",
            "Mean latency",
            Unit::Milliseconds,
            Direction::Lower,
        );
        metrics.push(self.latency_mean.mean(mean));
        if !self.first_tokens.is_empty() {
            self.first_tokens.sort_by(f64::total_cmp);
            for (name, label, q) in [
                ("first_token_p50", "p50 first token", 0.5),
                ("first_token_p95", "p95 first token", 0.95),
            ] {
                metrics.push(quantile_of(name, label, q, &self.first_tokens));
            }
        }
        metrics.push(self.cost());
        metrics
    }

    /// The pass rate with the interval of the test, where there is one.
    fn tested(&self, rate: Metric) -> Metric {
        let Some((test, _)) = &self.test else { return rate };
        let clustered = |interval: Interval| interval.method == IntervalMethod::Clustered;
        let note = rate.interval.is_some_and(clustered).then(|| {
            "cases share clusters, so the interval holds for the cases of this dataset and not for others like them"
                .to_owned()
        });
        Metric {
            interval: test.interval().map(|(low, high)| Interval {
                low: Some(low),
                high: Some(high),
                method: IntervalMethod::AnytimeValid,
            }),
            note: rate.note.or(note),
            ..rate
        }
    }

    fn cost(&self) -> Metric {
        let heading = Heading::new("cost_per_case", "Cost per case", Unit::Usd, Direction::Lower);
        let mut cost = self.cost_per_case.mean(heading);
        if self.unpriced > 0 {
            // A mean over the priced calls alone would look cheaper than the truth.
            cost.note = Some(format!(
                "{} calls went to a model without a known price",
                self.unpriced
            ));
            cost.value = None;
            cost.interval = None;
        }
        cost
    }

    fn weighted_pass_rate(&self) -> Metric {
        let counted: Vec<Total> = self
            .weighted
            .iter()
            .copied()
            .filter(|total| total.weight > 0.0)
            .collect();
        let estimate = ratio_mean(&counted, &self.unweighted).ok();
        let heading = ("pass_rate_weighted", "Pass rate, weighted");
        of_estimate(heading, estimate, self.cases, IntervalMethod::Weighted)
    }

    /// pass@k and pass^k, where every case ran at least twice.
    fn repeated(&self) -> Vec<Metric> {
        let fewest = self.repeats.iter().map(|case| case.total).min().unwrap_or(0);
        if fewest < 2 || self.repeats.len() as u64 != self.cases {
            return Vec::new();
        }
        let (any, all) = (format!("pass@{fewest}"), format!("pass^{fewest}"));
        let n = self.cases;
        let method = IntervalMethod::StudentT;
        vec![
            of_estimate(
                ("pass_at_k", &any),
                mean_pass_at_k(&self.repeats, fewest).ok(),
                n,
                method,
            ),
            of_estimate(
                ("pass_hat_k", &all),
                mean_pass_hat_k(&self.repeats, fewest).ok(),
                n,
                method,
            ),
        ]
    }
}

fn pass_rate() -> Heading {
    Heading::new("pass_rate", "Pass rate", Unit::Share, Direction::Higher)
}

fn add(sum: &mut Option<PicoUsd>, more: Option<PicoUsd>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or_default() + more);
    }
}

fn of_estimate(
    (name, label): (&str, &str),
    estimate: Option<Estimate>,
    n: u64,
    method: IntervalMethod,
) -> Metric {
    Metric {
        name: name.into(),
        label: label.into(),
        unit: Unit::Share,
        better: Direction::Higher,
        value: estimate.map(|estimate| estimate.value),
        interval: estimate
            .and_then(|estimate| estimate.interval())
            .map(|(low, high)| Interval {
                low: Some(low.max(0.0)),
                high: Some(high.min(1.0)),
                method,
            }),
        n,
        note: None,
    }
}

fn repeat_summary(repeats: &[Repeats]) -> Option<RepeatSummary> {
    let found = flakiness(repeats, FLIP_TOLERANCE).ok()?;
    Some(RepeatSummary {
        cases: found.repeated_cases,
        disagreeing: found.flaky_cases,
        flip_rate: found.flip_rate,
        flip_interval: found.flip_interval,
        tolerance: FLIP_TOLERANCE,
        verdict: match found.verdict {
            Stability::Stable => evidence::Steadiness::Stable,
            Stability::Flaky => evidence::Steadiness::Flaky,
            Stability::NotEnoughRepeats => evidence::Steadiness::NotEnoughRepeats,
        },
    })
}

fn quantile_of(name: &str, label: &str, q: f64, sorted: &[f64]) -> Metric {
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
