//! `roadmap.yaml`.

use super::need::Need;
use serde::Deserialize;

/// The file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoadmapFile {
    pub months: Vec<Month>,
    pub weeks: Vec<Week>,
}

/// One month.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Month {
    /// 1 to 3.
    pub number: u8,
    /// What it is about.
    pub title: String,
    /// What proves it, in one line.
    pub proof: String,
    /// What closing it asks for.
    pub closes_with: Vec<Need>,
}

/// One week.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Week {
    /// 1 to 12.
    pub number: u8,
    /// 1 to 3.
    pub month: u8,
    /// What it is about.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// A measurable output to start from.
    pub suggested_output: String,
    /// What closing it asks for.
    pub closes_with: Vec<Need>,
    /// The time-box in hours.
    pub time_box_hours: u8,
    /// A piece of advice.
    pub tip: String,
}
