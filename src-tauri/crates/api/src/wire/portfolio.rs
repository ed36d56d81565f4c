//! The portfolio of a project: claims, case study, bullets, exports.

use chrono::{DateTime, Utc};
use evidence::{ClaimId, ProjectId, RunId};
use portfolio::{Bullet, CaseStudyCheck, Claim, ClaimProposal};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A project's portfolio.
#[derive(Clone, Debug, Serialize, TS)]
pub struct PortfolioView {
    /// The project.
    pub project: ProjectId,
    /// Its name.
    pub project_name: String,
    /// Its folder, absolute.
    pub folder: String,
    /// Its claims, newest first, each as it stands now.
    pub claims: Vec<Claim>,
    /// Claims that its newest candidate could carry.
    pub proposals: Vec<ClaimProposal>,
    /// Why no claim can be made yet; absent when there is a finished candidate.
    pub exploration: Option<String>,
    /// The case study's source file.
    pub case_study: CaseStudyFile,
    /// What the checks say of the source; absent when there is no source.
    pub check: Option<CaseStudyCheck>,
    /// The case study as it would be exported, or as a draft while anything is refused; absent without a source.
    pub preview_html: Option<String>,
    /// Bullets for a résumé.
    pub bullets: Vec<Bullet>,
    /// Whether any claim rests on a practice model.
    pub practice: bool,
}

/// The case study's source: a plain Markdown file in the project folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CaseStudyFile {
    /// Path within the project.
    pub path: String,
    /// Its text; absent when the file is not there yet.
    pub text: Option<String>,
    /// Hash of that text, to be sent along when saving.
    pub hash: Option<String>,
    /// When it was changed last.
    pub changed_at: Option<DateTime<Utc>>,
}

/// Makes a claim.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CreateClaimRequest {
    /// The project.
    pub project: ProjectId,
    /// Token name, unique in the project: small letters, digits, hyphens.
    pub slug: String,
    /// The metric.
    pub metric: String,
    /// The run it is measured in.
    pub run: RunId,
    /// The run it is held against, for a claim of change.
    pub baseline: Option<RunId>,
}

/// Makes the claims that the case study's text names.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct ClaimNamedRequest {
    /// The project.
    pub project: ProjectId,
    /// Whether claims on earlier candidates are made anew from the newest one.
    #[serde(default)]
    pub renew: bool,
}

/// Claims that were made at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ClaimsMade {
    /// Their names, in the order of the text's newest candidate.
    pub slugs: Vec<String>,
}

/// Names a claim.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct ClaimRequest {
    /// The claim.
    pub claim: ClaimId,
}

/// Saves the case study's source.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SaveCaseStudyRequest {
    /// The project.
    pub project: ProjectId,
    /// The new text.
    pub text: String,
    /// Hash of the text that was edited. When the file says something else by now, nothing is written.
    pub hash: Option<String>,
}

/// Checks a text without saving it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CheckTextRequest {
    /// The project whose claims it may quote.
    pub project: ProjectId,
    /// The text.
    pub text: String,
}

/// Exports the case study.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ExportRequest {
    /// The project.
    pub project: ProjectId,
    /// The folder to write into.
    pub folder: String,
    /// Files that may be replaced although the app did not write them as they are now.
    #[serde(default)]
    pub replace: Vec<String>,
}

/// What an export did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exported {
    /// Files written, absolute. Empty when there are conflicts: then nothing was written.
    pub written: Vec<String>,
    /// Files that somebody else wrote or changed since: shown, and asked about, before they are replaced.
    pub conflicts: Vec<FileConflict>,
}

/// A file that is not as the app left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FileConflict {
    /// Path within the folder; name it in `replace` to have it replaced.
    pub path: String,
    /// Why it is asked about.
    pub reason: String,
    /// The difference, as a unified diff (first 200 lines).
    pub difference: String,
}
