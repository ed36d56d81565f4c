//! What can be wrong with a configuration, and what of it cannot run here.

use crate::provider::CallError;
use std::{fmt, path::PathBuf};

pub use harness::suite::Problem;

/// A configuration that cannot be run as it stands, with every mistake that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationErrors {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigurationErrors {
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

impl std::error::Error for ConfigurationErrors {}

impl From<Problem> for ConfigurationErrors {
    fn from(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
        }
    }
}

/// A mistake that concerns a whole file.
pub(crate) fn whole_file(file: impl Into<PathBuf>, message: impl Into<String>) -> Problem {
    Problem {
        file: file.into(),
        line: 0,
        column: 0,
        message: message.into(),
    }
}

/// A key that is ignored, with the one that was probably meant.
pub(crate) fn stray_key(place: &str, key: &str, known: &[&str]) -> String {
    let place = if place.is_empty() {
        format!("the key `{key}`")
    } else {
        format!("the key `{key}` in {place}")
    };
    let meant = known
        .iter()
        .map(|known| (distance(key, known), *known))
        .filter(|(distance, known)| *distance <= 2 && *distance * 2 < known.len())
        .min();
    match meant {
        Some((_, meant)) => format!("{place} is not known and is ignored; did you mean `{meant}`?"),
        None => format!("{place} is not known and is ignored"),
    }
}

/// Letters that have to be put in, taken out or changed to make one text of the other; small and capital ones are alike.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, expected) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *expected);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

/// Something in a configuration that does not run here. The tests that need it end in an error that says so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unsupported {
    /// Where: `tests[3].assert[0]`, `providers[1]`.
    pub place: String,
    /// What, and why.
    pub what: String,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Why a test has no verdict of its own: it is an error, and neither passed nor failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// What it needs does not run here.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// Where promptfoo throws as well: a wrong value, an unknown assertion, a missing file.
    #[error("{0}")]
    Invalid(String),
    /// A script or a program failed, ran out of time or memory, or could not be run.
    #[error("{0}")]
    Script(#[from] harness::script::ScriptError),
    /// A model or a service could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
}

impl Fault {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(message.into())
    }
}

#[cfg(test)]
mod tests {
    use super::stray_key;

    #[test]
    fn a_misspelt_key_names_the_one_that_was_meant() {
        let known = ["assert", "vars", "prompts"];
        for (key, meant) in [("asert", "assert"), ("prompt", "prompts"), ("Vars", "vars")] {
            let said = stray_key("tests[0]", key, &known);
            assert!(said.ends_with(&format!("did you mean `{meant}`?")), "{said}");
        }
        assert_eq!(
            stray_key("", "colour", &known),
            "the key `colour` is not known and is ignored"
        );
    }
}
