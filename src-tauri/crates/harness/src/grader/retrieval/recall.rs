use super::{first, places, ranked};
use crate::grader::{
    Graded,
    expected::{reaches, share},
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};

grader_file! {
    /// Needs `passages` in the response mapping. Cases without relevant documents are not graded.
    RecallFile {
        /// How many passages count.
        #[schemars(range(min = 1))]
        k: u32,
        /// Field of the case that lists the relevant documents' ids.
        relevant: String,
        /// Recall that passes. Default 1.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

#[derive(Debug)]
struct Recall {
    k: u32,
    relevant: String,
    at_least: f64,
}

impl Entry for RecallFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(Recall {
            k: places(self.k)?,
            relevant: self.relevant.clone(),
            at_least: share(self.at_least, 1.0, "at_least")?,
        })
    }
}

impl Rule for Recall {
    /// |relevant ∩ first k| / |relevant|, as in Manning, Raghavan and Schütze, Introduction to Information
    /// Retrieval, 8.3. A case without relevant documents has no recall.
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let (passages, relevant) = ranked(graded, &self.relevant)?;
        let first = first(passages, self.k);
        let missing: Vec<&str> = relevant
            .iter()
            .filter(|id| !first.iter().any(|passage| passage.id == **id))
            .map(String::as_str)
            .collect();
        let score = 1.0 - missing.len() as f64 / relevant.len() as f64;
        let reason = if missing.is_empty() {
            format!("{} is among the first {}", relevant.join(", "), first.len())
        } else {
            format!("{} is not among the first {}", missing.join(", "), first.len())
        };
        Some(Mark::new(reaches(score, self.at_least), score, reason))
    }

    fn fields(&self) -> Vec<&str> {
        vec![&self.relevant]
    }

    fn score_label(&self, _: &str) -> Option<String> {
        Some(format!("Recall@{}", self.k))
    }
}
