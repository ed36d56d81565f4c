//! Projects: folders that the app knows.

use super::{Playbook, run_view::is_whole, suite_row::suite_row};
use crate::{
    Code, Error, starter,
    wire::{
        Nothing,
        project::{
            Chart, CreateStarterRequest, OpenProjectRequest, Point, ProjectRequest, ProjectRow, ProjectView,
            Projects, Series, TrustRequest,
        },
    },
};
use evidence::{ProjectId, Purpose, RunId, RunStatus, RunSummary, Unit};
use std::path::{Path, PathBuf};
use store::{ProjectRecord, RunRecord};

impl Playbook {
    /// Every project.
    pub async fn projects(&self, _: Nothing) -> Result<Projects, Error> {
        self.blocking(|playbook| {
            let projects = playbook.store.projects()?;
            let rows = projects
                .into_iter()
                .map(|project| playbook.row(project))
                .collect::<Result<_, _>>()?;
            Ok(Projects { projects: rows })
        })
        .await
    }

    fn row(&self, project: ProjectRecord) -> Result<ProjectRow, Error> {
        let runs = self.store.runs(Some(project.id))?;
        Ok(self.row_with(project, &runs))
    }

    fn row_with(&self, project: ProjectRecord, runs: &[RunRecord]) -> ProjectRow {
        let finished = |run: &&RunRecord| run.summary.status == RunStatus::Finished;
        let candidate = |run: &&RunRecord| run.summary.purpose == Purpose::Candidate;
        let measured = runs.iter().filter(finished).any(|run| candidate(&run));
        // What a filter or a drill shows says nothing of the project as a whole.
        let shown = runs
            .iter()
            .find(|run| candidate(run) && is_whole(run))
            .or_else(|| runs.iter().find(finished));
        ProjectRow {
            id: project.id,
            folder_exists: Path::new(&project.folder).is_dir(),
            name: project.name,
            folder: project.folder,
            starter: project.starter,
            trusted: project.trusted,
            created_at: project.created_at,
            runs: runs.len() as u64,
            last_run: shown.map(|run| run.summary.clone()),
            label: (!measured).then(|| "exploration".to_owned()),
        }
    }

    /// One project.
    pub async fn project(&self, request: ProjectRequest) -> Result<ProjectView, Error> {
        self.blocking(move |playbook| {
            let project = playbook.store.project(request.project)?;
            let folder = PathBuf::from(&project.folder);
            let runs = playbook.store.runs(Some(project.id))?;
            let configured = playbook.store.providers()?;
            let suites = harness::suite::find(&folder)
                .iter()
                .map(|path| suite_row(&folder, path, &configured))
                .collect();
            let newest = runs.iter().find(|run| run.summary.status == RunStatus::Finished);
            let days_since_run = newest
                .and_then(|run| run.summary.finished_at)
                .map(|finished| (playbook.host.now() - finished).num_days());
            let summaries: Vec<RunSummary> = runs.iter().map(|run| run.summary.clone()).collect();
            Ok(ProjectView {
                first_change: starter::first_change(&folder),
                charts: charts(&summaries),
                row: playbook.row_with(project, &runs),
                suites,
                runs: summaries,
                days_since_run,
            })
        })
        .await
    }

    /// Makes a starter project in a new folder. The person asked for exactly these files, so they are trusted.
    pub async fn create_starter(&self, request: CreateStarterRequest) -> Result<ProjectRow, Error> {
        self.blocking(move |playbook| {
            let folder = absolute(&request.folder)?;
            let (folder, title) = starter::create(&request.starter, &folder)?;
            playbook.add(&folder, title, Some(request.starter), true)
        })
        .await
    }

    /// Gets to know a folder that has a suite. It is not trusted by that.
    pub async fn open_project(&self, request: OpenProjectRequest) -> Result<ProjectRow, Error> {
        self.blocking(move |playbook| {
            let folder = absolute(&request.folder)?;
            let folder = folder
                .canonicalize()
                .map_err(|error| Error::file(&folder, &error))?;
            if harness::suite::find(&folder).is_empty() {
                return Err(Error::input(
                    format!("{} has no suite (looked for suite.yaml)", folder.display()),
                    "Adopt the folder as an own project, which writes one.",
                ));
            }
            let origin = starter::origin(&folder).map(|origin| origin.starter);
            playbook.add(&folder, folder_name(&folder), origin, false)
        })
        .await
    }

    /// The project that a suite file or folder belongs to; the app gets to know it if it does not yet.
    pub async fn project_of(&self, path: &Path) -> Result<(ProjectRow, Option<String>), Error> {
        let path = path.to_path_buf();
        self.blocking(move |playbook| {
            let path = path.canonicalize().map_err(|error| Error::file(&path, &error))?;
            let suite = super::imported::read_suite(&path, &playbook.store.providers()?)?.suite;
            let known = suite
                .folder
                .ancestors()
                .map(|folder| playbook.store.project_in(&folder.display().to_string()))
                .find_map(|found| found.transpose());
            let row = match known.transpose()? {
                Some(project) => playbook.row(project)?,
                None => {
                    let origin = starter::origin(&suite.folder).map(|origin| origin.starter);
                    playbook.add(&suite.folder, folder_name(&suite.folder), origin, false)?
                }
            };
            let inner = suite
                .path
                .strip_prefix(&row.folder)
                .unwrap_or(&suite.path)
                .display()
                .to_string();
            Ok((row, Some(inner)))
        })
        .await
    }

    /// The project that a person names: by folder, by id, or by its name where only one has it.
    pub async fn find_project(&self, text: &str) -> Result<ProjectRow, Error> {
        let text = text.to_owned();
        self.blocking(move |playbook| {
            let projects = playbook.store.projects()?;
            let folder = absolute(&text)
                .and_then(|path| path.canonicalize().map_err(|error| Error::file(&path, &error)));
            let in_folder = |project: &&ProjectRecord| {
                folder
                    .as_ref()
                    .is_ok_and(|folder| Path::new(&project.folder) == folder)
            };
            let found = projects
                .iter()
                .find(in_folder)
                .or_else(|| projects.iter().find(|project| project.id.to_string() == text))
                .cloned();
            if let Some(project) = found {
                return playbook.row(project);
            }
            let named: Vec<&ProjectRecord> = projects.iter().filter(|project| project.name == text).collect();
            match named.as_slice() {
                [project] => playbook.row((*project).clone()),
                [] if projects.is_empty() => Err(Error::new(
                    Code::NotFound,
                    "there is no project yet",
                    "Make one: playbook new DIR --starter rag-support-assistant, or playbook init DIR.",
                )),
                [] => {
                    let known: Vec<String> = projects
                        .iter()
                        .map(|project| format!("{} ({})", project.name, project.folder))
                        .collect();
                    Err(Error::new(
                        Code::NotFound,
                        format!("there is no project `{text}`"),
                        format!("Name one by its folder. Known: {}.", known.join("; ")),
                    ))
                }
                _ => Err(Error::input(
                    format!("{} projects are called `{text}`", named.len()),
                    "Name the one you mean by its folder.",
                )),
            }
        })
        .await
    }

    /// The run that a person names: `last`, an id, or a number within the project (without one, within the project
    /// that ran last).
    pub async fn find_run(&self, project: Option<ProjectId>, text: &str) -> Result<RunId, Error> {
        let text = text.to_owned();
        self.blocking(move |playbook| {
            let runs = playbook.store.runs(project)?;
            let Some(newest) = runs.first() else {
                return Err(Error::new(
                    Code::NotFound,
                    "there is no run yet",
                    "Start one with playbook eval.",
                ));
            };
            if text == "last" {
                return Ok(newest.summary.run);
            }
            if let Ok(id) = text.parse::<RunId>() {
                return Ok(playbook.store.run(id)?.summary.run);
            }
            let number = text.trim_start_matches('#').parse::<u32>().map_err(|_| {
                Error::input(
                    format!("`{text}` is no run"),
                    "Name a run by `last`, its number or its id (playbook runs).",
                )
            })?;
            playbook
                .store
                .run_numbered(newest.summary.project, number)?
                .ok_or_else(|| {
                    Error::new(
                        Code::NotFound,
                        format!("there is no run {number}"),
                        "playbook runs lists them.",
                    )
                })
        })
        .await
    }

    /// Runs, newest first: of one project or of all.
    pub async fn run_list(&self, project: Option<ProjectId>) -> Result<Vec<RunSummary>, Error> {
        self.blocking(move |playbook| {
            Ok(playbook
                .store
                .runs(project)?
                .into_iter()
                .map(|record| record.summary)
                .collect())
        })
        .await
    }

    pub(super) fn add(
        &self,
        folder: &Path,
        name: String,
        starter: Option<String>,
        trusted: bool,
    ) -> Result<ProjectRow, Error> {
        let project = self.store.add_project(&ProjectRecord {
            id: ProjectId::new(),
            name,
            folder: folder.display().to_string(),
            starter,
            trusted,
            created_at: self.host.now(),
        })?;
        if trusted && !project.trusted {
            self.store.set_trusted(project.id, true)?;
        }
        self.row(ProjectRecord {
            trusted: trusted || project.trusted,
            ..project
        })
    }

    /// Says whether the app may run the project's commands.
    pub async fn trust_project(&self, request: TrustRequest) -> Result<Nothing, Error> {
        self.blocking(move |playbook| {
            playbook.store.set_trusted(request.project, request.trusted)?;
            Ok(Nothing {})
        })
        .await
    }
}

/// A path as a person gives it: `~` is the home folder, a relative one is below the current folder.
pub(super) fn absolute(text: &str) -> Result<PathBuf, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::input("no folder was given", "Choose a folder."));
    }
    let path = match (text.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(text),
    };
    std::path::absolute(&path).map_err(|error| Error::file(&path, &error))
}

pub(super) fn folder_name(folder: &Path) -> String {
    folder
        .file_name()
        .map_or_else(|| "project".into(), |name| name.to_string_lossy().into_owned())
}

/// Id, title, unit, and the metrics with the names of their lines.
type ChartSpec = (
    &'static str,
    &'static str,
    Unit,
    &'static [(&'static str, &'static str)],
);

/// Lines of a chart at most: as many as there are colours.
const MOST_LINES: usize = 6;

/// Charts over finished candidates of the newest candidate's suite, oldest first: a line for each target, and targets that one eval
/// measured side by side share a place.
fn charts(runs: &[RunSummary]) -> Vec<Chart> {
    let candidate =
        |run: &&RunSummary| run.purpose == Purpose::Candidate && run.status == RunStatus::Finished;
    let Some(newest) = runs.iter().find(candidate) else {
        return Vec::new();
    };
    let shown: Vec<&RunSummary> = runs
        .iter()
        .rev()
        .filter(candidate)
        .filter(|run| run.suite_name == newest.suite_name)
        .collect();
    let mut places: Vec<Vec<&RunSummary>> = Vec::new();
    for run in shown.iter().copied() {
        let beside = |place: &Vec<&RunSummary>| {
            run.group.is_some() && place.iter().any(|other| other.group == run.group)
        };
        match places.iter().position(beside) {
            Some(at) => places[at].push(run),
            None => places.push(vec![run]),
        }
    }
    let mut targets: Vec<&str> = Vec::new();
    for run in places.iter().rev().flatten() {
        if !targets.contains(&run.target.name.as_str()) {
            targets.push(&run.target.name);
        }
    }
    targets.truncate(MOST_LINES);
    let limit = |metric: &str| {
        let mut gates = newest.gate.metrics.iter().map(|gate| &gate.threshold);
        gates
            .find(|threshold| threshold.metric == metric)
            .map(|threshold| threshold.limit)
    };
    let specs: [ChartSpec; 3] = [
        (
            "pass_rate",
            "Pass rate by run",
            Unit::Share,
            &[("pass_rate", "Pass rate")],
        ),
        (
            "latency",
            "Latency by run",
            Unit::Milliseconds,
            &[("latency_p95", "p95"), ("latency_p50", "p50")],
        ),
        (
            "cost",
            "Cost per case by run",
            Unit::Usd,
            &[("cost_per_case", "Cost per case")],
        ),
    ];
    specs
        .into_iter()
        .filter(|(_, _, _, metrics)| {
            shown.iter().any(|run| {
                run.metric(metrics[0].0)
                    .is_some_and(|metric| metric.value.is_some())
            })
        })
        .map(|(id, title, unit, metrics)| Chart {
            id: id.into(),
            title: title.into(),
            unit,
            threshold: limit(metrics[0].0),
            series: lines(&targets, metrics)
                .map(|(name, target, metric)| Series {
                    name,
                    points: places
                        .iter()
                        .enumerate()
                        .filter_map(|(i, place)| point(place, &places[..i], target, metric))
                        .collect(),
                })
                // One of several that was never measured in this has no line.
                .filter(|line| targets.len() == 1 || line.points.iter().any(|point| point.value.is_some()))
                .collect(),
        })
        .collect()
}

/// Name, target and metric of each line: every metric of one target, or the first metric of each of several.
fn lines<'a>(
    targets: &'a [&'a str],
    metrics: &'a [(&'static str, &'static str)],
) -> impl Iterator<Item = (String, &'a str, &'static str)> {
    let several = targets.len() > 1;
    targets.iter().flat_map(move |target| {
        let shown = if several { &metrics[..1] } else { metrics };
        shown.iter().map(move |(metric, name)| {
            let name = match (several, metrics.len()) {
                (false, _) => (*name).to_owned(),
                (true, 1) => (*target).to_owned(),
                (true, _) => format!("{target}, {name}"),
            };
            (name, *target, *metric)
        })
    })
}

/// What a target measured at a place; no data where it did not run there. What it measured before, on other cases or with other
/// graders, is no part of the same line.
fn point(place: &[&RunSummary], earlier: &[Vec<&RunSummary>], target: &str, name: &str) -> Option<Point> {
    let (first, last) = (place.first()?, place.last()?);
    let run = place.iter().find(|run| run.target.name == target);
    let mut before = earlier.iter().rev().flatten();
    let before = before.find(|before| before.target.name == target);
    let cut = run
        .zip(before)
        .is_some_and(|(run, before)| run.dataset != before.dataset || run.grading != before.grading);
    let metric = run.and_then(|run| run.metric(name));
    let interval = metric.and_then(|metric| metric.interval);
    Some(Point {
        label: if first.number == last.number {
            format!("Run {}", first.number)
        } else {
            format!("Runs {} to {}", first.number, last.number)
        },
        at: run.unwrap_or(first).started_at,
        value: metric.and_then(|metric| metric.value),
        low: interval.and_then(|interval| interval.low),
        high: interval.and_then(|interval| interval.high),
        text: metric.map_or_else(|| "no data".into(), evidence::Metric::value_text),
        cut,
    })
}
