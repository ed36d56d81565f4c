//! The shared words of the evidence chain:
//!
//! ```text
//! dataset + suite + target -> run -> metric with its interval -> claim -> bullet, case study, milestone, skill level
//! ```
//!
//! This is the ground floor: every other crate may use it, it uses none of them and it does no I/O.

pub mod artifact;
pub mod gate;
pub mod hash;
pub mod id;
pub mod metric;
pub mod money;
pub mod review;
pub mod run;
pub mod statistics;
pub mod variants;

pub use artifact::{Artifact, ArtifactKind};
pub use gate::{Bound, Gate, GateMetric, GateVerdict, Threshold, Verdict};
pub use hash::{ContentHash, ContentHasher};
pub use id::{ArtifactId, ClaimId, ProjectId, RunId};
pub use metric::{Direction, Interval, IntervalMethod, Metric, Unit};
pub use money::PicoUsd;
pub use review::{CriterionPoints, Marks, ReviewPass, RootCause};
pub use run::{
    Comparison, FailureShare, ModelServed, Purpose, RepeatSummary, RunStatus, RunSummary, SeverityShare,
    Slice, SliceComparison, Steadiness, TargetIdentity, Tokens,
};
