use crate::grader::{
    Graded,
    expected::{Expected, short},
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

grader_file! {
    /// Exactly one of `expected` and `value`.
    ExactMatchFile {
        /// Field of the case that holds the text, or a list of texts of which one must match. Cases without it are
        /// not graded.
        #[serde(default)]
        expected: Option<String>,
        /// The text itself, the same for all cases.
        #[serde(default)]
        value: Option<String>,
        /// What is made equal on both sides first. Default `whitespace`.
        #[serde(default)]
        normalise: Normalise,
    }
}

/// What is made equal on both sides before texts are compared.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Normalise {
    /// Nothing: every character counts.
    None,
    /// White space at the ends goes, and each run of it within becomes one space.
    #[default]
    Whitespace,
    /// As `whitespace`, and letters become lower case.
    Case,
    /// As in SQuAD: lower case, without punctuation and without the words a, an, the; white space as above.
    Squad,
}

impl Normalise {
    pub(in crate::grader) fn apply(self, text: &str) -> String {
        match self {
            Self::None => text.to_owned(),
            Self::Whitespace => join(text.split_whitespace()),
            Self::Case => join(text.to_lowercase().split_whitespace()),
            Self::Squad => join(squad_words(text).iter().map(String::as_str)),
        }
    }
}

fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

/// The words that SQuAD compares: lower case, punctuation deleted, articles left out (Rajpurkar et al. 2016, the
/// evaluation script of SQuAD 1.1). Quotation marks and dashes of print count as punctuation too.
pub(in crate::grader) fn squad_words(text: &str) -> Vec<String> {
    let plain: String = text
        .to_lowercase()
        .chars()
        .filter(|letter| !letter.is_ascii_punctuation() && !"“”„‘’–—…".contains(*letter))
        .collect();
    plain
        .split_whitespace()
        .filter(|word| !["a", "an", "the"].contains(word))
        .map(str::to_owned)
        .collect()
}

#[derive(Debug)]
struct ExactMatch {
    expected: Expected,
    normalise: Normalise,
}

impl Entry for ExactMatchFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(ExactMatch {
            expected: Expected::text(self.expected.as_ref(), self.value.as_ref())?,
            normalise: self.normalise,
        })
    }
}

impl Rule for ExactMatch {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let references = self.expected.references(graded.case)?;
        let answer = self.normalise.apply(&graded.answer.text);
        let equal = references
            .iter()
            .find(|text| self.normalise.apply(text) == answer);
        Some(match equal {
            Some(text) => Mark::plain(true, format!("the answer is “{}”", short(text))),
            None => Mark::plain(
                false,
                format!(
                    "the answer is “{}”, expected “{}”",
                    short(&answer),
                    short(&references.join("” or “"))
                ),
            ),
        })
    }

    fn fields(&self) -> Vec<&str> {
        self.expected.fields()
    }
}
