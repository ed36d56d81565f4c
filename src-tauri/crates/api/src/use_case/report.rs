//! Reports of runs in the formats that other tools and people read (`docs/reports.md`).

use super::{
    Playbook, ResultsFile,
    run_view::{beside, by_one_ruler, is_whole},
};
use crate::{Code, Error};
use ::export::report::{
    self, Baseline, Flip, HEAD, Kind, MarkdownOptions, Report, ReportCause, ReportError, ReportGrade,
    ReportRow, ReportRun, WeeklyInput, is_report,
};
use ::portfolio::{RunComparison, RunPair};
use evidence::{Comparison, ProjectId, RunId, RunSummary, SliceComparison};
use harness::{TrialRecord, compare};
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};
use store::RunRecord;
use ts_rs::TS;

/// Failed trials that a document for people is given; it shows as many as it can carry.
const SHOWN_ROWS: usize = 500;
/// Letters of question and answer in a row.
const EXCERPT: usize = 2000;

/// A format that runs can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// JUnit XML, which every CI engine reads.
    Junit,
    /// Markdown for a pull request.
    Markdown,
    /// One self-contained HTML page.
    Html,
    /// A JSON object a line, which DuckDB, Polars and Spark read.
    Jsonl,
    /// CSV, which spreadsheets read.
    Csv,
}

impl ReportFormat {
    fn kind(self) -> Kind {
        match self {
            Self::Junit => Kind::Junit,
            Self::Markdown => Kind::Markdown,
            Self::Html => Kind::Html,
            Self::Jsonl => Kind::Jsonl,
            Self::Csv => Kind::Csv,
        }
    }
}

/// Whether a report may take this place: nothing is there, nothing is in it, or an earlier report of its kind. `format` is
/// absent for the results file. What cannot be looked at is left to the writing, which says why.
pub fn may_replace(path: &Path, format: Option<ReportFormat>) -> Result<(), Error> {
    // A device or a pipe has no content to lose, and a folder is no file.
    if !path
        .metadata()
        .is_ok_and(|there| there.is_file() && there.len() > 0)
    {
        return Ok(());
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD as u64).read_to_end(&mut head));
    if read.is_ok() && is_report(format.map_or(Kind::Results, ReportFormat::kind), &head) {
        return Ok(());
    }
    Err(Error::new(
        Code::FileChanged,
        format!("{} is there and is no such report", path.display()),
        "Name another file, or remove it. Nothing was asked.",
    ))
}

/// Writes a file beside its place and moves it there, so that nobody reads half of one, and what was there stays until the
/// new one is whole. A device or a pipe is written into.
fn whole(path: &Path, write: impl FnOnce(&Path) -> Result<(), Error>) -> Result<(), Error> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, &error))?;
    }
    if path
        .metadata()
        .is_ok_and(|there| !there.is_file() && !there.is_dir())
    {
        return write(path);
    }
    // A link stays, and what it stands for is written.
    let place = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let beside = place.with_extension(format!("{}.part", std::process::id()));
    let written = write(&beside)
        .and_then(|()| std::fs::rename(&beside, &place).map_err(|error| Error::file(path, &error)));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

impl Playbook {
    /// Writes the results file.
    pub async fn write_results(&self, results: &ResultsFile, path: &Path) -> Result<(), Error> {
        let text =
            serde_json::to_string_pretty(results).map_err(|error| Error::internal(error.to_string()))?;
        let path = path.to_path_buf();
        self.blocking(move |_| {
            whole(&path, |place| {
                std::fs::write(place, text).map_err(|error| Error::file(place, &error))
            })
        })
        .await
    }

    /// Writes runs that were made side by side (or one by itself) into a file. `baseline` is the run they are held
    /// against; absent for the frozen baseline, or else the run before.
    pub async fn write_report(
        &self,
        runs: &[RunId],
        format: ReportFormat,
        path: &Path,
        baseline: Option<RunId>,
    ) -> Result<PathBuf, Error> {
        let (runs, path) = (runs.to_vec(), path.to_path_buf());
        self.blocking(move |playbook| {
            whole(&path, |place| {
                playbook.write_format(&runs, format, place, baseline)
            })?;
            Ok(path)
        })
        .await
    }

    /// Quality and cost of the last seven days of a project, as Markdown.
    pub async fn weekly_report(&self, project: ProjectId) -> Result<String, Error> {
        self.blocking(move |playbook| {
            let name = playbook.store.project(project)?.name;
            let records = playbook.store.runs(Some(project))?;
            let runs: Vec<RunSummary> = records.iter().map(|run| run.summary.clone()).collect();
            let input = |comparisons| WeeklyInput {
                project: &name,
                until: playbook.host.now(),
                runs: &runs,
                comparisons,
            };
            let mut comparisons = Vec::new();
            for (before, after) in input(&[]).pairs() {
                let find = |run: &RunSummary| records.iter().find(|record| record.summary.run == run.run);
                if let (Some(earlier), Some(later)) = (find(before), find(after)) {
                    let compared = by_one_ruler(playbook.compared(earlier, later)?, before, after);
                    comparisons.extend(compared.comparisons.into_iter().map(|comparison| RunComparison {
                        pair: RunPair {
                            before: before.run,
                            after: after.run,
                        },
                        comparison,
                    }));
                }
            }
            report::weekly(input(&comparisons)).map_err(unwritten)
        })
        .await
    }

    fn write_format(
        &self,
        runs: &[RunId],
        format: ReportFormat,
        path: &Path,
        baseline: Option<RunId>,
    ) -> Result<(), Error> {
        let records: Vec<RunRecord> = runs
            .iter()
            .map(|run| self.store.run(*run))
            .collect::<Result<_, _>>()?;
        let project = match records.first() {
            Some(record) => self.store.project(record.summary.project)?.name,
            None => return Err(unwritten(ReportError::Empty)),
        };
        let mut file = File::create(path).map_err(|error| Error::file(path, &error))?;
        let rows = |record| self.rows(record).map(|rows| rows.into_iter());
        match format {
            ReportFormat::Junit => {
                let mut parts = Vec::new();
                for record in &records {
                    parts.push((&record.summary, rows(record)?));
                }
                report::junit(file, &project, parts).map_err(unwritten)
            }
            ReportFormat::Jsonl => {
                let mut all = Vec::new();
                for record in &records {
                    all.push(rows(record)?);
                }
                report::jsonl(file, all.into_iter().flatten()).map_err(unwritten)
            }
            ReportFormat::Csv => {
                let mut all = Vec::new();
                for record in &records {
                    all.push(rows(record)?);
                }
                let graders: Vec<&str> = records
                    .first()
                    .map(|record| record.graders.iter().map(|grader| grader.name.as_str()).collect())
                    .unwrap_or_default();
                report::csv(file, &graders, all.into_iter().flatten()).map_err(unwritten)
            }
            ReportFormat::Markdown | ReportFormat::Html => {
                let mut shown = Vec::new();
                for record in &records {
                    shown.push(self.report_run(record, baseline)?);
                }
                let whole = Report { project, runs: shown };
                let text = if format == ReportFormat::Html {
                    report::html(&whole, &self.templates)
                } else {
                    report::markdown(&whole, MarkdownOptions::default())
                };
                file.write_all(text.map_err(unwritten)?.as_bytes())
                    .map_err(|error| Error::file(path, &error))
            }
        }
    }

    /// A run's rows, each read when it is asked for.
    fn rows(
        &self,
        record: &RunRecord,
    ) -> Result<impl Iterator<Item = Result<ReportRow, ReportError>> + use<>, Error> {
        let trials = self.store.records(record.key, &record.graders)?;
        let (playbook, record) = (self.clone(), record.clone());
        Ok(trials
            .into_iter()
            .map(move |trial| playbook.report_row(&record, &trial).map_err(ReportError::rows)))
    }

    fn report_row(&self, record: &RunRecord, trial: &TrialRecord) -> Result<ReportRow, Error> {
        let detail = self.store.result_detail(record.key, trial.key)?;
        let text = |name: &str| detail.fields.get(name).and_then(|value| value.as_str());
        let question = ["question", "input", "prompt", "query", "text"]
            .iter()
            .find_map(|name| text(name));
        let recognised = super::results::title(&detail.fields);
        let question = question.or(Some(recognised.as_str()).filter(|title| !title.is_empty()));
        let decided: Vec<f64> = detail
            .grades
            .iter()
            .filter(|grade| grade.decides())
            .map(|grade| grade.score)
            .collect();
        let score = match (trial.error, decided.is_empty()) {
            (true, _) => None,
            (false, true) => Some(f64::from(u8::from(trial.passed))),
            (false, false) => Some(decided.iter().sum::<f64>() / decided.len() as f64),
        };
        Ok(ReportRow {
            run: record.summary.run,
            case_id: trial.case_id.clone(),
            repeat: trial.key.repeat,
            target: record.summary.target.name.clone(),
            category: trial.category.clone(),
            title: question.map_or_else(|| trial.case_id.clone(), excerpt),
            passed: trial.passed,
            score,
            failure: trial.failure.clone(),
            error: detail.error.map(|error| ReportCause {
                cause: error.cause.as_str().into(),
                message: error.message,
            }),
            latency_ms: Some(trial.latency_ms),
            first_token_ms: trial.first_token_ms,
            cost_usd: trial.cost.map(evidence::PicoUsd::as_usd),
            tokens: trial.tokens,
            grades: detail
                .grades
                .into_iter()
                .map(|grade| ReportGrade {
                    grader: grade.grader,
                    passed: grade.passed,
                    score: grade.undecided.is_none().then_some(grade.score),
                    reason: grade.reason,
                    severity: grade.severity.map(|severity| severity.as_str().to_owned()),
                    informational: grade.informational,
                })
                .collect(),
            question: question.map(excerpt),
            answer: detail.answer.map(|answer| excerpt(&answer.text)),
        })
    }

    fn report_run(&self, record: &RunRecord, baseline: Option<RunId>) -> Result<ReportRun, Error> {
        let trials = self.store.records(record.key, &record.graders)?;
        let failed = trials.iter().filter(|trial| !trial.passed).take(SHOWN_ROWS);
        let rows = failed
            .map(|trial| self.report_row(record, trial))
            .collect::<Result<_, _>>()?;
        let runs = self.store.runs(Some(record.summary.project))?;
        // `last` names the run itself once that is there, or one beside it.
        let named = |run: &RunId| {
            let summary = runs
                .iter()
                .find(|one| one.summary.run == *run)
                .map(|one| &one.summary);
            *run != record.summary.run && !summary.is_some_and(|other| beside(&record.summary, other))
        };
        let before = match baseline.filter(named) {
            Some(run) => Some(self.store.run(run)?),
            None => self.held_against(record, &runs)?.cloned(),
        };
        let baseline = before
            .map(|before| self.baseline(&before, record, &trials))
            .transpose()?;
        let mut history: Vec<RunSummary> = runs
            .iter()
            .filter(|run| {
                is_whole(run)
                    && run.summary.suite_name == record.summary.suite_name
                    && run.summary.target.name == record.summary.target.name
                    && run.summary.number < record.summary.number
            })
            .map(|run| run.summary.clone())
            .collect();
        history.reverse();
        Ok(ReportRun {
            notes: notes(&record.summary),
            summary: record.summary.clone(),
            rows,
            baseline,
            history,
        })
    }

    fn baseline(
        &self,
        before: &RunRecord,
        after: &RunRecord,
        trials: &[TrialRecord],
    ) -> Result<Baseline, Error> {
        let earlier = self.store.records(before.key, &before.graders)?;
        let compared = compare::compare(&earlier, trials, &after.summary.metrics);
        let compared = by_one_ruler(compared, &before.summary, &after.summary);
        let differ = before.summary.grading != after.summary.grading;
        let flips = |ids: &[String]| -> Result<Vec<Flip>, Error> {
            let mut flips = Vec::new();
            for id in ids {
                let Some(now) = trials.iter().find(|trial| trial.case_id == *id) else {
                    continue;
                };
                let then = earlier.iter().find(|trial| trial.case_id == *id);
                let failure = now
                    .failure
                    .clone()
                    .or_else(|| then.and_then(|trial| trial.failure.clone()));
                // A document shows so many; a text for each of the others would only cost time.
                let title = if flips.len() < SHOWN_ROWS {
                    self.report_row(after, now)?.title
                } else {
                    id.clone()
                };
                flips.push(Flip {
                    case_id: id.clone(),
                    category: now.category.clone(),
                    title,
                    failure,
                });
            }
            Ok(flips)
        };
        Ok(Baseline {
            name: format!("run {}", before.summary.number),
            practice: before.summary.practice,
            differs: after.summary.differs_from(&before.summary),
            categories: by_category(&earlier, trials, after, &compared.slices, differ),
            gained: flips(&compared.gained)?,
            lost: flips(&compared.lost)?,
            comparisons: compared.comparisons,
        })
    }
}

/// Pass rate by category, paired by case. Looking at many categories finds changes by chance, so their verdicts are those of
/// `slices`, which are adjusted for it.
fn by_category(
    before: &[TrialRecord],
    after: &[TrialRecord],
    run: &RunRecord,
    slices: &[SliceComparison],
    graders_differ: bool,
) -> Vec<Comparison> {
    let Some(pass_rate) = run.summary.metric("pass_rate") else {
        return Vec::new();
    };
    let of = |trials: &[TrialRecord], name: &str| -> Vec<TrialRecord> {
        trials
            .iter()
            .filter(|trial| trial.category == name)
            .cloned()
            .collect()
    };
    run.summary
        .categories
        .iter()
        .filter_map(|slice| {
            let adjusted = slices.iter().find(|adjusted| adjusted.name == slice.name)?;
            let (earlier, later) = (of(before, &slice.name), of(after, &slice.name));
            let compared = compare::compare(&earlier, &later, std::slice::from_ref(pass_rate));
            let mut comparison = compared.comparisons.into_iter().next()?;
            comparison.label.clone_from(&slice.name);
            comparison.p_value = Some(adjusted.adjusted_p_value);
            comparison.distinguishable = adjusted.improved.is_some();
            comparison.improved = adjusted.improved;
            comparison.graders_differ = graders_differ;
            Some(comparison)
        })
        .collect()
}

/// What a reader has to know before the numbers.
fn notes(run: &RunSummary) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(changed) = &run.gate.post_hoc {
        notes.push(format!(
            "The gate is post hoc: the criteria were changed after results on this dataset had been seen ({changed}). They \
             describe this run; they no longer test it."
        ));
    }
    if let Some(shard) = &run.shard {
        notes.push(format!(
            "This is shard {shard} only; the merged run has the whole."
        ));
    }
    if run.skipped_rows > 0 {
        notes.push(format!(
            "{} bad rows of the dataset were passed over.",
            run.skipped_rows
        ));
    }
    if run.cached > 0 {
        notes.push(format!("{} answers came from the response cache.", run.cached));
    }
    if let Some(stopped) = &run.stopped {
        notes.push(format!("The run was stopped: {stopped}."));
    }
    notes
}

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(EXCERPT) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

fn unwritten(error: ReportError) -> Error {
    Error::new(
        Code::Machine,
        error.to_string(),
        "The runs themselves are safe in the database.",
    )
}
