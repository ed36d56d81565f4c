//! Price rows out of another project's table: `prices FILE --format litellm|genai-prices [--checked YYYY-MM-DD]`.
//!
//! Rows go to standard output as JSON, what was left out to standard error. `cargo xtask prices` runs it.

use provider::price::convert::{Conversion, TableFormat, convert};
use std::io::{self, Write as _};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(conversion) => match write(&conversion) {
            Ok(()) => ExitCode::SUCCESS,
            // Nobody reads along any more.
            Err(_) => ExitCode::FAILURE,
        },
        Err(problem) => {
            let _ = writeln!(io::stderr(), "error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: Vec<String>) -> Result<Conversion, String> {
    let mut words = words.into_iter();
    let (mut file, mut format, mut checked) = (None, None, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--format" => format = words.next(),
            "--checked" => checked = words.next(),
            _ if file.is_none() => file = Some(word),
            _ => return Err(format!("`{word}` is not understood")),
        }
    }
    let file = file.ok_or("name the file that holds the table")?;
    let format = format
        .as_deref()
        .and_then(TableFormat::named)
        .ok_or("say the format: --format litellm or --format genai-prices")?;
    let checked = match checked {
        Some(day) => day
            .parse()
            .map_err(|_| format!("`{day}` is no day; write it as 2026-08-31"))?,
        None => chrono::Utc::now().date_naive(),
    };
    let text =
        std::fs::read_to_string(&file).map_err(|error| format!("{file} could not be read ({error})"))?;
    convert(&text, format, checked).map_err(|error| format!("{file} is not JSON: {error}"))
}

fn write(conversion: &Conversion) -> io::Result<()> {
    let mut errors = io::stderr().lock();
    for skipped in &conversion.skipped {
        writeln!(errors, "left out: {}: {}", skipped.model, skipped.reason)?;
    }
    writeln!(
        errors,
        "{} rows, {} left out",
        conversion.rows.len(),
        conversion.skipped.len()
    )?;
    let mut out = io::stdout().lock();
    // One row a line, so that a difference of two tables shows the prices that changed.
    writeln!(out, "[")?;
    for (number, row) in conversion.rows.iter().enumerate() {
        let comma = if number + 1 < conversion.rows.len() {
            ","
        } else {
            ""
        };
        writeln!(out, "  {}{comma}", serde_json::to_string(row)?)?;
    }
    writeln!(out, "]")
}
