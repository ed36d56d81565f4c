//! The Pareto front: who is nowhere worse than another and somewhere better.

use super::{Pair, Variant, compared};
use crate::{
    id::RunId,
    metric::{Direction, Metric},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One variant is at least as good as another in everything that both were measured in, and better in something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Domination {
    /// The variant that nobody needs while the other is there.
    pub worse: RunId,
    /// The other.
    pub better: RunId,
    /// What it is better in, in words.
    pub better_in: Vec<String>,
    /// Of these, what the runs can tell apart: by the paired comparison, for predictability by intervals that do not touch.
    pub told_apart_in: Vec<String>,
    /// In one sentence.
    pub sentence: String,
}

/// One thing that variants are weighed by.
struct Dimension {
    name: &'static str,
    metric: fn(&Variant) -> &Metric,
    /// The metric of the paired comparison that stands for it; a difference of quantiles has no simple paired interval, the mean
    /// stands for them.
    paired: Option<&'static str>,
    /// Whether practice figures and real ones are of different kinds.
    priced: bool,
}

const DIMENSIONS: [Dimension; 4] = [
    Dimension {
        name: "quality",
        metric: |variant| &variant.quality,
        paired: Some("pass_rate"),
        priced: false,
    },
    Dimension {
        name: "cost",
        metric: |variant| &variant.cost,
        paired: Some("cost_per_case"),
        priced: true,
    },
    Dimension {
        name: "p95 latency",
        metric: |variant| &variant.latency_p95,
        paired: Some("latency_mean"),
        priced: false,
    },
    Dimension {
        name: "predictability",
        metric: |variant| &variant.flip_rate,
        paired: None,
        priced: false,
    },
];

/// How one variant stands to another in one dimension.
enum Standing {
    Better,
    Equal,
    Worse,
    /// Neither was measured in it.
    Absent,
    /// One was and the other was not, or in another kind of money: nothing can be said.
    Unknown,
}

fn standing(dimension: &Dimension, one: &Variant, other: &Variant) -> Standing {
    let (mine, theirs) = ((dimension.metric)(one), (dimension.metric)(other));
    match (mine.value, theirs.value) {
        (None, None) => Standing::Absent,
        (Some(_), Some(_)) if dimension.priced && one.practice != other.practice => Standing::Unknown,
        (Some(a), Some(b)) if a == b => Standing::Equal,
        (Some(a), Some(b)) if (a > b) == (mine.better == Direction::Higher) => Standing::Better,
        (Some(_), Some(_)) => Standing::Worse,
        _ => Standing::Unknown,
    }
}

/// The dimensions in which at least one variant was measured.
pub(super) fn dimensions(variants: &[Variant]) -> Vec<String> {
    DIMENSIONS
        .iter()
        .filter(|dimension| {
            variants
                .iter()
                .any(|variant| (dimension.metric)(variant).value.is_some())
        })
        .map(|dimension| dimension.name.to_owned())
        .collect()
}

/// Every domination. A dimension in which only one of two was measured keeps them apart: unknown is neither better nor worse.
pub(super) fn dominations(variants: &[Variant], pairs: &[Pair]) -> Vec<Domination> {
    let mut found = Vec::new();
    for worse in variants {
        for better in variants.iter().filter(|other| other.run != worse.run) {
            found.extend(domination(better, worse, pairs));
        }
    }
    found
}

fn domination(better: &Variant, worse: &Variant, pairs: &[Pair]) -> Option<Domination> {
    let mut better_in = Vec::new();
    for dimension in &DIMENSIONS {
        match standing(dimension, better, worse) {
            Standing::Better => better_in.push(dimension),
            Standing::Equal | Standing::Absent => {}
            Standing::Worse | Standing::Unknown => return None,
        }
    }
    let told_apart_in: Vec<String> = better_in
        .iter()
        .filter(|dimension| told_apart(dimension, better, worse, pairs))
        .map(|dimension| dimension.name.to_owned())
        .collect();
    let better_in: Vec<String> = better_in
        .iter()
        .map(|dimension| dimension.name.to_owned())
        .collect();
    if better_in.is_empty() {
        return None;
    }
    let certainty = if told_apart_in.is_empty() {
        "not distinguishable".to_owned()
    } else if told_apart_in == better_in {
        "told apart".to_owned()
    } else {
        format!("told apart in {}", told_apart_in.join(" and "))
    };
    Some(Domination {
        sentence: format!(
            "{} is nowhere worse and better in {} ({certainty}).",
            capital(&better.called()),
            better_in.join(", ")
        ),
        worse: worse.run,
        better: better.run,
        better_in,
        told_apart_in,
    })
}

fn told_apart(dimension: &Dimension, one: &Variant, other: &Variant, pairs: &[Pair]) -> bool {
    match dimension.paired {
        Some(metric) => {
            compared(pairs, one.run, other.run, metric).is_some_and(|comparison| comparison.distinguishable)
        }
        None => apart((dimension.metric)(one), (dimension.metric)(other)),
    }
}

/// Whether two intervals do not touch. Stricter than a test of the difference, as there is no paired one.
fn apart(one: &Metric, other: &Metric) -> bool {
    let ends = |metric: &Metric| {
        metric
            .interval
            .and_then(|interval| Some((interval.low?, interval.high?)))
    };
    matches!((ends(one), ends(other)), (Some(a), Some(b)) if a.1 < b.0 || b.1 < a.0)
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
