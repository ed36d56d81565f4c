//! How it is set: Markdown, self-contained HTML with plotters charts, tables and JUnit XML of runs, CI files.
//!
//! Pure: a function hands back text or writes into what it is given; the caller owns the files. A document of the
//! portfolio composes, renders its templates and passes `portfolio::seal`, so that no number reaches it without a claim
//! behind it. [`report`] shows runs as they were measured and claims nothing; [`ci`] writes what a CI engine reads.

mod case_study;
pub mod chart;
pub mod ci;
pub mod report;

pub use case_study::{case_study_files, case_study_preview};

use portfolio::{CaseStudyCheck, Refusal, TemplateError};

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFile {
    /// Path below the export folder, with forward slashes.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The source may not be exported: the check says where and why.
    #[error("the case study cannot be exported: {}", first(.0))]
    Refused(Box<CaseStudyCheck>),
    /// A number in the finished document has no claim behind it (it stands in a template).
    #[error("a template writes into the document: {}", .0.first().map_or_else(String::new, quote))]
    Unsealed(Vec<Refusal>),
    /// A template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A chart could not be drawn.
    #[error("a chart could not be drawn: {0}")]
    Chart(String),
}

fn first(check: &CaseStudyCheck) -> String {
    check
        .refusals
        .first()
        .map_or_else(|| "sections are missing".into(), say)
}

fn say(refusal: &Refusal) -> String {
    format!("line {}: {} {}", refusal.line, refusal.reason, refusal.hint)
}

fn quote(refusal: &Refusal) -> String {
    format!(
        "\u{201c}{}\u{201d} (line {}). {} {}",
        refusal.excerpt, refusal.line, refusal.reason, refusal.hint
    )
}
