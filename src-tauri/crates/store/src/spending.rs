use crate::{Store, StoreError};
use chrono::{NaiveDate, Utc};
use evidence::PicoUsd;
use provider::Ledger;
use rusqlite::{OptionalExtension as _, params};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

impl Store {
    /// What each provider has cost on a day (UTC), by name.
    pub fn spending_on(&self, day: NaiveDate) -> Result<Vec<(String, PicoUsd)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT provider, pico FROM spending WHERE day = ?1 ORDER BY provider")?;
            let rows = statement.query_map([day.to_string()], |row| {
                Ok((row.get(0)?, PicoUsd::from_pico(row.get(1)?)))
            })?;
            rows.map(|row| Ok(row?)).collect()
        })
    }

    fn spent_on(&self, day: NaiveDate, provider: &str) -> Result<PicoUsd, StoreError> {
        self.read(|connection| {
            let pico: Option<i64> = connection
                .prepare_cached("SELECT pico FROM spending WHERE day = ?1 AND provider = ?2")?
                .query_row(params![day.to_string(), provider], |row| row.get(0))
                .optional()?;
            Ok(PicoUsd::from_pico(pico.unwrap_or(0)))
        })
    }

    /// Adds what a call has cost on a day (UTC).
    pub fn add_spending(&self, day: NaiveDate, provider: &str, cost: PicoUsd) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO spending (day, provider, pico) VALUES (?1, ?2, ?3)
                     ON CONFLICT (day, provider) DO UPDATE SET pico = pico + excluded.pico",
                )?
                .execute(params![day.to_string(), provider, cost.pico()])?;
            Ok(())
        })
    }
}

/// The ledger in the database. A charge is committed, and so seen by every process, when it returns.
pub struct StoreLedger {
    store: Arc<Store>,
    today: Box<dyn Fn() -> NaiveDate + Send + Sync>,
    /// Charges that the database would not take (a full disk), which count here until it does.
    unwritten: Mutex<HashMap<(NaiveDate, String), PicoUsd>>,
}

impl StoreLedger {
    /// A ledger in this database, by the machine's clock.
    pub fn new(store: Arc<Store>) -> Self {
        Self::at(store, || Utc::now().date_naive())
    }

    /// A ledger that takes the day (UTC) from elsewhere.
    pub fn at(store: Arc<Store>, today: impl Fn() -> NaiveDate + Send + Sync + 'static) -> Self {
        Self {
            store,
            today: Box::new(today),
            unwritten: Mutex::default(),
        }
    }
}

impl Ledger for StoreLedger {
    fn spent_today(&self, provider: &str) -> Result<PicoUsd, String> {
        let day = (self.today)();
        // Held while the database is read, so that an amount on its way there is counted once.
        let unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = self
            .store
            .spent_on(day, provider)
            .map_err(|error| error.to_string())?;
        let here = unwritten.get(&(day, provider.to_owned())).copied();
        Ok(spent + here.unwrap_or_default())
    }

    fn charge(&self, provider: &str, cost: PicoUsd) {
        let key = ((self.today)(), provider.to_owned());
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        let owed = unwritten.remove(&key).unwrap_or_default() + cost;
        if let Err(error) = self.store.add_spending(key.0, provider, owed) {
            tracing::error!(%error, provider, "what a call has cost could not be written into the ledger");
            unwritten.insert(key, owed);
        }
    }
}
