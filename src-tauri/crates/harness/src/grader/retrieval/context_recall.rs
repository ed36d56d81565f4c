use crate::grader::{
    Graded,
    expected::{limit, reaches, share, short},
    file::grader_file,
    grounding::content_words,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};
use std::collections::HashSet;

grader_file! {
    /// Needs `passages` with `passage_text` in the response mapping. Cases without facts are not graded.
    ContextRecallFile {
        /// Field of the case that lists the facts which a right answer needs.
        facts: String,
        /// Share of a fact's content words that must stand in one passage. Default 0.8.
        #[serde(default)]
        coverage: Option<f64>,
        /// Share of facts that passes. Required unless the grader only informs.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

#[derive(Debug)]
struct ContextRecall {
    facts: String,
    coverage: f64,
    at_least: f64,
}

impl Entry for ContextRecallFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(ContextRecall {
            facts: self.facts.clone(),
            coverage: share(self.coverage, 0.8, "coverage")?,
            at_least: limit(self.at_least, self.informational)?,
        })
    }
}

impl ContextRecall {
    /// Whether one passage has every number of the fact and enough of its content words. Several passages that have
    /// a part each do not state the fact.
    fn stated(&self, fact: &str, passages: &[HashSet<String>]) -> bool {
        let words: Vec<String> = content_words(fact).collect();
        passages.iter().any(|passage| {
            let found = words.iter().filter(|word| passage.contains(*word)).count();
            let numbers = words
                .iter()
                .filter(|word| word.contains(|letter: char| letter.is_ascii_digit()))
                .all(|number| passage.contains(number));
            numbers && reaches(found as f64 / words.len() as f64, self.coverage)
        })
    }
}

impl Rule for ContextRecall {
    /// A counterpart by words of the context recall of Es et al., "RAGAS", 2023, which asks a model instead.
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let passages: Vec<HashSet<String>> = graded
            .answer
            .passages
            .as_deref()?
            .iter()
            .map(|passage| Some(content_words(passage.text.as_deref()?).collect()))
            .collect::<Option<_>>()?;
        let facts: Vec<String> = graded
            .case
            .list(&self.facts)?
            .into_iter()
            .filter(|fact| content_words(fact).next().is_some())
            .collect();
        if facts.is_empty() {
            return None;
        }
        let missing: Vec<&String> = facts
            .iter()
            .filter(|fact| !self.stated(fact, &passages))
            .collect();
        let score = 1.0 - missing.len() as f64 / facts.len() as f64;
        let reason = match missing.first() {
            None => format!("every one of {} facts stands in a passage", facts.len()),
            Some(fact) => format!("no passage states “{}”", short(fact)),
        };
        Some(Mark::new(reaches(score, self.at_least), score, reason))
    }

    fn fields(&self) -> Vec<&str> {
        vec![&self.facts]
    }

    fn score_label(&self, _: &str) -> Option<String> {
        Some("Context recall".into())
    }
}
