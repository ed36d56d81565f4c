//! A verdict, and the forms in which it can be asked for.

use serde_json::json;

use crate::practice::answered::{CERTAINTY, REASONS, named};
use crate::practice::format::{Format, keys_asked, schema_of};
use crate::practice::schema::{Source, fill};

/// Pairs of words for a verdict, the good one first.
const PAIRS: [[&str; 2]; 7] = [
    ["pass", "fail"],
    ["correct", "incorrect"],
    ["yes", "no"],
    ["true", "false"],
    ["good", "bad"],
    ["accept", "reject"],
    ["y", "n"],
];

/// What the model thinks of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::practice) struct Verdict {
    pub pass: bool,
    /// The share of the demands that are met.
    pub share: f64,
    pub reason: String,
    /// The least and the greatest score, where the prompt names them.
    pub scale: Option<[f64; 2]>,
    /// The words for a verdict, as the prompt writes them.
    pub words: [String; 2],
    /// Whether nothing but the word is wanted.
    pub only_word: bool,
}

impl Verdict {
    fn word(&self) -> &str {
        let [good, bad] = &self.words;
        if self.pass { good } else { bad }
    }

    /// The verdict in the form that was asked for.
    pub fn render(&self, format: &Format, json: bool, told: &str) -> String {
        match format {
            Format::Schema(schema) => fill(schema, self).to_string(),
            Format::Text if !json => {
                let word = self.word();
                if self.only_word {
                    word.to_owned()
                } else {
                    format!("{word}: {}", self.reason)
                }
            }
            Format::Object | Format::Text => {
                let asked = keys_asked(told);
                let schema = if asked.is_empty() {
                    json!({ "type": "object", "properties": {
                        "reason": { "type": "string" }, "pass": { "type": "boolean" }, "score": { "type": "number" }
                    }, "required": ["reason", "pass", "score"] })
                } else {
                    schema_of(&asked)
                };
                fill(&schema, self).to_string()
            }
        }
    }
}

impl Source for Verdict {
    fn text(&self, key: &str, _about: &str, _format: Option<&str>) -> Option<String> {
        if named(
            key,
            &[
                "verdict",
                "grade",
                "label",
                "result",
                "choice",
                "judgement",
                "judgment",
                "decision",
                "outcome",
            ],
        ) {
            return Some(self.word().to_owned());
        }
        Some(self.reason.clone())
    }

    fn number(&self, key: &str, _about: &str, [least, most]: [Option<f64>; 2]) -> Option<f64> {
        if named(key, &CERTAINTY) || !named(key, &REASONS) {
            let [low, high] = self.scale.unwrap_or([0.0, 1.0]);
            let (low, high) = (least.unwrap_or(low), most.unwrap_or(high));
            return Some(((low + self.share * (high - low)) * 100.0).round() / 100.0);
        }
        None
    }

    fn truth(&self, key: &str, _about: &str) -> Option<bool> {
        Some(self.pass != named(key, &["fail", "failed", "incorrect", "rejected"]))
    }

    fn fitting(&self, _key: &str, _about: &str, options: &[String]) -> Vec<usize> {
        let side = usize::from(!self.pass);
        let of_pair = |option: &String| {
            let option = option.to_lowercase();
            PAIRS.iter().any(|pair| {
                pair.get(side)
                    .is_some_and(|word| option == *word || option == format!("{word}ed"))
            })
        };
        (0..options.len())
            .filter(|at| options.get(*at).is_some_and(of_pair))
            .collect()
    }

    fn item(&self, _key: &str, index: usize) -> Option<Box<dyn Source + '_>> {
        (index == 0).then(|| Box::new(self.clone()) as Box<dyn Source>)
    }

    fn leaves_out(&self) -> bool {
        false
    }
}

/// The pair of words that a prompt names for its verdict, as it writes them; `pass` and `fail` where it names none.
pub(super) fn words(told: &str) -> [String; 2] {
    let all: Vec<&str> = told
        .split(|letter: char| !letter.is_alphabetic())
        .filter(|word| !word.is_empty())
        .collect();
    let written = |wanted: &str| all.iter().find(|word| word.eq_ignore_ascii_case(wanted));
    for [good, bad] in PAIRS {
        // Both must be there; "no" alone is in many texts.
        if let (Some(good), Some(bad)) = (written(good), written(bad)) {
            return [(*good).to_owned(), (*bad).to_owned()];
        }
    }
    ["pass".to_owned(), "fail".to_owned()]
}

/// Whether a prompt wants nothing but the word.
pub(super) fn only_word(told: &str) -> bool {
    let told = told.to_lowercase();
    [
        "only the word",
        "one word",
        "single word",
        "with only",
        "only with",
        "reply only",
        "answer only",
        "respond only",
    ]
    .iter()
    .any(|phrase| told.contains(phrase))
}

/// The scale of "from 1 to 5", "1-5", "between 0 and 10" or "out of 10".
pub(super) fn scale(told: &str) -> Option<[f64; 2]> {
    let lower = told.to_lowercase();
    let words: Vec<&str> = lower
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '.'))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .collect();
    let number = |word: &&str| {
        word.parse::<f64>()
            .ok()
            .filter(|number| (0.0..=1000.0).contains(number))
    };
    let between = words.windows(3).find_map(|three| match three {
        [low, "to" | "and", high] => Some([number(low)?, number(high)?]),
        ["out", "of", high] => Some([0.0, number(high)?]),
        _ => None,
    });
    let dash = || {
        lower.split_whitespace().find_map(|word| {
            let word = word.trim_matches(|letter: char| !letter.is_ascii_digit());
            let (low, high) = word.split_once('-').or_else(|| word.split_once('\u{2013}'))?;
            Some([number(&low)?, number(&high)?])
        })
    };
    between.or_else(dash).filter(|[low, high]| low < high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_verdict_is_read_from_the_prompt() {
        assert_eq!(scale("Score it from 1 to 5."), Some([1.0, 5.0]));
        assert_eq!(scale("a 0-10 scale"), Some([0.0, 10.0]));
        assert_eq!(scale("Grade it."), None);
        assert_eq!(words("Reply YES or NO."), ["YES", "NO"]);
        assert_eq!(words("Grade it."), ["pass", "fail"]);
    }
}
