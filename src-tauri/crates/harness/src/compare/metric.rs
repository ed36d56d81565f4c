//! One metric of two runs, from its mean over each case's trials.

use crate::trial::TrialRecord;
use evidence::{
    Comparison, Interval, IntervalMethod, Metric, PicoUsd, Unit,
    statistics::{
        Change, Estimate, Moments, PairedMoments, PowerPlan, Total, change, mcnemar_exact,
        minimum_detectable_effect, ratio_mean,
    },
};
use std::{borrow::Borrow, collections::BTreeMap};

/// A difference below this part of the values is what rounding leaves of values that are alike.
const ROUNDING: f64 = 1e-9;

/// A metric while its pairs come in.
pub(super) struct PairedMetric<'a> {
    metric: &'a Metric,
    pairs: PairedMoments,
    /// The differences of cases without a cluster, each of which is one by itself, and those of each cluster.
    singles: Moments,
    clusters: BTreeMap<u32, Total>,
    /// Pairs in which the value rose, and in which it fell.
    rose: u64,
    fell: u64,
    /// Whether a case lies between true and false, since its repeats disagree.
    mixed: bool,
}

impl<'a> PairedMetric<'a> {
    pub(super) fn new(metric: &'a Metric) -> Self {
        Self {
            metric,
            pairs: PairedMoments::default(),
            singles: Moments::default(),
            clusters: BTreeMap::new(),
            rose: 0,
            fell: 0,
            mixed: false,
        }
    }

    /// Takes a case; one to which the metric does not apply in either run is no pair.
    pub(super) fn add<T: Borrow<TrialRecord>>(&mut self, before: &[T], after: &[T], cluster: Option<u32>) {
        let (Some(before), Some(after)) = (self.mean(before), self.mean(after)) else {
            return;
        };
        self.pairs.add(before, after);
        match cluster {
            Some(cluster) => self.clusters.entry(cluster).or_default().add(after - before),
            None => self.singles.add(after - before),
        }
        self.rose += u64::from(after > before);
        self.fell += u64::from(after < before);
        self.mixed |= ![before, after].iter().all(|value| [0.0, 1.0].contains(value));
    }

    fn mean<T: Borrow<TrialRecord>>(&self, trials: &[T]) -> Option<f64> {
        let (mut sum, mut count) = (0.0, 0u32);
        for value in trials
            .iter()
            .filter_map(|trial| trial_value(self.metric, trial.borrow()))
        {
            sum += value;
            count += 1;
        }
        (count > 0).then(|| sum / f64::from(count))
    }

    /// The comparison; none without a pair.
    pub(super) fn comparison(&self) -> Option<Comparison> {
        let metric = self.metric;
        let paired = self.pairs.difference()?;
        let (interval, method) = if self.clusters.is_empty() {
            (paired.interval, IntervalMethod::StudentT)
        } else {
            let over_clusters = self.over_clusters();
            (
                over_clusters.and_then(|estimate| estimate.interval()),
                IntervalMethod::Clustered,
            )
        };
        // Differences that are all alike give an interval without width, which would promise more than they know.
        let rounding = ROUNDING * paired.before.abs().max(paired.after.abs());
        let interval = interval
            .filter(|(low, high)| high - low > rounding)
            .map(|(low, high)| Interval {
                low: Some(low),
                high: Some(high),
                method,
            });
        // McNemar holds for one yes or no a case, each independent of the others; a mean over repeats is neither.
        let binary = self.clusters.is_empty() && metric.unit == Unit::Share && !self.mixed;
        let p_value = binary.then(|| mcnemar_exact(self.rose, self.fell));
        let ends = interval.and_then(|interval| Some((interval.low?, interval.high?)));
        let improved = match change(ends, p_value, metric.better) {
            Change::Improved => Some(true),
            Change::Worse => Some(false),
            Change::NotDistinguishable => None,
        };
        Some(Comparison {
            metric: metric.name.clone(),
            label: metric.label.clone(),
            unit: metric.unit,
            before: paired.before,
            after: paired.after,
            difference: if paired.difference.abs() > rounding {
                paired.difference
            } else {
                0.0
            },
            interval,
            n: self.pairs.count(),
            p_value,
            distinguishable: improved.is_some(),
            improved,
            detectable: interval.and_then(|_| self.detectable()),
            graders_differ: false,
        })
    }

    /// Cases of one cluster are not independent, so the interval of the difference is over clusters.
    fn over_clusters(&self) -> Option<Estimate> {
        let totals: Vec<Total> = self.clusters.values().copied().collect();
        ratio_mean(&totals, &self.singles).ok()
    }

    /// The smallest true difference that these cases show, from the deviation that was seen. Over clusters it is the standard error
    /// times √n, so that what a cluster takes away is in it.
    fn detectable(&self) -> Option<f64> {
        let cases = self.pairs.count();
        let deviation = if self.clusters.is_empty() {
            self.pairs.deviation()?
        } else {
            self.over_clusters()?.uncertainty.ok()?.standard_error * (cases as f64).sqrt()
        };
        let effect = minimum_detectable_effect(cases, deviation, &PowerPlan::default()).ok()?;
        let largest = match self.metric.unit {
            Unit::Share | Unit::Score => 1.0,
            Unit::Milliseconds | Unit::Usd | Unit::Count => f64::INFINITY,
        };
        (0.0 < effect && effect < largest).then_some(effect)
    }
}

/// What a metric is for one trial; none for quantiles, which are no mean of cases.
fn trial_value(metric: &Metric, trial: &TrialRecord) -> Option<f64> {
    let truth = |yes: bool| f64::from(u8::from(yes));
    match metric.name.as_str() {
        "pass_rate" => Some(truth(trial.passed)),
        "error_rate" => Some(truth(trial.error)),
        "cost_per_case" => trial.cost.map(PicoUsd::as_usd),
        "latency_mean" => (!trial.error).then_some(trial.latency_ms),
        // A difference of two quantiles has no simple paired interval; the mean stands for them.
        "latency_p50" | "latency_p95" | "latency_p99" | "first_token_p50" | "first_token_p95" => None,
        // Over the repeats of a case, and weighted by the dataset: neither is a mean of trials.
        "pass_at_k" | "pass_hat_k" | "pass_rate_weighted" => None,
        name => {
            let (grader, score) = name
                .strip_suffix(".score")
                .map_or((name, false), |name| (name, true));
            let grade = trial.grades.iter().find(|grade| grade.0 == grader)?;
            Some(if score { grade.2 } else { truth(grade.1) })
        }
    }
}
