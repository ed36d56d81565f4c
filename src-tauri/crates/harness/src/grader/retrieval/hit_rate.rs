use super::{first, places, ranked};
use crate::grader::{
    Graded,
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};

grader_file! {
    /// Needs `passages` in the response mapping. Cases without relevant documents are not graded.
    HitRateFile {
        /// How many passages count.
        #[schemars(range(min = 1))]
        k: u32,
        /// Field of the case that lists the relevant documents' ids.
        relevant: String,
    }
}

#[derive(Debug)]
struct HitRate {
    k: u32,
    relevant: String,
}

impl Entry for HitRateFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(HitRate {
            k: places(self.k)?,
            relevant: self.relevant.clone(),
        })
    }
}

impl Rule for HitRate {
    /// 1 when a relevant document is among the first k: success@k of trec_eval. Its share over cases is the hit rate.
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let (passages, relevant) = ranked(graded, &self.relevant)?;
        let first = first(passages, self.k);
        Some(
            match first.iter().find(|passage| relevant.contains(&passage.id)) {
                Some(hit) => Mark::plain(true, format!("{} is among the first {}", hit.id, first.len())),
                None => Mark::plain(false, format!("nothing relevant among the first {}", first.len())),
            },
        )
    }

    fn fields(&self) -> Vec<&str> {
        vec![&self.relevant]
    }
}
