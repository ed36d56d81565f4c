//! A hard limit on what a run may spend, kept by never starting a call that might cross it.

use crate::trial::{Cause, TrialKey, TrialResult};
use evidence::PicoUsd;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A limit in money, for a run and what it spent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Most that may be spent.
    pub limit: PicoUsd,
    /// Spent already, by the part of the run that is being gone on with: what its results are known to have cost. What was
    /// counted there for calls that gave no result, or none with a known cost, is not among them.
    pub spent: PicoUsd,
}

/// What is known of the cost of a trial before it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Foreseen {
    /// The most that the call of the target can cost, where that has a bound (a known prompt, a token limit and a price).
    pub call: Option<PicoUsd>,
    /// Whether models judge the answer, which costs nobody knows how much.
    pub judged: bool,
}

impl Foreseen {
    fn is_whole(self) -> bool {
        self.call.is_some() && !self.judged
    }
}

/// The budget while a run goes on: money spent, and money set aside for the calls in flight.
///
/// For a trial whose cost has a bound, the bound is set aside. For any other, twice the dearest trial so far is, and until one
/// has been paid only one is in flight. An attempt that may be billed without saying how much (it ran out of time, broke off,
/// could not be read) counts as what was set aside for it.
#[derive(Debug)]
pub(super) struct Purse {
    budget: Budget,
    set_aside: HashMap<TrialKey, (PicoUsd, Foreseen)>,
    dearest: Option<PicoUsd>,
}

/// What the purse says of one more call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Allowance {
    /// It may begin.
    Yes,
    /// Not before another has ended.
    Wait,
    /// Never: the limit could be crossed.
    No,
}

/// The purse, which the dispatcher and the trials in flight share.
pub(super) fn open(purse: &Mutex<Purse>) -> MutexGuard<'_, Purse> {
    purse.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Purse {
    pub(super) fn new(budget: Budget) -> Self {
        Self {
            budget,
            set_aside: HashMap::new(),
            dearest: None,
        }
    }

    /// Whether one more trial may begin of which this much is known.
    pub(super) fn allows(&self, foreseen: Foreseen) -> Allowance {
        let left = self.left();
        let alone = self.set_aside.is_empty();
        let fits = i128::from(self.reserve(foreseen).pico()) <= left
            // Where nothing is known of the price yet, one call finds it out.
            && (foreseen.is_whole() || self.dearest.is_some() || (alone && left > 0));
        match (fits, alone) {
            (true, _) => Allowance::Yes,
            // What is in flight may cost less than was set aside for it.
            (false, false) => Allowance::Wait,
            (false, true) => Allowance::No,
        }
    }

    fn left(&self) -> i128 {
        let in_flight: i128 = self
            .set_aside
            .values()
            .map(|(amount, _)| i128::from(amount.pico()))
            .sum();
        i128::from(self.budget.limit.pico()) - i128::from(self.budget.spent.pico()) - in_flight
    }

    fn reserve(&self, foreseen: Foreseen) -> PicoUsd {
        let call = foreseen.call.unwrap_or_default();
        if foreseen.is_whole() {
            return call;
        }
        let dearest = self.dearest.unwrap_or_default();
        call.max(dearest + dearest)
    }

    pub(super) fn began(&mut self, key: TrialKey, foreseen: Foreseen) {
        self.set_aside.insert(key, (self.reserve(foreseen), foreseen));
    }

    /// An attempt of this trial has failed and may be billed. Whether there is room to make it again: then as much is set aside
    /// once more, and the failed attempt counts as spent.
    pub(super) fn again(&mut self, key: TrialKey) -> bool {
        let amount = self
            .set_aside
            .get(&key)
            .map_or(PicoUsd::ZERO, |(amount, _)| *amount);
        let left = self.left();
        let fits = left > 0 && i128::from(amount.pico()) <= left;
        if fits {
            self.budget.spent = self.budget.spent + amount;
        }
        fits
    }

    /// A trial has ended.
    pub(super) fn settle(&mut self, result: &TrialResult) {
        let foreseen = self.set_aside.get(&result.key).map(|(_, foreseen)| *foreseen);
        let foreseen = foreseen.unwrap_or_default();
        // A model API that does not say what it used is taken to have used all it could.
        let silent = result.answer.is_some() && result.cost.is_none() && !result.cached;
        let cost = match (result.spent(), foreseen.call.filter(|_| silent)) {
            (known, Some(bound)) => Some(known.unwrap_or_default() + bound),
            (known, None) => known,
        };
        let open = result.error.as_ref().is_some_and(|error| match error.cause {
            // A judge gave no verdict; its calls may be billed all the same.
            Cause::GradingFailed => foreseen.judged,
            cause => !result.cached && cause.may_be_billed(),
        });
        self.ended(result.key, cost, open);
    }

    /// A trial has ended and cost this much, as far as is known; `open` where there may be more to pay.
    fn ended(&mut self, key: TrialKey, cost: Option<PicoUsd>, open: bool) {
        let aside = self
            .set_aside
            .remove(&key)
            .map_or(PicoUsd::ZERO, |(amount, _)| amount);
        let known = cost.unwrap_or_default();
        self.budget.spent = self.budget.spent + if open { known.max(aside) } else { known };
        self.dearest = self.dearest.max(cost);
    }

    pub(super) fn spent(&self) -> PicoUsd {
        self.budget.spent
    }

    pub(super) fn limit(&self) -> PicoUsd {
        self.budget.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pico(amount: i64) -> PicoUsd {
        PicoUsd::from_pico(amount)
    }

    fn key(case_index: u64) -> TrialKey {
        TrialKey {
            case_index,
            repeat: 0,
        }
    }

    fn bounded(bound: i64) -> Foreseen {
        Foreseen {
            call: Some(pico(bound)),
            judged: false,
        }
    }

    proptest! {
        /// Whatever calls cost below their bounds, and however many are in flight, the limit is never crossed.
        #[test]
        fn known_bounds_are_never_crossed(
            limit in 1i64..10_000,
            calls in proptest::collection::vec((1i64..500, 0.0f64..=1.0), 1..200),
            width in 1usize..32,
        ) {
            let mut purse = Purse::new(Budget { limit: pico(limit), spent: pico(0) });
            let mut flying: Vec<(u64, i64)> = Vec::new();
            let mut paid = 0;
            'calls: for (index, (bound, share)) in calls.into_iter().enumerate() {
                while flying.len() >= width || purse.allows(bounded(bound)) == Allowance::Wait {
                    let (ended, cost) = flying.remove(0);
                    purse.ended(key(ended), Some(pico(cost)), false);
                }
                if purse.allows(bounded(bound)) == Allowance::No { break 'calls; }
                purse.began(key(index as u64), bounded(bound));
                // Every third fails once and is billed at its bound.
                let billed = if index % 3 == 0 && purse.again(key(index as u64)) { bound } else { 0 };
                paid += billed;
                flying.push((index as u64, (bound as f64 * share) as i64));
                paid += (bound as f64 * share) as i64;
            }
            for (ended, cost) in flying { purse.ended(key(ended), Some(pico(cost)), false); }
            prop_assert_eq!(purse.spent().pico(), paid);
            prop_assert!(purse.spent().pico() <= limit);
        }
    }

    #[test]
    fn the_first_call_of_an_unknown_price_goes_alone() {
        let unknown = Foreseen::default();
        let mut purse = Purse::new(Budget {
            limit: pico(100),
            spent: pico(0),
        });
        assert_eq!(purse.allows(unknown), Allowance::Yes);
        purse.began(key(0), unknown);
        assert_eq!(purse.allows(unknown), Allowance::Wait);
        purse.ended(key(0), Some(pico(30)), false);
        // Twice the dearest is set aside for each: 60 fits into 70, 120 does not.
        assert_eq!(purse.allows(unknown), Allowance::Yes);
        purse.began(key(1), unknown);
        assert_eq!(purse.allows(unknown), Allowance::Wait);
        purse.ended(key(1), Some(pico(30)), false);
        assert_eq!(purse.allows(unknown), Allowance::No);
    }

    /// The bound of the target's call says nothing of what its judges cost.
    #[test]
    fn a_judged_trial_has_no_bound_of_its_own() {
        let judged = Foreseen {
            judged: true,
            ..bounded(10)
        };
        let mut purse = Purse::new(Budget {
            limit: pico(100),
            spent: pico(0),
        });
        purse.began(key(0), judged);
        assert_eq!(purse.allows(judged), Allowance::Wait);
        purse.ended(key(0), Some(pico(40)), false);
        assert_eq!(purse.allows(judged), Allowance::No, "80 do not fit into 60");
        assert_eq!(purse.allows(bounded(60)), Allowance::Yes);
    }

    #[test]
    fn what_may_be_billed_counts_as_what_was_set_aside() {
        let mut purse = Purse::new(Budget {
            limit: pico(100),
            spent: pico(0),
        });
        purse.began(key(0), bounded(30));
        assert!(purse.again(key(0)));
        assert!(purse.again(key(0)));
        assert!(!purse.again(key(0)), "60 are spent and 30 in flight");
        purse.ended(key(0), None, true);
        assert_eq!(purse.spent(), pico(90));
    }
}
