//! From a request to runs that are ready to be worked on: everything that can be wrong is found before anything starts.

use super::{
    super::{
        imported::{SuiteRead, read_suite},
        versions::texts_of,
    },
    Playbook, Work, bad_rows,
    carry_out::spec,
    early,
    request::{budget, chosen, in_range, parse_filter, parse_shard, purpose},
    survey::{Fields, look_through},
};
use crate::{Code, Error, starter, wire::run::StartRunRequest};
use evidence::{Gate, PicoUsd, Purpose, RunId, RunStatus, RunSummary, TargetIdentity};
use harness::{
    BadRows, Case, Suite, TrialKey,
    filter::Filter,
    runner::Shard,
    suite::{PRACTICE, TargetSpec},
    target::{SourceIdentity, source_identity},
};
use provider::is_loopback;
use std::{collections::HashSet, path::Path, sync::Arc};
use store::{NewRun, ProjectRecord, RunPlanRecord, RunRecord};

/// Categories that a message names at most.
const MOST_NAMED: usize = 20;

/// What is asked again of a run that is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// What has no result yet.
    Rest,
    /// That, and what ended in an error.
    Errors,
}

/// What a look through the dataset found.
struct Survey {
    dataset: harness::DatasetSummary,
    /// Fields of the cases, besides id and category.
    fields: Vec<String>,
    /// What does not keep the run from starting, and is probably a slip.
    warnings: Vec<String>,
    selected: u64,
    own_cases: u64,
    /// A starter's project that has lost its origin cannot show what is the learner's, so nothing counts as such.
    origin_lost: bool,
    origin: Option<starter::Origin>,
}

impl Playbook {
    pub(super) fn prepare(&self, request: &StartRunRequest) -> Result<(Vec<Work>, Vec<String>), Error> {
        let project = self.store.project(request.project)?;
        let folder = Path::new(&project.folder);
        let path = request
            .suite
            .as_ref()
            .map_or(folder.to_path_buf(), |suite| folder.join(suite));
        let read = read_suite(&path, &self.store.providers()?)?;
        let suite = Arc::clone(&read.suite);
        self.demand_trust(&project, &read)?;
        let targets = chosen(&suite, request.targets.as_deref())?;
        let filter = request
            .filter
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let parsed = parse_filter(filter)?;
        let shard = request.shard.as_deref().map(parse_shard).transpose()?;
        let purpose = purpose(request, parsed.is_some(), read.imported.is_some())?;
        if request.stop_early {
            early::limit(&suite.thresholds, shard)?;
        }
        let repeat = in_range(request.repeat, suite.repeat, 1, 10_000, "repeat")?;
        read.demand_repeatable(request.repeat)?;
        let concurrency = in_range(request.concurrency, suite.concurrency, 1, 1000, "concurrency")?;
        let (concurrency, one_by_one) = read.in_flight(concurrency);
        read.demand_in_one_piece(filter.map(|_| "a filter"))?;
        read.demand_in_one_piece(shard.map(|_| "a shard"))?;
        read.demand_in_one_piece(request.stop_early.then_some("stopping early"))?;
        if let Some(retries) = request.retries {
            in_range(Some(retries), 0, 0, 10, "retries")?;
        }
        let budget = request.budget_usd.as_deref().map(budget).transpose()?;
        let bad = bad_rows(request.skip_bad_rows);
        let survey = self.survey(&project, &read, &targets, parsed.as_ref(), shard, bad)?;
        if survey.selected == 0 {
            return Err(nothing_selected(filter, shard, &survey));
        }
        if request.stop_early {
            read.demand_at_hand(survey.dataset.cases)?;
        }
        let identity = source_identity(folder, &[&suite.path, &suite.dataset], project.trusted);
        let texts = texts_of(&suite);
        let baseline = match request.baseline {
            // A run that is not there would be missed only when this one ends.
            Some(run) => Some(self.store.run(run)?.summary.run),
            None => self.frozen_baseline(project.id, &suite.name)?,
        };
        let mut warnings = survey.warnings.clone();
        warnings.extend(one_by_one);
        warnings.extend(read.warnings());
        warnings.extend(read.unsupported()?);
        let mut planned = Vec::new();
        let mut group = None;
        for target in &targets {
            let selected = match read.only(target) {
                // A test of an imported configuration may be for some targets only.
                Some(one) => selected_of(&one, parsed.as_ref(), shard),
                None => survey.selected,
            };
            if selected == 0 {
                continue;
            }
            let mut summary = self.summary(&project, &suite, target, &identity, &survey, repeat);
            summary.planned = selected * u64::from(repeat);
            // A slice of a candidate is not a candidate; the merged run is.
            summary.purpose = if shard.is_some() {
                Purpose::Experiment
            } else {
                purpose
            };
            summary.shard = shard.map(|shard| shard.to_string());
            if targets.len() > 1 {
                group.get_or_insert(summary.run);
                summary.group = group;
            }
            if summary.purpose == Purpose::Candidate {
                summary.gate.post_hoc = self.changed_criteria(&summary)?;
            }
            planned.push(NewRun {
                summary,
                plan: RunPlanRecord {
                    suite: suite.path.display().to_string(),
                    repeat,
                    concurrency,
                    filter: filter.map(str::to_owned),
                    target: Some(target.name.clone()),
                    retries: request.retries,
                    budget,
                    shard: shard.map(|shard| shard.to_string()),
                    purpose: shard.map(|_| purpose),
                    cache: request.cache,
                    skip_bad_rows: request.skip_bad_rows,
                    stop_early: request.stop_early,
                    baseline,
                    baseline_named: request.baseline.is_some(),
                    merged_from: Vec::new(),
                },
                graders: read.graders(target)?,
                owner: harness::process::own_identity(),
            });
        }
        // A job that has begun is waited for when the app closes, so the first one begins when nothing can go wrong any more.
        let mut records = Vec::new();
        for run in &planned {
            let record = self.store.add_run(run)?;
            // What it was measured with can be shown after the files have changed.
            self.store.keep_texts(record.key, &texts)?;
            records.push(record);
        }
        let works = records
            .into_iter()
            .map(|record| self.work(record, read.clone(), parsed.clone(), shard, Vec::new()))
            .collect::<Result<_, _>>()?;
        Ok((works, warnings))
    }

    /// What is left of a run, within another budget where one is given.
    pub(super) fn prepare_resume(
        &self,
        run: RunId,
        again: Again,
        budget: Option<PicoUsd>,
    ) -> Result<Work, Error> {
        let mut record = self.store.run(run)?;
        let project = self.store.project(record.summary.project)?;
        let read = read_suite(Path::new(&record.plan.suite), &self.store.providers()?)?;
        self.demand_trust(&project, &read)?;
        self.demand_unchanged(&project, &read, &record)?;
        read.demand_in_one_piece(Some(match again {
            Again::Rest => "going on with a run",
            Again::Errors => "asking only what ended in an error",
        }))?;
        let filter = parse_filter(record.plan.filter.as_deref())?;
        let shard = record.plan.shard.as_deref().map(parse_shard).transpose()?;
        if budget.is_some() {
            record.plan.budget = budget;
            self.store.change_plan(run, &record.plan)?;
        }
        let owner = harness::process::own_identity();
        match again {
            Again::Rest => self.store.reopen_run(run, &owner)?,
            Again::Errors => {
                self.store.reopen_finished_run(run, &owner)?;
                self.store.remove_errors(record.key)?;
            }
        }
        let done = self.store.finished_trials(record.key)?;
        self.work(record, read, filter, shard, done)
    }

    /// Results of two versions of anything are two runs, whatever they are called.
    fn demand_unchanged(
        &self,
        project: &ProjectRecord,
        read: &SuiteRead,
        record: &RunRecord,
    ) -> Result<(), Error> {
        let suite = &read.suite;
        let mut fields = Fields::new(suite);
        let dataset = read.summarise(bad_rows(record.plan.skip_bad_rows), |case| fields.see(case))?;
        let folder = Path::new(&project.folder);
        let source = source_identity(folder, &[&suite.path, &suite.dataset], project.trusted).source;
        for (what, then, now) in [
            ("suite", &record.summary.suite, &suite.hash),
            ("dataset", &record.summary.dataset, &dataset.hash),
            ("project's source", &record.summary.target.source, &source),
            // A provider of Settings can have moved, of which no file of the project says anything.
            (
                "target's configuration",
                &record.summary.target.configuration,
                &spec(record, suite)?.configuration,
            ),
        ] {
            if then != now {
                return Err(Error::new(
                    Code::Refused,
                    format!(
                        "the {what} has changed since run {} began, so its results cannot be mixed",
                        record.summary.number
                    ),
                    "Start a new run; the old one keeps its results.",
                ));
            }
        }
        fields.demand_read()
    }

    /// Looks through the dataset once: what is selected, what is the learner's own, and whether every case can be asked.
    fn survey(
        &self,
        project: &ProjectRecord,
        read: &SuiteRead,
        targets: &[TargetSpec],
        filter: Option<&Filter>,
        shard: Option<Shard>,
        bad: BadRows,
    ) -> Result<Survey, Error> {
        let origin = starter::origin(Path::new(&project.folder));
        let origin_lost = project.starter.is_some() && origin.is_none();
        let (mut selected, mut own_cases) = (0u64, 0u64);
        let chosen = |case: &Case| {
            filter.is_none_or(|filter| filter.accepts(case))
                && shard.is_none_or(|shard| shard.holds(&case.id))
        };
        let looked = look_through(read, targets, bad, |case| {
            selected += u64::from(chosen(case));
            let shipped = |origin: &starter::Origin| origin.cases.contains(&case.hash());
            own_cases += u64::from(!origin_lost && !origin.as_ref().is_some_and(shipped));
        })?;
        Ok(Survey {
            dataset: looked.dataset,
            fields: looked.fields,
            warnings: looked.warnings,
            selected,
            own_cases,
            origin_lost,
            origin,
        })
    }

    fn summary(
        &self,
        project: &ProjectRecord,
        suite: &Suite,
        target: &TargetSpec,
        identity: &SourceIdentity,
        survey: &Survey,
        repeat: u32,
    ) -> RunSummary {
        RunSummary {
            run: RunId::new(),
            number: 0,
            project: project.id,
            suite_name: suite.name.clone(),
            purpose: Purpose::Candidate,
            status: RunStatus::Running,
            started_at: self.host.now(),
            finished_at: None,
            dataset: survey.dataset.hash.clone(),
            suite: suite.hash.clone(),
            grading: Some(suite.grading.clone()),
            target_changed: !survey.origin_lost
                && survey
                    .origin
                    .as_ref()
                    .is_none_or(|origin| origin.source != identity.source),
            target: TargetIdentity {
                name: target.name.clone(),
                git_commit: identity.git_commit.clone(),
                git_dirty: identity.git_dirty.clone(),
                source: identity.source.clone(),
                configuration: target.configuration.clone(),
                prompt: target.prompt.clone(),
                models: Vec::new(),
                snapshots: Vec::new(),
            },
            cases: 0,
            trials: 0,
            planned: survey.selected * u64::from(repeat),
            repeat,
            passed: 0,
            failed: 0,
            errored: 0,
            metrics: Vec::new(),
            categories: Vec::new(),
            failures: Vec::new(),
            severities: Vec::new(),
            tokens: None,
            cost_usd: None,
            unpriced: 0,
            gate: Gate::judge(&suite.thresholds, &[], &[]),
            practice: suite.uses_practice(target),
            own_cases: survey.own_cases,
            starter: project.starter.clone(),
            flipping_cases: None,
            repeats: None,
            group: None,
            shard: None,
            skipped_rows: survey.dataset.skipped,
            retries: 0,
            cached: 0,
            grading_cost_usd: None,
            stopped: None,
        }
    }

    fn work(
        &self,
        record: RunRecord,
        read: SuiteRead,
        filter: Option<Filter>,
        shard: Option<Shard>,
        done: Vec<TrialKey>,
    ) -> Result<Work, Error> {
        let (mut passed, mut errored, mut spent) = (0, 0, PicoUsd::default());
        let mut passed_before = HashSet::new();
        if !done.is_empty() {
            self.store.each_record(record.key, &record.graders, |trial| {
                passed += u64::from(trial.passed);
                errored += u64::from(trial.error);
                if trial.passed && record.plan.stop_early {
                    passed_before.insert(trial.key);
                }
                // A cached answer was paid before, its judging was not.
                let cost = trial.cost.filter(|_| !trial.cached);
                spent = spent + cost.unwrap_or_default() + trial.grading_cost.unwrap_or_default();
            })?;
        }
        let job = self.jobs.begin(
            record.summary.run,
            record.summary.planned,
            super::super::job::Already {
                done: done.len() as u64,
                passed,
                errored,
                spent,
            },
        );
        Ok(Work {
            record,
            read,
            filter,
            shard,
            done,
            passed_before,
            spent,
            job,
        })
    }

    /// Invariant: commands of a project folder run only where the person trusts it, and so does anything that the folder's
    /// suite would send to another machine, with keys from the environment in it.
    fn demand_trust(&self, project: &ProjectRecord, read: &SuiteRead) -> Result<(), Error> {
        if project.trusted {
            return Ok(());
        }
        let suite = &read.suite;
        if read.imported.is_some() {
            return Err(Error::new(
                Code::Untrusted,
                format!(
                    "a promptfoo configuration may run scripts and programs of {}, and this folder is not trusted yet",
                    project.folder
                ),
                "Look at the configuration, then trust the folder in the window, or pass --trust on the command line.",
            ));
        }
        let commands = suite.commands();
        if !commands.is_empty() {
            return Err(Error::new(
                Code::Untrusted,
                format!(
                    "the suite starts `{}` in {}, and this folder is not trusted yet",
                    commands.join("` and `"),
                    project.folder
                ),
                "Look at the command, then trust the folder in the window, or pass --trust on the command line.",
            ));
        }
        let asked = suite.targets.iter().find_map(TargetSpec::leaves_the_machine);
        if let Some(address) = asked.or_else(|| judge_elsewhere(suite)) {
            return Err(Error::new(
                Code::Untrusted,
                format!(
                    "the suite sends requests to {address}, and the folder {} is not trusted yet",
                    project.folder
                ),
                "Look at the suite, then trust the folder in the window, or pass --trust on the command line.",
            ));
        }
        Ok(())
    }
}

/// The address of a model that graders ask, where that is not this machine.
fn judge_elsewhere(suite: &Suite) -> Option<String> {
    let names = suite.graders.iter().flat_map(|grader| grader.providers());
    names
        .filter_map(|name| suite.providers.get(name))
        .find_map(|judge| {
            let address = match judge.base.as_deref() {
                Some(PRACTICE) => return None,
                Some(base) => base,
                None => judge.api?.dialect().default_base(),
            };
            (!is_loopback(address)).then(|| address.to_owned())
        })
}

/// Cases of one target of an imported configuration that are selected. Its cases were read before, so none is bad.
fn selected_of(one: &promptfoo::Loaded, filter: Option<&Filter>, shard: Option<Shard>) -> u64 {
    let chosen = |case: &Case| {
        filter.is_none_or(|filter| filter.accepts(case)) && shard.is_none_or(|shard| shard.holds(&case.id))
    };
    let cases = promptfoo::connect::cases(one).filter_map(Result::ok);
    cases.filter(|(case, _)| chosen(case)).count() as u64
}

/// Says what a filter could have asked for, where it and the shard leave no case.
fn nothing_selected(filter: Option<&str>, shard: Option<Shard>, survey: &Survey) -> Error {
    let Some(filter) = filter else {
        return Error::input(
            "no case of the dataset falls into this shard",
            "Cut the run into fewer shards.",
        );
    };
    let mut categories: Vec<&str> = survey.dataset.categories.keys().map(String::as_str).collect();
    let more = categories.len() > MOST_NAMED;
    categories.truncate(MOST_NAMED);
    let hint = format!(
        "Cases have the fields id, category, {}, and the categories {}{}.",
        survey.fields.join(", "),
        categories.join(", "),
        if more { ", …" } else { "" }
    );
    Error::input(
        format!(
            "no case fits the filter `{filter}`{}",
            if shard.is_some() { " in this shard" } else { "" }
        ),
        hint,
    )
}
