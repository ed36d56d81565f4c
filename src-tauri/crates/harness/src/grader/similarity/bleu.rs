use super::{ngrams, words};
use crate::grader::{
    Graded,
    expected::{Expected, limit, reaches},
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

grader_file! {
    /// Exactly one of `expected` and `value`.
    BleuFile {
        /// Field of the case that holds the reference, or a list of references. Cases without it are not graded.
        #[serde(default)]
        expected: Option<String>,
        /// The reference itself, the same for all cases.
        #[serde(default)]
        value: Option<String>,
        /// What is done about n-grams that never match. Default `add_one`.
        #[serde(default)]
        smoothing: BleuSmoothing,
        /// Score that passes, between 0 and 1. Required unless the grader only informs.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

/// What is done about n-grams that never match.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BleuSmoothing {
    /// One is added to matches and to n-grams for n above 1 (Lin and Och 2004).
    #[default]
    AddOne,
    /// Nothing: one n without a match makes the score 0, as in the original.
    None,
}

/// Longest n-grams that count.
const ORDERS: usize = 4;

#[derive(Debug)]
struct Bleu {
    expected: Expected,
    smoothing: BleuSmoothing,
    at_least: f64,
}

impl Entry for BleuFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(Bleu {
            expected: Expected::text(self.expected.as_ref(), self.value.as_ref())?,
            smoothing: self.smoothing,
            at_least: limit(self.at_least, self.informational)?,
        })
    }
}

impl Rule for Bleu {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let answer = words(&graded.answer.text);
        let references: Vec<Vec<String>> = self
            .expected
            .references(graded.case)?
            .iter()
            .map(|reference| words(reference))
            .collect();
        let penalty = brevity_penalty(answer.len(), &references);
        let score = penalty * precision(&answer, &references, self.smoothing);
        let reason = format!("BLEU {score:.3} (brevity penalty {penalty:.3})");
        Some(Mark::new(reaches(score, self.at_least), score, reason))
    }

    fn fields(&self) -> Vec<&str> {
        self.expected.fields()
    }

    fn score_label(&self, _: &str) -> Option<String> {
        Some("BLEU-4".into())
    }
}

/// 1 for an answer longer than the reference, else exp(1 - r / c), with the reference nearest in length and of two as
/// near the shorter (Papineni et al., "BLEU", ACL 2002, section 2.2.2). An empty answer has none.
fn brevity_penalty(answer: usize, references: &[Vec<String>]) -> f64 {
    let nearest = references
        .iter()
        .map(Vec::len)
        .min_by_key(|length| (length.abs_diff(answer), *length))
        .unwrap_or(0);
    match answer {
        0 => 0.0,
        answer if answer > nearest => 1.0,
        answer => (1.0 - nearest as f64 / answer as f64).exp(),
    }
}

/// Geometric mean of the modified n-gram precisions (Papineni et al. 2002, section 2.1), where a gram matches at most
/// as often as the reference that has it most often. An answer of fewer than four words has no 4-grams; only the
/// orders that it can have count, so that a short answer can be perfect.
fn precision(answer: &[String], references: &[Vec<String>], smoothing: BleuSmoothing) -> f64 {
    let orders = ORDERS.min(answer.len());
    if orders == 0 {
        return 0.0;
    }
    let mut logarithms = 0.0;
    for n in 1..=orders {
        let theirs: Vec<_> = references.iter().map(|reference| ngrams(reference, n)).collect();
        let matches: usize = ngrams(answer, n)
            .iter()
            .map(|(gram, count)| {
                let most = theirs.iter().filter_map(|grams| grams.get(gram)).max();
                (*count).min(most.copied().unwrap_or(0))
            })
            .sum();
        let added = f64::from(u8::from(n > 1 && matches!(smoothing, BleuSmoothing::AddOne)));
        let all = (answer.len() + 1 - n) as f64;
        logarithms += ((matches as f64 + added) / (all + added)).ln();
    }
    // The logarithm of a precision of 0 is -inf, and exp(-inf) is 0.
    (logarithms / orders as f64).exp()
}
