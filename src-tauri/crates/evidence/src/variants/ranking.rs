//! Variants by score beside variants by predictability, and what choosing one over the other costs.

use super::{Pair, Variant, compared, front::capital};
use crate::{id::RunId, metric::Unit};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Two orders of the same variants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Ranking {
    /// By pass rate, best first.
    pub by_score: Vec<RunId>,
    /// By flip rate, steadiest first; only variants whose cases were repeated.
    pub by_predictability: Vec<RunId>,
    /// The trade-off in words.
    pub sentence: String,
}

pub(super) fn rank(variants: &[Variant], pairs: &[Pair]) -> Ranking {
    let mut score: Vec<(&Variant, f64)> = variants
        .iter()
        .filter_map(|variant| Some((variant, variant.quality.value?)))
        .collect();
    score.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.number.cmp(&b.0.number)));
    // Of two that flip as rarely, the one that passes more comes first: always failing is predictable too.
    let mut steady: Vec<(&Variant, f64, f64)> = variants
        .iter()
        .filter_map(|variant| Some((variant, variant.flip_rate.value?, variant.quality.value?)))
        .collect();
    steady.sort_by(|a, b| {
        a.1.total_cmp(&b.1)
            .then(b.2.total_cmp(&a.2))
            .then(a.0.number.cmp(&b.0.number))
    });
    Ranking {
        sentence: sentence(&score, &steady, pairs),
        by_score: score.iter().map(|entry| entry.0.run).collect(),
        by_predictability: steady.iter().map(|entry| entry.0.run).collect(),
    }
}

fn sentence(score: &[(&Variant, f64)], steady: &[(&Variant, f64, f64)], pairs: &[Pair]) -> String {
    let Some((best, best_score)) = score.first() else {
        return "Nothing was measured, so there is no order.".into();
    };
    let Some((steadiest, flips, its_score)) = steady.first() else {
        return format!(
            "{} scores highest ({}). Predictability needs repeats: run each case several times, and the order by it appears here.",
            capital(&best.called()),
            Unit::Share.text(*best_score)
        );
    };
    if best.run == steadiest.run {
        return format!(
            "{} scores highest ({}) and is the most predictable (two repeats of a case disagree {} of the time): no trade-off.",
            capital(&best.called()),
            Unit::Share.text(*best_score),
            Unit::Share.text(*flips)
        );
    }
    let told = compared(pairs, best.run, steadiest.run, "pass_rate")
        .is_some_and(|comparison| comparison.distinguishable);
    let told = if told { "told apart" } else { "not distinguishable" };
    let points = (best_score - its_score) * 100.0;
    let gain = match best.flip_rate.value {
        Some(best_flips) => format!(
            "two repeats of a case disagree {} of the time instead of {}",
            Unit::Share.text(*flips),
            Unit::Share.text(best_flips)
        ),
        None => format!(
            "two repeats of a case disagree {} of the time; of {} that is not known, as it was not repeated",
            Unit::Share.text(*flips),
            best.called()
        ),
    };
    format!(
        "{} scores highest ({}), {} is the most predictable: choosing it gives up {points:.0} {} of pass rate ({told}), and {gain}.",
        capital(&best.called()),
        Unit::Share.text(*best_score),
        steadiest.called(),
        if (points.round() - 1.0).abs() < f64::EPSILON {
            "point"
        } else {
            "points"
        },
    )
}
