//! The project's own commands. This file only dispatches; each command has a file of its own.
//!
//! `xtask` has no dependencies, so that it starts in seconds. Every failure is one line that says what happened
//! and what to do next.

mod acceptance;
mod arguments;
mod bench;
mod bindings;
mod display;
mod failure;
mod help;
mod places;
mod platform;
mod prerequisites;
mod prices;
mod process;
mod run;
mod tally;
mod test;
mod tidy;
mod version;

use failure::Outcome;
use std::process::ExitCode;

fn main() -> ExitCode {
    failure::one_line_for_a_panic();
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_else(|| "help".to_owned());
    match dispatch(&command, words.collect()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn dispatch(command: &str, words: Vec<String>) -> Outcome<ExitCode> {
    match command {
        "run" => run::command(words),
        "test" => test::command(words),
        "tidy" => tidy::command(words),
        "bindings" => bindings::command(words),
        "acceptance" => acceptance::command(words),
        "bench" => bench::command(words),
        "prices" => prices::command(words),
        "help" | "--help" | "-h" => help::command(),
        unknown => Err(failure::usage(
            format!("there is no command `{unknown}`"),
            "`cargo xtask help` lists the commands",
        )),
    }
}
