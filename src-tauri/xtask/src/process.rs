//! Starting other programs, and saying in one line what became of them.

use crate::failure::{Failure, Outcome, failure};
use crate::places;
use crate::tally::{self, Tally};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// `cargo …` in the root folder: the same cargo that started this program.
pub fn cargo<I, S>(arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(places::root());
    command
}

/// `npm …` in the folder of the user interface.
pub fn npm<I, S>(arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(arguments).current_dir(places::ui());
    command
}

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy();
    let mut text = name
        .strip_suffix(std::env::consts::EXE_SUFFIX)
        .unwrap_or(&name)
        .to_owned();
    for argument in command.get_args() {
        let argument = argument.to_string_lossy();
        let plain = !argument.is_empty() && !argument.contains([' ', '(', ')', '"', '\'', '&', '*']);
        text.push(' ');
        text.push_str(&if plain {
            argument.into_owned()
        } else {
            format!("'{argument}'")
        });
    }
    text
}

/// Runs it in plain sight and gives back how it ended.
pub fn status(mut command: Command) -> Outcome<ExitStatus> {
    println!("$ {}", shown(&command));
    flush();
    command.status().map_err(|error| not_started(&command, &error))
}

/// Runs it in plain sight; anything but success is a failure with `next` as its remedy.
pub fn run(command: Command, next: &str) -> Outcome {
    let shown = shown(&command);
    let status = status(command)?;
    if status.success() {
        Ok(())
    } else {
        Err(failure(format!("`{shown}` failed ({status})"), next))
    }
}

/// Runs it in plain sight and counts the tests that its runner reports.
pub fn run_counted(mut command: Command) -> Outcome<(ExitStatus, Tally)> {
    println!("$ {}", shown(&command));
    flush();
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        // The runners see a pipe; they are told that a person reads along.
        command.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1");
    }
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(&command, &error))?;
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let tally = std::thread::scope(|scope| {
        let errors =
            scope.spawn(|| errors.map_or_else(Tally::default, |pipe| forward(pipe, std::io::stderr())));
        let output = output.map_or_else(Tally::default, |pipe| forward(pipe, std::io::stdout()));
        output + errors.join().unwrap_or_default()
    });
    let status = child.wait().map_err(|error| not_started(&command, &error))?;
    Ok((status, tally))
}

/// Runs it out of sight and gives back what it printed.
pub fn capture(mut command: Command) -> Outcome<String> {
    let output = command.output().map_err(|error| not_started(&command, &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let said = errors
        .lines()
        .find(|line| line.starts_with("error"))
        .or_else(|| errors.lines().last())
        .unwrap_or("it said nothing");
    Err(failure(
        format!("`{}` failed ({}): {said}", shown(&command), output.status),
        "run it alone to see all it says",
    ))
}

/// What the program prints, or nothing when it is not there or does not succeed.
pub fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether the program succeeds, out of sight.
pub fn succeeds(program: &str, arguments: &[&str]) -> bool {
    ask(program, arguments).is_some()
}

/// Where a program lies on the search path.
pub fn find(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())
}

/// Copies a pipe line by line and counts the tests in it.
fn forward(pipe: impl Read, mut onto: impl Write) -> Tally {
    let mut reader = BufReader::new(pipe);
    let mut tally = Tally::default();
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(length) if length > 0) {
        // Nobody reading along any more is no reason to stop counting.
        let _ = onto.write_all(&line).and_then(|()| onto.flush());
        tally = tally + tally::of_line(&String::from_utf8_lossy(&line));
        line.clear();
    }
    tally
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    failure(
        format!("`{}` could not be started ({error})", shown(command)),
        "see that it is installed and on the search path",
    )
}

fn flush() {
    let _ = std::io::stdout().flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_a_command_as_it_is_typed() {
        let mut command = Command::new("/usr/local/bin/cargo");
        command.args(["nextest", "run", "-E", "not binary(e2e)"]);
        assert_eq!(shown(&command), "cargo nextest run -E 'not binary(e2e)'");
    }

    #[test]
    fn a_missing_program_is_one_line() {
        let said = status(Command::new("no-such-program-here"))
            .unwrap_err()
            .to_string();
        assert!(
            said.starts_with("`no-such-program-here` could not be started"),
            "{said}"
        );
        assert!(!said.contains('\n'));
    }
}
