use super::{Graded, Mark, file::GroundingFile, refusal};
use crate::trial::Severity;
use std::collections::HashSet;

/// Grounding by words: a sentence is supported when enough of its content words stand in the passages.
///
/// This is a lexical measure. It finds invented names and numbers; it cannot find a wrong conclusion drawn from
/// right words. Severe: a number in the answer stands in no passage. Moderate: too few words do.
#[derive(Clone, Debug)]
pub(super) struct Grounding {
    coverage: f64,
    at_least: f64,
}

impl Grounding {
    pub(super) fn build(file: &GroundingFile) -> Result<Self, String> {
        let (coverage, at_least) = (file.coverage.unwrap_or(0.6), file.at_least.unwrap_or(1.0));
        if !(0.0..=1.0).contains(&coverage) || !(0.0..=1.0).contains(&at_least) {
            return Err("coverage and at_least lie between 0 and 1".into());
        }
        Ok(Self { coverage, at_least })
    }

    pub(super) fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let passages = graded.answer.passages.as_ref()?;
        if refusal::refused(graded.answer) || passages.iter().all(|passage| passage.text.is_none()) {
            return None;
        }
        let known: HashSet<String> = passages
            .iter()
            .filter_map(|passage| passage.text.as_deref())
            .flat_map(words)
            .collect();
        let text = without_citations(&graded.answer.text);
        let sentences: Vec<&str> = text
            .split_inclusive(['.', '!', '?'])
            .map(str::trim)
            .filter(|sentence| words(sentence).next().is_some())
            .collect();
        if sentences.is_empty() {
            return None;
        }
        let mut unsupported = Vec::new();
        let mut invented_number = None;
        for sentence in &sentences {
            let own: Vec<String> = words(sentence).collect();
            let missing: Vec<&String> = own.iter().filter(|word| !known.contains(*word)).collect();
            let number = missing
                .iter()
                .find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
            let covered = 1.0 - missing.len() as f64 / own.len() as f64;
            if let Some(number) = number {
                invented_number.get_or_insert_with(|| (*number).clone());
                unsupported.push(*sentence);
            } else if covered < self.coverage {
                unsupported.push(*sentence);
            }
        }
        let score = 1.0 - unsupported.len() as f64 / sentences.len() as f64;
        Some(match (unsupported.first(), invented_number) {
            (None, _) => Mark::new(true, score, "every sentence is supported by the passages"),
            (Some(_), Some(number)) => Mark::new(
                score >= self.at_least,
                score,
                format!("“{number}” stands in no passage"),
            )
            .severity(Severity::Severe),
            (Some(sentence), None) => {
                let short: String = sentence.chars().take(80).collect();
                Mark::new(score >= self.at_least, score, format!("not supported: “{short}”"))
                    .severity(Severity::Moderate)
            }
        })
    }
}

/// The answer without `[id]` marks, which are no words of its own.
fn without_citations(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut depth = 0u32;
    for letter in text.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(letter),
            _ => {}
        }
    }
    kept
}

/// Content words: four letters or more, or a number; lower case.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() > 3 || word.starts_with(|c: char| c.is_ascii_digit()))
        .map(str::to_lowercase)
}
