//! A measured number: never without its unit and n, and with an interval wherever one is honest.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a metric's value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A share between 0 and 1, shown as a percentage.
    Share,
    /// Milliseconds.
    Milliseconds,
    /// US dollars.
    Usd,
    /// A score between 0 and 1 that is not a share of cases (recall, reciprocal rank).
    Score,
    /// A whole number of things.
    Count,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

/// How an interval was computed; `docs/statistics.md` has each formula and its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IntervalMethod {
    /// Wilson score interval of a proportion.
    Wilson,
    /// Student t interval of a mean over cases (repeats are averaged per case first).
    StudentT,
    /// Order statistics of a quantile.
    OrderStatistics,
    /// Student t interval over clusters of cases that are not independent of each other.
    Clustered,
    /// Student t interval of a weighted mean over cases.
    Weighted,
    /// Confidence sequence of a mean over cases, which holds at whatever time a run ends.
    AnytimeValid,
}

/// A two-sided 95 % confidence interval. An end that the sample cannot bound is absent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Interval {
    /// Lower end, in the metric's unit.
    pub low: Option<f64>,
    /// Upper end, in the metric's unit.
    pub high: Option<f64>,
    /// How it was computed.
    pub method: IntervalMethod,
}

impl Interval {
    /// Whether the whole interval lies above `value`.
    pub fn above(&self, value: f64) -> bool {
        self.low.is_some_and(|low| low > value)
    }

    /// Whether the whole interval lies below `value`.
    pub fn below(&self, value: f64) -> bool {
        self.high.is_some_and(|high| high < value)
    }
}

/// One measured number of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Metric {
    /// Stable key: `pass_rate`, `error_rate`, `latency_p95`, `cost_per_case`, or a grader's name,
    /// or `<grader>.score`.
    pub name: String,
    /// What people read: "Pass rate".
    pub label: String,
    /// Unit of the value and the interval.
    pub unit: Unit,
    /// Which way is better.
    pub better: Direction,
    /// The point estimate; absent when the data cannot carry one, which is never the same as 0.
    pub value: Option<f64>,
    /// 95 % interval, where the method and the sample allow one.
    pub interval: Option<Interval>,
    /// How many observations stand behind the value (cases or trials, as the metric counts them).
    pub n: u64,
    /// Why the value or an end of the interval is missing, in words for the reader.
    pub note: Option<String>,
}

impl Metric {
    /// The value in words with its unit: "84 %", "2.31 s", "$0.0031", "no data".
    pub fn value_text(&self) -> String {
        self.value
            .map_or_else(|| "no data".into(), |value| self.unit.text(value))
    }

    /// The interval in words without its unit: "76 to 90"; absent without a full interval.
    pub fn interval_text(&self) -> Option<String> {
        let interval = self.interval?;
        Some(match (interval.low, interval.high) {
            (Some(low), Some(high)) => {
                format!("{} to {}", self.unit.figure(low), self.unit.figure(high))
            }
            (Some(low), None) => format!("at least {}", self.unit.figure(low)),
            (None, Some(high)) => format!("at most {}", self.unit.figure(high)),
            (None, None) => return None,
        })
    }
}

impl Unit {
    /// A value with its unit.
    pub fn text(self, value: f64) -> String {
        match self {
            Unit::Share => format!("{} %", self.figure(value)),
            Unit::Milliseconds if value.abs() >= 1000.0 => format!("{:.2} s", value / 1000.0),
            Unit::Milliseconds => format!("{} ms", self.figure(value)),
            Unit::Usd => format!("${}", self.figure(value)),
            Unit::Score | Unit::Count => self.figure(value),
        }
    }

    /// A value without its unit, rounded as people read it.
    pub fn figure(self, value: f64) -> String {
        let plain = match self {
            // One decimal where rounding to a whole percent would say "all" or "none" of something that is not.
            Unit::Share if (value > 0.0 && value < 0.005) || (value > 0.995 && value < 1.0) => {
                format!("{:.1}", value * 100.0)
            }
            Unit::Share => format!("{:.0}", value * 100.0),
            Unit::Milliseconds if value.abs() >= 1000.0 => format!("{:.0}", value),
            Unit::Milliseconds if value.abs() >= 10.0 => format!("{value:.0}"),
            Unit::Milliseconds => format!("{value:.1}"),
            Unit::Usd if value.abs() >= 1.0 => format!("{value:.2}"),
            Unit::Usd if value.abs() >= 0.001 || value == 0.0 => format!("{value:.4}"),
            Unit::Usd => format!("{value:.6}"),
            Unit::Score => format!("{value:.2}"),
            Unit::Count => format!("{value:.0}"),
        };
        plain.replace('-', "\u{2212}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!(Unit::Share.text(0.84), "84 %");
        assert_eq!(Unit::Share.text(0.999), "99.9 %");
        assert_eq!(Unit::Milliseconds.text(2310.0), "2.31 s");
        assert_eq!(Unit::Milliseconds.text(41.4), "41 ms");
        assert_eq!(Unit::Usd.text(0.0031), "$0.0031");
        assert_eq!(Unit::Share.text(-0.06), "\u{2212}6 %");
    }
}
