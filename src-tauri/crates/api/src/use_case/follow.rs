//! Following a run, whether it goes on in this process, in another one, or has ended.

use super::Playbook;
use crate::{Error, wire::event::RunEvent};
use evidence::{RunId, RunStatus};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// Between two looks at a run that another process works on.
const LOOK: Duration = Duration::from_millis(500);

impl Playbook {
    /// Tells `each` what happens in a run until it ends or `each` says no. The last event is always `Ended`.
    pub async fn follow(&self, run: RunId, mut each: impl FnMut(RunEvent) -> bool) -> Result<(), Error> {
        if let Some(mut events) = self.watch(run) {
            loop {
                match events.recv().await {
                    Ok(event) => {
                        let ended = matches!(event, RunEvent::Ended { .. });
                        if !each(event) || ended {
                            return Ok(());
                        }
                    }
                    // A slow listener misses a step, never a result: the next event has the newest counts.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => break,
                }
            }
        }
        let mut last = None;
        loop {
            let (event, ended) = self.blocking(move |playbook| playbook.look(run)).await?;
            if last.as_ref() != Some(&event) && !each(event.clone()) {
                return Ok(());
            }
            if ended {
                return Ok(());
            }
            last = Some(event);
            tokio::time::sleep(LOOK).await;
        }
    }

    /// How far a run is, as the database has it.
    fn look(&self, run: RunId) -> Result<(RunEvent, bool), Error> {
        let record = self.store.run(run)?;
        if record.summary.status != RunStatus::Running {
            let failure = record.failure.as_deref().and_then(super::run_view::read_failure);
            return Ok((
                RunEvent::Ended {
                    run,
                    status: record.summary.status,
                    failure,
                },
                true,
            ));
        }
        let counts = self.store.result_counts(record.key)?;
        let event = RunEvent::Progress {
            run,
            done: counts.done,
            planned: record.summary.planned,
            passed: counts.passed,
            failed: counts.done - counts.passed - counts.errored,
            errored: counts.errored,
            cost_usd: None,
            seconds_left: None,
            newest: Vec::new(),
        };
        Ok((event, false))
    }
}
