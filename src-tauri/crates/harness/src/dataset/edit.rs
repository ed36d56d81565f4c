//! Changing rows of a dataset file and nothing else: every row that is not named keeps its bytes, line ends and order.
//!
//! JSONL and CSV can be changed row by row. JSON and YAML cannot without writing the whole file anew in another layout, so they are
//! left to a text editor, and the error says so.

use super::{Cases, csv_rows, extension, json_rows};
use crate::suite::{Problem, SuiteError};
use evidence::ContentHash;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::Cursor,
    ops::Range,
    path::{Path, PathBuf},
};

/// The longest dataset that is edited row by row; a longer one is made by a program and not by hand.
const LONGEST_EDITED_BYTES: u64 = 64 * 1024 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum RowEdit {
    /// The row of this number, from 0, gets other fields.
    Replace {
        /// Which row.
        row: u64,
        /// All its fields, `id` and `category` among them, in order.
        fields: Map<String, Value>,
    },
    /// The row of this number goes.
    Remove {
        /// Which row.
        row: u64,
    },
    /// A row after the last.
    Add {
        /// All its fields, in order.
        fields: Map<String, Value>,
    },
}

/// A dataset file as rows with their places.
#[derive(Clone, Debug)]
pub struct Table {
    /// The file.
    pub path: PathBuf,
    /// Content of the file.
    pub hash: ContentHash,
    /// Names of fields, in the order of their first appearance; for CSV, the header.
    pub columns: Vec<String>,
    /// Rows in the order of the file.
    pub rows: Vec<TableRow>,
    bytes: Vec<u8>,
    format: Format,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// Line that it begins at, from 1.
    pub line: u64,
    /// Its fields in order, or why it cannot be read.
    pub fields: Result<Map<String, Value>, String>,
    place: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    JsonLines,
    Csv,
}

impl Table {
    /// Reads a dataset file.
    pub fn open(path: &Path) -> Result<Self, SuiteError> {
        let refuse = |message: String| SuiteError::one(path, 0, 0, message);
        let unreadable = |error: std::io::Error| refuse(format!("cannot be read: {error}"));
        let format = match extension(path).as_str() {
            "jsonl" | "ndjson" => Format::JsonLines,
            "csv" => Format::Csv,
            other => {
                return Err(refuse(format!(
                    "a .{other} dataset cannot be changed row by row without writing all of it anew; open it in a text editor"
                )));
            }
        };
        let size = fs::metadata(path).map_err(unreadable)?.len();
        if size > LONGEST_EDITED_BYTES {
            return Err(refuse(format!(
                "{size} bytes are too many to edit by hand; the limit is 64 MiB"
            )));
        }
        Self::read(path, fs::read(path).map_err(unreadable)?, format)
    }

    fn read(path: &Path, bytes: Vec<u8>, format: Format) -> Result<Self, SuiteError> {
        let start = if bytes.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let (columns, rows) = match format {
            Format::JsonLines => json_lines(path, &bytes, start),
            Format::Csv => csv_records(path, &bytes, start)?,
        };
        Ok(Self {
            path: path.to_path_buf(),
            hash: ContentHash::of(&bytes),
            columns,
            rows,
            bytes,
            format,
        })
    }

    /// The file as it would be with these changes. Checked as a run would: the problems name lines of the new file.
    pub fn with(&self, edits: &[RowEdit]) -> Result<Vec<u8>, SuiteError> {
        let refuse = |message: String| SuiteError::one(&self.path, 0, 0, message);
        let mut changes: HashMap<u64, Option<&Map<String, Value>>> = HashMap::new();
        let mut added = Vec::new();
        for edit in edits {
            let (row, fields) = match edit {
                RowEdit::Add { fields } => {
                    added.push(fields);
                    continue;
                }
                RowEdit::Replace { row, fields } => (*row, Some(fields)),
                RowEdit::Remove { row } => (*row, None),
            };
            if row >= self.rows.len() as u64 {
                return Err(refuse(format!(
                    "there is no row {}; the file has {}",
                    row + 1,
                    self.rows.len()
                )));
            }
            if changes.insert(row, fields).is_some() {
                return Err(refuse(format!("row {} is changed twice", row + 1)));
            }
        }
        let end_of_line = self.end_of_line();
        let mut out = Vec::with_capacity(self.bytes.len() + 256);
        let mut from = 0;
        for (number, row) in self.rows.iter().enumerate() {
            let Some(change) = changes.get(&(number as u64)) else {
                continue;
            };
            out.extend_from_slice(&self.bytes[from..row.place.start]);
            let old = &self.bytes[row.place.clone()];
            if let Some(fields) = change {
                out.extend_from_slice(&self.text(fields)?);
                out.extend_from_slice(line_end(old));
            }
            from = row.place.end;
        }
        out.extend_from_slice(&self.bytes[from..]);
        for fields in added {
            if !out.is_empty() && !out.ends_with(b"\n") && out != BYTE_ORDER_MARK {
                out.extend_from_slice(end_of_line);
            }
            out.extend_from_slice(&self.text(fields)?);
            out.extend_from_slice(end_of_line);
        }
        self.check(&out)?;
        Ok(out)
    }

    /// Cases by category as the file would be.
    pub fn categories(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for fields in self.rows.iter().filter_map(|row| row.fields.as_ref().ok()) {
            let category = match fields.get("category") {
                None | Some(Value::Null) => "uncategorised".to_owned(),
                Some(category) => super::plain(category),
            };
            *counts.entry(category).or_insert(0) += 1;
        }
        counts
    }

    /// The table with further columns, empty in every row. Only a CSV file has columns.
    pub(super) fn with_columns(&self, names: &[&String]) -> Result<Self, SuiteError> {
        let mut header = Vec::new();
        for name in names {
            header.push(b',');
            let mut writer = csv::Writer::from_writer(Vec::new());
            let cell = writer.write_record([name]).and_then(|()| {
                writer
                    .into_inner()
                    .map_err(|error| csv::Error::from(error.into_error()))
            });
            let cell = cell.map_err(|error| SuiteError::one(&self.path, 1, 0, error.to_string()))?;
            header.extend_from_slice(cell.trim_ascii_end());
        }
        let cells = vec![b','; names.len()];
        let first = self.rows.first().map_or(self.bytes.len(), |row| row.place.start);
        let mut out = Vec::with_capacity(self.bytes.len() + header.len() + self.rows.len() * cells.len());
        let widened = |out: &mut Vec<u8>, line: &[u8], cells: &[u8]| {
            let body = line.trim_ascii_end();
            // Only line ends are cut off: blanks at the end belong to the last cell.
            let ends = line[body.len()..]
                .iter()
                .position(|byte| matches!(byte, b'\r' | b'\n'))
                .map_or(line.len(), |at| body.len() + at);
            out.extend_from_slice(&line[..ends]);
            out.extend_from_slice(cells);
            out.extend_from_slice(&line[ends..]);
        };
        widened(&mut out, &self.bytes[..first], &header);
        let mut from = first;
        for row in &self.rows {
            out.extend_from_slice(&self.bytes[from..row.place.start]);
            widened(&mut out, &self.bytes[row.place.clone()], &cells);
            from = row.place.end;
        }
        out.extend_from_slice(&self.bytes[from..]);
        Self::read(&self.path, out, self.format)
    }

    /// How the file ends its lines.
    fn end_of_line(&self) -> &'static [u8] {
        let first = self.bytes.iter().position(|byte| *byte == b'\n');
        match first {
            Some(at) if at > 0 && self.bytes[at - 1] == b'\r' => b"\r\n",
            _ => b"\n",
        }
    }

    fn text(&self, fields: &Map<String, Value>) -> Result<Vec<u8>, SuiteError> {
        let refuse = |message: String| SuiteError::one(&self.path, 0, 0, message);
        match self.format {
            Format::JsonLines => serde_json::to_vec(fields).map_err(|error| refuse(error.to_string())),
            Format::Csv => {
                if let Some(unknown) = fields.keys().find(|name| !self.columns.contains(name)) {
                    return Err(refuse(format!(
                        "the header has no column `{unknown}`; add the column in a text editor or a spreadsheet first"
                    )));
                }
                let cells = self.columns.iter().map(|column| match fields.get(column) {
                    None | Some(Value::Null) => String::new(),
                    Some(value) => super::plain(value),
                });
                let mut writer = csv::WriterBuilder::new()
                    .terminator(csv::Terminator::Any(b'\n'))
                    .from_writer(Vec::new());
                writer
                    .write_record(cells)
                    .map_err(|error| refuse(error.to_string()))?;
                let mut line = writer.into_inner().map_err(|error| refuse(error.to_string()))?;
                line.pop();
                Ok(line)
            }
        }
    }

    /// What a run would say of the file.
    fn check(&self, bytes: &[u8]) -> Result<(), SuiteError> {
        let start = if bytes.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let reader = Cursor::new(bytes[start..].to_vec());
        let rows: super::Rows = match self.format {
            Format::JsonLines => Box::new(json_rows::Lines::new(&self.path, reader)),
            Format::Csv => Box::new(csv_rows::Records::new(&self.path, reader)?),
        };
        let problems: Vec<Problem> = Cases::new(&self.path, rows)
            .with_bad_rows(super::BadRows::Skip)
            .filter_map(Result::err)
            .take(super::MISTAKES)
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(SuiteError { problems })
        }
    }
}

fn line_end(row: &[u8]) -> &[u8] {
    if row.ends_with(b"\r\n") {
        b"\r\n"
    } else if row.ends_with(b"\n") {
        b"\n"
    } else {
        b""
    }
}

fn json_lines(path: &Path, bytes: &[u8], start: usize) -> (Vec<String>, Vec<TableRow>) {
    let (mut columns, mut rows): (Vec<String>, Vec<TableRow>) = (Vec::new(), Vec::new());
    let mut from = start;
    for (index, line) in bytes[start..].split_inclusive(|byte| *byte == b'\n').enumerate() {
        let place = from..from + line.len();
        from = place.end;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let number = index as u64 + 1;
        let fields = json_rows::parse(path, number, line.trim_ascii_end())
            .map(|(_, fields)| fields)
            .map_err(|problem| problem.message);
        for name in fields.iter().flat_map(Map::keys) {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        rows.push(TableRow {
            line: number,
            fields,
            place,
        });
    }
    (columns, rows)
}

fn csv_records(path: &Path, bytes: &[u8], start: usize) -> Result<(Vec<String>, Vec<TableRow>), SuiteError> {
    let mut records = csv_rows::Records::new(path, Cursor::new(&bytes[start..]))?;
    let columns = records.columns();
    let mut rows = Vec::new();
    loop {
        // A record's own position is where the reader stood before it, empty lines included.
        let from = start + records.offset();
        let Some(row) = records.next() else { break };
        let end = start + records.offset();
        let blank = bytes[from..end]
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let (line, fields) = match row {
            Ok((line, fields)) => (line, Ok(fields)),
            Err(problem) => (problem.line, Err(problem.message)),
        };
        rows.push(TableRow {
            line,
            fields,
            place: from + blank..end,
        });
    }
    Ok((columns, rows))
}
