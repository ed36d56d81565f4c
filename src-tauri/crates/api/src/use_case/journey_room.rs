//! Today, Roadmap, Skills, and what the person records.

use super::Playbook;
use crate::{
    Error,
    wire::{
        Nothing,
        screen::{LastRun, LinkRequest, LinkSource, RecordRequest, TodayScreen},
    },
};
use chrono::{DateTime, Utc};
use evidence::{Artifact, ArtifactId, ArtifactKind, ContentHash, RunStatus};
use journey::{
    Command, Facts, ProjectFacts, Record,
    views::{RoadmapView, SetupView, SkillsView},
};

/// The metrics in the margin of Today.
const MARGIN: [&str; 3] = ["pass_rate", "latency_p95", "cost_per_case"];

impl Playbook {
    pub(super) fn journal_record(&self) -> Result<Record, Error> {
        Ok(Record::from_entries(&self.store.journal()?))
    }

    pub(super) fn facts(&self) -> Result<Facts, Error> {
        Ok(Facts {
            runs: self
                .store
                .runs(None)?
                .into_iter()
                .map(|record| record.summary)
                .collect(),
            projects: self
                .store
                .projects()?
                .into_iter()
                .map(|project| ProjectFacts {
                    id: project.id,
                    name: project.name,
                    starter: project.starter,
                    created_at: project.created_at,
                })
                .collect(),
        })
    }

    /// The first screens.
    pub async fn setup(&self, _: Nothing) -> Result<SetupView, Error> {
        self.blocking(|playbook| {
            let record = playbook.journal_record()?;
            Ok(journey::setup_view(
                &record,
                &playbook.content.journey,
                playbook.host.today(),
            ))
        })
        .await
    }

    /// The Today room.
    pub async fn today(&self, _: Nothing) -> Result<TodayScreen, Error> {
        self.blocking(|playbook| {
            let (record, facts) = (playbook.journal_record()?, playbook.facts()?);
            let (now, today) = (playbook.host.now(), playbook.host.today());
            let view = journey::today_view(&record, &facts, &playbook.content.journey, now, today);
            Ok(TodayScreen {
                today: view,
                last_run: playbook.last_run()?,
            })
        })
        .await
    }

    fn last_run(&self) -> Result<Option<LastRun>, Error> {
        let runs = self.store.runs(None)?;
        let Some(record) = runs
            .iter()
            .find(|record| record.summary.status == RunStatus::Finished)
        else {
            return Ok(None);
        };
        let summary = &record.summary;
        let project = self.store.project(summary.project)?;
        let tiles = super::tiles::tiles(summary, None);
        Ok(Some(LastRun {
            run: summary.run,
            project: project.id,
            project_name: project.name,
            caption: format!(
                "{}, run {}, {} cases, {}",
                summary.suite_name,
                summary.number,
                summary.cases,
                summary.models_text()
            ),
            finished_at: summary.finished_at,
            tiles: tiles
                .into_iter()
                .filter(|tile| MARGIN.contains(&tile.metric.as_str()))
                .collect(),
            practice: summary.practice,
        }))
    }

    /// The Roadmap room.
    pub async fn roadmap(&self, _: Nothing) -> Result<RoadmapView, Error> {
        self.blocking(|playbook| {
            let (record, facts) = (playbook.journal_record()?, playbook.facts()?);
            let (now, today) = (playbook.host.now(), playbook.host.today());
            Ok(journey::roadmap_view(
                &record,
                &facts,
                &playbook.content.journey,
                now,
                today,
            ))
        })
        .await
    }

    /// The Skills room.
    pub async fn skills(&self, _: Nothing) -> Result<SkillsView, Error> {
        self.blocking(|playbook| {
            let (record, facts) = (playbook.journal_record()?, playbook.facts()?);
            let (now, today) = (playbook.host.now(), playbook.host.today());
            Ok(journey::skills_view(
                &record,
                &facts,
                &playbook.content.journey,
                now,
                today,
            ))
        })
        .await
    }

    /// Records something that the person did or decided.
    pub async fn record(&self, request: RecordRequest) -> Result<Nothing, Error> {
        if let Command::LinkArtifact { artifact, .. } = &request.command
            && matches!(artifact.kind, ArtifactKind::File { .. })
        {
            // A file's hash is taken here, never believed.
            return Err(Error::input(
                "a file is linked with link_artifact",
                "Use link_artifact, which reads the file.",
            ));
        }
        self.decide(request.command).await
    }

    async fn decide(&self, command: Command) -> Result<Nothing, Error> {
        self.blocking(move |playbook| {
            let (record, facts) = (playbook.journal_record()?, playbook.facts()?);
            let (now, today) = (playbook.host.now(), playbook.host.today());
            let events = journey::decide(&record, &facts, &playbook.content.journey, command, now, today)?;
            playbook.store.append_journal(now, &events)?;
            Ok(Nothing {})
        })
        .await
    }

    /// Links a run, a file or an address.
    pub async fn link_artifact(&self, request: LinkRequest) -> Result<Nothing, Error> {
        let now = self.host.now();
        let playbook = self.clone();
        let artifact = self
            .blocking(move |_| {
                playbook
                    .artifact(&request.source, &request.label, now)
                    .map(|artifact| (artifact, request.place, request.need))
            })
            .await?;
        let (artifact, place, need) = artifact;
        self.decide(Command::LinkArtifact {
            place,
            artifact,
            need,
        })
        .await
    }

    fn artifact(&self, source: &LinkSource, label: &str, now: DateTime<Utc>) -> Result<Artifact, Error> {
        let (kind, proposed) = match source {
            LinkSource::Run { run } => {
                let summary = self.store.run(*run)?.summary;
                (
                    ArtifactKind::Run { run: *run },
                    format!("Run {} of {}", summary.number, summary.suite_name),
                )
            }
            LinkSource::File { path } => {
                let place = std::path::Path::new(path);
                let absolute = place.canonicalize().map_err(|error| Error::file(place, &error))?;
                if absolute.is_dir() {
                    return Err(Error::input(
                        format!("{path} is a folder"),
                        "Choose a file in it.",
                    ));
                }
                let bytes = std::fs::read(&absolute).map_err(|error| Error::file(&absolute, &error))?;
                let name = absolute
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                (
                    ArtifactKind::File {
                        path: absolute.display().to_string(),
                        hash: ContentHash::of(bytes),
                    },
                    name,
                )
            }
            LinkSource::Link { url } => {
                let url = url.trim();
                let host = url
                    .strip_prefix("https://")
                    .or_else(|| url.strip_prefix("http://"));
                if host.is_none_or(|host| host.is_empty() || url.contains(char::is_whitespace)) {
                    return Err(Error::input(
                        format!("`{url}` is not an address"),
                        "Give a whole address, beginning with https:// or http://.",
                    ));
                }
                (ArtifactKind::Link { url: url.to_owned() }, url.to_owned())
            }
        };
        let label = if label.trim().is_empty() {
            proposed
        } else {
            label.trim().to_owned()
        };
        Ok(Artifact {
            id: ArtifactId::new(),
            kind,
            label,
            linked_at: now,
        })
    }
}
