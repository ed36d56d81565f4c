use super::{
    Graded,
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};
use crate::trial::{Answer, Severity};

grader_file! {
    /// Reads `refused` of the response mapping; without it, phrases such as "I cannot answer" count as a refusal.
    RefusalFile {
        /// Field of the case that says whether it should be refused.
        expected: String,
    }
}

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

#[derive(Debug)]
struct Refusal {
    expected: String,
}

impl Entry for RefusalFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(Refusal {
            expected: self.expected.clone(),
        })
    }
}

impl Rule for Refusal {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let should = graded.case.truth(&self.expected)?;
        let did = refused(graded.answer);
        Some(match (should, did) {
            (true, true) => Mark::plain(true, "refused, as it should"),
            (false, false) => Mark::plain(true, "answered, as it should"),
            (true, false) => {
                Mark::plain(false, "answered, although it should refuse").severity(Severity::Severe)
            }
            (false, true) => Mark {
                failure: Some("refused wrongly"),
                ..Mark::plain(false, "refused, although there is an answer").severity(Severity::Moderate)
            },
        })
    }

    fn fields(&self) -> Vec<&str> {
        vec![&self.expected]
    }
}
