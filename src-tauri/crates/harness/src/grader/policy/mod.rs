//! What an answer must not say, and what it must: personal data, forbidden and required phrases.

mod personal;

use super::{
    Graded,
    expected::short,
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
    text::matches::compile,
};
use crate::trial::Severity;
use personal::PersonalData;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

grader_file! {
    /// At least one of `personal_data`, `forbid` and `require`.
    PolicyFile {
        /// Personal data that the answer must not hold. Severe unless an entry says otherwise.
        #[serde(default)]
        personal_data: Vec<PersonalEntry>,
        /// Texts that are no personal data here, such as the address of the support desk.
        #[serde(default)]
        allow: Vec<String>,
        /// What the answer must not say. Moderate unless an entry says otherwise.
        #[serde(default)]
        forbid: Vec<PhraseEntry>,
        /// What the answer must say. Minor unless an entry says otherwise.
        #[serde(default)]
        require: Vec<PhraseEntry>,
    }
}

/// A kind of personal data, by its name alone or with a severity.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PersonalEntry {
    /// The kind; severe.
    Kind(PersonalData),
    /// The kind and how bad it is.
    Graded {
        /// The kind.
        kind: PersonalData,
        /// How bad it is.
        severity: Severity,
    },
}

/// A phrase, by its text alone or with more said of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PhraseEntry {
    /// The text, without regard to case.
    Text(String),
    /// A text or a pattern, and how bad it is.
    Graded(GradedPhrase),
}

/// A text or a pattern, and how bad it is. Exactly one of `text` and `pattern`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GradedPhrase {
    /// The text, without regard to case.
    #[serde(default)]
    text: Option<String>,
    /// A regular expression (Rust syntax).
    #[serde(default)]
    pattern: Option<String>,
    /// How bad it is when the rule is broken.
    #[serde(default)]
    severity: Option<Severity>,
}

#[derive(Debug)]
enum Phrase {
    /// In lower case.
    Text(String),
    Pattern(regex::Regex),
}

impl Phrase {
    /// The words that match, where any do. `folded` is the answer in lower case.
    fn found<'a>(&'a self, answer: &'a str, folded: &str) -> Option<&'a str> {
        match self {
            Self::Text(text) => folded.contains(text.as_str()).then_some(text),
            Self::Pattern(pattern) => pattern.find(answer).map(|found| found.as_str()),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Pattern(pattern) => pattern.as_str(),
        }
    }
}

#[derive(Debug)]
struct Policy {
    personal: Vec<(PersonalData, Severity)>,
    allow: Vec<String>,
    forbid: Vec<(Phrase, Severity)>,
    require: Vec<(Phrase, Severity)>,
}

fn phrases(entries: &[PhraseEntry], default: Severity) -> Result<Vec<(Phrase, Severity)>, String> {
    let text = |text: &str| {
        if text.trim().is_empty() {
            Err("one of the phrases is empty".to_owned())
        } else {
            Ok(Phrase::Text(text.to_lowercase()))
        }
    };
    entries
        .iter()
        .map(|entry| match entry {
            PhraseEntry::Text(words) => Ok((text(words)?, default)),
            PhraseEntry::Graded(phrase) => {
                let severity = phrase.severity.unwrap_or(default);
                match (&phrase.text, &phrase.pattern) {
                    (Some(words), None) => Ok((text(words)?, severity)),
                    (None, Some(pattern)) => Ok((Phrase::Pattern(compile(pattern)?), severity)),
                    _ => Err("a phrase needs exactly one of `text` and `pattern`".into()),
                }
            }
        })
        .collect()
}

impl Entry for PolicyFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        let policy = Policy {
            personal: self
                .personal_data
                .iter()
                .map(|entry| match entry {
                    PersonalEntry::Kind(kind) => (*kind, Severity::Severe),
                    PersonalEntry::Graded { kind, severity } => (*kind, *severity),
                })
                .collect(),
            allow: self.allow.clone(),
            forbid: phrases(&self.forbid, Severity::Moderate)?,
            require: phrases(&self.require, Severity::Minor)?,
        };
        if policy.rules() == 0 {
            return Err("needs at least one of `personal_data`, `forbid` and `require`".into());
        }
        Ready::now(policy)
    }
}

impl Policy {
    fn rules(&self) -> usize {
        self.personal.len() + self.forbid.len() + self.require.len()
    }

    /// Every rule that an answer breaks.
    fn broken(&self, answer: &str) -> Vec<(Severity, String)> {
        let folded = answer.to_lowercase();
        let personal = self.personal.iter().filter_map(|(kind, severity)| {
            let found = kind
                .find(answer)
                .into_iter()
                .find(|found| !self.allow.iter().any(|allowed| allowed == found))?;
            // The reason goes into reports, where the data itself has no business.
            let start: String = found.chars().take(2).collect();
            Some((*severity, format!("holds {} ({start}…)", kind.name())))
        });
        let forbidden = self.forbid.iter().filter_map(|(phrase, severity)| {
            let found = phrase.found(answer, &folded)?;
            Some((*severity, format!("says “{}”, which is forbidden", short(found))))
        });
        let required = self
            .require
            .iter()
            .filter(|(phrase, _)| phrase.found(answer, &folded).is_none())
            .map(|(phrase, severity)| (*severity, format!("does not say “{}”", short(phrase.name()))));
        personal.chain(forbidden).chain(required).collect()
    }
}

impl Rule for Policy {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let broken = self.broken(&graded.answer.text);
        let Some(worst) = broken.iter().map(|(severity, _)| *severity).max() else {
            return Some(Mark::plain(true, format!("keeps all {} rules", self.rules())));
        };
        let score = 1.0 - broken.len() as f64 / self.rules() as f64;
        let reasons: Vec<&str> = broken.iter().map(|(_, reason)| reason.as_str()).collect();
        Some(Mark::new(false, score, format!("the answer {}", reasons.join("; "))).severity(worst))
    }
}
