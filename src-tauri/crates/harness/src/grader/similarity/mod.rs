//! Graders of how alike the answer and an expected text are, by letters and by words.

pub(super) mod bleu;
pub(super) mod edit_distance;
pub(super) mod rouge;
pub(super) mod token_f1;

use std::collections::HashMap;

/// Comparing two texts takes as many steps as their lengths multiplied; beyond this it would hold up the run.
const MOST_STEPS: usize = 100_000_000;

/// Words as ROUGE counts them: lower case, split at everything that is no letter and no digit, without stemming.
/// On ASCII text these are the tokens of the package `rouge-score`.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// How often each n-gram stands in a list of words.
fn ngrams(words: &[String], n: usize) -> HashMap<&[String], usize> {
    let mut counts = HashMap::new();
    for gram in words.windows(n) {
        *counts.entry(gram).or_insert(0) += 1;
    }
    counts
}

/// Harmonic mean of precision and recall; 0 where both are.
pub(super) fn f1(precision: f64, recall: f64) -> f64 {
    if precision + recall > 0.0 {
        2.0 * precision * recall / (precision + recall)
    } else {
        0.0
    }
}

/// Length of the longest common subsequence, where `same` says what is common.
pub(super) fn common_subsequence<A, B>(a: &[A], b: &[B], same: impl Fn(&A, &B) -> bool) -> usize {
    let mut row = vec![0usize; b.len() + 1];
    for left in a {
        let mut diagonal = 0;
        for (at, right) in b.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if same(left, right) {
                diagonal + 1
            } else {
                above.max(row[at])
            };
            diagonal = above;
        }
    }
    row[b.len()]
}
