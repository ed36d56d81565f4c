//! LiteLLM's `model_prices_and_context_window.json`: an object a model, prices in dollars per token.
//!
//! What a price is of stands at the beginning of a key, then the threshold of a long prompt, then the tier:
//! `cache_read_input_token_cost_above_272k_tokens_priority`.

use super::{Conversion, Skipped, TableFormat, decimal};
use crate::price::{Fee, FeeUnit, LongContext, PriceRow, Rate, RateError, Rates, Tier, TierPrice};
use chrono::NaiveDate;
use evidence::PicoUsd;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

const TIERS: [(Tier, &str); 3] = [
    (Tier::Batch, "_batches"),
    (Tier::Flex, "_flex"),
    (Tier::Priority, "_priority"),
];

pub(super) fn convert(table: &Value, checked: NaiveDate) -> Conversion {
    let mut conversion = Conversion::default();
    for (name, entry) in table.as_object().into_iter().flatten() {
        // The first entry describes the fields and is no model.
        let Some(entry) = entry.as_object().filter(|_| name != "sample_spec") else {
            continue;
        };
        match row(name, entry, checked, &mut conversion.skipped) {
            Ok(row) => conversion.rows.push(row),
            Err(reason) => conversion.skipped.push(Skipped {
                model: name.clone(),
                reason,
            }),
        }
    }
    conversion
}

fn row(
    name: &str,
    entry: &Map<String, Value>,
    checked: NaiveDate,
    skipped: &mut Vec<Skipped>,
) -> Result<PriceRow, String> {
    let mode = entry.get("mode").and_then(Value::as_str).unwrap_or("chat");
    if !matches!(mode, "chat" | "completion" | "responses" | "embedding") {
        return Err(format!("models of mode {mode} are not called by this app"));
    }
    let provider = entry.get("litellm_provider").and_then(Value::as_str);
    let model = provider
        .and_then(|provider| name.strip_prefix(provider)?.strip_prefix('/'))
        .unwrap_or(name);
    let rates = rates(entry, "", mode == "embedding")
        .map_err(|error| error.to_string())?
        .ok_or("no price per token for input and output")?;
    let long_context = cliffs(entry, "", &rates).map_err(|error| error.to_string())?;
    let mut tiers = BTreeMap::new();
    for (tier, suffix) in TIERS {
        match tier_price(entry, suffix, &rates, &long_context) {
            Ok(Some(price)) => {
                tiers.insert(tier, price);
            }
            Ok(None) => {}
            Err(reason) => skipped.push(Skipped {
                model: name.to_owned(),
                reason: format!("its tier {}: {reason}", suffix.trim_start_matches('_')),
            }),
        }
    }
    Ok(PriceRow {
        id: format!("litellm-{name}-{checked}"),
        provider: provider.map(str::to_owned),
        model: model.to_owned(),
        rates,
        long_context,
        tiers,
        fees: fees(entry)?,
        source: TableFormat::LiteLlm.source().to_owned(),
        source_url: entry.get("source").and_then(Value::as_str).map(str::to_owned),
        checked,
        ..PriceRow::empty(checked)
    })
}

fn rate(entry: &Map<String, Value>, key: &str) -> Result<Option<Rate>, RateError> {
    match entry.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => Rate::per_token(&decimal(value)).map(Some),
    }
}

/// The rates of a tier and threshold; none where input or output has none.
fn rates(entry: &Map<String, Value>, suffix: &str, embeds: bool) -> Result<Option<Rates>, RateError> {
    let of = |name: &str| rate(entry, &format!("{name}{suffix}"));
    let (input, output) = (of("input_cost_per_token")?, of("output_cost_per_token")?);
    let output = if embeds {
        output.or(Some(Rate::default()))
    } else {
        output
    };
    let (Some(input), Some(output)) = (input, output) else {
        return Ok(None);
    };
    Ok(Some(Rates {
        input,
        cache_read: of("cache_read_input_token_cost")?,
        cache_write_5m: of("cache_creation_input_token_cost")?,
        cache_write_1h: of("cache_creation_input_token_cost_above_1hr")?,
        audio_input: of("input_cost_per_audio_token")?,
        audio_cache_read: of("cache_read_input_audio_token_cost")?,
        image_input: of("input_cost_per_image_token")?,
        output,
        reasoning: of("output_cost_per_reasoning_token")?,
        audio_output: of("output_cost_per_audio_token")?,
        image_output: of("output_cost_per_image_token")?,
    }))
}

/// The cliffs of a tier, by rising threshold. A price that a cliff does not change is that of short prompts.
fn cliffs(entry: &Map<String, Value>, tier: &str, base: &Rates) -> Result<Vec<LongContext>, RateError> {
    let mut thresholds: Vec<u64> = entry
        .keys()
        .filter_map(|key| key.strip_suffix(tier)?.strip_suffix("k_tokens"))
        .filter_map(|start| start.rsplit_once("_above_")?.1.parse().ok())
        .collect();
    thresholds.sort_unstable();
    thresholds.dedup();
    let mut cliffs = Vec::new();
    for thousands in thresholds {
        let suffix = format!("_above_{thousands}k_tokens{tier}");
        let of = |name: &str| rate(entry, &format!("{name}{suffix}"));
        cliffs.push(LongContext {
            above: thousands * 1000,
            rates: Rates {
                input: of("input_cost_per_token")?.unwrap_or(base.input),
                cache_read: of("cache_read_input_token_cost")?.or(base.cache_read),
                cache_write_5m: of("cache_creation_input_token_cost")?.or(base.cache_write_5m),
                cache_write_1h: of("cache_creation_input_token_cost_above_1hr")?.or(base.cache_write_1h),
                output: of("output_cost_per_token")?.unwrap_or(base.output),
                ..*base
            },
        });
    }
    Ok(cliffs)
}

/// The price of a tier. Where input and output differ from the standard by one factor, and nothing that is listed
/// contradicts it, it is that factor, so that it reaches the cache and long prompts too, which the table leaves out.
fn tier_price(
    entry: &Map<String, Value>,
    suffix: &str,
    base: &Rates,
    base_cliffs: &[LongContext],
) -> Result<Option<TierPrice>, String> {
    let text = |error: RateError| error.to_string();
    let Some(rates) = rates(entry, suffix, false).map_err(text)? else {
        return Ok(None);
    };
    let cliffs = cliffs(entry, suffix, &rates).map_err(text)?;
    if let Some(factor) = factor(base, &rates) {
        let scaled = base.scaled(factor).map_err(text)?;
        let fits = |rate: Option<Rate>, expected: Option<Rate>| rate.is_none() || rate == expected;
        let contradicted = !(fits(rates.cache_read, scaled.cache_read)
            && fits(rates.cache_write_5m, scaled.cache_write_5m)
            && fits(rates.cache_write_1h, scaled.cache_write_1h)
            && cliffs.is_empty());
        if !contradicted {
            let multiplier = Rate::per_million(&format!("{}.{:06}", factor / 1_000_000, factor % 1_000_000))
                .map_err(text)?;
            return Ok(Some(TierPrice::Multiplier {
                multiplier: multiplier.to_string(),
            }));
        }
    }
    if cliffs.is_empty() && !base_cliffs.is_empty() {
        return Err("the table lists no price of long prompts for it, though the model has one".into());
    }
    Ok(Some(TierPrice::Rates {
        rates,
        long_context: cliffs,
    }))
}

/// The one factor in millionths between two pairs of rates, where there is one.
fn factor(base: &Rates, tier: &Rates) -> Option<u64> {
    let of = |from: Rate, to: Rate| {
        let (from, to) = (from.token().pico(), to.token().pico());
        let scaled = to.checked_mul(1_000_000)?;
        (from > 0 && scaled % from == 0).then(|| scaled / from)
    };
    let input = of(base.input, tier.input)?;
    (input == of(base.output, tier.output)?).then(|| input.unsigned_abs())
}

fn fees(entry: &Map<String, Value>) -> Result<Vec<Fee>, String> {
    let search = entry
        .get("search_context_cost_per_query")
        .map(|sizes| &sizes["search_context_size_medium"]);
    let listed = [
        (FeeUnit::WebSearch, search),
        (FeeUnit::Request, entry.get("input_cost_per_request")),
        (FeeUnit::Image, entry.get("output_cost_per_image")),
        (FeeUnit::Page, entry.get("ocr_cost_per_page")),
        (FeeUnit::Session, entry.get("code_interpreter_cost_per_session")),
    ];
    let mut fees = Vec::new();
    for (unit, value) in listed {
        let Some(value) = value.filter(|value| value.as_f64().is_some_and(|usd| usd != 0.0)) else {
            continue;
        };
        let usd = PicoUsd::parse_usd(&decimal(value)).map_err(|error| error.to_string())?;
        fees.push(Fee { unit, usd });
    }
    Ok(fees)
}
