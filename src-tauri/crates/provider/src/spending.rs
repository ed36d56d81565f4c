//! A daily cap on what calls of a provider may cost, kept before each call and not noticed after it.

use crate::Usage;
use crate::price::{PriceContext, PriceTable};
use chrono::{DateTime, NaiveDate, Utc};
use evidence::PicoUsd;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

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
        "not sent: what {provider} has cost today cannot be looked up and written down, so its daily cap could not be kept: {cause}"
    )]
    LedgerUnusable {
        /// The provider, or the host where none is configured.
        provider: String,
        /// Why the ledger cannot be used.
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

/// Money that a ledger has set aside for one call of a capped provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The provider, as the ledger knows it.
    pub provider: String,
    /// The day (UTC) whose cap it counts against, also where the call ends on the next.
    pub day: NaiveDate,
    /// Which one, by the ledger's own count.
    pub number: i64,
    /// How much.
    pub worst: PicoUsd,
}

/// What is spent and what is set aside, kept by the app for all its processes.
pub trait Ledger: Send + Sync {
    /// Sets aside the most that a call could cost, or refuses: no other process may come between the look at what is left
    /// and the setting aside. What nobody settles, since its process died, stays counted as if it were spent.
    fn reserve(&self, provider: &str, worst: PicoUsd, cap: SpendingCap) -> Result<Reservation, CapRefusal>;

    /// Puts what a call has cost in the place of what was set aside for it.
    fn settle(&self, reservation: Reservation, cost: PicoUsd);

    /// Adds the cost of a call of a provider without a cap, for which nothing was set aside.
    fn charge(&self, provider: &str, cost: PicoUsd);
}

/// Holds the calls of one provider to its cap, those in flight included, and keeps its ledger.
pub struct SpendingGuard {
    provider: String,
    cap: Option<SpendingCap>,
    ledger: Arc<dyn Ledger>,
    prices: Arc<PriceTable>,
    clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
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
        let reservation = self
            .cap
            .map(|cap| self.ledger.reserve(&self.provider, worst, cap))
            .transpose()?;
        Ok(Charge {
            guard: Arc::clone(self),
            model: model.to_owned(),
            worst,
            owed: PicoUsd::ZERO,
            reservation,
        })
    }
}

/// Money set aside for one call. Dropped, it is free again.
pub struct Charge {
    guard: Arc<SpendingGuard>,
    model: String,
    worst: PicoUsd,
    owed: PicoUsd,
    /// What the ledger holds for it; nothing for a provider without a cap.
    reservation: Option<Reservation>,
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
        let ledger = &self.guard.ledger;
        match self.reservation.take() {
            Some(reservation) => ledger.settle(reservation, self.owed),
            None if self.owed > PicoUsd::ZERO => ledger.charge(&self.guard.provider, self.owed),
            None => {}
        }
    }
}
