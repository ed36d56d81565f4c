//! A run's results in pages.

use crate::{Store, StoreError};
use evidence::PicoUsd;
use harness::TrialKey;
use rusqlite::{Connection, ToSql, types::Value};

const PAGE: &str = include_str!("../queries/result_page.sql");
/// The same case of the run that verdicts are held against: equal in id and, where that is known, in content. The index is named,
/// since without statistics SQLite takes the whole run for ten rows and looks through it for each result.
const EARLIER: &str = "CROSS JOIN result AS earlier INDEXED BY result_case
    ON earlier.run = :before AND earlier.case_id = r.case_id AND earlier.repeat = r.repeat
    AND coalesce(earlier.case_fingerprint = r.case_fingerprint, 1)";

/// Fewer results than this with a text are sorted at no cost.
const RARE: u64 = 1_000;

/// Which results of a run to list.
#[derive(Clone, Debug, Default)]
pub struct ResultQuery {
    /// Only passed, or only not passed.
    pub passed: Option<bool>,
    /// Only this failure category.
    pub failure: Option<String>,
    /// Only this category.
    pub category: Option<String>,
    /// Only where id or title holds this text.
    pub text: Option<String>,
    /// The run that verdicts are held against (its row number).
    pub before: Option<i64>,
    /// Only changed verdicts.
    pub flip: Option<FlipQuery>,
    /// Only the trials of these cases, by their ids.
    pub cases: Option<Vec<String>>,
}

/// Which way a verdict changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlipQuery {
    /// Failed before, passes now.
    Gained,
    /// Passed before, fails now.
    Lost,
    /// Either.
    Any,
}

/// A result in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredResult {
    /// Which trial.
    pub key: TrialKey,
    /// The case's id.
    pub case_id: String,
    /// Its category.
    pub category: String,
    /// Its title, shortened.
    pub title: String,
    /// Whether it passed.
    pub passed: bool,
    /// Failure category.
    pub failure: Option<String>,
    /// Whether it ended in an error.
    pub error: bool,
    /// Milliseconds.
    pub latency_ms: f64,
    /// Cost.
    pub cost: Option<PicoUsd>,
    /// Whether the same trial passed in the run it is held against.
    pub passed_before: Option<bool>,
}

/// A page of results.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultPage {
    /// Rows of the page.
    pub rows: Vec<StoredResult>,
    /// Rows in all.
    pub total: u64,
}

impl Store {
    /// A page of a run's results, failures first, then in case order.
    pub fn results(
        &self,
        run: i64,
        query: &ResultQuery,
        offset: u64,
        limit: u32,
    ) -> Result<ResultPage, StoreError> {
        self.read(|connection| {
            let total = count(connection, run, query)?;
            let rows = rows(connection, run, query, total, offset, limit)?;
            Ok(ResultPage { rows, total })
        })
    }
}

/// A condition for each thing that is asked for, and the values by name. Where nothing is asked, nothing stands: a condition that
/// is always true would keep the index from being used.
struct Conditions {
    sql: String,
    values: Vec<(&'static str, Value)>,
}

impl Conditions {
    fn of(run: i64, query: &ResultQuery) -> Self {
        let mut all = Self {
            sql: String::new(),
            values: vec![(":run", run.into())],
        };
        all.add("r.passed = :passed", ":passed", query.passed.map(Value::from));
        all.add(
            "r.failure = :failure",
            ":failure",
            query.failure.clone().map(Value::from),
        );
        all.add(
            "r.category = :category",
            ":category",
            query.category.clone().map(Value::from),
        );
        // instr() on folded text, so that % and _ mean themselves.
        let text = query.text.as_ref().map(|text| Value::from(text.to_lowercase()));
        all.add(
            "instr(lower(r.case_id || ' ' || r.title), :text) > 0",
            ":text",
            text,
        );
        let flip = query.flip.map(|flip| match flip {
            FlipQuery::Gained => "r.passed = 1 AND earlier.passed = 0",
            FlipQuery::Lost => "r.passed = 0 AND earlier.passed = 1",
            FlipQuery::Any => "r.passed <> earlier.passed",
        });
        if let Some(flip) = flip {
            all.add(flip, ":before", Some(Value::from(query.before)));
        }
        let cases = query
            .cases
            .as_ref()
            .map(|cases| Value::from(serde_json::json!(cases).to_string()));
        all.add(
            "r.case_id IN (SELECT value FROM json_each(:cases))",
            ":cases",
            cases,
        );
        all
    }

    fn add(&mut self, condition: &str, name: &'static str, value: Option<Value>) {
        if let Some(value) = value {
            self.sql.push_str(" AND ");
            self.sql.push_str(condition);
            self.values.push((name, value));
        }
    }

    fn named(&self) -> Vec<(&str, &dyn ToSql)> {
        let named = self.values.iter();
        named.map(|(name, value)| (*name, value as &dyn ToSql)).collect()
    }
}

/// Results in all. What is asked by verdict, failure and category is counted already.
fn count(connection: &Connection, run: i64, query: &ResultQuery) -> Result<u64, StoreError> {
    let conditions = Conditions::of(run, query);
    let from = if query.text.is_none() && query.flip.is_none() && query.cases.is_none() {
        "SELECT coalesce(sum(r.results), 0) FROM result_count AS r".to_owned()
    } else if query.flip.is_some() {
        format!("SELECT count(*) FROM result AS r {EARLIER}")
    } else if query.text.is_none() {
        "SELECT count(*) FROM result AS r".to_owned()
    } else {
        "SELECT count(*) FROM result AS r NOT INDEXED".to_owned()
    };
    let sql = format!("{from} WHERE r.run = :run{}", conditions.sql);
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row(conditions.named().as_slice(), |row| row.get(0))?)
}

fn rows(
    connection: &Connection,
    run: i64,
    query: &ResultQuery,
    total: u64,
    offset: u64,
    limit: u32,
) -> Result<Vec<StoredResult>, StoreError> {
    let mut conditions = Conditions::of(run, query);
    if query.flip.is_none() {
        conditions.values.push((":before", Value::from(query.before)));
    }
    conditions.values.push((":limit", i64::from(limit).into()));
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    conditions.values.push((":offset", offset.into()));
    let from = match (query.flip, &query.text) {
        (Some(_), _) => EARLIER,
        // A rare text is found soonest by reading the results as they lie; a frequent one fills the page soon in its order.
        (None, Some(_)) if total < RARE => "NOT INDEXED",
        (None, _) => "",
    };
    let sql = PAGE
        .replace("{from}", from)
        .replace("{conditions}", &conditions.sql);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(conditions.named().as_slice(), |row| {
        Ok(StoredResult {
            key: TrialKey {
                case_index: row.get(0)?,
                repeat: row.get(1)?,
            },
            case_id: row.get(2)?,
            category: row.get(3)?,
            title: row.get(4)?,
            passed: row.get(5)?,
            failure: row.get(6)?,
            error: row.get(7)?,
            latency_ms: row.get::<_, i64>(8)? as f64 / 1000.0,
            cost: row.get::<_, Option<i64>>(9)?.map(PicoUsd::from_pico),
            passed_before: row.get(10)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
