//! The tools that were called, against the expected ones.

use super::{
    Graded,
    expected::{reaches, share},
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
    similarity::{common_subsequence, f1},
    text::schema::Schema,
};
use crate::{
    dataset::{Case, plain},
    trial::Severity,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A tool call in an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The tool's name.
    pub name: String,
    /// The arguments: an object, or the text itself where it is not JSON.
    pub arguments: Value,
}

impl ToolCall {
    /// A call whose arguments are JSON text, as most APIs send them. No text means no arguments.
    pub fn from_text(name: impl Into<String>, arguments: &str) -> Self {
        let arguments = if arguments.trim().is_empty() {
            Value::Object(Map::new())
        } else {
            serde_json::from_str(arguments).unwrap_or_else(|_| Value::String(arguments.to_owned()))
        };
        Self {
            name: name.into(),
            arguments,
        }
    }

    /// Reads a list of calls in the shapes of OpenAI (`function.name`, `function.arguments`), Anthropic (`name`,
    /// `input`) and Gemini (`functionCall.name`, `args`), or plainly `name` and `arguments`. Parts that are no call,
    /// such as texts between them, are passed over.
    pub fn list(value: &Value) -> Vec<Self> {
        let items = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        items.iter().filter_map(Self::read).collect()
    }

    fn read(item: &Value) -> Option<Self> {
        if let Value::String(name) = item {
            return Some(Self::from_text(name.as_str(), ""));
        }
        let call = item
            .get("function")
            .or_else(|| item.get("functionCall"))
            .filter(|inner| inner.is_object())
            .unwrap_or(item);
        let name = call.get("name")?.as_str()?;
        let arguments = ["arguments", "input", "args"]
            .iter()
            .find_map(|key| call.get(*key));
        Some(match arguments {
            None | Some(Value::Null) => Self::from_text(name, ""),
            Some(Value::String(text)) => Self::from_text(name, text),
            Some(other) => Self {
                name: name.to_owned(),
                arguments: other.clone(),
            },
        })
    }
}

grader_file! {
    /// Needs `tool_calls` in the response mapping, or a model as target. At least one of `expected` and `schemas`.
    ToolCallsFile {
        /// Field of the case with the expected calls: a list of tool names, or of objects with `name` and `arguments`, of
        /// which those given must be equal. An empty list expects none. Cases without it are not graded.
        #[serde(default)]
        expected: Option<String>,
        /// Whether order counts. Default `set`.
        #[serde(default)]
        compare: Compare,
        /// JSON Schema of the arguments by tool: inline, or the path of a .json file. A call of another tool is invented.
        #[serde(default)]
        schemas: BTreeMap<String, Value>,
        /// Score that passes. Default 1.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

/// Whether the order of calls counts.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// Order is free; each tool as often as expected.
    #[default]
    Set,
    /// The longest common subsequence counts as right.
    Sequence,
}

#[derive(Debug)]
struct ToolCalls {
    expected: Option<String>,
    compare: Compare,
    schemas: BTreeMap<String, Schema>,
    at_least: f64,
}

impl Entry for ToolCallsFile {
    fn build(&self, folder: &mut Folder<'_>) -> Result<Ready, String> {
        if self.expected.is_none() && self.schemas.is_empty() {
            return Err("needs `expected` (a field of the case), `schemas`, or both".into());
        }
        let mut schemas = BTreeMap::new();
        for (tool, schema) in &self.schemas {
            let schema = Schema::build(schema, folder).map_err(|message| format!("{tool}: {message}"))?;
            schemas.insert(tool.clone(), schema);
        }
        Ready::now(ToolCalls {
            expected: self.expected.clone(),
            compare: self.compare,
            schemas,
            at_least: share(self.at_least, 1.0, "at_least")?,
        })
    }
}

/// What a case expects of one call; without arguments any will do.
struct ExpectedCall {
    name: String,
    arguments: Option<Map<String, Value>>,
}

impl ExpectedCall {
    fn list(case: &Case, field: &str) -> Option<Result<Vec<Self>, String>> {
        let items = match case.fields.get(field)? {
            Value::Null => return None,
            Value::Array(items) => items.clone(),
            Value::Object(call) => vec![Value::Object(call.clone())],
            // A cell of a CSV file.
            _ => case.list(field)?.into_iter().map(Value::String).collect(),
        };
        let read = |item: &Value| match item {
            Value::Object(call) => Some(Self {
                name: call.get("name")?.as_str()?.to_owned(),
                arguments: call.get("arguments").and_then(Value::as_object).cloned(),
            }),
            other => Some(Self {
                name: plain(other),
                arguments: None,
            }),
        };
        let wrong = |item: &Value| format!("the case expects the call {item}, which names no tool");
        Some(
            items
                .iter()
                .map(|item| read(item).ok_or_else(|| wrong(item)))
                .collect(),
        )
    }

    fn is(&self, call: &ToolCall) -> bool {
        self.name == call.name
            && self.arguments.as_ref().is_none_or(|expected| {
                expected
                    .iter()
                    .all(|(key, value)| call.arguments.get(key).is_some_and(|given| equal(given, value)))
            })
    }
}

/// Equal as JSON values, where 1 and 1.0 are one number.
fn equal(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

/// Most calls of one answer that are compared in order.
const MOST_CALLS: usize = 5000;

impl ToolCalls {
    /// How many calls are expected ones.
    fn right(&self, calls: &[&ToolCall], expected: &[ExpectedCall]) -> usize {
        match self.compare {
            Compare::Sequence => {
                let calls = &calls[..calls.len().min(MOST_CALLS)];
                common_subsequence(calls, expected, |call, expected| expected.is(call))
            }
            Compare::Set => {
                let mut left: Vec<&ToolCall> = calls.to_vec();
                // Those that ask for certain arguments choose first.
                let (strict, free): (Vec<_>, Vec<_>) =
                    expected.iter().partition(|expected| expected.arguments.is_some());
                strict
                    .into_iter()
                    .chain(free)
                    .filter(|expected| match left.iter().position(|call| expected.is(call)) {
                        Some(at) => {
                            left.swap_remove(at);
                            true
                        }
                        None => false,
                    })
                    .count()
            }
        }
    }

    /// What is wrong with a call by the schemas.
    fn mistake(&self, call: &ToolCall) -> Option<(Severity, String)> {
        if self.schemas.is_empty() {
            return None;
        }
        match self.schemas.get(&call.name) {
            None => Some((Severity::Severe, format!("there is no tool `{}`", call.name))),
            Some(schema) => schema
                .mistake(&call.arguments, "the arguments")
                .map(|mistake| (Severity::Moderate, format!("`{}`: {mistake}", call.name))),
        }
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        "no tool".into()
    } else {
        names.join(", ")
    }
}

impl Rule for ToolCalls {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let calls = graded.answer.tool_calls.as_deref()?;
        let expected = match &self.expected {
            None => None,
            Some(field) => match ExpectedCall::list(graded.case, field)? {
                Ok(expected) => Some(expected),
                Err(message) => return Some(Mark::plain(false, message)),
            },
        };
        let mut worst: Option<(Severity, String)> = None;
        let mut valid = Vec::new();
        for call in calls {
            match self.mistake(call) {
                None => valid.push(call),
                Some(mistake) if worst.as_ref().is_none_or(|worst| mistake.0 > worst.0) => {
                    worst = Some(mistake);
                }
                Some(_) => {}
            }
        }
        // A call that is not valid is no right call, and is counted among those that were made.
        let (right, wanted) = match &expected {
            Some(expected) => (self.right(&valid, expected), expected.len()),
            None => (valid.len(), calls.len()),
        };
        let score = if wanted == 0 && calls.is_empty() {
            1.0
        } else {
            let over = |all: usize| if all == 0 { 0.0 } else { right as f64 / all as f64 };
            f1(over(calls.len()), over(wanted))
        };
        let called = listed(calls.iter().map(|call| call.name.as_str()));
        Some(match (worst, expected) {
            (Some((severity, mistake)), _) => Mark::new(false, score, mistake).severity(severity),
            (None, Some(expected)) => {
                let wanted = listed(expected.iter().map(|call| call.name.as_str()));
                let reason = if reaches(score, 1.0) {
                    format!("called {called}, as expected")
                } else {
                    format!("called {called}; expected {wanted}: {right} right")
                };
                Mark::new(reaches(score, self.at_least), score, reason)
            }
            (None, None) => Mark::new(true, score, format!("called {called}, with valid arguments")),
        })
    }

    fn fields(&self) -> Vec<&str> {
        self.expected.as_deref().into_iter().collect()
    }

    fn score_label(&self, name: &str) -> Option<String> {
        Some(format!("{}, F1 of tool calls", super::capital(name)))
    }
}
