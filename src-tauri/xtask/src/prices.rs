//! `cargo xtask prices`: rows for `content/prices/` out of another project's price table.

use crate::arguments::Arguments;
use crate::failure::{Outcome, failure, usage};
use crate::{places, process};
use std::path::Path;
use std::process::{ExitCode, Stdio};

/// The formats that the example reads.
const FORMATS: [&str; 2] = ["litellm", "genai-prices"];

/// Prints the rows, or writes them with `--out`.
pub fn command(mut words: Vec<String>) -> Outcome<ExitCode> {
    let file = match words.first() {
        Some(word) if !word.starts_with("--") => words.remove(0),
        _ => {
            return Err(usage(
                "`cargo xtask prices` lacks the file that holds the table",
                "write `cargo xtask prices FILE --format litellm` or `--format genai-prices`",
            ));
        }
    };
    let mut arguments = Arguments::new("prices", words);
    let format = arguments.value("--format")?;
    let checked = arguments.value("--checked")?;
    let out = arguments.value("--out")?;
    arguments.finish()?;
    let Some(format) = format.filter(|format| FORMATS.contains(&format.as_str())) else {
        return Err(usage(
            "`cargo xtask prices` lacks a format that it knows",
            "write `--format litellm` or `--format genai-prices`",
        ));
    };
    // Cargo starts the example in the root folder; the person may stand elsewhere.
    let file = std::path::absolute(&file).map_err(|error| {
        failure(
            format!("`{file}` is no path ({error})"),
            "name the file that holds the table",
        )
    })?;
    let mut example = process::cargo(["run", "-q", "-p", "provider", "--example", "prices", "--"]);
    example.arg(file).args(["--format", &format]);
    if let Some(day) = &checked {
        example.args(["--checked", day]);
    }
    // What was left out is for the person who runs this.
    example.stderr(Stdio::inherit());
    let rows = process::capture(example)?;
    match out {
        None => print!("{rows}"),
        Some(out) => {
            std::fs::write(&out, rows).map_err(|error| {
                failure(
                    format!("{out} could not be written ({error})"),
                    "see that it is yours to write to",
                )
            })?;
            println!("{} is written.", places::readable(Path::new(&out)));
        }
    }
    Ok(ExitCode::SUCCESS)
}
