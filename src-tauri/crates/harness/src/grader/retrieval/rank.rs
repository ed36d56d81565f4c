use super::ranked;
use crate::grader::{
    Graded,
    expected::{reaches, share},
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};

grader_file! {
    /// Needs `passages` in the response mapping. Cases without relevant documents are not graded.
    RankFile {
        /// Field of the case that lists the relevant documents' ids.
        relevant: String,
        /// Reciprocal rank that passes. Default 0, which always passes.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

#[derive(Debug)]
struct Rank {
    relevant: String,
    at_least: f64,
}

impl Entry for RankFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(Rank {
            relevant: self.relevant.clone(),
            at_least: share(self.at_least, 0.0, "at_least")?,
        })
    }
}

impl Rule for Rank {
    /// 1 / rank of the first relevant passage; its mean over cases is the mean reciprocal rank (Voorhees, TREC-8).
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let (passages, relevant) = ranked(graded, &self.relevant)?;
        let rank = passages
            .iter()
            .position(|passage| relevant.contains(&passage.id))
            .map(|at| at + 1);
        let score = rank.map_or(0.0, |rank| 1.0 / rank as f64);
        let reason = match rank {
            Some(rank) => format!("first relevant passage at rank {rank} of {}", passages.len()),
            None => format!("no relevant passage among {}", passages.len()),
        };
        Some(Mark::new(reaches(score, self.at_least), score, reason))
    }

    fn fields(&self) -> Vec<&str> {
        vec![&self.relevant]
    }

    fn score_label(&self, _: &str) -> Option<String> {
        Some("Mean reciprocal rank".into())
    }
}
