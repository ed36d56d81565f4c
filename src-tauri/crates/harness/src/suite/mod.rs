//! The suite: what is asked of a target, how answers are graded, and what a release must reach.
//!
//! The format is described for people in `docs/suite-format.md` and for editors in `docs/suite.schema.json`,
//! which is generated from [`file::SuiteFile`].

pub mod file;
mod problem;
mod quantity;
mod read;
mod read_target;

pub(crate) use read::yaml_message;

pub use problem::{Problem, SuiteError};
pub use quantity::{Kind, Quantity, parse_duration};

use crate::grader::Grader;
use evidence::{ContentHash, Threshold};
use file::{CommandFile, ModelApiFile, ProviderFile, RequestFile, ResponseFile, ServiceFile};
use provider::ProviderConfiguration;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// A suite that was read and found to make sense.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The file it was read from.
    pub path: PathBuf,
    /// The folder that holds the file: the project.
    pub folder: PathBuf,
    /// Content of the suite file.
    pub hash: ContentHash,
    /// Content of the graders section alone: two runs with another one were measured with another ruler.
    pub grading: ContentHash,
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The dataset file.
    pub dataset: PathBuf,
    /// What is measured: one target, or several side by side.
    pub targets: Vec<TargetSpec>,
    /// How often each case is run.
    pub repeat: u32,
    /// Calls in flight at once.
    pub concurrency: u32,
    /// Longest time for one answer.
    pub timeout: Duration,
    /// How often a failed call is made again; absent for what suits the target.
    pub retries: Option<u32>,
    /// Models that graders ask, by name.
    pub providers: BTreeMap<String, ProviderFile>,
    /// Graders in order.
    pub graders: Vec<Grader>,
    /// Release metrics in order.
    pub thresholds: Vec<Threshold>,
}

/// What is measured.
#[derive(Clone, Debug)]
pub struct TargetSpec {
    /// Name for people.
    pub name: String,
    /// Content of everything below: two runs with another one asked something else, or asked otherwise.
    pub configuration: ContentHash,
    /// Content of the prompt, where the target is a model API.
    pub prompt: Option<ContentHash>,
    /// What it is.
    pub kind: TargetKind,
}

/// What a target is.
#[derive(Clone, Debug)]
pub enum TargetKind {
    /// A service over HTTP.
    Service(ServiceSpec),
    /// A model API, asked directly.
    ModelApi(ModelApiFile),
    /// A program, started once for each case.
    Command(CommandSpec),
    /// The case itself, filled into a text.
    Echo(String),
    /// A target of another tool's configuration, by its number there; whoever read the configuration asks it.
    Imported(usize),
}

/// A service over HTTP.
#[derive(Clone, Debug)]
pub struct ServiceSpec {
    /// Which model the service is told to use.
    pub model: ModelSource,
    /// How the service is started and found.
    pub service: ServiceSource,
    /// How a case becomes a request.
    pub request: RequestFile,
    /// Where in the response things are.
    pub response: ResponseFile,
}

/// A program, started once for each case.
#[derive(Clone, Debug)]
pub struct CommandSpec {
    /// Which model the program is told to use.
    pub model: ModelSource,
    /// How it is started.
    pub command: CommandFile,
}

impl TargetSpec {
    /// Whether a built-in practice model is meant.
    pub fn is_practice(&self) -> bool {
        match &self.kind {
            TargetKind::Service(service) => service.model == ModelSource::Practice,
            TargetKind::Command(command) => command.model == ModelSource::Practice,
            TargetKind::ModelApi(api) => api.base.as_deref() == Some(PRACTICE),
            TargetKind::Echo(_) | TargetKind::Imported(_) => false,
        }
    }

    /// The command that a run starts, as one would type it; absent where nothing is started.
    pub fn command(&self) -> Option<String> {
        match &self.kind {
            TargetKind::Service(ServiceSpec {
                service: ServiceSource::Managed(service),
                ..
            }) => Some(service.command.join(" ")),
            TargetKind::Command(command) => Some(command.command.run.join(" ")),
            _ => None,
        }
    }

    /// The address that requests go to where that is not this machine.
    pub fn leaves_the_machine(&self) -> Option<String> {
        let address = match &self.kind {
            TargetKind::Service(ServiceSpec {
                service: ServiceSource::Running(url),
                ..
            }) => url.clone(),
            TargetKind::ModelApi(api) => match api.base.as_deref() {
                Some(PRACTICE) => return None,
                Some(base) => base.to_owned(),
                None => api.api?.dialect().default_base().to_owned(),
            },
            _ => return None,
        };
        (!provider::is_loopback(&address)).then_some(address)
    }

    /// Retries where the suite says nothing: a provider's hiccup is no result, a service's own failure is one.
    pub fn usual_retries(&self) -> u32 {
        match self.kind {
            TargetKind::ModelApi(_) => 2,
            _ => 0,
        }
    }
}

/// The word that stands for the built-in practice models.
pub const PRACTICE: &str = "practice";

/// The built-in practice models.
pub const PRACTICE_MODELS: [&str; 2] = ["practice-small", "practice-large"];

/// Which model the service under test is told to use, through `{model_url}` in its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// The service needs none from here.
    Own,
    /// The built-in practice model, started for the run.
    Practice,
    /// An OpenAI-compatible server at this base address.
    Url(String),
}

/// How the service is started and found.
#[derive(Clone, Debug)]
pub enum ServiceSource {
    /// Started, awaited and stopped by the harness.
    Managed(ServiceFile),
    /// Already running at this address.
    Running(String),
}

impl Suite {
    /// Reads a suite file, or the default suite of a project folder (see [`find`]).
    pub fn load(path: &Path) -> Result<Self, SuiteError> {
        read::load(path, &[])
    }

    /// Reads a suite that may name these providers instead of writing API, address and key itself.
    pub fn load_with(path: &Path, configured: &[ProviderConfiguration]) -> Result<Self, SuiteError> {
        read::load(path, configured)
    }

    /// The providers of Settings that targets and graders name, each once.
    pub fn named_providers(&self) -> Vec<&str> {
        let targets = self.targets.iter().filter_map(|target| match &target.kind {
            TargetKind::ModelApi(api) => api.provider.as_ref(),
            _ => None,
        });
        let graders = self
            .providers
            .values()
            .filter_map(|provider| provider.provider.as_ref());
        let mut names: Vec<&str> = targets.chain(graders).map(|name| name.value.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Reads a suite of a text that is meant for this file; what it names is looked for beside the file.
    pub fn check_text(
        path: &Path,
        text: &str,
        configured: &[ProviderConfiguration],
    ) -> Result<Self, SuiteError> {
        read::check_text(path, text, configured)
    }

    /// The target of this name.
    pub fn target(&self, name: &str) -> Option<&TargetSpec> {
        self.targets.iter().find(|target| target.name == name)
    }

    /// Whether a built-in practice model answers or judges.
    pub fn uses_practice(&self, target: &TargetSpec) -> bool {
        target.is_practice() || self.is_judged_by_practice()
    }

    /// Whether a built-in practice model judges.
    pub fn is_judged_by_practice(&self) -> bool {
        let practice = |name: &str| match self.providers.get(name) {
            Some(provider) => provider.base.as_deref() == Some(PRACTICE),
            None => PRACTICE_MODELS.contains(&name),
        };
        self.graders.iter().flat_map(Grader::providers).any(practice)
    }

    /// Every command that a run of all targets starts, as one would type it.
    pub fn commands(&self) -> Vec<String> {
        let scripts = self
            .graders
            .iter()
            .filter(|grader| grader.runs_program())
            .map(|grader| format!("the script of the grader {}", grader.name));
        self.targets
            .iter()
            .filter_map(TargetSpec::command)
            .chain(scripts)
            .collect()
    }
}

/// Names of the default suite of a project folder, in the order in which they are looked for.
pub const DEFAULT_SUITES: [&str; 4] = [
    "suite.yaml",
    "suite.yml",
    "playbook.suite.yaml",
    "evals/suite.yaml",
];

/// Names of promptfoo's configurations in a project folder, which run as suites.
pub const PROMPTFOO_CONFIGURATIONS: [&str; 3] = [
    "promptfooconfig.yaml",
    "promptfooconfig.yml",
    "promptfooconfig.json",
];

/// Every suite file of a project folder, the default one first.
pub fn find(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = DEFAULT_SUITES
        .iter()
        .chain(&PROMPTFOO_CONFIGURATIONS)
        .map(|name| folder.join(name))
        .filter(|path| path.is_file())
        .collect();
    for place in [folder.to_path_buf(), folder.join("evals")] {
        let Ok(entries) = std::fs::read_dir(place) else {
            continue;
        };
        let mut more: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                path.file_name()
                    .and_then(|name| name.to_str())
                    .is_some_and(|name| name.ends_with(".suite.yaml") || name.ends_with(".suite.yml"))
            })
            .filter(|path| !found.contains(path))
            .collect();
        more.sort();
        found.extend(more);
    }
    found
}
