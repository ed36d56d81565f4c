//! What a call costs: a dated, sourced table, exact arithmetic, and "unpriced" where no row fits.

use evidence::{PicoUsd, Tokens};
use serde::{Deserialize, Deserializer};

/// The price of one model over a span of time.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceRow {
    /// Stable id, stored with each call that it priced.
    pub id: String,
    /// Model name as responses give it; a trailing `*` matches any ending (dated snapshots of a model).
    pub model: String,
    /// US dollars for a million tokens read.
    #[serde(deserialize_with = "usd_per_million")]
    pub input: PicoUsd,
    /// US dollars for a million tokens written.
    #[serde(deserialize_with = "usd_per_million")]
    pub output: PicoUsd,
    /// Whether this is the invented price of a practice model, which never enters a claim about money.
    #[serde(default)]
    pub practice: bool,
    /// Where the price was read.
    pub source: String,
    /// When it was read, YYYY-MM-DD.
    pub checked: chrono::NaiveDate,
}

/// Prices are written per million tokens and kept per token: 10⁻⁶ USD per million is 1 picodollar per token.
fn usd_per_million<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PicoUsd, D::Error> {
    let text = String::deserialize(deserializer)?;
    let per_million = PicoUsd::parse_usd(&text).map_err(serde::de::Error::custom)?;
    if per_million.pico() % 1_000_000 != 0 {
        return Err(serde::de::Error::custom(format!(
            "{text}: at most six decimals are exact per token"
        )));
    }
    Ok(PicoUsd::from_pico(per_million.pico() / 1_000_000))
}

/// A table of prices.
#[derive(Clone, Debug, Default)]
pub struct PriceTable {
    rows: Vec<PriceRow>,
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

impl PriceTable {
    /// Reads a table from the JSON of `content/prices/*.json`: a list of rows.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        Ok(Self {
            rows: serde_json::from_str(text)?,
        })
    }

    /// Adds the rows of another table; earlier rows win.
    pub fn extend(&mut self, other: Self) {
        self.rows.extend(other.rows);
    }

    fn row(&self, model: &str) -> Option<&PriceRow> {
        self.rows.iter().find(|row| match row.model.strip_suffix('*') {
            Some(start) => model.starts_with(start),
            None => model == row.model,
        })
    }

    /// Whether this is the name of a practice model.
    pub fn is_practice(&self, model: &str) -> bool {
        self.row(model).is_some_and(|row| row.practice)
    }

    /// What these tokens cost on this model; absent when the model is not in the table, which is never 0.
    pub fn price(&self, model: &str, tokens: Tokens) -> Option<Priced> {
        let row = self.row(model)?;
        let cost = row.input.times(tokens.input)? + row.output.times(tokens.output)?;
        Some(Priced {
            cost,
            row: row.id.clone(),
            practice: row.practice,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"[
        {"id": "a", "model": "gpt-4o-mini*", "input": "0.15", "output": "0.60", "source": "x", "checked": "2026-08-01"}
    ]"#;

    #[test]
    fn prices_exactly_and_never_guesses() {
        let table = PriceTable::from_json(TABLE).unwrap();
        let tokens = Tokens {
            input: 1_000,
            output: 10,
        };
        let priced = table.price("gpt-4o-mini-2024-07-18", tokens).unwrap();
        assert_eq!(priced.cost.pico(), 1_000 * 150_000 + 10 * 600_000);
        assert!(table.price("gpt-unknown", tokens).is_none());
    }

    #[test]
    fn refuses_a_price_that_is_not_exact_per_token() {
        let bad = TABLE.replace("0.15", "0.1500001");
        assert!(PriceTable::from_json(&bad).is_err());
    }
}
