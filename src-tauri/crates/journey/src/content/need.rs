//! What closing a week or a month asks for.

use crate::rule::RunRule;
use serde::Deserialize;

/// One thing that is asked for, and what is accepted for it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Stable id within its week or month.
    pub id: String,
    /// What is asked for, as people read it.
    pub text: String,
    /// Any one of these meets it.
    pub accepts: Vec<Accept>,
    /// For a need of a month: the weeks whose files and links count as well. Runs of all its weeks count.
    #[serde(default)]
    pub from_weeks: Vec<u8>,
    /// Whether the run that meets it is kept as the baseline when the week closes.
    #[serde(default)]
    pub keeps_baseline: bool,
}

impl Need {
    /// Every metric that the need names.
    pub fn metrics(&self) -> Vec<&str> {
        let rules = self.accepts.iter().filter_map(|accept| match accept {
            Accept::Run(rule) => Some(rule),
            Accept::File(_) | Accept::Link(_) => None,
        });
        rules
            .flat_map(|rule| rule.metrics.iter().map(String::as_str))
            .collect()
    }
}

/// A kind of artifact that is accepted.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accept {
    /// A run that meets a rule.
    Run(RunRule),
    /// A file.
    File(AnyFile),
    /// A link.
    Link(AnyLink),
}

/// Any file; endings may be asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyFile {
    /// Endings that are accepted, with the dot; empty accepts every file.
    #[serde(default)]
    pub endings: Vec<String>,
}

/// Any link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyLink {}
