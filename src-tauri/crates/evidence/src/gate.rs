//! Release gates: thresholds fixed before a run, and what the run says of each.
//!
//! A threshold tests the point estimate. Where the interval straddles it, the verdict says so
//! ("met, not certain") instead of pretending; a threshold may demand the bound instead.

use crate::{
    metric::{Direction, Interval, Metric, Unit},
    run::Comparison,
    statistics::{NonInferiority, non_inferiority},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which side of the threshold passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The value must be at least the limit.
    AtLeast,
    /// The value must be at most the limit.
    AtMost,
    /// The value may be worse than the baseline run's by at most the limit, paired by case (non-inferiority).
    NoWorseBy,
}

/// A limit on one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Threshold {
    /// The metric's name.
    pub metric: String,
    /// Which side passes.
    pub bound: Bound,
    /// The limit, in the metric's unit (a share between 0 and 1, milliseconds, US dollars).
    pub limit: f64,
    /// Whether the interval's unfavourable end must pass too.
    pub demand_bound: bool,
    /// What people get of it when it is met, in a sentence; absent where nobody has said so yet.
    #[serde(default)]
    pub outcome: Option<String>,
}

/// What one threshold says of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The value passes and so does its whole interval.
    Met,
    /// The value passes; the interval straddles the limit or cannot be given.
    MetNotCertain,
    /// The value does not pass, or the bound was demanded and does not.
    NotMet,
    /// There is no value: not passing, and not a zero either.
    NotMeasured,
}

impl Verdict {
    /// Whether a release may go out.
    pub fn passes(self) -> bool {
        matches!(self, Verdict::Met | Verdict::MetNotCertain)
    }
}

impl Threshold {
    /// Holds a metric against this threshold, and where it names the baseline, the comparison with that.
    pub fn judge(&self, metric: Option<&Metric>, against: Option<&Comparison>) -> Verdict {
        let Some((metric, value)) = metric.and_then(|metric| Some((metric, metric.value?))) else {
            return Verdict::NotMeasured;
        };
        let end = |end: fn(Interval) -> Option<f64>| metric.interval.and_then(end);
        let (passes, certain) = match (self.bound, against) {
            (Bound::AtLeast, _) => {
                let passes = |value: f64| value >= self.limit;
                (passes(value), end(|interval| interval.low).is_some_and(passes))
            }
            (Bound::AtMost, _) => {
                let passes = |value: f64| value <= self.limit;
                (passes(value), end(|interval| interval.high).is_some_and(passes))
            }
            // The difference would be the graders', not the target's.
            (Bound::NoWorseBy, Some(against)) if against.graders_differ => return Verdict::NotMeasured,
            (Bound::NoWorseBy, Some(against)) => self.no_worse(metric.better, against),
            (Bound::NoWorseBy, None) => return Verdict::NotMeasured,
        };
        match (passes, certain) {
            (false, _) => Verdict::NotMet,
            (true, true) => Verdict::Met,
            (true, false) if self.demand_bound => Verdict::NotMet,
            (true, false) => Verdict::MetNotCertain,
        }
    }

    /// Whether the difference from the baseline keeps the margin, and whether its interval shows that.
    fn no_worse(&self, better: Direction, against: &Comparison) -> (bool, bool) {
        let loss = match better {
            Direction::Higher => -against.difference,
            Direction::Lower => against.difference,
        };
        // An end that is not known may lie anywhere.
        let interval = against.interval.map(|interval| {
            (
                interval.low.unwrap_or(f64::NEG_INFINITY),
                interval.high.unwrap_or(f64::INFINITY),
            )
        });
        let shown = non_inferiority(interval, self.limit, better) == Ok(NonInferiority::Shown);
        (loss <= self.limit, shown)
    }

    /// The limit in words: "at least 95 %".
    pub fn limit_text(&self, metric: &Metric) -> String {
        let side = match self.bound {
            Bound::AtLeast => "at least",
            Bound::AtMost => "at most",
            Bound::NoWorseBy => {
                let margin = match metric.unit {
                    Unit::Share => format!("{} points", metric.unit.figure(self.limit)),
                    unit => unit.text(self.limit),
                };
                return format!("no worse than the baseline by more than {margin}");
            }
        };
        format!("{side} {}", metric.unit.text(self.limit))
    }
}

/// A threshold with what the run says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct GateMetric {
    /// The limit.
    pub threshold: Threshold,
    /// The run's verdict.
    pub verdict: Verdict,
    /// One line for people: "Citations 91 %, threshold at least 95 %".
    pub sentence: String,
}

/// The verdict on a whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GateVerdict {
    /// Every release metric passes.
    Passed,
    /// At least one release metric fails or was not measured.
    Failed,
    /// The suite sets fewer than three release metrics, or the run has not finished, so nothing may be released on it.
    Unset,
}

/// Every release metric of a run and the verdict they add up to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Gate {
    /// The verdict.
    pub verdict: GateVerdict,
    /// One entry a release metric, in the suite's order.
    pub metrics: Vec<GateMetric>,
    /// What was changed in the criteria after results on the same dataset had been seen: then they are no longer a test of
    /// anything. Absent where nothing was.
    #[serde(default)]
    pub post_hoc: Option<String>,
}

/// How many release metrics a suite must set before a run on it can be released.
pub const MANDATORY_RELEASE_METRICS: usize = 3;

impl Gate {
    /// Holds a run's metrics against its thresholds. `comparisons` are those with the baseline run, where there is one.
    pub fn judge(thresholds: &[Threshold], metrics: &[Metric], comparisons: &[Comparison]) -> Self {
        let judged: Vec<GateMetric> = thresholds
            .iter()
            .map(|threshold| {
                let metric = metrics.iter().find(|metric| metric.name == threshold.metric);
                let against = comparisons
                    .iter()
                    .find(|comparison| comparison.metric == threshold.metric);
                let verdict = threshold.judge(metric, against);
                let sentence = match metric {
                    Some(metric) if threshold.bound == Bound::NoWorseBy => {
                        against_baseline(threshold, metric, against)
                    }
                    Some(metric) => {
                        let limit = threshold.limit_text(metric);
                        let range = metric.interval_text().filter(|_| threshold.demand_bound);
                        let range = range.map(|range| format!(" ({range})")).unwrap_or_default();
                        let demand = if threshold.demand_bound {
                            " for its whole interval"
                        } else {
                            ""
                        };
                        format!(
                            "{} {}{range}, threshold {limit}{demand}",
                            metric.label,
                            metric.value_text()
                        )
                    }
                    None => format!("{} was not measured", threshold.metric),
                };
                GateMetric {
                    threshold: threshold.clone(),
                    verdict,
                    sentence,
                }
            })
            .collect();
        let verdict = if judged.iter().any(|metric| !metric.verdict.passes()) {
            GateVerdict::Failed
        } else if judged.len() < MANDATORY_RELEASE_METRICS {
            GateVerdict::Unset
        } else {
            GateVerdict::Passed
        };
        Self {
            verdict,
            metrics: judged,
            post_hoc: None,
        }
    }
}

/// "Pass rate 78 %, −2 (−6 to 2) against the baseline on 100 shared cases, threshold no worse than the baseline by more than 5 points".
fn against_baseline(threshold: &Threshold, metric: &Metric, against: Option<&Comparison>) -> String {
    let limit = threshold.limit_text(metric);
    let Some(against) = against else {
        return format!(
            "{} has no baseline to be held against, threshold {limit}",
            metric.label
        );
    };
    if against.graders_differ {
        return format!(
            "{} was graded otherwise in the baseline, so the two cannot be held against each other, threshold {limit}",
            metric.label
        );
    }
    let sign = if against.difference > 0.0 { "+" } else { "" };
    let figure = |value: f64| metric.unit.figure(value);
    let range = against
        .interval
        .and_then(|interval| {
            Some(format!(
                " ({} to {})",
                figure(interval.low?),
                figure(interval.high?)
            ))
        })
        .unwrap_or_default();
    let plural = if against.n == 1 { "" } else { "s" };
    format!(
        "{} {}, {sign}{}{range} against the baseline on {} shared case{plural}, threshold {limit}",
        metric.label,
        metric.value_text(),
        figure(against.difference),
        against.n
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::IntervalMethod;

    fn metric(value: Option<f64>, low: f64, high: f64) -> Metric {
        Metric {
            name: "pass_rate".into(),
            label: "Pass rate".into(),
            unit: Unit::Share,
            better: Direction::Higher,
            value,
            interval: Some(Interval {
                low: Some(low),
                high: Some(high),
                method: IntervalMethod::Wilson,
            }),
            n: 100,
            note: None,
        }
    }

    #[test]
    fn the_point_decides_and_the_interval_qualifies() {
        let threshold = Threshold {
            metric: "pass_rate".into(),
            bound: Bound::AtLeast,
            limit: 0.8,
            demand_bound: false,
            outcome: None,
        };
        assert_eq!(
            threshold.judge(Some(&metric(Some(0.9), 0.82, 0.95)), None),
            Verdict::Met
        );
        assert_eq!(
            threshold.judge(Some(&metric(Some(0.84), 0.76, 0.9)), None),
            Verdict::MetNotCertain
        );
        assert_eq!(
            threshold.judge(Some(&metric(Some(0.79), 0.7, 0.86)), None),
            Verdict::NotMet
        );
        assert_eq!(
            threshold.judge(Some(&metric(None, 0.0, 1.0)), None),
            Verdict::NotMeasured
        );
        let strict = Threshold {
            demand_bound: true,
            ..threshold
        };
        assert_eq!(
            strict.judge(Some(&metric(Some(0.84), 0.76, 0.9)), None),
            Verdict::NotMet
        );
    }

    #[test]
    fn fewer_than_three_release_metrics_release_nothing() {
        let gate = Gate::judge(&[], &[], &[]);
        assert_eq!(gate.verdict, GateVerdict::Unset);
    }

    #[test]
    fn a_margin_is_held_against_the_paired_difference() {
        let threshold = Threshold {
            metric: "pass_rate".into(),
            bound: Bound::NoWorseBy,
            limit: 0.05,
            demand_bound: false,
            outcome: None,
        };
        let comparison = |difference: f64, low: f64, high: f64| Comparison {
            metric: "pass_rate".into(),
            label: "Pass rate".into(),
            unit: Unit::Share,
            before: 0.8,
            after: 0.8 + difference,
            difference,
            interval: metric(None, low, high).interval,
            n: 100,
            p_value: None,
            distinguishable: false,
            improved: None,
            detectable: None,
            graders_differ: false,
        };
        let now = metric(Some(0.8), 0.7, 0.9);
        let verdict = |against: Option<&Comparison>| threshold.judge(Some(&now), against);
        assert_eq!(verdict(Some(&comparison(0.0, -0.04, 0.04))), Verdict::Met);
        assert_eq!(
            verdict(Some(&comparison(-0.02, -0.08, 0.04))),
            Verdict::MetNotCertain
        );
        // The whole interval must lie on the good side of the margin: its end on the margin shows nothing.
        assert_eq!(
            verdict(Some(&comparison(-0.01, -0.05, 0.03))),
            Verdict::MetNotCertain
        );
        assert_eq!(verdict(Some(&comparison(-0.06, -0.08, -0.04))), Verdict::NotMet);
        assert_eq!(verdict(None), Verdict::NotMeasured);
        // With other graders, the difference is the ruler's.
        let otherwise = Comparison {
            graders_differ: true,
            ..comparison(0.0, -0.04, 0.04)
        };
        assert_eq!(verdict(Some(&otherwise)), Verdict::NotMeasured);
    }
}
