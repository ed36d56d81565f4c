//! Fills the arguments of a call from the question.

use std::cell::RefCell;

use crate::practice::answered::{fitting, named};
use crate::practice::draw::Draw;
use crate::practice::lexicon::nearness;
use crate::practice::schema::Source;
use crate::practice::text::{stems, words_of_name};
use crate::practice::values::{Kind, Value, values};

/// A question as a source of arguments. Each value is used once.
pub(super) struct Asked<'a> {
    question: &'a str,
    /// What the tool is for: words that are no argument.
    purpose: &'a [String],
    draw: &'a Draw,
    free: RefCell<Vec<Value>>,
    /// Whether this is one item of a list.
    part: bool,
}

/// Which value a property means, by the word that stands before the value.
const PLACES: [(&[&str], &[&str]); 4] = [
    (
        &["from", "origin", "start", "source", "departure", "since", "after"],
        &["from", "since", "after", "leaving"],
    ),
    (
        &["to", "destination", "target", "end", "arrival", "until", "before"],
        &["to", "into", "until", "before", "till"],
    ),
    (
        &["city", "place", "location", "country", "region", "where"],
        &["in", "at", "near", "around"],
    ),
    (
        &["name", "person", "customer", "recipient", "user"],
        &["for", "to", "named", "called", "by"],
    ),
];

impl<'a> Asked<'a> {
    pub fn new(question: &'a str, purpose: &'a [String], draw: &'a Draw) -> Self {
        Self {
            question,
            purpose,
            draw,
            free: RefCell::new(values(question)),
            part: false,
        }
    }

    /// Takes the free value of an allowed kind that fits a property best.
    fn take(&self, key: &str, about: &str, allowed: impl Fn(Kind) -> bool) -> Option<Value> {
        let name = words_of_name(key);
        let wanted = stems(&format!("{} {about}", name.join(" ")));
        let mut free = self.free.borrow_mut();
        let fit = |value: &Value| {
            let place = PLACES.iter().any(|(names, before)| {
                name.iter().any(|word| names.contains(&word.as_str()))
                    && before.contains(&value.before.as_str())
            });
            let beside = [&value.after, &value.before].into_iter().any(|word| {
                stems(word)
                    .iter()
                    .any(|word| wanted.iter().any(|wanted| nearness(wanted, word) > 0.0))
            });
            let quoted = value.kind == Kind::Quoted;
            f64::from(u8::from(place)) * 2.0 + f64::from(u8::from(beside)) + f64::from(u8::from(quoted)) * 0.5
        };
        let (at, _) = free
            .iter()
            .enumerate()
            .filter(|(_, value)| allowed(value.kind))
            .map(|(at, value)| (at, fit(value)))
            .reduce(|best, next| if next.1 > best.1 { next } else { best })?;
        Some(free.remove(at))
    }

    /// The question without what the tool is for: what a search would look for.
    fn rest(&self) -> Option<String> {
        let words: Vec<&str> = self
            .question
            .split_whitespace()
            .map(|word| word.trim_matches(|letter: char| !letter.is_alphanumeric()))
            .filter(|word| {
                let stems = stems(word);
                !stems.is_empty() && !stems.iter().any(|stem| self.purpose.contains(stem))
            })
            .collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

impl Source for Asked<'_> {
    fn text(&self, key: &str, about: &str, format: Option<&str>) -> Option<String> {
        let taken = |allowed: &dyn Fn(Kind) -> bool| self.take(key, about, allowed).map(|value| value.text);
        if self.part {
            return taken(&|_| true);
        }
        if format == Some("email") || named(key, &["email", "mail"]) {
            return taken(&|kind| kind == Kind::Email);
        }
        if matches!(format, Some("date" | "date-time")) || named(key, &["date", "day"]) {
            return taken(&|kind| kind == Kind::Date);
        }
        if named(
            key,
            &[
                "query", "question", "search", "text", "message", "prompt", "input",
            ],
        ) {
            return taken(&|kind| kind == Kind::Quoted).or_else(|| Some(self.question.to_owned()));
        }
        if named(key, &["id", "code", "number", "sku", "reference", "tracking"]) {
            return taken(&|kind| matches!(kind, Kind::Code))
                .or_else(|| taken(&|kind| matches!(kind, Kind::Number(_) | Kind::Quoted)));
        }
        if named(key, &["expression", "formula", "calculation"]) {
            return Some(expression(self.question)).filter(|text| !text.is_empty());
        }
        taken(&|kind| matches!(kind, Kind::Quoted | Kind::Name))
            .or_else(|| taken(&|kind| matches!(kind, Kind::Code)))
            .or_else(|| self.rest())
    }

    fn number(&self, key: &str, about: &str, _bounds: [Option<f64>; 2]) -> Option<f64> {
        match self
            .take(key, about, |kind| matches!(kind, Kind::Number(_)))?
            .kind
        {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    fn truth(&self, key: &str, _about: &str) -> Option<bool> {
        let wanted = stems(&words_of_name(key).join(" "));
        let words: Vec<String> = self
            .question
            .split(|letter: char| !letter.is_alphanumeric() && letter != '\'')
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let at = words.iter().position(|word| {
            stems(word)
                .iter()
                .any(|stem| wanted.iter().any(|wanted| nearness(wanted, stem) > 0.0))
        })?;
        let denied =
            words.iter().take(at).rev().take(2).any(|word| {
                matches!(word.as_str(), "not" | "no" | "without" | "never") || word.ends_with("n't")
            });
        Some(!denied)
    }

    fn fitting(&self, _key: &str, _about: &str, options: &[String]) -> Vec<usize> {
        fitting(options, &[self.question])
    }

    fn item(&self, _key: &str, _index: usize) -> Option<Box<dyn Source + '_>> {
        let value = {
            let mut free = self.free.borrow_mut();
            if free.is_empty() {
                return None;
            }
            free.remove(0)
        };
        Some(Box::new(Self {
            question: self.question,
            purpose: self.purpose,
            draw: self.draw,
            free: RefCell::new(vec![value]),
            part: true,
        }))
    }

    fn leaves_out(&self) -> bool {
        true
    }

    fn forgets(&self, key: &str) -> bool {
        self.draw
            .happens(self.draw.size.forgets(), &["forgets", key, self.question])
    }
}

/// The numbers of a question and the operators between them.
fn expression(question: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for word in question.split_whitespace() {
        let bare = word.trim_matches(|letter: char| matches!(letter, '?' | '.' | ',' | '!' | '='));
        let part = match bare.to_lowercase().as_str() {
            "plus" | "+" => "+",
            "minus" | "-" => "-",
            "times" | "multiplied" | "x" | "*" => "*",
            "divided" | "over" | "/" => "/",
            other if other.starts_with(|letter: char| letter.is_ascii_digit() || letter == '(') => bare,
            _ => continue,
        };
        parts.push(part.to_owned());
    }
    parts.join(" ")
}
