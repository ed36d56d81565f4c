//! How far two agree, in figures and in words.

use crate::wire::review::{AgreementFigure, AgreementView, ShareView};
use evidence::{
    Unit,
    statistics::{Estimate, Level, RatingTable, Unavailable, Weights, krippendorff_alpha, wilson},
};

/// Raw agreement from here on is high: a low kappa beside it is the paradox and no disagreement.
const HIGH_AGREEMENT: f64 = 0.8;
/// A kappa below this reads as weak.
const WEAK_KAPPA: f64 = 0.4;
/// A scale with more points than this is no scale of categories.
const LONGEST_SCALE: i64 = 100;

/// The two whose agreement is meant: "both passes", "people and graders".
#[derive(Clone, Copy)]
pub(super) struct Pair {
    /// As the subject of a sentence.
    pub who: &'static str,
}

/// Agreement on pass or fail.
pub(super) fn on_verdicts(name: &str, pair: Pair, verdicts: &[(bool, bool)]) -> AgreementView {
    let ratings: Vec<(usize, usize)> = verdicts
        .iter()
        .map(|(first, second)| (usize::from(*first), usize::from(*second)))
        .collect();
    view(name, pair, 2, &ratings, Scale::Names)
}

/// Agreement on points from `low` to `high`.
pub(super) fn on_points(
    name: &str,
    pair: Pair,
    (low, high): (i64, i64),
    points: &[(i64, i64)],
) -> AgreementView {
    let steps = (high - low).clamp(1, LONGEST_SCALE);
    let place = |point: i64| usize::try_from(point - low).unwrap_or(usize::MAX);
    let ratings: Vec<(usize, usize)> = points
        .iter()
        .map(|(first, second)| (place(*first), place(*second)))
        .collect();
    view(name, pair, steps as usize + 1, &ratings, Scale::Ranks)
}

#[derive(Clone, Copy, PartialEq)]
enum Scale {
    Names,
    Ranks,
}

fn view(
    name: &str,
    pair: Pair,
    categories: usize,
    ratings: &[(usize, usize)],
    scale: Scale,
) -> AgreementView {
    let n = ratings.len() as u64;
    let table = RatingTable::from_pairs(categories, ratings);
    let weights = match scale {
        Scale::Names => Weights::Identity,
        Scale::Ranks => Weights::Quadratic,
    };
    let alike = ratings.iter().filter(|(first, second)| first == second).count() as u64;
    let kappa = table
        .as_ref()
        .map_err(|why| *why)
        .and_then(|table| table.kappa(weights));
    let gwet = table
        .as_ref()
        .map_err(|why| *why)
        .and_then(|table| table.gwet(weights));
    let level = match scale {
        Scale::Names => Level::Nominal,
        Scale::Ranks => Level::Ordinal,
    };
    let cases: Vec<[Option<f64>; 2]> = ratings
        .iter()
        .map(|(first, second)| [Some(*first as f64), Some(*second as f64)])
        .collect();
    let alpha = krippendorff_alpha(&cases, level);
    let raw = share("raw", "", alike, n);
    let (kappa_name, gwet_name) = match scale {
        Scale::Names => ("Cohen's kappa", "Gwet's AC1"),
        Scale::Ranks => ("Weighted kappa", "Gwet's AC2"),
    };
    let near = match scale {
        Scale::Names => "",
        Scale::Ranks => " Near misses count in part.",
    };
    let paradox = paradox(alike, n, kappa);
    AgreementView {
        name: name.to_owned(),
        n,
        sentence: sentence(pair, alike, n, &raw, gwet_name, gwet),
        figures: vec![
            AgreementFigure {
                name: "Raw agreement".into(),
                meaning: "Share of the results of which both said the same.".into(),
                value_text: raw.value_text.clone(),
                interval_text: raw.interval_text.clone(),
                note: None,
            },
            coefficient(
                kappa_name,
                format!("Agreement beyond what the habits of the two would give by chance.{near}"),
                kappa,
            ),
            coefficient(
                gwet_name,
                format!(
                    "The same, with chance taken from the hard cases only, so that it holds where nearly all results are of one kind.{near}"
                ),
                gwet,
            ),
            AgreementFigure {
                name: "Krippendorff's alpha".into(),
                meaning: "One minus observed over expected disagreement: 1 is perfect, 0 is chance.".into(),
                value_text: alpha.map_or_else(|_| "no data".into(), |alpha| Unit::Score.text(alpha)),
                interval_text: None,
                note: Some(match alpha {
                    Ok(_) => "without an interval".into(),
                    Err(why) => missing(why),
                }),
            },
        ],
        paradox,
    }
}

fn coefficient(name: &str, meaning: String, estimate: Result<Estimate, Unavailable>) -> AgreementFigure {
    let interval = estimate.ok().and_then(|estimate| estimate.interval());
    AgreementFigure {
        name: name.into(),
        meaning,
        value_text: estimate.map_or_else(|_| "no data".into(), |estimate| Unit::Score.text(estimate.value)),
        // A coefficient of agreement is never above 1, whatever a normal interval says.
        interval_text: interval.map(|(low, high)| {
            format!(
                "{} to {}",
                Unit::Score.figure(low),
                Unit::Score.figure(high.min(1.0))
            )
        }),
        note: match estimate {
            Err(why) => Some(missing(why)),
            Ok(estimate) => estimate
                .uncertainty
                .err()
                .map(|why| format!("without an interval: {}", missing(why))),
        },
    }
}

fn sentence(
    pair: Pair,
    alike: u64,
    n: u64,
    raw: &ShareView,
    gwet_name: &str,
    gwet: Result<Estimate, Unavailable>,
) -> String {
    if n == 0 {
        return format!("No result was judged by {} yet.", pair.who);
    }
    let rate = match &raw.interval_text {
        Some(interval) => format!("{}, {interval}", raw.value_text),
        None => raw.value_text.clone(),
    };
    let beyond = match gwet.ok().and_then(|estimate| estimate.interval()) {
        Some((low, _)) if low > 0.0 => format!("{gwet_name} says that this is more than chance."),
        Some((_, high)) if high < 0.0 => {
            format!("{gwet_name} says that this is less than chance would give.")
        }
        Some(_) => format!("By {gwet_name} it cannot be told from chance."),
        None => "Too few or too uniform to tell it from chance.".into(),
    };
    format!(
        "Of {n} results, {} said the same of {alike} ({rate}). {beyond}",
        pair.who
    )
}

/// Kappa punishes two who rightly say the same of nearly everything (Feinstein and Cicchetti, 1990).
fn paradox(alike: u64, n: u64, kappa: Result<Estimate, Unavailable>) -> Option<String> {
    let high = n > 0 && alike as f64 >= HIGH_AGREEMENT * n as f64;
    let weak = match kappa {
        Ok(estimate) => estimate.value < WEAK_KAPPA,
        Err(why) => why == Unavailable::NoVariation,
    };
    (high && weak).then(|| {
        "The two agree, and kappa is low or missing all the same: nearly all results are of one kind, so that chance alone would agree on most of them. Read raw agreement and AC1 instead."
            .into()
    })
}

fn missing(why: Unavailable) -> String {
    match why {
        Unavailable::TooFew { needed, given } => format!("needs {needed} results, there are {given}"),
        Unavailable::NoVariation => "all verdicts are alike, so there is nothing to tell apart".into(),
        Unavailable::NotFinite | Unavailable::OutOfRange => "the scale of the rubric cannot carry it".into(),
    }
}

/// A share with its Wilson interval.
pub(super) fn share(name: &str, label: &str, count: u64, n: u64) -> ShareView {
    let interval = wilson(count, n);
    let value = (n > 0).then(|| count as f64 / n as f64);
    ShareView {
        name: name.to_owned(),
        label: label.to_owned(),
        count,
        n,
        value_text: value.map_or_else(|| "no data".into(), |value| Unit::Share.text(value)),
        interval_text: interval
            .map(|(low, high)| format!("{} to {}", Unit::Share.figure(low), Unit::Share.figure(high))),
        value,
        low: interval.map(|(low, _)| low),
        high: interval.map(|(_, high)| high),
    }
}
