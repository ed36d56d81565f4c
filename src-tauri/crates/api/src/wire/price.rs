//! Prices: which row prices a model, who says otherwise, and what has no price.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Prices to look for.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct PricesRequest {
    /// Part of a model's or a seller's name; empty for all.
    pub search: String,
}

/// A rate beside those of tokens read and written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RateView {
    /// What it is the price of.
    pub label: String,
    /// US dollars per million tokens, or what else the text says.
    pub text: String,
}

/// A row of the price table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PriceLine {
    /// Its id, which is kept with each call that it priced.
    pub id: String,
    /// Model name as responses give it.
    pub model: String,
    /// Who sells it.
    pub seller: Option<String>,
    /// US dollars per million tokens read.
    pub input: String,
    /// US dollars per million tokens written.
    pub output: String,
    /// Further rates.
    pub more: Vec<RateView>,
    /// From when to when it holds, where that is limited.
    pub holds: Option<String>,
    /// Where it was read.
    pub source: String,
    /// Where the seller publishes it.
    pub source_url: Option<String>,
    /// When it was read.
    pub checked: NaiveDate,
    /// What a reader should know of it.
    pub note: Option<String>,
    /// Whether it is the person's own.
    pub own: bool,
    /// Whether it is the invented price of a practice model.
    pub practice: bool,
}

/// What is known of one model's price today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ModelPrice {
    /// The model.
    pub model: String,
    /// The row that prices; absent where the model is unpriced.
    pub used: Option<PriceLine>,
    /// Rows that list another price for the same model, and the one that an own price stands in for.
    pub others: Vec<PriceLine>,
    /// The state in a sentence.
    pub text: String,
}

/// A model by its name.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ModelPriceRequest {
    /// The name as responses give it.
    pub model: String,
}

/// A model whose calls had no price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnpricedRow {
    /// The name in responses.
    pub model: String,
    /// Results without a cost for that reason.
    pub results: u64,
    /// Whether it has a price by now, for runs to come.
    pub priced_now: bool,
}

/// The prices' page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PricesView {
    /// The models that fit the search, by name.
    pub models: Vec<ModelPrice>,
    /// Models in the table in all.
    pub total: u32,
    /// Models without a price that were seen in runs, most results first.
    pub unpriced: Vec<UnpricedRow>,
    /// Where the shipped prices come from and when they were read.
    pub snapshot: String,
}

/// A price of one's own.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SavePriceRequest {
    /// Model name as responses give it.
    pub model: String,
    /// US dollars per million tokens read.
    pub input: String,
    /// US dollars per million tokens written.
    pub output: String,
    /// US dollars per million tokens read from the prompt cache; absent where they cost what others do.
    pub cache_read: Option<String>,
    /// Where it was read, or what else a reader should know.
    pub note: Option<String>,
}

/// A price of one's own to take off.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OwnPriceRequest {
    /// Its id.
    pub id: String,
}

/// The price row that a call's cost was computed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PriceUsed {
    /// Its id.
    pub id: String,
    /// Its source and date in words.
    pub text: String,
}
