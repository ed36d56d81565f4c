//! Own rules in JavaScript (embedded QuickJS) and Python (a child process), each within limits of time and memory.

use super::{
    Graded, Undecided,
    expected::{reaches, share},
    file::grader_file,
    mark::Mark,
    models::ModelCalls,
    rule::{Entry, Folder, Ready, SlowRule},
};
use crate::{
    script::{self, Export, Limits, Program, ScriptError, python},
    suite::parse_duration,
};
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::PathBuf};

grader_file! {
    /// Exactly one of `code` and `file`. The rule gets `output` (the answer's text) and `context`, and returns true or
    /// false, a score between 0 and 1, or an object with `pass`, `score` and `reason`.
    ScriptFile {
        /// The language.
        language: Language,
        /// The rule itself. JavaScript: an expression on one line, or the body of a function with its `return`.
        /// Python: a module that defines the function.
        #[serde(default)]
        code: Option<String>,
        /// A file inside the project folder. JavaScript: a module whose default export is the function. Python: a module
        /// that defines the function.
        #[serde(default)]
        file: Option<String>,
        /// Name of the function in Python. Default `grade`.
        #[serde(default)]
        function: Option<String>,
        /// Score that passes, where the rule returns a number. Default 1.
        #[serde(default)]
        at_least: Option<f64>,
        /// Longest time for one answer. Default 5s for JavaScript, 60s for Python.
        #[serde(default)]
        time_limit: Option<String>,
        /// Most memory, in MiB. Default 128 for JavaScript, 2048 (of address space) for Python.
        #[serde(default)]
        #[schemars(range(min = 16))]
        memory_limit_mib: Option<u32>,
    }
}

/// The language of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// ECMAScript in embedded QuickJS: no files, no network, no Node modules.
    Javascript,
    /// Python 3 of the machine, in a process of its own.
    Python,
}

#[derive(Debug)]
enum Code {
    Javascript(Program),
    Python {
        source: python::Source,
        function: String,
        folder: PathBuf,
    },
}

#[derive(Debug)]
struct Script {
    code: Code,
    at_least: f64,
    limits: Limits,
}

impl Entry for ScriptFile {
    fn build(&self, folder: &mut Folder<'_>) -> Result<Ready, String> {
        let text = match (&self.code, &self.file) {
            (Some(code), None) => code.clone(),
            (None, Some(file)) => folder.text(file, "the script")?,
            _ => return Err("needs exactly one of `code` and `file`".into()),
        };
        let (code, mut limits) = match self.language {
            Language::Javascript => {
                if self.function.is_some() {
                    return Err(
                        "`function` is for Python; a JavaScript file exports its function as default".into(),
                    );
                }
                (
                    Code::Javascript(program(text, self.file.as_deref())),
                    Limits::JAVASCRIPT,
                )
            }
            Language::Python => {
                let source = match &self.file {
                    Some(file) => python::Source::File(folder.path().join(file)),
                    None => python::Source::Code(text),
                };
                let function = self.function.as_deref().unwrap_or("grade").to_owned();
                let folder = folder.path().to_path_buf();
                (
                    Code::Python {
                        source,
                        function,
                        folder,
                    },
                    Limits::PYTHON,
                )
            }
        };
        if let Some(time) = &self.time_limit {
            limits.time = parse_duration(time).map_err(|message| format!("time_limit: {message}"))?;
        }
        match self.memory_limit_mib {
            Some(mib @ 0..16) => {
                return Err(format!(
                    "memory_limit_mib {mib} is too little; expected 16 or more"
                ));
            }
            Some(mib) => limits.memory = (mib as usize).saturating_mul(1024 * 1024),
            None => {}
        }
        Ready::slow(Script {
            code,
            at_least: share(self.at_least, 1.0, "at_least")?,
            limits,
        })
    }
}

fn program(text: String, file: Option<&str>) -> Program {
    if let Some(file) = file {
        return Program::Export(Export {
            file: file.to_owned(),
            source: text,
            name: None,
        });
    }
    let one_line = !text.trim().contains('\n');
    let body = if one_line && !text.contains("return") {
        format!("return ({});", text.trim().trim_end_matches(';'))
    } else {
        text
    };
    Program::body("output,context", body)
}

/// What a script is told besides the answer's text.
fn context(graded: &Graded<'_>) -> Value {
    json!({
        "id": graded.case.id,
        "category": graded.case.category,
        "case": graded.case.fields,
        "answer": graded.answer,
        "latency_ms": graded.latency_ms,
        "cost_usd": graded.cost.map(evidence::PicoUsd::as_usd),
    })
}

/// A verdict with its parts, as a script may return it.
#[derive(Deserialize)]
struct Parts {
    pass: Option<bool>,
    score: Option<f64>,
    reason: Option<String>,
}

impl Script {
    async fn value(&self, graded: &Graded<'_>) -> Result<Value, ScriptError> {
        let arguments = [Value::String(graded.answer.text.clone()), context(graded)];
        match &self.code {
            Code::Javascript(program) => script::run(program.clone(), arguments.to_vec(), self.limits)
                .await
                .map(|returned| returned.value),
            Code::Python {
                source,
                function,
                folder,
            } => {
                python::run(
                    source,
                    function,
                    &arguments,
                    folder,
                    &BTreeMap::new(),
                    self.limits,
                )
                .await
            }
        }
    }

    /// The verdict in what a script returned; the message says what is wrong with it.
    fn read(&self, value: Value) -> Result<Mark, String> {
        let expected = "expected true or false, a score between 0 and 1, or {pass, score, reason}";
        let parts = match value {
            Value::Bool(pass) => Parts {
                pass: Some(pass),
                score: None,
                reason: None,
            },
            Value::Number(score) => Parts {
                pass: None,
                score: score.as_f64(),
                reason: None,
            },
            Value::Object(_) => serde_json::from_value(value)
                .map_err(|error| format!("the script's verdict cannot be read: {error}; {expected}"))?,
            other => return Err(format!("the script returned {other}; {expected}")),
        };
        if let Some(score) = parts.score.filter(|score| !(0.0..=1.0).contains(score)) {
            return Err(format!("the script gave the score {score}; {expected}"));
        }
        let (passed, score) = match (parts.pass, parts.score) {
            (Some(pass), score) => (pass, score.unwrap_or(f64::from(u8::from(pass)))),
            (None, Some(score)) => (reaches(score, self.at_least), score),
            (None, None) => return Err(format!("the script gave neither pass nor score; {expected}")),
        };
        let reason = parts
            .reason
            .filter(|reason| !reason.trim().is_empty())
            .unwrap_or_else(|| match (parts.pass, passed) {
                (None, _) => format!("the script gave {score}, needs {}", self.at_least),
                (_, true) => "the script passes it".into(),
                (_, false) => "the script fails it".into(),
            });
        Ok(Mark::new(passed, score, reason))
    }
}

impl SlowRule for Script {
    fn mark<'a>(
        &'a self,
        graded: &'a Graded<'_>,
        _: Option<&'a dyn ModelCalls>,
    ) -> BoxFuture<'a, Option<Mark>> {
        Box::pin(async move {
            let read = self
                .value(graded)
                .await
                .map_err(|error| error.to_string())
                .and_then(|value| self.read(value));
            Some(read.unwrap_or_else(|message| Mark::undecided(Undecided::ScriptFailed, message)))
        })
    }

    fn needs_models(&self) -> bool {
        false
    }

    fn runs_program(&self) -> bool {
        matches!(self.code, Code::Python { .. })
    }

    fn score_label(&self, name: &str) -> Option<String> {
        Some(format!("{}, score of the script", super::capital(name)))
    }
}
