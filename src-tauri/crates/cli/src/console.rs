//! The two streams: results on standard output, everything else on standard error.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// Results. A reader that has gone away (`| head`) is no error.
pub fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
    let _ = io::stdout().flush();
}

/// Anything that is no result.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Whether colours may be used on standard error (<https://no-color.org>).
pub fn colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Whether a person sits in front of it.
pub fn interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for a line; the proposal is taken for an empty one. None at the end of the input.
pub fn ask(question: &str, proposal: &str) -> Option<String> {
    let shown = if proposal.is_empty() {
        String::new()
    } else {
        format!(" [{proposal}]")
    };
    let _ = write!(io::stderr(), "{question}{shown}: ");
    let _ = io::stderr().flush();
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(0) | Err(_) => {
            note("");
            None
        }
        Ok(_) if line.trim().is_empty() => Some(proposal.to_owned()),
        Ok(_) => Some(line.trim().to_owned()),
    }
}
