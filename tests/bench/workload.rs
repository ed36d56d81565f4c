//! A project with a generated dataset, and the commands that run it on either side.

use crate::Outcome;
use serde_json::{Value, json};
use std::{ffi::OsString, fmt::Write as _, fs, path::Path, process::Command};
use tempfile::TempDir;

/// A project folder and a data folder of its own, removed at the end.
pub struct Workload {
    /// Cases in the dataset.
    pub cases: u32,
    /// Calls in flight.
    pub in_flight: u32,
    /// Base URL of the provider.
    pub url: String,
    folder: TempDir,
}

/// What is asked in a case.
pub fn question(case: u32) -> String {
    format!(
        "How is {} refunded when only a part of it was sent back in the original box?",
        expected(case)
    )
}

/// What the answer must contain.
pub fn expected(case: u32) -> String {
    format!("order {case:06}")
}

impl Workload {
    pub fn write(url: &str, cases: u32, in_flight: u32) -> Outcome<Self> {
        let failed = |error: std::io::Error| format!("the project cannot be written: {error}");
        let folder = tempfile::Builder::new()
            .prefix("playbook-bench-")
            .tempdir()
            .map_err(failed)?;
        let mut rows = String::new();
        for case in 0..cases {
            let category =
                ["refunds", "shipping", "account", "warranty", "orders", "other"][case as usize % 6];
            let row = json!({
                "id": format!("case-{case:06}"),
                "category": category,
                "question": question(case),
                "expected": expected(case),
            });
            let _ = writeln!(rows, "{row}");
        }
        fs::write(folder.path().join("cases.jsonl"), rows).map_err(failed)?;
        let suite = format!(
            "version: 1
name: bench
dataset: cases.jsonl
target:
  name: bench-provider
  url: {url}
  request:
    path: /answer
    body: {{ question: \"{{{{question}}}}\" }}
  response:
    answer: /answer
    model: /model
    input_tokens: /usage/prompt_tokens
    output_tokens: /usage/completion_tokens
concurrency: {in_flight}
graders:
  - {{ type: contains, name: fact, expected: expected }}
  - {{ type: latency, name: in time, at_most: 10s }}
release_metrics:
  - {{ metric: pass_rate, at_least: 100% }}
  - {{ metric: error_rate, at_most: 0% }}
  - {{ metric: latency_p95, at_most: 10s }}
"
        );
        fs::write(folder.path().join("suite.yaml"), suite).map_err(failed)?;
        Ok(Self {
            cases,
            in_flight,
            url: url.to_owned(),
            folder,
        })
    }

    /// The project folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The bare loop over the same cases.
    pub fn bare_command(&self) -> Outcome<Vec<OsString>> {
        let program = std::env::current_exe().map_err(|error| format!("this program's own path: {error}"))?;
        let (cases, in_flight) = (self.cases.to_string(), self.in_flight.to_string());
        Ok(vec![
            program.into(),
            "bare".into(),
            self.url.clone().into(),
            cases.into(),
            in_flight.into(),
        ])
    }

    /// The eval, as a person or CI would start it.
    pub fn playbook_command(&self, playbook: &Path) -> Vec<OsString> {
        vec![
            playbook.into(),
            "eval".into(),
            self.folder().join("suite.yaml").into(),
        ]
    }

    /// The app's data lies beside the project, not in the person's own folder.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![("PLAYBOOK_DATA", self.folder().join(".data").into())]
    }

    /// Holds the newest run against what was asked for: a fast run that loses results is no result.
    pub fn check(&self, playbook: &Path) -> Outcome<()> {
        let output = Command::new(playbook)
            .args(["runs", "--json"])
            .envs(self.environment())
            .output()
            .map_err(|error| format!("{}: {error}", playbook.display()))?;
        let runs: Value = serde_json::from_slice(&output.stdout).map_err(|error| {
            format!(
                "`playbook runs --json`: {error}: {}",
                String::from_utf8_lossy(&output.stderr)
            )
        })?;
        let newest = &runs[0];
        let cases = Some(u64::from(self.cases));
        if newest["trials"].as_u64() != cases || newest["passed"].as_u64() != cases {
            return Err(format!(
                "of {} cases, {} have a result and {} passed",
                self.cases, newest["trials"], newest["passed"]
            ));
        }
        Ok(())
    }
}
