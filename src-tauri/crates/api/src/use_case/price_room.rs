//! Settings, Prices: which row prices a model, who says otherwise, what has no price, and the person's own prices.

use super::Playbook;
use crate::{
    Error,
    wire::{
        Nothing,
        price::{
            ModelPrice, ModelPriceRequest, OwnPriceRequest, PriceLine, PriceUsed, PricesRequest, PricesView,
            RateView, SavePriceRequest, UnpricedRow,
        },
    },
};
use chrono::{DateTime, Utc};
use provider::{
    PriceRow, PriceTable,
    price::{Rate, Rates, TierPrice},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The source of a person's own prices.
const OWN: &str = "your own";

impl Playbook {
    /// The prices as they are now: what ships, and the person's own, which win. Read anew each time, since another process
    /// may have set one.
    pub(super) fn price_table(&self) -> Result<Arc<PriceTable>, Error> {
        let own = self.store.own_prices()?;
        if own.is_empty() {
            return Ok(Arc::clone(&self.shipped_prices));
        }
        let own = PriceTable::from_rows(own).map_err(|error| Error::internal(error.to_string()))?;
        let mut table = PriceTable::clone(&self.shipped_prices);
        table.extend_own(own);
        Ok(Arc::new(table))
    }

    /// The price table, and the models without a price.
    pub async fn prices(&self, request: PricesRequest) -> Result<PricesView, Error> {
        self.blocking(move |playbook| {
            let table = playbook.price_table()?;
            let now = playbook.host.now();
            let wanted = request.search.trim().to_lowercase();
            let mut sellers: BTreeMap<&str, String> = BTreeMap::new();
            for row in table.rows() {
                let seller = sellers.entry(&row.model).or_default();
                seller.push_str(row.provider.as_deref().unwrap_or_default());
            }
            let models = sellers
                .iter()
                .filter(|(model, seller)| {
                    model.to_lowercase().contains(&wanted) || seller.to_lowercase().contains(&wanted)
                })
                .map(|(model, _)| model_price(&table, &playbook.shipped_prices, model, now))
                .collect();
            let unpriced = playbook
                .store
                .unpriced_models()?
                .into_iter()
                .map(|seen| UnpricedRow {
                    priced_now: table.row_for(&seen.model, now).is_some(),
                    model: seen.model,
                    results: seen.results,
                });
            Ok(PricesView {
                models,
                total: sellers.len() as u32,
                unpriced: unpriced.collect(),
                snapshot: snapshot(&playbook.shipped_prices),
            })
        })
        .await
    }

    /// Which row prices a model today, and who disagrees.
    pub async fn model_price(&self, request: ModelPriceRequest) -> Result<ModelPrice, Error> {
        self.blocking(move |playbook| {
            let model = request.model.trim();
            if model.is_empty() {
                return Err(no_model());
            }
            let now = playbook.host.now();
            Ok(model_price(
                &*playbook.price_table()?,
                &playbook.shipped_prices,
                model,
                now,
            ))
        })
        .await
    }

    /// Keeps a price of one's own, which wins over all others.
    pub async fn save_price(&self, request: SavePriceRequest) -> Result<Nothing, Error> {
        let model = request.model.trim().to_owned();
        if model.is_empty() || model == "*" {
            return Err(no_model());
        }
        let rates = Rates {
            input: rate("input", &request.input)?,
            output: rate("output", &request.output)?,
            cache_read: given(request.cache_read)
                .map(|text| rate("cached input", &text))
                .transpose()?,
            ..Rates::default()
        };
        self.blocking(move |playbook| {
            let today = playbook.host.now().date_naive();
            let row = PriceRow {
                id: format!("own-{model}-{today}"),
                provider: None,
                model,
                rates,
                long_context: Vec::new(),
                tiers: BTreeMap::new(),
                fees: Vec::new(),
                valid_from: None,
                valid_until: None,
                hours: None,
                region: None,
                practice: false,
                source: OWN.into(),
                source_url: None,
                checked: today,
                note: given(request.note),
            };
            PriceTable::from_rows(vec![row.clone()]).map_err(|error| Error::input(error.to_string(), ""))?;
            playbook.store.set_own_price(&row)?;
            Ok(Nothing {})
        })
        .await
    }

    /// Takes a price of one's own off.
    pub async fn remove_price(&self, request: OwnPriceRequest) -> Result<Nothing, Error> {
        self.blocking(move |playbook| {
            playbook.store.retire_own_price(&request.id)?;
            Ok(Nothing {})
        })
        .await
    }

    /// What is known of a price row that a result names.
    pub(super) fn price_used(&self, id: String) -> Result<PriceUsed, Error> {
        let text = match self.store.own_price(&id)? {
            Some(row) => format!("{OWN}, set {}", row.checked),
            None => match self.shipped_prices.rows().find(|row| row.id == id) {
                Some(row) if row.practice => "invented price of a practice model".into(),
                Some(row) => format!("{}, read {}", row.source, row.checked),
                None => "a row of another version of the app".into(),
            },
        };
        Ok(PriceUsed { id, text })
    }
}

fn model_price(table: &PriceTable, shipped: &PriceTable, model: &str, now: DateTime<Utc>) -> ModelPrice {
    let used = table.row_for(model, now);
    let own = used.is_some_and(|row| table.is_own(&row.id));
    let instead = own.then(|| shipped.row_for(model, now)).flatten();
    let disagreeing = table.disagreements(model, now);
    let others: Vec<PriceLine> = instead
        .into_iter()
        .chain(disagreeing.iter().map(|disagreement| disagreement.other))
        .map(|row| line(table, row))
        .collect();
    let text = match used {
        None => format!("No price is known for {model}; its calls are counted as unpriced."),
        Some(_) if own => match instead {
            Some(shipped) => format!("Your own price, instead of that of {}.", shipped.source),
            None => "Your own price.".into(),
        },
        Some(row) if row.practice => "The invented price of a practice model.".into(),
        Some(row) => match others.len() {
            0 => format!("From {}, read {}.", row.source, row.checked),
            1 => format!(
                "From {}, read {}; another source lists another price.",
                row.source, row.checked
            ),
            count => format!(
                "From {}, read {}; {count} other sources list other prices.",
                row.source, row.checked
            ),
        },
    };
    ModelPrice {
        model: model.to_owned(),
        used: used.map(|row| line(table, row)),
        others,
        text,
    }
}

fn line(table: &PriceTable, row: &PriceRow) -> PriceLine {
    PriceLine {
        id: row.id.clone(),
        model: row.model.clone(),
        seller: row.provider.clone(),
        input: row.rates.input.to_string(),
        output: row.rates.output.to_string(),
        more: more(row),
        holds: match (row.valid_from, row.valid_until) {
            (None, None) => None,
            (Some(from), None) => Some(format!("from {from}")),
            (None, Some(until)) => Some(format!("until {until}")),
            (Some(from), Some(until)) => Some(format!("from {from} until {until}")),
        },
        source: row.source.clone(),
        source_url: row.source_url.clone(),
        checked: row.checked,
        note: row.note.clone(),
        own: table.is_own(&row.id),
        practice: row.practice,
    }
}

/// Every rate beside those of tokens read and written.
fn more(row: &PriceRow) -> Vec<RateView> {
    let rates = &row.rates;
    let kinds = [
        ("cached input", rates.cache_read),
        ("cache write, 5 minutes", rates.cache_write_5m),
        ("cache write, 1 hour", rates.cache_write_1h),
        ("reasoning", rates.reasoning),
        ("audio input", rates.audio_input),
        ("cached audio input", rates.audio_cache_read),
        ("image input", rates.image_input),
        ("audio output", rates.audio_output),
        ("image output", rates.image_output),
    ];
    let mut more: Vec<RateView> = kinds
        .into_iter()
        .filter_map(|(label, rate)| {
            Some(RateView {
                label: label.into(),
                text: rate?.to_string(),
            })
        })
        .collect();
    more.extend(row.long_context.iter().map(|long| RateView {
        label: format!("prompts above {} tokens", long.above),
        text: format!("{} in, {} out", long.rates.input, long.rates.output),
    }));
    more.extend(row.tiers.iter().map(|(tier, price)| RateView {
        label: format!("{tier:?} tier").to_lowercase(),
        text: match price {
            TierPrice::Multiplier { multiplier } => format!("times {multiplier}"),
            TierPrice::Rates { rates, .. } => format!("{} in, {} out", rates.input, rates.output),
        },
    }));
    more.extend(row.fees.iter().map(|fee| RateView {
        label: format!("each {:?}", fee.unit),
        text: fee.usd.to_string(),
    }));
    more
}

/// Where the shipped prices come from, and from when to when they were read.
fn snapshot(shipped: &PriceTable) -> String {
    let real = || shipped.rows().filter(|row| !row.practice);
    let sources: BTreeSet<&str> = real()
        .filter_map(|row| row.source.split(", cross-checked").next())
        .collect();
    let sources: Vec<&str> = sources.into_iter().collect();
    let days: BTreeSet<_> = real().map(|row| row.checked).collect();
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return "No prices ship with this version.".into();
    };
    let read = if first == last {
        format!("read {last}")
    } else {
        format!("read {first} to {last}")
    };
    format!("{} rows of {}, {read}.", real().count(), sources.join(" and "))
}

fn rate(what: &str, text: &str) -> Result<Rate, Error> {
    Rate::per_million(text.trim().trim_start_matches('$')).map_err(|error| {
        Error::input(
            format!("the price of {what}: {error}"),
            "Give US dollars per million tokens, such as 0.25.",
        )
    })
}

fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn no_model() -> Error {
    Error::input(
        "no model was named",
        "Give its name as the provider's answers give it, such as gpt-5-mini.",
    )
}
