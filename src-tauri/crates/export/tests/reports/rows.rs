use crate::fixture::*;
use export::report::{ReportError, ReportRow, csv, jsonl};
use proptest::prelude::*;
use serde_json::Value;

fn lines(rows: Vec<ReportRow>) -> String {
    let mut out = Vec::new();
    jsonl(&mut out, rows.into_iter().map(Ok)).unwrap();
    String::from_utf8(out).unwrap()
}

fn table(graders: &[&str], rows: Vec<ReportRow>) -> String {
    let mut out = Vec::new();
    csv(&mut out, graders, rows.into_iter().map(Ok)).unwrap();
    String::from_utf8(out).unwrap()
}

fn all() -> Vec<ReportRow> {
    vec![row(45, false), error(47), row(48, true)]
}

/// A reader by the grammar of RFC 4180, section 2: quotes doubled inside quotes, CRLF between records.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.push(chars.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\r' if !quoted => {
                assert_eq!(chars.next(), Some('\n'), "a record ends in CRLF");
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            c => field.push(c),
        }
    }
    assert!(
        field.is_empty() && record.is_empty() && !quoted,
        "the last record is cut"
    );
    records
}

#[test]
fn jsonl_has_an_object_a_line() {
    insta::assert_snapshot!(lines(all()));
}

#[test]
fn csv_has_a_record_a_trial_and_two_columns_a_grader() {
    insta::assert_snapshot!(table(&["grounding", "rank"], all()).replace("\r\n", "\n"));
}

#[test]
fn unknown_is_null_and_an_empty_cell() {
    let line: Value = serde_json::from_str(&lines(vec![error(1)])).unwrap();
    for field in ["score", "cost_usd", "first_token_ms", "input_tokens", "answer"] {
        assert_eq!(line.get(field), Some(&Value::Null), "{field}");
    }
    let table = records(&table(&["grounding"], vec![error(1)]));
    let cell = |name: &str| {
        let column = table[0].iter().position(|column| column == name).unwrap();
        table[1][column].as_str()
    };
    for name in [
        "score",
        "cost_usd",
        "input_tokens",
        "answer",
        "grounding.passed",
        "grounding.score",
    ] {
        assert_eq!(cell(name), "", "{name}");
    }
    assert_eq!(cell("error_cause"), "timeout");
}

#[test]
fn the_writers_hold_one_row_at_a_time_and_stop_at_the_first_error() {
    let mut taken = 0;
    let rows = std::iter::from_fn(|| {
        taken += 1;
        Some(if taken < 3 {
            Ok(row(taken, true))
        } else {
            Err(ReportError::rows("gone"))
        })
    });
    let mut out = Vec::new();
    assert!(jsonl(&mut out, rows).is_err());
    assert_eq!((taken, String::from_utf8(out).unwrap().lines().count()), (3, 2));
}

/// Payloads of OWASP, "CSV Injection".
#[test]
fn a_formula_is_written_as_text() {
    for formula in [
        "=1+2\";=1+2",
        "+1",
        "-1",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "＝1",
        "=cmd|' /C calc'!A0",
    ] {
        let mut row = row(1, true);
        row.answer = Some(formula.into());
        row.case_id = formula.into();
        let records = records(&table(&[], vec![row]));
        assert_eq!(records[1].last().unwrap(), &format!("'{formula}"));
        assert_eq!(records[1][1], format!("'{formula}"));
    }
}

proptest! {
    #[test]
    fn any_text_survives_both_formats(text in any::<String>()) {
        let rows = hostile(&text).runs.remove(0).rows;
        let count = rows.len();
        let written = lines(rows.clone());
        prop_assert_eq!(written.lines().count(), count);
        for line in written.lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            prop_assert_eq!(value["question"].as_str(), Some(text.as_str()));
        }
        let records = records(&table(&[text.as_str()], rows));
        prop_assert_eq!(records.len(), count + 1);
        for record in &records {
            prop_assert_eq!(record.len(), 22);
        }
        let cell = &records[1][18];
        let quoted = format!("'{text}");
        prop_assert!([&text, &quoted].contains(&cell));
        prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']));
    }
}
