//! The cheapest variant that may be released.

use super::{Pair, Variant, compared, front::capital};
use crate::{gate::GateVerdict, id::RunId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The cheapest variant whose gate passed, or why none is named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Choice {
    /// The run; absent where none can be named.
    pub run: Option<RunId>,
    /// In one sentence.
    pub sentence: String,
}

impl Choice {
    fn none(sentence: impl Into<String>) -> Self {
        Self {
            run: None,
            sentence: sentence.into(),
        }
    }
}

pub(super) fn cheapest_passing(variants: &[Variant], pairs: &[Pair]) -> Choice {
    let finished: Vec<&Variant> = variants.iter().filter(|variant| variant.finished()).collect();
    if finished.is_empty() {
        return Choice::none("No cheapest passing variant: none of these runs has finished.");
    }
    let passing: Vec<&Variant> = finished
        .iter()
        .copied()
        .filter(|variant| variant.gate == GateVerdict::Passed)
        .collect();
    if passing.is_empty() {
        let why = if finished.iter().all(|variant| variant.gate == GateVerdict::Unset) {
            "the suite sets fewer than three release metrics, so nothing can pass"
        } else {
            "no variant meets all release metrics"
        };
        return Choice::none(format!("No cheapest passing variant: {why}."));
    }
    // Practice prices are no money: where a real variant passes and has a price, the practice ones are out of the question.
    let real: Vec<&Variant> = passing
        .iter()
        .copied()
        .filter(|variant| !variant.practice && variant.cost.value.is_some())
        .collect();
    let asked = if real.is_empty() { &passing } else { &real };
    let mut priced: Vec<(&Variant, f64)> = asked
        .iter()
        .filter_map(|variant| Some((*variant, variant.cost.value?)))
        .collect();
    priced.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.number.cmp(&b.0.number)));
    let Some((cheapest, _)) = priced.first() else {
        return Choice::none("No cheapest passing variant: none of those that pass has a known cost.");
    };
    let unpriced = passing
        .iter()
        .filter(|variant| variant.cost.value.is_none())
        .count();
    let kind = if cheapest.practice {
        " by practice prices, which are no money"
    } else {
        ""
    };
    let mut sentence = format!(
        "{} is the cheapest passing variant{kind}: {} a case, {} pass",
        capital(&cheapest.called()),
        cheapest.cost.value_text(),
        cheapest.quality.value_text()
    );
    if let Some((next, _)) = priced.get(1) {
        let told = compared(pairs, cheapest.run, next.run, "cost_per_case")
            .is_some_and(|comparison| comparison.distinguishable);
        let relation = if told { "" } else { ", not distinguishable in cost" };
        sentence.push_str(&format!(
            "; next is {} at {}{relation}",
            next.called(),
            next.cost.value_text()
        ));
    }
    if unpriced > 0 {
        sentence.push_str(&format!(
            "; {unpriced} more {} without a known cost and may be cheaper",
            if unpriced == 1 { "passes" } else { "pass" }
        ));
    }
    sentence.push('.');
    Choice {
        run: Some(cheapest.run),
        sentence,
    }
}
