//! Providers: what answers a prompt, and what grades an answer.

mod answer;
mod call;
mod command;
mod http;
mod model;

pub use answer::Response;
pub(crate) use call::{Call, Caller};
pub(crate) use command::run as run_command;
pub use model::{CallError, Embedding, HttpReply, HttpRequest, ModelApi, ModelCall, ModelCalls, ModelReply};

use crate::{
    document,
    project::{Place, Project, is_javascript, split_function},
    template::Templates,
    test::names_one_of,
};
use harness::script::Export;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// A provider as it is configured.
#[derive(Clone, Debug)]
pub struct ProviderSpec {
    /// Id.
    pub id: String,
    /// Label, which stands for the id where it is written.
    pub label: Option<String>,
    /// What it is.
    pub kind: ProviderKind,
    /// Its `config`, with the environment filled in.
    pub config: Map<String, Value>,
    /// Transforms every output of it.
    pub transform: Option<String>,
    /// Labels or ids of the prompts that it gets; absent for all.
    pub prompts: Option<Vec<String>>,
    /// Environment variables of its own.
    pub environment: Map<String, Value>,
}

/// What a provider is.
#[derive(Clone, Debug)]
pub enum ProviderKind {
    /// Answers with the prompt.
    Echo,
    /// A chat model.
    Model {
        /// The dialect of its API.
        api: ModelApi,
        /// Name of the model.
        model: String,
    },
    /// A model that makes vectors.
    Embedding {
        /// The dialect of its API.
        api: ModelApi,
        /// Name of the model.
        model: String,
    },
    /// An HTTP service.
    Http {
        /// Its address, a template.
        url: String,
    },
    /// A program with its arguments.
    Command(Vec<String>),
    /// A Python file and the function in it.
    Python {
        /// The file.
        path: PathBuf,
        /// The function; `call_api` where none is written.
        function: Option<String>,
    },
    /// A JavaScript class with `callApi`.
    JavaScript(Export),
    /// Does not run here: why.
    Unsupported(String),
}

impl ProviderSpec {
    /// Reads a provider: an id, a mapping with an id, or `{ id: { … } }`. Relative paths begin in the project's folder.
    pub(crate) fn read(
        written: &Value,
        project: &Project,
        environment: &Map<String, Value>,
    ) -> Result<Self, String> {
        let named = written
            .as_str()
            .or_else(|| written.get("id").and_then(Value::as_str));
        if let Some(file) = named.filter(|text| is_provider_file(text)) {
            return Self::read_file(file, written, project, environment);
        }
        let empty = Map::new();
        let (path, fields) = match written {
            Value::String(id) if !id.is_empty() => (id.as_str(), &empty),
            Value::Object(fields) => match fields.get("id").and_then(Value::as_str) {
                Some(id) if !id.is_empty() => (id, fields),
                _ => match fields.iter().next() {
                    Some((id, Value::Object(inner))) if fields.len() == 1 => (id.as_str(), inner),
                    _ => return Err(format!("a provider has no id: `{written}`")),
                },
            },
            other => return Err(format!("a provider is an id or a mapping, not `{other}`")),
        };
        let mut variables = environment.clone();
        let own = fields
            .get("env")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        variables.extend(own.clone());
        let filled = |value: &Value| {
            Templates::render_environment(value, &variables)
                .map_err(|error| format!("the provider `{path}` cannot be read: {error}"))
        };
        let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::to_owned);
        let path = document::text(&filled(&json!(path))?);
        let config = match filled(&fields.get("config").cloned().unwrap_or_else(|| json!({})))? {
            Value::Object(config) => config,
            _ => Map::new(),
        };
        let label = text("label").map(|label| filled(&json!(label))).transpose()?;
        Ok(Self {
            kind: kind(&path, &config, project)?,
            id: text("id").map_or(Ok(path), |id| filled(&json!(id)).map(|id| document::text(&id)))?,
            label: label
                .map(|label| document::text(&label))
                .filter(|label| !label.is_empty()),
            config,
            transform: text("transform").filter(|code| !code.is_empty()),
            prompts: fields.get("prompts").and_then(Value::as_array).map(|names| {
                names
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect()
            }),
            environment: own,
        })
    }

    /// Reads a provider from a file of its own, below what is written beside the reference.
    fn read_file(
        file: &str,
        written: &Value,
        project: &Project,
        environment: &Map<String, Value>,
    ) -> Result<Self, String> {
        let loaded = project.external(project.parsed(&project.resolve(file)?)?, Place::Anywhere)?;
        let Value::Object(mut fields) = loaded else {
            return Err(format!("`{file}` holds no single provider"));
        };
        let id = fields.get("id").and_then(Value::as_str).unwrap_or("");
        if id.is_empty() || is_provider_file(id) {
            return Err(format!("the provider in `{file}` needs an `id` that is no file"));
        }
        for (key, value) in written
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(key, _)| *key != "id")
        {
            fields.insert(key.clone(), value.clone());
        }
        Self::read(&Value::Object(fields), project, environment)
    }

    /// The label, or the id.
    pub fn name(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.id)
    }

    /// Whether a reference in `providers:` of a test means this provider.
    pub(crate) fn is_meant(&self, references: Option<&[String]>) -> bool {
        names_one_of(references, [self.label.as_deref(), Some(self.id.as_str())])
    }
}

/// Whether a reference names a file of providers.
pub(crate) fn is_provider_file(reference: &str) -> bool {
    reference.starts_with("file://")
        && [".yaml", ".yml", ".json"]
            .iter()
            .any(|end| reference.ends_with(end))
}

fn kind(path: &str, config: &Map<String, Value>, project: &Project) -> Result<ProviderKind, String> {
    if path == "echo" {
        return Ok(ProviderKind::Echo);
    }
    if matches!(path, "http" | "https") || path.starts_with("http:") || path.starts_with("https:") {
        let url = config.get("url").and_then(Value::as_str).unwrap_or(path);
        let has = |key: &str| config.get(key).is_some_and(document::truthy);
        if !has("request") && !has("body") && !has("multipart") && config.get("method") != Some(&json!("GET"))
        {
            return Err(format!(
                "the http provider `{url}` needs a `body`, a `request`, or `method: GET`"
            ));
        }
        return Ok(ProviderKind::Http { url: url.to_owned() });
    }
    if let Some(command) = path.strip_prefix("exec:") {
        return command_words(command, project).map(ProviderKind::Command);
    }
    let (file, function) = split_function(path.strip_prefix("python:").unwrap_or(path));
    if file.ends_with(".py") && (path.starts_with("python:") || path.starts_with("file://")) {
        return Ok(ProviderKind::Python {
            path: project.resolve(file)?,
            function: function.map(str::to_owned),
        });
    }
    if is_javascript(path) {
        return Ok(match project.export(path) {
            Ok(export) => ProviderKind::JavaScript(export),
            Err(why) => ProviderKind::Unsupported(why),
        });
    }
    Ok(model(path).unwrap_or_else(|| ProviderKind::Unsupported(format!("the provider `{path}`"))))
}

fn model(path: &str) -> Option<ProviderKind> {
    let (vendor, rest) = path.split_once(':')?;
    let api = match vendor {
        "openai" => ModelApi::OpenAiChat,
        "anthropic" => ModelApi::Anthropic,
        "google" => ModelApi::Gemini,
        "ollama" => ModelApi::Ollama,
        _ => return None,
    };
    let (kind, named) = rest.split_once(':').unwrap_or((rest, ""));
    let chat = |api: ModelApi, model: &str| {
        Some(ProviderKind::Model {
            api,
            model: model.to_owned(),
        })
    };
    match (vendor, kind) {
        (_, "embedding" | "embeddings") if vendor != "anthropic" && !named.is_empty() => {
            Some(ProviderKind::Embedding {
                api,
                model: named.to_owned(),
            })
        }
        ("openai", "chat") | ("anthropic", "messages") | ("ollama", "chat") if !named.is_empty() => {
            chat(api, named)
        }
        ("openai", "responses") if !named.is_empty() => chat(ModelApi::OpenAiResponses, named),
        (
            "openai",
            "moderation" | "realtime" | "image" | "assistant" | "agents" | "chatkit" | "transcription"
            | "completion" | "video" | "speech" | "codex" | "codex-sdk" | "codex-app-server"
            | "codex-desktop",
        )
        | ("google", "live" | "image" | "video")
        | ("anthropic", "completion" | "claude-agent-sdk" | "claude-code") => None,
        // A local model's name may hold a colon: `ollama:llama3:8b`.
        _ => chat(api, rest),
    }
}

/// The words of a command line after `exec:`. A program that is named by a relative path lies in the project's folder.
pub(crate) fn command_words(command: &str, project: &Project) -> Result<Vec<String>, String> {
    let mut words = words(command);
    let Some(program) = words.first_mut() else {
        return Err("`exec:` names no program".into());
    };
    if program.contains('/') && !program.starts_with('/') {
        *program = project.resolve(program)?.to_string_lossy().into_owned();
    }
    Ok(words)
}

/// The words of a command line; a word in single or double quotes may hold spaces.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = command.trim_start();
    while let Some(first) = rest.chars().next() {
        if matches!(first, '"' | '\'')
            && let Some((word, after)) = rest[1..].split_once(first)
        {
            // An empty pair of quotes stays as it is written.
            words.push(if word.is_empty() {
                format!("{first}{first}")
            } else {
                word.to_owned()
            });
            rest = after;
        } else {
            let skip = usize::from(matches!(first, '"' | '\''));
            let tail = &rest[skip..];
            let end = tail
                .find(|character: char| character.is_whitespace() || "\"'".contains(character))
                .unwrap_or(tail.len());
            if end > 0 {
                words.push(tail[..end].to_owned());
            }
            rest = &tail[end..];
        }
        rest = rest.trim_start();
    }
    words
}
