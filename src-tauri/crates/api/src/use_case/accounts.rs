//! The accounts behind model APIs: whose key a call carries, and which daily cap holds for it.

use super::Playbook;
use crate::{Error, Host};
use harness::target::Accounts;
use provider::{PriceTable, ProviderConfiguration, Secret, SpendingCap, SpendingGuard, is_loopback, origin};
use std::{collections::HashMap, sync::Arc};
use store::{Store, StoreLedger};

/// Makes the guards of providers, all on the one ledger of the database: there runs side by side, of other processes too, count
/// each other's calls in flight.
#[derive(Clone)]
pub(super) struct Guards {
    ledger: Arc<StoreLedger>,
}

impl Guards {
    pub(super) fn new(store: Arc<Store>, host: Arc<dyn Host>) -> Self {
        Self {
            ledger: Arc::new(StoreLedger::at(store, move || host.now().date_naive())),
        }
    }

    fn guard(&self, name: &str, cap: Option<SpendingCap>, prices: Arc<PriceTable>) -> Arc<SpendingGuard> {
        Arc::new(SpendingGuard::new(
            name,
            cap,
            Arc::clone(&self.ledger) as _,
            prices,
        ))
    }
}

/// What a run may use: the keys that its suite names, read once, and the caps as they are when it begins.
pub(super) struct RunAccounts {
    configured: Vec<ProviderConfiguration>,
    keys: HashMap<String, Result<Option<Secret>, String>>,
    guards: Guards,
    prices: Arc<PriceTable>,
}

impl Playbook {
    /// Gets keys and caps ready for a run whose suite names these providers. Blocks: a key may lie in the keychain.
    pub(super) fn accounts(&self, named: &[&str]) -> Result<RunAccounts, Error> {
        let configured = self.store.providers()?;
        let keys = named.iter().map(|name| {
            let found = configured.iter().find(|known| known.name == *name);
            let key = match found {
                Some(known) => known
                    .key
                    .as_ref()
                    .map(|place| self.host.read_key(place))
                    .transpose()
                    .map_err(|error| format!("the key of {name}: {error}")),
                None => Err(format!(
                    "there is no provider `{name}`; add it in Settings under Providers"
                )),
            };
            ((*name).to_owned(), key)
        });
        Ok(RunAccounts {
            keys: keys.collect(),
            configured,
            guards: self.guards.clone(),
            prices: self.price_table()?,
        })
    }
}

impl RunAccounts {
    /// The prices as they were when the run began.
    pub(super) fn prices(&self) -> Arc<PriceTable> {
        Arc::clone(&self.prices)
    }
}

/// The configured provider that an address belongs to: the one with this very base, else one at the same host and port, since
/// that is who sends the bill.
pub(super) fn provider_at<'a>(
    configured: &'a [ProviderConfiguration],
    base: &str,
) -> Option<&'a ProviderConfiguration> {
    let wanted = origin(base)?;
    let plain = |base: &str| base.trim().trim_end_matches('/').to_ascii_lowercase();
    let same = || {
        configured
            .iter()
            .filter(|known| origin(&known.base).as_ref() == Some(&wanted))
    };
    same()
        .find(|known| plain(&known.base) == plain(base))
        .or_else(|| same().next())
}

impl Accounts for RunAccounts {
    fn key(&self, provider: &str) -> Result<Option<Secret>, String> {
        self.keys
            .get(provider)
            .cloned()
            .unwrap_or_else(|| Err(format!("there is no provider `{provider}`")))
    }

    fn guard(&self, provider: Option<&str>, base: &str) -> Option<Arc<SpendingGuard>> {
        let known = match provider {
            Some(name) => self.configured.iter().find(|known| known.name == name),
            None => provider_at(&self.configured, base),
        };
        let (name, cap) = match known {
            Some(known) => (known.name.clone(), known.cap),
            None => {
                let host = origin(base).map_or_else(|| base.to_owned(), |(host, _)| host);
                (host, (!is_loopback(base)).then(SpendingCap::default))
            }
        };
        if cap.is_none() && is_loopback(base) {
            return None;
        }
        Some(self.guards.guard(&name, cap, self.prices()))
    }
}
