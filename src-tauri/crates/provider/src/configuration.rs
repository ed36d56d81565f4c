//! How a person configures a provider, and whether it answers.

use crate::api::ApiKind;
use crate::call::CallFailure;
use crate::caller::Caller;
use crate::endpoint::Endpoint;
use crate::http::{ClientOptions, HttpClient};
use crate::key::{KeyError, KeySource};
use crate::retry::RetryPolicy;
use crate::spending::SpendingCap;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A provider as a person configures it. It holds where the key lies and never the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderConfiguration {
    /// The person's name for it; the ledger and the keychain know it by this name.
    pub name: String,
    /// The dialect.
    pub api: ApiKind,
    /// Base address.
    pub base: String,
    /// Where the key lies; none for servers that need no key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeySource>,
    /// The most that a day may cost; none where nothing costs anything, or where the person has taken it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<SpendingCap>,
}

impl ApiKind {
    /// The address of the company that the dialect comes from, or of the local server.
    #[must_use]
    pub fn default_base(self) -> &'static str {
        match self {
            Self::OpenAiChat | Self::OpenAiResponses => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com",
            Self::Gemini => "https://generativelanguage.googleapis.com/v1beta",
            Self::Ollama => "http://localhost:11434",
        }
    }

    /// The environment variables in which people keep the key, the usual one first.
    #[must_use]
    pub fn key_variables(self) -> &'static [&'static str] {
        match self {
            Self::OpenAiChat | Self::OpenAiResponses => &["OPENAI_API_KEY"],
            Self::Anthropic => &["ANTHROPIC_API_KEY"],
            Self::Gemini => &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
            Self::Ollama => &[],
        }
    }
}

impl ProviderConfiguration {
    /// The usual configuration of an API: its own address, the variable that is set, and the cap that new live providers
    /// start with. `is_set` says whether an environment variable is set.
    #[must_use]
    pub fn usual(name: impl Into<String>, api: ApiKind, is_set: impl Fn(&str) -> bool) -> Self {
        let variables = api.key_variables();
        let variable = variables
            .iter()
            .find(|name| is_set(name))
            .or_else(|| variables.first());
        Self {
            name: name.into(),
            api,
            base: api.default_base().to_owned(),
            key: variable.map(|name| KeySource::Environment((*name).to_owned())),
            cap: variable.map(|_| SpendingCap::default()),
        }
    }

    /// The endpoint, with the key read. It may block: see [`KeySource::read`].
    pub fn endpoint(&self) -> Result<Endpoint, KeyError> {
        let key = self.key.as_ref().map(KeySource::read).transpose()?;
        Ok(Endpoint::new(self.api, self.base.clone(), key))
    }
}

/// What a provider said when it was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionReport {
    /// The models that it offers.
    pub models: Vec<String>,
    /// From sending to the last byte.
    pub took: Duration,
}

/// Tries a provider by one call that costs nothing: the list of its models.
pub async fn test_connection(endpoint: &Endpoint) -> Result<ConnectionReport, CallFailure> {
    let http = HttpClient::new(ClientOptions {
        timeout: Duration::from_secs(10),
        ..ClientOptions::default()
    })
    .map_err(|error| CallFailure::unanswered(&error, &endpoint.base))?;
    let call = Caller::new(http, RetryPolicy::never()).models(endpoint).await?;
    Ok(ConnectionReport {
        models: call.answer,
        took: call.exchange.total,
    })
}

/// A server for models that may run on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalServer {
    /// Its name.
    pub name: &'static str,
    /// The dialect to speak to it.
    pub api: ApiKind,
    /// The port that it takes unless it is told otherwise.
    pub port: u16,
}

/// The servers that are looked for.
pub const LOCAL_SERVERS: [LocalServer; 4] = [
    LocalServer {
        name: "Ollama",
        api: ApiKind::Ollama,
        port: 11434,
    },
    LocalServer {
        name: "LM Studio",
        api: ApiKind::OpenAiChat,
        port: 1234,
    },
    LocalServer {
        name: "llama.cpp",
        api: ApiKind::OpenAiChat,
        port: 8080,
    },
    LocalServer {
        name: "vLLM",
        api: ApiKind::OpenAiChat,
        port: 8000,
    },
];

/// How long a local server may take to answer.
const LOCAL_LIMIT: Duration = Duration::from_millis(300);

/// A local server that answered, ready to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// The configuration; nothing local costs anything, so it has neither key nor cap.
    pub configuration: ProviderConfiguration,
    /// The models that it offers.
    pub models: Vec<String>,
}

/// Finds the model servers of this machine on their usual ports, in 300 ms at most.
pub async fn discover_local() -> Vec<Discovered> {
    discover(&LOCAL_SERVERS).await
}

/// Finds these servers on this machine, all at once. What answers something else than a list of models is left out.
pub async fn discover(servers: &[LocalServer]) -> Vec<Discovered> {
    let Ok(http) = HttpClient::new(ClientOptions {
        timeout: LOCAL_LIMIT,
        body_limit: 1024 * 1024,
    }) else {
        return Vec::new();
    };
    let caller = Caller::new(http, RetryPolicy::never());
    let tries = servers.iter().map(|server| {
        let caller = &caller;
        async move {
            let path = if server.api == ApiKind::Ollama { "" } else { "/v1" };
            let base = format!("http://127.0.0.1:{}{path}", server.port);
            let endpoint = Endpoint::new(server.api, base.clone(), None);
            let call = caller.models(&endpoint).await.ok()?;
            Some(Discovered {
                configuration: ProviderConfiguration {
                    name: server.name.to_owned(),
                    api: server.api,
                    base,
                    key: None,
                    cap: None,
                },
                models: call.answer,
            })
        }
    });
    futures::future::join_all(tries)
        .await
        .into_iter()
        .flatten()
        .collect()
}
