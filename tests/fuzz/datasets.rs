//! The dataset readers, and what is read of a cell.

use crate::fuzz;
use harness::{
    SuiteError,
    dataset::{BadRows, read, summarise_with},
};
use std::fs;

const TOKENS: &[&str] = &[
    "\n", "\r\n", "\r", ",", ";", "\"", "\"\"", "'", "{", "}", "[", "]", ":", "null", "true", "1e999", "-0",
    "\\u0000", "\\ud800", "\\", "id", "\"id\":", "category", "weight", "cluster", "- ", "&a ", "*a",
    "\u{feff}", "\u{0}", "é", "语", "\t", "|\n", "---\n", "#", "<<: *a",
];

const JSONL: &str = "{\"id\":\"a\",\"category\":\"x\",\"question\":\"What is it?\",\"relevant\":[\"d1\",\"d2\"],\"weight\":2}\n\n{\"id\":\"b\",\"question\":\"And é?\",\"refuse\":true,\"nested\":{\"deep\":[1,2.5,null]}}\n";
const JSON: &str = "[\n  { \"id\": \"a\", \"question\": \"What is it?\", \"relevant\": [\"d1\"] },\n  { \"id\": \"b\", \"question\": \"And?\", \"weight\": 0.5, \"nested\": { \"deep\": [1, null] } }\n]\n";
const CSV: &str = "id,category,question,expected,weight\r\na,x,\"What, is \"\"it\"\"?\",d1;d2,2\r\nb,y,\"two\nlines\",,\r\nc,,plain,yes,1\r\n";
const YAML: &str = "- id: a\n  question: What is it?\n  relevant: [d1, d2]\n- &b\n  id: b\n  question: |\n    two\n    lines\n  weight: 2\n- <<: *b\n  id: c\n";

fn check(name: &'static str, seed: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fuzz(&[seed], TOKENS, |bytes| {
        fs::write(&path, bytes).unwrap();
        let cases = match read(&path) {
            Ok(cases) => cases,
            Err(error) => return named(&error),
        };
        let (mut count, mut broken) = (0, false);
        for case in cases {
            let case = match case {
                Ok(case) => case,
                Err(problem) => {
                    broken = true;
                    named(&SuiteError {
                        problems: vec![problem],
                    })?;
                    break;
                }
            };
            count += 1;
            if case.id.trim().is_empty() || case.weight() <= 0.0 || !case.weight().is_finite() {
                return Err(format!("an impossible case: {case:?}"));
            }
            for field in case.fields.keys() {
                let _ = (case.text(field), case.list(field), case.truth(field));
            }
            let _ = (case.title(), case.cluster(), case.fingerprint());
        }
        // Passing over bad rows reads on where it can, and never loses a good one that came before.
        let mut kept = 0;
        let skipping = summarise_with(&path, BadRows::Skip, |_| kept += 1);
        match skipping {
            Ok(_) if kept < count => Err(format!("{kept} of {count} good rows are left")),
            Ok(_) => Ok(()),
            Err(error) if broken || count == 0 => named(&error),
            Err(error) => Err(format!("read whole, and then: {error}")),
        }
    });
}

/// A mistake has a line, unless it is the whole file's.
fn named(error: &SuiteError) -> Result<(), String> {
    let whole_file = ["cannot be read", "no case", "empty", "UTF-8"];
    let found = error
        .problems
        .iter()
        .all(|problem| problem.line > 0 || whole_file.iter().any(|words| problem.message.contains(words)));
    if found && !error.problems.is_empty() {
        Ok(())
    } else {
        Err(format!("no line: {error}"))
    }
}

#[test]
fn whatever_jsonl_holds_it_is_read_or_its_mistake_has_a_line() {
    check("d.jsonl", JSONL);
}

#[test]
fn whatever_json_holds_it_is_read_or_its_mistake_has_a_line() {
    check("d.json", JSON);
}

/// The cells are read in every way in which graders read them.
#[test]
fn whatever_csv_holds_it_is_read_or_its_mistake_has_a_line() {
    check("d.csv", CSV);
}

#[test]
fn whatever_yaml_holds_it_is_read_or_its_mistake_has_a_line() {
    check("d.yaml", YAML);
}
