//! Where the expected thing comes from, and the limits that a score is held against.

use crate::dataset::{Case, plain};
use serde_json::Value;

/// Where the expected thing comes from.
#[derive(Clone, Debug)]
pub(super) enum Expected {
    /// A field of the case.
    Field(String),
    /// The suite itself, the same for all cases.
    Literal(String),
}

impl Expected {
    /// Exactly one of the two keys `names`: a field of the case, and a literal.
    pub(super) fn one_of(
        field: Option<&String>,
        literal: Option<&String>,
        names: (&str, &str),
    ) -> Result<Self, String> {
        match (field, literal) {
            (Some(field), None) => Ok(Self::Field(field.clone())),
            (None, Some(literal)) => Ok(Self::Literal(literal.clone())),
            _ => Err(format!(
                "needs exactly one of `{}` (a field of the case) and `{}`",
                names.0, names.1
            )),
        }
    }

    /// Exactly one of `expected` and `value`.
    pub(super) fn text(field: Option<&String>, literal: Option<&String>) -> Result<Self, String> {
        Self::one_of(field, literal, ("expected", "value"))
    }

    /// The texts; a list may be empty. None where the case has nothing.
    pub(super) fn texts(&self, case: &Case) -> Option<Vec<String>> {
        match self {
            Self::Literal(text) => Some(vec![text.clone()]),
            Self::Field(field) => match case.fields.get(field)? {
                Value::Null => None,
                Value::Array(items) => Some(items.iter().map(plain).collect()),
                other => Some(vec![plain(other)]),
            },
        }
    }

    /// As [`Expected::texts`], of which one at least is there: alternatives, any of which would be right.
    pub(super) fn references(&self, case: &Case) -> Option<Vec<String>> {
        self.texts(case).filter(|texts| !texts.is_empty())
    }

    /// The field, where it is one.
    pub(super) fn fields(&self) -> Vec<&str> {
        match self {
            Self::Field(field) => vec![field],
            Self::Literal(_) => Vec::new(),
        }
    }
}

/// A share between 0 and 1.
pub(super) fn share(value: Option<f64>, default: f64, what: &str) -> Result<f64, String> {
    let value = value.unwrap_or(default);
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(format!("{what} {value} is out of range; expected 0 to 1"))
    }
}

/// The score that passes. No value of it is standard, so only a grader that informs may leave it out.
pub(super) fn limit(value: Option<f64>, informational: bool) -> Result<f64, String> {
    if value.is_none() && !informational {
        return Err(
            "needs `at_least`, the score that passes (0 to 1), or `informational: true` to measure only"
                .into(),
        );
    }
    share(value, 0.0, "at_least")
}

/// Whether a score keeps a limit, apart from the last digits of a float.
pub(super) fn reaches(score: f64, limit: f64) -> bool {
    score >= limit - 1e-9
}

/// The first letters of a text, for a reason.
pub(super) fn short(text: &str) -> String {
    let mut short: String = text.trim().chars().take(80).collect();
    if text.trim().chars().count() > 80 {
        short.push('…');
    }
    short
}
