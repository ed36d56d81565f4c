//! Programs that answer: `exec:` providers and prompts.

use crate::problem::Fault;
use harness::script::ScriptError;
use std::{collections::BTreeMap, path::Path, process::Stdio, time::Duration};
use tokio::process::Command;

/// Longest time that a program may take.
const LONGEST: Duration = Duration::from_secs(300);

/// Runs a program and gives what it printed, without colours and surrounding space. Printing only to standard error, or
/// ending with an error, is an error.
pub(crate) async fn run(
    words: &[String],
    arguments: &[String],
    folder: &Path,
    environment: &BTreeMap<String, String>,
) -> Result<String, Fault> {
    let Some((program, rest)) = words.split_first() else {
        return Err(Fault::invalid("a command is empty"));
    };
    let failed = |message: String| Fault::Script(ScriptError::Failed(format!("`{program}`: {message}")));
    let mut command = Command::new(program);
    command
        .args(rest)
        .args(arguments)
        .current_dir(folder)
        .envs(environment)
        .env(harness::process::MARK, harness::process::passing_mark())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = harness::process::output(command, LONGEST)
        .await
        .map_err(|error| match error {
            harness::process::OutputError::Time => Fault::Script(ScriptError::Time(LONGEST)),
            harness::process::OutputError::Start(message) => failed(message),
        })?;
    let printed = plain(&output.stdout);
    let errors = plain(&output.stderr);
    if !output.status.success() {
        let how = harness::process::describe(output.status);
        return Err(failed(format!("ended with {how}: {errors}")));
    }
    if printed.is_empty() && !errors.is_empty() {
        return Err(failed(errors));
    }
    Ok(printed)
}

/// Text without ANSI escape sequences (ECMA-48) and surrounding space.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = crate::document::trim(&text);
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            plain.push(character);
            continue;
        }
        match characters.peek() {
            Some('[') => {
                characters.next();
                // Parameters, then intermediates, then one final character.
                while characters.next_if(|next| (' '..='?').contains(next)).is_some() {}
                characters.next_if(|next| ('@'..='~').contains(next));
            }
            Some('@'..='_') => {
                characters.next();
            }
            _ => plain.push(character),
        }
    }
    plain
}
