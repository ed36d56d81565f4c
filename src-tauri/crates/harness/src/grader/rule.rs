//! What a grader is made of: its entry in the suite file, and the rule that the entry becomes.

use super::{Graded, GraderInput, mark::Mark, models::ModelCalls};
use evidence::ContentHash;
use futures::future::BoxFuture;
use std::{
    fmt::Debug,
    path::{Component, Path},
    sync::Arc,
};

/// The keys that every grader has.
pub(crate) trait Common {
    fn name(&self) -> &str;
    fn failure(&self) -> Option<&str>;
    fn informational(&self) -> bool;
}

/// A grader's entry in the suite file.
pub(crate) trait Entry: Common {
    /// Checks the keys and makes the rule ready; the message says what was expected.
    fn build(&self, folder: &mut Folder<'_>) -> Result<Ready, String>;
}

/// A rule that answers at once.
pub(crate) trait Rule: Debug + Send + Sync {
    /// What it says of an answer; none where it does not apply.
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark>;

    /// Fields of the case that it reads.
    fn fields(&self) -> Vec<&str> {
        Vec::new()
    }

    /// What people read for its mean score; none where a score is only pass or fail.
    fn score_label(&self, _name: &str) -> Option<String> {
        None
    }
}

/// A rule that takes its time: it asks models, or runs a program.
pub(crate) trait SlowRule: Debug + Send + Sync {
    /// What it says of an answer; none where it does not apply.
    fn mark<'a>(
        &'a self,
        graded: &'a Graded<'_>,
        models: Option<&'a dyn ModelCalls>,
    ) -> BoxFuture<'a, Option<Mark>>;

    /// Whether it asks models.
    fn needs_models(&self) -> bool {
        true
    }

    /// Names of the models that it asks.
    fn providers(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Whether it runs a program of the project's folder outside the harness.
    fn runs_program(&self) -> bool {
        false
    }

    /// Fields of the case that it reads.
    fn fields(&self) -> Vec<&str> {
        Vec::new()
    }

    /// What people read for its mean score; none where a score is only pass or fail.
    fn score_label(&self, _name: &str) -> Option<String> {
        None
    }
}

/// A rule made ready, and how it answers.
#[derive(Clone, Debug)]
pub(crate) enum Ready {
    Now(Arc<dyn Rule>),
    Slow(Arc<dyn SlowRule>),
}

impl Ready {
    pub(crate) fn now(rule: impl Rule + 'static) -> Result<Self, String> {
        Ok(Self::Now(Arc::new(rule)))
    }

    pub(crate) fn slow(rule: impl SlowRule + 'static) -> Result<Self, String> {
        Ok(Self::Slow(Arc::new(rule)))
    }
}

/// The suite's folder, from which a grader may read further files. Remembers what was read, by content.
pub(crate) struct Folder<'a> {
    path: &'a Path,
    pub(super) read: Vec<GraderInput>,
}

impl<'a> Folder<'a> {
    pub(crate) fn new(path: &'a Path) -> Self {
        Self {
            path,
            read: Vec::new(),
        }
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        self.path
    }

    /// The text of a file inside the folder. `what` says what it is, for the message: `the schema`.
    pub(crate) fn text(&mut self, name: &str, what: &str) -> Result<String, String> {
        let relative = Path::new(name);
        let path = self.path.join(relative);
        let leaves = || format!("`{name}` leaves the project folder; keep {what} inside it");
        if relative.is_absolute() || relative.components().any(|part| part == Component::ParentDir) {
            return Err(leaves());
        }
        let unreadable = |error: std::io::Error| format!("{what} `{name}` cannot be read: {error}");
        // A link inside the folder may point outside.
        let (folder, resolved) = (
            self.path.canonicalize().map_err(unreadable)?,
            path.canonicalize().map_err(unreadable)?,
        );
        if !resolved.starts_with(folder) {
            return Err(leaves());
        }
        let text = std::fs::read_to_string(resolved).map_err(unreadable)?;
        self.read.push(GraderInput {
            path: name.to_owned(),
            hash: ContentHash::of(&text),
        });
        Ok(text)
    }
}
