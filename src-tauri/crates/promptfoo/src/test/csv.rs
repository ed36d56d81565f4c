//! Tests in CSV: a row is a test, a column is a variable or one of promptfoo's special columns.

use super::cell;
use crate::{document, problem::Problem};
use harness::dataset::csv_quotes::{NEVER_CLOSED, Watched};
use serde_json::{Map, Value, json};
use std::{fs::File, io::BufReader, path::Path};

/// A row: its line and its cells by column.
pub(crate) type Row = (u64, Map<String, Value>);

/// The rows of a CSV file with a header, streamed, each with its line.
pub(crate) fn csv_rows(path: &Path) -> Result<impl Iterator<Item = Result<Row, Problem>> + use<>, Problem> {
    let problem = {
        let path = path.to_path_buf();
        move |line: u64, message: String| Problem {
            file: path.clone(),
            line,
            column: 0,
            message,
        }
    };
    let file = File::open(path).map_err(|error| problem(0, format!("cannot be read: {error}")))?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(false)
        .from_reader(Watched::new(BufReader::new(file)));
    let header: Vec<String> = reader
        .headers()
        .map_err(|error| problem(1, error.to_string()))?
        .iter()
        .enumerate()
        // csv-parse drops a byte order mark; the crate does so as well, but not before a quote.
        .map(|(at, name)| if at == 0 { name.trim_start_matches('\u{feff}') } else { name }.to_owned())
        .collect();
    if let Some(line) = Watched::unclosed_in_row(&reader) {
        return Err(problem(line, NEVER_CLOSED.into()));
    }
    let mut record = csv::StringRecord::new();
    Ok(std::iter::from_fn(move || {
        let read = reader.read_record(&mut record);
        // As csv-parse, which says "Quote Not Closed".
        if let (Ok(true) | Err(_), Some(line)) = (&read, Watched::unclosed_in_row(&reader)) {
            return Some(Err(problem(line, NEVER_CLOSED.into())));
        }
        match read {
            Ok(false) => None,
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                let row = header
                    .iter()
                    .zip(&record)
                    .map(|(name, cell)| (name.clone(), Value::String(cell.to_owned())))
                    .collect();
                Some(Ok((line, row)))
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                let message = match error.kind() {
                    csv::ErrorKind::UnequalLengths {
                        expected_len, len, ..
                    } => {
                        format!(
                            "this row has {len} cells and the header has {expected_len}; quote cells that hold commas"
                        )
                    }
                    csv::ErrorKind::Utf8 { .. } => "this row is not UTF-8 text".into(),
                    _ => error.to_string(),
                };
                Some(Err(problem(line, message)))
            }
        }
    }))
}

/// A row as a test. `number` counts rows from 1.
pub(crate) fn test_of_row(row: &Map<String, Value>, number: usize) -> Result<Value, String> {
    let mut vars = Map::new();
    let mut assertions = Vec::new();
    let mut options = Map::new();
    let mut metadata = Map::new();
    let mut thresholds = Vec::new();
    let mut test = Map::new();
    let mut metric = None;
    for (key, value) in row {
        let key = document::trim(key);
        let text = value
            .as_str()
            .map_or_else(|| document::text(value), str::to_owned);
        let blank = document::trim(&text).is_empty();
        match key {
            "__prefix" | "__suffix" => {
                options.insert(key[2..].to_owned(), json!(text));
            }
            "__description" | "__providerOutput" if !text.is_empty() => {
                test.insert(key[2..].to_owned(), json!(text));
            }
            "__description" | "__providerOutput" | "__metadata" => {}
            "__metric" => metric = Some(text),
            "__threshold" => {
                if let Some(threshold) = cell::finite(&text) {
                    test.insert("threshold".into(), json_number(threshold));
                }
            }
            _ if key.starts_with("__expected") => {
                if !blank {
                    assertions.push(cell::assertion(document::trim(&text))?);
                }
            }
            _ => {
                if let Some(name) = key.strip_prefix("__metadata:") {
                    match name.strip_suffix("[]") {
                        _ if blank => {}
                        Some(name) => {
                            metadata.insert(name.to_owned(), json!(cell::split_list(&text)));
                        }
                        None => {
                            metadata.insert(name.to_owned(), json!(text));
                        }
                    }
                } else if let Some(target) = key.strip_prefix("__config:") {
                    if let Some(at) = cell::config_target(target)? {
                        let threshold = cell::finite(&text)
                            .ok_or_else(|| format!("`{text}` in the column `{key}` is not a number"))?;
                        thresholds.push((at, threshold));
                    }
                } else {
                    vars.insert(key.to_owned(), value.clone());
                }
            }
        }
    }
    for (at, assertion) in assertions.iter_mut().enumerate() {
        if let Some(metric) = &metric {
            assertion.insert("metric".into(), json!(metric));
        }
        for (_, threshold) in thresholds.iter().filter(|(target, _)| *target == at) {
            assertion.insert("threshold".into(), json_number(*threshold));
            metadata.insert("threshold".into(), json_number(*threshold));
        }
    }
    test.insert("vars".into(), Value::Object(vars));
    test.insert("assert".into(), json!(assertions));
    test.insert("options".into(), Value::Object(options));
    if !metadata.is_empty() {
        test.insert("metadata".into(), Value::Object(metadata));
    }
    if !test.contains_key("description") {
        test.insert("description".into(), json!(format!("Row #{number}")));
    }
    Ok(Value::Object(test))
}

fn json_number(value: f64) -> Value {
    document::number(value).map_or(Value::Null, Value::Number)
}
