//! Runs of one suite as variants to choose between: what each costs, what it gains, and which of them nobody needs.
//!
//! Pure: a variant is what was measured of one run, a [`Pair`] what the paired comparison says of two. [`weigh`] puts
//! them in order. It never decides by noise without saying so: where the paired comparison cannot tell two variants
//! apart, the sentence says "not distinguishable".

mod choice;
mod front;
mod ranking;
mod size;
#[cfg(test)]
mod tests;

pub use choice::Choice;
pub use front::Domination;
pub use ranking::Ranking;
pub use size::size_in_name;

use crate::{
    gate::GateVerdict,
    id::RunId,
    metric::Metric,
    run::{Comparison, RunStatus},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What one run says of the variant that it measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Variant {
    /// The run.
    pub run: RunId,
    /// Its number within the project.
    pub number: u32,
    /// The target's name in the suite.
    pub target: String,
    /// The models that answered.
    pub models: String,
    /// The model's size, where its name says one: "8B parameters, by its name"; else "not known".
    pub size: String,
    /// Whether a practice model answered, so that its prices are no money.
    pub practice: bool,
    /// Where the run stands. One that has not finished is shown and never chosen.
    pub status: RunStatus,
    /// Distinct cases.
    pub cases: u64,
    /// How often each case was run.
    pub repeat: u32,
    /// Share of trials that passed.
    pub quality: Metric,
    /// US dollars a case.
    pub cost: Metric,
    /// Passed trials for a dollar.
    pub passes_per_dollar: PassesPerDollar,
    /// Median latency.
    pub latency_p50: Metric,
    /// 95th percentile of the latency.
    pub latency_p95: Metric,
    /// Median time to the first token, where answers were streamed.
    pub first_token: Metric,
    /// The chance that two repeats of a case disagree; without a value where nothing was repeated.
    pub flip_rate: Metric,
    /// The chance that all repeats of a case pass (pass^k); absent where nothing was repeated.
    pub all_pass: Option<Metric>,
    /// What the release metrics say.
    pub gate: GateVerdict,
}

impl Variant {
    /// "Run 14 (haiku)".
    pub fn called(&self) -> String {
        format!("run {} ({})", self.number, self.target)
    }

    /// Whether every trial has a result.
    pub fn finished(&self) -> bool {
        self.status == RunStatus::Finished
    }
}

/// How many trials pass for one dollar: passed trials over what all answers cost, grading left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PassesPerDollar {
    /// The figure; absent where it is refused.
    pub value: Option<f64>,
    /// In words, with the kind of dollar: "1,240 for a practice dollar".
    pub text: String,
    /// Why there is none.
    pub refused: Option<String>,
    /// Whether the price is a practice price: it orders variants and is no money.
    pub practice: bool,
}

impl PassesPerDollar {
    /// Passed trials over the whole cost. Refused where a call has no price, where nothing was priced, and where the price is 0.
    pub fn of(passed: u64, cost_usd: Option<f64>, unpriced: u64, practice: bool) -> Self {
        let refuse = |why: String| Self {
            value: None,
            text: "refused".into(),
            refused: Some(why),
            practice,
        };
        match cost_usd {
            _ if unpriced > 0 => refuse(format!(
                "{unpriced} calls went to a model without a known price; the others alone would look cheaper than the truth"
            )),
            None => {
                refuse("nothing was priced: no tokens were reported, or the model has no known price".into())
            }
            Some(cost) if cost <= 0.0 => refuse("the price is 0, and nothing can be divided by it".into()),
            Some(cost) => {
                let value = passed as f64 / cost;
                let dollar = if practice { "a practice dollar" } else { "a dollar" };
                Self {
                    value: Some(value),
                    text: format!("{} for {dollar}", grouped(value)),
                    refused: None,
                    practice,
                }
            }
        }
    }
}

/// A figure with its thousands apart; three digits where it is small.
fn grouped(value: f64) -> String {
    if value < 10.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What the paired comparison says of two variants, on the cases that both have.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The one taken as earlier.
    pub before: RunId,
    /// The one taken as later.
    pub after: RunId,
    /// By metric: `pass_rate`, `cost_per_case`, `latency_mean`.
    pub comparisons: Vec<Comparison>,
}

/// Variants put in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Weighed {
    /// Every variant, in the order of the runs' numbers.
    pub variants: Vec<Variant>,
    /// Who is at least as good everywhere and better somewhere; who is not named as `worse` stands on the Pareto front.
    pub dominations: Vec<Domination>,
    /// The runs on the Pareto front, in order of number.
    pub front: Vec<RunId>,
    /// What the front is over, in words.
    pub dimensions: Vec<String>,
    /// The cheapest variant that passes its gate, or why there is none.
    pub choice: Choice,
    /// By score, and by predictability.
    pub ranking: Ranking,
    /// Pairs whose pass rates the paired comparison cannot tell apart, in words.
    pub not_distinguishable: Vec<String>,
    /// What a reader must know before believing the order.
    pub notes: Vec<String>,
}

/// Puts variants in order. `pairs` may hold each two of them once, in either direction.
pub fn weigh(mut variants: Vec<Variant>, pairs: &[Pair]) -> Weighed {
    variants.sort_by_key(|variant| variant.number);
    let dominations = front::dominations(&variants, pairs);
    let front = variants
        .iter()
        .map(|variant| variant.run)
        .filter(|run| !dominations.iter().any(|domination| domination.worse == *run))
        .collect();
    Weighed {
        dimensions: front::dimensions(&variants),
        choice: choice::cheapest_passing(&variants, pairs),
        ranking: ranking::rank(&variants, pairs),
        not_distinguishable: not_distinguishable(&variants, pairs),
        notes: notes(&variants),
        dominations,
        front,
        variants,
    }
}

/// The comparison of two runs on one metric, whichever way round it was made.
fn compared<'a>(pairs: &'a [Pair], one: RunId, other: RunId, metric: &str) -> Option<&'a Comparison> {
    pairs
        .iter()
        .find(|pair| (pair.before, pair.after) == (one, other) || (pair.before, pair.after) == (other, one))
        .and_then(|pair| {
            pair.comparisons
                .iter()
                .find(|comparison| comparison.metric == metric)
        })
}

fn not_distinguishable(variants: &[Variant], pairs: &[Pair]) -> Vec<String> {
    let mut sentences = Vec::new();
    for (at, one) in variants.iter().enumerate() {
        for other in variants.iter().skip(at + 1) {
            let Some(comparison) = compared(pairs, one.run, other.run, "pass_rate") else {
                continue;
            };
            if !comparison.distinguishable {
                sentences.push(format!(
                    "Pass rates of {} and {} are not distinguishable on {} cases.",
                    one.called(),
                    other.called(),
                    comparison.n
                ));
            }
        }
    }
    sentences
}

fn notes(variants: &[Variant]) -> Vec<String> {
    let mut notes = Vec::new();
    let list = |found: Vec<&Variant>| {
        let names: Vec<String> = found.iter().map(|variant| variant.called()).collect();
        names.join(", ")
    };
    let of = |test: &dyn Fn(&Variant) -> bool| {
        variants
            .iter()
            .filter(|variant| test(variant))
            .collect::<Vec<_>>()
    };
    let practice = of(&|variant| variant.practice);
    if !practice.is_empty() {
        let all = if practice.len() == variants.len() {
            "All prices are practice prices: they order variants and are no money.".to_owned()
        } else {
            format!(
                "Practice prices ({}) are no money, and are not held against real ones.",
                list(practice)
            )
        };
        notes.push(all);
    }
    let unpriced = of(&|variant| variant.cost.value.is_none());
    if !unpriced.is_empty() {
        notes.push(format!(
            "Without a known cost: {}. Unknown is not 0, so cost cannot place it.",
            list(unpriced)
        ));
    }
    let once = of(&|variant| variant.flip_rate.value.is_none());
    if !once.is_empty() {
        notes.push(format!("Predictability needs repeats: {}.", list(once)));
    }
    let open = of(&|variant| !variant.finished());
    if !open.is_empty() {
        notes.push(format!("Not finished, so never chosen: {}.", list(open)));
    }
    let most = variants.iter().map(|variant| variant.cases).max().unwrap_or(0);
    let fewer = of(&|variant| variant.cases < most);
    if !fewer.is_empty() {
        notes.push(format!(
            "Fewer cases than the others: {}. Compared pair by pair on the cases that both have.",
            list(fewer)
        ));
    }
    notes
}
