//! One case more at the end of a dataset file, in the file's own format. Everything that was there keeps its bytes; a CSV
//! file gets a further column where the case has a field that its header does not know.

use super::{Case, Cases, Rows, csv_rows, edit::RowEdit, edit::Table, extension, json_rows, yaml_rows};
use crate::suite::SuiteError;
use serde_json::{Map, Value};
use std::{fs, io::Cursor, path::Path};

/// A dataset file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Content as it is.
    pub before: Vec<u8>,
    /// Content with the case.
    pub after: Vec<u8>,
    /// Cases as it is.
    pub cases: u64,
}

/// The file as it would be with one case more; nothing is written. `fields` hold `id` and `category` as well.
///
/// The result is read as a run would read it, and refused unless it holds what was there and this case after it.
pub fn append(path: &Path, fields: &Map<String, Value>) -> Result<Appended, SuiteError> {
    let refuse = |message: &str| SuiteError::one(path, 0, 0, message);
    let before =
        fs::read(path).map_err(|error| SuiteError::one(path, 0, 0, format!("cannot be read: {error}")))?;
    let there = cases(path, &before)?;
    let id = fields.get("id").map(super::plain).unwrap_or_default();
    if id.trim().is_empty() || there.iter().any(|case| case.id == id) {
        return Err(refuse(&format!(
            "the id `{id}` is used before or empty; give the case another"
        )));
    }
    let fields = &in_words_of(path, fields);
    let after = match extension(path).as_str() {
        "json" => json_array(&before, fields),
        "yaml" | "yml" => yaml_list(&before, fields),
        "csv" => Some(csv_table(path, fields)?),
        _ => Some(Table::open(path)?.with(&[RowEdit::Add {
            fields: fields.clone(),
        }])?),
    };
    let by_hand =
        || refuse("a case cannot be added at the end of a file laid out like this; add it in a text editor");
    let after = after.ok_or_else(by_hand)?;
    let mut read = cases(path, &after).map_err(|_| by_hand())?;
    let added = read.pop();
    let wanted = added.as_ref().is_some_and(|case| is_meant(case, fields));
    if read != there || !wanted {
        return Err(by_hand());
    }
    Ok(Appended {
        before,
        after,
        cases: there.len() as u64,
    })
}

/// A CSV cell holds a list with semicolons between its items.
fn in_words_of(path: &Path, fields: &Map<String, Value>) -> Map<String, Value> {
    let mut fields = fields.clone();
    if extension(path) == "csv" {
        for value in fields.values_mut() {
            if let Value::Array(items) = value {
                *value = items
                    .iter()
                    .map(super::plain)
                    .collect::<Vec<_>>()
                    .join(";")
                    .into();
            }
        }
    }
    fields
}

/// Whether a case that was read says what was meant. A CSV file knows texts only.
fn is_meant(case: &Case, fields: &Map<String, Value>) -> bool {
    fields
        .iter()
        .filter(|(name, value)| !value.is_null() && name.as_str() != "id" && name.as_str() != "category")
        .all(|(name, value)| case.text(name).unwrap_or_default() == super::plain(value))
        && fields.get("id").is_some_and(|id| case.id == super::plain(id))
}

fn cases(path: &Path, bytes: &[u8]) -> Result<Vec<Case>, SuiteError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).to_vec();
    let rows: Rows = match extension(path).as_str() {
        "json" => Box::new(json_rows::Elements::new(path, Cursor::new(bytes))),
        "csv" => Box::new(csv_rows::Records::new(path, Cursor::new(bytes))?),
        "yaml" | "yml" => yaml_rows(path, &String::from_utf8_lossy(&bytes))?,
        _ => Box::new(json_rows::Lines::new(path, Cursor::new(bytes))),
    };
    Cases::new(path, rows)
        .collect::<Result<_, _>>()
        .map_err(|problem| SuiteError {
            problems: vec![problem],
        })
}

/// Before the last bracket, laid out as the file is: an object a line where the file has lines.
fn json_array(before: &[u8], fields: &Map<String, Value>) -> Option<Vec<u8>> {
    let end = before.iter().rposition(|byte| *byte == b']')?;
    let head = before[..end].trim_ascii_end();
    let lines = before[..end].contains(&b'\n');
    let element = serde_json::to_string(fields).ok()?;
    let mut out = head.to_vec();
    if !head.ends_with(b"[") {
        out.push(b',');
    }
    out.extend_from_slice(if lines { b"\n  " } else { b" " });
    out.extend_from_slice(element.as_bytes());
    out.extend_from_slice(&before[head.len()..]);
    Some(out)
}

/// After the last entry, indented as the first one is. A JSON value is a YAML value, so values are written as JSON.
fn yaml_list(before: &[u8], fields: &Map<String, Value>) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(before).ok()?;
    let first = text.lines().find(|line| {
        !line.trim().is_empty() && !line.trim_start().starts_with('#') && line.trim() != "---"
    })?;
    if first.trim_start().starts_with('[') {
        return json_array(before, fields);
    }
    let indent = &first[..first.len() - first.trim_start().len()];
    first.trim_start().starts_with('-').then_some(())?;
    let mut out = text.to_owned();
    if !out.ends_with('\n') {
        out.push('\n');
    }
    for (at, (name, value)) in fields.iter().enumerate() {
        let lead = if at == 0 { "- " } else { "  " };
        out.push_str(&format!("{indent}{lead}{}: {value}\n", key(name)));
    }
    Some(out.into_bytes())
}

/// A plain word stands as it is, anything else as a quoted text.
fn key(name: &str) -> String {
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let truth = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    if plain && !truth.contains(&name.to_ascii_lowercase().as_str()) {
        name.to_owned()
    } else {
        Value::from(name).to_string()
    }
}

fn csv_table(path: &Path, fields: &Map<String, Value>) -> Result<Vec<u8>, SuiteError> {
    let mut table = Table::open(path)?;
    let new: Vec<&String> = fields
        .iter()
        .filter(|(name, value)| !value.is_null() && !table.columns.contains(name))
        .map(|(name, _)| name)
        .collect();
    if !new.is_empty() {
        table = table.with_columns(&new)?;
    }
    table.with(&[RowEdit::Add {
        fields: fields.clone(),
    }])
}
