use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use evidence::{PicoUsd, Tokens};
use harness::{
    Attempt, Grade, Severity, TrialError, TrialKey, TrialRecord, TrialResult, grader::GraderInfo,
    review::ReviewFlags, trial::Answer,
};
use rusqlite::{OptionalExtension as _, Row, Rows, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const INSERT_RESULT: &str = include_str!("../queries/insert_result.sql");
const INSERT_DETAIL: &str = include_str!("../queries/insert_detail.sql");
const RECORDS: &str = include_str!("../queries/records.sql");
const RECORDS_BY_CASE: &str = include_str!("../queries/records_by_case.sql");
const LATENCIES_AND_COSTS: &str =
    "SELECT CASE WHEN error THEN NULL ELSE latency_us END, cost_pico FROM result WHERE run = ?1";

/// Letters of a title that lists show; the whole text is in the detail.
const TITLE_LETTERS: usize = 200;
/// Compression that costs little time and makes prose about three times smaller.
const COMPRESSION_LEVEL: i32 = 1;
/// No detail is longer than this when unpacked: the answer's own limit is below it.
const LONGEST_DETAIL: usize = 256 * 1024 * 1024;

/// Everything that was seen of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultDetail {
    /// The case's fields.
    pub fields: Map<String, Value>,
    /// The answer.
    pub answer: Option<Answer>,
    /// Grades with their reasons.
    pub grades: Vec<Grade>,
    /// Why there is no verdict.
    pub error: Option<TrialError>,
    /// Attempts that were made again.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// When it was asked.
    pub started_at: DateTime<Utc>,
    /// `METHOD url`, an empty line, the body; without headers, which may hold secrets.
    pub request: Option<String>,
    /// `status`, an empty line, the body.
    pub response: Option<String>,
}

/// A [`ResultDetail`] on its way into the database, borrowed from the result.
#[derive(Serialize)]
struct DetailToPack<'a> {
    fields: &'a Map<String, Value>,
    answer: Option<&'a Answer>,
    grades: &'a [Grade],
    error: Option<&'a TrialError>,
    #[serde(skip_serializing_if = "<[Attempt]>::is_empty")]
    attempts: &'a [Attempt],
    started_at: DateTime<Utc>,
    request: Option<String>,
    response: Option<String>,
}

impl Store {
    /// Makes a batch of results durable. A result that is there already stays as it is.
    pub fn add_results(
        &self,
        run: i64,
        graders: &[GraderInfo],
        batch: &[TrialResult],
    ) -> Result<(), StoreError> {
        // Compressed before the write lock is taken, which another process may be waiting for.
        let mut compressor = zstd::bulk::Compressor::new(COMPRESSION_LEVEL).map_err(packing)?;
        let packed: Vec<Vec<u8>> = batch
            .iter()
            .map(|result| pack(result, &mut compressor))
            .collect::<Result<_, _>>()?;
        self.write(|transaction| {
            let mut insert = transaction.prepare_cached(INSERT_RESULT)?;
            let mut insert_detail = transaction.prepare_cached(INSERT_DETAIL)?;
            for (result, detail) in batch.iter().zip(&packed) {
                let answer = result.answer.as_ref();
                let flags = ReviewFlags::of(result);
                let tokens = answer.and_then(|answer| answer.tokens);
                insert.execute(params![
                    run,
                    result.key.case_index,
                    result.key.repeat,
                    result.case_id,
                    result.category,
                    shorten(&result.title),
                    result.passed,
                    result.score,
                    result.failure,
                    result.error.is_some(),
                    (result.latency_ms * 1000.0) as i64,
                    result.cost.map(PicoUsd::pico),
                    result.unpriced,
                    result.practice,
                    answer.and_then(|answer| answer.model.as_ref()),
                    answer.and_then(|answer| answer.snapshot.as_ref()),
                    tokens.map(|tokens| tokens.input),
                    tokens.map(|tokens| tokens.output),
                    grades_text(graders, &result.grades)?,
                    result.case_fingerprint.cast_signed(),
                    result.cluster,
                    (result.weight != 1.0).then_some(result.weight),
                    result
                        .first_token_ms
                        .map(|milliseconds| (milliseconds * 1000.0) as i64),
                    result.attempts.len() as u64,
                    result.cached,
                    result.price,
                    result.grading_cost.map(PicoUsd::pico),
                    flags.awaits_person,
                    flags.judges_disagree,
                    flags.case_risk,
                ])?;
                insert_detail.execute(params![run, result.key.case_index, result.key.repeat, detail])?;
            }
            Ok(())
        })
    }

    /// Everything that was seen of one trial.
    pub fn result_detail(&self, run: i64, key: TrialKey) -> Result<ResultDetail, StoreError> {
        let packed: Option<Vec<u8>> = self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT detail FROM result_detail WHERE run = ?1 AND case_index = ?2 AND repeat = ?3",
                )?
                .query_row(params![run, key.case_index, key.repeat], |row| row.get(0))
                .optional()?)
        })?;
        let packed = packed.ok_or_else(|| missing_result(key))?;
        let plain = zstd::bulk::decompress(&packed, LONGEST_DETAIL)
            .map_err(|error| StoreError::Row(format!("a packed result: {error}")))?;
        Ok(serde_json::from_slice(&plain)?)
    }

    /// The trials of a case in a run, by its id: which, and whether each passed.
    pub fn trials_of_case(&self, run: i64, case_id: &str) -> Result<Vec<(TrialKey, bool)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT case_index, repeat, passed FROM result WHERE run = ?1 AND case_id = ?2 ORDER BY repeat",
            )?;
            let rows = statement.query_map(params![run, case_id], |row| {
                Ok((TrialKey { case_index: row.get(0)?, repeat: row.get(1)? }, row.get(2)?))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Which trials of a run have a result.
    pub fn finished_trials(&self, run: i64) -> Result<Vec<TrialKey>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT case_index, repeat FROM result WHERE run = ?1")?;
            let rows = statement.query_map([run], |row| {
                Ok(TrialKey {
                    case_index: row.get(0)?,
                    repeat: row.get(1)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Takes the results of a run away that ended without a verdict, so that they can be asked again. Returns how many.
    pub fn remove_errors(&self, run: i64) -> Result<u64, StoreError> {
        self.write(|transaction| {
            transaction.execute(
                "DELETE FROM result_detail WHERE run = ?1 AND EXISTS (
                     SELECT 1 FROM result WHERE result.run = result_detail.run AND result.error = 1
                     AND result.case_index = result_detail.case_index AND result.repeat = result_detail.repeat)",
                [run],
            )?;
            // What was said of an error does not hold for the answer that comes in its place.
            for table in ["review", "root_cause"] {
                transaction.execute(
                    &format!(
                        "DELETE FROM {table} WHERE run = ?1 AND EXISTS (
                             SELECT 1 FROM result WHERE result.run = {table}.run AND result.error = 1
                             AND result.case_index = {table}.case_index AND result.repeat = {table}.repeat)"
                    ),
                    [run],
                )?;
            }
            Ok(transaction.execute("DELETE FROM result WHERE run = ?1 AND error = 1", [run])? as u64)
        })
    }

    /// What a summary needs of one trial.
    pub fn record(&self, run: i64, graders: &[GraderInfo], key: TrialKey) -> Result<TrialRecord, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(RECORDS)?;
            let mut rows = statement.query(params![run, key.case_index, key.repeat])?;
            match rows.next()? {
                Some(row) => trial_record(row, graders),
                None => Err(missing_result(key)),
            }
        })
    }

    /// What a summary needs of every trial, in case order.
    pub fn records(&self, run: i64, graders: &[GraderInfo]) -> Result<Vec<TrialRecord>, StoreError> {
        let mut records = Vec::new();
        self.each_record(run, graders, |record| records.push(record))?;
        Ok(records)
    }

    /// Shows what a summary needs of every trial, in case order, one by one: the trials of a long run fill no memory.
    pub fn each_record(
        &self,
        run: i64,
        graders: &[GraderInfo],
        mut each: impl FnMut(TrialRecord),
    ) -> Result<(), StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(RECORDS)?;
            let mut rows = statement.query(params![run, None::<u64>, None::<u32>])?;
            while let Some(row) = rows.next()? {
                each(trial_record(row, graders)?);
            }
            Ok(())
        })
    }

    /// Shows the trials of every case that two runs have in common, by its id: those of the earlier run, then those of the
    /// later one. Neither run is held in memory.
    pub fn each_shared_case(
        &self,
        (before, graders_before): (i64, &[GraderInfo]),
        (after, graders_after): (i64, &[GraderInfo]),
        mut each: impl FnMut(&[TrialRecord], &[TrialRecord]),
    ) -> Result<(), StoreError> {
        self.read(|connection| {
            let (mut earlier, mut later) = (
                connection.prepare(RECORDS_BY_CASE)?,
                connection.prepare(RECORDS_BY_CASE)?,
            );
            let mut earlier = Cases {
                rows: earlier.query([before])?,
                graders: graders_before,
                next: None,
            };
            let mut later = Cases {
                rows: later.query([after])?,
                graders: graders_after,
                next: None,
            };
            let (mut then, mut now) = (earlier.case()?, later.case()?);
            while let (Some(first), Some(other)) = (then.first(), now.first()) {
                let order = first.case_id.cmp(&other.case_id);
                if order.is_eq() {
                    each(&then, &now);
                }
                if order.is_le() {
                    then = earlier.case()?;
                }
                if order.is_ge() {
                    now = later.case()?;
                }
            }
            Ok(())
        })
    }

    /// How long each answer of a run took, in milliseconds, and what each priced trial cost; in no order.
    pub fn latencies_and_costs(&self, run: i64) -> Result<(Vec<f64>, Vec<PicoUsd>), StoreError> {
        self.read(|connection| {
            let (mut latencies, mut costs) = (Vec::new(), Vec::new());
            let mut statement = connection.prepare_cached(LATENCIES_AND_COSTS)?;
            let mut rows = statement.query([run])?;
            while let Some(row) = rows.next()? {
                latencies.extend(row.get::<_, Option<i64>>(0)?.map(|micro| micro as f64 / 1000.0));
                costs.extend(row.get::<_, Option<i64>>(1)?.map(PicoUsd::from_pico));
            }
            Ok((latencies, costs))
        })
    }
}

/// The trials of a run, those of one case at a time, in order of the cases' ids.
struct Cases<'rows, 'graders> {
    rows: Rows<'rows>,
    graders: &'graders [GraderInfo],
    next: Option<TrialRecord>,
}

impl Cases<'_, '_> {
    /// The next case's trials; empty after the last.
    fn case(&mut self) -> Result<Vec<TrialRecord>, StoreError> {
        let mut trials: Vec<TrialRecord> = self.next.take().into_iter().collect();
        while let Some(row) = self.rows.next()? {
            let trial = trial_record(row, self.graders)?;
            if trials.first().is_some_and(|first| first.case_id != trial.case_id) {
                self.next = Some(trial);
                break;
            }
            trials.push(trial);
        }
        Ok(trials)
    }
}

fn missing_result(key: TrialKey) -> StoreError {
    StoreError::Missing {
        what: "result",
        id: format!("case {}, repeat {}", key.case_index + 1, key.repeat + 1),
    }
}

fn shorten(title: &str) -> String {
    match title.char_indices().nth(TITLE_LETTERS) {
        None => title.to_owned(),
        Some((at, _)) => format!("{}…", &title[..at]),
    }
}

fn pack(result: &TrialResult, compressor: &mut zstd::bulk::Compressor<'_>) -> Result<Vec<u8>, StoreError> {
    let detail = DetailToPack {
        fields: &result.fields,
        answer: result.answer.as_ref(),
        grades: &result.grades,
        error: result.error.as_ref(),
        attempts: &result.attempts,
        started_at: result.started_at,
        request: result.exchange.as_ref().map(|exchange| {
            let body = exchange.request.body.as_deref().unwrap_or_default();
            format!(
                "{} {}\n\n{}",
                exchange.request.method,
                exchange.request.url,
                String::from_utf8_lossy(body)
            )
        }),
        response: result.exchange.as_ref().map(|exchange| {
            format!(
                "{}\n\n{}",
                exchange.status,
                String::from_utf8_lossy(&exchange.body)
            )
        }),
    };
    compressor
        .compress(&serde_json::to_vec(&detail)?)
        .map_err(packing)
}

fn packing(error: std::io::Error) -> StoreError {
    StoreError::Row(format!("packing a result: {error}"))
}

type StoredGrade = (usize, bool, f64, Option<Severity>);

fn grades_text(graders: &[GraderInfo], grades: &[Grade]) -> Result<String, StoreError> {
    let stored: Vec<StoredGrade> = grades
        .iter()
        // What decides nothing is counted nowhere.
        .filter(|grade| grade.undecided.is_none())
        .filter_map(|grade| {
            let position = graders.iter().position(|known| known.name == grade.grader)?;
            Some((position, grade.passed, grade.score, grade.severity))
        })
        .collect();
    Ok(serde_json::to_string(&stored)?)
}

fn trial_record(row: &Row<'_>, graders: &[GraderInfo]) -> Result<TrialRecord, StoreError> {
    let stored: Vec<StoredGrade> = serde_json::from_str(&row.get::<_, String>(15)?)?;
    let tokens = match (row.get::<_, Option<u64>>(13)?, row.get::<_, Option<u64>>(14)?) {
        (None, None) => None,
        (input, output) => Some(Tokens {
            input: input.unwrap_or(0),
            output: output.unwrap_or(0),
        }),
    };
    Ok(TrialRecord {
        key: TrialKey {
            case_index: row.get(0)?,
            repeat: row.get(1)?,
        },
        case_id: row.get(2)?,
        category: row.get(3)?,
        passed: row.get(4)?,
        failure: row.get(5)?,
        error: row.get(6)?,
        case_fingerprint: row.get::<_, Option<i64>>(16)?.map(i64::cast_unsigned),
        cluster: row.get(17)?,
        weight: row.get::<_, Option<f64>>(18)?.unwrap_or(1.0),
        latency_ms: row.get::<_, i64>(7)? as f64 / 1000.0,
        first_token_ms: row.get::<_, Option<i64>>(19)?.map(|micro| micro as f64 / 1000.0),
        cost: row.get::<_, Option<i64>>(8)?.map(PicoUsd::from_pico),
        grading_cost: row.get::<_, Option<i64>>(22)?.map(PicoUsd::from_pico),
        retries: row.get(20)?,
        cached: row.get(21)?,
        unpriced: row.get(9)?,
        practice: row.get(10)?,
        model: row.get(11)?,
        snapshot: row.get(12)?,
        tokens,
        grades: stored
            .into_iter()
            .filter_map(|(position, passed, score, severity)| {
                Some((graders.get(position)?.name.clone(), passed, score, severity))
            })
            .collect(),
    })
}
