use super::{first, places, ranked};
use crate::grader::{
    Graded,
    expected::{limit, reaches},
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};

grader_file! {
    /// Needs `passages` in the response mapping. Cases without relevant documents are not graded.
    PrecisionFile {
        /// How many passages count.
        #[schemars(range(min = 1))]
        k: u32,
        /// Field of the case that lists the relevant documents' ids.
        relevant: String,
        /// Precision that passes. Required unless the grader only informs.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

#[derive(Debug)]
struct Precision {
    k: u32,
    relevant: String,
    at_least: f64,
}

impl Entry for PrecisionFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(Precision {
            k: places(self.k)?,
            relevant: self.relevant.clone(),
            at_least: limit(self.at_least, self.informational)?,
        })
    }
}

impl Rule for Precision {
    /// |relevant ∩ first k| / k, as in Manning, Raghavan and Schütze, Introduction to Information Retrieval, 8.4.
    /// The divisor stays k where fewer passages came, as in trec_eval: an empty place holds nothing relevant.
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let (passages, relevant) = ranked(graded, &self.relevant)?;
        let first = first(passages, self.k);
        let found = relevant
            .iter()
            .filter(|id| first.iter().any(|passage| passage.id == **id))
            .count();
        let score = found as f64 / f64::from(self.k);
        let reason = format!("{found} of the first {} are relevant", self.k);
        Some(Mark::new(reaches(score, self.at_least), score, reason))
    }

    fn fields(&self) -> Vec<&str> {
        vec![&self.relevant]
    }

    fn score_label(&self, _: &str) -> Option<String> {
        Some(format!("Precision@{}", self.k))
    }
}
