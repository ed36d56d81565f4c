//! The baseline: the run that a closed week keeps, so that later runs have something to be held against.

use crate::{
    content::{Accept, Content},
    facts::{Facts, is_proof},
    record::Record,
};
use evidence::{ArtifactKind, RunId};

/// The run that was frozen as the baseline, once the week that asks for it is closed.
///
/// A closed week keeps its artifacts, so this run does not change unless the week is opened again.
pub fn baseline(record: &Record, facts: &Facts, content: &Content) -> Option<RunId> {
    let closed = content
        .weeks
        .iter()
        .filter(|week| record.is_week_closed(week.number));
    let needs = closed.flat_map(|week| week.closes_with.iter().map(move |need| (week.number, need)));
    needs
        .filter(|(_, need)| need.keeps_baseline)
        .find_map(|(week, need)| {
            record.linked_to_week(week).into_iter().find_map(|linked| {
                let ArtifactKind::Run { run } = linked.artifact.kind else {
                    return None;
                };
                let summary = facts.run(run).filter(|run| is_proof(run))?;
                let accepted = need.accepts.iter().any(|accept| match accept {
                    Accept::Run(rule) => rule.accepts(summary),
                    Accept::File(_) | Accept::Link(_) => false,
                });
                accepted.then_some(run)
            })
        })
}
