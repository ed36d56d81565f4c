use super::f1;
use crate::grader::{
    Graded,
    expected::{Expected, limit, reaches},
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
    text::exact::squad_words,
};
use std::collections::HashMap;

grader_file! {
    /// Exactly one of `expected` and `value`.
    TokenF1File {
        /// Field of the case that holds the text, or a list of texts of which the best counts. Cases without it are
        /// not graded.
        #[serde(default)]
        expected: Option<String>,
        /// The text itself, the same for all cases.
        #[serde(default)]
        value: Option<String>,
        /// Score that passes, between 0 and 1. Required unless the grader only informs.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

#[derive(Debug)]
struct TokenF1 {
    expected: Expected,
    at_least: f64,
}

impl Entry for TokenF1File {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(TokenF1 {
            expected: Expected::text(self.expected.as_ref(), self.value.as_ref())?,
            at_least: limit(self.at_least, self.informational)?,
        })
    }
}

impl Rule for TokenF1 {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let answer = squad_words(&graded.answer.text);
        let score = self
            .expected
            .references(graded.case)?
            .iter()
            .map(|reference| token_f1(&answer, &squad_words(reference)))
            .fold(0.0, f64::max);
        Some(Mark::new(
            reaches(score, self.at_least),
            score,
            format!("F1 over shared words {score:.3}"),
        ))
    }

    fn fields(&self) -> Vec<&str> {
        self.expected.fields()
    }

    fn score_label(&self, name: &str) -> Option<String> {
        Some(format!("{}, token F1", crate::grader::capital(name)))
    }
}

/// F1 over words with their counts (Rajpurkar et al., "SQuAD", EMNLP 2016, section 6.1). Where one side has no words
/// left, 1 when neither has any (the evaluation script of SQuAD 2.0).
fn token_f1(answer: &[String], reference: &[String]) -> f64 {
    if answer.is_empty() || reference.is_empty() {
        return f64::from(u8::from(answer.is_empty() && reference.is_empty()));
    }
    let mut left: HashMap<&String, usize> = HashMap::new();
    for word in reference {
        *left.entry(word).or_default() += 1;
    }
    let common = answer
        .iter()
        .filter(|word| match left.get_mut(word) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        })
        .count() as f64;
    f1(common / answer.len() as f64, common / reference.len() as f64)
}
