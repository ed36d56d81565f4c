//! Charts of runs, drawn by plotters as SVG that takes its colours from the page, each with the table behind it.

mod failures;
mod frame;
mod intervals;
mod latency;
mod pass_rate;

use crate::ExportError;
use evidence::{Purpose, RunStatus, RunSummary};

/// A chart and the table behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Stable name: `pass-rate`.
    pub id: &'static str,
    /// What it shows: "Pass rate by run, with its 95 % interval".
    pub title: String,
    /// Whether a practice model answered in any run that it shows.
    pub practice: bool,
    /// The drawing.
    pub svg: String,
    /// Heads of the table.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

/// How many runs a chart shows: the newest ones.
const MOST_RUNS: usize = 30;

pub(crate) use intervals::draw as intervals;

/// The failures of one run by reason.
pub(crate) fn failures_of(run: &RunSummary) -> Result<Option<Chart>, ExportError> {
    failures::draw(run)
}

/// Pass rate and latency over runs of one suite and target, given in order of number; absent below two.
pub(crate) fn over_time(runs: &[&RunSummary]) -> Result<Vec<Chart>, ExportError> {
    if runs.len() < 2 {
        return Ok(Vec::new());
    }
    let shown = &runs[runs.len().saturating_sub(MOST_RUNS)..];
    let charts = [pass_rate::draw(shown)?, latency::draw(shown)?];
    Ok(charts.into_iter().flatten().collect())
}

/// The charts of a case study: the finished candidates of the suite that was run last, by number.
pub fn of_runs(runs: &[RunSummary]) -> Result<Vec<Chart>, ExportError> {
    let candidate =
        |run: &&RunSummary| run.purpose == Purpose::Candidate && run.status == RunStatus::Finished;
    let Some(newest) = runs.iter().filter(candidate).max_by_key(|run| run.number) else {
        return Ok(Vec::new());
    };
    let same = |run: &&RunSummary| run.suite_name == newest.suite_name && run.project == newest.project;
    let mut shown: Vec<&RunSummary> = runs.iter().filter(candidate).filter(same).collect();
    shown.sort_by_key(|run| run.number);
    let shown = &shown[shown.len().saturating_sub(MOST_RUNS)..];
    let charts = [
        pass_rate::draw(shown)?,
        latency::draw(shown)?,
        failures::draw(newest)?,
    ];
    Ok(charts.into_iter().flatten().collect())
}
