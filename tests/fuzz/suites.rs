//! The suite reader.

use crate::fuzz;
use harness::Suite;
use std::fs;

const TOKENS: &[&str] = &[
    "\n",
    "  ",
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "&a ",
    "*a",
    "<<: *a\n",
    "|\n",
    ">-\n",
    "? ",
    "---\n",
    "...\n",
    "!!int ",
    "!!binary ",
    "#",
    "\t",
    "%",
    "~",
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "99999999999999999999",
    ".nan",
    "2s",
    "85%",
    "$0.1",
    "{{question}}",
    "{{",
    "}}",
    "${KEY}",
    "{port}",
    "../",
    "/",
    "\u{feff}",
    "\u{0}",
    "\u{2028}",
    "é",
    "version: 1\n",
    "targets: []\n",
    "graders:\n",
    "type: ",
    "regex",
    "json_schema",
    "(?i)((a*)*)*",
    "name: x\n",
    "repeat: 0\n",
    "concurrency: 4294967296\n",
];

/// Every suite that the repository ships or documents, and one that uses much of the format.
fn seeds() -> Vec<String> {
    let root = playbook_tests::root();
    let mut seeds = Vec::new();
    let mut starters: Vec<_> = fs::read_dir(root.join("content/starters"))
        .unwrap()
        .flatten()
        .collect();
    starters.sort_by_key(fs::DirEntry::path);
    for starter in starters {
        if let Ok(text) = fs::read_to_string(starter.path().join("suite.yaml")) {
            seeds.push(text);
        }
    }
    let format = fs::read_to_string(root.join("docs/suite-format.md")).unwrap();
    let blocks = format
        .split("```yaml\n")
        .skip(1)
        .filter_map(|block| block.split("```").next());
    seeds.extend(blocks.map(|block| {
        if block.contains("version: 1") {
            block.to_owned()
        } else {
            // A part; it stands in a whole suite.
            let head = "version: 1\nname: part\ndataset: golden.jsonl\n";
            let target = if block.contains("target:") {
                ""
            } else {
                "target: { name: t, echo: \"{{question}}\" }\n"
            };
            let graders = if block.contains("graders:") {
                ""
            } else {
                "graders: [{ name: a, type: contains, value: x }]\n"
            };
            format!("{head}{target}{graders}{block}")
        }
    }));
    assert!(seeds.len() > 5);
    seeds
}

/// Whatever a suite file holds, reading it ends with a suite or with mistakes that name their line.
#[test]
fn whatever_a_suite_holds_it_is_read_or_its_mistakes_have_a_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("golden.jsonl"), "{\"question\": \"a\"}\n").unwrap();
    let path = folder.path().join("suite.yaml");
    let seeds = seeds();
    let seeds: Vec<&str> = seeds.iter().map(String::as_str).collect();
    fuzz(&seeds, TOKENS, |bytes| {
        fs::write(&path, bytes).unwrap();
        let Err(error) = Suite::load(&path) else {
            return Ok(());
        };
        if error.problems.is_empty() {
            return Err("an error without a problem".into());
        }
        for problem in &error.problems {
            let whole_file = problem.message.starts_with("cannot be read: ");
            if problem.message.trim().is_empty() || (problem.line == 0 && !whole_file) {
                return Err(format!("no line or no words: {problem}"));
            }
        }
        Ok(())
    });
}
