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
    let same = |a: f64, b: f64| (a - b).abs() < f64::EPSILON;
    let first: Vec<&Variant> = score
        .iter()
        .filter(|(_, one)| same(*one, *best_score))
        .map(|(variant, _)| *variant)
        .collect();
    let share = Unit::Share.text(*best_score);
    let lead = if first.len() > 1 {
        format!("{} tie for the highest score ({share})", together(&first))
    } else {
        format!("{} scores highest ({share})", capital(&best.called()))
    };
    let Some((steadiest, flips, its_score)) = steady.first() else {
        return format!(
            "{lead}. Predictability needs repeats: run each case several times, and the order by it appears here."
        );
    };
    let disagree = format!(
        "two repeats of a case disagree {} of the time",
        Unit::Share.text(*flips)
    );
    if first.len() > 1 && first.iter().any(|variant| variant.run == steadiest.run) {
        let as_steady = |variant: &&Variant| variant.flip_rate.value.is_some_and(|one| same(one, *flips));
        return if first.iter().all(as_steady) {
            format!("{lead} and are equally predictable ({disagree}): in these two nothing tells them apart.")
        } else {
            format!(
                "{lead}; of them {} is the most predictable ({disagree}).",
                steadiest.called()
            )
        };
    }
    if best.run == steadiest.run {
        return format!("{lead} and is the most predictable ({disagree}): no trade-off.");
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
        "{lead}, {} is the most predictable: choosing it gives up {points:.0} {} of pass rate ({told}), and {gain}.",
        steadiest.called(),
        if (points.round() - 1.0).abs() < f64::EPSILON {
            "point"
        } else {
            "points"
        },
    )
}

/// Names of variants as the beginning of a sentence.
fn together(variants: &[&Variant]) -> String {
    let names: Vec<String> = variants.iter().map(|variant| variant.called()).collect();
    let text = match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.join(", "),
    };
    capital(&text)
}
