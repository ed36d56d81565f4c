//! The price tables of other projects, read from small files in their formats.
#![allow(clippy::unwrap_used)]

use chrono::{DateTime, NaiveDate, TimeZone as _, Utc};
use provider::price::convert::{TableFormat, convert};
use provider::price::{FeeUnit, TierPrice};
use provider::{PriceContext, PriceTable, Tier, Usage};

const MICRO: i64 = 1_000_000;

fn day(year: i32, month: u32, day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, month, day, 12, 0, 0).unwrap()
}

fn table(rows: &str) -> PriceTable {
    PriceTable::from_json(rows).unwrap()
}

/// Picodollars that a usage costs.
fn pico(table: &PriceTable, model: &str, usage: Usage, context: &PriceContext<'_>) -> i64 {
    table.cost(model, &usage, context).unwrap().cost.pico()
}

fn checked() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 8, 31).unwrap()
}

/// A small table in the form of LiteLLM's, with invented prices.
#[test]
fn litellms_table_is_read() {
    let text = r#"{
        "sample_spec": {"input_cost_per_token": 0, "output_cost_per_token": 0, "mode": "chat"},
        "gemini/one": {"litellm_provider": "gemini", "mode": "chat", "source": "https://example.org/prices",
            "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-07,
            "cache_creation_input_token_cost": 2e-06, "cache_creation_input_token_cost_above_1hr": 3e-06,
            "input_cost_per_token_above_200k_tokens": 2.5e-06, "output_cost_per_token_above_200k_tokens": 1.5e-05,
            "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 6e-06,
            "input_cost_per_token_batches": 6.25e-07, "output_cost_per_token_batches": 5e-06,
            "input_cost_per_token_priority": 2e-06, "output_cost_per_token_priority": 2e-05,
            "search_context_cost_per_query": {"search_context_size_low": 0.03, "search_context_size_medium": 0.035}},
        "two": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
            "input_cost_per_token_priority": 2e-06, "output_cost_per_token_priority": 5e-06, "cache_read_input_token_cost_priority": 1e-07},
        "draw": {"litellm_provider": "openai", "mode": "image_generation", "output_cost_per_image": 0.04},
        "vague": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06},
        "embed": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 2e-08}
    }"#;
    let conversion = convert(text, TableFormat::LiteLlm, checked()).unwrap();
    let skipped: Vec<&str> = conversion
        .skipped
        .iter()
        .map(|skipped| skipped.model.as_str())
        .collect();
    assert_eq!(skipped, ["gemini/one", "draw", "vague"]);
    assert!(
        conversion.skipped[0].reason.contains("priority"),
        "{:?}",
        conversion.skipped[0]
    );
    let one = &conversion.rows[0];
    assert_eq!(
        (one.model.as_str(), one.provider.as_deref()),
        ("one", Some("gemini"))
    );
    assert_eq!(one.rates.cache_write_1h.unwrap().to_string(), "3");
    assert_eq!(one.long_context[0].above, 200_000);
    assert_eq!(one.long_context[0].rates.input.to_string(), "2.5");
    assert_eq!(one.long_context[0].rates.cache_read, one.rates.cache_read);
    assert_eq!(one.long_context[0].rates.cache_write_1h.unwrap().to_string(), "6");
    assert_eq!(
        one.tiers[&Tier::Batch],
        TierPrice::Multiplier {
            multiplier: "0.5".into()
        }
    );
    assert_eq!(one.fees[0].unit, FeeUnit::WebSearch);
    assert!(matches!(
        conversion.rows[1].tiers[&Tier::Priority],
        TierPrice::Rates { .. }
    ));
    assert_eq!(conversion.rows[2].rates.input.to_string(), "0.02");

    let written = serde_json::to_string(&conversion.rows).unwrap();
    let batch = PriceContext {
        tier: Tier::Batch,
        ..PriceContext::at(day(2026, 10, 1))
    };
    let long = Usage {
        input: 200_001,
        ..Usage::default()
    };
    assert_eq!(pico(&table(&written), "one", long, &batch), 200_001 * 1_250_000);
}

/// A small table in the form of genai-prices', with invented prices.
#[test]
fn genai_prices_table_is_read() {
    let text = r#"[{"id": "acme", "name": "Acme", "api_pattern": "x", "pricing_urls": ["https://example.org/prices"], "models": [
        {"id": "one", "match": {"or": [{"equals": "one"}, {"starts_with": "one-preview"}, {"contains": "uno"}]}, "prices_checked": "2026-07-01",
         "prices": {"input_mtok": {"base": 1.25, "tiers": [{"start": 200000, "price": 2.5}]}, "cache_read_mtok": 0.125,
                    "cache_write_1h_mtok": 3, "output_mtok": {"base": 10, "tiers": [{"start": 200000, "price": 15}]}, "requests_kcount": 5}},
        {"id": "two", "match": {"equals": "two"}, "prices": [
            {"prices": {"input_mtok": 10, "output_mtok": 40}},
            {"constraint": {"start_date": "2025-06-10"}, "prices": {"input_mtok": 2, "output_mtok": 8}},
            {"constraint": {"start_time": "16:30:00Z", "end_time": "00:30:00Z"}, "prices": {"input_mtok": 1, "output_mtok": 4}}]},
        {"id": "strange", "match": {"equals": "strange"}, "prices": {"input_mtok": 1, "output_mtok": 1, "smell_mtok": 3}}
    ]}]"#;
    let conversion = convert(text, TableFormat::GenAiPrices, checked()).unwrap();
    assert_eq!(conversion.skipped.len(), 1);
    assert!(conversion.skipped[0].reason.contains("smell_mtok"));
    assert!(conversion.rows.iter().any(|row| row.model == "strange"));
    let table = table(&serde_json::to_string(&conversion.rows).unwrap());
    let usage = Usage {
        input: 200_001,
        ..Usage::default()
    };
    let context = PriceContext::at(day(2026, 10, 1));
    let fee = 5_000_000_000;
    assert_eq!(pico(&table, "one", usage, &context), 200_001 * 2_500_000 + fee);
    assert_eq!(
        pico(
            &table,
            "one-preview-3",
            Usage {
                input: 1,
                ..Usage::default()
            },
            &context
        ),
        1_250_000 + fee
    );
    let two = |at| {
        pico(
            &table,
            "two",
            Usage {
                input: 1,
                ..Usage::default()
            },
            &PriceContext::at(at),
        )
    };
    assert_eq!(
        (two(day(2025, 6, 9)), two(day(2025, 6, 10))),
        (10 * MICRO, 2 * MICRO)
    );
    assert_eq!(two(Utc.with_ymd_and_hms(2026, 1, 1, 17, 0, 0).unwrap()), MICRO);
    let checked: Vec<String> = conversion
        .rows
        .iter()
        .map(|row| row.checked.to_string())
        .collect();
    assert_eq!(checked[0], "2026-07-01");
    assert_eq!(
        convert("nonsense", TableFormat::LiteLlm, self::checked()).ok(),
        None
    );
}
