//! One measure over the cases of a run: a value a case goes in, a metric with its interval and n comes out.

use evidence::{
    Direction, Interval, IntervalMethod, Metric, Unit,
    statistics::{clustered_mean, mean_interval, wilson},
};

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

/// Values of one measure, one a case: repeats of a case are averaged before they come here.
#[derive(Clone, Debug, Default)]
pub(super) struct Measure {
    values: Vec<f64>,
    /// The cluster of each value; empty as long as no case names one.
    clusters: Vec<u32>,
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
        self.values.push(sum / f64::from(count));
        // A case without a cluster is one by itself; its number lies above those of the named ones.
        if let Some(cluster) = cluster {
            self.clusters.resize(self.values.len() - 1, u32::MAX);
            self.clusters.push(cluster);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The share of trials for which it is true.
    pub(super) fn share(&self, heading: Heading) -> Metric {
        // Repeats that all agree are one observation a case: a t interval over them would have no width at all.
        let steady = self.values.iter().all(|value| [0.0, 1.0].contains(value));
        let flat = self.values.iter().all(|value| Some(value) == self.values.first());
        let cases = self.values.len() as u64;
        if (steady || flat) && self.clusters.is_empty() {
            let passing = self.values.iter().sum::<f64>().round() as u64;
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
        let estimate = mean_interval(&self.values);
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
            n: self.values.len() as u64,
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
        let mut groups: std::collections::BTreeMap<u64, Vec<f64>> = std::collections::BTreeMap::new();
        for (position, value) in self.values.iter().enumerate() {
            let group = match self.clusters.get(position).copied().unwrap_or(u32::MAX) {
                u32::MAX => u64::from(u32::MAX) + 1 + position as u64,
                cluster => u64::from(cluster),
            };
            groups.entry(group).or_default().push(*value);
        }
        let groups: Vec<Vec<f64>> = groups.into_values().collect();
        clustered_mean(&groups).ok()?.interval()
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
