use super::{
    Graded,
    expected::{reaches, share, short},
    file::grader_file,
    mark::Mark,
    refusal,
    rule::{Entry, Folder, Ready, Rule},
};
use crate::trial::Severity;
use std::collections::HashSet;

grader_file! {
    /// Needs `passages` with `passage_text` in the response mapping. Refusals are not graded.
    GroundingFile {
        /// Share of a sentence's content words that must stand in the passages. Default 0.6.
        #[serde(default)]
        coverage: Option<f64>,
        /// Share from which a sentence that misses `coverage` is loosely supported (minor) rather than unsupported
        /// (moderate). Default half of `coverage`.
        #[serde(default)]
        loose: Option<f64>,
        /// Share of sentences that must be supported. Default 1.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

/// Grounding by words: a sentence is supported when enough of its content words stand in the passages.
///
/// This is a lexical measure. It finds invented names and numbers; it cannot find a wrong conclusion drawn from
/// right words.
#[derive(Debug)]
struct Grounding {
    coverage: f64,
    loose: f64,
    at_least: f64,
}

impl Entry for GroundingFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        let coverage = share(self.coverage, 0.6, "coverage")?;
        let loose = share(self.loose, coverage / 2.0, "loose")?;
        if loose > coverage {
            return Err(format!(
                "loose {loose} is above coverage {coverage}; expected less, since it is the weaker support"
            ));
        }
        Ready::now(Grounding {
            coverage,
            loose,
            at_least: share(self.at_least, 1.0, "at_least")?,
        })
    }
}

/// What is wrong with a sentence.
struct Finding {
    severity: Severity,
    reason: String,
}

impl Grounding {
    /// What is wrong with a sentence; none where it is supported.
    fn finding(&self, sentence: &str, known: &Known) -> Option<Finding> {
        let own: Vec<String> = content_words(sentence).collect();
        let missing: Vec<&String> = own
            .iter()
            .filter(|word| !known.passages.contains(*word))
            .collect();
        let invented = missing
            .iter()
            .find(|word| holds_digit(word))
            .map(|word| (*word).clone())
            .or_else(|| names(sentence).find(|name| !known.name(name)));
        if let Some(invented) = invented {
            return Some(Finding {
                severity: Severity::Severe,
                reason: format!("“{invented}” stands in no passage"),
            });
        }
        let covered = 1.0 - missing.len() as f64 / own.len() as f64;
        if reaches(covered, self.coverage) {
            return None;
        }
        Some(if reaches(covered, self.loose) {
            Finding {
                severity: Severity::Minor,
                reason: format!("only loosely supported: “{}”", short(sentence)),
            }
        } else {
            Finding {
                severity: Severity::Moderate,
                reason: format!("not supported: “{}”", short(sentence)),
            }
        })
    }
}

impl Rule for Grounding {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let passages = graded.answer.passages.as_ref()?;
        if refusal::refused(graded.answer) || passages.iter().all(|passage| passage.text.is_none()) {
            return None;
        }
        let known = Known {
            passages: passages
                .iter()
                .filter_map(|passage| passage.text.as_deref())
                .flat_map(all_words)
                .collect(),
            question: all_words(&graded.case.title()).collect(),
        };
        let text = without_citations(&graded.answer.text);
        let sentences: Vec<&str> = sentences(&text)
            .into_iter()
            .filter(|sentence| content_words(sentence).next().is_some())
            .collect();
        if sentences.is_empty() {
            return None;
        }
        let findings: Vec<Finding> = sentences
            .iter()
            .filter_map(|sentence| self.finding(sentence, &known))
            .collect();
        let score = 1.0 - findings.len() as f64 / sentences.len() as f64;
        // Of findings that are equally bad the first is told.
        let worst = findings.into_iter().reduce(|worst, next| {
            if next.severity > worst.severity {
                next
            } else {
                worst
            }
        });
        Some(match worst {
            None => Mark::new(true, score, "every sentence is supported by the passages"),
            Some(worst) => {
                Mark::new(reaches(score, self.at_least), score, worst.reason).severity(worst.severity)
            }
        })
    }

    fn score_label(&self, name: &str) -> Option<String> {
        Some(format!("{}, supported sentences", super::capital(name)))
    }
}

/// What an answer may speak of.
struct Known {
    passages: HashSet<String>,
    question: HashSet<String>,
}

impl Known {
    /// Whether a name stands in the passages, or was brought in by the question.
    fn name(&self, name: &str) -> bool {
        all_words(name).all(|word| self.passages.contains(&word) || self.question.contains(&word))
    }
}

/// Sentences: they end at a line's end, and at a full stop, question or exclamation mark before white space.
fn sentences(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let ends = match letter {
            '\n' => true,
            '.' | '!' | '?' => letters.peek().is_none_or(|(_, next)| next.is_whitespace()),
            _ => false,
        };
        if ends {
            let end = at + letter.len_utf8();
            sentences.push(text[start..end].trim());
            start = end;
        }
    }
    sentences.push(text[start..].trim());
    sentences
}

/// Names: words of three letters or more with a capital that does not come of standing first, in the sentence or
/// after a colon, a bullet or an opening quotation mark.
fn names(sentence: &str) -> impl Iterator<Item = String> + '_ {
    let mut first = true;
    sentence.split_whitespace().filter_map(move |token| {
        let word = token.trim_matches(|letter: char| !letter.is_alphanumeric());
        let opened = token.starts_with(['"', '“', '„', '«', '‘', '(']);
        let counts = !first && !opened && word.chars().count() > 2 && word.starts_with(char::is_uppercase);
        first = word.is_empty() || token.ends_with([':', ';']);
        // The owner's `'s` is no part of the name.
        let name = word.split(['\'', '’']).next().unwrap_or(word);
        (counts && name.chars().count() > 2).then(|| name.to_owned())
    })
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

fn all_words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

fn holds_digit(word: &str) -> bool {
    word.contains(|letter: char| letter.is_ascii_digit())
}

/// Content words: four letters or more, or with a digit, as numbers and ids have one; lower case.
pub(super) fn content_words(text: &str) -> impl Iterator<Item = String> + '_ {
    all_words(text).filter(|word| word.chars().count() > 3 || holds_digit(word))
}
