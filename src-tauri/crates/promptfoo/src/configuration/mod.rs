//! Reading a configuration: the file, its references, its environment, and what becomes of it.

mod build;
mod reference;
mod ruler;

pub(crate) use reference::dereference;

use crate::{
    document,
    evaluate::Evaluation,
    problem::{ConfigurationErrors, Problem, Unsupported, stray_key, whole_file},
    project::{Project, extension, read_text},
    prompt::{Prompt, is_meant},
    provider::ProviderSpec,
    support,
    template::Templates,
    test::{Cases, Expansion, Source},
};
use build::Builder;
use evidence::ContentHash;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, path::Path, sync::Arc};

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
    /// How often each test runs that says nothing of its own.
    pub repeat: u32,
    /// Whether tests say themselves how often they run. Then every repeat is a case of its own.
    pub own_repeats: bool,
    /// Calls in flight at once, as the configuration has it; 4 where it says nothing.
    pub max_concurrency: u32,
    /// Whether tests must run one after another, since a test reads what an earlier one said.
    pub serial: bool,
    /// Content of the configuration and of its files of tests.
    pub hash: ContentHash,
    /// Content of that and of the files that its tests grade with: scripts, schemas, rubrics.
    pub grading: ContentHash,
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
        warnings.push(whole_file(&path, stray_key("", key, &KNOWN_KEYS)));
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
