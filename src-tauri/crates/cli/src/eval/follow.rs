//! Progress in the terminal: one bar for all targets that are measured side by side.

use crate::console::colours;
use api::{
    Playbook,
    evidence::RunId,
    wire::{event::RunEvent, run::RunRequest},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{collections::HashMap, io::IsTerminal as _};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    task::JoinSet,
};

/// Events that wait to be shown; the terminal misses a step of the bar rather than slowing a run.
const EVENTS: usize = 256;

/// What is known of one run.
#[derive(Clone, Copy, Default)]
struct Count {
    done: u64,
    planned: u64,
    passed: u64,
    failed: u64,
    errored: u64,
}

/// Shows how far the runs are until each has ended. Ctrl-C stops them and keeps what is finished.
pub(super) async fn follow(playbook: &Playbook, runs: &[RunId]) {
    let bar = bar();
    let (sender, mut events) = mpsc::channel(EVENTS);
    let mut followers = JoinSet::new();
    for run in runs.iter().copied() {
        let (playbook, sender) = (playbook.clone(), sender.clone());
        followers.spawn(async move {
            // A run that cannot be followed is still asked for its end afterwards.
            let _ = playbook
                .follow(run, |event| {
                    !matches!(sender.try_send((run, event)), Err(TrySendError::Closed(_)))
                })
                .await;
        });
    }
    drop(sender);
    let mut counts: HashMap<RunId, Count> = HashMap::new();
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some((run, event)) => show(&bar, &mut counts, run, event),
                None => break,
            },
            _ = tokio::signal::ctrl_c() => {
                bar.set_message("stopping; what is finished is kept");
                for run in runs {
                    // It may have ended in the same moment; then there is nothing to stop.
                    let _ = playbook.cancel_run(RunRequest { run: *run }).await;
                }
            }
        }
    }
    bar.finish_and_clear();
}

fn show(bar: &ProgressBar, counts: &mut HashMap<RunId, Count>, run: RunId, event: RunEvent) {
    match event {
        RunEvent::Preparing { text, .. } => bar.set_message(text),
        RunEvent::Progress {
            done,
            planned,
            passed,
            failed,
            errored,
            ..
        } => {
            let count = Count {
                done,
                planned,
                passed,
                failed,
                errored,
            };
            counts.insert(run, count);
            let sum = |of: fn(&Count) -> u64| counts.values().map(of).sum::<u64>();
            bar.set_length(sum(|count| count.planned));
            bar.set_position(sum(|count| count.done));
            let errored = sum(|count| count.errored);
            let errors = if errored > 0 {
                format!(", {errored} errors")
            } else {
                String::new()
            };
            bar.set_message(format!(
                "{} passed, {} failed{errors}",
                sum(|count| count.passed),
                sum(|count| count.failed)
            ));
        }
        RunEvent::Ended { .. } => {}
    }
}

fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = if colours() {
        "{elapsed_precise} {bar:30.cyan/dim} {pos}/{len}  {msg}"
    } else {
        "{elapsed_precise} {bar:30} {pos}/{len}  {msg}"
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    bar.set_style(style);
    bar
}
