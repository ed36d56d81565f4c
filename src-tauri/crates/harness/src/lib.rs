//! The eval engine: reads a suite, starts the target, runs its cases, grades the answers, judges the gate.
//!
//! The engine prints nothing and knows no screen. Each result goes through an acknowledged [`sink::ResultSink`];
//! what anybody hears of a run is fed after the commit.

pub mod compare;
pub mod dataset;
pub mod filter;
pub mod grader;
pub mod judge;
mod near;
pub mod process;
pub mod review;
pub mod runner;
pub mod script;
pub mod sink;
pub mod suite;
pub mod summary;
pub mod target;
pub mod trial;
pub mod variants;

pub use dataset::{BadRows, Case, CaseSource, DatasetSummary};
pub use judge::{Judge, Judged, SuiteJudge, ToJudge};
pub use near::near;
pub use runner::{Outcome, RunFailure, RunPlan};
pub use sink::{ResultSink, SinkError};
pub use suite::{Problem, Suite, SuiteError};
pub use trial::{Attempt, Cause, Grade, Severity, TrialError, TrialKey, TrialRecord, TrialResult};
