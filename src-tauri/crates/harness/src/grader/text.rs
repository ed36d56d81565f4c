use super::{
    Graded, Mark,
    file::{ContainsFile, JsonSchemaFile, RegexFile},
};
use serde_json::Value;
use std::{
    path::{Component, Path},
    sync::Arc,
};

/// Where the expected thing comes from.
#[derive(Clone, Debug)]
enum Source {
    Field(String),
    Literal(String),
}

fn source(field: Option<&String>, literal: Option<&String>, names: (&str, &str)) -> Result<Source, String> {
    match (field, literal) {
        (Some(field), None) => Ok(Source::Field(field.clone())),
        (None, Some(literal)) => Ok(Source::Literal(literal.clone())),
        _ => Err(format!(
            "needs exactly one of `{}` (a field of the case) and `{}`",
            names.0, names.1
        )),
    }
}

#[derive(Clone, Debug)]
pub(super) struct Contains {
    source: Source,
    ignore_case: bool,
    any: bool,
}

impl Contains {
    pub(super) fn build(file: &ContainsFile) -> Result<Self, String> {
        let source = source(file.expected.as_ref(), file.value.as_ref(), ("expected", "value"))?;
        Ok(Self {
            source,
            ignore_case: file.ignore_case,
            any: file.any,
        })
    }

    pub(super) fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let wanted = match &self.source {
            Source::Literal(text) => vec![text.clone()],
            Source::Field(field) => match graded.case.fields.get(field)? {
                Value::Null => return None,
                Value::Array(items) => items.iter().map(crate::dataset::plain).collect(),
                other => vec![crate::dataset::plain(other)],
            },
        };
        let fold = |text: &str| {
            if self.ignore_case {
                text.to_lowercase()
            } else {
                text.to_owned()
            }
        };
        let answer = fold(&graded.answer.text);
        let missing: Vec<&String> = wanted
            .iter()
            .filter(|text| !answer.contains(&fold(text)))
            .collect();
        let found = wanted.len() - missing.len();
        let passed = if self.any {
            found > 0 || wanted.is_empty()
        } else {
            missing.is_empty()
        };
        let reason = match missing.first() {
            None => format!("the answer says “{}”", wanted.join("”, “")),
            Some(first) => format!("the answer does not say “{first}”"),
        };
        let score = if wanted.is_empty() {
            1.0
        } else {
            found as f64 / wanted.len() as f64
        };
        Some(Mark::new(
            passed,
            if self.any && passed { 1.0 } else { score },
            reason,
        ))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Matches {
    source: Source,
    compiled: Option<regex::Regex>,
}

/// A pattern that compiles to more than this is refused rather than left to eat memory.
const LARGEST_PATTERN_BYTES: usize = 1 << 20;

fn compile(pattern: &str) -> Result<regex::Regex, String> {
    regex::RegexBuilder::new(pattern)
        .size_limit(LARGEST_PATTERN_BYTES)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            let last = text
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            format!("`{pattern}` is not a regular expression: {last}")
        })
}

impl Matches {
    pub(super) fn build(file: &RegexFile) -> Result<Self, String> {
        let source = source(
            file.expected.as_ref(),
            file.pattern.as_ref(),
            ("expected", "pattern"),
        )?;
        let compiled = match &source {
            Source::Literal(pattern) => Some(compile(pattern)?),
            Source::Field(_) => None,
        };
        Ok(Self { source, compiled })
    }

    pub(super) fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let expression = match (&self.compiled, &self.source) {
            (Some(compiled), _) => compiled.clone(),
            (None, Source::Field(field)) => match compile(&graded.case.text(field)?) {
                Ok(compiled) => compiled,
                Err(message) => return Some(Mark::plain(false, message)),
            },
            (None, Source::Literal(_)) => return None,
        };
        Some(match expression.find(&graded.answer.text) {
            Some(found) => Mark::plain(true, format!("“{}” matches", found.as_str())),
            None => Mark::plain(false, format!("nothing matches {expression}")),
        })
    }
}

#[derive(Clone)]
pub(super) struct Valid {
    validator: Arc<jsonschema::Validator>,
}

impl std::fmt::Debug for Valid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Valid")
    }
}

impl Valid {
    pub(super) fn build(file: &JsonSchemaFile, folder: &Path) -> Result<Self, String> {
        let schema = match &file.schema {
            Value::String(name) => {
                let relative = Path::new(name);
                if relative.is_absolute() || relative.components().any(|part| part == Component::ParentDir) {
                    return Err(format!(
                        "`{name}` leaves the project folder; keep the schema inside it"
                    ));
                }
                let text = std::fs::read_to_string(folder.join(relative))
                    .map_err(|error| format!("the schema `{name}` cannot be read: {error}"))?;
                serde_json::from_str(&text)
                    .map_err(|error| format!("the schema `{name}` is not JSON: {error}"))?
            }
            inline => inline.clone(),
        };
        let validator =
            jsonschema::validator_for(&schema).map_err(|error| format!("not a JSON Schema: {error}"))?;
        Ok(Self {
            validator: Arc::new(validator),
        })
    }

    pub(super) fn mark(&self, graded: &Graded<'_>) -> Mark {
        let value: Value = match serde_json::from_str(&graded.answer.text) {
            Ok(value) => value,
            Err(error) => return Mark::plain(false, format!("the answer is not JSON: {error}")),
        };
        match self.validator.iter_errors(&value).next() {
            None => Mark::plain(true, "valid against the schema"),
            Some(error) => {
                let place = error.instance_path().to_string();
                let place = if place.is_empty() {
                    "the answer".into()
                } else {
                    place
                };
                Mark::plain(false, format!("{place}: {error}"))
            }
        }
    }
}
