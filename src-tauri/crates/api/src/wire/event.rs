//! What a front hears while a run goes on: deltas, ten a second at most, fed after the commit.

use super::{WireError, run::ResultRow};
use evidence::{RunId, RunStatus};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One message about a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RunEvent {
    /// The target is being made ready.
    Preparing {
        /// The run.
        run: RunId,
        /// What is being done: "Starting python3 service.py".
        text: String,
    },
    /// Results have been committed.
    Progress {
        /// The run.
        run: RunId,
        /// Results that are safe.
        done: u64,
        /// Results in all.
        planned: u64,
        /// Passed so far.
        passed: u64,
        /// Failed so far.
        failed: u64,
        /// Errors so far.
        errored: u64,
        /// Cost so far in US dollars.
        cost_usd: Option<f64>,
        /// Seconds left at the present pace.
        seconds_left: Option<f64>,
        /// The newest rows, twenty at most.
        newest: Vec<ResultRow>,
    },
    /// The run ended. The last message.
    Ended {
        /// The run.
        run: RunId,
        /// How.
        status: RunStatus,
        /// Why, where it did not finish.
        failure: Option<WireError>,
    },
}
