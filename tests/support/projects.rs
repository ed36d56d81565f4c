//! Projects for the tests.

use crate::root;
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// One case: id, what the stub is asked (see `fixtures/services/stub.py`), what a right answer holds.
pub type StubCase<'a> = (&'a str, &'a str, &'a str);

/// A project around the stub service.
pub struct StubProject {
    /// Its folder.
    pub folder: PathBuf,
}

impl StubProject {
    /// Writes service, dataset and suite into a folder. `arguments` go to the service, as in `--unwell`.
    pub fn new(folder: &Path, arguments: &str, cases: &[StubCase<'_>]) -> Self {
        fs::create_dir_all(folder).unwrap();
        fs::copy(
            root().join("tests/fixtures/services/stub.py"),
            folder.join("stub.py"),
        )
        .unwrap();
        let rows = cases.iter().map(|(id, question, expected)| {
            let category = id.split('-').next().unwrap_or_default();
            format!(
                "{}\n",
                json!({ "id": id, "category": category, "question": question, "expected": expected })
            )
        });
        fs::write(folder.join("golden.jsonl"), rows.collect::<String>()).unwrap();
        let project = Self {
            folder: folder.to_path_buf(),
        };
        project.write_suite(&suite(arguments));
        project
    }

    /// As many cases as given, all answered rightly.
    pub fn well(folder: &Path, cases: usize) -> Self {
        let rows: Vec<(String, String, String)> = (0..cases)
            .map(|n| {
                (
                    format!("plain-{n:03}"),
                    format!("say word{n}"),
                    format!("word{n}"),
                )
            })
            .collect();
        let rows: Vec<StubCase<'_>> = rows
            .iter()
            .map(|(id, question, expected)| (id.as_str(), question.as_str(), expected.as_str()))
            .collect();
        Self::new(folder, "", &rows)
    }

    /// The suite file.
    pub fn suite(&self) -> PathBuf {
        self.folder.join("suite.yaml")
    }

    /// Writes another suite.
    pub fn write_suite(&self, text: &str) {
        fs::write(self.suite(), text).unwrap();
    }

    /// Replaces a part of the suite, which must be there.
    pub fn change_suite(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.suite()).unwrap();
        assert!(text.contains(from), "the suite has no {from:?}");
        self.write_suite(&text.replace(from, to));
    }

    /// Every question that the service was asked so far, in order.
    pub fn asked(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder.join(".asked.log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// Lets the questions go on that the service holds back.
    pub fn release(&self) {
        fs::write(self.folder.join(".release"), "").unwrap();
    }
}

fn suite(arguments: &str) -> String {
    let arguments: String = arguments
        .split_whitespace()
        .map(|argument| format!(", \"{argument}\""))
        .collect();
    format!(
        "version: 1
name: golden
dataset: golden.jsonl
target:
  name: stub
  service:
    command: [python3, stub.py{arguments}]
    url: \"http://127.0.0.1:{{port}}\"
    health: /healthz
    startup_timeout: 20s
    environment: {{ PORT: \"{{port}}\" }}
  request: {{ method: POST, path: /ask, body: {{ question: \"{{{{question}}}}\" }} }}
  response:
    answer: /answer
    model: /model
    citations: /citations
    passages: /passages
    passage_text: /text
    input_tokens: /usage/input
    output_tokens: /usage/output
concurrency: 4
timeout: 20s
graders:
  - {{ name: fact, type: contains, expected: expected, failure: missing fact }}
release_metrics:
  - {{ metric: pass_rate, at_least: 0.5 }}
  - {{ metric: error_rate, at_most: 0.5 }}
  - {{ metric: latency_p95, at_most: 20s }}
"
    )
}

/// Copies a folder.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The hash of every file below a folder, by its path. Symbolic links and what Python compiles are left out.
pub fn fingerprints(folder: &Path) -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let kind = entry.file_type().unwrap();
            if kind.is_symlink() || entry.file_name() == "__pycache__" {
                continue;
            }
            if kind.is_dir() {
                walk(root, &entry.path(), found);
            } else {
                let name = entry.path().strip_prefix(root).unwrap().display().to_string();
                found.insert(
                    name,
                    evidence::ContentHash::of(fs::read(entry.path()).unwrap()).to_string(),
                );
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}
