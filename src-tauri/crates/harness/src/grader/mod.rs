//! Graders: what is said of one answer, with a reason in words.
//!
//! A grader that needs a field which the case does not have does not apply to that case and leaves no grade.
//! Each grader is one file: its keys (`grader_file!`), its [`rule::Entry`] and its rule; [`file`] lists them all.

mod budget;
mod citations;
mod embedding;
mod expected;
pub mod file;
mod grounding;
mod human;
mod judge;
mod mark;
pub mod models;
mod numeric;
mod policy;
mod refusal;
mod retrieval;
mod rule;
mod script;
mod similarity;
mod text;
mod tool_calls;
mod verdict;

pub use human::{Criterion, Rubric};
pub use mark::{GradingSpend, JudgeGrade, JudgeSaid, Undecided};
pub use tool_calls::ToolCall;
pub use verdict::{Verdict, grade_all};

use crate::{
    dataset::Case,
    trial::{Answer, Grade},
};
use evidence::{ContentHash, PicoUsd};
use file::GraderFile;
use mark::Mark;
use models::ModelCalls;
use rule::{Folder, Ready};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What a grader sees of a trial.
pub struct Graded<'a> {
    /// The case.
    pub case: &'a Case,
    /// The answer.
    pub answer: &'a Answer,
    /// Milliseconds from request to answer.
    pub latency_ms: f64,
    /// Cost of the case, where it could be priced.
    pub cost: Option<PicoUsd>,
}

/// A file that a grader was made of: a schema, a rubric, a script. It is part of the ruler, as the suite file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraderInput {
    /// Path as the suite names it.
    pub path: String,
    /// Its content.
    pub hash: ContentHash,
}

/// A grader made ready: expressions compiled, schemas read.
#[derive(Clone, Debug)]
pub struct Grader {
    /// Name, unique in the suite.
    pub name: String,
    /// What a failure is called.
    pub failure: String,
    /// Whether it informs only.
    pub informational: bool,
    /// The kind, as the file names it.
    pub kind: &'static str,
    /// The files that it was made of.
    pub inputs: Vec<GraderInput>,
    rule: Ready,
    rubric: Option<Rubric>,
}

impl Grader {
    /// Makes a grader of its entry in the suite file; the message says what was expected.
    pub fn build(file: GraderFile, folder: &Path) -> Result<Self, String> {
        let (kind, entry) = file.entry();
        let name = entry.name().to_owned();
        if name.trim().is_empty() || !name.chars().all(|c| c.is_alphanumeric() || " _-@".contains(c)) {
            return Err(format!(
                "`{name}` is not a name; expected letters, digits, spaces, - and _"
            ));
        }
        let mut folder = Folder::new(folder);
        let rule = entry.build(&mut folder)?;
        let rubric = match &file {
            GraderFile::HumanRubric(file) => Some(file.rubric()),
            _ => None,
        };
        Ok(Self {
            failure: entry.failure().unwrap_or(&name).to_owned(),
            name,
            // What nobody has looked at yet decides nothing.
            informational: entry.informational() || rubric.is_some(),
            kind,
            inputs: folder.read,
            rule,
            rubric,
        })
    }

    /// Whether it asks models, so that a run needs providers and costs more than its target.
    pub fn needs_models(&self) -> bool {
        matches!(&self.rule, Ready::Slow(rule) if rule.needs_models())
    }

    /// Names of the models that it asks.
    pub fn providers(&self) -> Vec<&str> {
        match &self.rule {
            Ready::Now(_) => Vec::new(),
            Ready::Slow(rule) => rule.providers(),
        }
    }

    /// Whether it runs a program of the project's folder, which asks for trust as a service does.
    pub fn runs_program(&self) -> bool {
        matches!(&self.rule, Ready::Slow(rule) if rule.runs_program())
    }

    /// Whether it answers at once, by [`Grader::grade`].
    pub fn is_immediate(&self) -> bool {
        matches!(self.rule, Ready::Now(_))
    }

    /// Fields of the case that it reads. A field that no case of a dataset has is a misspelling.
    pub fn fields(&self) -> Vec<&str> {
        match &self.rule {
            Ready::Now(rule) => rule.fields(),
            Ready::Slow(rule) => rule.fields(),
        }
    }

    /// What people are asked, where people grade.
    pub fn rubric(&self) -> Option<&Rubric> {
        self.rubric.as_ref()
    }

    /// Grades an answer at once; none when the grader does not apply to the case. The second part is the failure
    /// category. A grader that takes its time ([`Grader::is_immediate`]) is left undecided here.
    pub fn grade(&self, graded: &Graded<'_>) -> Option<(Grade, Option<String>)> {
        let mark = match &self.rule {
            Ready::Now(rule) => rule.mark(graded)?,
            Ready::Slow(rule) => {
                let why = if rule.needs_models() {
                    Undecided::JudgeFailed
                } else {
                    Undecided::ScriptFailed
                };
                Mark::undecided(why, "this grader takes its time and was not awaited")
            }
        };
        Some(self.named(mark))
    }

    /// Grades an answer, asking models where the rule needs them. As [`Grader::grade`] otherwise.
    pub async fn grade_with_models(
        &self,
        graded: &Graded<'_>,
        models: Option<&dyn ModelCalls>,
    ) -> Option<(Grade, Option<String>)> {
        let mark = match &self.rule {
            Ready::Now(rule) => rule.mark(graded)?,
            Ready::Slow(rule) => rule.mark(graded, models).await?,
        };
        Some(self.named(mark))
    }

    fn named(&self, mark: Mark) -> (Grade, Option<String>) {
        let failure = match mark.undecided {
            Some(Undecided::AwaitsPerson) => None,
            Some(why) => Some(why.label().to_owned()),
            None => (!mark.passed).then(|| mark.failure.map_or_else(|| self.failure.clone(), str::to_owned)),
        };
        let open = mark.undecided.is_some();
        let grade = Grade {
            grader: self.name.clone(),
            passed: mark.passed && !open,
            score: if mark.score.is_nan() {
                0.0
            } else {
                mark.score.clamp(0.0, 1.0)
            },
            reason: mark.reason,
            severity: if mark.passed || open { None } else { mark.severity },
            informational: self.informational,
            undecided: mark.undecided,
            judges: mark.judges,
            spent: mark.spent,
        };
        (grade, failure)
    }

    /// What a summary needs to know of it, to be kept with a run.
    pub fn info(&self) -> GraderInfo {
        GraderInfo {
            name: self.name.clone(),
            score_label: match &self.rule {
                Ready::Now(rule) => rule.score_label(&self.name),
                Ready::Slow(rule) => rule.score_label(&self.name),
            },
            informational: self.informational,
            kind: self.kind.to_owned(),
            rubric: self.rubric.clone(),
        }
    }
}

/// What a summary needs to know of a grader. Kept with each run, so that its numbers never depend on a suite file
/// that has changed since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraderInfo {
    /// Its name.
    pub name: String,
    /// What people read for its mean score; absent where a score is only pass or fail.
    pub score_label: Option<String>,
    /// Whether it informs only.
    pub informational: bool,
    /// Its kind, as the suite names it; empty in runs from before it was kept.
    #[serde(default)]
    pub kind: String,
    /// What people are asked, where people grade; absent in runs from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rubric: Option<Rubric>,
}

/// A name with its first letter as a capital.
pub(crate) fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
