//! What goes on in this process: runs with who follows them, ten messages a second at most, services that are tried; and how all
//! of it is stopped.

use crate::wire::{WireError, event::RunEvent, run::ResultRow};
use evidence::{PicoUsd, RunId, RunStatus};
use harness::{TrialResult, sink::RunObserver};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{Notify, broadcast, watch};
use tokio_util::sync::CancellationToken;

/// Between two messages about progress.
const PERIOD: Duration = Duration::from_millis(100);
/// Rows that a message carries at most.
const NEWEST: usize = 20;
/// Messages that a slow listener may fall behind; it then goes on with the newest.
const BACKLOG: usize = 64;

/// Everything that goes on in this process.
#[derive(Clone, Default)]
pub(super) struct Jobs {
    runs: Arc<Mutex<HashMap<RunId, Arc<Job>>>>,
    tries: Arc<Tries>,
}

/// Services that are started for one question, before there is a project.
#[derive(Default)]
struct Tries {
    going_on: watch::Sender<usize>,
    stop: Notify,
}

/// One try, for as long as it lives.
struct Try<'a>(&'a watch::Sender<usize>);

impl<'a> Try<'a> {
    fn begin(going_on: &'a watch::Sender<usize>) -> Self {
        going_on.send_modify(|count| *count += 1);
        Self(going_on)
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// One run that goes on.
pub(super) struct Job {
    run: RunId,
    events: broadcast::Sender<RunEvent>,
    progress: Mutex<Progress>,
    pub(super) cancel: CancellationToken,
    ended: watch::Sender<bool>,
}

/// What is there of a run that is gone on with.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Already {
    pub(super) done: u64,
    pub(super) passed: u64,
    pub(super) errored: u64,
    pub(super) spent: PicoUsd,
}

struct Progress {
    planned: u64,
    already: u64,
    done: u64,
    passed: u64,
    errored: u64,
    cost: Option<PicoUsd>,
    newest: Vec<ResultRow>,
    began: Instant,
    sent: Option<Instant>,
    dirty: bool,
}

impl Jobs {
    /// Takes a run up.
    pub(super) fn begin(&self, run: RunId, planned: u64, already: Already) -> Arc<Job> {
        let job = Arc::new(Job {
            run,
            events: broadcast::channel(BACKLOG).0,
            progress: Mutex::new(Progress {
                planned,
                already: already.done,
                done: already.done,
                passed: already.passed,
                errored: already.errored,
                cost: (already.spent.pico() > 0).then_some(already.spent),
                newest: Vec::new(),
                began: Instant::now(),
                sent: None,
                dirty: true,
            }),
            cancel: CancellationToken::new(),
            ended: watch::channel(false).0,
        });
        lock(&self.runs).insert(run, Arc::clone(&job));
        // What was committed since the last message is sent when its time comes, also when nothing new follows.
        let ticking = Arc::clone(&job);
        tokio::spawn(async move {
            let mut ended = ticking.ended.subscribe();
            let mut ticks = tokio::time::interval(PERIOD);
            loop {
                tokio::select! {
                    _ = ticks.tick() => ticking.send_progress(),
                    _ = ended.changed() => return,
                }
            }
        });
        job
    }

    /// Lets go of a run after its last message.
    pub(super) fn end(&self, job: &Job, status: RunStatus, failure: Option<WireError>) {
        job.send_progress();
        lock(&self.runs).remove(&job.run);
        let _ = job.events.send(RunEvent::Ended {
            run: job.run,
            status,
            failure,
        });
        let _ = job.ended.send(true);
    }

    pub(super) fn get(&self, run: RunId) -> Option<Arc<Job>> {
        lock(&self.runs).get(&run).cloned()
    }

    pub(super) fn watch(&self, run: RunId) -> Option<broadcast::Receiver<RunEvent>> {
        let job = self.get(run)?;
        let receiver = job.events.subscribe();
        // Whoever comes late hears at once how far it is.
        lock(&job.progress).dirty = true;
        Some(receiver)
    }

    pub(super) fn running(&self) -> Vec<RunId> {
        lock(&self.runs).keys().copied().collect()
    }

    /// Tries a service; none when everything was stopped meanwhile, which ends the service with the future that holds it.
    pub(super) async fn try_out<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let _try = Try::begin(&self.tries.going_on);
        let stopped = self.tries.stop.notified();
        tokio::select! {
            done = work => Some(done),
            () = stopped => None,
        }
    }

    pub(super) fn tries(&self) -> usize {
        *self.tries.going_on.borrow()
    }

    pub(super) async fn stop_all(&self) {
        self.tries.stop.notify_waiters();
        let jobs: Vec<Arc<Job>> = lock(&self.runs).values().cloned().collect();
        for job in &jobs {
            job.cancel.cancel();
        }
        for job in jobs {
            let _ = job.ended.subscribe().wait_for(|ended| *ended).await;
        }
        let _ = self
            .tries
            .going_on
            .subscribe()
            .wait_for(|count| *count == 0)
            .await;
    }
}

impl Job {
    fn send_progress(&self) {
        let mut progress = lock(&self.progress);
        let early = progress
            .sent
            .is_some_and(|sent| sent.elapsed() < PERIOD.mul_f64(0.9));
        if !progress.dirty || early {
            return;
        }
        progress.dirty = false;
        progress.sent = Some(Instant::now());
        let fresh = progress.done - progress.already;
        let left = progress.planned.saturating_sub(progress.done);
        let pace = progress.began.elapsed().as_secs_f64() / fresh.max(1) as f64;
        let event = RunEvent::Progress {
            run: self.run,
            done: progress.done,
            planned: progress.planned,
            passed: progress.passed,
            failed: progress.done - progress.passed - progress.errored,
            errored: progress.errored,
            cost_usd: progress.cost.map(PicoUsd::as_usd),
            // An estimate of a few results says nothing.
            seconds_left: (fresh >= 5).then_some(pace * left as f64),
            newest: std::mem::take(&mut progress.newest),
        };
        // Nobody listening is no error.
        let _ = self.events.send(event);
    }
}

impl RunObserver for Job {
    fn preparing(&self, text: &str) {
        let _ = self.events.send(RunEvent::Preparing {
            run: self.run,
            text: text.to_owned(),
        });
    }

    fn slowed(&self, in_flight: usize) {
        let _ = self.events.send(RunEvent::Preparing {
            run: self.run,
            text: format!("The provider asks for fewer calls: {in_flight} at once from now on"),
        });
    }

    fn committed(&self, batch: &[TrialResult]) {
        {
            let mut progress = lock(&self.progress);
            for result in batch {
                progress.done += 1;
                progress.passed += u64::from(result.passed);
                progress.errored += u64::from(result.error.is_some());
                if let Some(cost) = result.spent() {
                    progress.cost = Some(progress.cost.unwrap_or_default() + cost);
                }
            }
            let newest = &batch[batch.len().saturating_sub(NEWEST)..];
            progress
                .newest
                .extend(newest.iter().map(super::results::row_of_result));
            let surplus = progress.newest.len().saturating_sub(NEWEST);
            progress.newest.drain(..surplus);
            progress.dirty = true;
        }
        self.send_progress();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
