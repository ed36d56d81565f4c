//! The work itself: practice models and target are started, the plan is run, both are stopped whatever happened.

use super::{super::accounts::RunAccounts, Playbook, Work, bad_rows, early, models::SuiteModels};
use crate::{Code, Error};
use evidence::{Gate, GateVerdict, RunStatus, RunSummary};
use futures::{FutureExt as _, future::BoxFuture};
use gateway::practice::{PracticeOptions, PracticeServer};
use harness::{
    CaseSource, Judge, Outcome, ResultSink, RunFailure, RunPlan, SinkError, Suite, SuiteJudge, TrialResult,
    grader::models::ModelCalls,
    runner::{self, Budget, CachedAnswer, ResponseCache},
    sink::RunObserver as _,
    suite::{TargetKind, TargetSpec},
    summary::Tally,
    target::{self, Surroundings, Target},
};
use promptfoo::connect::{Connected, ProviderCalls};
use provider::{Caller, ClientOptions, HttpClient, PriceTable, RetryPolicy};
use std::sync::Arc;
use store::{RunRecord, Store};

impl Playbook {
    pub(super) async fn carry_out(&self, work: Work) -> Result<Outcome, Error> {
        let spec = spec(&work.record, &work.read.suite)?.clone();
        let practice = if work.read.suite.uses_practice(&spec) {
            work.job.preparing("Starting the practice models");
            let server = PracticeServer::start(PracticeOptions::default())
                .await
                .map_err(|error| {
                    Error::new(
                        Code::Machine,
                        format!("the practice models cannot start: {error}"),
                        "Try again.",
                    )
                })?;
            Some(server)
        } else {
            None
        };
        let outcome = self.ask_all(work, &spec, practice.as_ref()).await;
        if let Some(server) = practice {
            server.shutdown().await;
        }
        outcome
    }

    async fn ask_all(
        &self,
        work: Work,
        spec: &TargetSpec,
        practice: Option<&PracticeServer>,
    ) -> Result<Outcome, Error> {
        let practice_url = practice.map(PracticeServer::base_url);
        let suite = Arc::clone(&work.read.suite);
        let accounts = self
            .blocking(move |playbook| playbook.accounts(&suite.named_providers()))
            .await?;
        let accounts = Arc::new(accounts);
        if let Some(command) = spec.command() {
            work.job.preparing(&format!("Starting {command}"));
        }
        let mark = work.record.summary.run.to_string();
        let surroundings = Surroundings {
            folder: &work.read.suite.folder,
            timeout: work.read.suite.timeout,
            practice_url: practice_url.as_deref(),
            mark: &mark,
            environment: &|name| std::env::var(name).ok(),
            accounts: accounts.as_ref(),
        };
        let job = Arc::clone(&work.job);
        let made = tokio::select! {
            made = self.make_ready(&work, spec, &surroundings, &accounts) => made?,
            () = job.cancel.cancelled() => return Ok(Outcome::Cancelled),
        };
        job.preparing("Asking");
        let sink = Arc::new(StoreSink {
            store: Arc::clone(&self.store),
            run: work.record.key,
            graders: Arc::new(work.record.graders.clone()),
        });
        let target = Arc::clone(&made.target);
        let plan = self.plan(work, spec, made, accounts.prices())?;
        let outcome = runner::run(
            plan,
            Arc::clone(&target),
            sink,
            Arc::clone(&job) as _,
            job.cancel.clone(),
        )
        .await;
        target.stop().await;
        Ok(outcome?)
    }

    /// The target, ready to be asked, and whoever judges its answers.
    async fn make_ready(
        &self,
        work: &Work,
        spec: &TargetSpec,
        surroundings: &Surroundings<'_>,
        accounts: &Arc<RunAccounts>,
    ) -> Result<Made, Error> {
        if let Some(one) = work.read.only(spec) {
            let options = ClientOptions {
                timeout: surroundings.timeout,
                ..ClientOptions::default()
            };
            let client = HttpClient::new(options).map_err(|error| Error::internal(error.to_string()))?;
            let caller = Caller::new(client, RetryPolicy::default());
            let variables = promptfoo::Environment::variables(&promptfoo::ProcessEnvironment);
            let models = ProviderCalls::new(caller, accounts.prices(), variables)
                .with_accounts(Arc::clone(accounts) as _);
            let connected = Connected::new(one, Arc::new(models));
            return Ok(Made {
                cases: connected.cases(),
                judge: Arc::clone(&connected) as _,
                target: connected,
            });
        }
        let suite = &work.read.suite;
        let target = target::open(spec, surroundings).await.map_err(RunFailure::from)?;
        let models = match SuiteModels::of(suite, surroundings.practice_url, accounts.as_ref()) {
            Ok(models) => models.map(|models| Arc::new(models) as Arc<dyn ModelCalls>),
            Err(message) => {
                target.stop().await;
                return Err(Error::input(
                    message,
                    "The graders that ask a model need it. Nothing was asked.",
                ));
            }
        };
        Ok(Made {
            cases: CaseSource::File {
                path: suite.dataset.clone(),
                bad: bad_rows(work.record.plan.skip_bad_rows),
            },
            judge: Arc::new(SuiteJudge::new(&suite.graders, models)),
            target,
        })
    }

    fn plan(
        &self,
        work: Work,
        spec: &TargetSpec,
        made: Made,
        prices: Arc<PriceTable>,
    ) -> Result<RunPlan, Error> {
        let Work {
            record,
            read,
            filter,
            shard,
            done,
            passed_before,
            spent,
            ..
        } = work;
        let early_stop = early::early_stop(&record, passed_before)?;
        let suite = read.suite;
        let asked = record.plan;
        let retries = asked
            .retries
            .or(suite.retries)
            .unwrap_or_else(|| spec.usual_retries());
        Ok(RunPlan {
            cases: made.cases,
            judge: made.judge,
            repeat: asked.repeat,
            concurrency: asked.concurrency,
            slow_start: matches!(spec.kind, TargetKind::ModelApi(_)) && !spec.is_practice(),
            filter,
            shard,
            done: done.into_iter().collect(),
            retry: RetryPolicy {
                retries,
                ..RetryPolicy::default()
            },
            budget: asked.budget.map(|limit| Budget { limit, spent }),
            early_stop,
            cache: asked.cache.then(|| Arc::new(StoreCache(self.clone())) as _),
            prices,
            practice: suite.uses_practice(spec),
        })
    }

    /// The summary of a run as its results are now.
    pub(in crate::use_case) fn summarise(
        &self,
        record: &RunRecord,
        status: RunStatus,
    ) -> Result<RunSummary, Error> {
        let mut tally = Tally::new(&record.graders);
        if let Some(test) = early::test(record)? {
            tally = tally.with_test(test, record.plan.repeat);
        }
        self.store
            .each_record(record.key, &record.graders, |trial| tally.add(trial))?;
        let figures = tally.finish();
        let thresholds: Vec<_> = record
            .summary
            .gate
            .metrics
            .iter()
            .map(|metric| metric.threshold.clone())
            .collect();
        let mut run = record.summary.clone();
        run.status = status;
        run.finished_at = Some(self.host.now());
        let comparisons = self.against_baseline(record, &figures.metrics)?;
        run.gate = Gate {
            post_hoc: record.summary.gate.post_hoc.clone(),
            ..Gate::judge(&thresholds, &figures.metrics, &comparisons)
        };
        // What a part of the cases shows decides no release.
        if status != RunStatus::Finished {
            run.gate.verdict = GateVerdict::Unset;
        }
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
        run.repeats = figures.repeats;
        run.retries = figures.retries;
        run.cached = figures.cached;
        run.grading_cost_usd = figures.grading_cost.map(evidence::PicoUsd::as_usd);
        Ok(run)
    }
}

/// The target of a suite that a run asks.
pub(super) fn spec<'a>(record: &RunRecord, suite: &'a Suite) -> Result<&'a TargetSpec, Error> {
    // Runs from before a suite could have several targets name none.
    let named = record.plan.target.as_deref();
    named
        .and_then(|name| suite.target(name))
        .or_else(|| suite.targets.first())
        .ok_or_else(|| Error::internal("a suite without a target"))
}

/// What a plan is made of besides the request: where the cases come from, who is asked, who judges.
struct Made {
    cases: CaseSource,
    target: Arc<dyn Target>,
    judge: Arc<dyn Judge>,
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

/// Keeps answers in the database. What goes wrong here is logged and counts as a miss.
struct StoreCache(Playbook);

impl ResponseCache for StoreCache {
    fn get<'a>(&'a self, key: &'a evidence::ContentHash) -> BoxFuture<'a, Option<CachedAnswer>> {
        let key = key.clone();
        async move {
            let found = self
                .0
                .blocking(move |playbook| Ok(playbook.store.cached_response(&key)?))
                .await;
            let bytes = found
                .inspect_err(|error| tracing::warn!(%error, "the response cache cannot be read"))
                .ok()??;
            serde_json::from_slice(&bytes).ok()
        }
        .boxed()
    }

    fn put<'a>(&'a self, key: &'a evidence::ContentHash, answer: CachedAnswer) -> BoxFuture<'a, ()> {
        let key = key.clone();
        async move {
            let kept = self
                .0
                .blocking(move |playbook| {
                    let bytes =
                        serde_json::to_vec(&answer).map_err(|error| Error::internal(error.to_string()))?;
                    Ok(playbook.store.keep_response(&key, &bytes, playbook.host.now())?)
                })
                .await;
            if let Err(error) = kept {
                tracing::warn!(%error, "an answer could not be kept in the response cache");
            }
        }
        .boxed()
    }
}
