//! Two runs over the same cases, paired by case.

use crate::{summary::means, trial::TrialRecord};
use evidence::{
    Comparison, Interval, IntervalMethod, Metric, PicoUsd, SliceComparison, Unit,
    statistics::{
        Change, PairedCounts, change, clustered_difference, mcnemar_exact, paired_difference, slice_verdicts,
    },
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A trial with the number that its case has in the later run.
type Numbered<'a> = (u64, &'a TrialRecord);

/// Two runs held against each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// By metric, in the order of the later run's metrics.
    pub comparisons: Vec<Comparison>,
    /// Ids of cases that fail before and pass after, in case order.
    pub gained: Vec<String>,
    /// Ids of cases that pass before and fail after, in case order.
    pub lost: Vec<String>,
    /// Cases with the same id in both runs that say something else, and are therefore left out.
    pub reworded: u64,
    /// By category, in order of name.
    pub slices: Vec<SliceComparison>,
}

/// Holds two runs against each other on the cases that both have. Cases are matched by id, so a dataset that grew
/// can still be compared on what it shares; a case whose content has changed is another case. `metrics` are those of the later run.
pub fn compare(before: &[TrialRecord], after: &[TrialRecord], metrics: &[Metric]) -> Compared {
    let places: HashMap<&str, (u64, Option<u64>)> = after
        .iter()
        .map(|trial| {
            let place = (trial.key.case_index, trial.case_fingerprint);
            (trial.case_id.as_str(), place)
        })
        .collect();
    let mut reworded = BTreeSet::new();
    // The earlier trials with the case numbers of the later run.
    let before: Vec<Numbered<'_>> = before
        .iter()
        .filter_map(|trial| {
            let (place, fingerprint) = *places.get(trial.case_id.as_str())?;
            // Results from before the fingerprint was kept are taken at their id's word.
            let same = fingerprint
                .zip(trial.case_fingerprint)
                .is_none_or(|(one, other)| one == other);
            if !same {
                reworded.insert(place);
            }
            same.then_some((place, trial))
        })
        .collect();
    let shared: BTreeSet<u64> = before.iter().map(|(case, _)| *case).collect();
    let after: Vec<Numbered<'_>> = after
        .iter()
        .map(|trial| (trial.key.case_index, trial))
        .filter(|(case, _)| shared.contains(case))
        .collect();
    let pass = |trials: &[Numbered<'_>]| {
        means(trials.iter().copied(), |trial| {
            Some(f64::from(u8::from(trial.passed)))
        })
    };
    let (passed_before, passed_after) = (pass(&before), pass(&after));
    let ids: BTreeMap<u64, &str> = after
        .iter()
        .map(|(case, trial)| (*case, trial.case_id.as_str()))
        .collect();
    let flipped = |was: bool| -> Vec<String> {
        passed_after
            .iter()
            .filter(|(case, value)| {
                let before = passed_before.get(case).copied().unwrap_or(f64::NAN);
                (before > 0.5) == was && (**value > 0.5) != was && !before.is_nan()
            })
            .filter_map(|(case, _)| ids.get(case).map(|id| (*id).to_owned()))
            .collect()
    };
    let comparisons = metrics
        .iter()
        .filter_map(|metric| compare_metric(metric, &before, &after))
        .collect();
    Compared {
        comparisons,
        gained: flipped(false),
        lost: flipped(true),
        reworded: reworded.len() as u64,
        slices: slices(&after, &passed_before, &passed_after),
    }
}

/// Every category that both runs have cases of, with verdicts adjusted for looking at all of them.
fn slices(
    after: &[Numbered<'_>],
    passed_before: &BTreeMap<u64, f64>,
    passed_after: &BTreeMap<u64, f64>,
) -> Vec<SliceComparison> {
    let categories: BTreeMap<u64, &str> = after
        .iter()
        .map(|(case, trial)| (*case, trial.category.as_str()))
        .collect();
    let mut counts: BTreeMap<&str, PairedCounts> = BTreeMap::new();
    for (case, now) in passed_after {
        let (Some(then), Some(category)) = (passed_before.get(case), categories.get(case)) else {
            continue;
        };
        let count = counts.entry(category).or_default();
        match (*then > 0.5, *now > 0.5) {
            (false, true) => count.gained += 1,
            (true, false) => count.lost += 1,
            _ => count.unchanged += 1,
        }
    }
    let pairs: Vec<PairedCounts> = counts.values().copied().collect();
    let Ok(verdicts) = slice_verdicts(&pairs) else {
        return Vec::new();
    };
    counts
        .into_iter()
        .zip(verdicts)
        .map(|((name, count), verdict)| {
            let difference = verdict.difference.ok();
            SliceComparison {
                name: name.to_owned(),
                gained: count.gained,
                lost: count.lost,
                n: count.gained + count.lost + count.unchanged,
                difference: difference.map(|difference| difference.value),
                interval: difference
                    .and_then(|difference| difference.interval())
                    .map(|(low, high)| Interval {
                        low: Some(low),
                        high: Some(high),
                        method: IntervalMethod::StudentT,
                    }),
                adjusted_p_value: verdict.adjusted_p_value,
                improved: match verdict.change {
                    Change::Improved => Some(true),
                    Change::Worse => Some(false),
                    Change::NotDistinguishable => None,
                },
            }
        })
        .collect()
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

fn compare_metric(metric: &Metric, before: &[Numbered<'_>], after: &[Numbered<'_>]) -> Option<Comparison> {
    let clusters: BTreeMap<u64, &str> = after
        .iter()
        .filter_map(|(case, trial)| Some((*case, trial.cluster.as_deref()?)))
        .collect();
    let (before, after) = (
        means(before.iter().copied(), |trial| trial_value(metric, trial)),
        means(after.iter().copied(), |trial| trial_value(metric, trial)),
    );
    let matched: Vec<(u64, (f64, f64))> = after
        .iter()
        .filter_map(|(case, after)| Some((*case, (*before.get(case)?, *after))))
        .collect();
    let pairs: Vec<(f64, f64)> = matched.iter().map(|(_, pair)| *pair).collect();
    let paired = paired_difference(&pairs)?;
    let (interval, method) = if clusters.is_empty() {
        (paired.interval, IntervalMethod::StudentT)
    } else {
        (over_clusters(&matched, &clusters), IntervalMethod::Clustered)
    };
    // Differences that are all alike give an interval without width, which would promise more than they know.
    let interval = interval
        .filter(|(low, high)| low < high)
        .map(|(low, high)| Interval {
            low: Some(low),
            high: Some(high),
            method,
        });
    // McNemar holds for one yes or no a case, each independent of the others; a mean over repeats is neither.
    let binary = clusters.is_empty()
        && metric.unit == Unit::Share
        && pairs
            .iter()
            .all(|(before, after)| [0.0, 1.0].contains(before) && [0.0, 1.0].contains(after));
    let p_value = binary.then(|| {
        let gained = pairs.iter().filter(|(before, after)| after > before).count() as u64;
        let lost = pairs.iter().filter(|(before, after)| after < before).count() as u64;
        mcnemar_exact(gained, lost)
    });
    let ends = interval.and_then(|interval| Some((interval.low?, interval.high?)));
    let improved = match change(ends, p_value, metric.better) {
        Change::Improved => Some(true),
        Change::Worse => Some(false),
        Change::NotDistinguishable => None,
    };
    let distinguishable = improved.is_some();
    Some(Comparison {
        metric: metric.name.clone(),
        label: metric.label.clone(),
        unit: metric.unit,
        before: paired.before,
        after: paired.after,
        difference: paired.difference,
        interval,
        n: pairs.len() as u64,
        p_value,
        distinguishable,
        improved,
    })
}

/// Cases of one cluster are not independent, so the interval of the difference is over clusters; a case without one is one by
/// itself.
fn over_clusters(matched: &[(u64, (f64, f64))], clusters: &BTreeMap<u64, &str>) -> Option<(f64, f64)> {
    let mut groups: BTreeMap<(Option<&str>, u64), Vec<(f64, f64)>> = BTreeMap::new();
    for (case, pair) in matched {
        let group = match clusters.get(case) {
            Some(name) => (Some(*name), 0),
            None => (None, *case),
        };
        groups.entry(group).or_default().push(*pair);
    }
    let groups: Vec<Vec<(f64, f64)>> = groups.into_values().collect();
    clustered_difference(&groups).ok()?.interval()
}
