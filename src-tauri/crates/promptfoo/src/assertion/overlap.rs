//! Measures of overlap with a reference: Levenshtein, BLEU, GLEU, ROUGE-1.

use super::{Check, Grading};
use crate::{document, problem::Fault};
use harness::script::{Library, Limits, Program, run};
use serde_json::json;
use std::{borrow::Cow, collections::HashMap, sync::Arc};

/// Edit distance over UTF-16 units, as JavaScript counts characters (Levenshtein 1966; two rows of Wagner and Fischer 1974).
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<u16> = left.encode_utf16().collect();
    let right: Vec<u16> = right.encode_utf16().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, unit) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (place, other) in right.iter().enumerate() {
            let change = diagonal + usize::from(unit != other);
            diagonal = row[place + 1];
            row[place + 1] = change.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[right.len()]
}

pub(super) fn levenshtein(check: &Check<'_>) -> Result<Grading, Fault> {
    /// The product of both lengths is the work; beyond this it takes seconds.
    const MOST: usize = 400_000_000;
    let reference = check.value_text()?;
    if check.text.len().saturating_mul(reference.len()) > MOST {
        return Err(Fault::invalid(
            "the texts are too long for a Levenshtein distance",
        ));
    }
    let distance = distance(&check.text, reference);
    let limit = check.assertion.threshold.unwrap_or(5.0);
    Ok(check.verdict(distance as f64 <= limit, |_| {
        format!("Levenshtein distance {distance} is outside of the threshold {limit}")
    }))
}

fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    // Splitting an empty text gives one empty word in JavaScript.
    document::trim(&lower)
        .split(document::is_space)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn counts(words: &[String], size: usize) -> HashMap<&[String], usize> {
    let mut counts = HashMap::new();
    for window in words.windows(size) {
        *counts.entry(window).or_insert(0) += 1;
    }
    counts
}

fn clipped(candidate: &HashMap<&[String], usize>, reference: &HashMap<&[String], usize>) -> usize {
    candidate
        .iter()
        .map(|(gram, count)| (*count).min(reference.get(gram).copied().unwrap_or(0)))
        .sum()
}

/// BLEU of one sentence (Papineni et al. 2002, doi:10.3115/1073083.1073135): clipped precisions of the orders that the
/// candidate has, 1e-7 in place of 0, and the penalty for brevity against the reference of the closest length.
fn bleu_score(candidate: &str, references: &[&str]) -> f64 {
    if document::trim(candidate).is_empty() {
        return 0.0;
    }
    let candidate = words(candidate);
    let references: Vec<Vec<String>> = references.iter().map(|reference| words(reference)).collect();
    let length = |words: &Vec<String>| words.len().max(1);
    let closest = references
        .iter()
        .map(length)
        .min_by_key(|count| (count.abs_diff(candidate.len()), *count))
        .unwrap_or(1);
    let orders: Vec<f64> = (1..=4)
        .filter(|size| *size <= candidate.len())
        .map(|size| {
            let own = counts(&candidate, size);
            let most = references
                .iter()
                .map(|reference| clipped(&own, &counts(reference, size)))
                .max()
                .unwrap_or(0);
            let precision = most as f64 / (candidate.len() - size + 1) as f64;
            if precision == 0.0 { 1e-7 } else { precision }
        })
        .collect();
    let mean = orders.iter().map(|precision| precision.ln()).sum::<f64>() / orders.len() as f64;
    let penalty = if candidate.len() > closest {
        1.0
    } else {
        (1.0 - closest as f64 / candidate.len() as f64).exp()
    };
    penalty * mean.exp()
}

pub(super) fn bleu(check: &Check<'_>) -> Result<Grading, Fault> {
    let references = check.value_texts()?;
    if references.is_empty() {
        return Err(Fault::invalid("\"bleu\" has no reference"));
    }
    let score = bleu_score(&check.text, &references);
    Ok(scored(check, score, 0.5, "BLEU"))
}

/// GLEU of one sentence (Wu et al. 2016, arXiv:1609.08144, section 7): the smaller of precision and recall over all 1- to 4-grams.
fn gleu_score(candidate: &str, reference: &str) -> f64 {
    let bare = |text: &str| -> Vec<String> {
        words(text)
            .iter()
            .map(|word| word.trim_end_matches('.').to_owned())
            .collect()
    };
    let (candidate, reference) = (bare(candidate), bare(reference));
    if candidate == reference {
        return 1.0;
    }
    let (mut shared, mut own, mut other) = (0, 0, 0);
    for size in 1..=4 {
        shared += clipped(&counts(&candidate, size), &counts(&reference, size));
        own += (candidate.len() + 1).saturating_sub(size);
        other += (reference.len() + 1).saturating_sub(size);
    }
    if own == 0 || other == 0 {
        return 0.0;
    }
    (shared as f64 / own as f64).min(shared as f64 / other as f64)
}

pub(super) fn gleu(check: &Check<'_>) -> Result<Grading, Fault> {
    let references = check.value_texts()?;
    if check.text.is_empty() || references.is_empty() {
        return Err(Fault::invalid("\"gleu\" needs an output and a reference"));
    }
    let score = references
        .iter()
        .map(|reference| gleu_score(&check.text, reference))
        .fold(f64::NEG_INFINITY, f64::max);
    Ok(scored(check, score, 0.5, "GLEU"))
}

/// ROUGE-1 (Lin 2004): F1 of clipped counts, in lower case, over the words of the Penn Treebank tokenizer.
pub(super) async fn rouge(check: &Check<'_>) -> Result<Grading, Fault> {
    const LIBRARIES: &[Library] = &[Library {
        name: "rouge",
        source: include_str!("../../vendor/rouge.js"),
    }];
    let reference = check.value_text()?.to_lowercase();
    let program = Program::Body {
        libraries: LIBRARIES,
        modules: Arc::new([]),
        parameters: "texts",
        body: Cow::Borrowed("return texts.map((text) => rouge.treeBankTokenize(text))"),
    };
    let texts = vec![json!([check.text.to_lowercase(), reference])];
    let returned = run(program, texts, Limits::JAVASCRIPT).await?;
    let [candidate, reference]: [Vec<String>; 2] = serde_json::from_value(returned.value)
        .map_err(|error| Fault::invalid(format!("the words cannot be told: {error}")))?;
    let shared = clipped(&counts(&candidate, 1), &counts(&reference, 1)) as f64;
    let score = if shared == 0.0 {
        0.0
    } else {
        let (precision, recall) = (shared / candidate.len() as f64, shared / reference.len() as f64);
        // Scaled by the smaller share, as the library does: thresholds are met by the last bit.
        let (low, high) = if precision < recall {
            (precision, recall)
        } else {
            (recall, precision)
        };
        high.min(low * (2.0 / (1.0 + low / high)))
    };
    Ok(scored(check, score, 0.75, "ROUGE-N"))
}

fn scored(check: &Check<'_>, score: f64, default: f64, name: &str) -> Grading {
    let limit = check.assertion.threshold.unwrap_or(default);
    let pass = (score >= limit) != check.inverse;
    let side = if score >= limit {
        "greater than or equal to"
    } else {
        "less than"
    };
    let reason = format!("{name} score {score:.4} is {side} threshold {limit}");
    Grading::new(pass, if check.inverse { 1.0 - score } else { score }, reason)
}
