//! Errors as fronts receive them: a code where a front acts on it, what happened, and what to do next.

use crate::wire::WireError;
use harness::{RunFailure, SuiteError};
use std::fmt;
use store::StoreError;

/// A code exists only where a front acts on it: the command line chooses its exit code, the window what it offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// What was given cannot be used; exit code 2.
    Input,
    /// What was named is not there; exit code 2.
    NotFound,
    /// A rule of the evidence chain says no; exit code 2.
    Refused,
    /// The project's commands need the person's trust first: the window asks, the command line names `--trust`.
    Untrusted,
    /// A file is not as the app left it: the window shows the difference and asks.
    FileChanged,
    /// The target failed; exit code 3.
    Target,
    /// The machine failed: disk, database, a defect of the app; exit code 3.
    Machine,
}

impl Code {
    /// Every code.
    const ALL: [Self; 7] = [
        Self::Input,
        Self::NotFound,
        Self::Refused,
        Self::Untrusted,
        Self::FileChanged,
        Self::Target,
        Self::Machine,
    ];

    /// The code of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == name)
    }

    /// The name that crosses the boundary.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::Untrusted => "untrusted",
            Self::FileChanged => "file_changed",
            Self::Target => "target",
            Self::Machine => "machine",
        }
    }
}

/// What went wrong, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What a front does about it.
    pub code: Code,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

impl Error {
    /// An error of these parts.
    pub fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// Something given that cannot be used.
    pub fn input(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Code::Input, message, hint)
    }

    /// A defect of the app.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(
            Code::Machine,
            message,
            "This is a defect of the app; the log in the data folder says more.",
        )
    }

    pub(crate) fn request(command: &str, error: &serde_json::Error) -> Self {
        Self::input(
            format!("`{command}` was asked in a wrong way: {error}"),
            "Correct the request.",
        )
    }

    pub(crate) fn unknown_command(command: &str) -> Self {
        Self::input(
            format!("there is no command `{command}`"),
            "Window and app are of different versions; restart.",
        )
    }

    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        let hint = match error.kind() {
            std::io::ErrorKind::NotFound => "Check the path.",
            std::io::ErrorKind::PermissionDenied => "Choose a folder that you may write to.",
            std::io::ErrorKind::StorageFull => "Free some space on the disk and try again. Nothing was lost.",
            _ => "Check the file and the disk, then try again.",
        };
        let code = if error.kind() == std::io::ErrorKind::NotFound {
            Code::NotFound
        } else {
            Code::Machine
        };
        Self::new(code, format!("{}: {error}", path.display()), hint)
    }

    /// As it crosses the boundary.
    pub fn wire(&self) -> WireError {
        WireError {
            code: self.code.as_str().into(),
            message: self.message.clone(),
            hint: self.hint.clone(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.hint.is_empty() {
            write!(f, " {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::Missing { .. } => {
                Self::new(Code::NotFound, message, "It may have been removed; look again.")
            }
            StoreError::Conflict { .. } => Self::new(Code::Refused, message, ""),
            StoreError::TooNew { .. } => Self::new(
                Code::Machine,
                message,
                "Update the app; the file was left as it is.",
            ),
            StoreError::Open { .. } => Self::new(
                Code::Machine,
                message,
                "Check that the folder can be written to, or choose another with --db.",
            ),
            StoreError::Sqlite(_) | StoreError::Row(_) => Self::new(
                Code::Machine,
                message,
                "What was finished is safe. Check free disk space, then try again.",
            ),
        }
    }
}

impl From<SuiteError> for Error {
    fn from(error: SuiteError) -> Self {
        Self::input(
            error.to_string(),
            "Correct the file and try again; docs/suite-format.md lists every key.",
        )
    }
}

impl From<RunFailure> for Error {
    fn from(error: RunFailure) -> Self {
        let message = error.to_string();
        match error {
            RunFailure::Service(_) => Self::new(
                Code::Target,
                message,
                "If the service itself is at fault, correct it and start a new run; otherwise resume this one. \
                 What was finished is kept.",
            ),
            RunFailure::Sink(_) => Self::new(
                Code::Machine,
                message,
                "Free some space or close the other program, then resume; what was finished is kept.",
            ),
            RunFailure::Input(error) => error.into(),
        }
    }
}

impl From<journey::Refusal> for Error {
    fn from(refusal: journey::Refusal) -> Self {
        Self::new(Code::Refused, refusal.message, refusal.hint)
    }
}
