//! One row of the price table.

use super::rate::{RateError, Rates};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use evidence::PicoUsd;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The tier that a call was served at, which the answer names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// The list price.
    #[default]
    Standard,
    /// Collected and answered within a day.
    Batch,
    /// Answered when there is room.
    Flex,
    /// Answered before others.
    Priority,
    /// Written at a higher speed.
    Fast,
}

impl Tier {
    /// The tier that an answer's `service_tier` names; the standard one where it names none, none where the word is unknown,
    /// since a call at an unknown tier has an unknown price.
    #[must_use]
    pub fn served(word: Option<&str>) -> Option<Self> {
        let Some(word) = word else {
            return Some(Self::Standard);
        };
        Some(match word.to_ascii_lowercase().as_str() {
            "" | "default" | "standard" | "auto" | "on_demand" => Self::Standard,
            "batch" => Self::Batch,
            "flex" => Self::Flex,
            "priority" => Self::Priority,
            "fast" => Self::Fast,
            _ => return None,
        })
    }
}

/// What a fee is charged for, beside tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeUnit {
    /// One call.
    Request,
    /// One search of the web.
    WebSearch,
    /// One call that searched the web at all, however often.
    GroundedRequest,
    /// One picture.
    Image,
    /// One second of sound or film.
    Second,
    /// One page of a document.
    Page,
    /// One session of a tool, such as a code interpreter's.
    Session,
    /// A million tokens kept in a prompt cache for an hour.
    CacheMillionTokenHour,
}

/// A price beside those of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// What is charged for.
    pub unit: FeeUnit,
    /// US dollars for one.
    #[serde(with = "dollars")]
    pub usd: PicoUsd,
}

/// Rates of long prompts. They hold for the whole request, the tokens below the threshold included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LongContext {
    /// Prompts of more tokens than this.
    pub above: u64,
    /// Their rates.
    #[serde(flatten)]
    pub rates: Rates,
}

/// The price of a tier: a factor on every rate, those of the cache and of long prompts included, or rates of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TierPrice {
    /// A factor, as a decimal text: "0.5".
    Multiplier {
        /// The factor.
        multiplier: String,
    },
    /// Rates of its own.
    Rates {
        /// The rates.
        #[serde(flatten)]
        rates: Rates,
        /// Its rates of long prompts, by rising threshold.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        long_context: Vec<LongContext>,
    },
}

/// Hours of the day in UTC; past midnight where the end comes before the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// First moment.
    pub from: NaiveTime,
    /// First moment after.
    pub until: NaiveTime,
}

impl Hours {
    fn hold(&self, time: NaiveTime) -> bool {
        if self.from <= self.until {
            (self.from..self.until).contains(&time)
        } else {
            time >= self.from || time < self.until
        }
    }
}

/// The price of one model over a span of time, as one source lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRow {
    /// Stable id, stored with each call that it priced.
    pub id: String,
    /// Who sells it: `openai`, `anthropic`, `google` and so on. A row without one fits every provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Model name as responses give it. It fits the dated snapshots of the model too; a trailing `*` fits any ending.
    pub model: String,
    /// Rates of the standard tier.
    #[serde(flatten)]
    pub rates: Rates,
    /// Rates of long prompts, by rising threshold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub long_context: Vec<LongContext>,
    /// Prices of the other tiers. A call at a tier that is not here is unpriced.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tiers: BTreeMap<Tier, TierPrice>,
    /// Prices beside those of tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    /// First day on which it holds, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    /// First day on which it no longer holds, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<NaiveDate>,
    /// Hours of the day at which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Region or cloud for which it holds; a row without one holds everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whether this is the invented price of a practice model, which never enters a claim about money.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub practice: bool,
    /// Where the price was read.
    pub source: String,
    /// Where the provider publishes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_url: Option<String>,
    /// When it was read.
    pub checked: NaiveDate,
    /// What a reader should know of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How well a row's name fits a model's; the greater, the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// By its beginning, of so many bytes.
    Beginning(usize),
    /// A dated snapshot of the row's model.
    Dated,
    /// The same name.
    Exact,
}

/// The names of a row's fields in files, beside those of its rates.
const FIELDS: [&str; 15] = [
    "id",
    "provider",
    "model",
    "long_context",
    "tiers",
    "fees",
    "valid_from",
    "valid_until",
    "hours",
    "region",
    "practice",
    "source",
    "source_url",
    "checked",
    "note",
];

/// The first field of a row's JSON that no row has. A misspelt price must not count as none.
pub(super) fn unknown_field(row: &Value) -> Option<String> {
    let strange = |value: &Value, others: &[&str]| {
        let object = value.as_object()?;
        let known = |name: &str| Rates::FIELDS.contains(&name) || others.contains(&name);
        object.keys().find(|name| !known(name)).cloned()
    };
    let cliffs = |value: &Value| {
        let mut cliffs = value["long_context"].as_array()?.iter();
        cliffs.find_map(|cliff| strange(cliff, &["above"]))
    };
    strange(row, &FIELDS).or_else(|| cliffs(row)).or_else(|| {
        let mut tiers = row["tiers"].as_object()?.values();
        tiers.find_map(|tier| strange(tier, &["multiplier", "long_context"]).or_else(|| cliffs(tier)))
    })
}

impl PriceRow {
    /// Whether and how well the row's name fits a model's.
    pub(super) fn fit(&self, model: &str) -> Option<Fit> {
        if let Some(start) = self.model.strip_suffix('*') {
            return model.starts_with(start).then_some(Fit::Beginning(start.len()));
        }
        let rest = model.strip_prefix(self.model.as_str())?;
        if rest.is_empty() {
            return Some(Fit::Exact);
        }
        is_date(rest.strip_prefix('-').or_else(|| rest.strip_prefix('@'))?).then_some(Fit::Dated)
    }

    /// Whether the row holds at a time.
    pub(super) fn holds(&self, at: DateTime<Utc>) -> bool {
        let day = at.date_naive();
        self.valid_from.is_none_or(|from| from <= day)
            && self.valid_until.is_none_or(|until| day < until)
            && self.hours.is_none_or(|hours| hours.hold(at.time()))
    }

    /// The rates for a prompt of so many tokens at a tier; none where the row does not list the tier.
    pub(super) fn rates_at(&self, tier: Tier, prompt: u64) -> Option<Rates> {
        let (rates, long_context, factor) = match (tier, self.tiers.get(&tier)) {
            (_, Some(TierPrice::Rates { rates, long_context })) => (rates, long_context, None),
            (_, Some(TierPrice::Multiplier { multiplier })) => (
                &self.rates,
                &self.long_context,
                Some(millionths(multiplier).ok()?),
            ),
            (Tier::Standard, None) => (&self.rates, &self.long_context, None),
            (_, None) => return None,
        };
        // One cliff, chosen by the whole prompt, holds for the whole request.
        let cliff = long_context
            .iter()
            .filter(|cliff| prompt > cliff.above)
            .max_by_key(|cliff| cliff.above);
        let rates = cliff.map_or(rates, |cliff| &cliff.rates);
        match factor {
            Some(factor) => rates.scaled(factor).ok(),
            None => Some(*rates),
        }
    }

    /// Objects to a row that could not price exactly.
    pub(super) fn check(&self) -> Result<(), RateError> {
        for price in self.tiers.values() {
            if let TierPrice::Multiplier { multiplier } = price {
                let factor = millionths(multiplier)?;
                self.rates.scaled(factor)?;
                for cliff in &self.long_context {
                    cliff.rates.scaled(factor)?;
                }
            }
        }
        Ok(())
    }
}

/// A decimal factor in millionths: rates are read by the same rule.
fn millionths(text: &str) -> Result<u64, RateError> {
    let rate = super::rate::Rate::per_million(text)?;
    Ok(rate.token().pico().unsigned_abs())
}

/// `2025-08-07`, `20250929`, `0613`, or `latest`, at the end of a snapshot's name.
fn is_date(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let dashes = text.bytes().filter(|byte| *byte == b'-').count();
    text == "latest"
        || (digits == 8 && digits + dashes == text.len() && matches!(dashes, 0 | 2))
        || (digits == 4 && text.len() == 4)
}

/// Amounts of dollars as decimal texts.
mod dollars {
    use evidence::PicoUsd;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PicoUsd, D::Error> {
        PicoUsd::parse_usd(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }

    pub(super) fn serialize<S: Serializer>(amount: &PicoUsd, serializer: S) -> Result<S::Ok, S::Error> {
        let pico = amount.pico();
        let text = format!("{}.{:012}", pico / 1_000_000_000_000, pico % 1_000_000_000_000);
        serializer.serialize_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}
