use super::MOST_STEPS;
use crate::{
    grader::{
        Graded, Undecided,
        expected::{Expected, limit, reaches},
        file::grader_file,
        mark::Mark,
        rule::{Entry, Folder, Ready, Rule},
    },
    near::levenshtein,
};

grader_file! {
    /// Exactly one of `expected` and `value`, and one of `at_most` and `at_least`.
    EditDistanceFile {
        /// Field of the case that holds the text, or a list of texts of which the nearest counts. Cases without it
        /// are not graded.
        #[serde(default)]
        expected: Option<String>,
        /// The text itself, the same for all cases.
        #[serde(default)]
        value: Option<String>,
        /// Compare without regard to case. Default false.
        #[serde(default)]
        ignore_case: bool,
        /// Most edits that pass.
        #[serde(default)]
        at_most: Option<u32>,
        /// Score that passes, between 0 and 1.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

#[derive(Debug)]
enum Limit {
    Edits(u32),
    Score(f64),
}

#[derive(Debug)]
struct EditDistance {
    expected: Expected,
    ignore_case: bool,
    limit: Limit,
}

impl Entry for EditDistanceFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        let limit = match (self.at_most, self.at_least) {
            (Some(_), Some(_)) => {
                return Err("has both `at_most` (edits) and `at_least` (score); keep one".into());
            }
            (Some(edits), None) => Limit::Edits(edits),
            (None, score) => Limit::Score(limit(score, self.informational)?),
        };
        Ready::now(EditDistance {
            expected: Expected::text(self.expected.as_ref(), self.value.as_ref())?,
            ignore_case: self.ignore_case,
            limit,
        })
    }
}

impl EditDistance {
    fn letters(&self, text: &str) -> Vec<char> {
        if self.ignore_case {
            text.to_lowercase().chars().collect()
        } else {
            text.chars().collect()
        }
    }
}

impl Rule for EditDistance {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let answer = self.letters(&graded.answer.text);
        let mut nearest: Option<(usize, usize)> = None;
        for reference in self.expected.references(graded.case)? {
            let reference = self.letters(&reference);
            if answer.len().saturating_mul(reference.len()) > MOST_STEPS {
                let reason = format!(
                    "{} and {} letters are too many to compare",
                    answer.len(),
                    reference.len()
                );
                return Some(Mark::undecided(Undecided::TooLong, reason));
            }
            let found = (
                levenshtein(&answer, &reference),
                answer.len().max(reference.len()),
            );
            if nearest.is_none_or(|nearest| found.0 < nearest.0) {
                nearest = Some(found);
            }
        }
        let (edits, longer) = nearest?;
        let score = 1.0 - edits as f64 / longer.max(1) as f64;
        let passed = match self.limit {
            Limit::Edits(most) => edits <= most as usize,
            Limit::Score(least) => reaches(score, least),
        };
        let reason = format!("{edits} edits over {longer} letters, similarity {score:.3}");
        Some(Mark::new(passed, score, reason))
    }

    fn fields(&self) -> Vec<&str> {
        self.expected.fields()
    }

    fn score_label(&self, name: &str) -> Option<String> {
        Some(format!("{}, edit similarity", crate::grader::capital(name)))
    }
}
