//! Settings, Providers: who is asked, where keys lie, what a day may cost.

use super::Playbook;
use crate::{
    Code, Error,
    wire::{
        Nothing,
        provider::{
            ApiChoice, CapRequest, FoundServer, FoundServers, HostSpending, KeyGiven, KeyPlace, ProviderApi,
            ProviderRemoved, ProviderRequest, ProviderRow, ProviderTest, ProvidersView, SaveProviderRequest,
        },
    },
};
use evidence::PicoUsd;
use provider::{
    ApiKind, Endpoint, KeyError, KeySource, ProviderConfiguration, Secret, SpendingCap, is_loopback, origin,
};
use std::collections::HashMap;

/// The dialects, with their words and the name that a new provider is offered.
const APIS: [(ProviderApi, ApiKind, &str, &str); 5] = [
    (
        ProviderApi::OpenaiChat,
        ApiKind::OpenAiChat,
        "OpenAI chat completions, or compatible",
        "OpenAI",
    ),
    (
        ProviderApi::OpenaiResponses,
        ApiKind::OpenAiResponses,
        "OpenAI responses",
        "OpenAI responses",
    ),
    (
        ProviderApi::Anthropic,
        ApiKind::Anthropic,
        "Anthropic messages",
        "Anthropic",
    ),
    (ProviderApi::Gemini, ApiKind::Gemini, "Google Gemini", "Gemini"),
    (ProviderApi::Ollama, ApiKind::Ollama, "Ollama", "Ollama"),
];
/// Letters of a name at most.
const LONGEST_NAME: usize = 60;

impl Playbook {
    /// The configured providers, what they cost today, and what can be added.
    pub async fn providers(&self, _: Nothing) -> Result<ProvidersView, Error> {
        self.blocking(|playbook| {
            let configured = playbook.store.providers()?;
            let today = playbook.host.now().date_naive();
            let mut spent: HashMap<String, PicoUsd> =
                playbook.store.spending_on(today)?.into_iter().collect();
            let providers = configured
                .iter()
                .map(|known| row(known, spent.remove(&known.name).unwrap_or_default()))
                .collect();
            let mut hosts: Vec<HostSpending> = spent
                .into_iter()
                .map(|(host, spent)| HostSpending {
                    spent_text: spent_text(spent, Some(SpendingCap::default())),
                    host,
                })
                .collect();
            hosts.sort_by(|one, other| one.host.cmp(&other.host));
            Ok(ProvidersView {
                providers,
                hosts,
                apis: APIS.iter().map(choice).collect(),
                usual_cap: SpendingCap::default().limit_per_day.to_string(),
            })
        })
        .await
    }

    /// Adds a provider or changes one. A typed key goes into the keychain and nowhere else.
    pub async fn save_provider(&self, request: SaveProviderRequest) -> Result<Nothing, Error> {
        let name = checked_name(&request.name)?;
        let base = checked_base(&request.base)?;
        let api = kind(request.api);
        self.blocking(move |playbook| {
            let known = playbook.store.providers()?;
            let known = known.iter().find(|known| known.name == name);
            if request.new && known.is_some() {
                return Err(taken(&name));
            }
            let before = known.and_then(|known| known.key.clone());
            let key = playbook.placed_key(&name, request.key, before.as_ref())?;
            if request.new {
                let configuration = ProviderConfiguration {
                    cap: usual_cap(&base),
                    name,
                    api,
                    base,
                    key,
                };
                playbook.store.add_provider(&configuration)?;
            } else {
                let place = key.clone();
                playbook.store.change_provider(&name, |known| {
                    // Another host is another bill, which nobody has raised a cap for.
                    if origin(&known.base) != origin(&base) {
                        known.cap = usual_cap(&base);
                    }
                    (known.api, known.base, known.key) = (api, base, place);
                })?;
                // A key that nothing points at any more is not left lying.
                if let Some(place @ KeySource::Keychain { .. }) = before
                    && key.as_ref() != Some(&place)
                    && let Err(error) = playbook.host.forget_key(&place)
                {
                    tracing::warn!(%error, "a key that is no longer used could not be taken out of the keychain");
                }
            }
            Ok(Nothing {})
        })
        .await
    }

    /// Where a given key lies from now on; one that was typed is put there first.
    fn placed_key(
        &self,
        name: &str,
        given: KeyGiven,
        before: Option<&KeySource>,
    ) -> Result<Option<KeySource>, Error> {
        match given {
            KeyGiven::None => Ok(None),
            KeyGiven::Environment { name } => Ok(Some(KeySource::Environment(checked_variable(&name)?))),
            KeyGiven::Keychain { typed } => {
                let place = KeySource::keychain(name);
                match typed.filter(|key| !key.expose().is_empty()) {
                    Some(key) => self.keep(&place, &key)?,
                    None if before == Some(&place) => {}
                    None => {
                        return Err(Error::input(
                            format!("no key was given for {name}"),
                            "Enter the key, or name the environment variable that holds it.",
                        ));
                    }
                }
                Ok(Some(place))
            }
        }
    }

    fn keep(&self, place: &KeySource, key: &Secret) -> Result<(), Error> {
        if !key.is_usable() {
            return Err(Error::input(
                "the key holds spaces or letters that no key holds",
                "Copy it once more; it was not kept.",
            ));
        }
        self.host.keep_key(place, key).map_err(key_error)
    }

    /// Takes a provider off, and its key out of the keychain.
    pub async fn remove_provider(&self, request: ProviderRequest) -> Result<ProviderRemoved, Error> {
        self.blocking(move |playbook| {
            let known = playbook.configured(&request.name)?;
            playbook.store.remove_provider(&known.name)?;
            let forgotten = match &known.key {
                Some(place @ KeySource::Keychain { .. }) => playbook.host.forget_key(place),
                _ => Ok(()),
            };
            Ok(ProviderRemoved {
                key_left: forgotten
                    .err()
                    .map(|error| format!("The key of {} may still lie in the keychain: {error}", known.name)),
            })
        })
        .await
    }

    /// Sets a provider's daily cap, or takes it off.
    pub async fn set_cap(&self, request: CapRequest) -> Result<Nothing, Error> {
        let cap = request.limit_usd.as_deref().map(cap).transpose()?;
        self.blocking(move |playbook| {
            playbook.store.set_provider_cap(&request.name, cap)?;
            Ok(Nothing {})
        })
        .await
    }

    /// Tries a provider by asking for the list of its models, which costs nothing.
    pub async fn test_provider(&self, request: ProviderRequest) -> Result<ProviderTest, Error> {
        let endpoint = self
            .blocking(move |playbook| {
                let known = playbook.configured(&request.name)?;
                let key = known
                    .key
                    .as_ref()
                    .map(|place| playbook.host.read_key(place))
                    .transpose()
                    .map_err(key_error)?;
                Ok(Endpoint::new(known.api, known.base, key))
            })
            .await?;
        let report = provider::test_connection(&endpoint)
            .await
            .map_err(|failure| Error::new(Code::Target, failure.message, ""))?;
        let took_ms = report.took.as_secs_f64() * 1000.0;
        let models = report.models.len();
        Ok(ProviderTest {
            text: format!(
                "It answered in {took_ms:.0} ms and offers {models} {}.",
                if models == 1 { "model" } else { "models" }
            ),
            models: report.models,
            took_ms,
        })
    }

    /// Looks for model servers on this machine that are not configured yet.
    pub async fn find_servers(&self, _: Nothing) -> Result<FoundServers, Error> {
        let configured = self.blocking(|playbook| Ok(playbook.store.providers()?)).await?;
        // `localhost` and `127.0.0.1` are one server, so the port decides.
        let known = |base: &str| {
            let port = origin(base).map(|(_, port)| port);
            configured
                .iter()
                .any(|known| is_loopback(&known.base) && origin(&known.base).map(|(_, port)| port) == port)
        };
        let found = provider::discover_local().await;
        Ok(FoundServers {
            servers: found
                .into_iter()
                .filter(|server| !known(&server.configuration.base))
                .map(|server| FoundServer {
                    api: wire_api(server.configuration.api),
                    name: server.configuration.name,
                    base: server.configuration.base,
                    models: server.models,
                })
                .collect(),
        })
    }

    fn configured(&self, name: &str) -> Result<ProviderConfiguration, Error> {
        let configured = self.store.providers()?;
        if let Some(known) = configured.iter().find(|known| known.name == name) {
            return Ok(known.clone());
        }
        let names: Vec<&str> = configured.iter().map(|known| known.name.as_str()).collect();
        Err(Error::new(
            Code::NotFound,
            format!("there is no provider `{name}`"),
            if names.is_empty() {
                "None is configured yet; add one in Settings under Providers.".into()
            } else {
                format!("Configured are {}.", names.join(", "))
            },
        ))
    }
}

fn row(known: &ProviderConfiguration, spent: PicoUsd) -> ProviderRow {
    let local = is_loopback(&known.base);
    let limit = known.cap.map(|cap| cap.limit_per_day);
    ProviderRow {
        api: wire_api(known.api),
        api_label: label(known.api).to_owned(),
        key: match &known.key {
            None => KeyPlace::None,
            Some(KeySource::Environment(name)) => KeyPlace::Environment {
                set: is_set(name),
                name: name.clone(),
            },
            Some(KeySource::Keychain { .. }) => KeyPlace::Keychain,
        },
        cap_usd: limit.map(decimal),
        spent_text: if local && limit.is_none() {
            "Runs on this computer; nothing is charged".into()
        } else {
            spent_text(spent, known.cap)
        },
        spent_share: limit.map(|limit| match limit.pico() {
            0 => 1.0,
            limit => (spent.pico() as f64 / limit as f64).clamp(0.0, 1.0),
        }),
        name: known.name.clone(),
        base: known.base.clone(),
        local,
    }
}

fn spent_text(spent: PicoUsd, cap: Option<SpendingCap>) -> String {
    match cap {
        Some(cap) => format!("{spent} of {} spent today", cap.limit_per_day),
        None => format!("{spent} spent today, no cap"),
    }
}

fn choice(&(api, kind, label, name): &(ProviderApi, ApiKind, &str, &str)) -> ApiChoice {
    let variables = kind.key_variables();
    let variable = variables
        .iter()
        .find(|name| is_set(name))
        .or(variables.first())
        .copied();
    ApiChoice {
        api,
        label: label.into(),
        name: name.into(),
        base: kind.default_base().into(),
        variable_set: variable.is_some_and(is_set),
        variable: variable.map(str::to_owned),
    }
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

fn kind(api: ProviderApi) -> ApiKind {
    match api {
        ProviderApi::OpenaiChat => ApiKind::OpenAiChat,
        ProviderApi::OpenaiResponses => ApiKind::OpenAiResponses,
        ProviderApi::Anthropic => ApiKind::Anthropic,
        ProviderApi::Gemini => ApiKind::Gemini,
        ProviderApi::Ollama => ApiKind::Ollama,
    }
}

fn wire_api(kind: ApiKind) -> ProviderApi {
    match kind {
        ApiKind::OpenAiChat => ProviderApi::OpenaiChat,
        ApiKind::OpenAiResponses => ProviderApi::OpenaiResponses,
        ApiKind::Anthropic => ProviderApi::Anthropic,
        ApiKind::Gemini => ProviderApi::Gemini,
        ApiKind::Ollama => ProviderApi::Ollama,
    }
}

fn label(kind: ApiKind) -> &'static str {
    let api = wire_api(kind);
    APIS.iter()
        .find(|known| known.0 == api)
        .map_or("", |known| known.2)
}

/// What a new address may cost a day until the person says otherwise.
fn usual_cap(base: &str) -> Option<SpendingCap> {
    (!is_loopback(base)).then(SpendingCap::default)
}

/// An amount as a person writes it: at least two decimals, exact.
fn decimal(amount: PicoUsd) -> String {
    let (whole, rest) = (
        amount.pico() / 1_000_000_000_000,
        amount.pico() % 1_000_000_000_000,
    );
    let decimals = format!("{rest:012}");
    format!("{whole}.{:0<2}", decimals.trim_end_matches('0'))
}

fn cap(text: &str) -> Result<SpendingCap, Error> {
    let limit_per_day = PicoUsd::parse_usd(text.trim().trim_start_matches('$')).map_err(|error| {
        Error::input(
            format!("`{text}` is not a cap: {error}"),
            "Give US dollars a day, such as 2.50; 0 lets nothing through.",
        )
    })?;
    Ok(SpendingCap { limit_per_day })
}

fn checked_name(text: &str) -> Result<String, Error> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(Error::input(
            format!("a provider needs a name of 1 to {LONGEST_NAME} letters"),
            "For example OpenAI; suites name the provider by it.",
        ));
    }
    Ok(name.to_owned())
}

/// An address without a key in it, since it is kept in the database and shown.
fn checked_base(text: &str) -> Result<String, Error> {
    let base = text.trim();
    if base.contains(['@', '?', '#']) {
        return Err(Error::input(
            "the base address holds `@`, `?` or `#`",
            "Leave user names, keys and parameters out of it; a key has its own field.",
        ));
    }
    let http = base.starts_with("http://") || base.starts_with("https://");
    if !http || origin(base).is_none() {
        return Err(Error::input(
            format!("`{base}` is not an address"),
            "It begins with https:// or http://, such as https://api.openai.com/v1.",
        ));
    }
    Ok(base.trim_end_matches('/').to_owned())
}

/// The name of a variable. What was typed is not repeated: it may be the key itself, in the wrong field.
fn checked_variable(text: &str) -> Result<String, Error> {
    let name = text.trim();
    let fits = |(at, byte): (usize, u8)| {
        byte.is_ascii_uppercase() || byte == b'_' || (at > 0 && byte.is_ascii_digit())
    };
    if name.is_empty() || !name.bytes().enumerate().all(fits) {
        return Err(Error::input(
            "that is not the name of an environment variable",
            "Give a name in capitals, such as OPENAI_API_KEY; the key itself belongs into the keychain's field.",
        ));
    }
    Ok(name.to_owned())
}

fn taken(name: &str) -> Error {
    Error::new(
        Code::Refused,
        format!("there is a provider called `{name}` already"),
        "Choose another name, or change that one.",
    )
}

/// The message says what to do, and never the key.
fn key_error(error: KeyError) -> Error {
    Error::input(error.to_string(), "")
}
