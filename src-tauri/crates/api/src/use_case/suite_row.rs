//! A suite file in a project's list, and what its reader should know of it.

use super::imported::read_suite;
use crate::wire::project::{CategoryCount, SuiteRow};
use harness::{DatasetSummary, Suite};
use provider::ProviderConfiguration;
use std::{collections::BTreeMap, path::Path};

/// A golden set below this is small: it cannot tell apart versions that differ by less than about eleven points.
const SMALL_DATASET: u64 = 100;

pub(super) fn suite_row(folder: &Path, path: &Path, configured: &[ProviderConfiguration]) -> SuiteRow {
    let inner = path.strip_prefix(folder).unwrap_or(path).display().to_string();
    let read = read_suite(path, configured).and_then(|read| {
        let dataset = read.summarise(harness::BadRows::Refuse, |_| ())?;
        Ok((read.suite, dataset))
    });
    let (suite, dataset) = match read {
        Ok(read) => read,
        Err(error) => {
            return SuiteRow {
                name: inner.clone(),
                path: inner,
                description: String::new(),
                cases: 0,
                categories: Vec::new(),
                practice: false,
                targets: Vec::new(),
                warnings: Vec::new(),
                error: Some(error.wire()),
                command: None,
            };
        }
    };
    SuiteRow {
        name: suite.name.clone(),
        path: inner,
        description: suite.description.clone(),
        cases: dataset.cases,
        warnings: warnings(&suite, &dataset),
        categories: counts(dataset.categories),
        practice: suite.targets.iter().any(harness::suite::TargetSpec::is_practice),
        targets: suite.targets.iter().map(|target| target.name.clone()).collect(),
        error: None,
        command: (!suite.commands().is_empty()).then(|| suite.commands().join("; ")),
    }
}

pub(super) fn counts(categories: BTreeMap<String, u64>) -> Vec<CategoryCount> {
    categories
        .into_iter()
        .map(|(name, cases)| CategoryCount { name, cases })
        .collect()
}

/// What does not keep a suite from running, and should be known of it.
pub(super) fn warnings(suite: &Suite, dataset: &DatasetSummary) -> Vec<String> {
    let mut warnings: Vec<String> = small(dataset.cases).into_iter().collect();
    let (set, needed) = (suite.thresholds.len(), evidence::gate::MANDATORY_RELEASE_METRICS);
    if set < needed {
        warnings.push(format!(
            "{set} of {needed} release metrics are set; nothing can be released until then."
        ));
    }
    let unlinked = suite
        .thresholds
        .iter()
        .filter(|threshold| threshold.outcome.is_none())
        .map(|threshold| threshold.metric.as_str());
    warnings.extend(unlinked_warning(&unlinked.collect::<Vec<_>>()));
    warnings
}

/// "12 cases: below 100, only large differences can be told from noise."
pub(super) fn small(cases: u64) -> Option<String> {
    (cases < SMALL_DATASET).then(|| {
        format!("{cases} cases: below {SMALL_DATASET}, only large differences can be told from noise.")
    })
}

/// Names release metrics of which nobody has said what people get of them.
pub(super) fn unlinked_warning(metrics: &[&str]) -> Option<String> {
    let what = match metrics {
        [] => return None,
        [one] => format!("The release metric {one} is linked to no user outcome"),
        several => format!(
            "{} release metrics are linked to no user outcome: {}",
            several.len(),
            several.join(", ")
        ),
    };
    Some(format!(
        "{what}. Say in the suite, at outcome, what people get when it is met."
    ))
}
