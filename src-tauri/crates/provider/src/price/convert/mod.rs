//! Rows out of the price tables of others, which are read as files and never fetched.

mod genai_prices;
mod litellm;

use super::PriceRow;
use chrono::NaiveDate;

/// A format that rows can be read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// LiteLLM's `model_prices_and_context_window.json` (MIT).
    LiteLlm,
    /// Pydantic's genai-prices, `prices/data.json` (MIT).
    GenAiPrices,
}

impl TableFormat {
    /// The format of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "litellm" => Some(Self::LiteLlm),
            "genai-prices" => Some(Self::GenAiPrices),
            _ => None,
        }
    }

    /// How rows name the source.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::LiteLlm => "LiteLLM price table (MIT)",
            Self::GenAiPrices => "genai-prices (MIT)",
        }
    }
}

/// What became of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversion {
    /// The rows.
    pub rows: Vec<PriceRow>,
    /// Entries that have no place in our rows, with the reason.
    pub skipped: Vec<Skipped>,
}

/// An entry that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its name in the table.
    pub model: String,
    /// Why.
    pub reason: String,
}

/// Reads a table; `checked` is the day on which it was current.
pub fn convert(text: &str, format: TableFormat, checked: NaiveDate) -> Result<Conversion, serde_json::Error> {
    let table = serde_json::from_str(text)?;
    Ok(match format {
        TableFormat::LiteLlm => litellm::convert(&table, checked),
        TableFormat::GenAiPrices => genai_prices::convert(&table, checked),
    })
}

/// A JSON number as the shortest decimal text that is that number, without an exponent: 1.25e-6 as 0.00000125.
fn decimal(value: &serde_json::Value) -> String {
    match (value.as_u64(), value.as_f64()) {
        (Some(whole), _) => whole.to_string(),
        (None, Some(number)) => number.to_string(),
        // Some tables write numbers as texts.
        (None, None) => value.as_str().unwrap_or_default().to_owned(),
    }
}

impl PriceRow {
    /// A row with nothing in it, for writing the rest of one.
    fn empty(checked: NaiveDate) -> Self {
        Self {
            id: String::new(),
            provider: None,
            model: String::new(),
            rates: super::Rates::default(),
            long_context: Vec::new(),
            tiers: std::collections::BTreeMap::new(),
            fees: Vec::new(),
            valid_from: None,
            valid_until: None,
            hours: None,
            region: None,
            practice: false,
            source: String::new(),
            source_url: None,
            checked,
            note: None,
        }
    }
}
