//! The app as a whole: state at the start, settings, recovery.

use super::Playbook;
use crate::{
    Error, starter,
    wire::{
        Nothing,
        app::{AppState, ResumableRun, RunningRun, Settings},
    },
};
use evidence::{RunStatus, RunSummary};
use std::collections::HashMap;
use store::RunRecord;

impl Playbook {
    /// What a front needs before it draws its first screen.
    pub async fn app_state(&self, _: Nothing) -> Result<AppState, Error> {
        self.blocking(|playbook| {
            let names: HashMap<_, _> = playbook
                .store
                .projects()?
                .into_iter()
                .map(|project| (project.id, project.name))
                .collect();
            let name = |summary: &RunSummary| names.get(&summary.project).cloned().unwrap_or_default();
            let (mut resumable, mut running) = (Vec::new(), Vec::new());
            for record in playbook.store.runs(None)? {
                let summary = &record.summary;
                let done = || playbook.store.result_counts(record.key).map(|counts| counts.done);
                if summary.status == RunStatus::Running {
                    running.push(RunningRun {
                        run: summary.run,
                        project: summary.project,
                        project_name: name(summary),
                        number: summary.number,
                        done: done()?,
                        planned: summary.planned,
                    });
                } else if summary.status.can_resume() {
                    resumable.push(ResumableRun {
                        run: summary.run,
                        project: summary.project,
                        project_name: name(summary),
                        number: summary.number,
                        done: done()?,
                        planned: summary.planned,
                        reason: match summary.status {
                            RunStatus::Cancelled => "It was stopped.".into(),
                            RunStatus::Interrupted => "The app ended before the run did.".into(),
                            _ => record
                                .failure
                                .as_deref()
                                .and_then(super::run_view::read_failure)
                                .map_or_else(|| "It broke off.".into(), |failure| failure.message),
                        },
                    });
                }
            }
            Ok(AppState {
                version: env!("CARGO_PKG_VERSION").into(),
                set_out: playbook.journal_record()?.has_set_out(),
                settings: playbook.settings()?,
                data_folder: playbook.paths.data_folder().display().to_string(),
                projects_folder: playbook.paths.projects.display().to_string(),
                resumable,
                running,
                starters: starter::offers()?,
            })
        })
        .await
    }

    fn settings(&self) -> Result<Settings, Error> {
        let text = self.store.setting("settings")?;
        // A setting that a later version wrote must not keep the app from starting.
        Ok(text
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default())
    }

    /// Keeps what the person set.
    pub async fn save_settings(&self, mut settings: Settings) -> Result<Nothing, Error> {
        if !(80..=200).contains(&settings.text_zoom) {
            return Err(Error::input(
                format!("{} % is no text size", settings.text_zoom),
                "Choose a size from 80 to 200 %.",
            ));
        }
        let surplus = settings
            .dismissed_runs
            .len()
            .saturating_sub(Settings::MOST_DISMISSED);
        settings.dismissed_runs.drain(..surplus);
        self.blocking(move |playbook| {
            let text =
                serde_json::to_string(&settings).map_err(|error| Error::internal(error.to_string()))?;
            playbook.store.set_setting("settings", &text)?;
            Ok(Nothing {})
        })
        .await
    }

    /// Finds runs whose process is gone: ends what they left running and makes them resumable.
    pub(super) fn recover(&self) -> Result<(), Error> {
        let mut orphans = Vec::new();
        for record in self.store.runs(None)? {
            let alive = record.owner.as_deref().is_some_and(harness::process::is_alive);
            if record.summary.status == RunStatus::Running && !alive {
                orphans.push(record);
            }
        }
        let marks: Vec<String> = orphans
            .iter()
            .map(|record| record.summary.run.to_string())
            .collect();
        let ended = harness::process::end_marked(&marks);
        if !orphans.is_empty() || ended > 0 {
            tracing::info!(
                runs = orphans.len(),
                processes = ended,
                "found runs that a killed process left behind"
            );
        }
        for record in orphans {
            match self.summarise(&record, RunStatus::Interrupted) {
                Ok(summary) => self.store.end_run(&summary, None)?,
                Err(error) => self.give_up(record, &error)?,
            }
        }
        Ok(())
    }

    /// Ends a run that was left behind and cannot be summarised: it stays as it is and says why, and keeps nobody from the others.
    fn give_up(&self, record: RunRecord, error: &Error) -> Result<(), Error> {
        tracing::error!(run = %record.summary.run, %error, "a run that was left behind cannot be summarised");
        let failure = Error::new(
            error.code,
            format!(
                "The app ended before the run did, and what is there cannot be summarised: {}",
                error.message
            ),
            error.hint.clone(),
        );
        let summary = RunSummary {
            status: RunStatus::Failed,
            finished_at: Some(self.host.now()),
            ..record.summary
        };
        let failure = serde_json::to_string(&failure.wire()).ok();
        Ok(self.store.end_run(&summary, failure.as_deref())?)
    }
}
