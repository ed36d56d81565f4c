//! The case study: a Markdown file of the author's own, checked, and set into a document.

mod check;
mod document;
mod facts;
mod outline;
mod preview;

pub use check::check;
pub use document::compose;
pub use facts::unformatted;
pub use preview::preview;

use crate::{
    claim::{Claim, Standing},
    prose::Refusal,
    seal::Ledger,
    templates::Templates,
};
use evidence::{ClaimId, RunSummary};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where the source lies in a project folder.
pub const SOURCE_PATH: &str = "portfolio/case-study.md";

/// The sections of a case study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SectionKind {
    /// What was wrong, for whom it mattered.
    Problem,
    /// Who uses it.
    Users,
    /// What it deliberately does not do.
    NonGoals,
    /// How it is built.
    Approach,
    /// What was measured before and after.
    WhatChanged,
    /// A major failure and its fix.
    WhatFailed,
    /// How it runs.
    DeploymentNotes,
    /// What would be done next.
    WhatComesNext,
    /// A section of the author's own.
    Other,
}

/// A fact that the author states and no run measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StatedFact {
    /// The fact in the author's words.
    pub text: String,
    /// Line of the source, from 1.
    pub line: u32,
}

/// A claim's token in the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TokenUse {
    /// The token as written, without brackets: `pass-rate.before`.
    pub token: String,
    /// The claim's slug.
    pub slug: String,
    /// The claim, when there is one.
    pub claim: Option<ClaimId>,
    /// What it reads as; absent when it is refused.
    pub text: Option<String>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// What the check of a source found. A document is set only when `ok`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CaseStudyCheck {
    /// Whether it may be exported.
    pub ok: bool,
    /// Everything that may not be exported, in order of place.
    pub refusals: Vec<Refusal>,
    /// Required sections that are absent or empty.
    pub missing_sections: Vec<SectionKind>,
    /// Claim tokens, in order of place.
    pub tokens_used: Vec<TokenUse>,
    /// Facts that the author states.
    pub stated: Vec<StatedFact>,
    /// Reading time in whole minutes, at least 1.
    pub reading_minutes: u32,
    /// Words that will be read.
    pub words: u32,
    /// Whether the project may call itself measured.
    pub standing: Standing,
}

/// The parts that came with a starter, and the author's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Credits {
    /// The starter the project came from.
    pub starter: Option<String>,
    /// Cases that the author wrote.
    pub own_cases: u64,
    /// All cases of the newest candidate.
    pub cases: u64,
    /// Whether the author changed the target.
    pub target_changed: bool,
    /// The author's own commits, newest first (one line each); empty when not known.
    pub commits: Vec<String>,
}

/// Everything a case study is set from.
#[derive(Clone, Debug)]
pub struct CaseStudyInput<'a> {
    /// Name of the project, for a source without a title.
    pub project: &'a str,
    /// The author's Markdown.
    pub source: &'a str,
    /// The project's claims, assessed.
    pub claims: &'a [Claim],
    /// The project's runs, for charts.
    pub runs: &'a [RunSummary],
    /// Credits.
    pub credits: Credits,
}

/// One section with marked text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Which one.
    pub kind: SectionKind,
    /// The author's heading.
    pub heading: String,
    /// Markdown without HTML, tokens replaced by marked values.
    pub markdown: String,
}

/// A case study ready for a template: every number in it is marked and in the ledger.
#[derive(Clone, Debug)]
pub struct CaseStudyDocument {
    /// What the templates read.
    pub context: serde_json::Value,
    /// The sections, for a setter that does not use the templates.
    pub sections: Vec<Section>,
    /// The numbers that may appear.
    pub ledger: Ledger,
}

/// The source of a new case study, from the shipped template; the title is the project's name where that has no number.
pub fn new_source(templates: &Templates, project: &str) -> Option<String> {
    let title = if crate::prose::plain(project) && !project.contains(['[', '<', '\n']) {
        project
    } else {
        "Case study"
    };
    templates
        .get("case-study/source.md")
        .map(|source| source.replace("PROJECT", title))
}
