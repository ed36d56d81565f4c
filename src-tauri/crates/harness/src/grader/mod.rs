//! Graders: what is said of one answer, with a reason in words.
//!
//! A grader that needs a field which the case does not have does not apply to that case and leaves no grade.

mod citations;
pub mod file;
mod grounding;
mod refusal;
mod retrieval;
mod text;

use crate::{
    dataset::Case,
    suite::{Kind, parse_duration},
    trial::{Answer, Grade, Severity},
};
use evidence::PicoUsd;
use file::GraderFile;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What a grader sees of a trial.
pub struct Graded<'a> {
    /// The case.
    pub case: &'a Case,
    /// The answer.
    pub answer: &'a Answer,
    /// Milliseconds from request to answer.
    pub latency_ms: f64,
    /// Cost of the case, where it could be priced.
    pub cost: Option<PicoUsd>,
}

/// What a rule says, before the grader's name is put to it.
pub(crate) struct Mark {
    passed: bool,
    score: f64,
    reason: String,
    severity: Option<Severity>,
    /// Replaces the grader's failure label where the rule knows better.
    failure: Option<&'static str>,
}

impl Mark {
    fn new(passed: bool, score: f64, reason: impl Into<String>) -> Self {
        Self {
            passed,
            score,
            reason: reason.into(),
            severity: None,
            failure: None,
        }
    }

    fn plain(passed: bool, reason: impl Into<String>) -> Self {
        Self::new(passed, f64::from(u8::from(passed)), reason)
    }

    fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}

/// A grader made ready: expressions compiled, schemas read.
#[derive(Clone, Debug)]
pub struct Grader {
    /// Name, unique in the suite.
    pub name: String,
    /// What a failure is called.
    pub failure: String,
    /// Whether it informs only.
    pub informational: bool,
    /// The kind, as the file names it.
    pub kind: &'static str,
    rule: Rule,
}

#[derive(Clone, Debug)]
enum Rule {
    Contains(text::Contains),
    Regex(text::Matches),
    JsonSchema(text::Valid),
    Citations,
    Grounding(grounding::Grounding),
    Refusal { expected: String },
    Recall(retrieval::Recall),
    Rank(retrieval::Rank),
    Latency { at_most_ms: f64 },
    Cost { at_most: f64 },
}

impl Grader {
    /// Makes a grader of its entry in the suite file; the message says what was expected.
    pub fn build(file: GraderFile, folder: &Path) -> Result<Self, String> {
        let (name, failure, informational, kind, rule) = match file {
            GraderFile::Contains(f) => {
                let rule = text::Contains::build(&f)?;
                (
                    f.name,
                    f.failure,
                    f.informational,
                    "contains",
                    Rule::Contains(rule),
                )
            }
            GraderFile::Regex(f) => {
                let rule = text::Matches::build(&f)?;
                (f.name, f.failure, f.informational, "regex", Rule::Regex(rule))
            }
            GraderFile::JsonSchema(f) => {
                let rule = text::Valid::build(&f, folder)?;
                (
                    f.name,
                    f.failure,
                    f.informational,
                    "json_schema",
                    Rule::JsonSchema(rule),
                )
            }
            GraderFile::Citations(f) => (f.name, f.failure, f.informational, "citations", Rule::Citations),
            GraderFile::Grounding(f) => {
                let rule = grounding::Grounding::build(&f)?;
                (
                    f.name,
                    f.failure,
                    f.informational,
                    "grounding",
                    Rule::Grounding(rule),
                )
            }
            GraderFile::Refusal(f) => (
                f.name,
                f.failure,
                f.informational,
                "refusal",
                Rule::Refusal { expected: f.expected },
            ),
            GraderFile::RecallAtK(f) => {
                let rule = retrieval::Recall::build(&f)?;
                (
                    f.name,
                    f.failure,
                    f.informational,
                    "recall_at_k",
                    Rule::Recall(rule),
                )
            }
            GraderFile::ReciprocalRank(f) => {
                let rule = retrieval::Rank::build(&f)?;
                (
                    f.name,
                    f.failure,
                    f.informational,
                    "reciprocal_rank",
                    Rule::Rank(rule),
                )
            }
            GraderFile::Latency(f) => {
                let text = match &f.at_most {
                    crate::suite::Quantity::Text(text) => text.clone(),
                    crate::suite::Quantity::Number(number) => {
                        return Err(format!(
                            "at_most: {number} has no unit; expected for example 2s or 800ms"
                        ));
                    }
                };
                let at_most_ms = parse_duration(&text)?.as_secs_f64() * 1000.0;
                (
                    f.name,
                    f.failure,
                    f.informational,
                    "latency",
                    Rule::Latency { at_most_ms },
                )
            }
            GraderFile::Cost(f) => {
                let (at_most, kind) = f.at_most.read()?;
                if !matches!(kind, Kind::Plain | Kind::Money) {
                    return Err("at_most is not an amount of money; expected for example $0.004".into());
                }
                (f.name, f.failure, f.informational, "cost", Rule::Cost { at_most })
            }
        };
        if name.trim().is_empty() || !name.chars().all(|c| c.is_alphanumeric() || " _-@".contains(c)) {
            return Err(format!(
                "`{name}` is not a name; expected letters, digits, spaces, - and _"
            ));
        }
        Ok(Self {
            failure: failure.unwrap_or_else(|| name.clone()),
            name,
            informational,
            kind,
            rule,
        })
    }

    /// Grades an answer; none when the grader does not apply to the case. The second part is the failure category.
    pub fn grade(&self, graded: &Graded<'_>) -> Option<(Grade, Option<String>)> {
        let mark = match &self.rule {
            Rule::Contains(rule) => rule.mark(graded)?,
            Rule::Regex(rule) => rule.mark(graded)?,
            Rule::JsonSchema(rule) => rule.mark(graded),
            Rule::Citations => citations::mark(graded)?,
            Rule::Grounding(rule) => rule.mark(graded)?,
            Rule::Refusal { expected } => refusal::mark(graded, expected)?,
            Rule::Recall(rule) => rule.mark(graded)?,
            Rule::Rank(rule) => rule.mark(graded)?,
            Rule::Latency { at_most_ms } => {
                let (took, limit) = (graded.latency_ms, *at_most_ms);
                Mark::plain(took <= limit, format!("{took:.0} ms, budget {limit:.0} ms"))
            }
            Rule::Cost { at_most } => match graded.cost {
                Some(cost) => Mark::plain(cost.as_usd() <= *at_most, format!("{cost}, budget ${at_most}")),
                None => Mark::plain(
                    false,
                    "the cost is not known: no tokens reported, or no price for the model",
                ),
            },
        };
        let failure =
            (!mark.passed).then(|| mark.failure.map_or_else(|| self.failure.clone(), str::to_owned));
        let grade = Grade {
            grader: self.name.clone(),
            passed: mark.passed,
            score: mark.score.clamp(0.0, 1.0),
            reason: mark.reason,
            severity: if mark.passed { None } else { mark.severity },
            informational: self.informational,
        };
        Some((grade, failure))
    }

    /// What a summary needs to know of it, to be kept with a run.
    pub fn info(&self) -> GraderInfo {
        let score_label = match &self.rule {
            Rule::Recall(recall) => Some(format!("Recall@{}", recall.k)),
            Rule::Rank(_) => Some("Mean reciprocal rank".into()),
            Rule::Grounding(_) => Some(format!("{}, supported sentences", capital(&self.name))),
            _ => None,
        };
        GraderInfo {
            name: self.name.clone(),
            score_label,
            informational: self.informational,
        }
    }
}

/// What a summary needs to know of a grader. Kept with each run, so that its numbers never depend on a suite file
/// that has changed since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraderInfo {
    /// Its name.
    pub name: String,
    /// What people read for its mean score; absent where a score is only pass or fail.
    pub score_label: Option<String>,
    /// Whether it informs only.
    pub informational: bool,
}

/// A name with its first letter as a capital.
pub(crate) fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
