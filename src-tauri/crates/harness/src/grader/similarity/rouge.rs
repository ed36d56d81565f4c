use super::{MOST_STEPS, common_subsequence, f1, ngrams, words};
use crate::grader::{
    Graded, Undecided,
    expected::{Expected, limit, reaches},
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

grader_file! {
    /// Exactly one of `expected` and `value`.
    RougeFile {
        /// Field of the case that holds the reference, or a list of references of which the best counts. Cases
        /// without it are not graded.
        #[serde(default)]
        expected: Option<String>,
        /// The reference itself, the same for all cases.
        #[serde(default)]
        value: Option<String>,
        /// What is counted. Default `rouge_l`.
        #[serde(default)]
        variant: RougeVariant,
        /// Which figure is the score. Default `f1`.
        #[serde(default)]
        measure: RougeMeasure,
        /// Score that passes, between 0 and 1. Required unless the grader only informs.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

/// What ROUGE counts.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RougeVariant {
    /// Common words.
    #[serde(rename = "rouge_1")]
    Rouge1,
    /// Common pairs of neighbouring words.
    #[serde(rename = "rouge_2")]
    Rouge2,
    /// The longest common subsequence of words.
    #[default]
    RougeL,
}

/// Which figure of ROUGE is the score.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RougeMeasure {
    /// Harmonic mean of precision and recall.
    #[default]
    F1,
    /// What is common, over what the answer has.
    Precision,
    /// What is common, over what the reference has.
    Recall,
}

#[derive(Debug)]
struct Rouge {
    expected: Expected,
    variant: RougeVariant,
    measure: RougeMeasure,
    at_least: f64,
}

impl Entry for RougeFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(Rouge {
            expected: Expected::text(self.expected.as_ref(), self.value.as_ref())?,
            variant: self.variant,
            measure: self.measure,
            at_least: limit(self.at_least, self.informational)?,
        })
    }
}

impl Rouge {
    fn title(&self) -> String {
        let variant = match self.variant {
            RougeVariant::Rouge1 => "ROUGE-1",
            RougeVariant::Rouge2 => "ROUGE-2",
            RougeVariant::RougeL => "ROUGE-L",
        };
        let measure = match self.measure {
            RougeMeasure::F1 => "F1",
            RougeMeasure::Precision => "precision",
            RougeMeasure::Recall => "recall",
        };
        format!("{variant} {measure}")
    }

    /// Precision and recall, as in Lin, "ROUGE: A package for automatic evaluation of summaries", 2004, sections 2
    /// and 3.1. None where the texts are too long.
    fn figures(&self, answer: &[String], reference: &[String]) -> Option<(f64, f64)> {
        let over = |common: usize, all: usize| {
            if all == 0 { 0.0 } else { common as f64 / all as f64 }
        };
        let n = match self.variant {
            RougeVariant::Rouge1 => 1,
            RougeVariant::Rouge2 => 2,
            RougeVariant::RougeL => {
                if answer.len().saturating_mul(reference.len()) > MOST_STEPS {
                    return None;
                }
                let common = common_subsequence(answer, reference, |a, b| a == b);
                return Some((over(common, answer.len()), over(common, reference.len())));
            }
        };
        let theirs = ngrams(reference, n);
        let common = ngrams(answer, n)
            .iter()
            .map(|(gram, count)| (*count).min(theirs.get(gram).copied().unwrap_or(0)))
            .sum();
        let all = |words: &[String]| (words.len() + 1).saturating_sub(n);
        Some((over(common, all(answer)), over(common, all(reference))))
    }
}

impl Rule for Rouge {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let answer = words(&graded.answer.text);
        // Of several references the best counts (Lin 2004, section 2.1).
        let mut best = (f64::NEG_INFINITY, 0.0, 0.0);
        for reference in self.expected.references(graded.case)? {
            let Some((precision, recall)) = self.figures(&answer, &words(&reference)) else {
                let reason = format!("{} words are too many to compare", answer.len());
                return Some(Mark::undecided(Undecided::TooLong, reason));
            };
            let score = match self.measure {
                RougeMeasure::F1 => f1(precision, recall),
                RougeMeasure::Precision => precision,
                RougeMeasure::Recall => recall,
            };
            if score > best.0 {
                best = (score, precision, recall);
            }
        }
        let (score, precision, recall) = best;
        let reason = format!(
            "{} {score:.3} (precision {precision:.3}, recall {recall:.3})",
            self.title()
        );
        Some(Mark::new(reaches(score, self.at_least), score, reason))
    }

    fn fields(&self) -> Vec<&str> {
        self.expected.fields()
    }

    fn score_label(&self, _: &str) -> Option<String> {
        Some(self.title())
    }
}
