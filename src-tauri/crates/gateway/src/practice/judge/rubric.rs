//! Takes a rubric apart into demands, and looks for each in the answer.
//!
//! | a demand with | is met when |
//! |---|---|
//! | text in quotation marks | the answer holds it, letter case aside |
//! | a number | the answer holds that number |
//! | `cite`, `citation`, `source` | the answer holds something in square brackets |
//! | `refuse`, `decline`, `cannot answer`, `don't know` | the answer declines |
//! | `at most N words` and the like, `one sentence` | the answer is that short |
//! | `JSON` | the answer is JSON |
//! | anything else | it shares enough of the demand's words, near-synonyms included |
//!
//! `not`, `no`, `never`, `without`, `avoid` and `n't` turn a demand round.

use crate::practice::draw::Draw;
use crate::practice::instructions::{Instructions, obey};
use crate::practice::lexicon::{everyday, nearness};
use crate::practice::seeded;
use crate::practice::text::{sentences, stems};
use crate::practice::values::{Kind, values};

/// Words of a rubric that speak of judging and not of what is judged.
const OF_JUDGING: &str = "answer output response reply submission text message content statement rubric criterion criteria pass fail \
    score mention say state contain include give provide explain correct correctly accurate accurately clear clearly must should need \
    ensure make use describe tell show present specific specifically fact information word phrase";

/// A demand is met when this share of its words is in the answer.
const ENOUGH: f64 = 0.6;

/// One thing that a rubric demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Demand {
    /// The demand as it stands in the rubric.
    pub text: String,
    negated: bool,
}

/// The demands of a rubric: its sentences, and the parts that `and` or a semicolon joins where each can stand alone.
pub(super) fn demands(rubric: &str) -> Vec<Demand> {
    sentences(rubric)
        .iter()
        .flat_map(|sentence| sentence.split(';'))
        .flat_map(|part| part.split(", and "))
        .flat_map(|part| part.split(" and does "))
        .map(str::trim)
        .filter(|part| part.chars().any(char::is_alphanumeric))
        .map(|part| Demand {
            text: part.to_owned(),
            negated: negated(part),
        })
        .collect()
}

fn negated(text: &str) -> bool {
    // A "not" between quotation marks, or in "cannot answer", is what is looked for and turns nothing round.
    let outside: String = text
        .split('"')
        .step_by(2)
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    let outside = outside
        .replace('\u{2019}', "'")
        .replace("do not know", "")
        .replace("don't know", "")
        .replace("can't answer", "");
    let words = outside.split(|letter: char| !letter.is_alphanumeric() && letter != '\'');
    let mut words = words.filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        let limits = word == "no" && words.peek().is_some_and(|next| *next == "more");
        let turns =
            matches!(word, "not" | "no" | "never" | "without" | "avoid" | "avoids") || word.ends_with("n't");
        if turns && !limits {
            return true;
        }
    }
    false
}

impl Demand {
    /// Whether the answer meets it, as a model of this size sees it.
    pub fn met(&self, answer: &str, draw: &Draw) -> bool {
        let drawn = ["judge", &self.text, answer];
        let words = answer.split_whitespace().count();
        let length = f64::from(u32::try_from(words).unwrap_or(u32::MAX)) / 100.0 * draw.size.length_bias();
        let jitter = draw.size.judging_noise() * seeded::signed(draw.seed, &drawn) + draw.heat(&drawn);
        let overlooked = draw.happens(draw.size.overlooks_negation(), &["negation", &self.text, answer]);
        // Length speaks for an answer, so it hides what must not be there.
        let length = if self.negated {
            -length.min(0.3)
        } else {
            length.min(0.3)
        };
        let held = self.held(answer) + length + jitter >= ENOUGH;
        held != (self.negated && !overlooked)
    }

    /// How much of what the demand names is in the answer, from 0 to 1.
    fn held(&self, answer: &str) -> f64 {
        let demand = self.text.to_lowercase();
        let lower = answer.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| demand.contains(word));
        let sure = |held: bool| if held { 1.0 } else { 0.0 };

        let mut instructions = Instructions::default();
        obey(&self.text, &mut instructions);
        if let Some(most) = instructions.most_words {
            return sure(answer.split_whitespace().count() <= most);
        }
        if instructions.one_sentence {
            return sure(sentences(answer).len() == 1);
        }
        if says(&["json"]) {
            return sure(serde_json::from_str::<serde_json::Value>(answer.trim()).is_ok());
        }
        let quoted: Vec<String> = values(&self.text)
            .into_iter()
            .filter(|value| value.kind == Kind::Quoted)
            .map(|value| value.text.to_lowercase())
            .collect();
        if !quoted.is_empty() {
            return sure(quoted.iter().all(|quoted| lower.contains(quoted)));
        }
        if says(&[
            "refuse",
            "decline",
            "cannot answer",
            "can't answer",
            "don't know",
            "do not know",
        ]) {
            return sure(declines(&lower));
        }
        let of_citing = |word: &str| {
            ["cite", "citing", "citation", "source"]
                .iter()
                .any(|start| word.starts_with(start))
        };
        if demand
            .split(|letter: char| !letter.is_alphabetic())
            .any(of_citing)
        {
            return sure(answer.split_once('[').is_some_and(|(_, rest)| rest.contains(']')));
        }
        let numbers = |text: &str| -> Vec<f64> {
            let number = |kind| match kind {
                Kind::Number(number) => Some(number),
                _ => None,
            };
            values(text)
                .into_iter()
                .filter_map(|value| number(value.kind))
                .collect()
        };
        let given = numbers(answer);
        if numbers(&self.text).iter().any(|wanted| !given.contains(wanted)) {
            return 0.0;
        }
        coverage(&self.text, answer)
    }
}

/// Whether an answer, in lower case, declines.
fn declines(answer: &str) -> bool {
    let answer = answer.replace('\u{2019}', "'");
    [
        "cannot answer",
        "can't answer",
        "unable to answer",
        "cannot help",
        "can't help",
        "don't know",
        "do not know",
        "not able to",
    ]
    .iter()
    .any(|phrase| answer.contains(phrase))
}

fn coverage(demand: &str, answer: &str) -> f64 {
    let of_judging = stems(OF_JUDGING);
    let held = stems(answer);
    let (mut covered, mut total) = (0.0, 0.0);
    for word in stems(demand)
        .iter()
        .filter(|word| !of_judging.contains(word))
        .take(60)
    {
        let weight = if everyday(word) { 0.5 } else { 1.0 };
        covered += weight * held.iter().map(|held| nearness(word, held)).fold(0.0, f64::max);
        total += weight;
    }
    // A demand without words of its own, such as "the answer is correct", is met by any answer.
    if total > 0.0 { covered / total } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(demand: &str, answer: &str) -> bool {
        demands(demand)
            .iter()
            .all(|demand| (demand.held(answer) >= ENOUGH) != demand.negated)
    }

    #[test]
    fn demands_are_looked_for_by_their_form() {
        for (demand, answer, met) in [
            ("Says \"45 days\".", "You have 45 Days.", true),
            ("Must not say \"never\".", "We never do.", false),
            ("States that the fee is 12 EUR.", "The charge is 12 EUR.", true),
            ("States that the fee is 12 EUR.", "The charge is 15 EUR.", false),
            ("Cites a source.", "It is so. [fees]", true),
            ("Declines to answer.", "I cannot answer that.", true),
            ("Does not refuse.", "It costs 12 EUR.", true),
            (
                "Uses no more than 4 words.",
                "It costs twelve euros today.",
                false,
            ),
            ("Is valid JSON.", "{\"a\": 1}", true),
            (
                "Mentions the warranty; does not mention shipping.",
                "The guarantee covers it.",
                true,
            ),
            (
                "Mentions the warranty; does not mention shipping.",
                "The guarantee covers the delivery.",
                false,
            ),
        ] {
            assert_eq!(held(demand, answer), met, "{demand} / {answer}");
        }
    }
}
