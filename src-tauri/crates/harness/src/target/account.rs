//! The accounts behind model APIs: keys that the person keeps with the app, and daily caps. The engine asks; who keeps them
//! is the caller's business.

use provider::{Secret, SpendingGuard};
use std::sync::Arc;

/// Keys and caps of model APIs.
pub trait Accounts: Send + Sync {
    /// The key of a configured provider; none for a server that needs none. The error says why it cannot be had.
    fn key(&self, provider: &str) -> Result<Option<Secret>, String>;

    /// What holds calls to this address to a daily cap; none where nothing costs anything, or where the person has taken the
    /// cap off. `provider` is the configured one that a suite names.
    fn guard(&self, provider: Option<&str>, base: &str) -> Option<Arc<SpendingGuard>>;
}

/// Nobody's accounts: no keys and no caps. For targets that ask no model API.
#[derive(Clone, Copy, Debug)]
pub struct NoAccounts;

impl Accounts for NoAccounts {
    fn key(&self, provider: &str) -> Result<Option<Secret>, String> {
        Err(format!("there is no provider `{provider}`"))
    }

    fn guard(&self, _: Option<&str>, _: &str) -> Option<Arc<SpendingGuard>> {
        None
    }
}
