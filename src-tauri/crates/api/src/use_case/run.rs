//! Starting, resuming and ending runs.

use super::{Playbook, job::Job};
use crate::{
    Code, Error, starter,
    wire::{
        Nothing,
        run::{RunRequest, RunStarted, StartRunRequest},
    },
};
use evidence::{Gate, Purpose, RunId, RunStatus, RunSummary, TargetIdentity};
use futures::{FutureExt as _, future::BoxFuture};
use gateway::practice::{PracticeOptions, PracticeServer};
use harness::{
    Outcome, ResultSink, RunFailure, RunPlan, SinkError, Suite, TrialKey, TrialResult,
    filter::Filter,
    runner,
    suite::{ModelSource, ServiceSource},
    summary,
    target::{ServiceTarget, render_request, source_identity},
};
use std::{collections::HashSet, path::Path, sync::Arc};
use store::{NewRun, ProjectRecord, RunPlanRecord, RunRecord, Store};

/// A run that is ready to be worked on.
struct Work {
    record: RunRecord,
    suite: Arc<Suite>,
    plan: RunPlan,
    job: Arc<Job>,
}

impl Playbook {
    /// Starts a run.
    pub async fn start_run(&self, request: StartRunRequest) -> Result<RunStarted, Error> {
        let work = self.blocking(move |playbook| playbook.prepare(&request)).await?;
        let started = RunStarted {
            run: work.record.summary.run,
            number: work.record.summary.number,
        };
        self.launch(work);
        Ok(started)
    }

    /// Goes on with a run that ended before its work did. Suite, dataset and source must be as they were.
    pub async fn resume_run(&self, request: RunRequest) -> Result<RunStarted, Error> {
        let work = self
            .blocking(move |playbook| playbook.prepare_resume(request.run))
            .await?;
        let started = RunStarted {
            run: work.record.summary.run,
            number: work.record.summary.number,
        };
        self.launch(work);
        Ok(started)
    }

    /// Stops a run; what is finished is kept.
    pub async fn cancel_run(&self, request: RunRequest) -> Result<Nothing, Error> {
        let Some(job) = self.jobs.get(request.run) else {
            return Err(Error::new(
                Code::NotFound,
                "this run is not going on here",
                "It has ended, or another window or command line works on it.",
            ));
        };
        job.cancel.cancel();
        Ok(Nothing {})
    }

    fn prepare(&self, request: &StartRunRequest) -> Result<Work, Error> {
        let project = self.store.project(request.project)?;
        let folder = Path::new(&project.folder);
        let path = request
            .suite
            .as_ref()
            .map_or(folder.to_path_buf(), |suite| folder.join(suite));
        let suite = Arc::new(Suite::load(&path)?);
        self.demand_trust(&project, &suite)?;
        let filter = request
            .filter
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let parsed = filter
            .map(Filter::parse)
            .transpose()
            .map_err(|message| Error::input(message, "For example --filter category=returns."))?;
        let purpose = match (request.purpose, &parsed) {
            (Some(Purpose::Candidate), Some(_)) => {
                return Err(Error::new(
                    Code::Refused,
                    "a candidate runs the whole suite, and this filter leaves cases out",
                    "Leave the filter out, or make the run an experiment (--purpose experiment).",
                ));
            }
            (Some(purpose), _) => purpose,
            (None, Some(_)) => Purpose::Experiment,
            (None, None) => Purpose::Candidate,
        };
        let repeat = in_range(request.repeat, suite.repeat, 10_000, "repeat")?;
        let concurrency = in_range(request.concurrency, suite.concurrency, 1000, "concurrency")?;
        let origin = starter::origin(folder);
        // A starter's project that has lost its origin cannot show what is the learner's, so nothing counts as such.
        let lost = project.starter.is_some() && origin.is_none();
        let (mut selected, mut own_cases) = (0u64, 0u64);
        let mut unasked = None;
        let dataset = harness::dataset::summarise_with(&suite.dataset, |case| {
            selected += u64::from(parsed.as_ref().is_none_or(|filter| filter.accepts(case)));
            // A misspelt field is found before anything is asked, and not as an error among the results.
            if unasked.is_none() {
                unasked = render_request("", &suite.target.request, case).err();
            }
            let shipped = |origin: &starter::Origin| origin.cases.contains(&case.hash());
            own_cases += u64::from(!lost && !origin.as_ref().is_some_and(shipped));
        })?;
        if let Some(error) = unasked {
            return Err(Error::input(
                format!("{}: {}", suite.dataset.display(), error.message),
                "Correct the row, or `target.request` in the suite. Nothing was started.",
            ));
        }
        if selected == 0 {
            return Err(Error::input(
                format!("no case fits the filter `{}`", filter.unwrap_or_default()),
                "Look at the dataset's ids and categories, and correct the filter.",
            ));
        }
        let identity = source_identity(folder, &[&suite.path, &suite.dataset], project.trusted);
        let summary = RunSummary {
            run: RunId::new(),
            number: 0,
            project: project.id,
            suite_name: suite.name.clone(),
            purpose,
            status: RunStatus::Running,
            started_at: self.host.now(),
            finished_at: None,
            dataset: dataset.hash,
            suite: suite.hash.clone(),
            grading: Some(suite.grading.clone()),
            target_changed: !lost
                && origin
                    .as_ref()
                    .is_none_or(|origin| origin.source != identity.source),
            target: TargetIdentity {
                name: suite.target.name.clone(),
                git_commit: identity.git_commit,
                git_dirty: identity.git_dirty,
                source: identity.source,
                configuration: suite.configuration.clone(),
                models: Vec::new(),
                snapshots: Vec::new(),
            },
            cases: 0,
            trials: 0,
            planned: selected * u64::from(repeat),
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
            gate: Gate::judge(&suite.thresholds, &[]),
            practice: suite.target.model == ModelSource::Practice,
            own_cases,
            starter: project.starter.clone(),
            flipping_cases: None,
        };
        let record = self.store.add_run(&NewRun {
            summary,
            plan: RunPlanRecord {
                suite: suite.path.display().to_string(),
                repeat,
                concurrency,
                filter: filter.map(str::to_owned),
            },
            graders: suite.graders.iter().map(harness::grader::Grader::info).collect(),
            owner: harness::process::own_identity(),
        })?;
        Ok(self.work(record, suite, parsed, Vec::new(), (0, 0)))
    }

    fn prepare_resume(&self, run: RunId) -> Result<Work, Error> {
        let record = self.store.run(run)?;
        let project = self.store.project(record.summary.project)?;
        let suite = Arc::new(Suite::load(Path::new(&record.plan.suite))?);
        self.demand_trust(&project, &suite)?;
        let dataset = harness::dataset::summarise(&suite.dataset)?;
        let source = source_identity(
            Path::new(&project.folder),
            &[&suite.path, &suite.dataset],
            project.trusted,
        )
        .source;
        // Results of two versions of anything are two runs, whatever they are called.
        for (what, then, now) in [
            ("suite", &record.summary.suite, &suite.hash),
            ("dataset", &record.summary.dataset, &dataset.hash),
            ("project's source", &record.summary.target.source, &source),
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
        let filter = record.plan.filter.as_deref().map(Filter::parse).transpose();
        let filter = filter.map_err(|message| Error::input(message, ""))?;
        let done = self.store.finished_trials(record.key)?;
        let trials = self.store.records(record.key, &record.graders)?;
        // Last of all, so that nothing can fail between here and the work.
        self.store.reopen_run(run, &harness::process::own_identity())?;
        let passed = trials.iter().filter(|trial| trial.passed).count() as u64;
        let errored = trials.iter().filter(|trial| trial.error).count() as u64;
        Ok(self.work(record, suite, filter, done, (passed, errored)))
    }

    fn work(
        &self,
        record: RunRecord,
        suite: Arc<Suite>,
        filter: Option<Filter>,
        done: Vec<TrialKey>,
        (passed, errored): (u64, u64),
    ) -> Work {
        let plan = RunPlan {
            suite: Arc::clone(&suite),
            repeat: record.plan.repeat,
            concurrency: record.plan.concurrency,
            filter,
            done: done.iter().copied().collect::<HashSet<_>>(),
            prices: Arc::clone(&self.prices),
            practice: suite.target.model == ModelSource::Practice,
        };
        let job = self.jobs.begin(
            record.summary.run,
            record.summary.planned,
            done.len() as u64,
            passed,
            errored,
        );
        Work {
            record,
            suite,
            plan,
            job,
        }
    }

    /// Invariant: commands of a project folder run only where the person trusts it.
    fn demand_trust(&self, project: &ProjectRecord, suite: &Suite) -> Result<(), Error> {
        match &suite.target.service {
            ServiceSource::Managed(_) if !project.trusted => Err(Error::new(
                Code::Untrusted,
                format!(
                    "the suite starts `{}` in {}, and this folder is not trusted yet",
                    suite.command().unwrap_or_default(),
                    project.folder
                ),
                "Look at the command, then trust the folder in the window, or pass --trust on the command line.",
            )),
            _ => Ok(()),
        }
    }

    fn launch(&self, work: Work) {
        let playbook = self.clone();
        tokio::spawn(async move {
            let (job, record) = (Arc::clone(&work.job), work.record.clone());
            let inner = playbook.clone();
            // On a task of its own, so that a panic ends the run instead of leaving it "running" for ever.
            let outcome = match tokio::spawn(async move { inner.carry_out(work).await }).await {
                Ok(outcome) => outcome,
                Err(error) => Err(Error::internal(format!("the run broke off: {error}"))),
            };
            let (status, failure) = match outcome {
                Ok(Outcome::Finished) => (RunStatus::Finished, None),
                Ok(Outcome::Cancelled) => (RunStatus::Cancelled, None),
                Err(error) => (RunStatus::Failed, Some(error.wire())),
            };
            let text = failure
                .as_ref()
                .and_then(|failure| serde_json::to_string(failure).ok());
            let saved = playbook
                .blocking(move |playbook| {
                    let summary = playbook.summarise(&record, status)?;
                    Ok(playbook.store.end_run(&summary, text.as_deref())?)
                })
                .await;
            match saved {
                Ok(()) => playbook.jobs.end(&job, status, failure),
                Err(error) => {
                    tracing::error!(%error, "the end of a run could not be saved");
                    playbook.jobs.end(&job, RunStatus::Failed, Some(error.wire()));
                }
            }
        });
    }

    async fn carry_out(&self, work: Work) -> Result<Outcome, Error> {
        use harness::sink::RunObserver as _;
        let Work {
            record,
            suite,
            plan,
            job,
        } = work;
        let practice = if suite.target.model == ModelSource::Practice {
            job.preparing("Starting the practice model");
            let server = PracticeServer::start(PracticeOptions::default())
                .await
                .map_err(|error| {
                    Error::new(
                        Code::Machine,
                        format!("the practice model cannot start: {error}"),
                        "Try again.",
                    )
                })?;
            Some(server)
        } else {
            None
        };
        let model_url = practice.as_ref().map(PracticeServer::base_url);
        if let Some(command) = suite.command() {
            job.preparing(&format!("Starting {command}"));
        }
        let mark = record.summary.run.to_string();
        let started = tokio::select! {
            started = ServiceTarget::start(&suite, model_url.as_deref(), &mark) => started,
            () = job.cancel.cancelled() => return Ok(Outcome::Cancelled),
        };
        let target = Arc::new(started.map_err(RunFailure::from)?);
        job.preparing("Asking");
        let sink = Arc::new(StoreSink {
            store: Arc::clone(&self.store),
            run: record.key,
            graders: Arc::new(record.graders.clone()),
        });
        let outcome = runner::run(
            plan,
            Arc::clone(&target) as _,
            sink,
            Arc::clone(&job) as _,
            job.cancel.clone(),
        )
        .await;
        target.stop().await;
        if let Some(server) = practice {
            server.shutdown().await;
        }
        Ok(outcome?)
    }

    /// The summary of a run as its results are now.
    pub(super) fn summarise(&self, record: &RunRecord, status: RunStatus) -> Result<RunSummary, Error> {
        let trials = self.store.records(record.key, &record.graders)?;
        let thresholds: Vec<_> = record
            .summary
            .gate
            .metrics
            .iter()
            .map(|metric| metric.threshold.clone())
            .collect();
        let figures = summary::figures(&trials, &record.graders);
        let mut run = record.summary.clone();
        run.status = status;
        run.finished_at = Some(self.host.now());
        run.gate = Gate::judge(&thresholds, &figures.metrics);
        run.cases = figures.cases;
        run.trials = figures.trials;
        run.passed = figures.passed;
        run.failed = figures.failed;
        run.errored = figures.errored;
        run.metrics = figures.metrics;
        run.categories = figures.categories;
        run.failures = figures.failures;
        run.severities = figures.severities;
        run.tokens = figures.tokens;
        run.cost_usd = figures.cost.map(evidence::PicoUsd::as_usd);
        run.unpriced = figures.unpriced;
        run.target.models = figures.models;
        run.target.snapshots = figures.snapshots;
        run.practice |= figures.practice;
        run.flipping_cases = figures.flipping_cases;
        Ok(run)
    }
}

fn in_range(given: Option<u32>, usual: u32, most: u32, what: &str) -> Result<u32, Error> {
    match given {
        None => Ok(usual),
        Some(value) if (1..=most).contains(&value) => Ok(value),
        Some(value) => Err(Error::input(
            format!("{what} {value} is out of range"),
            format!("Give 1 to {most}."),
        )),
    }
}

/// Makes results durable in the database.
struct StoreSink {
    store: Arc<Store>,
    run: i64,
    graders: Arc<Vec<harness::grader::GraderInfo>>,
}

impl ResultSink for StoreSink {
    fn accept(&self, batch: Arc<[TrialResult]>) -> BoxFuture<'_, Result<(), SinkError>> {
        let (store, run, graders) = (Arc::clone(&self.store), self.run, Arc::clone(&self.graders));
        async move {
            tokio::task::spawn_blocking(move || store.add_results(run, &graders, &batch))
                .await
                .map_err(|error| SinkError {
                    message: error.to_string(),
                })?
                .map_err(|error| SinkError {
                    message: error.to_string(),
                })
        }
        .boxed()
    }
}
