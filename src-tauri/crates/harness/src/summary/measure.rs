//! One measure over the cases of a run: a value a case goes in, a metric with its interval and n comes out.

use evidence::{
    Direction, Interval, IntervalMethod, Metric, Unit,
    statistics::{Moments, Total, ratio_mean, wilson},
};
use std::collections::BTreeMap;

/// What a measure is called and how it is read.
#[derive(Clone, Debug)]
pub(super) struct Heading {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) unit: Unit,
    pub(super) better: Direction,
}

impl Heading {
    pub(super) fn new(
        name: impl Into<String>,
        label: impl Into<String>,
        unit: Unit,
        better: Direction,
    ) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            unit,
            better,
        }
    }
}

/// One measure, a value a case: repeats of a case are averaged before they come here. It keeps sums and no values, so that
/// its size does not depend on the length of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Measure {
    cases: Moments,
    /// Whether a case lies between true and false, since its repeats disagree.
    mixed: bool,
    /// The cases without a cluster, each of which is one by itself.
    singles: Moments,
    clusters: BTreeMap<u32, Total>,
    /// Trials that the measure applies to, and those of them for which it is true.
    trials: u64,
    yes: u64,
}

impl Measure {
    /// Takes the trials of one case: a value for each that the measure applies to.
    pub(super) fn case(&mut self, trials: impl Iterator<Item = Option<f64>>, cluster: Option<u32>) {
        let (mut sum, mut count) = (0.0, 0u32);
        for value in trials.flatten() {
            sum += value;
            count += 1;
            self.yes += u64::from(value == 1.0);
        }
        if count == 0 {
            return;
        }
        self.trials += u64::from(count);
        let value = sum / f64::from(count);
        self.cases.add(value);
        self.mixed |= ![0.0, 1.0].contains(&value);
        match cluster {
            Some(cluster) => self.clusters.entry(cluster).or_default().add(value),
            None => self.singles.add(value),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cases.count() == 0
    }

    /// The share of trials for which it is true.
    pub(super) fn share(&self, heading: Heading) -> Metric {
        // Repeats that all agree are one observation a case: a t interval over them would have no width at all.
        let cases = self.cases.count();
        if (!self.mixed || self.cases.is_flat()) && self.clusters.is_empty() {
            let passing = self.cases.sum().round() as u64;
            return Metric {
                value: (self.trials > 0).then(|| self.yes as f64 / self.trials as f64),
                interval: wilson(passing, cases).map(|(low, high)| Interval {
                    low: Some(low),
                    high: Some(high),
                    method: IntervalMethod::Wilson,
                }),
                n: cases,
                note: (cases == 0).then(|| NOWHERE.to_owned()),
                ..empty(heading)
            };
        }
        let mut metric = self.mean(heading);
        // The value stays the share of trials, as people count it; the interval is over cases.
        metric.value = Some(self.yes as f64 / self.trials as f64);
        metric
    }

    /// The mean over cases.
    pub(super) fn mean(&self, heading: Heading) -> Metric {
        let unit = heading.unit;
        let estimate = self.cases.estimate();
        let (interval, method) = if self.clusters.is_empty() {
            (
                estimate.and_then(|estimate| estimate.interval),
                IntervalMethod::StudentT,
            )
        } else {
            (self.clustered(), IntervalMethod::Clustered)
        };
        Metric {
            value: estimate.map(|estimate| estimate.mean),
            // Values that are all equal give an interval without width, which would promise more than they know.
            interval: interval
                .filter(|(low, high)| low < high)
                .map(|(low, high)| Interval {
                    low: Some(low.max(0.0)),
                    // A score cannot leave 0 to 1, whatever the t interval says.
                    high: Some(if matches!(unit, Unit::Share | Unit::Score) {
                        high.min(1.0)
                    } else {
                        high
                    }),
                    method,
                }),
            n: self.cases.count(),
            note: match (self.is_empty(), unit) {
                (false, _) => None,
                (true, Unit::Usd) => Some("no tokens were reported, or the model has no known price".into()),
                (true, _) => Some(NOWHERE.into()),
            },
            ..empty(heading)
        }
    }

    /// Cases of one cluster are not independent, so the interval is over clusters.
    fn clustered(&self) -> Option<(f64, f64)> {
        let totals: Vec<Total> = self.clusters.values().copied().collect();
        ratio_mean(&totals, &self.singles).ok()?.interval()
    }
}

const NOWHERE: &str = "no case that this applies to";

fn empty(heading: Heading) -> Metric {
    Metric {
        name: heading.name,
        label: heading.label,
        unit: heading.unit,
        better: heading.better,
        value: None,
        interval: None,
        n: 0,
        note: None,
    }
}
