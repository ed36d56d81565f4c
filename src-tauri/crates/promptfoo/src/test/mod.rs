//! Tests: where they come from, how defaults and scenarios complete them, how variables multiply them.

mod cell;
mod csv;
mod expand;
mod source;

pub(crate) use cell::comma_separated;
pub(crate) use csv::csv_rows;
pub use expand::Cases;
pub(crate) use expand::{Expansion, Scenario, scenario_tests};
pub(crate) use source::{Source, sources};

use crate::{document, problem::Fault};
use serde_json::{Map, Value};
use std::sync::Arc;

/// A test as it is written, with what is known of where.
#[derive(Clone, Debug)]
pub struct Written {
    /// The test.
    pub test: Map<String, Value>,
    /// Where it stands: `tests[3]`, `tests.csv:17`.
    pub place: Arc<str>,
}

/// A test that is ready to run: with its defaults, one value for each variable, and its place in the order.
#[derive(Clone, Debug)]
pub struct TestCase {
    /// Its number in the order in which promptfoo counts tests; variables and repeats have numbers of their own.
    pub index: usize,
    /// Which repeat it is, from 0.
    pub repeat: u32,
    /// The number of its first repeat, which all of its repeats share.
    pub first: usize,
    /// Where it stands: `tests[3]`, `tests.csv:17`.
    pub place: Arc<str>,
    /// Description.
    pub description: Option<String>,
    /// Variables, in order.
    pub vars: Map<String, Value>,
    /// Assertions: the defaults, then its own.
    pub assertions: Arc<[Assertion]>,
    /// Score that decides in place of single assertions.
    pub threshold: Option<f64>,
    /// Options, the defaults below its own.
    pub options: Arc<Map<String, Value>>,
    /// Metadata, the defaults below its own.
    pub metadata: Arc<Map<String, Value>>,
    /// Labels or ids of the prompts that it is meant for; absent for all.
    pub prompts: Option<Vec<String>>,
    /// Labels or ids of the providers that it is meant for; absent for all.
    pub providers: Option<Vec<String>>,
    /// A provider that answers in place of the target.
    pub provider: Option<Value>,
    /// An output that is graded without asking anybody.
    pub provider_output: Option<Value>,
    /// A file with the function that scores the test.
    pub scoring: Option<String>,
    /// What is wrong with the test, so that it cannot run. It is an error, never passed.
    pub fault: Option<Fault>,
}

/// One assertion, or a set of them.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// Its type, with `not-` where it has that.
    pub kind: String,
    /// Value; absent is not the same as null.
    pub value: Option<Value>,
    /// Threshold.
    pub threshold: Option<f64>,
    /// Weight, 1 where none is written.
    pub weight: f64,
    /// Metric, a template.
    pub metric: Option<String>,
    /// Provider that grades.
    pub provider: Option<Value>,
    /// Prompt of the judge.
    pub rubric_prompt: Option<Value>,
    /// Transforms the output for this assertion.
    pub transform: Option<String>,
    /// Takes the context out of the output.
    pub context_transform: Option<String>,
    /// The assertion as it is written: what scripts see.
    pub written: Value,
    /// The members of an `assert-set`.
    pub set: Option<Vec<Assertion>>,
}

impl Assertion {
    /// Reads one; the error says what promptfoo refuses as well.
    pub(crate) fn read(written: &Value) -> Result<Self, Fault> {
        let Value::Object(fields) = written else {
            return Err(Fault::invalid(format!(
                "an assertion is a mapping with a type, not `{written}`"
            )));
        };
        let Some(kind) = fields.get("type").and_then(Value::as_str) else {
            return Err(Fault::invalid(format!("an assertion has no type: `{written}`")));
        };
        let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
        let set = match kind {
            "assert-set" => {
                let members = fields
                    .get("assert")
                    .and_then(Value::as_array)
                    .ok_or_else(|| Fault::invalid("an assert-set has no list `assert`"))?;
                Some(members.iter().map(Self::read).collect::<Result<_, _>>()?)
            }
            _ => None,
        };
        Ok(Self {
            kind: kind.to_owned(),
            value: fields.get("value").cloned(),
            threshold: fields.get("threshold").and_then(threshold),
            weight: fields.get("weight").and_then(Value::as_f64).unwrap_or(1.0),
            metric: text("metric").filter(|metric| !metric.is_empty()),
            provider: fields
                .get("provider")
                .filter(|value| document::truthy(value))
                .cloned(),
            rubric_prompt: fields
                .get("rubricPrompt")
                .filter(|value| document::truthy(value))
                .cloned(),
            transform: text("transform").filter(|code| !code.is_empty()),
            context_transform: text("contextTransform").filter(|code| !code.is_empty()),
            written: written.clone(),
            set,
        })
    }

    /// The type without `not-`.
    pub fn base(&self) -> &str {
        self.kind.strip_prefix("not-").unwrap_or(&self.kind)
    }

    /// Whether it begins with `not-`.
    pub fn inverse(&self) -> bool {
        self.kind.starts_with("not-")
    }
}

/// A threshold that is a number; promptfoo compares a text as a number too.
pub(crate) fn threshold(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => document::parse_number(text),
        _ => None,
    }
}

/// Whether references mean something by its label or its id: whole, by what stands before `*`, or by what stands before a
/// colon. Without references everything is meant.
pub(crate) fn names_one_of(references: Option<&[String]>, names: [Option<&str>; 2]) -> bool {
    let Some(references) = references else { return true };
    references.iter().any(|reference| {
        names.iter().flatten().any(|name| {
            *name == reference
                || reference
                    .strip_suffix('*')
                    .is_some_and(|prefix| name.starts_with(prefix))
                || name
                    .strip_prefix(reference.as_str())
                    .is_some_and(|rest| rest.starts_with(':'))
        })
    })
}
