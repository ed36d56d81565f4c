//! Python in a child process: a group of its own, killed as a whole when the time is over, with an address-space limit.

use super::{Limits, ScriptError};
use crate::process::{GroupKiller, die_with_parent, passing_mark};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::Command,
};

/// Most that is read of an answer, in bytes.
const LONGEST_ANSWER: u64 = 64 * 1024 * 1024;
/// Most that is read of what a script prints, in bytes.
const LONGEST_OUTPUT: u64 = 64 * 1024;

/// The code that is to be run.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// The text of a module.
    Code(String),
}

#[derive(Deserialize)]
struct Reply {
    #[serde(default)]
    value: Value,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    memory: bool,
}

/// Calls a function (`name` or `Class.name`) of Python code with JSON arguments, in a folder, with variables besides the
/// harness's own. The interpreter is `python3`, or what `PROMPTFOO_PYTHON` names among the variables.
pub async fn run(
    source: &Source,
    function: &str,
    arguments: &[Value],
    folder: &Path,
    environment: &BTreeMap<String, String>,
    limits: Limits,
) -> Result<Value, ScriptError> {
    let mut request = json!({ "function": function, "arguments": arguments, "memory": limits.memory });
    match source {
        Source::File(path) => request["path"] = json!(path),
        Source::Code(code) => request["code"] = json!(code),
    }
    let program = environment
        .get("PROMPTFOO_PYTHON")
        .map_or("python3", String::as_str);
    let mut command = Command::new(program);
    command
        .arg("-c")
        .arg(include_str!("wrapper.py"))
        .current_dir(folder)
        .envs(environment)
        .env(crate::process::MARK, passing_mark())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    die_with_parent(&mut command);
    let mut child = command.spawn().map_err(|error| {
        ScriptError::Failed(format!(
            "`{program}` cannot be started: {error}; install Python 3 or set PROMPTFOO_PYTHON"
        ))
    })?;
    let group = GroupKiller(child.id());
    let talk = async {
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let write = async {
            if let Some(mut stdin) = stdin {
                // A script that ends before it has read says why on its own.
                let _ = stdin.write_all(request.to_string().as_bytes()).await;
            }
        };
        let answer = async {
            let mut text = Vec::new();
            if let Some(stdout) = stdout {
                stdout.take(LONGEST_ANSWER).read_to_end(&mut text).await?;
            }
            std::io::Result::Ok(text)
        };
        let printed = async {
            let mut text = Vec::new();
            if let Some(mut stderr) = stderr {
                let mut block = vec![0; 8192];
                // Read to the end, so that a talkative script does not wait; keep the beginning.
                while let Ok(count @ 1..) = stderr.read(&mut block).await {
                    if (text.len() as u64) < LONGEST_OUTPUT {
                        text.extend_from_slice(&block[..count]);
                    }
                }
            }
            text
        };
        let ((), answer, printed) = tokio::join!(write, answer, printed);
        let status = child.wait().await;
        (answer, printed, status)
    };
    let finished = tokio::time::timeout(limits.time, talk).await;
    drop(group);
    let Ok((answer, printed, status)) = finished else {
        return Err(ScriptError::Time(limits.time));
    };
    let answer =
        answer.map_err(|error| ScriptError::Failed(format!("Python's answer cannot be read: {error}")))?;
    match serde_json::from_slice::<Reply>(&answer) {
        Ok(Reply { memory: true, .. }) => Err(ScriptError::Memory(limits.memory)),
        Ok(Reply {
            error: Some(error), ..
        }) => Err(ScriptError::Threw(error)),
        Ok(Reply { value, .. }) => Ok(value),
        Err(error) => {
            let printed = String::from_utf8_lossy(&printed);
            let last = printed.lines().last().unwrap_or_default().trim().to_owned();
            if last.contains("MemoryError") {
                return Err(ScriptError::Memory(limits.memory));
            }
            let status = status.map_or_else(|error| error.to_string(), crate::process::describe);
            Err(ScriptError::Failed(format!(
                "the script ended with {status} and gave no JSON ({error}){}{last}",
                if last.is_empty() { "" } else { ": " }
            )))
        }
    }
}
