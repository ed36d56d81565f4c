//! Providers of models: where they are, where their keys lie, what they cost today.

use provider::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The dialect that a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProviderApi {
    /// OpenAI chat completions, and every compatible server.
    OpenaiChat,
    /// OpenAI responses.
    OpenaiResponses,
    /// Anthropic messages.
    Anthropic,
    /// Google Gemini.
    Gemini,
    /// Ollama's own API.
    Ollama,
}

/// Where a provider's key lies. The key itself is never told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum KeyPlace {
    /// It needs none.
    None,
    /// An environment variable.
    Environment {
        /// Name of the variable.
        name: String,
        /// Whether it is set for this process.
        set: bool,
    },
    /// The system's keychain.
    Keychain,
}

/// A configured provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ProviderRow {
    /// Its name, by which suites, ledger and keychain know it.
    pub name: String,
    /// Its dialect.
    pub api: ProviderApi,
    /// The dialect in words.
    pub api_label: String,
    /// Base address.
    pub base: String,
    /// Where the key lies.
    pub key: KeyPlace,
    /// Whether it runs on this machine, where nothing is charged.
    pub local: bool,
    /// The daily cap in US dollars as a decimal text; absent where there is none.
    pub cap_usd: Option<String>,
    /// What is spent today, beside the cap, in words.
    pub spent_text: String,
    /// The share of the cap that is spent, 0 to 1; absent where there is no cap.
    pub spent_share: Option<f64>,
}

/// What calls to an address that nobody configured have cost today.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct HostSpending {
    /// The host.
    pub host: String,
    /// What is spent today, beside the cap that holds for it, in words.
    pub spent_text: String,
}

/// A dialect that a person can choose, with what is usual for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApiChoice {
    /// The dialect.
    pub api: ProviderApi,
    /// In words.
    pub label: String,
    /// A name to begin with.
    pub name: String,
    /// The usual base address.
    pub base: String,
    /// The environment variable in which people keep the key; absent where none is needed.
    pub variable: Option<String>,
    /// Whether that variable is set for this process.
    pub variable_set: bool,
}

/// The providers' page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ProvidersView {
    /// The configured providers, by name.
    pub providers: Vec<ProviderRow>,
    /// What other hosts have cost today.
    pub hosts: Vec<HostSpending>,
    /// The dialects.
    pub apis: Vec<ApiChoice>,
    /// The cap that new live providers start with, in words.
    pub usual_cap: String,
}

/// A key as a person gives it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum KeyGiven {
    /// The server needs none.
    None,
    /// It is in an environment variable.
    Environment {
        /// Name of the variable.
        name: String,
    },
    /// It goes into, or lies in, the system's keychain.
    Keychain {
        /// The key as typed; absent where the one that lies there stays. It is kept in the keychain only.
        #[ts(type = "string | null")]
        typed: Option<Secret>,
    },
}

/// A provider to add, or to change.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SaveProviderRequest {
    /// Whether a new provider is meant. The name of one that is there cannot be changed.
    pub new: bool,
    /// Its name.
    pub name: String,
    /// Its dialect.
    pub api: ProviderApi,
    /// Base address.
    pub base: String,
    /// Where its key lies.
    pub key: KeyGiven,
}

/// A provider by its name.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProviderRequest {
    /// The name.
    pub name: String,
}

/// A daily cap to set.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CapRequest {
    /// The provider.
    pub name: String,
    /// US dollars a day as a decimal text; absent to take the cap off.
    pub limit_usd: Option<String>,
}

/// What became of a provider that was taken off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProviderRemoved {
    /// Why its key may still lie in the keychain; absent where none is left.
    pub key_left: Option<String>,
}

/// A provider that answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ProviderTest {
    /// The models that it offers.
    pub models: Vec<String>,
    /// Milliseconds from sending to the last byte.
    pub took_ms: f64,
    /// Both in a sentence.
    pub text: String,
}

/// A model server of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundServer {
    /// Its name.
    pub name: String,
    /// Its dialect.
    pub api: ProviderApi,
    /// Base address.
    pub base: String,
    /// The models that it offers.
    pub models: Vec<String>,
}

/// The model servers that were found on this machine and are not configured yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundServers {
    /// The servers.
    pub servers: Vec<FoundServer>,
}
