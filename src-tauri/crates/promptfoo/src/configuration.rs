//! Reading a configuration: the file, its references, its environment, and what becomes of it.

use crate::{
    document,
    evaluate::Evaluation,
    problem::{ConfigurationErrors, Problem, Unsupported, whole_file},
    project::{Place, Project, extension, read_text},
    prompt::{Prompt, is_meant, prompts},
    provider::{ProviderKind, ProviderSpec, is_provider_file},
    support,
    template::Templates,
    test::{Cases, Expansion, Scenario, Source, Written, scenario_tests, sources},
};
use evidence::ContentHash;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What the configuration may see of the world.
pub trait Environment: Send + Sync {
    /// Environment variables, which templates read as `env`.
    fn variables(&self) -> BTreeMap<String, String>;
}

/// The environment of this process.
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn variables(&self) -> BTreeMap<String, String> {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }
}

/// One provider with one prompt: a column of promptfoo's table.
#[derive(Clone, Debug)]
pub struct TargetSpec {
    /// Its number, from 0.
    pub prompt_index: usize,
    /// The provider.
    pub provider: Arc<ProviderSpec>,
    /// The prompt.
    pub prompt: Arc<Prompt>,
}

/// A configuration that was read and can be run.
#[derive(Clone)]
pub struct Loaded {
    /// Description.
    pub description: Option<String>,
    /// Every provider with each of its prompts.
    pub targets: Vec<TargetSpec>,
    /// What does not run here, known before anything runs. [`Loaded::check`] looks at the tests as well.
    pub unsupported: Vec<Unsupported>,
    /// What was ignored, or means something else than it seems to.
    pub warnings: Vec<Problem>,
    /// How often each test runs.
    pub repeat: u32,
    /// Calls in flight at once, as the configuration has it; 4 where it says nothing.
    pub max_concurrency: u32,
    /// Whether tests must run one after another, since a test reads what an earlier one said.
    pub serial: bool,
    /// Content of the configuration and of its files of tests.
    pub hash: ContentHash,
    /// What runs a test of it.
    pub evaluation: Arc<Evaluation>,
    sources: Vec<Source>,
    expansion: Expansion,
}

impl Loaded {
    /// The cases in order. Files of rows are read as the iterator advances and are never held.
    pub fn cases(&self) -> Cases {
        Cases::new(self.expansion.clone(), self.sources.clone())
    }

    /// Whether a target takes part in a case, which may name the prompts and providers that it is for.
    pub fn applies(&self, target: &TargetSpec, case: &crate::TestCase) -> bool {
        target.provider.is_meant(case.providers.as_deref())
            && is_meant(&target.prompt, case.prompts.as_deref())
    }

    /// Reads every test and says what does not run here, each thing once with the first place of it.
    pub fn check(&self) -> Result<Vec<Unsupported>, ConfigurationErrors> {
        let mut all = self.unsupported.clone();
        let mut problems = Vec::new();
        for case in self.cases() {
            match case {
                Ok(case) => {
                    for found in support::unsupported(&case) {
                        if !all.iter().any(|known| known.what == found.what) {
                            all.push(found);
                        }
                    }
                }
                // One bad row tells more than a thousand.
                Err(problem) if problems.len() < 100 => problems.push(problem),
                Err(_) => {}
            }
        }
        if problems.is_empty() {
            Ok(all)
        } else {
            Err(ConfigurationErrors { problems })
        }
    }
}

/// Keys that a configuration may have. Others are ignored with a warning, as they are in promptfoo.
const KNOWN_KEYS: [&str; 24] = [
    "description",
    "tags",
    "prompts",
    "providers",
    "targets",
    "tests",
    "scenarios",
    "defaultTest",
    "assertionTemplates",
    "derivedMetrics",
    "nunjucksFilters",
    "env",
    "extensions",
    "evaluateOptions",
    "commandLineOptions",
    "outputPath",
    "sharing",
    "tracing",
    "redteam",
    "metadata",
    "outputs",
    "$schema",
    "options",
    "version",
];

/// Reads a configuration: `promptfooconfig.yaml`, `.yml` or `.json`.
pub fn load(path: &Path, environment: &dyn Environment) -> Result<Loaded, ConfigurationErrors> {
    let (project, path) = Project::of(path)?;
    let fault = |message: String| ConfigurationErrors::from(whole_file(&path, message));
    let text = read_text(&path).map_err(fault)?;
    let mut warnings = Vec::new();
    let read = match extension(&path) {
        "yaml" | "yml" | "json" => document::yaml(&path, &text, &mut warnings)?,
        other => {
            return Err(fault(format!(
                "a configuration in `.{other}` is not supported; write it as YAML"
            )));
        }
    };
    let Some(Value::Object(_)) = read else {
        return Err(fault(
            "expected a mapping with `providers`, `prompts` and `tests`".into(),
        ));
    };
    let read = dereference(read.unwrap_or_default(), &path, &project).map_err(fault)?;
    let variables = environment.variables();
    let process: Map<String, Value> = variables
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    // First the configuration's own variables, by the process's; then everything by both.
    let script =
        |error: harness::script::ScriptError| fault(format!("its environment cannot be filled in: {error}"));
    let own = read.get("env").cloned().unwrap_or_else(|| json!({}));
    let own = Templates::render_environment(&own, &process).map_err(script)?;
    let mut env = process;
    env.extend(own.as_object().cloned().unwrap_or_default());
    let rendered = Templates::render_environment(&read, &env).map_err(script)?;
    let Value::Object(config) = rendered else {
        return Err(fault("expected a mapping".into()));
    };
    for key in config.keys().filter(|key| !KNOWN_KEYS.contains(&key.as_str())) {
        warnings.push(whole_file(
            &path,
            format!("the key `{key}` is not known and is ignored"),
        ));
    }
    Builder {
        project,
        path: &path,
        text: &text,
        config,
        env,
        variables,
        warnings,
        unsupported: Vec::new(),
    }
    .build()
    .map_err(fault)
}

struct Builder<'a> {
    project: Project,
    path: &'a Path,
    text: &'a str,
    config: Map<String, Value>,
    env: Map<String, Value>,
    variables: BTreeMap<String, String>,
    warnings: Vec<Problem>,
    unsupported: Vec<Unsupported>,
}

impl Builder<'_> {
    fn build(mut self) -> Result<Loaded, String> {
        let providers = self.providers()?;
        let prompts: Vec<Arc<Prompt>> = prompts(self.config.get("prompts"), &self.project)?
            .into_iter()
            .map(Arc::new)
            .collect();
        let default_test = self.default_test()?;
        let filters = self.filters()?;
        for (key, what) in [
            ("extensions", "extension hooks"),
            ("redteam", "red teaming"),
            ("tracing", "tracing"),
        ] {
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
        let options = self.config.get("evaluateOptions");
        let option = |key: &str| {
            let number = options?.get(key)?.as_u64().filter(|number| *number > 0)?;
            u32::try_from(number).ok()
        };
        let repeat = option("repeat").unwrap_or(1);
        let max_concurrency = option("maxConcurrency").unwrap_or(4);
        let sources = self.sources(&default_test)?;
        let hash = self.hash(&sources);
        let expansion = Expansion {
            project: self.project.clone(),
            default_test,
            repeat,
        };
        // Conversations and stored outputs make a test depend on the ones before it.
        let serial = prompts.iter().any(|prompt| prompt.raw.contains("_conversation"))
            || self.text.contains("storeOutputAs");
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
            max_concurrency: if serial { 1 } else { max_concurrency },
            serial,
            hash,
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

    fn hash(&self, sources: &[Source]) -> ContentHash {
        let mut text = ContentHash::of(self.text).to_string();
        for source in sources {
            if let Some(path) = source.file() {
                text.push_str(&self.project.relative(path));
                text.push_str(ContentHash::of(std::fs::read(path).unwrap_or_default()).as_str());
            }
        }
        ContentHash::of(text)
    }
}

/// Puts what `$ref` names in its place: `#/assertionTemplates/NAME` and `FILE#/…` in the folder.
pub(crate) fn dereference(document: Value, path: &Path, project: &Project) -> Result<Value, String> {
    let mut budget = 1_000_000;
    References {
        project,
        documents: BTreeMap::from([(path.to_path_buf(), document.clone())]),
        budget: &mut budget,
    }
    .resolve(document, path, &mut Vec::new())
}

struct References<'a> {
    project: &'a Project,
    documents: BTreeMap<PathBuf, Value>,
    budget: &'a mut usize,
}

impl References<'_> {
    fn resolve(
        &mut self,
        value: Value,
        path: &Path,
        open: &mut Vec<(PathBuf, String)>,
    ) -> Result<Value, String> {
        *self.budget = self
            .budget
            .checked_sub(1)
            .ok_or("its `$ref`s write out to too many values")?;
        match value {
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.resolve(item, path, open))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            Value::Object(mut entries) => {
                let Some(Value::String(reference)) = entries.get("$ref").cloned() else {
                    let mut resolved = Map::new();
                    for (key, value) in entries {
                        let value = self.resolve(value, path, open)?;
                        resolved.insert(key, value);
                    }
                    return Ok(Value::Object(resolved));
                };
                entries.remove("$ref");
                let (file, pointer) = reference.split_once('#').unwrap_or((&reference, ""));
                let target_path = match file {
                    "" => path.to_path_buf(),
                    file => self.project.resolve(file)?,
                };
                let key = (target_path.clone(), pointer.to_owned());
                if open.contains(&key) {
                    return Err(format!("`$ref: {reference}` leads back to itself"));
                }
                if !self.documents.contains_key(&target_path) {
                    let read = self.project.parsed(&target_path)?;
                    self.documents.insert(target_path.clone(), read);
                }
                let target = self
                    .documents
                    .get(&target_path)
                    .and_then(|document| document.pointer(pointer))
                    .cloned()
                    .ok_or_else(|| format!("`$ref: {reference}` names nothing"))?;
                open.push(key);
                let mut target = self.resolve(target, &target_path, open)?;
                open.pop();
                if let Value::Object(target) = &mut target {
                    for (key, value) in entries {
                        let value = self.resolve(value, path, open)?;
                        target.insert(key, value);
                    }
                }
                Ok(target)
            }
            other => Ok(other),
        }
    }
}
