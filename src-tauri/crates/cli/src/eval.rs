//! `playbook eval`.

use crate::{
    Ended,
    arguments::EvalArguments,
    console::{ask, colours, interactive, note, print},
    print_json, report,
};
use api::{
    Code, Error, Playbook,
    evidence::{GateVerdict, ProjectId, Purpose, RunId, RunStatus},
    wire::{
        event::RunEvent,
        project::{ProjectRow, TrustRequest},
        run::{RunRequest, StartRunRequest},
    },
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{io::IsTerminal as _, path::Path};
use tokio::sync::broadcast::error::RecvError;

pub async fn eval(playbook: &Playbook, arguments: EvalArguments, json: bool) -> Result<Ended, Error> {
    let purpose = arguments
        .purpose
        .as_deref()
        .map(str::parse::<Purpose>)
        .transpose()
        .map_err(|message| Error::input(message, "Leave it out for a candidate."))?;
    let project = match &arguments.suite {
        Some(path) => Some(playbook.project_of(path).await?),
        None => None,
    };
    if let Some((row, _)) = &project {
        trust(playbook, row, arguments.trust).await?;
    }
    let run = match &arguments.resume {
        Some(text) => {
            let run = playbook
                .find_run(project.as_ref().map(|(row, _)| row.id), text)
                .await?;
            if arguments.trust && project.is_none() {
                let owner = playbook.run(RunRequest { run }).await?.summary.project;
                allow(playbook, owner).await?;
            }
            let there = playbook.run(RunRequest { run }).await?.summary;
            if there.status == RunStatus::Finished {
                note(&format!(
                    "run {} is finished, so there is nothing to go on with; these are its results",
                    there.number
                ));
                run
            } else {
                playbook.resume_run(RunRequest { run }).await?.run
            }
        }
        None => {
            let Some((row, suite)) = project else {
                return Err(Error::input(
                    "no suite was named",
                    "playbook eval SUITE, or --resume last.",
                ));
            };
            let request = StartRunRequest {
                project: row.id,
                suite,
                purpose,
                repeat: arguments.repeat,
                concurrency: arguments.concurrency,
                filter: arguments.filter,
            };
            playbook.start_run(request).await?.run
        }
    };
    follow(playbook, run).await;
    finish(playbook, run, arguments.output.as_deref(), json).await
}

/// Commands of a project folder run only where the person trusts it: `--trust`, or a yes at the terminal.
async fn trust(playbook: &Playbook, row: &ProjectRow, given: bool) -> Result<(), Error> {
    if row.trusted {
        return Ok(());
    }
    let agreed = given
        || (interactive()
            && ask(
                &format!("Trust {} and run its commands? (yes/no)", row.folder),
                "no",
            )
            .is_some_and(|answer| answer.eq_ignore_ascii_case("yes") || answer.eq_ignore_ascii_case("y")));
    if agreed {
        allow(playbook, row.id).await
    } else {
        Ok(())
    }
}

async fn allow(playbook: &Playbook, project: ProjectId) -> Result<(), Error> {
    playbook
        .trust_project(TrustRequest {
            project,
            trusted: true,
        })
        .await?;
    Ok(())
}

/// Shows how far the run is until it ends. The first Ctrl-C stops it and keeps what is finished.
async fn follow(playbook: &Playbook, run: RunId) {
    let bar = bar();
    if let Some(mut events) = playbook.watch(run) {
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Ok(RunEvent::Preparing { text, .. }) => bar.set_message(text),
                    Ok(RunEvent::Progress { done, planned, passed, failed, errored, .. }) => {
                        bar.set_length(planned);
                        bar.set_position(done);
                        let errors = if errored > 0 { format!(", {errored} errors") } else { String::new() };
                        bar.set_message(format!("{passed} passed, {failed} failed{errors}"));
                    }
                    Ok(RunEvent::Ended { .. }) | Err(RecvError::Closed) => break,
                    // Too slow a terminal misses a step of the bar, never a result.
                    Err(RecvError::Lagged(_)) => {}
                },
                _ = tokio::signal::ctrl_c() => {
                    bar.set_message("stopping; what is finished is kept");
                    // It may have ended in the same moment; then there is nothing to stop.
                    let _ = playbook.cancel_run(RunRequest { run }).await;
                }
            }
        }
    }
    bar.finish_and_clear();
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

async fn finish(playbook: &Playbook, run: RunId, output: Option<&Path>, json: bool) -> Result<Ended, Error> {
    let view = playbook.run(RunRequest { run }).await?;
    if json || output.is_some() {
        let file = playbook.results_file(run).await?;
        if let Some(path) = output {
            let text =
                serde_json::to_string_pretty(&file).map_err(|error| Error::internal(error.to_string()))?;
            std::fs::write(path, text).map_err(|error| {
                Error::new(
                    Code::Machine,
                    format!("the results cannot be written to {}: {error}", path.display()),
                    "The run itself is safe in the database; name another file with --resume last --output FILE.",
                )
            })?;
            note(&format!("results written to {}", path.display()));
        }
        // A run that broke off is an error, and standard output carries one JSON text.
        if json && matches!(view.summary.status, RunStatus::Finished | RunStatus::Cancelled) {
            print_json(&file)?;
        }
    }
    if !json {
        print(&report::run(&view));
    }
    match view.summary.status {
        RunStatus::Failed | RunStatus::Interrupted | RunStatus::Running => {
            let failure = view.failure;
            Err(match failure {
                Some(failure) => Error::new(
                    if failure.code == Code::Input.as_str() {
                        Code::Input
                    } else {
                        Code::Target
                    },
                    failure.message,
                    failure.hint,
                ),
                None => Error::new(
                    Code::Machine,
                    "the run broke off",
                    "Resume it with --resume last.",
                ),
            })
        }
        RunStatus::Cancelled => {
            note(&format!(
                "stopped: {} of {} results are kept. Go on with: playbook eval --resume {run}",
                view.summary.trials, view.summary.planned
            ));
            Ok(Ended::Stopped)
        }
        RunStatus::Finished => Ok(match view.summary.gate.verdict {
            GateVerdict::Passed => Ended::Well,
            GateVerdict::Failed => Ended::GateFailed,
            // Nothing can be released without three release metrics; an experiment is no release.
            GateVerdict::Unset if view.summary.purpose == Purpose::Candidate => Ended::GateFailed,
            GateVerdict::Unset => Ended::Well,
        }),
    }
}
