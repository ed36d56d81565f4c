//! The one shape of an error here: what happened, and what to do next, on one line.

use std::fmt;

/// The result of anything that can go wrong.
pub type Outcome<T = ()> = Result<T, Failure>;

/// What happened and what the reader does about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    what: String,
    next: String,
    exit_code: u8,
}

impl Failure {
    /// The exit code of the process that ends with this failure.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}; {}", self.what, self.next)
    }
}

/// Something failed.
pub fn failure(what: impl Into<String>, next: impl Into<String>) -> Failure {
    Failure {
        what: what.into(),
        next: next.into(),
        exit_code: 1,
    }
}

/// The command was called in a way that it does not know.
pub fn usage(what: impl Into<String>, next: impl Into<String>) -> Failure {
    Failure {
        what: what.into(),
        next: next.into(),
        exit_code: 2,
    }
}

/// Says also of a mistake in this program one line instead of a stack trace.
pub fn one_line_for_a_panic() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        // Whoever reads along may stop early (`… | head`); that is nobody's mistake.
        if !message.contains("failed printing to") {
            let place = panic
                .location()
                .map_or_else(String::new, |location| format!(" at {location}"));
            eprintln!("error: xtask itself stumbled{place} ({message}); please report it");
        }
    }));
}
