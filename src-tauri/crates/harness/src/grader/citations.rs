use super::{
    Graded,
    file::grader_file,
    mark::Mark,
    refusal,
    rule::{Entry, Folder, Ready, Rule},
};
use crate::trial::Severity;

grader_file! {
    /// Needs `citations` and `passages` in the response mapping. Refusals are not graded.
    CitationsFile {}
}

#[derive(Debug)]
struct Citations;

impl Entry for CitationsFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(Citations)
    }
}

impl Rule for Citations {
    /// Citations must be there and must name passages that were retrieved.
    ///
    /// Severe: an answer that cites nothing, or only things that were not retrieved (invented). Moderate: some of its
    /// citations are invented. A refusal needs no citation and is not graded.
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let citations = graded.answer.citations.as_ref()?;
        if refusal::refused(graded.answer) {
            return None;
        }
        if citations.is_empty() {
            return Some(Mark::plain(false, "the answer cites nothing").severity(Severity::Severe));
        }
        let passages = graded.answer.passages.as_ref()?;
        let invented: Vec<&str> = citations
            .iter()
            .filter(|id| !passages.iter().any(|passage| passage.id == **id))
            .map(String::as_str)
            .collect();
        if invented.is_empty() {
            let reason = format!("cites {}, retrieved", citations.join(", "));
            return Some(Mark::plain(true, reason));
        }
        let valid = citations.len() - invented.len();
        let reason = format!("cites {}, which was not retrieved", invented.join(", "));
        let severity = if valid == 0 {
            Severity::Severe
        } else {
            Severity::Moderate
        };
        Some(Mark::new(false, valid as f64 / citations.len() as f64, reason).severity(severity))
    }
}
