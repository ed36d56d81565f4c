//! From tests as written to cases that run: defaults, scenarios, repeats and every combination of variables.

use super::{Assertion, Source, TestCase, Written, threshold};
use crate::{
    document,
    problem::{Fault, Problem},
    project::{Project, split_function},
    transform,
};
use serde_json::{Map, Value, json};
use std::{collections::VecDeque, sync::Arc};

/// What completes each test.
#[derive(Clone, Debug)]
pub(crate) struct Expansion {
    pub(crate) project: Project,
    pub(crate) default_test: Map<String, Value>,
    pub(crate) repeat: u32,
    /// Hooks of the configuration, which do not run: then no test has a verdict.
    pub(crate) hooks: Option<String>,
}

/// The cases of a configuration in promptfoo's order, made one test at a time.
pub struct Cases {
    expansion: Expansion,
    sources: VecDeque<Source>,
    current: Option<Box<dyn Iterator<Item = Result<Written, Problem>> + Send>>,
    ready: VecDeque<TestCase>,
    next_index: usize,
}

impl Cases {
    pub(crate) fn new(expansion: Expansion, sources: Vec<Source>) -> Self {
        Self {
            expansion,
            sources: sources.into(),
            current: None,
            ready: VecDeque::new(),
            next_index: 0,
        }
    }
}

impl Iterator for Cases {
    type Item = Result<TestCase, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(case) = self.ready.pop_front() {
                return Some(Ok(case));
            }
            match self.current.as_mut().and_then(Iterator::next) {
                Some(Ok(written)) => {
                    self.ready = self.expansion.cases(written, &mut self.next_index);
                }
                Some(Err(problem)) => return Some(Err(problem)),
                None => {
                    let source = self.sources.pop_front()?;
                    self.current = Some(source.tests(&self.expansion.project));
                }
            }
        }
    }
}

impl Expansion {
    fn cases(&self, written: Written, next_index: &mut usize) -> VecDeque<TestCase> {
        let case = self.case(&written);
        let repeat = case
            .options
            .get("repeat")
            .and_then(Value::as_u64)
            .filter(|repeat| *repeat > 0)
            .and_then(|repeat| u32::try_from(repeat).ok())
            .unwrap_or(self.repeat);
        let fixed = case
            .options
            .get("disableVarExpansion")
            .is_some_and(document::truthy);
        let (combinations, fault) = match fixed {
            true => (vec![case.vars.clone()], None),
            false => match combinations(&case.vars, &self.project) {
                Ok(combinations) => (combinations, None),
                Err(message) => (vec![case.vars.clone()], Some(Fault::Invalid(message))),
            },
        };
        /// The cases of a test are made all at once.
        const MOST: u64 = 1_000_000;
        let (repeat, fault) = if u64::from(repeat) * combinations.len() as u64 > MOST {
            let message =
                format!("with `repeat: {repeat}` it has more than {MOST} cases; repeat it less often");
            (1, Some(Fault::Invalid(message)))
        } else {
            (repeat, fault)
        };
        let mut cases = VecDeque::with_capacity(combinations.len());
        let base = *next_index;
        for repeat in 0..repeat {
            for (at, vars) in combinations.iter().enumerate() {
                cases.push_back(TestCase {
                    index: *next_index,
                    repeat,
                    first: base + at,
                    vars: vars.clone(),
                    fault: case.fault.clone().or_else(|| fault.clone()),
                    ..case.clone()
                });
                *next_index += 1;
            }
        }
        cases
    }

    /// The test with its defaults, before its variables are multiplied.
    fn case(&self, written: &Written) -> TestCase {
        let (test, default) = (&written.test, &self.default_test);
        let options = merged(default.get("options"), test.get("options"));
        let mut fault = self.hooks.clone().map(Fault::Unsupported);
        let mut vars = merged(default.get("vars"), test.get("vars"));
        if let Some(code) = options.get("transformVars").filter(|code| document::truthy(code)) {
            match transform::vars(code, &vars, &self.project) {
                Ok(more) => vars.extend(more),
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        let no_defaults = options_of(test).get("disableDefaultAsserts") == Some(&json!(true));
        let own = test.get("assert").and_then(Value::as_array);
        let defaults = default
            .get("assert")
            .and_then(Value::as_array)
            .filter(|_| !no_defaults);
        let mut assertions = Vec::new();
        for assertion in defaults.into_iter().chain(own).flatten() {
            match Assertion::read(assertion) {
                Ok(assertion) => assertions.push(assertion),
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        let list = |key: &str| {
            let names = first(test, default, key)?.as_array()?;
            Some(
                names
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            )
        };
        TestCase {
            index: 0,
            repeat: 0,
            first: 0,
            place: Arc::clone(&written.place),
            description: first(test, default, "description").map(document::text),
            vars,
            assertions: assertions.into(),
            threshold: first(test, default, "threshold").and_then(threshold),
            options: Arc::new(options),
            metadata: Arc::new(merged(default.get("metadata"), test.get("metadata"))),
            prompts: list("prompts"),
            providers: list("providers"),
            provider: [test, default]
                .iter()
                .find_map(|from| from.get("provider").filter(|value| document::truthy(value)))
                .cloned(),
            provider_output: test
                .get("providerOutput")
                .filter(|value| document::truthy(value))
                .cloned(),
            scoring: [test, default]
                .iter()
                .find_map(|from| from.get("assertScoringFunction").and_then(Value::as_str))
                .map(str::to_owned),
            fault,
        }
    }
}

fn options_of(test: &Map<String, Value>) -> Map<String, Value> {
    merged(None, test.get("options"))
}

fn first<'a>(test: &'a Map<String, Value>, default: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    [test, default]
        .into_iter()
        .find_map(|from| from.get(key).filter(|value| !value.is_null()))
}

fn merged(below: Option<&Value>, above: Option<&Value>) -> Map<String, Value> {
    let mut all = Map::new();
    for layer in [below, above] {
        if let Some(Value::Object(entries)) = layer {
            all.extend(entries.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
    }
    all
}

/// Every combination: a list whose first entry is a text stands for its entries, a `file://` pattern for its files.
fn combinations(vars: &Map<String, Value>, project: &Project) -> Result<Vec<Map<String, Value>>, String> {
    /// A product beyond this is a mistake.
    const MOST: usize = 100_000;
    let mut all = vec![Map::new()];
    for (name, value) in vars {
        let values: Vec<Value> = match value {
            Value::String(text) if text.starts_with("file://") => {
                let (path, _) = split_function(text);
                let files = project.matching(text.strip_prefix("file://").unwrap_or(text))?;
                if files.is_empty() {
                    return Err(format!(
                        "the variable `{name}` names files that are not there: `{path}`"
                    ));
                }
                files
                    .iter()
                    .map(|file| json!(format!("file://{}", project.relative(file))))
                    .collect()
            }
            Value::Array(items) if items.first().is_some_and(Value::is_string) => items.clone(),
            Value::Array(items) if items.is_empty() => vec![value.clone()],
            other => vec![other.clone()],
        };
        if all.len().saturating_mul(values.len()) > MOST {
            return Err(format!(
                "its variables have more than {MOST} combinations; list fewer values"
            ));
        }
        all = all
            .into_iter()
            .flat_map(|combination: Map<String, Value>| {
                values.iter().map(move |value| {
                    let mut combination = combination.clone();
                    combination.insert(name.clone(), value.clone());
                    combination
                })
            })
            .collect();
    }
    Ok(all)
}

/// Tests that each run with each of several sets of data.
pub(crate) struct Scenario {
    /// The sets of data, each written like a test.
    pub(crate) configs: Vec<Value>,
    /// The tests.
    pub(crate) tests: Vec<Written>,
}

/// The tests of the scenarios: each entry of `config` with each test.
pub(crate) fn scenario_tests(scenarios: &[Scenario], default_test: &Map<String, Value>) -> Vec<Source> {
    let mut all = Vec::new();
    let mut number = 0;
    for Scenario { configs, tests } in scenarios {
        for config in configs {
            let empty = Map::new();
            let data = config.as_object().unwrap_or(&empty);
            for written in tests {
                let mut test = default_test.clone();
                test.extend(data.clone());
                test.extend(written.test.clone());
                for key in ["vars", "options"] {
                    let below = merged(default_test.get(key), data.get(key));
                    let whole = merged(Some(&Value::Object(below)), written.test.get(key));
                    test.insert(key.into(), Value::Object(whole));
                }
                let mut assertions = Vec::new();
                for from in [data, &written.test] {
                    assertions.extend(
                        from.get("assert")
                            .and_then(Value::as_array)
                            .into_iter()
                            .flatten()
                            .cloned(),
                    );
                }
                test.insert("assert".into(), Value::Array(assertions));
                let below = merged(default_test.get("metadata"), data.get("metadata"));
                let mut metadata = merged(Some(&Value::Object(below)), written.test.get("metadata"));
                metadata
                    .entry("conversationId")
                    .or_insert_with(|| json!(format!("__scenario_{number}__")));
                test.insert("metadata".into(), Value::Object(metadata));
                all.push(Source::Inline(Box::new(Written {
                    test,
                    place: Arc::clone(&written.place),
                })));
            }
            number += 1;
        }
    }
    all
}
