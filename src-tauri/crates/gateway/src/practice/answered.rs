//! Fills JSON from an answer. What goes where is decided by the name of the property:
//!
//! | name | gets |
//! |---|---|
//! | `citations`, `sources`, `ids`, `references`, `passages` | the ids of the passages used; in the singular the first of them |
//! | `confidence`, `score`, `probability`, `certainty`, `rating` | how sure it is, from 0 to 1, or between the schema's bounds |
//! | `refused`; `answerable`, `supported`, `found` | whether it declined; the opposite |
//! | `question`, `query` | the question |
//! | `quote`, `evidence`, `excerpt` | the first sentence used |
//! | `category`, `topic`, `title`, `subject` | the title of the passage used |
//! | `reason`, `explanation`, `rationale`, `reasoning` | why it chose that passage |
//! | an `enum` | the option whose words are in the question, the answer or the title |
//! | another number | the number of the answer beside the property's own words, else its first |
//! | another boolean | whether it answered, and without a "not" |
//! | `email`, `date`, `code`, `name` and their like | the first such value in the answer |
//! | any other text | the answer |
//!
//! A list has one item for each sentence of the answer. After a refusal numbers, options and lists are empty.

use super::compose::{Picked, Reply};
use super::lexicon::nearness;
use super::schema::Source;
use super::text::{stems, words_of_name};
use super::values::{Kind, values};

/// An answer, or one sentence of it, as a source for JSON.
#[derive(Clone, Copy)]
pub(super) struct Answered<'a> {
    reply: &'a Reply,
    question: &'a str,
    picked: &'a [Picked],
    /// Whether this is one item of a list.
    part: bool,
}

impl<'a> Answered<'a> {
    pub fn new(reply: &'a Reply, question: &'a str) -> Self {
        Self {
            reply,
            question,
            picked: &reply.picked,
            part: false,
        }
    }

    fn said(&self) -> String {
        let sentences: Vec<&str> = self
            .picked
            .iter()
            .map(|picked| picked.sentence.as_str())
            .collect();
        sentences.join(" ")
    }
}

/// Whether a property's name holds one of these words.
pub(super) fn named(key: &str, words: &[&str]) -> bool {
    words_of_name(key)
        .iter()
        .any(|word| words.contains(&word.as_str()))
}

pub(super) const CERTAINTY: [&str; 6] = [
    "confidence",
    "score",
    "probability",
    "certainty",
    "rating",
    "likelihood",
];
pub(super) const REASONS: [&str; 7] = [
    "reason",
    "reasons",
    "reasoning",
    "explanation",
    "rationale",
    "justification",
    "thoughts",
];
const CITATIONS: [&str; 11] = [
    "citations",
    "citation",
    "sources",
    "source",
    "ids",
    "id",
    "references",
    "reference",
    "passages",
    "passage",
    "document",
];

impl Source for Answered<'_> {
    fn text(&self, key: &str, _about: &str, format: Option<&str>) -> Option<String> {
        let first = self.picked.first();
        if named(key, &CITATIONS) {
            return first.map(|picked| picked.id.clone());
        }
        if named(key, &["question", "query"]) {
            return Some(self.question.to_owned());
        }
        if named(key, &REASONS) {
            return Some(match first {
                Some(picked) => format!("The passage {} shares most with the question.", picked.id),
                None => "The passages do not hold it.".into(),
            });
        }
        if named(key, &["quote", "evidence", "excerpt"]) {
            return first.map(|picked| picked.sentence.clone());
        }
        if named(key, &["category", "topic", "title", "subject"]) {
            return first.map(|picked| {
                if picked.title.is_empty() {
                    picked.id.clone()
                } else {
                    picked.title.clone()
                }
            });
        }
        let kind = match format {
            Some("date") => Some(Kind::Date),
            Some("email") => Some(Kind::Email),
            _ if named(key, &["email"]) => Some(Kind::Email),
            _ if named(key, &["date"]) => Some(Kind::Date),
            _ if named(key, &["code", "number"]) => Some(Kind::Code),
            _ if named(key, &["name", "city", "country", "person"]) => Some(Kind::Name),
            _ => None,
        };
        if let Some(kind) = kind {
            return values(&self.said())
                .into_iter()
                .find(|value| value.kind == kind)
                .map(|value| value.text);
        }
        if self.part {
            Some(self.said())
        } else {
            Some(self.reply.text.clone())
        }
    }

    fn number(&self, key: &str, about: &str, [least, most]: [Option<f64>; 2]) -> Option<f64> {
        if named(key, &CERTAINTY) {
            let (least, most) = (least.unwrap_or(0.0), most.unwrap_or(1.0));
            let sure = least + self.reply.confidence * (most - least);
            return Some((sure * 100.0).round() / 100.0);
        }
        let wanted = stems(&format!("{} {about}", words_of_name(key).join(" ")));
        let beside = |word: &str| {
            stems(word)
                .iter()
                .any(|word| wanted.iter().any(|wanted| nearness(wanted, word) > 0.0))
        };
        let numbers: Vec<_> = values(&self.said())
            .into_iter()
            .filter_map(|value| match value.kind {
                Kind::Number(number) => Some((number, beside(&value.after) || beside(&value.before))),
                _ => None,
            })
            .collect();
        let near = numbers.iter().find(|(_, near)| *near);
        near.or(numbers.first()).map(|(number, _)| *number)
    }

    fn truth(&self, key: &str, _about: &str) -> Option<bool> {
        if named(key, &["refused", "unanswerable", "refusal", "declined"]) {
            return Some(self.reply.refused);
        }
        if self.reply.refused || named(key, &["answerable", "answered", "supported", "found"]) {
            return Some(!self.reply.refused);
        }
        let said = self.said().to_lowercase();
        let denied = said
            .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
            .any(|word| matches!(word, "not" | "no" | "never" | "cannot") || word.ends_with("n't"));
        Some(!denied)
    }

    fn fitting(&self, _key: &str, _about: &str, options: &[String]) -> Vec<usize> {
        if self.reply.refused {
            let declining = [
                "unknown",
                "other",
                "none",
                "null",
                "refused",
                "unanswerable",
                "not_found",
            ];
            return (0..options.len())
                .filter(|at| {
                    options
                        .get(*at)
                        .is_some_and(|option| declining.contains(&option.to_lowercase().as_str()))
                })
                .collect();
        }
        let titles: Vec<&str> = self
            .picked
            .iter()
            .flat_map(|picked| [picked.title.as_str(), picked.id.as_str()])
            .collect();
        fitting(options, &[self.question, &self.said(), &titles.join(" ")])
    }

    fn item(&self, _key: &str, index: usize) -> Option<Box<dyn Source + '_>> {
        let picked = self.picked.get(index..index + 1)?;
        Some(Box::new(Self {
            picked,
            part: true,
            ..*self
        }))
    }

    fn leaves_out(&self) -> bool {
        false
    }
}

/// The options with a word in one of the texts, best first; an earlier text counts for more.
pub(super) fn fitting(options: &[String], texts: &[&str]) -> Vec<usize> {
    let texts: Vec<Vec<String>> = texts.iter().map(|text| stems(text)).collect();
    let mut scored: Vec<(usize, f64)> = options
        .iter()
        .enumerate()
        .map(|(at, option)| {
            let words = stems(&words_of_name(option).join(" "));
            let score = texts
                .iter()
                .zip([1.0, 0.9, 0.8])
                .map(|(text, weight)| {
                    let near =
                        |word: &String| text.iter().map(|held| nearness(word, held)).fold(0.0, f64::max);
                    weight * words.iter().map(near).fold(0.0, f64::max)
                })
                .sum();
            (at, score)
        })
        .filter(|(_, score)| *score > 0.0)
        .collect();
    scored.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    scored.into_iter().map(|(at, _)| at).collect()
}
