//! A row a trial, as JSON lines and as CSV. Both take an iterator, so 100,000 rows need the memory of one.

use super::{ReportError, ReportRow, words::reasons};
use serde::Serialize;
use std::{
    borrow::Cow,
    io::{BufWriter, Write},
};

#[derive(Serialize)]
struct JsonGrade<'a> {
    grader: &'a str,
    passed: bool,
    score: Option<f64>,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    informational: bool,
}

/// The fields of `results[]` in the results file, and what only a row of its own has room for.
#[derive(Serialize)]
struct JsonRow<'a> {
    run: String,
    case_id: &'a str,
    repeat: u32,
    target: &'a str,
    category: &'a str,
    title: &'a str,
    passed: bool,
    score: Option<f64>,
    failure: Option<&'a str>,
    error: Option<String>,
    error_cause: Option<&'a str>,
    latency_ms: Option<f64>,
    first_token_ms: Option<f64>,
    cost_usd: Option<f64>,
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    grades: Vec<JsonGrade<'a>>,
    question: Option<&'a str>,
    answer: Option<&'a str>,
}

/// Writes one JSON object a line (`docs/reports.md` lists the fields). Unknown is null.
pub fn jsonl<W, R>(out: W, rows: R) -> Result<(), ReportError>
where
    W: Write,
    R: IntoIterator<Item = Result<ReportRow, ReportError>>,
{
    let mut out = BufWriter::new(out);
    for row in rows {
        let row = row?;
        serde_json::to_writer(&mut out, &json(&row))?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

fn json(row: &ReportRow) -> JsonRow<'_> {
    let grades = row.grades.iter().map(|grade| JsonGrade {
        grader: &grade.grader,
        passed: grade.passed,
        score: grade.score,
        reason: &grade.reason,
        severity: grade.severity.as_deref(),
        informational: grade.informational,
    });
    JsonRow {
        run: row.run.to_string(),
        case_id: &row.case_id,
        repeat: row.repeat,
        target: &row.target,
        category: &row.category,
        title: &row.title,
        passed: row.passed,
        score: row.score,
        failure: row.failure.as_deref(),
        error: row
            .error
            .as_ref()
            .map(|error| format!("{}: {}", error.cause, error.message)),
        error_cause: row.error.as_ref().map(|error| error.cause.as_str()),
        latency_ms: row.latency_ms,
        first_token_ms: row.first_token_ms,
        cost_usd: row.cost_usd,
        input_tokens: row.tokens.map(|tokens| tokens.input),
        output_tokens: row.tokens.map(|tokens| tokens.output),
        grades: grades.collect(),
        question: row.question.as_deref(),
        answer: row.answer.as_deref(),
    }
}

pub(super) const COLUMNS: [&str; 20] = [
    "run",
    "case_id",
    "repeat",
    "target",
    "category",
    "title",
    "passed",
    "score",
    "failure",
    "error_cause",
    "error_message",
    "latency_ms",
    "first_token_ms",
    "cost_usd",
    "input_tokens",
    "output_tokens",
    "failed_graders",
    "reasons",
    "question",
    "answer",
];

/// Writes CSV as RFC 4180 describes it (CRLF, quotes doubled), with two more columns for each of `graders`:
/// `<grader>.passed` and `<grader>.score`. Unknown is an empty cell.
///
/// A text that a spreadsheet would take for a formula gets an apostrophe in front, as OWASP ("CSV Injection") advises:
/// an answer of a model is not to be executed by whoever opens the table.
pub fn csv<W, R>(out: W, graders: &[&str], rows: R) -> Result<(), ReportError>
where
    W: Write,
    R: IntoIterator<Item = Result<ReportRow, ReportError>>,
{
    let mut table = ::csv::WriterBuilder::new()
        .terminator(::csv::Terminator::CRLF)
        .from_writer(out);
    let of_graders = graders
        .iter()
        .flat_map(|grader| [format!("{grader}.passed"), format!("{grader}.score")]);
    let columns = COLUMNS.iter().map(|name| (*name).to_owned()).chain(of_graders);
    table.write_record(columns.map(|name| harmless(&name).into_owned()))?;
    for row in rows {
        let row = row?;
        table.write_record(cells(&row, graders))?;
    }
    table.flush()?;
    Ok(())
}

fn cells(row: &ReportRow, graders: &[&str]) -> Vec<String> {
    let text = |text: &str| harmless(text).into_owned();
    let maybe = |value: Option<&str>| value.map(text).unwrap_or_default();
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let count = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let failed = row
        .grades
        .iter()
        .filter(|grade| !grade.passed && !grade.informational);
    let failed: Vec<&str> = failed.map(|grade| grade.grader.as_str()).collect();
    let error = row.error.as_ref();
    let mut cells = vec![
        row.run.to_string(),
        text(&row.case_id),
        row.repeat.to_string(),
        text(&row.target),
        text(&row.category),
        text(&row.title),
        row.passed.to_string(),
        number(row.score),
        maybe(row.failure.as_deref()),
        maybe(error.map(|error| error.cause.as_str())),
        maybe(error.map(|error| error.message.as_str())),
        number(row.latency_ms),
        number(row.first_token_ms),
        number(row.cost_usd),
        count(row.tokens.map(|tokens| tokens.input)),
        count(row.tokens.map(|tokens| tokens.output)),
        text(&failed.join("; ")),
        if row.error.is_some() {
            String::new()
        } else {
            text(&reasons(row).join("; "))
        },
        maybe(row.question.as_deref()),
        maybe(row.answer.as_deref()),
    ];
    for grader in graders {
        let grade = row.grades.iter().find(|grade| grade.grader == *grader);
        cells.push(grade.map(|grade| grade.passed.to_string()).unwrap_or_default());
        cells.push(number(grade.and_then(|grade| grade.score)));
    }
    cells
}

/// The text as a spreadsheet shows it and does not run it. Leading white space is looked through, and so are the
/// full-width signs that some spreadsheets read as the plain ones.
fn harmless(text: &str) -> Cow<'_, str> {
    let starts = |c: char| {
        matches!(
            c,
            '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n' | '\0'
        )
    };
    let first = text.chars().next().is_some_and(starts);
    if first || text.trim_start().starts_with(starts) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}
