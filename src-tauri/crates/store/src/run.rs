use crate::{Store, StoreError, project::parse};
use evidence::{PicoUsd, ProjectId, Purpose, RunId, RunStatus, RunSummary};
use harness::grader::GraderInfo;
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

/// What a run was asked to do, so that it can be gone on with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPlanRecord {
    /// Suite file, absolute.
    pub suite: String,
    /// How often each case is run.
    pub repeat: u32,
    /// Calls in flight at once.
    pub concurrency: u32,
    /// Which cases; all when absent.
    pub filter: Option<String>,
    /// Name of the target, where the suite has several.
    #[serde(default)]
    pub target: Option<String>,
    /// How often a failed call is made again; absent for what the suite or the target says.
    #[serde(default)]
    pub retries: Option<u32>,
    /// Most that may be spent.
    #[serde(default)]
    pub budget: Option<PicoUsd>,
    /// Which slice of the cases, such as `2/4`.
    #[serde(default)]
    pub shard: Option<String>,
    /// What the run counts as once its shards are merged.
    #[serde(default)]
    pub purpose: Option<Purpose>,
    /// Whether answers of earlier runs may be used.
    #[serde(default)]
    pub cache: bool,
    /// Whether bad rows of the dataset are passed over.
    #[serde(default)]
    pub skip_bad_rows: bool,
    /// Whether it ends as soon as its pass rate is decided.
    #[serde(default)]
    pub stop_early: bool,
    /// The run that release metrics are held against, where some name a baseline.
    #[serde(default)]
    pub baseline: Option<RunId>,
    /// Whether a person named that run, and it is not the frozen baseline of the suite.
    #[serde(default)]
    pub baseline_named: bool,
    /// The runs of the shards that it was merged from; empty for any other run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged_from: Vec<RunId>,
}

/// A run about to begin. Its number is given by the store.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Summary with status `running`; its number is ignored.
    pub summary: RunSummary,
    /// What it is to do.
    pub plan: RunPlanRecord,
    /// Its graders, in order.
    pub graders: Vec<GraderInfo>,
    /// The process that works on it.
    pub owner: String,
}

/// A run as it is kept.
#[derive(Clone, Debug)]
pub struct RunRecord {
    /// Row number, which results refer to.
    pub key: i64,
    /// The summary; while the run goes on, as it was at the beginning.
    pub summary: RunSummary,
    /// What it was asked to do.
    pub plan: RunPlanRecord,
    /// Its graders, to which grades of results refer by position.
    pub graders: Vec<GraderInfo>,
    /// The process that works on it.
    pub owner: Option<String>,
    /// Why it was broken off, as the JSON of an error of the boundary.
    pub failure: Option<String>,
}

/// How the results of a run came out so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultCounts {
    /// Results.
    pub done: u64,
    /// Passed.
    pub passed: u64,
    /// Without a verdict.
    pub errored: u64,
}

const COLUMNS: &str = "SELECT key, summary, plan, graders, owner, failure, status, number FROM run";

fn record(row: &Row<'_>) -> Result<RunRecord, StoreError> {
    let mut summary: RunSummary = serde_json::from_str(&row.get::<_, String>(1)?)?;
    summary.status = status_from(&row.get::<_, String>(6)?)?;
    summary.number = row.get(7)?;
    Ok(RunRecord {
        key: row.get(0)?,
        summary,
        plan: serde_json::from_str(&row.get::<_, String>(2)?)?,
        graders: serde_json::from_str(&row.get::<_, String>(3)?)?,
        owner: row.get(4)?,
        failure: row.get(5)?,
    })
}

fn status_text(status: RunStatus) -> Result<String, StoreError> {
    Ok(serde_json::to_value(status)?
        .as_str()
        .unwrap_or_default()
        .to_owned())
}

fn status_from(text: &str) -> Result<RunStatus, StoreError> {
    Ok(serde_json::from_value(serde_json::Value::String(
        text.to_owned(),
    ))?)
}

impl Store {
    /// Adds a run and gives it the next number of its project.
    pub fn add_run(&self, run: &NewRun) -> Result<RunRecord, StoreError> {
        let id = run.summary.run;
        self.write(|transaction| {
            let number: u32 = transaction.query_row(
                "SELECT coalesce(max(number), 0) + 1 FROM run WHERE project = ?1",
                [run.summary.project.to_string()],
                |row| row.get(0),
            )?;
            let summary = RunSummary {
                number,
                ..run.summary.clone()
            };
            transaction.execute(
                "INSERT INTO run (id, project, number, status, started_at, owner, plan, graders, summary)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    id.to_string(),
                    summary.project.to_string(),
                    number,
                    status_text(summary.status)?,
                    summary.started_at.to_rfc3339(),
                    run.owner,
                    serde_json::to_string(&run.plan)?,
                    serde_json::to_string(&run.graders)?,
                    serde_json::to_string(&summary)?,
                ],
            )?;
            Ok(())
        })?;
        self.run(id)
    }

    /// Takes a stopped run up again.
    pub fn reopen_run(&self, run: RunId, owner: &str) -> Result<(), StoreError> {
        self.write(|transaction| {
            // Two fronts may offer to resume the same run; only one may take it.
            let changed = transaction.execute(
                "UPDATE run SET status = 'running', owner = ?2, failure = NULL
                 WHERE id = ?1 AND status IN ('cancelled', 'interrupted', 'failed')",
                [run.to_string(), owner.to_owned()],
            )?;
            if changed == 0 {
                return Err(StoreError::Conflict {
                    message: format!("run {run} cannot be resumed: it is finished, or is being worked on"),
                });
            }
            Ok(())
        })
    }

    /// Changes what a stopped run is to do. What was asked of it and has a result stays as it is.
    pub fn change_plan(&self, run: RunId, plan: &RunPlanRecord) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE run SET plan = ?2 WHERE id = ?1 AND status IN ('cancelled', 'interrupted', 'failed')",
                params![run.to_string(), serde_json::to_string(plan)?],
            )?;
            Ok(())
        })
    }

    /// Opens a finished run again whose errors are to be asked once more.
    pub fn reopen_finished_run(&self, run: RunId, owner: &str) -> Result<(), StoreError> {
        self.write(|transaction| {
            let changed = transaction.execute(
                "UPDATE run SET status = 'running', owner = ?2, failure = NULL WHERE id = ?1 AND status <> 'running'",
                [run.to_string(), owner.to_owned()],
            )?;
            if changed == 0 {
                return Err(StoreError::Conflict {
                    message: format!("run {run} is being worked on"),
                });
            }
            Ok(())
        })
    }

    /// Ends a run: its final summary, and why it was broken off.
    pub fn end_run(&self, summary: &RunSummary, failure: Option<&str>) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE run SET status = ?2, owner = NULL, summary = ?3, failure = ?4 WHERE id = ?1",
                params![
                    summary.run.to_string(),
                    status_text(summary.status)?,
                    serde_json::to_string(summary)?,
                    failure
                ],
            )?;
            Ok(())
        })
    }

    /// One run.
    pub fn run(&self, run: RunId) -> Result<RunRecord, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
            let mut rows = statement.query([run.to_string()])?;
            match rows.next()? {
                Some(row) => record(row),
                None => Err(StoreError::Missing {
                    what: "run",
                    id: run.to_string(),
                }),
            }
        })
    }

    /// The run with this number in a project.
    pub fn run_numbered(&self, project: ProjectId, number: u32) -> Result<Option<RunId>, StoreError> {
        self.read(|connection| {
            let id: Option<String> = connection
                .prepare_cached("SELECT id FROM run WHERE project = ?1 AND number = ?2")?
                .query_row(params![project.to_string(), number], |row| row.get(0))
                .optional()?;
            id.map(|id| parse(&id)).transpose()
        })
    }

    /// Runs, newest first: of one project, or of all.
    pub fn runs(&self, project: Option<ProjectId>) -> Result<Vec<RunRecord>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "{COLUMNS} WHERE ?1 IS NULL OR project = ?1 ORDER BY key DESC"
            ))?;
            let mut rows = statement.query([project.map(|project| project.to_string())])?;
            let mut runs = Vec::new();
            while let Some(row) = rows.next()? {
                runs.push(record(row)?);
            }
            Ok(runs)
        })
    }

    /// How many results a run has, and how they came out.
    pub fn result_counts(&self, key: i64) -> Result<ResultCounts, StoreError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT coalesce(sum(results), 0), coalesce(sum(results * passed), 0), coalesce(sum(results * error), 0)
                     FROM result_count WHERE run = ?1")?
                .query_row([key], |row| {
                    Ok(ResultCounts { done: row.get(0)?, passed: row.get(1)?, errored: row.get(2)? })
                })?)
        })
    }
}
