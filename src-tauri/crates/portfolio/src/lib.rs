//! What may be said: claims, case studies, bullets, and why a sentence is refused.
//!
//! Pure functions over [`evidence`]: nothing here reads a file, a clock or a network.
//!
//! ```text
//! ClaimDefinition + runs + comparisons -> Claim -> [[token]] in a source -> marked text -> seal -> document
//! ```

pub mod bullet;
pub mod case_study;
pub mod claim;
pub mod prose;
pub mod seal;
pub mod templates;

pub use bullet::{Bullet, ProofLink, ProofSite, bullets, check_bullet};
pub use case_study::{
    CaseStudyCheck, CaseStudyDocument, CaseStudyInput, Credits, Section, SectionKind, StatedFact, TokenUse,
    check, compose, new_source, preview, unformatted,
};
pub use claim::{
    Change, Claim, ClaimDefinition, ClaimKind, ClaimProposal, ClaimRun, ClaimState, RunComparison, RunPair,
    Standing, assess, assess_all, comparisons_needed, propose, standing,
};
pub use prose::Refusal;
pub use seal::{Ledger, Mark, seal, seal_html};
pub use templates::{TemplateError, Templates};
