//! Keys of providers: where they lie, and a wrapper that cannot be printed.

use crate::exchange::REDACTED;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A text that never shows itself: not in `Debug`, not when serialized.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text; spaces and line ends around it, which come with pasting, are dropped.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The text itself, for the header that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it can stand in a header: not empty, and visible ASCII only.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// A text without this secret in it; servers like to quote the key that they refuse.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        if self.0.is_empty() {
            text.to_owned()
        } else {
            text.replace(&self.0, REDACTED)
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

/// Read from what a person typed; a text that is none is refused without being quoted.
impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        match value {
            serde_json::Value::String(text) => Ok(Self::new(&text)),
            _ => Err(serde::de::Error::custom("a key is a text")),
        }
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

/// Where a key lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// An environment variable of this name.
    Environment(String),
    /// The system's keychain: Secret Service, macOS Keychain, Windows Credential Manager.
    Keychain {
        /// Name of the program that the entry belongs to.
        service: String,
        /// Name of the entry.
        account: String,
    },
}

/// A key that could not be read or kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The variable is not set.
    #[error("the environment variable {name} is not set; set it to the key and start again")]
    NotSet {
        /// Name of the variable.
        name: String,
    },
    /// The keychain has no such entry.
    #[error(
        "the keychain has no entry `{account}` of `{service}`; enter the key in Settings, or name an environment variable that holds it"
    )]
    NoEntry {
        /// Name of the program that the entry belongs to.
        service: String,
        /// Name of the entry.
        account: String,
    },
    /// No keychain answers on this machine.
    #[error(
        "no keychain answers on this machine ({cause}); set an environment variable to the key and name it as the provider's key"
    )]
    NoKeychain {
        /// In the words of the system.
        cause: String,
    },
    /// The key is empty or cannot stand in a header.
    #[error("the key from {place} is empty or holds characters that no key holds; enter it again")]
    Unusable {
        /// The variable or the entry.
        place: String,
    },
}

/// The service name under which this app keeps its keys.
pub const KEYCHAIN_SERVICE: &str = "transition-playbook";

impl KeySource {
    /// The place in this app's keychain entry for a provider.
    #[must_use]
    pub fn keychain(provider: &str) -> Self {
        Self::Keychain {
            service: KEYCHAIN_SERVICE.to_owned(),
            account: provider.to_owned(),
        }
    }

    /// Reads the key. Asks the keychain where it lies there, which may block and may open a window of the system; call it
    /// outside of async code (`spawn_blocking`).
    pub fn read(&self) -> Result<Secret, KeyError> {
        self.read_with(|name| std::env::var(name).ok())
    }

    /// Reads the key; `environment` looks variables up.
    pub fn read_with(&self, environment: impl Fn(&str) -> Option<String>) -> Result<Secret, KeyError> {
        let (text, place) = match self {
            Self::Environment(name) => {
                let text = environment(name).filter(|text| !text.trim().is_empty());
                let text = text.ok_or_else(|| KeyError::NotSet { name: name.clone() })?;
                (text, name.clone())
            }
            Self::Keychain { service, account } => {
                let text = entry(service, account)
                    .and_then(|entry| entry.get_password())
                    .map_err(|error| refusal(&error, service, account))?;
                (text, format!("the keychain's `{account}`"))
            }
        };
        let secret = Secret::new(&text);
        secret
            .is_usable()
            .then_some(secret)
            .ok_or(KeyError::Unusable { place })
    }

    /// Keeps a key in the keychain. A key in the environment is the person's to set.
    pub fn keep(&self, secret: &Secret) -> Result<(), KeyError> {
        match self {
            Self::Environment(name) => Err(KeyError::NotSet { name: name.clone() }),
            Self::Keychain { service, account } => entry(service, account)
                .and_then(|entry| entry.set_password(secret.expose()))
                .map_err(|error| refusal(&error, service, account)),
        }
    }

    /// Takes a key out of the keychain; that there is none is as good.
    pub fn forget(&self) -> Result<(), KeyError> {
        let Self::Keychain { service, account } = self else {
            return Ok(());
        };
        match entry(service, account).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(refusal(&error, service, account)),
        }
    }
}

fn entry(service: &str, account: &str) -> keyring::Result<keyring::Entry> {
    keyring::Entry::new(service, account)
}

fn refusal(error: &keyring::Error, service: &str, account: &str) -> KeyError {
    match error {
        keyring::Error::NoEntry => KeyError::NoEntry {
            service: service.to_owned(),
            account: account.to_owned(),
        },
        // The reason is kept aside by the library: the store itself could not be opened.
        keyring::Error::NoDefaultStore => KeyError::NoKeychain {
            cause: match keyring::Entry::store_status() {
                Err(error) => error.to_string(),
                Ok(()) => error.to_string(),
            },
        },
        error => KeyError::NoKeychain {
            cause: error.to_string(),
        },
    }
}
