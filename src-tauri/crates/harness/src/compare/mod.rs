//! Two runs over the same cases, paired by case.
//!
//! Pairs come in case by case ([`Pairing`]) and leave sums behind, so that two long runs are held against each other in the
//! memory of two short ones; only the ids of cases whose verdict changed are kept.

mod metric;

use crate::trial::TrialRecord;
use evidence::{
    Comparison, Direction, Interval, IntervalMethod, Metric, SliceComparison,
    statistics::{Change, Moments, PairedCounts, Total, change, ratio_mean, slice_verdicts},
};
use metric::PairedMetric;
use std::{
    borrow::Borrow,
    cmp::Ordering,
    collections::{BTreeMap, HashMap, btree_map::IntoIter},
};

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
    let mut pairing = Pairing::new(metrics);
    let (mut earlier, mut later) = (by_case(before), by_case(after));
    let (mut then, mut now) = (earlier.next(), later.next());
    while let (Some((earlier_id, before)), Some((later_id, after))) = (&then, &now) {
        let order = earlier_id.cmp(later_id);
        if order.is_eq() {
            pairing.add(before, after);
        }
        if order != Ordering::Greater {
            then = earlier.next();
        }
        if order != Ordering::Less {
            now = later.next();
        }
    }
    pairing.finish()
}

fn by_case(trials: &[TrialRecord]) -> IntoIter<&str, Vec<&TrialRecord>> {
    let mut cases: BTreeMap<&str, Vec<&TrialRecord>> = BTreeMap::new();
    for trial in trials {
        cases.entry(&trial.case_id).or_default().push(trial);
    }
    cases.into_iter()
}

/// Two runs while the cases that both have come in, in any order.
pub struct Pairing<'a> {
    metrics: Vec<PairedMetric<'a>>,
    /// A number for each cluster that cases name.
    clusters: HashMap<String, u32>,
    /// Changed verdicts with the case's place in the later run.
    gained: Vec<(u64, String)>,
    lost: Vec<(u64, String)>,
    reworded: u64,
    categories: BTreeMap<String, Category>,
}

/// The cases of a category, by what became of them.
#[derive(Default)]
struct Category {
    counts: PairedCounts,
    /// The changes (1, 0 or −1) of cases without a cluster, each of which is one by itself, and those of each cluster.
    singles: Moments,
    clusters: BTreeMap<u32, Total>,
}

impl Category {
    fn add(&mut self, passed: bool, passes: bool, cluster: Option<u32>) {
        let (count, change) = match (passed, passes) {
            (false, true) => (&mut self.counts.gained, 1.0),
            (true, false) => (&mut self.counts.lost, -1.0),
            _ => (&mut self.counts.unchanged, 0.0),
        };
        *count += 1;
        match cluster {
            Some(cluster) => self.clusters.entry(cluster).or_default().add(change),
            None => self.singles.add(change),
        }
    }

    /// Whether no two cases are of one cluster.
    fn is_independent(&self) -> bool {
        self.clusters.values().all(|cluster| cluster.weight <= 1.0)
    }

    /// The interval of the difference over clusters, whose cases are not independent.
    fn over_clusters(&self) -> Option<(f64, f64)> {
        let totals: Vec<Total> = self.clusters.values().copied().collect();
        ratio_mean(&totals, &self.singles).ok()?.interval()
    }
}

impl<'a> Pairing<'a> {
    /// Nothing paired yet. `metrics` are those of the later run.
    pub fn new(metrics: &'a [Metric]) -> Self {
        Self {
            metrics: metrics.iter().map(PairedMetric::new).collect(),
            clusters: HashMap::new(),
            gained: Vec::new(),
            lost: Vec::new(),
            reworded: 0,
            categories: BTreeMap::new(),
        }
    }

    /// Takes all trials of one case in the earlier and in the later run.
    pub fn add<T: Borrow<TrialRecord>>(&mut self, before: &[T], after: &[T]) {
        let (Some(then), Some(now)) = (before.first(), after.first()) else {
            return;
        };
        let (then, now): (&TrialRecord, &TrialRecord) = (then.borrow(), now.borrow());
        // Results from before the fingerprint was kept are taken at their id's word.
        let same = then
            .case_fingerprint
            .zip(now.case_fingerprint)
            .is_none_or(|(one, other)| one == other);
        if !same {
            self.reworded += 1;
            return;
        }
        let cluster = now.cluster.as_ref().map(|name| {
            let next = self.clusters.len() as u32;
            *self.clusters.entry(name.clone()).or_insert(next)
        });
        for metric in &mut self.metrics {
            metric.add(before, after, cluster);
        }
        let category = match self.categories.get_mut(&now.category) {
            Some(category) => category,
            None => self.categories.entry(now.category.clone()).or_default(),
        };
        let (passed, passes) = (mostly_passed(before), mostly_passed(after));
        category.add(passed, passes, cluster);
        let changed = || (now.key.case_index, now.case_id.clone());
        match (passed, passes) {
            (false, true) => self.gained.push(changed()),
            (true, false) => self.lost.push(changed()),
            _ => {}
        }
    }

    /// What came of it.
    pub fn finish(self) -> Compared {
        Compared {
            comparisons: self.metrics.iter().filter_map(PairedMetric::comparison).collect(),
            gained: in_case_order(self.gained),
            lost: in_case_order(self.lost),
            reworded: self.reworded,
            slices: slices(self.categories),
        }
    }
}

/// Whether more than half of a case's trials passed.
fn mostly_passed<T: Borrow<TrialRecord>>(trials: &[T]) -> bool {
    let passed = trials.iter().filter(|trial| (*trial).borrow().passed).count();
    2 * passed > trials.len()
}

fn in_case_order(mut cases: Vec<(u64, String)>) -> Vec<String> {
    cases.sort_unstable();
    cases.into_iter().map(|(_, id)| id).collect()
}

/// Every category that both runs have cases of, with verdicts adjusted for looking at all of them. What changed in all cases of
/// one cluster may be one change: where several cases are of one, a category has changed only where the interval over clusters
/// says so too.
fn slices(categories: BTreeMap<String, Category>) -> Vec<SliceComparison> {
    let pairs: Vec<PairedCounts> = categories.values().map(|category| category.counts).collect();
    let Ok(verdicts) = slice_verdicts(&pairs) else {
        return Vec::new();
    };
    categories
        .into_iter()
        .zip(verdicts)
        .map(|((name, category), verdict)| {
            let count = category.counts;
            let difference = verdict.difference.ok();
            let (interval, method, found) = if category.is_independent() {
                let interval = difference.and_then(|difference| difference.interval());
                (interval, IntervalMethod::StudentT, verdict.change)
            } else {
                let interval = category.over_clusters();
                let over_clusters = change(interval, Some(verdict.adjusted_p_value), Direction::Higher);
                let found = if over_clusters == verdict.change {
                    verdict.change
                } else {
                    Change::NotDistinguishable
                };
                (interval, IntervalMethod::Clustered, found)
            };
            SliceComparison {
                name,
                gained: count.gained,
                lost: count.lost,
                n: count.gained + count.lost + count.unchanged,
                difference: difference.map(|difference| difference.value),
                interval: interval.map(|(low, high)| Interval {
                    low: Some(low),
                    high: Some(high),
                    method,
                }),
                adjusted_p_value: verdict.adjusted_p_value,
                improved: match found {
                    Change::Improved => Some(true),
                    Change::Worse => Some(false),
                    Change::NotDistinguishable => None,
                },
            }
        })
        .collect()
}
