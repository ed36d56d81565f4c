use super::{Graded, Mark};
use crate::trial::{Answer, Severity};

/// Phrases that count as a refusal where the response has no field for it.
const REFUSALS: [&str; 8] = [
    "i cannot answer",
    "i can't answer",
    "i cannot help",
    "i can't help",
    "i do not know",
    "i don't know",
    "not in the documents",
    "no information about",
];

/// Whether the answer is a refusal: as the response says, or else by its words.
pub(super) fn refused(answer: &Answer) -> bool {
    answer.refused.unwrap_or_else(|| {
        let text = answer.text.to_lowercase().replace('\u{2019}', "'");
        REFUSALS.iter().any(|phrase| text.contains(phrase))
    })
}

pub(super) fn mark(graded: &Graded<'_>, expected: &str) -> Option<Mark> {
    let should = graded.case.truth(expected)?;
    let did = refused(graded.answer);
    Some(match (should, did) {
        (true, true) => Mark::plain(true, "refused, as it should"),
        (false, false) => Mark::plain(true, "answered, as it should"),
        (true, false) => Mark::plain(false, "answered, although it should refuse").severity(Severity::Severe),
        (false, true) => Mark {
            failure: Some("refused wrongly"),
            ..Mark::plain(false, "refused, although there is an answer").severity(Severity::Moderate)
        },
    })
}
