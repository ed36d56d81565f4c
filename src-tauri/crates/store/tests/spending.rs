//! Providers, the ledger and own prices as they lie in the database.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use chrono::NaiveDate;
use evidence::PicoUsd;
use provider::{ApiKind, Ledger as _, PriceRow, ProviderConfiguration};
use std::sync::Arc;
use store::{Store, StoreError, StoreLedger};

fn usd(text: &str) -> PicoUsd {
    PicoUsd::parse_usd(text).unwrap()
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

/// Two processes are two stores on one file: what one charges, the other refuses by, at once.
#[test]
fn a_charge_is_seen_by_another_process_at_once_and_a_new_day_begins_at_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("playbook.db");
    let open = |of: u32| StoreLedger::at(Arc::new(Store::open(&path).unwrap()), move || day(of));
    let (window, command_line, tomorrow) = (open(21), open(21), open(22));
    window.charge("OpenAI", usd("0.25"));
    command_line.charge("OpenAI", usd("0.5"));
    command_line.charge("api.example.org", usd("9"));
    for ledger in [&window, &command_line] {
        assert_eq!(ledger.spent_today("OpenAI"), Ok(usd("0.75")));
    }
    assert_eq!(tomorrow.spent_today("OpenAI"), Ok(PicoUsd::ZERO));
    let store = Store::open(&path).unwrap();
    assert_eq!(
        store.spending_on(day(21)).unwrap(),
        [
            ("OpenAI".to_owned(), usd("0.75")),
            ("api.example.org".to_owned(), usd("9"))
        ]
    );
}

#[test]
fn charges_of_many_threads_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("playbook.db");
    let ledgers: Vec<_> = (0..2)
        .map(|_| Arc::new(StoreLedger::at(Arc::new(Store::open(&path).unwrap()), || day(21))))
        .collect();
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let ledger = Arc::clone(&ledgers[number % 2]);
            std::thread::spawn(move || {
                for _ in 0..50 {
                    ledger.charge("OpenAI", PicoUsd::from_pico(7));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(
        ledgers[0].spent_today("OpenAI"),
        Ok(PicoUsd::from_pico(4 * 50 * 7))
    );
}

#[test]
fn two_providers_cannot_have_one_name_and_a_change_keeps_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("playbook.db")).unwrap();
    let openai = ProviderConfiguration::usual("OpenAI", ApiKind::OpenAiChat, |_| false);
    store.add_provider(&openai).unwrap();
    let again = ProviderConfiguration {
        name: "openai".into(),
        ..openai.clone()
    };
    assert!(matches!(
        store.add_provider(&again),
        Err(StoreError::Conflict { .. })
    ));
    store.set_provider_cap("OpenAI", None).unwrap();
    let kept = store.providers().unwrap();
    assert_eq!(kept, [ProviderConfiguration { cap: None, ..openai }]);
    store.remove_provider("OpenAI").unwrap();
    assert!(matches!(
        store.remove_provider("OpenAI"),
        Err(StoreError::Missing { .. })
    ));
}

#[test]
fn a_changed_own_price_gets_a_new_id_and_the_old_one_can_still_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("playbook.db")).unwrap();
    let row = |input: &str| -> PriceRow {
        serde_json::from_value(serde_json::json!({
            "id": "own-m-2026-11-21", "model": "m", "input": input, "output": "2",
            "source": "your own", "checked": "2026-11-21",
        }))
        .unwrap()
    };
    let first = store.set_own_price(&row("1")).unwrap();
    let second = store.set_own_price(&row("3")).unwrap();
    assert_eq!(second.id, "own-m-2026-11-21-2");
    assert_eq!(store.own_prices().unwrap(), std::slice::from_ref(&second));
    assert_eq!(store.own_price(&first.id).unwrap(), Some(first));
    store.retire_own_price(&second.id).unwrap();
    assert!(store.own_prices().unwrap().is_empty());
}
