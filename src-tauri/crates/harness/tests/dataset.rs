//! Datasets through the public door: four formats that say the same, and bytes that say nothing.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use harness::{
    Case,
    dataset::{read, summarise},
};
use proptest::prelude::*;
use serde_json::{Map, Value};
use std::path::PathBuf;
use tempfile::TempDir;

fn file(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn cases(path: &std::path::Path) -> Vec<Case> {
    read(path)
        .unwrap()
        .map(|case| case.unwrap_or_else(|problem| panic!("{problem}")))
        .collect()
}

/// Rows of texts only, which all four formats can say.
fn rows() -> impl Strategy<Value = Vec<Map<String, Value>>> {
    // Carriage returns are left out: CSV and YAML read them as line breaks.
    let text = "[ -~äß€語\n\t]{0,24}[!-~]";
    let row = (text, text, proptest::option::of(text));
    proptest::collection::vec(row, 1..12).prop_map(|rows| {
        let rows = rows.into_iter().enumerate();
        rows.map(|(at, (question, expected, category))| {
            let mut row = Map::new();
            row.insert("id".into(), format!("case-{at}").into());
            row.insert(
                "category".into(),
                category.unwrap_or_else(|| "general".into()).into(),
            );
            row.insert("question".into(), question.into());
            row.insert("expected".into(), expected.into());
            row
        })
        .collect()
    })
}

fn csv(rows: &[Map<String, Value>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(rows[0].keys()).unwrap();
    for row in rows {
        writer
            .write_record(row.values().map(|value| value.as_str().unwrap()))
            .unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// H2: JSONL, JSON, CSV and YAML of the same rows are the same cases.
    #[test]
    fn four_formats_say_the_same(rows in rows()) {
        let folder = TempDir::new().unwrap();
        let jsonl: String = rows.iter().map(|row| format!("{}\n", Value::Object(row.clone()))).collect();
        let json = serde_json::to_string_pretty(&rows).unwrap();
        let yaml: String = rows.iter().map(|row| format!("- {}\n", Value::Object(row.clone()))).collect();
        let expected = cases(&file(&folder, "d.jsonl", jsonl.as_bytes()));
        prop_assert_eq!(expected.len(), rows.len());
        for (case, row) in expected.iter().zip(&rows) {
            prop_assert_eq!(&case.fields["question"], &row["question"]);
            prop_assert_eq!(Value::from(case.category.as_str()), row["category"].clone());
        }
        prop_assert_eq!(&cases(&file(&folder, "d.json", json.as_bytes())), &expected);
        prop_assert_eq!(&cases(&file(&folder, "d.csv", &csv(&rows))), &expected);
        prop_assert_eq!(&cases(&file(&folder, "d.yaml", yaml.as_bytes())), &expected);
    }

    /// Whatever a file holds, reading it ends with cases or with one mistake, and never with a panic.
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), format in 0..4usize) {
        let folder = TempDir::new().unwrap();
        let path = file(&folder, ["d.jsonl", "d.json", "d.csv", "d.yaml"][format], &bytes);
        if let Ok(cases) = read(&path) {
            let mistakes = cases.filter(Result::is_err).count();
            prop_assert!(mistakes <= 1);
        }
    }

    /// So does text that looks like a dataset and is broken somewhere.
    #[test]
    fn no_broken_text_makes_it_panic(text in r#"[\[\]{}",:\\\n a-c1\-]{0,80}"#, format in 0..4usize) {
        let folder = TempDir::new().unwrap();
        let path = file(&folder, ["d.jsonl", "d.json", "d.csv", "d.yaml"][format], text.as_bytes());
        if let Err(error) = summarise(&path) {
            prop_assert!(!error.problems.is_empty());
            prop_assert!(error.problems.iter().all(|problem| !problem.message.is_empty()));
        }
    }
}

/// What spreadsheets and editors leave behind: a byte order mark, Windows line ends, empty lines, empty cells.
#[test]
fn what_other_programs_write_is_read() {
    let folder = TempDir::new().unwrap();
    let csv = file(
        &folder,
        "d.csv",
        b"\xef\xbb\xbfid,question,expected\r\na,\"x, y\",\r\n\r\nb,z,1\r\n",
    );
    let found = cases(&csv);
    assert_eq!(
        (found[0].id.as_str(), found[0].text("question").as_deref()),
        ("a", Some("x, y"))
    );
    assert_eq!(
        (found[0].text("expected"), found[1].text("expected").as_deref()),
        (None, Some("1"))
    );
    let jsonl = file(
        &folder,
        "d.jsonl",
        b"\xef\xbb\xbf{\"question\":\"x\"}\r\n\r\n  {\"id\":7,\"question\":\"y\"}",
    );
    let ids: Vec<String> = cases(&jsonl).into_iter().map(|case| case.id).collect();
    assert_eq!(ids, ["case-1", "7"]);
}

/// Fields as graders ask for them: CSV cells hold lists and truth values as people write them.
#[test]
fn cells_are_lists_and_truth_values() {
    let folder = TempDir::new().unwrap();
    let found = cases(&file(
        &folder,
        "d.csv",
        b"question,relevant,refuse\nx,a; b;,yes\ny,,0\nz,c,perhaps\n",
    ));
    assert_eq!(found[0].list("relevant").unwrap(), ["a", "b"]);
    assert_eq!(found[1].list("relevant"), None);
    let truths: Vec<Option<bool>> = found.iter().map(|case| case.truth("refuse")).collect();
    assert_eq!(truths, [Some(true), Some(false), None]);
}

/// A case is known by what it says, not by its place or the order of its fields.
#[test]
fn a_case_is_known_by_content() {
    let folder = TempDir::new().unwrap();
    let hashes = |text: &str| -> Vec<String> {
        cases(&file(&folder, "d.jsonl", text.as_bytes()))
            .iter()
            .map(|case| case.hash().to_string())
            .collect()
    };
    let one = hashes("{\"id\":\"a\",\"q\":\"x\",\"e\":\"1\"}\n{\"id\":\"b\",\"q\":\"y\"}\n");
    let other = hashes("{\"id\":\"b\",\"q\":\"y\"}\n{\"e\":\"1\",\"q\":\"x\",\"id\":\"a\"}\n");
    assert_eq!((&one[0], &one[1]), (&other[1], &other[0]));
    assert_ne!(one[0], hashes("{\"id\":\"a\",\"q\":\"x\",\"e\":\"2\"}\n")[0]);
}

#[test]
fn a_case_is_added_in_the_format_of_the_file_and_the_rest_keeps_its_bytes() {
    let folder = TempDir::new().unwrap();
    let fields: Map<String, Value> = serde_json::from_str(
        r#"{"id": "new", "category": "returns", "question": "Is it, or \"not\"?\nNo.", "relevant": ["a", "b"], "source": "feedback"}"#,
    )
    .unwrap();
    let files: [(&str, &str, bool); 9] = [
        ("a.jsonl", "{\"id\":\"x\",\"question\":\"q\"}", true),
        ("b.jsonl", "{\"id\":\"x\",\"question\":\"q\"}\r\n\r\n", true),
        ("a.json", "[\n  {\"id\": \"x\", \"question\": \"q\"}\n]\n", false),
        ("b.json", "[{\"id\":\"x\",\"question\":\"q ]\"}]", false),
        ("a.csv", "id,question\nx,\"q\nr\"\n", false),
        ("b.csv", "id,question,source\r\nx,q ,\r\n", false),
        ("a.yaml", "# golden\n- id: x\n  question: q\n# end", true),
        ("b.yaml", "---\n  - { id: x, question: q }\n", true),
        ("c.yml", "[{ id: x, question: q }]\n", false),
    ];
    for (name, text, begins_as_before) in files {
        let path = file(&folder, name, text.as_bytes());
        let appended =
            harness::dataset::append(&path, &fields).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            (appended.before.as_slice(), appended.cases),
            (text.as_bytes(), 1),
            "{name}"
        );
        assert_eq!(
            std::fs::read(&path).unwrap(),
            text.as_bytes(),
            "{name} was written"
        );
        if begins_as_before {
            assert!(appended.after.starts_with(text.as_bytes()), "{name}");
        }
        std::fs::write(&path, &appended.after).unwrap();
        let read = cases(&path);
        assert_eq!(
            read.len(),
            2,
            "{name}: {}",
            String::from_utf8_lossy(&appended.after)
        );
        assert_eq!(read[1].id, "new", "{name}");
        assert_eq!(read[1].category, "returns", "{name}");
        assert_eq!(
            read[1].text("question").unwrap(),
            "Is it, or \"not\"?\nNo.",
            "{name}"
        );
        assert_eq!(read[1].list("relevant").unwrap(), ["a", "b"], "{name}");
        assert_eq!(read[1].text("source").unwrap(), "feedback", "{name}");
    }
}

#[test]
fn a_case_that_cannot_be_added_leaves_a_reason() {
    let folder = TempDir::new().unwrap();
    let fields: Map<String, Value> = serde_json::from_str(r#"{"id": "x", "question": "again"}"#).unwrap();
    for (name, text, says) in [
        (
            "a.jsonl",
            "{\"id\":\"x\",\"question\":\"q\"}\n",
            "the id `x` is used before",
        ),
        (
            "a.json",
            "[{\"id\":\"x\",\"question\":\"q\"}]",
            "the id `x` is used before",
        ),
        ("a.jsonl", "{\"id\":\"y\",", "not valid JSON"),
        ("a.yaml", "- &a { id: y, question: q }\n...\n", "text editor"),
    ] {
        let path = file(&folder, name, text.as_bytes());
        let error = harness::dataset::append(&path, &fields).unwrap_err().to_string();
        assert!(error.contains(says), "{name}: {error}");
    }
}
