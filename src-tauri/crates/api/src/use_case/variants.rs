//! Runs of one suite side by side, as variants to choose between.

use super::Playbook;
use crate::{
    Code, Error,
    wire::variants::{ComparableRun, VariantsRequest, VariantsView},
};
use evidence::{RunId, RunStatus, RunSummary, variants::weigh};
use harness::TrialRecord;
use store::RunRecord;

/// Variants that are held against each other at most; each two of them are compared case by case.
const MOST_VARIANTS: usize = 12;
/// Variants that are proposed where a project has no group.
const PROPOSED: usize = 6;

impl Playbook {
    /// Runs side by side: the ones named, the group of one, or what a project measured last.
    pub async fn variants(&self, request: VariantsRequest) -> Result<VariantsView, Error> {
        self.blocking(move |playbook| {
            let chosen = playbook.chosen_variants(&request)?;
            let first = chosen.first().ok_or_else(nothing_to_compare)?;
            if chosen.len() > MOST_VARIANTS {
                return Err(Error::input(
                    format!("{} runs are too many to hold against each other", chosen.len()),
                    format!("Choose {MOST_VARIANTS} at most."),
                ));
            }
            for other in &chosen[1..] {
                demand_comparable(&first.summary, &other.summary)?;
            }
            let mut measured: Vec<(&RunSummary, Vec<TrialRecord>)> = Vec::new();
            for record in &chosen {
                measured.push((
                    &record.summary,
                    playbook.store.records(record.key, &record.graders)?,
                ));
            }
            let mut pairs = Vec::new();
            for (at, (before, earlier)) in measured.iter().enumerate() {
                for (after, later) in measured.iter().skip(at + 1) {
                    pairs.push(harness::variants::pair((before, earlier), (after, later)));
                }
            }
            let variants = measured
                .iter()
                .map(|(summary, trials)| harness::variants::variant(summary, trials))
                .collect();
            let others = playbook
                .store
                .runs(Some(first.summary.project))?
                .iter()
                .filter(|run| run.summary.trials > 0 && run.summary.status != RunStatus::Running)
                .filter(|run| demand_comparable(&first.summary, &run.summary).is_ok())
                .map(|run| comparable(&run.summary))
                .collect();
            Ok(VariantsView {
                suite_name: first.summary.suite_name.clone(),
                cases: chosen.iter().map(|run| run.summary.cases).max().unwrap_or(0),
                weighed: weigh(variants, &pairs),
                others,
            })
        })
        .await
    }

    fn chosen_variants(&self, request: &VariantsRequest) -> Result<Vec<RunRecord>, Error> {
        if !request.runs.is_empty() {
            let mut runs: Vec<RunId> = Vec::new();
            for run in &request.runs {
                if !runs.contains(run) {
                    runs.push(*run);
                }
            }
            return runs.into_iter().map(|run| Ok(self.store.run(run)?)).collect();
        }
        if let Some(run) = request.group_of {
            let record = self.store.run(run)?;
            let Some(group) = record.summary.group else {
                return Err(Error::input(
                    format!(
                        "run {} measured one target, so it has no group",
                        record.summary.number
                    ),
                    "Name the runs themselves, or run a suite with several `targets:`.",
                ));
            };
            let runs = self.store.runs(Some(record.summary.project))?;
            return Ok(runs
                .into_iter()
                .filter(|run| run.summary.group == Some(group))
                .collect());
        }
        let project = request.project.ok_or_else(|| {
            Error::input(
                "no run was named",
                "Name runs, a run whose group is meant, or a project.",
            )
        })?;
        let runs: Vec<RunRecord> = self
            .store
            .runs(Some(project))?
            .into_iter()
            .filter(|run| run.summary.status == RunStatus::Finished && run.summary.trials > 0)
            .collect();
        let newest = runs.first().ok_or_else(nothing_to_compare)?.summary.clone();
        let group = runs.iter().find_map(|run| run.summary.group);
        Ok(match group {
            Some(group) => runs
                .into_iter()
                .filter(|run| run.summary.group == Some(group))
                .collect(),
            None => runs
                .into_iter()
                .filter(|run| demand_comparable(&newest, &run.summary).is_ok())
                .take(PROPOSED)
                .collect(),
        })
    }
}

fn nothing_to_compare() -> Error {
    Error::new(
        Code::NotFound,
        "there is no run with results yet",
        "Run the suite; name several `targets:` in it to measure them side by side.",
    )
}

fn comparable(run: &RunSummary) -> ComparableRun {
    ComparableRun {
        run: run.run,
        number: run.number,
        target: run.target.name.clone(),
        models: run.models_text(),
        started_at: run.started_at,
        group: run.group,
    }
}

/// Figures of two suites, two datasets or two rulers say nothing about which variant is better.
fn demand_comparable(one: &RunSummary, other: &RunSummary) -> Result<(), Error> {
    let refuse = |what: &str, hint: &str| {
        Err(Error::new(
            Code::Refused,
            format!(
                "run {} and run {} are no variants of each other: {what}",
                one.number, other.number
            ),
            hint,
        ))
    };
    if one.project != other.project || one.suite_name != other.suite_name {
        return refuse("they ran different suites", "Choose runs of one suite.");
    }
    if one.dataset != other.dataset {
        return refuse(
            "the dataset changed in between",
            "Run the older variant again on the dataset of now, or look at the change with playbook diff.",
        );
    }
    if one.grading != other.grading {
        return refuse(
            "the graders changed in between, so they were measured with two rulers",
            "Run the older variant again with the graders of now, or look at the change with playbook diff.",
        );
    }
    Ok(())
}
