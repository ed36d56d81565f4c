//! JSON Lines, and the elements of one long JSON array, without holding the whole file.

use super::not_an_object;
use crate::suite::Problem;
use serde_json::{Map, Value};
use std::{
    io::{BufRead, Read},
    path::{Path, PathBuf},
};

/// A single row longer than this is a mistake in the file, such as a missing line break.
const LONGEST_ROW_BYTES: usize = 16 * 1024 * 1024;

/// The line that a row begins at, and its fields.
type Row = (u64, Map<String, Value>);

fn problem(path: &Path, line: u64, column: u64, message: impl Into<String>) -> Problem {
    Problem {
        file: path.to_path_buf(),
        line,
        column,
        message: message.into(),
    }
}

pub(super) fn parse(path: &Path, line: u64, text: &[u8]) -> Result<Row, Problem> {
    match serde_json::from_slice::<Value>(text) {
        Ok(Value::Object(fields)) => Ok((line, fields)),
        Ok(other) => Err(not_an_object(path, line, &other)),
        Err(error) => {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            let at = line + (error.line() as u64).saturating_sub(1);
            Err(problem(
                path,
                at,
                error.column() as u64,
                format!("not valid JSON: {message}"),
            ))
        }
    }
}

/// One JSON object a line; empty lines are passed over.
pub(super) struct Lines<R> {
    path: PathBuf,
    reader: R,
    line: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(path: &Path, reader: R) -> Self {
        Self {
            path: path.to_path_buf(),
            reader,
            line: 0,
            buffer: Vec::new(),
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Row, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.buffer.clear();
            self.line += 1;
            let mut limited = self.reader.by_ref().take(LONGEST_ROW_BYTES as u64 + 1);
            match limited.read_until(b'\n', &mut self.buffer) {
                Ok(0) => return None,
                Ok(count) if count > LONGEST_ROW_BYTES => {
                    return Some(Err(problem(
                        &self.path,
                        self.line,
                        0,
                        "the line is longer than 16 MiB",
                    )));
                }
                Ok(_) if self.buffer.trim_ascii().is_empty() => {}
                Ok(_) => return Some(parse(&self.path, self.line, self.buffer.trim_ascii_end())),
                Err(error) => {
                    return Some(Err(problem(
                        &self.path,
                        self.line,
                        0,
                        format!("cannot be read: {error}"),
                    )));
                }
            }
        }
    }
}

/// The elements of one JSON array. Each is cut out by counting brackets outside texts, then parsed by itself.
pub(super) struct Elements<R> {
    path: PathBuf,
    reader: R,
    line: u64,
    state: State,
}

#[derive(PartialEq)]
enum State {
    Start,
    Inside,
    Ended,
}

impl<R: BufRead> Elements<R> {
    pub(super) fn new(path: &Path, reader: R) -> Self {
        Self {
            path: path.to_path_buf(),
            reader,
            line: 1,
            state: State::Start,
        }
    }

    fn byte(&mut self) -> Result<Option<u8>, Problem> {
        let next = match self.reader.fill_buf() {
            Ok(buffer) => buffer.first().copied(),
            Err(error) => {
                return Err(problem(
                    &self.path,
                    self.line,
                    0,
                    format!("cannot be read: {error}"),
                ));
            }
        };
        if let Some(byte) = next {
            self.reader.consume(1);
            if byte == b'\n' {
                self.line += 1;
            }
        }
        Ok(next)
    }

    /// The next byte that is not white space.
    fn solid(&mut self) -> Result<Option<u8>, Problem> {
        loop {
            match self.byte()? {
                Some(byte) if byte.is_ascii_whitespace() => {}
                other => return Ok(other),
            }
        }
    }

    /// The text of the next element and the line it begins at; none after the last.
    fn cut_out(&mut self) -> Result<Option<(u64, Vec<u8>)>, Problem> {
        let at = |this: &Self, message: &str| problem(&this.path, this.line, 0, message);
        if self.state == State::Start {
            if self.solid()? != Some(b'[') {
                return Err(at(
                    self,
                    "a .json dataset is one list of cases: expected `[` first",
                ));
            }
            self.state = State::Inside;
        }
        let first = match self.solid()? {
            Some(b',') => self.solid()?,
            other => other,
        };
        let Some(first) = first else {
            return Err(at(
                self,
                "the list ends without `]`; the file seems to be cut off",
            ));
        };
        if first == b']' {
            self.state = State::Ended;
            return match self.solid()? {
                None => Ok(None),
                Some(_) => Err(at(
                    self,
                    "something stands after the list; a .json dataset is one list of cases",
                )),
            };
        }
        let line = self.line;
        let mut text = vec![first];
        let mut depth = i64::from(matches!(first, b'{' | b'['));
        let (mut quoted, mut escaped) = (first == b'"', false);
        while depth > 0 || quoted {
            let Some(byte) = self.byte()? else {
                return Err(problem(
                    &self.path,
                    line,
                    0,
                    "this case is not closed; the file seems to be cut off",
                ));
            };
            text.push(byte);
            if text.len() > LONGEST_ROW_BYTES {
                return Err(problem(&self.path, line, 0, "the case is longer than 16 MiB"));
            }
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => depth += 1,
                b'}' | b']' if !quoted => depth -= 1,
                _ => {}
            }
        }
        Ok(Some((line, text)))
    }
}

impl<R: BufRead> Iterator for Elements<R> {
    type Item = Result<Row, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Ended {
            return None;
        }
        // An element that is no case is passed over by whoever wants that; a list that is broken as a list has no next one.
        let element = match self.cut_out() {
            Ok(Some((line, text))) => parse(&self.path, line, &text).map(Some),
            Ok(None) => Ok(None),
            Err(problem) => {
                self.state = State::Ended;
                Err(problem)
            }
        };
        element.transpose()
    }
}
