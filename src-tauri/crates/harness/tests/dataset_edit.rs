//! Rows of a dataset are changed, and every other byte stays.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use harness::dataset::edit::{RowEdit, Table};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

struct File {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn file(name: &str, content: &[u8]) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    File {
        _folder: folder,
        path,
    }
}

fn fields(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn a_changed_row_leaves_line_ends_blank_lines_and_spacing_alone() {
    let before = b"\xef\xbb\xbf{\"id\": \"a\",  \"question\":\"one\"}\r\n\r\n{\"id\":\"b\",\"question\":\"two\"}\r\n{\"id\":\"c\",\"question\":\"three\"}";
    let file = file("cases.jsonl", before);
    let table = Table::open(&file.path).unwrap();
    assert_eq!(table.columns, ["id", "question"]);
    assert_eq!(
        table.rows.iter().map(|row| row.line).collect::<Vec<_>>(),
        [1, 3, 4]
    );
    assert_eq!(table.with(&[]).unwrap(), before);
    let after = table
        .with(&[
            RowEdit::Replace {
                row: 1,
                fields: fields(json!({ "id": "b", "question": "zwei" })),
            },
            RowEdit::Remove { row: 2 },
            RowEdit::Add {
                fields: fields(json!({ "id": "d", "question": "four" })),
            },
        ])
        .unwrap();
    let expected = b"\xef\xbb\xbf{\"id\": \"a\",  \"question\":\"one\"}\r\n\r\n{\"id\":\"b\",\"question\":\"zwei\"}\r\n{\"id\":\"d\",\"question\":\"four\"}\r\n";
    assert_eq!(String::from_utf8_lossy(&after), String::from_utf8_lossy(expected));
}

#[test]
fn csv_keeps_its_quoting_where_nothing_is_changed() {
    let before = "id,question,fact\na,\"one, two\",x\n\"b\",\"three\nlines\",\nc,four,y\n";
    let file = file("cases.csv", before.as_bytes());
    let table = Table::open(&file.path).unwrap();
    assert_eq!(table.columns, ["id", "question", "fact"]);
    assert_eq!(table.with(&[]).unwrap(), before.as_bytes());
    let after = table
        .with(&[
            RowEdit::Replace {
                row: 2,
                fields: fields(json!({ "id": "c", "question": "say \"four\", please" })),
            },
            RowEdit::Add {
                fields: fields(json!({ "id": "d", "question": "five", "fact": "z" })),
            },
        ])
        .unwrap();
    assert_eq!(
        String::from_utf8(after).unwrap(),
        "id,question,fact\na,\"one, two\",x\n\"b\",\"three\nlines\",\nc,\"say \"\"four\"\", please\",\nd,five,z\n"
    );
    let error = table
        .with(&[RowEdit::Add {
            fields: fields(json!({ "id": "e", "tone": "kind" })),
        }])
        .unwrap_err()
        .to_string();
    assert!(error.contains("no column `tone`"), "{error}");
}

#[test]
fn what_a_run_would_refuse_is_not_written() {
    let file = file(
        "cases.jsonl",
        b"{\"id\":\"a\",\"question\":\"one\"}\n{\"id\":\"b\",\"question\":\"two\"}\n",
    );
    let table = Table::open(&file.path).unwrap();
    let refused = |edit: RowEdit| table.with(&[edit]).unwrap_err().to_string();
    assert!(
        refused(RowEdit::Add {
            fields: fields(json!({ "id": "a", "question": "again" }))
        })
        .contains("used before")
    );
    assert!(
        refused(RowEdit::Replace {
            row: 0,
            fields: fields(json!({ "id": "a" }))
        })
        .contains("no fields")
    );
    assert!(refused(RowEdit::Remove { row: 7 }).contains("there is no row 8"));
    let yaml = self::file("cases.yaml", b"- question: one\n");
    assert!(
        Table::open(&yaml.path)
            .unwrap_err()
            .to_string()
            .contains("text editor")
    );
}

proptest! {
    /// Whatever the cells hold, changing one row changes no other line.
    #[test]
    fn other_rows_keep_their_bytes(
        texts in proptest::collection::vec("[ -~]{1,12}", 1..12),
        at in 0usize..12,
        new in "[ -~]{1,12}",
        crlf in proptest::bool::ANY,
        end in proptest::bool::ANY,
    ) {
        let line_end = if crlf { "\r\n" } else { "\n" };
        let lines: Vec<String> = texts.iter().enumerate().map(|(n, text)| json!({ "id": format!("c{n}"), "question": text }).to_string()).collect();
        let content = format!("{}{}", lines.join(line_end), if end { line_end } else { "" });
        let file = file("cases.jsonl", content.as_bytes());
        let table = Table::open(&file.path).unwrap();
        let at = at % lines.len();
        let edit = RowEdit::Replace { row: at as u64, fields: fields(json!({ "id": format!("c{at}"), "question": new })) };
        let after = String::from_utf8(table.with(&[edit]).unwrap()).unwrap();
        let mut expected = lines.clone();
        expected[at] = json!({ "id": format!("c{at}"), "question": new }).to_string();
        prop_assert_eq!(after, format!("{}{}", expected.join(line_end), if end { line_end } else { "" }));
    }

    /// The same of CSV, with commas, quotes and line breaks in cells.
    #[test]
    fn other_records_keep_their_bytes(
        texts in proptest::collection::vec("[a-z,\"\n ]{1,10}", 2..10),
        at in 0usize..10,
    ) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let rows: Vec<String> = texts.iter().enumerate().map(|(n, text)| format!("c{n},{}\n", quoted(text))).collect();
        let content = format!("id,question\n{}", rows.concat());
        let file = file("cases.csv", content.as_bytes());
        let table = Table::open(&file.path).unwrap();
        let at = at % rows.len();
        let after = String::from_utf8(table.with(&[RowEdit::Remove { row: at as u64 }]).unwrap()).unwrap();
        let mut left = rows.clone();
        left.remove(at);
        prop_assert_eq!(after, format!("id,question\n{}", left.concat()));
    }
}
