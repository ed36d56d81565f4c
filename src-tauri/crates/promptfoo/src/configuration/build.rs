//! From the mapping as it is written to providers, prompts, tests and what runs them.

use super::{Loaded, TargetSpec, ruler};
use crate::{
    document,
    evaluate::Evaluation,
    problem::{Problem, Unsupported, stray_key, whole_file},
    project::{Place, Project},
    prompt::{Prompt, is_meant, prompts},
    provider::{ProviderKind, ProviderSpec, is_provider_file},
    template::Templates,
    test::{Expansion, Scenario, Source, Written, scenario_tests, sources},
};
use evidence::{ContentHash, ContentHasher};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead as _, BufReader},
    path::Path,
    sync::Arc,
};

/// Keys that a test may have. Others are ignored with a warning.
const TEST_KEYS: [&str; 12] = [
    "description",
    "vars",
    "provider",
    "providers",
    "prompts",
    "providerOutput",
    "assert",
    "assertScoringFunction",
    "options",
    "threshold",
    "metadata",
    "$schema",
];

pub(super) struct Builder<'a> {
    pub(super) project: Project,
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    pub(super) config: Map<String, Value>,
    pub(super) env: Map<String, Value>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) warnings: Vec<Problem>,
    pub(super) unsupported: Vec<Unsupported>,
}

impl Builder<'_> {
    pub(super) fn build(mut self) -> Result<Loaded, String> {
        let providers = self.providers()?;
        let prompts: Vec<Arc<Prompt>> = prompts(self.config.get("prompts"), &self.project)?
            .into_iter()
            .map(Arc::new)
            .collect();
        let default_test = self.default_test()?;
        let filters = self.filters()?;
        let hooks = hooks(self.config.get("extensions"));
        if let Some(what) = &hooks {
            self.unsupported.push(Unsupported {
                place: "extensions".into(),
                what: what.clone(),
            });
        }
        for (key, what) in [("redteam", "red teaming"), ("tracing", "tracing")] {
            let used = self.config.get(key).is_some_and(|value| match value {
                Value::Array(items) => !items.is_empty(),
                other => document::truthy(other),
            });
            if used {
                self.unsupported.push(Unsupported {
                    place: key.into(),
                    what: format!("{what} (`{key}`)"),
                });
            }
        }
        if self.config.contains_key("derivedMetrics") {
            self.warnings.push(whole_file(
                self.path,
                "`derivedMetrics` is ignored; no verdict depends on it",
            ));
        }
        for (part, key) in [
            ("evaluateOptions", "timeoutMs"),
            ("evaluateOptions", "maxEvalTimeMs"),
            ("evaluateOptions", "filterRange"),
            ("commandLineOptions", "filterRange"),
            ("commandLineOptions", "filterSample"),
            ("commandLineOptions", "envPath"),
        ] {
            let written = self.config.get(part).and_then(|options| options.get(key));
            if written.is_some_and(document::truthy) {
                self.warnings.push(whole_file(
                    self.path,
                    format!("`{part}.{key}` is ignored, and promptfoo obeys it"),
                ));
            }
        }
        let mut targets = Vec::new();
        for provider in &providers {
            for prompt in &prompts {
                if is_meant(prompt, provider.prompts.as_deref()) {
                    targets.push(TargetSpec {
                        prompt_index: targets.len(),
                        provider: Arc::clone(provider),
                        prompt: Arc::clone(prompt),
                    });
                }
            }
        }
        let option = |key: &str| {
            let written = ["commandLineOptions", "evaluateOptions"]
                .iter()
                .find_map(|part| self.config.get(*part)?.get(key).filter(|value| !value.is_null()));
            let number = written?.as_u64().filter(|number| *number > 0)?;
            u32::try_from(number).ok()
        };
        let repeat = option("repeat").unwrap_or(1);
        let max_concurrency = option("maxConcurrency").unwrap_or(4);
        let sources = self.sources(&default_test)?;
        self.stray_keys(&default_test, &sources);
        let hash = self.hash(&sources)?;
        let grading = ruler::grading(&self.config, self.text, &hash, &sources, &self.project);
        let expansion = Expansion {
            project: self.project.clone(),
            default_test,
            repeat,
            hooks,
        };
        // Conversations and stored outputs make a test depend on the ones before it.
        let serial = prompts.iter().any(|prompt| prompt.raw.contains("_conversation"))
            || stores_output(&expansion.default_test)
            || self.any_test(&sources, &[b"storeOutputAs"], stores_output)?;
        let own_repeats = repeats(&expansion.default_test)
            || self.any_test(
                &sources,
                &[
                    b"repeat:",
                    b"repeat :",
                    b"repeat\":",
                    b"repeat\" :",
                    b"repeat':",
                    b"repeat' :",
                ],
                repeats,
            )?;
        let templates = Templates::new(self.env, filters);
        let description = self
            .config
            .get("description")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let evaluation = Evaluation::new(
            self.project,
            templates,
            self.variables,
            providers,
            &expansion.default_test,
        );
        Ok(Loaded {
            description,
            targets,
            unsupported: self.unsupported,
            warnings: self.warnings,
            repeat,
            own_repeats,
            max_concurrency: if serial { 1 } else { max_concurrency },
            serial,
            hash,
            grading,
            evaluation: Arc::new(evaluation),
            sources,
            expansion,
        })
    }

    fn providers(&mut self) -> Result<Vec<Arc<ProviderSpec>>, String> {
        let (key, written) = match (self.config.get("providers"), self.config.get("targets")) {
            (Some(_), Some(_)) => return Err("both `providers` and `targets` are written; keep one".into()),
            (Some(providers), None) => ("providers", providers),
            (None, Some(targets)) => ("targets", targets),
            (None, None) => {
                return Err(
                    "there are no `providers`; name at least one, such as `openai:chat:MODEL`".into(),
                );
            }
        };
        let listed = match written {
            Value::Array(items) => items.clone(),
            one => vec![one.clone()],
        };
        let mut all = Vec::new();
        for (at, item) in listed.iter().enumerate() {
            let place = format!("{key}[{at}]");
            for item in self.provider_file(item, &place)? {
                let spec = ProviderSpec::read(&item, &self.project, &self.env)
                    .map_err(|why| format!("{place}: {why}"))?;
                if let ProviderKind::Unsupported(what) = &spec.kind {
                    self.unsupported.push(Unsupported {
                        place: place.clone(),
                        what: what.clone(),
                    });
                }
                all.push(Arc::new(spec));
            }
        }
        if all.is_empty() {
            return Err("there are no `providers`; name at least one".into());
        }
        Ok(all)
    }

    fn provider_file(&self, item: &Value, place: &str) -> Result<Vec<Value>, String> {
        let Some(file) = item.as_str().filter(|text| is_provider_file(text)) else {
            return Ok(vec![item.clone()]);
        };
        let path = self
            .project
            .resolve(file)
            .map_err(|why| format!("{place}: {why}"))?;
        let loaded = self
            .project
            .external(self.project.parsed(&path)?, Place::Anywhere)?;
        match loaded {
            Value::Array(items) => Ok(items),
            Value::Null => Err(format!("{place}: `{file}` is empty")),
            one => Ok(vec![one]),
        }
    }

    fn default_test(&self) -> Result<Map<String, Value>, String> {
        let mut test = match self.config.get("defaultTest") {
            None | Some(Value::Null) => Map::new(),
            Some(reference @ Value::String(_)) => {
                match self.project.external(reference.clone(), Place::Anywhere)? {
                    Value::Object(test) => test,
                    other => return Err(format!("`defaultTest` is `{other}`; expected a mapping")),
                }
            }
            Some(Value::Object(test)) => test.clone(),
            Some(other) => return Err(format!("`defaultTest` is `{other}`; expected a mapping")),
        };
        if let (None, Some(metadata)) = (test.get("metadata"), self.config.get("metadata")) {
            test.insert("metadata".into(), metadata.clone());
        }
        Ok(test)
    }

    fn filters(&self) -> Result<Vec<(String, harness::script::Export)>, String> {
        let Some(Value::Object(filters)) = self.config.get("nunjucksFilters") else {
            return Ok(Vec::new());
        };
        let mut all = Vec::new();
        for (name, file) in filters {
            let file = file
                .as_str()
                .ok_or_else(|| format!("the filter `{name}` names no file"))?;
            for path in self.project.matching(file)? {
                all.push((name.clone(), self.project.export(&self.project.relative(&path))?));
            }
        }
        Ok(all)
    }

    fn sources(&mut self, default_test: &Map<String, Value>) -> Result<Vec<Source>, String> {
        let tests = self.config.get("tests").unwrap_or(&Value::Null);
        let mut all = sources(tests, &self.project, "tests")?;
        let scenarios = self
            .config
            .get("scenarios")
            .filter(|scenarios| !scenarios.is_null())
            .cloned();
        if let Some(scenarios) = scenarios {
            let loaded = self.scenarios(scenarios)?;
            all.extend(scenario_tests(&loaded, default_test));
        } else if all.is_empty() {
            all.push(Source::Inline(Box::new(Written {
                test: Map::new(),
                place: "tests".into(),
            })));
        }
        Ok(all)
    }

    /// Warns of keys that a test cannot have, each once with the first place of it: a misspelt `assert` asserts nothing. Long
    /// files are looked at where they begin; a column of a table is a variable.
    fn stray_keys(&mut self, default_test: &Map<String, Value>, sources: &[Source]) {
        let mut stray: Vec<(String, String)> = Vec::new();
        let mut look = |test: &Map<String, Value>, place: &str| {
            for key in test.keys().filter(|key| !TEST_KEYS.contains(&key.as_str())) {
                if stray.len() < 20 && !stray.iter().any(|(known, _)| known == key) {
                    stray.push((key.clone(), place.to_owned()));
                }
            }
        };
        look(default_test, "defaultTest");
        for source in sources {
            match source {
                Source::Inline(written) => look(&written.test, &written.place),
                Source::JsonLines { .. } | Source::Document(_) => {
                    for written in source.tests(&self.project).take(1000).flatten() {
                        look(&written.test, &written.place);
                    }
                }
                Source::Csv(_) | Source::Table(_) => {}
            }
        }
        for (key, place) in stray {
            self.warnings
                .push(whole_file(self.path, stray_key(&place, &key, &TEST_KEYS)));
        }
    }

    fn scenarios(&self, scenarios: Value) -> Result<Vec<Scenario>, String> {
        let flat = match scenarios {
            Value::Array(items) => {
                let mut flat = Vec::new();
                for item in items {
                    let item = match item {
                        Value::String(_) => self.project.external(item, Place::Anywhere)?,
                        other => other,
                    };
                    match item {
                        Value::Array(items) => flat.extend(items),
                        one => flat.push(one),
                    }
                }
                flat
            }
            one => match self.project.external(one, Place::Anywhere)? {
                Value::Array(items) => items,
                one => vec![one],
            },
        };
        let mut all = Vec::new();
        for (at, scenario) in flat.iter().enumerate() {
            let place = format!("scenarios[{at}]");
            let configs = match scenario.get("config") {
                Some(Value::Array(configs)) => configs.clone(),
                _ => return Err(format!("{place} has no list `config`")),
            };
            let tests = match scenario.get("tests") {
                None | Some(Value::Null) => vec![Written {
                    test: Map::new(),
                    place: place.clone().into(),
                }],
                Some(tests) => {
                    let tests = match tests {
                        Value::String(_) => self.project.external(tests.clone(), Place::Anywhere)?,
                        other => other.clone(),
                    };
                    let mut written = Vec::new();
                    for source in sources(&tests, &self.project, &format!("{place}.tests"))? {
                        for test in source.tests(&self.project) {
                            written.push(test.map_err(|problem| problem.to_string())?);
                        }
                    }
                    written
                }
            };
            all.push(Scenario { configs, tests });
        }
        Ok(all)
    }

    fn hash(&self, sources: &[Source]) -> Result<ContentHash, String> {
        let mut text = ContentHash::of(self.text).to_string();
        for path in sources.iter().filter_map(Source::file) {
            let name = self.project.relative(path);
            let mut hasher = ContentHasher::default();
            each_line(path, |line| hasher.update(line)).map_err(|error| unreadable(&name, &error))?;
            text.push_str(&name);
            text.push_str(hasher.finish().as_str());
        }
        Ok(ContentHash::of(text))
    }

    /// Whether an option is in use by a test. A file is looked through for the words, as its tests are not read yet; a row of
    /// CSV cannot say them.
    fn any_test(
        &self,
        sources: &[Source],
        words: &[&[u8]],
        says: fn(&Map<String, Value>) -> bool,
    ) -> Result<bool, String> {
        let mut found = false;
        for source in sources {
            match source {
                Source::Inline(written) => found |= says(&written.test),
                Source::Csv(_) => {}
                Source::JsonLines { path, .. } | Source::Document(path) | Source::Table(path) => {
                    each_line(path, |line| {
                        found = found
                            || words
                                .iter()
                                .any(|word| line.windows(word.len()).any(|part| part == *word));
                    })
                    .map_err(|error| unreadable(&self.project.relative(path), &error))?;
                }
            }
        }
        Ok(found)
    }
}

/// Hooks may change every test before it runs and every verdict after, so with them no test means here what it means there.
fn hooks(extensions: Option<&Value>) -> Option<String> {
    let named: Vec<String> = match extensions? {
        Value::Array(items) => items.iter().map(document::text).collect(),
        other if document::truthy(other) => vec![document::text(other)],
        _ => Vec::new(),
    };
    (!named.is_empty()).then(|| {
        format!(
            "extension hooks, which may change any test (`extensions`: {})",
            named.join(", ")
        )
    })
}

fn stores_output(test: &Map<String, Value>) -> bool {
    let options = test.get("options");
    options.is_some_and(|options| options.get("storeOutputAs").is_some_and(document::truthy))
}

fn repeats(test: &Map<String, Value>) -> bool {
    let options = test.get("options");
    options.is_some_and(|options| options.get("repeat").is_some_and(|repeat| !repeat.is_null()))
}

/// Reads a file of tests line by line, as it may be larger than memory.
pub(super) fn each_line(path: &Path, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        each(&line);
        line.clear();
    }
    Ok(())
}

fn unreadable(name: &str, error: &io::Error) -> String {
    format!("`{name}` cannot be read: {error}")
}
