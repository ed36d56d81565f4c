//! A daily cap on what calls of a provider may cost, kept before each call and not noticed after it.

use crate::Usage;
use crate::price::{PriceContext, PriceTable};
use chrono::{DateTime, Utc};
use evidence::PicoUsd;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};

/// Tokens that an answer is taken to have at most when a request sets no limit.
pub const ASSUMED_OUTPUT: u32 = 4096;

/// The most that calls of a provider may cost in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpendingCap {
    /// Picodollars a day.
    pub limit_per_day: PicoUsd,
}

impl Default for SpendingCap {
    /// What a new live provider starts with until the person raises it: 1 USD a day.
    fn default() -> Self {
        Self {
            limit_per_day: PicoUsd::from_pico(1_000_000_000_000),
        }
    }
}

/// Why a call was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CapRefusal {
    /// It could cost more than is left.
    #[error(
        "not sent: this call could cost {worst} and {left} of today's {limit} for {provider} are left; set max_tokens lower, wait until tomorrow (UTC), or raise the daily cap in Settings (where {provider} is not listed there, add it as a provider first)"
    )]
    TooLittleLeft {
        /// The provider, or the host where none is configured.
        provider: String,
        /// What it could cost.
        worst: PicoUsd,
        /// What is left today.
        left: PicoUsd,
        /// The cap.
        limit: PicoUsd,
    },
    /// Nobody can say what it could cost.
    #[error(
        "not sent: no price is known for `{model}`, so its daily cap could not be kept; add a price for it in Settings, or take the cap off"
    )]
    Unpriced {
        /// The model.
        model: String,
    },
    /// Nobody can say what is spent already.
    #[error(
        "not sent: what {provider} has cost today cannot be read, so its daily cap could not be kept: {cause}"
    )]
    LedgerUnreadable {
        /// The provider, or the host where none is configured.
        provider: String,
        /// Why the ledger cannot be read.
        cause: String,
    },
}

impl SpendingCap {
    /// Whether a call of this provider that costs at most `worst` may be sent when `spent` is spent or promised.
    pub fn check(&self, provider: &str, spent: PicoUsd, worst: PicoUsd) -> Result<(), CapRefusal> {
        let left = self.limit_per_day.pico().saturating_sub(spent.pico());
        if worst.pico() <= left {
            return Ok(());
        }
        Err(CapRefusal::TooLittleLeft {
            provider: provider.to_owned(),
            worst,
            left: PicoUsd::from_pico(left.max(0)),
            limit: self.limit_per_day,
        })
    }
}

/// What is spent, kept by the app.
pub trait Ledger: Send + Sync {
    /// What calls of this provider have cost today (UTC), those of other processes included. The error says why it cannot
    /// be known; calls are refused then.
    fn spent_today(&self, provider: &str) -> Result<PicoUsd, String>;

    /// Adds the cost of a call. It must be visible to `spent_today` when this returns.
    fn charge(&self, provider: &str, cost: PicoUsd);
}

/// Holds the calls of one provider to its cap, those in flight included, and keeps its ledger.
pub struct SpendingGuard {
    provider: String,
    cap: Option<SpendingCap>,
    ledger: Arc<dyn Ledger>,
    prices: Arc<PriceTable>,
    clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    /// What calls in flight in this process could cost.
    promised: Arc<Mutex<PicoUsd>>,
}

impl SpendingGuard {
    /// A guard for a provider of this name. Without a cap it refuses nothing and keeps the ledger all the same.
    #[must_use]
    pub fn new(
        provider: impl Into<String>,
        cap: impl Into<Option<SpendingCap>>,
        ledger: Arc<dyn Ledger>,
        prices: Arc<PriceTable>,
    ) -> Self {
        Self {
            provider: provider.into(),
            cap: cap.into(),
            ledger,
            prices,
            clock: Arc::new(Utc::now),
            promised: Arc::default(),
        }
    }

    /// The same provider with another cap and other prices; what is in flight counts for both.
    #[must_use]
    pub fn renewed(&self, cap: impl Into<Option<SpendingCap>>, prices: Arc<PriceTable>) -> Self {
        Self {
            provider: self.provider.clone(),
            cap: cap.into(),
            ledger: Arc::clone(&self.ledger),
            prices,
            clock: Arc::clone(&self.clock),
            promised: Arc::clone(&self.promised),
        }
    }

    /// What a call could cost at most ([`PriceTable::most`]); the answer has the limit of the request, or [`ASSUMED_OUTPUT`].
    /// Pictures given by their address and what tools of the provider read are not foreseen; they are charged afterwards
    /// like everything else.
    fn worst(
        &self,
        model: &str,
        body: usize,
        limit: Option<u32>,
        tier: Option<&str>,
    ) -> Result<PicoUsd, CapRefusal> {
        let most = PriceContext::served(tier, (self.clock)()).and_then(|context| {
            self.prices
                .most(model, body, limit.unwrap_or(ASSUMED_OUTPUT), &context)
        });
        most.ok_or_else(|| CapRefusal::Unpriced {
            model: model.to_owned(),
        })
    }

    /// Sets the most that a call could cost aside, or refuses it. `body` is the length of the request's body in bytes, `limit`
    /// the most tokens that the answer may have and `tier` the tier that is asked for, where the request sets them.
    pub fn reserve(
        self: &Arc<Self>,
        model: &str,
        body: usize,
        limit: Option<u32>,
        tier: Option<&str>,
    ) -> Result<Charge, CapRefusal> {
        let worst = match (self.worst(model, body, limit, tier), self.cap) {
            (Ok(worst), _) => worst,
            (Err(refusal), Some(_)) => return Err(refusal),
            (Err(_), None) => PicoUsd::ZERO,
        };
        let mut promised = self.promised.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cap) = self.cap {
            let spent =
                self.ledger
                    .spent_today(&self.provider)
                    .map_err(|cause| CapRefusal::LedgerUnreadable {
                        provider: self.provider.clone(),
                        cause,
                    })?;
            cap.check(&self.provider, spent + *promised, worst)?;
        }
        *promised = *promised + worst;
        drop(promised);
        Ok(Charge {
            guard: Arc::clone(self),
            model: model.to_owned(),
            worst,
            owed: PicoUsd::ZERO,
        })
    }
}

/// Money set aside for one call. Dropped, it is free again.
pub struct Charge {
    guard: Arc<SpendingGuard>,
    model: String,
    worst: PicoUsd,
    owed: PicoUsd,
}

impl Charge {
    /// Charges what the call cost; where the answer does not say, what it could have cost.
    pub fn answered(mut self, model: Option<&str>, usage: Option<&Usage>, tier: Option<&str>) {
        let cost = usage.and_then(|usage| {
            let context = PriceContext::served(tier, (self.guard.clock)())?;
            let prices = &self.guard.prices;
            model
                .and_then(|model| prices.price(model, usage, &context))
                .or_else(|| prices.price(&self.model, usage, &context))
        });
        self.owed = cost.map_or(self.worst, |priced| priced.cost);
    }

    /// Settles a call without a usable answer: at what it could have cost, or at nothing.
    pub fn unanswered(mut self, may_cost: bool) {
        if may_cost {
            self.owed = self.worst;
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        // Charged first: between the two the amount counts twice, never not at all.
        if self.owed.pico() > 0 {
            self.guard.ledger.charge(&self.guard.provider, self.owed);
        }
        let mut promised = self.guard.promised.lock().unwrap_or_else(PoisonError::into_inner);
        *promised = PicoUsd::from_pico(promised.pico() - self.worst.pico());
    }
}
