//! A hard limit on what a run may spend, kept by never starting a call that might cross it.

use crate::trial::TrialKey;
use evidence::PicoUsd;
use std::collections::HashMap;

/// A limit in money, for a run and what it spent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Most that may be spent.
    pub limit: PicoUsd,
    /// Spent already, by the part of the run that is being gone on with.
    pub spent: PicoUsd,
}

/// The budget while a run goes on: money spent, and money set aside for the calls in flight.
///
/// For a call whose cost has a bound (a known prompt, a token limit and a price), the bound is set aside. For any other, twice
/// the dearest call so far is, and until one call has been paid only one is in flight.
#[derive(Debug)]
pub(super) struct Purse {
    budget: Budget,
    set_aside: HashMap<TrialKey, PicoUsd>,
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

impl Purse {
    pub(super) fn new(budget: Budget) -> Self {
        Self {
            budget,
            set_aside: HashMap::new(),
            dearest: None,
        }
    }

    /// Whether one more call may begin that costs at most `bound`, where that is known.
    pub(super) fn allows(&self, bound: Option<PicoUsd>) -> Allowance {
        let limit = i128::from(self.budget.limit.pico());
        let left = limit - i128::from(self.budget.spent.pico()) - self.in_flight();
        let alone = self.set_aside.is_empty();
        let fits = match self.reserve(bound) {
            Some(one) => i128::from(one.pico()) <= left,
            // Nothing is known of the price yet: one call finds it out.
            None => alone && left > 0,
        };
        match (fits, alone) {
            (true, _) => Allowance::Yes,
            // What is in flight may cost less than was set aside for it.
            (false, false) => Allowance::Wait,
            (false, true) => Allowance::No,
        }
    }

    fn in_flight(&self) -> i128 {
        self.set_aside
            .values()
            .map(|amount| i128::from(amount.pico()))
            .sum()
    }

    fn reserve(&self, bound: Option<PicoUsd>) -> Option<PicoUsd> {
        bound.or_else(|| {
            self.dearest
                .map(|cost| PicoUsd::from_pico(cost.pico().saturating_mul(2)))
        })
    }

    pub(super) fn began(&mut self, key: TrialKey, bound: Option<PicoUsd>) {
        let amount = self.reserve(bound).unwrap_or_default();
        self.set_aside.insert(key, amount);
    }

    /// A call has ended and cost this much; absent where nothing is known of its price.
    pub(super) fn ended(&mut self, key: TrialKey, cost: Option<PicoUsd>) {
        self.set_aside.remove(&key);
        if let Some(cost) = cost {
            self.budget.spent = self.budget.spent + cost;
            self.dearest = self.dearest.max(Some(cost));
        }
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
            'calls: for (index, (bound, share)) in calls.into_iter().enumerate() {
                while flying.len() >= width || purse.allows(Some(pico(bound))) == Allowance::Wait {
                    let (ended, cost) = flying.remove(0);
                    purse.ended(key(ended), Some(pico(cost)));
                }
                if purse.allows(Some(pico(bound))) == Allowance::No { break 'calls; }
                purse.began(key(index as u64), Some(pico(bound)));
                flying.push((index as u64, (bound as f64 * share) as i64));
            }
            for (ended, cost) in flying { purse.ended(key(ended), Some(pico(cost))); }
            prop_assert!(purse.spent().pico() <= limit);
        }
    }

    #[test]
    fn the_first_call_of_an_unknown_price_goes_alone() {
        let mut purse = Purse::new(Budget {
            limit: pico(100),
            spent: pico(0),
        });
        assert_eq!(purse.allows(None), Allowance::Yes);
        purse.began(key(0), None);
        assert_eq!(purse.allows(None), Allowance::Wait);
        purse.ended(key(0), Some(pico(30)));
        // Twice the dearest is set aside for each: 60 fits into 70, 120 does not.
        assert_eq!(purse.allows(None), Allowance::Yes);
        purse.began(key(1), None);
        assert_eq!(purse.allows(None), Allowance::Wait);
        purse.ended(key(1), Some(pico(30)));
        assert_eq!(purse.allows(None), Allowance::No);
    }
}
