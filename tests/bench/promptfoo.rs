//! promptfoo beside it, where it is installed: the same cases, the same provider, 100 in flight, no cache.

use crate::{
    Outcome,
    measure::{Measured, measure},
    workload::{self, Workload},
};
use serde_json::json;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The program, where it is on the PATH.
pub fn find() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join("promptfoo"))
        .find(|program| program.is_file())
}

/// Its version.
pub fn version(program: &Path) -> Outcome<String> {
    let output = Command::new(program)
        .arg("--version")
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs the same cases through it once.
pub fn run(program: &Path, workload: &Workload) -> Outcome<Measured> {
    let folder = workload.folder().join(".promptfoo");
    let tests: Vec<_> = (0..workload.cases)
        .map(|case| {
            json!({
                "vars": { "question": workload::question(case) },
                "assert": [
                    { "type": "contains", "value": workload::expected(case) },
                    { "type": "latency", "threshold": 10_000 },
                ],
            })
        })
        .collect();
    let configuration = json!({
        "prompts": ["{{question}}"],
        "providers": [{
            "id": format!("{}/answer", workload.url),
            "config": {
                "method": "POST",
                "headers": { "content-type": "application/json" },
                "body": { "question": "{{prompt}}" },
                "transformResponse": "json.answer",
            },
        }],
        "tests": tests,
    });
    let file = folder.join("promptfooconfig.json");
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&file, configuration.to_string()))
        .map_err(|error| format!("{}: {error}", file.display()))?;
    let in_flight = workload.in_flight.to_string();
    let command = [
        program.into(),
        "eval".into(),
        "--config".into(),
        file.into(),
        "--max-concurrency".into(),
        in_flight.into(),
        "--no-cache".into(),
        "--no-table".into(),
        "--no-progress-bar".into(),
    ];
    let environment = [
        ("PROMPTFOO_CONFIG_DIR", folder.into()),
        ("PROMPTFOO_DISABLE_TELEMETRY", "1".into()),
        ("PROMPTFOO_DISABLE_UPDATE", "1".into()),
    ];
    measure(&command, &environment)
}
