//! Advice that refuses nothing.

use std::collections::BTreeMap;

/// Words that say something is measured even without a figure.
const MEASURES: [&str; 24] = [
    "pass rate",
    "recall",
    "precision",
    "accuracy",
    "mrr",
    "latency",
    "p50",
    "p95",
    "p99",
    "cost",
    "error rate",
    "threshold",
    "per cent",
    "percent",
    "%",
    "hit rate",
    "coverage",
    "faithful",
    "grounded",
    "uptime",
    "tokens",
    "agreement",
    "one ",
    "zero ",
];

/// Why an output is hard to check, when it names neither a number nor a metric.
pub fn advise_output(text: &str) -> Option<String> {
    let lower = format!("{} ", text.to_lowercase());
    let measurable = lower.chars().any(|character| character.is_ascii_digit())
        || MEASURES.iter().any(|word| lower.contains(word));
    (!measurable).then(|| {
        "This names no number and no metric, so on the last day nobody can tell whether it was reached. \
         Add one: how many, how fast, at what cost, or which pass rate."
            .into()
    })
}

/// Why scores say little, when they do not tell the competencies apart.
pub fn advise_scores(scores: &BTreeMap<String, u8>) -> Option<String> {
    let lowest = scores.values().min()?;
    let highest = scores.values().max()?;
    if scores.len() >= 4 && lowest == highest {
        return Some(format!(
            "Every score is {lowest}, so they cannot say where to begin. Read the descriptions of the levels \
             and move the two you would least like to be asked about."
        ));
    }
    if scores.len() >= 4 && *lowest >= 4 {
        return Some(
            "Every score is 4 or 5. Level 4 means that you have done it under real conditions and can show \
             the record; lower the ones where you cannot."
                .into(),
        );
    }
    None
}
