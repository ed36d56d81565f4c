//! What a call costs: a dated, sourced table, exact arithmetic, and "unpriced" where no row fits.

pub mod convert;
mod cost;
mod rate;
mod row;

pub use rate::{Rate, RateError, Rates};
pub use row::{Fee, FeeUnit, Hours, LongContext, PriceRow, Tier, TierPrice};

use crate::Usage;
use chrono::{DateTime, Utc};
use evidence::PicoUsd;
use row::Fit;
use serde::Deserialize as _;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What a price depends on beside model and usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceContext<'a> {
    /// The tier that was served; see [`Tier::served`].
    pub tier: Tier,
    /// When the call was made.
    pub at: DateTime<Utc>,
    /// Who sold it; none fits every row.
    pub provider: Option<&'a str>,
    /// Region or cloud that served it.
    pub region: Option<&'a str>,
    /// Counts of what fees are charged for and a [`Usage`] does not hold: pictures, seconds, pages, sessions.
    pub quantities: BTreeMap<FeeUnit, u64>,
}

impl PriceContext<'_> {
    /// A call at the standard tier, whoever sold it.
    #[must_use]
    pub fn at(at: DateTime<Utc>) -> Self {
        Self {
            tier: Tier::Standard,
            at,
            provider: None,
            region: None,
            quantities: BTreeMap::new(),
        }
    }

    /// A call at the tier that an answer names; none where nobody knows the tier, since nobody knows its price then.
    #[must_use]
    pub fn served(tier: Option<&str>, at: DateTime<Utc>) -> Option<Self> {
        Some(Self {
            tier: Tier::served(tier)?,
            ..Self::at(at)
        })
    }
}

/// A table of prices.
#[derive(Clone, Debug, Default)]
pub struct PriceTable {
    /// The person's own rows, which win over all others.
    own: Vec<PriceRow>,
    rows: Vec<PriceRow>,
}

/// A table that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PriceTableError {
    /// The text is no JSON list.
    #[error("{0}; prices are a list of rows as docs/providers.md describes them")]
    Json(#[from] serde_json::Error),
    /// A row lacks something or holds something of the wrong kind.
    #[error("price row `{row}`: {error}; docs/providers.md describes the fields")]
    Row {
        /// Id of the row.
        row: String,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// A field that no row has.
    #[error("price row `{row}`: there is no field `{field}`; docs/providers.md describes the fields")]
    UnknownField {
        /// Id of the row.
        row: String,
        /// Name of the field.
        field: String,
    },
    /// A row could not price exactly.
    #[error("price row `{row}`: {error}")]
    Rate {
        /// Id of the row.
        row: String,
        /// What is wrong with it.
        error: RateError,
    },
    /// Two rows have one id.
    #[error("two price rows have the id `{0}`; calls keep the id of their row, so give each its own")]
    Repeated(String),
}

/// A priced call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    /// The cost.
    pub cost: PicoUsd,
    /// The row that priced it.
    pub row: String,
    /// Whether the price is a practice price.
    pub practice: bool,
}

/// Why a call has no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpriced {
    /// No row fits the model, provider, region and time.
    #[error("no price is known for this model at that time; add one in Settings")]
    UnknownModel,
    /// The row does not list the tier that was served.
    #[error("no price is known for the tier that this call was served at; add one in Settings")]
    UnknownTier,
    /// Tokens were cached for an hour, and the row lists only the price of the shorter lifetime.
    #[error("no price is known for tokens cached for an hour; add one in Settings")]
    UnknownRate,
    /// The provider searched the web, and the row lists no price of a search.
    #[error("no price is known for the searches of the web in this call; add one in Settings")]
    UnknownFee,
    /// Parts of the usage exceed their sum.
    #[error("the provider's counts of tokens contradict each other")]
    ContradictoryUsage,
    /// The amount leaves the range.
    #[error("the amount is beyond nine million dollars")]
    OutOfRange,
}

/// Two rows that list different prices for the same call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement<'a> {
    /// The row that prices.
    pub used: &'a PriceRow,
    /// The row that disagrees.
    pub other: &'a PriceRow,
}

impl PriceTable {
    /// Reads a table from the JSON of `content/prices/*.json`: a list of rows.
    pub fn from_json(text: &str) -> Result<Self, PriceTableError> {
        let list: Vec<serde_json::Value> = serde_json::from_str(text)?;
        let mut rows = Vec::with_capacity(list.len());
        for value in list {
            let id = value["id"].as_str().unwrap_or("(without id)").to_owned();
            if let Some(field) = row::unknown_field(&value) {
                return Err(PriceTableError::UnknownField { row: id, field });
            }
            rows.push(PriceRow::deserialize(value).map_err(|error| PriceTableError::Row { row: id, error })?);
        }
        Self::from_rows(rows)
    }

    /// A table of these rows.
    pub fn from_rows(rows: Vec<PriceRow>) -> Result<Self, PriceTableError> {
        let mut ids = std::collections::HashSet::new();
        for row in &rows {
            row.check().map_err(|error| PriceTableError::Rate {
                row: row.id.clone(),
                error,
            })?;
            if !ids.insert(row.id.as_str()) {
                return Err(PriceTableError::Repeated(row.id.clone()));
            }
        }
        Ok(Self {
            own: Vec::new(),
            rows,
        })
    }

    /// Adds the rows of another table; earlier rows win.
    pub fn extend(&mut self, other: Self) {
        self.own.extend(other.own);
        self.rows.extend(other.rows);
    }

    /// Adds a table of the person's own rows, which win over all others.
    pub fn extend_own(&mut self, other: Self) {
        self.own.extend(other.own);
        self.own.extend(other.rows);
    }

    /// Every row, those that win first.
    pub fn rows(&self) -> impl Iterator<Item = &PriceRow> {
        self.own.iter().chain(&self.rows)
    }

    /// The row that prices calls of a model at a time, whoever sold it.
    #[must_use]
    pub fn row_for(&self, model: &str, at: DateTime<Utc>) -> Option<&PriceRow> {
        self.fitting(model, &PriceContext::at(at)).into_iter().next()
    }

    /// Whether the row of this id is the person's own.
    #[must_use]
    pub fn is_own(&self, id: &str) -> bool {
        self.own.iter().any(|row| row.id == id)
    }

    /// The rows that fit a call, the one that prices first: a person's own before others, then the better fit of the name,
    /// then a row for the very region, then the earlier.
    fn fitting<'a>(&'a self, model: &str, context: &PriceContext<'_>) -> Vec<&'a PriceRow> {
        let mut found: Vec<(bool, Fit, &PriceRow)> = self
            .rows()
            .enumerate()
            .filter_map(|(position, row)| {
                let fit = row.fit(model)?;
                let sold = context.provider.is_none_or(|provider| {
                    row.provider
                        .as_deref()
                        .is_none_or(|sells| sells.eq_ignore_ascii_case(provider))
                });
                let there = row.region.is_none() || row.region.as_deref() == context.region;
                (sold && there && row.holds(context.at)).then_some((position < self.own.len(), fit, row))
            })
            .collect();
        // Stable, so the earlier of two equals stays first.
        found.sort_by_key(|(own, fit, row)| Reverse((*own, *fit, row.region.is_some())));
        found.into_iter().map(|(_, _, row)| row).collect()
    }

    /// Whether this is the name of a practice model.
    #[must_use]
    pub fn is_practice(&self, model: &str) -> bool {
        self.rows().any(|row| row.practice && row.fit(model).is_some())
    }

    /// What a usage costs; absent when nothing is known, which is never 0. [`PriceTable::cost`] says why.
    #[must_use]
    pub fn price(&self, model: &str, usage: &Usage, context: &PriceContext<'_>) -> Option<Priced> {
        self.cost(model, usage, context).ok()
    }

    /// The most that a call can cost that sends `body` bytes and writes `output` tokens at most: a token is one byte at least,
    /// and what is read could all be written into the cache.
    #[must_use]
    pub fn most(&self, model: &str, body: usize, output: u32, context: &PriceContext<'_>) -> Option<PicoUsd> {
        let read = Usage {
            input: body as u64,
            output: u64::from(output),
            ..Usage::default()
        };
        let written = [
            Usage {
                cache_write_5m: read.input,
                ..read
            },
            // Unpriced, and so left out, where the row lists the shorter lifetime alone.
            Usage {
                cache_write_1h: read.input,
                ..read
            },
        ];
        let cost = |usage: &Usage| self.price(model, usage, context).map(|priced| priced.cost);
        Some(written.iter().filter_map(cost).fold(cost(&read)?, Ord::max))
    }

    /// What a usage costs, or why nobody can say.
    pub fn cost(&self, model: &str, usage: &Usage, context: &PriceContext<'_>) -> Result<Priced, Unpriced> {
        let fitting = self.fitting(model, context);
        let row = fitting.first().ok_or(Unpriced::UnknownModel)?;
        let rates = row
            .rates_at(context.tier, usage.input)
            .ok_or(Unpriced::UnknownTier)?;
        let leaves = cost::leaves(usage).ok_or(Unpriced::ContradictoryUsage)?;
        let mut pico = leaves.cost(&rates)?.pico();
        let searches = [FeeUnit::WebSearch, FeeUnit::GroundedRequest];
        if usage.web_searches > 0 && !row.fees.iter().any(|fee| searches.contains(&fee.unit)) {
            return Err(Unpriced::UnknownFee);
        }
        for fee in &row.fees {
            let count = match fee.unit {
                FeeUnit::Request => 1,
                FeeUnit::WebSearch => usage.web_searches,
                FeeUnit::GroundedRequest => u64::from(usage.web_searches > 0),
                unit => context.quantities.get(&unit).copied().unwrap_or(0),
            };
            pico = fee
                .usd
                .times(count)
                .and_then(|fee| pico.checked_add(fee.pico()))
                .ok_or(Unpriced::OutOfRange)?;
        }
        Ok(Priced {
            cost: PicoUsd::from_pico(pico),
            row: row.id.clone(),
            practice: row.practice,
        })
    }

    /// Where sources list different prices for a model at a time. Rows that a person has set are no disagreement.
    #[must_use]
    pub fn disagreements(&self, model: &str, at: DateTime<Utc>) -> Vec<Disagreement<'_>> {
        let fitting = self.fitting(model, &PriceContext::at(at));
        let mut listed = fitting
            .into_iter()
            .filter(|row| !self.own.iter().any(|own| std::ptr::eq(own, *row)));
        let Some(used) = listed.next() else {
            return Vec::new();
        };
        listed
            .filter(|other| other.source != used.source)
            .filter(|other| other.fit(model) == used.fit(model) && other.provider == used.provider)
            .filter(|other| !same_price(used, other))
            .map(|other| Disagreement { used, other })
            .collect()
    }
}

fn same_price(left: &PriceRow, right: &PriceRow) -> bool {
    left.rates == right.rates && left.long_context == right.long_context
}
