use std::{fmt, path::PathBuf};

/// One mistake in a file: where it is, what was expected, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1; 0 where the mistake is the whole file's.
    pub line: u64,
    /// Column, from 1; 0 where only the line is known.
    pub column: u64,
    /// What is wrong and what was expected.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        write!(f, ": {}", self.message)
    }
}

/// A suite or a dataset that cannot be run as it stands, with every mistake that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuiteError {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl SuiteError {
    /// A single mistake.
    pub fn one(file: impl Into<PathBuf>, line: u64, column: u64, message: impl Into<String>) -> Self {
        Self {
            problems: vec![Problem {
                file: file.into(),
                line,
                column,
                message: message.into(),
            }],
        }
    }
}

impl fmt::Display for SuiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SuiteError {}
