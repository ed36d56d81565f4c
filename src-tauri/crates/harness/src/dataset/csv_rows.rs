//! CSV with a header row. An empty cell is an absent field.

use super::csv_quotes::{NEVER_CLOSED, Watched};
use crate::suite::{Problem, SuiteError};
use serde_json::{Map, Value};
use std::{
    io::Read,
    path::{Path, PathBuf},
};

pub(super) struct Records<R> {
    path: PathBuf,
    header: csv::StringRecord,
    reader: csv::Reader<Watched<R>>,
    unreadable: bool,
}

impl<R: Read> Records<R> {
    pub(super) fn new(path: &Path, reader: R) -> Result<Self, SuiteError> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(false)
            .from_reader(Watched::new(reader));
        let header = reader
            .headers()
            .map_err(|error| SuiteError {
                problems: vec![problem(path, &error)],
            })?
            .clone();
        if let Some(line) = Watched::unclosed_in_row(&reader) {
            return Err(SuiteError {
                problems: vec![never_closed(path, line)],
            });
        }
        if let (1, Some(name)) = (header.len(), header.get(0))
            && name.contains([';', '\t'])
        {
            return Err(SuiteError::one(
                path,
                1,
                0,
                format!("the header is one column, `{name}`; separate columns by commas"),
            ));
        }
        if let Some(double) = header
            .iter()
            .enumerate()
            .find_map(|(at, name)| header.iter().take(at).any(|other| other == name).then_some(name))
        {
            return Err(SuiteError::one(
                path,
                1,
                0,
                format!("two columns are called `{double}`; names must differ"),
            ));
        }
        Ok(Self {
            path: path.to_path_buf(),
            header,
            reader,
            unreadable: false,
        })
    }

    /// Names of the columns.
    pub(super) fn columns(&self) -> Vec<String> {
        self.header.iter().map(|name| name.trim().to_owned()).collect()
    }

    /// Bytes read so far: where the next record begins.
    pub(super) fn offset(&self) -> usize {
        usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX)
    }
}

impl<R: Read> Iterator for Records<R> {
    type Item = Result<(u64, Map<String, Value>), Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        // What could not be read once cannot be read again, and passing over it would never come to an end.
        if self.unreadable {
            return None;
        }
        let mut record = csv::StringRecord::new();
        let read = self.reader.read_record(&mut record);
        // The reader takes the end of the file for the end of the cell, and with it every row after the quote.
        if let (false, Some(line)) = (matches!(read, Ok(false)), Watched::unclosed_in_row(&self.reader)) {
            self.unreadable = true;
            return Some(Err(never_closed(&self.path, line)));
        }
        match read {
            Ok(false) => None,
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                let fields = self
                    .header
                    .iter()
                    .zip(&record)
                    .filter(|(_, cell)| !cell.is_empty())
                    .map(|(name, cell)| (name.trim().to_owned(), Value::String(cell.to_owned())))
                    .collect();
                Some(Ok((line, fields)))
            }
            Err(error) => {
                self.unreadable = error.is_io_error();
                Some(Err(problem(&self.path, &error)))
            }
        }
    }
}

fn never_closed(path: &Path, line: u64) -> Problem {
    Problem {
        file: path.to_path_buf(),
        line,
        column: 0,
        message: NEVER_CLOSED.into(),
    }
}

fn problem(path: &Path, error: &csv::Error) -> Problem {
    let line = error.position().map_or(0, csv::Position::line);
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!(
                "this row has {len} cells and the header has {expected_len}; quote cells that hold commas"
            )
        }
        csv::ErrorKind::Utf8 { .. } => "this row is not UTF-8 text; save the file as UTF-8".into(),
        _ => format!("cannot be read: {error}"),
    };
    Problem {
        file: path.to_path_buf(),
        line,
        column: 0,
        message,
    }
}
