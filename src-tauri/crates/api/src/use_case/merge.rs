//! Shards of one run, made on several machines, joined into the run that one machine would have made.

use super::Playbook;
use crate::{Code, Error};
use evidence::{Purpose, RunId, RunStatus};
use harness::runner::Shard;
use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};
use store::{NewRun, ProjectRecord, RunPlanRecord, RunRecord, Store};

/// One shard's run, and the database that holds it.
struct Part {
    database: PathBuf,
    record: RunRecord,
    shard: Shard,
}

impl Playbook {
    /// Joins the shards that these databases hold, one run for each target. Merging the same shards again gives the same
    /// runs.
    pub async fn merge(&self, databases: &[PathBuf]) -> Result<Vec<RunId>, Error> {
        let databases = databases.to_vec();
        self.blocking(move |playbook| {
            let mut targets: BTreeMap<String, BTreeMap<u32, Part>> = BTreeMap::new();
            for database in databases {
                for part in parts(&database)? {
                    let shards = targets
                        .entry(part.record.summary.target.name.clone())
                        .or_default();
                    keep_newest(shards, part);
                }
            }
            if targets.is_empty() {
                return Err(Error::input(
                    "none of these databases holds a run of a shard",
                    "Make one with: playbook eval SUITE --shard 1/4 --db shards/1.db",
                ));
            }
            let mut runs = Vec::new();
            for shards in targets.into_values() {
                let parts: Vec<Part> = shards.into_values().collect();
                demand_whole(&parts)?;
                let group = runs.first().copied();
                runs.push(playbook.join(&parts, group)?);
            }
            Ok(runs)
        })
        .await
    }

    fn join(&self, parts: &[Part], group: Option<RunId>) -> Result<RunId, Error> {
        let Some(first) = parts.first() else {
            return Err(Error::internal("a merge of nothing"));
        };
        let merged_from: Vec<RunId> = parts.iter().map(|part| part.record.summary.run).collect();
        let known = self.store.runs(None)?;
        let there = known.iter().find(|run| run.plan.merged_from == merged_from);
        let into = match there {
            Some(run) => run.clone(),
            None => self.begin_merged(first, parts, merged_from, group, &known)?,
        };
        for part in parts {
            self.store
                .copy_results(&part.database, part.record.key, into.key)?;
        }
        let texts = Store::open(&first.database)?.texts_of_run(first.record.key)?;
        self.store.keep_texts(into.key, &texts)?;
        let mut summary = self.summarise(&into, RunStatus::Finished)?;
        summary.finished_at = parts
            .iter()
            .filter_map(|part| part.record.summary.finished_at)
            .max();
        self.store.end_run(&summary, None)?;
        Ok(into.summary.run)
    }

    fn begin_merged(
        &self,
        first: &Part,
        parts: &[Part],
        merged_from: Vec<RunId>,
        group: Option<RunId>,
        known: &[RunRecord],
    ) -> Result<RunRecord, Error> {
        let run = RunId::new();
        let mut summary = first.record.summary.clone();
        let source = Store::open(&first.database)?.project(summary.project)?;
        let project = match self.store.project_in(&source.folder)? {
            Some(project) => project,
            // Whoever made the shard trusted the folder there; here nobody has been asked.
            None => self.store.add_project(&ProjectRecord {
                trusted: false,
                ..source
            })?,
        };
        summary.run = run;
        summary.project = project.id;
        summary.shard = None;
        summary.group = summary.group.map(|_| group.unwrap_or(run));
        summary.purpose = first.record.plan.purpose.unwrap_or(Purpose::Candidate);
        summary.status = RunStatus::Running;
        summary.planned = parts.iter().map(|part| part.record.summary.planned).sum();
        summary.started_at = parts
            .iter()
            .map(|part| part.record.summary.started_at)
            .min()
            .unwrap_or(summary.started_at);
        if summary.purpose == Purpose::Candidate {
            summary.gate.post_hoc = self.changed_criteria(&summary)?;
        }
        // A shard's baseline is a run of its own database, which this one need not have.
        let named = first.record.plan.baseline;
        let baseline = match named.filter(|run| known.iter().any(|one| one.summary.run == *run)) {
            Some(run) => Some(run),
            None => self.frozen_baseline(summary.project, &summary.suite_name)?,
        };
        Ok(self.store.add_run(&NewRun {
            summary,
            plan: RunPlanRecord {
                shard: None,
                purpose: None,
                baseline,
                baseline_named: first.record.plan.baseline_named && baseline == named,
                merged_from,
                ..first.record.plan.clone()
            },
            graders: first.record.graders.clone(),
            owner: harness::process::own_identity(),
        })?)
    }
}

/// The runs of shards that a database holds.
fn parts(database: &Path) -> Result<Vec<Part>, Error> {
    if !database.is_file() {
        return Err(Error::new(
            Code::NotFound,
            format!("there is no database {}", database.display()),
            "Name the files that the shards wrote with --db.",
        ));
    }
    let database = database
        .canonicalize()
        .map_err(|error| Error::file(database, &error))?;
    if !is_database(&database).map_err(|error| Error::file(&database, &error))? {
        return Err(Error::input(
            format!("{} is no playbook database", database.display()),
            "Name the files that the shards wrote with --db. The file was left as it is.",
        ));
    }
    let store = Store::open(&database)?;
    let runs = store.runs(None)?.into_iter();
    Ok(runs
        .filter_map(|record| {
            let shard = record.summary.shard.as_deref()?.parse().ok()?;
            let database = database.clone();
            Some(Part {
                database,
                record,
                shard,
            })
        })
        .collect())
}

/// Whether a file begins as every SQLite database does: <https://www.sqlite.org/fileformat2.html>, section 1.3.
fn is_database(path: &Path) -> std::io::Result<bool> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut beginning = Vec::new();
    File::open(path)?
        .take(MAGIC.len() as u64)
        .read_to_end(&mut beginning)?;
    Ok(beginning == MAGIC)
}

/// A shard that was run twice counts once: the finished one, or else the newer one.
fn keep_newest(shards: &mut BTreeMap<u32, Part>, part: Part) {
    let rank = |part: &Part| {
        let summary = &part.record.summary;
        (summary.status == RunStatus::Finished, summary.started_at)
    };
    match shards.get(&part.shard.index) {
        Some(there) if rank(there) >= rank(&part) => {}
        _ => {
            shards.insert(part.shard.index, part);
        }
    }
}

/// Every shard is there, is finished, and measured the same thing with the same ruler.
fn demand_whole(parts: &[Part]) -> Result<(), Error> {
    let Some(first) = parts.first() else {
        return Err(Error::internal("a merge of nothing"));
    };
    let (of, then) = (first.shard.of, &first.record.summary);
    for part in parts {
        let now = &part.record.summary;
        let differs = [
            ("number of shards", part.shard.of == of),
            ("suite", now.suite == then.suite),
            ("graders", now.grading == then.grading),
            ("dataset", now.dataset == then.dataset),
            ("source", now.target.source == then.target.source),
            (
                "configuration",
                now.target.configuration == then.target.configuration,
            ),
            ("filter", part.record.plan.filter == first.record.plan.filter),
            ("number of repeats", now.repeat == then.repeat),
        ];
        if let Some((what, _)) = differs.into_iter().find(|(_, same)| !same) {
            return Err(Error::new(
                Code::Refused,
                format!(
                    "shard {} in {} has another {what} than shard {} in {}, so they are not one run",
                    part.shard,
                    part.database.display(),
                    first.shard,
                    first.database.display()
                ),
                "Run every shard on the same files, then merge again.",
            ));
        }
        if now.status != RunStatus::Finished {
            return Err(Error::new(
                Code::Refused,
                format!(
                    "shard {} in {} is not finished",
                    part.shard,
                    part.database.display()
                ),
                format!(
                    "Go on with it: playbook eval --resume {} --db {}",
                    now.run,
                    part.database.display()
                ),
            ));
        }
    }
    let missing: Vec<String> = (1..=of)
        .filter(|index| parts.iter().all(|part| part.shard.index != *index))
        .map(|index| format!("{index}/{of}"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        Code::Refused,
        format!("shards are missing: {}", missing.join(", ")),
        "A run with a slice missing is not a run. Name their databases too.",
    ))
}
