//! When a run may end before its cases do: as soon as they show on which side of its limit the pass rate lies.
//!
//! The test allows looking after every case (`docs/statistics.md`, "Stopping early"), on one condition: the order of the
//! cases must not depend on what they come out as. So they are asked in a shuffled order, and their verdicts count in the
//! order of asking: counted as they come, quick answers would go first, and those may well be the good ones.

use crate::{dataset::first_eight_bytes, trial::TrialKey};
use evidence::{
    ContentHash,
    statistics::{SequentialDecision, SequentialTest, Unavailable},
};
use std::collections::{HashSet, VecDeque};

/// The chance of ever deciding against a pass rate that lies exactly at its limit.
const LEVEL: f64 = 0.05;

/// The test of a pass rate against its limit, in a run of so many cases. It is sharpest after a quarter of them: a clear
/// answer comes early, and one that is not clear costs little more than it would later.
///
/// # Errors
///
/// [`Unavailable::OutOfRange`] for a limit that is not between 0 and 1.
pub fn pass_rate_test(limit: f64, cases: u64) -> Result<SequentialTest, Unavailable> {
    SequentialTest::new(limit, (0.0, 1.0), LEVEL, (cases / 4).max(1))
}

/// What a run needs to end as soon as its pass rate is decided.
#[derive(Clone, Debug)]
pub struct EarlyStop {
    test: SequentialTest,
    seed: u64,
    passed: HashSet<TrialKey>,
}

impl EarlyStop {
    /// The seed of the order comes from the dataset, so that a run that is gone on with has the order it began with, and two
    /// runs of one dataset ask the same cases first. `passed` are the trials, of those that the plan has done already, that
    /// passed.
    pub fn new(test: SequentialTest, dataset: &ContentHash, passed: HashSet<TrialKey>) -> Self {
        Self {
            test,
            seed: first_eight_bytes(dataset),
            passed,
        }
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }
}

/// A case whose turn has come, and whose verdict has not been counted yet.
#[derive(Debug)]
struct Open {
    case_index: u64,
    /// Repeats without a result.
    left: u32,
    /// Repeats that passed. An error passes no more than a failure does, as in the pass rate itself.
    passed: u32,
}

/// Counts verdicts in the order of asking, a case once, by the mean of its repeats.
#[derive(Debug)]
pub(super) struct Decider {
    test: SequentialTest,
    already_passed: HashSet<TrialKey>,
    repeat: u32,
    most_open: usize,
    open: VecDeque<Open>,
    decided: Option<(SequentialDecision, u64)>,
}

impl Decider {
    pub(super) fn new(early: &EarlyStop, repeat: u32, concurrency: u32) -> Self {
        Self {
            test: early.test.clone(),
            already_passed: early.passed.clone(),
            repeat,
            // A slow call does not keep the others from beginning at once, nor from being counted for ever.
            most_open: concurrency as usize * 2,
            open: VecDeque::new(),
            decided: None,
        }
    }

    /// What was decided, and after how many cases.
    pub(super) fn decided(&self) -> Option<(SequentialDecision, u64)> {
        self.decided
    }

    /// Whether so many cases wait for one that was asked before them that no further case is to begin: it would be asked
    /// in vain if that one decides.
    pub(super) fn is_full(&self) -> bool {
        self.open.len() >= self.most_open
    }

    /// The turn of a case has come; some of its trials may have been done before the run was gone on with.
    pub(super) fn begins(&mut self, case_index: u64, done: &HashSet<TrialKey>) {
        let keys = || (0..self.repeat).map(|repeat| TrialKey { case_index, repeat });
        let finished = keys().filter(|key| done.contains(key)).count() as u32;
        let passed = keys().filter(|key| self.already_passed.contains(key)).count() as u32;
        self.open.push_back(Open {
            case_index,
            left: self.repeat - finished,
            passed,
        });
        self.count();
    }

    /// A trial has ended.
    pub(super) fn ended(&mut self, key: TrialKey, passed: bool) {
        let case = self
            .open
            .iter_mut()
            .find(|open| open.case_index == key.case_index);
        if let Some(case) = case {
            case.left -= 1;
            case.passed += u32::from(passed);
        }
        self.count();
    }

    /// Counts the cases at the front that are complete, until the answer is clear.
    fn count(&mut self) {
        while self.decided.is_none() && self.open.front().is_some_and(|case| case.left == 0) {
            let Some(case) = self.open.pop_front() else { break };
            let mean = f64::from(case.passed) / f64::from(self.repeat);
            // A mean of passes lies within the range of the test, which has no other objection.
            match self.test.observe(mean) {
                Ok(SequentialDecision::Undecided) | Err(_) => {}
                Ok(decision) => self.decided = Some((decision, self.test.count())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPEAT: u32 = 2;
    const IN_FLIGHT: u32 = 8;

    fn decider(passed: HashSet<TrialKey>) -> Decider {
        let test = pass_rate_test(0.8, 200).unwrap();
        let early = EarlyStop::new(test, &ContentHash::of("dataset"), passed);
        Decider::new(&early, REPEAT, IN_FLIGHT)
    }

    fn trials(cases: std::ops::Range<u64>) -> Vec<TrialKey> {
        cases
            .flat_map(|case_index| (0..REPEAT).map(move |repeat| TrialKey { case_index, repeat }))
            .collect()
    }

    /// Three of ten cases pass, and one more with one of its repeats.
    fn passes(key: TrialKey) -> bool {
        match key.case_index % 10 {
            0..3 => true,
            3 => key.repeat == 0,
            _ => false,
        }
    }

    /// What is decided where cases begin in order and so many trials at a time end in the order that `sort` gives them.
    fn decided(sort: impl Fn(&mut Vec<TrialKey>)) -> Option<(SequentialDecision, u64)> {
        let (mut decider, none) = (decider(HashSet::new()), HashSet::new());
        for first in (0..200).step_by(4) {
            (first..first + 4).for_each(|case| decider.begins(case, &none));
            let mut ending = trials(first..first + 4);
            sort(&mut ending);
            for key in ending {
                decider.ended(key, passes(key));
            }
        }
        decider.decided()
    }

    #[test]
    fn the_order_of_completion_changes_nothing() {
        let in_order = decided(|_| ());
        assert!(
            in_order.is_some_and(|(decision, cases)| decision == SequentialDecision::Below && cases < 60),
            "{in_order:?}"
        );
        assert_eq!(decided(|trials| trials.reverse()), in_order);
        // What passes first: counted as it comes, it would put the decision off.
        assert_eq!(
            decided(|trials| trials.sort_by_key(|key| !passes(*key))),
            in_order
        );
    }

    #[test]
    fn nothing_counts_before_what_was_asked_first() {
        let (mut decider, none) = (decider(HashSet::new()), HashSet::new());
        decider.begins(0, &none);
        for case in 1..100 {
            assert_eq!(
                decider.is_full(),
                case >= u64::from(IN_FLIGHT) * 2,
                "at case {case}"
            );
            decider.begins(case, &none);
            for key in trials(case..case + 1) {
                decider.ended(key, false);
            }
        }
        assert_eq!(decider.decided(), None);
        for key in trials(0..1) {
            decider.ended(key, false);
        }
        assert_eq!(
            decider.decided().map(|(decision, _)| decision),
            Some(SequentialDecision::Below)
        );
    }

    #[test]
    fn what_was_done_before_counts_as_it_came_out() {
        let whole = decided(|_| ());
        let done: HashSet<TrialKey> = trials(0..21).into_iter().skip(1).collect();
        let mut decider = decider(done.iter().copied().filter(|key| passes(*key)).collect());
        for case in 0..200 {
            decider.begins(case, &done);
            for key in trials(case..case + 1) {
                if !done.contains(&key) {
                    decider.ended(key, passes(key));
                }
            }
        }
        assert_eq!(decider.decided(), whole);
    }
}
