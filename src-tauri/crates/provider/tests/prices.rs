//! Prices: exact arithmetic, the shipped table, and sources that disagree.
#![allow(clippy::unwrap_used)]

use chrono::{DateTime, TimeZone as _, Utc};
use proptest::prelude::*;
use provider::price::{FeeUnit, Unpriced};
use provider::{PriceContext, PriceTable, Tier, Usage};

fn day(year: i32, month: u32, day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, month, day, 12, 0, 0).unwrap()
}

fn content(name: &str) -> String {
    let path = format!("{}/../../../content/prices/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn shipped() -> PriceTable {
    PriceTable::from_json(&content("list.json")).unwrap()
}

fn table(rows: &str) -> PriceTable {
    PriceTable::from_json(rows).unwrap()
}

/// Picodollars that a usage costs.
fn pico(table: &PriceTable, model: &str, usage: Usage, context: &PriceContext<'_>) -> i64 {
    table.cost(model, &usage, context).unwrap().cost.pico()
}

const MICRO: i64 = 1_000_000;

#[test]
fn the_shipped_tables_fit_their_schema() {
    let schema: serde_json::Value = serde_json::from_str(&content("prices.schema.json")).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for name in ["list.json", "practice.json"] {
        let rows: serde_json::Value = serde_json::from_str(&content(name)).unwrap();
        let mistakes: Vec<String> = validator
            .iter_errors(&rows)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(mistakes, Vec::<String>::new(), "{name}");
        PriceTable::from_json(&content(name)).unwrap();
        // What is written is what was read.
        let read: Vec<provider::PriceRow> = serde_json::from_value(rows.clone()).unwrap();
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(
            serde_json::from_str::<Vec<provider::PriceRow>>(&written).unwrap(),
            read
        );
        assert!(
            validator.is_valid(&serde_json::from_str(&written).unwrap()),
            "{written}"
        );
    }
}

/// The prices of facts/protocols-and-cost.md, section 3: claude-opus-5 at 5 / 0.5 / 6.25 / 10 / 25 USD per million.
#[test]
fn each_token_is_charged_once_and_at_its_own_rate() {
    let usage = Usage {
        input: 1000,
        cache_read: 500,
        cache_write_5m: 200,
        cache_write_1h: 100,
        output: 50,
        reasoning: 30,
        ..Usage::default()
    };
    let expected = (200 * 5_00 + 500 * 50 + 200 * 6_25 + 100 * 10_00 + 50 * 25_00) * MICRO / 100;
    let context = PriceContext::at(day(2026, 10, 1));
    assert_eq!(pico(&shipped(), "claude-opus-5", usage, &context), expected);
    let fast = PriceContext {
        tier: Tier::Fast,
        ..context
    };
    assert_eq!(pico(&shipped(), "claude-opus-5", usage, &fast), 2 * expected);
}

#[test]
fn a_long_prompt_is_charged_at_one_rate_throughout() {
    let context = PriceContext::at(day(2026, 10, 1));
    let cost = |input| {
        let usage = Usage {
            input,
            cache_read: 1000,
            output: 10,
            ..Usage::default()
        };
        pico(&shipped(), "gemini-2.5-pro", usage, &context)
    };
    assert_eq!(
        cost(200_000),
        199_000 * 1_250_000 + 1000 * 125_000 + 10 * 10 * MICRO
    );
    assert_eq!(
        cost(200_001),
        199_001 * 2_500_000 + 1000 * 250_000 + 10 * 15 * MICRO
    );
}

#[test]
fn the_day_of_the_call_decides() {
    let usage = Usage {
        input: 1,
        ..Usage::default()
    };
    let cost = |at| pico(&shipped(), "o3-2025-04-16", usage, &PriceContext::at(at));
    assert_eq!(cost(day(2025, 6, 9)), 10 * MICRO);
    assert_eq!(cost(day(2025, 6, 10)), 2 * MICRO);
    let flash = |at| pico(&shipped(), "gemini-3.6-flash", usage, &PriceContext::at(at));
    assert_eq!(
        (flash(day(2026, 12, 31)), flash(day(2027, 1, 1))),
        (750_000, 1_500_000)
    );
}

#[test]
fn snapshots_fit_and_cousins_do_not() {
    let table = shipped();
    let context = PriceContext::at(day(2026, 10, 1));
    let usage = Usage {
        input: 1,
        ..Usage::default()
    };
    for (model, row) in [
        ("gpt-5-2025-08-07", Some("openai-gpt-5-2026-08")),
        (
            "claude-haiku-4-5-20251001",
            Some("anthropic-claude-haiku-4-5-2026-08"),
        ),
        ("gpt-5-mini-2025-08-07", Some("openai-gpt-5-mini-2026-08")),
        ("gpt-5-nano", None),
        ("gpt-5.9", None),
        ("", None),
    ] {
        let priced = table.price(model, &usage, &context).map(|priced| priced.row);
        assert_eq!(priced.as_deref(), row, "{model}");
    }
}

#[test]
fn what_is_not_known_is_unpriced_and_never_nothing() {
    let table = shipped();
    let context = PriceContext::at(day(2026, 10, 1));
    let why = |model: &str, usage: Usage, context: &PriceContext<'_>| {
        table.cost(model, &usage, context).unwrap_err()
    };
    let usage = Usage {
        input: 10,
        output: 10,
        ..Usage::default()
    };
    assert_eq!(why("gpt-unknown", usage, &context), Unpriced::UnknownModel);
    let priority = PriceContext {
        tier: Tier::Priority,
        ..context.clone()
    };
    assert_eq!(why("gpt-5", usage, &priority), Unpriced::UnknownTier);
    let azure = PriceContext {
        provider: Some("azure"),
        ..context.clone()
    };
    assert_eq!(why("gpt-5", usage, &azure), Unpriced::UnknownModel);
    assert_eq!(
        why(
            "gpt-5",
            Usage {
                cache_read: 11,
                ..usage
            },
            &context
        ),
        Unpriced::ContradictoryUsage
    );
    assert_eq!(
        why(
            "gpt-5",
            Usage {
                reasoning: 11,
                ..usage
            },
            &context
        ),
        Unpriced::ContradictoryUsage
    );
    assert_eq!(
        why(
            "gpt-5",
            Usage {
                web_searches: 1,
                ..usage
            },
            &context
        ),
        Unpriced::UnknownFee
    );
    // An hour's lifetime at the five minutes' rate would be too cheap (litellm#29432).
    assert_eq!(
        why(
            "gpt-5.6-sol",
            Usage {
                cache_write_1h: 5,
                ..usage
            },
            &context
        ),
        Unpriced::UnknownRate
    );
    assert_eq!(
        why(
            "gpt-5",
            Usage {
                input: u64::MAX,
                ..usage
            },
            &context
        ),
        Unpriced::OutOfRange
    );
    assert_eq!(Tier::served(Some("scale")), None);
    assert_eq!(Tier::served(None), Some(Tier::Standard));
}

#[test]
fn sources_that_disagree_are_shown_and_the_persons_own_price_wins() {
    let mut table = shipped();
    let at = day(2026, 10, 1);
    let others: Vec<_> = table
        .disagreements("claude-sonnet-5", at)
        .iter()
        .map(|found| (found.used.id.clone(), found.other.id.clone()))
        .collect();
    assert_eq!(
        others,
        [(
            "anthropic-claude-sonnet-5-litellm-2026-08".to_owned(),
            "anthropic-claude-sonnet-5-genai-prices-2026-09".to_owned()
        )]
    );
    // Before the announced rise the two agreed.
    assert!(
        table
            .disagreements("claude-sonnet-5", day(2026, 8, 31))
            .is_empty()
    );
    assert!(table.disagreements("gpt-5", at).is_empty());
    assert_eq!(table.disagreements("gpt-5.6-sol", at).len(), 1);

    table.extend_own(self::table(
        r#"[{"id": "mine", "model": "claude-*", "input": "1", "output": "1", "source": "my contract", "checked": "2026-10-01"}]"#,
    ));
    let priced = table
        .price(
            "claude-sonnet-5",
            &Usage {
                input: 3,
                ..Usage::default()
            },
            &PriceContext::at(at),
        )
        .unwrap();
    assert_eq!((priced.row.as_str(), priced.cost.pico()), ("mine", 3 * MICRO));
    assert_eq!(table.disagreements("claude-sonnet-5", at).len(), 1);
}

#[test]
fn tiers_fees_and_hours_are_charged() {
    let table = table(
        r#"[{"id": "night", "model": "m", "input": "1", "cache_read": "0.1", "output": "2", "source": "x", "checked": "2026-08-01",
             "hours": {"from": "16:30:00", "until": "00:30:00"}},
            {"id": "day", "model": "m", "input": "2", "cache_read": "0.2", "output": "4", "source": "x", "checked": "2026-08-01",
             "hours": {"from": "00:30:00", "until": "16:30:00"},
             "long_context": [{"above": 100, "input": "4", "cache_read": "0.4", "output": "8"}],
             "tiers": {"batch": {"multiplier": "0.5"}, "priority": {"input": "3", "output": "5", "long_context": [{"above": 100, "input": "9", "output": "9"}]}},
             "fees": [{"unit": "web_search", "usd": "0.01"}, {"unit": "image", "usd": "0.04"}, {"unit": "request", "usd": "0.001"}]}]"#,
    );
    let at = |hour| Utc.with_ymd_and_hms(2026, 10, 1, hour, 0, 0).unwrap();
    let usage = Usage {
        input: 10,
        cache_read: 4,
        output: 1,
        ..Usage::default()
    };
    let plain = |hour| PriceContext::at(at(hour));
    assert_eq!(table.price("m", &usage, &plain(20)).unwrap().row, "night");
    assert_eq!(table.price("m", &usage, &plain(0)).unwrap().row, "night");
    let fee = 1_000_000_000;
    assert_eq!(
        pico(&table, "m", usage, &plain(12)),
        6 * 2 * MICRO + 4 * 200_000 + 4 * MICRO + fee
    );
    let batch = PriceContext {
        tier: Tier::Batch,
        ..plain(12)
    };
    assert_eq!(
        pico(&table, "m", usage, &batch),
        (6 * 2 * MICRO + 4 * 200_000 + 4 * MICRO) / 2 + fee
    );
    let long = Usage {
        input: 101,
        cache_read: 4,
        ..Usage::default()
    };
    // The factor reaches the long prompt and its cache too (the fault of litellm#39861).
    assert_eq!(
        pico(&table, "m", long, &batch),
        (97 * 4 * MICRO + 4 * 400_000) / 2 + fee
    );
    let priority = PriceContext {
        tier: Tier::Priority,
        ..plain(12)
    };
    assert_eq!(pico(&table, "m", long, &priority), 101 * 9 * MICRO + fee);
    let mut counted = plain(12);
    counted.quantities.insert(FeeUnit::Image, 2);
    let searched = Usage {
        web_searches: 3,
        ..Usage::default()
    };
    assert_eq!(
        pico(&table, "m", searched, &counted),
        3 * 10 * fee + 2 * 40 * fee + fee
    );
}

#[test]
fn a_bad_row_is_refused_with_its_name() {
    let good = r#"[{"id": "a", "model": "m", "input": "0.15", "output": "0.60", "source": "x", "checked": "2026-08-01"}]"#;
    assert!(PriceTable::from_json(good).is_ok());
    for (from, to, said) in [
        ("0.15", "0.1500001", "at most six decimals"),
        (r#""0.15""#, "0.15", "price row `a`"),
        (r#""input""#, r#""imput""#, "no field `imput`"),
        (r#""source": "x","#, "", "`source`"),
        (
            r#""source""#,
            r#""tiers": {"batch": {"multiplier": "0.333333"}}, "source""#,
            "not exact per token",
        ),
        (
            r#""source""#,
            r#""long_context": [{"above": 5, "input": "1", "outptu": "1", "output": "2"}], "source""#,
            "no field `outptu`",
        ),
    ] {
        let error = PriceTable::from_json(&good.replace(from, to))
            .unwrap_err()
            .to_string();
        assert!(error.contains(said), "{to}: {error}");
    }
    let twice = good.replace('[', &good.replace(']', ","));
    assert!(
        PriceTable::from_json(&twice)
            .unwrap_err()
            .to_string()
            .contains("two price rows")
    );
}

proptest! {
    /// However a sum is divided into its parts, at one rate for all of them it costs the same: no token is lost or charged twice.
    #[test]
    fn at_one_rate_the_division_does_not_matter(parts in prop::array::uniform5(0..1_000_000_u64), output in 0..1_000_000_u64) {
        let table = table(r#"[{"id": "a", "model": "m", "input": "3", "output": "3", "source": "x", "checked": "2026-08-01"}]"#);
        let [_, cache_read, cache_write_5m, cache_write_1h, image_input] = parts;
        let input = parts.iter().sum();
        let usage = Usage { input, cache_read, cache_write_5m, cache_write_1h, image_input, output, reasoning: output / 2, ..Usage::default() };
        let cost = pico(&table, "m", usage, &PriceContext::at(day(2026, 10, 1)));
        prop_assert_eq!(cost, i64::try_from(input + output).unwrap() * 3 * MICRO);
    }
}
