//! Pydantic's genai-prices, `prices/data.json`: providers with models, prices in dollars per million tokens.
//!
//! A price is a number, or a base with tiers by length of the prompt. Prices of a model are one set, or a list of sets of which
//! the last whose constraint (a first day, or hours of the day) is met holds.

use super::{Conversion, Skipped, TableFormat, decimal};
use crate::price::{Fee, FeeUnit, Hours, LongContext, PriceRow, Rate, Rates};
use chrono::{NaiveDate, NaiveTime};
use evidence::PicoUsd;
use serde_json::{Map, Value};

/// Prices that have a place in our rows. Others are named among what was left out.
const KNOWN: [&str; 14] = [
    "input_mtok",
    "output_mtok",
    "cache_read_mtok",
    "cache_write_mtok",
    "cache_write_5m_mtok",
    "cache_write_1h_mtok",
    "input_audio_mtok",
    "cache_audio_read_mtok",
    "output_audio_mtok",
    "input_image_mtok",
    "output_image_mtok",
    "output_reasoning_mtok",
    "requests_kcount",
    "web_searches_kcount",
];

pub(super) fn convert(table: &Value, checked: NaiveDate) -> Conversion {
    let mut conversion = Conversion::default();
    for provider in table.as_array().into_iter().flatten() {
        for model in provider["models"].as_array().into_iter().flatten() {
            let mut skip = |reason| {
                let (seller, id) = (&provider["id"], &model["id"]);
                let model = format!(
                    "{}/{}",
                    seller.as_str().unwrap_or("?"),
                    id.as_str().unwrap_or("?")
                );
                conversion.skipped.push(Skipped { model, reason });
            };
            match rows(provider, model, checked, &mut skip) {
                Ok(rows) => conversion.rows.extend(rows),
                Err(reason) => skip(reason),
            }
        }
    }
    conversion
}

/// One set of prices with the time at which it holds.
struct Set<'a> {
    prices: &'a Map<String, Value>,
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
    hours: Option<Hours>,
}

fn rows(
    provider: &Value,
    model: &Value,
    checked: NaiveDate,
    skip: &mut impl FnMut(String),
) -> Result<Vec<PriceRow>, String> {
    let (Some(seller), Some(id)) = (provider["id"].as_str(), model["id"].as_str()) else {
        return Err("no id".into());
    };
    let names = names(id, &model["match"]);
    let mut rows = Vec::new();
    // The last set that holds wins there, the first row that fits wins here.
    for (number, set) in sets(&model["prices"])?.iter().enumerate().rev() {
        for strange in set.prices.keys().filter(|name| !KNOWN.contains(&name.as_str())) {
            skip(format!("its price `{strange}` has no place in a row"));
        }
        for name in &names {
            rows.push(PriceRow {
                id: format!("genai-prices-{seller}-{name}-{number}-{checked}"),
                provider: Some(seller.to_owned()),
                model: name.clone(),
                rates: rates(set.prices, None, name.contains("embed"))?,
                long_context: cliffs(set.prices, name.contains("embed"))?,
                fees: fees(set.prices)?,
                valid_from: set.from,
                valid_until: set.until,
                hours: set.hours,
                source: TableFormat::GenAiPrices.source().to_owned(),
                source_url: provider["pricing_urls"][0].as_str().map(str::to_owned),
                note: model["price_comments"].as_str().map(str::to_owned),
                checked: model["prices_checked"]
                    .as_str()
                    .and_then(|day| day.parse().ok())
                    .unwrap_or(checked),
                ..PriceRow::empty(checked)
            });
        }
    }
    Ok(rows)
}

/// The names that a model is called by: its id, and what it equals or begins with. What a name only contains or ends with
/// cannot be said in a row.
fn names(id: &str, clause: &Value) -> Vec<String> {
    let mut names = vec![id.to_owned()];
    collect(clause, &mut names);
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    kept
}

fn collect(clause: &Value, names: &mut Vec<String>) {
    if let Some(name) = clause["equals"].as_str() {
        names.push(name.to_owned());
    }
    if let Some(start) = clause["starts_with"].as_str() {
        names.push(format!("{start}*"));
    }
    for inner in clause["or"].as_array().into_iter().flatten() {
        collect(inner, names);
    }
}

fn sets(prices: &Value) -> Result<Vec<Set<'_>>, String> {
    let list = match prices {
        Value::Object(prices) => {
            return Ok(vec![Set {
                prices,
                from: None,
                until: None,
                hours: None,
            }]);
        }
        Value::Array(list) => list,
        _ => return Err("no prices".into()),
    };
    let mut sets: Vec<Set<'_>> = Vec::new();
    for entry in list {
        let constraint = &entry["constraint"];
        let time = |name: &str| {
            let text = constraint[name].as_str()?;
            text.trim_end_matches('Z').parse::<NaiveTime>().ok()
        };
        let from = constraint["start_date"].as_str().and_then(|day| day.parse().ok());
        let hours = time("start_time")
            .zip(time("end_time"))
            .map(|(from, until)| Hours { from, until });
        if !constraint.is_null() && from.is_none() && hours.is_none() {
            return Err(format!(
                "a constraint that is neither a first day nor hours: {constraint}"
            ));
        }
        if from.is_some() {
            for earlier in sets.iter_mut().filter(|earlier| earlier.until.is_none()) {
                earlier.until = from;
            }
        }
        sets.push(Set {
            prices: entry["prices"].as_object().ok_or("no prices")?,
            from,
            until: None,
            hours,
        });
    }
    Ok(sets)
}

/// A price at a length of the prompt, in dollars per million.
fn price(value: &Value, start: Option<u64>) -> Option<&Value> {
    if value.is_number() {
        return Some(value);
    }
    let tiers = value["tiers"].as_array().map_or(&[][..], Vec::as_slice);
    let tier = start.and_then(|start| {
        tiers
            .iter()
            .filter(|tier| tier["start"].as_u64().is_some_and(|at| at <= start))
            .max_by_key(|tier| tier["start"].as_u64())
    });
    let price = tier.map_or(&value["base"], |tier| &tier["price"]);
    price.is_number().then_some(price)
}

fn rates(prices: &Map<String, Value>, start: Option<u64>, embeds: bool) -> Result<Rates, String> {
    let of = |name: &str| {
        prices
            .get(name)
            .and_then(|value| price(value, start))
            .map(|value| Rate::per_million(&decimal(value)))
            .transpose()
            .map_err(|error| format!("{name}: {error}"))
    };
    let output = of("output_mtok")?;
    Ok(Rates {
        input: of("input_mtok")?.ok_or("no input_mtok")?,
        cache_read: of("cache_read_mtok")?,
        cache_write_5m: of("cache_write_5m_mtok")?.or(of("cache_write_mtok")?),
        cache_write_1h: of("cache_write_1h_mtok")?,
        audio_input: of("input_audio_mtok")?,
        audio_cache_read: of("cache_audio_read_mtok")?,
        image_input: of("input_image_mtok")?,
        output: if embeds {
            output.unwrap_or_default()
        } else {
            output.ok_or("no output_mtok")?
        },
        reasoning: of("output_reasoning_mtok")?,
        audio_output: of("output_audio_mtok")?,
        image_output: of("output_image_mtok")?,
    })
}

fn cliffs(prices: &Map<String, Value>, embeds: bool) -> Result<Vec<LongContext>, String> {
    let mut starts: Vec<u64> = prices
        .values()
        .filter_map(|value| value["tiers"].as_array())
        .flatten()
        .filter_map(|tier| tier["start"].as_u64())
        .collect();
    starts.sort_unstable();
    starts.dedup();
    starts
        .into_iter()
        .map(|above| {
            Ok(LongContext {
                above,
                rates: rates(prices, Some(above), embeds)?,
            })
        })
        .collect()
}

fn fees(prices: &Map<String, Value>) -> Result<Vec<Fee>, String> {
    let mut fees = Vec::new();
    for (unit, name) in [
        (FeeUnit::Request, "requests_kcount"),
        (FeeUnit::WebSearch, "web_searches_kcount"),
    ] {
        let Some(value) = prices.get(name) else { continue };
        let thousand = PicoUsd::parse_usd(&decimal(value)).map_err(|error| format!("{name}: {error}"))?;
        if thousand.pico() % 1000 != 0 {
            return Err(format!("{name}: {value} is not exact for one"));
        }
        fees.push(Fee {
            unit,
            usd: PicoUsd::from_pico(thousand.pico() / 1000),
        });
    }
    Ok(fees)
}
