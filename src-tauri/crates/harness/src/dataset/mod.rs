//! Datasets: cases from JSONL, JSON, CSV and YAML files.
//!
//! JSONL, JSON and CSV are streamed: one case is in memory at a time, whatever the length of the file. YAML cannot
//! be, so a YAML dataset is limited to 16 MiB and says so. A row that cannot be used is named by file and line.

mod append;
pub mod csv_quotes;
mod csv_rows;
pub mod edit;
mod json_rows;
mod source;

pub use append::{Appended, append};
pub use source::CaseSource;

use crate::suite::{Problem, SuiteError};
use evidence::{ContentHash, ContentHasher};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

/// One case: what is asked, and what graders hold the answer against.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Ordinal in the dataset, from 0. With the same content it never changes, so a resume can trust it.
    pub index: u64,
    /// Stable id; the row's number where the file gives none.
    pub id: String,
    /// Category; `uncategorised` where the file gives none.
    pub category: String,
    /// Every other field.
    pub fields: Map<String, Value>,
}

impl Case {
    /// A field as text: a text as it is, other values as JSON, absent and null as none.
    pub fn text(&self, field: &str) -> Option<String> {
        match self.fields.get(field)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// A field as a list of texts. A text is split at `;`, so that CSV cells can hold lists.
    pub fn list(&self, field: &str) -> Option<Vec<String>> {
        match self.fields.get(field)? {
            Value::Null => None,
            Value::Array(items) => Some(items.iter().map(plain).collect()),
            Value::String(text) => Some(
                text.split(';')
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned)
                    .collect(),
            ),
            other => Some(vec![other.to_string()]),
        }
    }

    /// A field as a truth value; accepts true/false, yes/no, 1/0 in texts, as CSV files have them.
    pub fn truth(&self, field: &str) -> Option<bool> {
        match self.fields.get(field)? {
            Value::Bool(truth) => Some(*truth),
            Value::Number(number) => number.as_f64().map(|number| number != 0.0),
            Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => Some(true),
                "false" | "no" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// What people recognise the case by: the question, or the first text field that is not its id, category or cluster.
    pub fn title(&self) -> String {
        ["question", "input", "prompt", "query", "text"]
            .iter()
            .find_map(|field| self.text(field))
            .or_else(|| {
                self.fields
                    .iter()
                    .filter(|(name, _)| !["id", "category", "cluster"].contains(&name.as_str()))
                    .find_map(|(_, value)| value.as_str().filter(|text| !text.trim().is_empty()))
                    .map(str::to_owned)
            })
            .unwrap_or_else(|| self.id.clone())
    }

    /// Hash of what the case says (not of its id, category or place), by which a learner's own cases are told from shipped ones.
    pub fn hash(&self) -> ContentHash {
        let mut hasher = ContentHasher::default();
        let sorted: BTreeMap<&String, &Value> = self.fields.iter().collect();
        for (name, value) in sorted {
            hasher.field(name);
            hasher.field(value.to_string());
        }
        hasher.finish()
    }
}

impl Case {
    /// Eight bytes of [`Case::hash`]: enough to see that the same case says something else in another run.
    pub fn fingerprint(&self) -> u64 {
        first_eight_bytes(&self.hash())
    }

    /// How much the case counts: its field `weight`, where that is a number above 0; otherwise 1.
    pub fn weight(&self) -> f64 {
        let weight = match self.fields.get("weight") {
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            _ => None,
        };
        weight
            .filter(|weight: &f64| weight.is_finite() && *weight > 0.0)
            .unwrap_or(1.0)
    }

    /// What the case shares with others that are not independent of it (a document, a customer): its field `cluster`.
    pub fn cluster(&self) -> Option<String> {
        self.text("cluster").filter(|cluster| !cluster.trim().is_empty())
    }
}

/// A JSON value as text, a text without its quotes.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a whole dataset comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetSummary {
    /// Content of the file.
    pub hash: ContentHash,
    /// Number of cases.
    pub cases: u64,
    /// Cases by category, in order of name.
    pub categories: BTreeMap<String, u64>,
    /// Bad rows that were passed over.
    pub skipped: u64,
    /// The first ten of them.
    pub problems: Vec<Problem>,
}

/// Rows of a file before they become cases: the line each begins at, and its fields.
type Rows = Box<dyn Iterator<Item = Result<(u64, Map<String, Value>), Problem>> + Send>;

/// The longest YAML dataset that is read.
const LONGEST_YAML_BYTES: u64 = 16 * 1024 * 1024;

/// Reads a dataset's cases one by one. The first bad row ends it.
pub fn read(path: &Path) -> Result<Cases, SuiteError> {
    let rows: Rows = match extension(path).as_str() {
        "jsonl" | "ndjson" => Box::new(json_rows::Lines::new(path, open(path)?)),
        "json" => Box::new(json_rows::Elements::new(path, open(path)?)),
        "csv" => Box::new(csv_rows::Records::new(path, open(path)?)?),
        "yaml" | "yml" => yaml(path)?,
        other => {
            let message =
                format!("`.{other}` is not a dataset format; expected .jsonl, .json, .csv or .yaml");
            return Err(SuiteError::one(path, 0, 0, message));
        }
    };
    Ok(Cases::new(path, rows))
}

/// Mistakes that are named at once.
const MISTAKES: usize = 10;

/// Reads a dataset through once: hash, count, categories. Its first ten bad rows are named together.
pub fn summarise(path: &Path) -> Result<DatasetSummary, SuiteError> {
    summarise_with(path, BadRows::Refuse, |_| ())
}

/// As [`summarise`], and shows every case on the way; bad rows may be passed over, and are then counted and named.
pub fn summarise_with(
    path: &Path,
    bad: BadRows,
    mut each: impl FnMut(&Case),
) -> Result<DatasetSummary, SuiteError> {
    let hash = hash_file(path)?;
    let mut categories = BTreeMap::new();
    let (mut cases, mut skipped, mut problems) = (0, 0, Vec::new());
    for case in read(path)?.with_bad_rows(BadRows::Skip) {
        match case {
            Ok(case) => {
                each(&case);
                cases += 1;
                *categories.entry(case.category).or_insert(0) += 1;
            }
            Err(problem) => {
                skipped += 1;
                if problems.len() < MISTAKES {
                    problems.push(problem);
                } else if bad == BadRows::Refuse {
                    break;
                }
            }
        }
    }
    if skipped > 0 && bad == BadRows::Refuse {
        return Err(SuiteError { problems });
    }
    if cases == 0 {
        return Err(SuiteError::one(
            path,
            0,
            0,
            "the dataset has no cases; add one row at least",
        ));
    }
    Ok(DatasetSummary {
        hash,
        cases,
        categories,
        skipped,
        problems,
    })
}

fn hash_file(path: &Path) -> Result<ContentHash, SuiteError> {
    let mut file = open(path)?;
    let mut hasher = ContentHasher::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(count) => hasher.update(&buffer[..count]),
            Err(error) => return Err(SuiteError::one(path, 0, 0, format!("cannot be read: {error}"))),
        }
    }
}

fn open(path: &Path) -> Result<BufReader<File>, SuiteError> {
    let file =
        File::open(path).map_err(|error| SuiteError::one(path, 0, 0, format!("cannot be read: {error}")))?;
    let mut reader = BufReader::with_capacity(64 * 1024, file);
    // Spreadsheets write a byte order mark before the first character; it belongs to no field.
    if reader
        .fill_buf()
        .is_ok_and(|start| start.starts_with(b"\xef\xbb\xbf"))
    {
        reader.consume(3);
    }
    Ok(reader)
}

fn extension(path: &Path) -> String {
    path.extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase()
}

fn yaml(path: &Path) -> Result<Rows, SuiteError> {
    let size = std::fs::metadata(path)
        .map(|metadata| metadata.len())
        .unwrap_or(0);
    if size > LONGEST_YAML_BYTES {
        let message =
            format!("{size} bytes of YAML cannot be streamed; keep a dataset this long as .jsonl or .csv");
        return Err(SuiteError::one(path, 0, 0, message));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| SuiteError::one(path, 0, 0, format!("cannot be read: {error}")))?;
    yaml_rows(path, &text)
}

fn yaml_rows(path: &Path, text: &str) -> Result<Rows, SuiteError> {
    let rows: Vec<serde_saphyr::Spanned<Value>> = serde_saphyr::from_str(text).map_err(|error| {
        let (line, column) = error
            .location()
            .map_or((1, 1), |place| (place.line(), place.column()));
        SuiteError::one(path, line, column, crate::suite::yaml_message(&error))
    })?;
    let path = path.to_path_buf();
    Ok(Box::new(rows.into_iter().map(move |row| {
        let line = row.referenced.line();
        match row.value {
            Value::Object(fields) => Ok((line, fields)),
            other => Err(not_an_object(&path, line, &other)),
        }
    })))
}

fn not_an_object(path: &Path, line: u64, value: &Value) -> Problem {
    let what = match value {
        Value::Array(_) => "a list",
        Value::String(_) => "a text",
        Value::Null => "nothing",
        _ => "a single value",
    };
    Problem {
        file: path.to_path_buf(),
        line,
        column: 0,
        message: format!("a case is an object with fields, and this row is {what}"),
    }
}

/// The cases of a dataset, one by one.
pub struct Cases {
    path: PathBuf,
    rows: Rows,
    /// Hash of each id -> its line: ids must differ, and a long file's ids must not fill memory.
    seen: HashMap<u64, u64>,
    next: u64,
    done: bool,
    bad: BadRows,
}

/// What is done about a row that cannot be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BadRows {
    /// It ends the reading, and the run does not start.
    #[default]
    Refuse,
    /// It is passed over, because the person said so; it keeps its ordinal, so that the other cases keep theirs.
    Skip,
}

impl Iterator for Cases {
    type Item = Result<Case, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let case = match self.rows.next()? {
            Ok((line, fields)) => self.case(line, fields),
            Err(problem) => {
                self.next += 1;
                Err(problem)
            }
        };
        self.done = case.is_err() && self.bad == BadRows::Refuse;
        Some(case)
    }
}

impl Cases {
    fn new(path: &Path, rows: Rows) -> Self {
        Self {
            path: path.to_path_buf(),
            rows,
            seen: HashMap::new(),
            next: 0,
            done: false,
            bad: BadRows::Refuse,
        }
    }

    /// Goes on after a bad row, which is still yielded as a problem.
    #[must_use]
    pub fn with_bad_rows(mut self, bad: BadRows) -> Self {
        self.bad = bad;
        self
    }

    fn case(&mut self, line: u64, mut fields: Map<String, Value>) -> Result<Case, Problem> {
        let index = self.next;
        self.next += 1;
        let id = match fields.shift_remove("id") {
            None | Some(Value::Null) => format!("case-{}", index + 1),
            Some(Value::Array(_) | Value::Object(_)) => {
                return Err(self.problem(line, "`id` must be a text or a number"));
            }
            Some(id) => plain(&id),
        };
        if id.trim().is_empty() {
            return Err(self.problem(line, "`id` is empty; give the case an id or leave the field out"));
        }
        let category = match fields.shift_remove("category") {
            None | Some(Value::Null) => "uncategorised".into(),
            Some(category) => plain(&category),
        };
        if let Some(first) = self.seen.insert(fingerprint(&id), line) {
            return Err(self.problem(
                line,
                format!("the id `{id}` is used before, at line {first}; ids must differ"),
            ));
        }
        if fields.is_empty() {
            return Err(self.problem(
                line,
                format!("case `{id}` has no fields to ask with, such as `question`"),
            ));
        }
        Ok(Case {
            index,
            id,
            category,
            fields,
        })
    }

    fn problem(&self, line: u64, message: impl Into<String>) -> Problem {
        Problem {
            file: self.path.clone(),
            line,
            column: 0,
            message: message.into(),
        }
    }
}

/// Eight bytes of the id's SHA-256: two different ids of a million share them with a chance of 3 in 10⁸.
fn fingerprint(id: &str) -> u64 {
    first_eight_bytes(&ContentHash::of(id))
}

pub(crate) fn first_eight_bytes(hash: &ContentHash) -> u64 {
    u64::from_str_radix(hash.as_str().get(..16).unwrap_or("0"), 16).unwrap_or(0)
}
