//! Providers, the ledger and own prices as they lie in the database.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use chrono::NaiveDate;
use evidence::PicoUsd;
use provider::{ApiKind, Ledger as _, PriceRow, ProviderConfiguration, SpendingCap};
use std::sync::Arc;
use store::{Store, StoreError, StoreLedger};

fn usd(text: &str) -> PicoUsd {
    PicoUsd::parse_usd(text).unwrap()
}

fn cap(limit: &str) -> SpendingCap {
    SpendingCap {
        limit_per_day: usd(limit),
    }
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
    let cap = cap("1");
    for ledger in [&window, &command_line] {
        assert!(ledger.reserve("OpenAI", usd("0.250001"), cap).is_err());
    }
    tomorrow.settle(tomorrow.reserve("OpenAI", usd("1"), cap).unwrap(), PicoUsd::ZERO);
    let store = Store::open(&path).unwrap();
    assert_eq!(
        store.spending_on(day(21)).unwrap(),
        [
            ("OpenAI".to_owned(), usd("0.75")),
            ("api.example.org".to_owned(), usd("9"))
        ]
    );
}

/// Two stores on one file are two processes.
fn two_processes(path: &std::path::Path) -> [Arc<StoreLedger>; 2] {
    [(); 2].map(|()| Arc::new(StoreLedger::at(Arc::new(Store::open(path).unwrap()), || day(21))))
}

#[test]
fn charges_of_many_threads_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("playbook.db");
    let ledgers = two_processes(&path);
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
    let store = Store::open(&path).unwrap();
    assert_eq!(
        store.spending_on(day(21)).unwrap(),
        [("OpenAI".to_owned(), PicoUsd::from_pico(4 * 50 * 7))]
    );
}

/// A call could cost a tenth of the cap: ten are in flight, wherever they began.
#[test]
fn two_processes_together_keep_the_cap_with_all_that_is_in_flight() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("playbook.db");
    let ledgers = two_processes(&path);
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let ledger = Arc::clone(&ledgers[number % 2]);
            std::thread::spawn(move || {
                let reserve = |_| ledger.reserve("OpenAI", usd("0.1"), cap("1")).ok();
                (0..10).filter_map(reserve).collect::<Vec<_>>()
            })
        })
        .collect();
    let in_flight: Vec<_> = threads
        .into_iter()
        .flat_map(|thread| thread.join().unwrap())
        .collect();
    assert_eq!(in_flight.len(), 10);
    // Another provider has a cap of its own.
    assert!(ledgers[0].reserve("Gemini", usd("1"), cap("1")).is_ok());
    for reservation in in_flight {
        ledgers[1].settle(reservation, usd("0.05"));
    }
    assert!(ledgers[0].reserve("OpenAI", usd("0.500001"), cap("1")).is_err());
    assert!(ledgers[0].reserve("OpenAI", usd("0.5"), cap("1")).is_ok());
}

/// What a process set aside and did not live to settle counts as spent on its day; where it lived after all, what the call cost
/// is known again.
#[test]
fn money_that_nobody_settled_stays_counted_on_its_day() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("playbook.db");
    let open = |of: u32| StoreLedger::at(Arc::new(Store::open(&path).unwrap()), move || day(of));
    let spent = |of: u32| Store::open(&path).unwrap().spending_on(day(of)).unwrap();
    let (died, slow) = {
        let ledger = open(21);
        (
            ledger.reserve("OpenAI", usd("0.25"), cap("1")).unwrap(),
            ledger.reserve("OpenAI", usd("0.5"), cap("1")).unwrap(),
        )
    };
    assert_eq!((died.day, slow.day), (day(21), day(21)));
    assert_eq!(spent(21), [("OpenAI".to_owned(), usd("0.75"))]);
    assert!(open(21).reserve("OpenAI", usd("0.5"), cap("1")).is_err());

    let next_day = open(22);
    let whole = next_day.reserve("OpenAI", usd("1"), cap("1")).unwrap();
    assert_eq!(spent(21), [("OpenAI".to_owned(), usd("0.75"))]);
    // The call of yesterday ends today, and is charged to the day whose cap let it through.
    next_day.settle(slow, usd("0.125"));
    next_day.settle(whole, usd("0.0625"));
    assert_eq!(spent(21), [("OpenAI".to_owned(), usd("0.375"))]);
    assert_eq!(spent(22), [("OpenAI".to_owned(), usd("0.0625"))]);
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
