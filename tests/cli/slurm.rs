//! Long tier: the Slurm script on a real Slurm of one node. It needs root and Debian's slurm-wlm and munge.

use export::ci::{CiKind, CiRequest, files};
use playbook_tests::{Sandbox, StubProject, binary, root};
use portfolio::Templates;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A Slurm that ends with the test.
struct Node {
    folder: PathBuf,
}

impl Node {
    fn start(folder: &Path) -> Self {
        let node = Self {
            folder: folder.to_path_buf(),
        };
        node.say("start");
        node
    }

    fn say(&self, what: &str) {
        let script = root().join("tests/ci/slurm-node.sh");
        let status = Command::new("bash")
            .arg(script)
            .arg(what)
            .arg(&self.folder)
            .status()
            .unwrap();
        assert!(
            status.success() || std::thread::panicking(),
            "slurm-node.sh {what}"
        );
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.say("stop");
    }
}

/// What must not depend on how a run was cut up: everything but its id, its times and what was measured in time.
fn same(file: &Path) -> Value {
    let text = std::fs::read_to_string(file).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let summary = &file["summary"];
    let kept = [
        "cases",
        "trials",
        "passed",
        "failed",
        "errored",
        "pass_rate",
        "pass_rate_ci",
        "gate",
        "tokens",
        "practice",
    ];
    let results: Vec<Value> = file["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            json!([
                row["case_id"],
                row["repeat"],
                row["category"],
                row["passed"],
                row["score"],
                row["failure"],
                row["error"]
            ])
        })
        .collect();
    json!({
        "summary": kept.map(|name| summary[name].clone()),
        "dataset": file["run"]["dataset"],
        "suite": file["run"]["suite"],
        "source": file["run"]["target"]["source"],
        "categories": file["run"]["categories"],
        "results": results,
    })
}

/// H13: the Slurm script shards a run, merges it, and the report is that of one run.
#[test]
#[ignore = "long tier: starts a Slurm as root"]
fn the_slurm_script_gives_the_report_of_one_run() {
    let sandbox = Sandbox::new();
    let project = StubProject::well(&sandbox.path("project"), 24);
    let whole = sandbox.path("whole.json");
    let suite = project.suite();
    sandbox
        .run(&[
            "eval",
            suite.to_str().unwrap(),
            "--trust",
            "--output",
            whole.to_str().unwrap(),
        ])
        .exits(0);

    let request = CiRequest {
        kinds: vec![CiKind::Slurm],
        suite: "suite.yaml".into(),
        shards: 4,
        repository: "https://example.org/playbook.git".into(),
        revision: None,
        secrets: Vec::new(),
        project_repository: None,
        project_revision: None,
    };
    let file = files(&request, &Templates::shipped()).unwrap().remove(0);
    // Outside of the project, since the script is not what is measured.
    let script = sandbox.path("playbook.slurm.sh");
    std::fs::write(&script, file.content).unwrap();

    let node = Node::start(&sandbox.path("slurm"));
    let output = Command::new("bash")
        .arg(&script)
        .current_dir(&project.folder)
        .env("SLURM_CONF", node.folder.join("slurm.conf"))
        .env("PLAYBOOK", binary())
        .env("PLAYBOOK_DATA", sandbox.data())
        .output()
        .unwrap();
    let said = format!(
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(0), "{said}");

    let reports = project.folder.join(".playbook-ci/reports");
    assert_eq!(same(&reports.join("results.json")), same(&whole));
    for name in [
        "junit.xml",
        "summary.md",
        "report.html",
        "results.jsonl",
        "results.csv",
    ] {
        assert!(reports.join(name).is_file(), "{name} is missing");
    }
    let asked = project.asked();
    assert_eq!(asked.len(), 48, "each case once whole and once in its shard");
}
