use crate::{Store, StoreError};
use chrono::{NaiveDate, Utc};
use evidence::PicoUsd;
use provider::{CapRefusal, Ledger, Reservation, SpendingCap};
use rusqlite::{Transaction, params};
use std::sync::{Arc, Mutex, PoisonError};

/// What a call has cost, and what was set aside for it.
struct Bill {
    day: NaiveDate,
    provider: String,
    cost: PicoUsd,
    reservation: Option<Reservation>,
}

impl Store {
    /// What each provider has cost on a day (UTC), by name, with what is set aside for calls in flight: what its cap counts.
    pub fn spending_on(&self, day: NaiveDate) -> Result<Vec<(String, PicoUsd)>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT provider, sum(pico) FROM (
                     SELECT provider, pico FROM spending WHERE day = ?1
                     UNION ALL
                     SELECT provider, pico FROM reservation WHERE day = ?1
                 ) GROUP BY provider ORDER BY provider",
            )?;
            let rows = statement.query_map([day.to_string()], |row| {
                Ok((row.get(0)?, PicoUsd::from_pico(row.get(1)?)))
            })?;
            rows.map(|row| Ok(row?)).collect()
        })
    }

    fn settle_bills(&self, bills: &[Bill]) -> Result<(), StoreError> {
        self.write(|transaction| settle(transaction, bills))
    }

    /// Settles these bills, then sets money aside where the cap has room for it: one transaction, so that no two processes can
    /// both take what is left.
    fn reserve_spending(
        &self,
        bills: &[Bill],
        day: NaiveDate,
        provider: &str,
        worst: PicoUsd,
        cap: SpendingCap,
    ) -> Result<Result<Reservation, CapRefusal>, StoreError> {
        self.write(|transaction| {
            settle(transaction, bills)?;
            let date = day.to_string();
            count_as_spent(transaction, &date)?;
            let counted: i64 = transaction
                .prepare_cached(
                    "SELECT coalesce((SELECT pico FROM spending WHERE day = ?1 AND provider = ?2), 0)
                          + coalesce((SELECT sum(pico) FROM reservation WHERE day = ?1 AND provider = ?2), 0)",
                )?
                .query_row(params![date, provider], |row| row.get(0))?;
            if let Err(refusal) = cap.check(provider, PicoUsd::from_pico(counted), worst) {
                return Ok(Err(refusal));
            }
            transaction
                .prepare_cached("INSERT INTO reservation (day, provider, pico) VALUES (?1, ?2, ?3)")?
                .execute(params![date, provider, worst.pico()])?;
            Ok(Ok(Reservation {
                provider: provider.to_owned(),
                day,
                number: transaction.last_insert_rowid(),
                worst,
            }))
        })
    }
}

fn settle(transaction: &Transaction<'_>, bills: &[Bill]) -> Result<(), StoreError> {
    for bill in bills {
        let mut owed = bill.cost.pico();
        if let Some(reservation) = &bill.reservation {
            let taken = transaction
                .prepare_cached("DELETE FROM reservation WHERE id = ?1")?
                .execute([reservation.number])?;
            // It was taken for left behind and has been counted as spent.
            if taken == 0 {
                owed = owed.saturating_sub(reservation.worst.pico());
            }
        }
        if owed != 0 {
            transaction
                .prepare_cached(
                    "INSERT INTO spending (day, provider, pico) VALUES (?1, ?2, ?3)
                     ON CONFLICT (day, provider) DO UPDATE SET pico = pico + excluded.pico",
                )?
                .execute(params![bill.day.to_string(), bill.provider, owed])?;
        }
    }
    Ok(())
}

/// What is still set aside for days before this one was most likely left behind by a process that died.
fn count_as_spent(transaction: &Transaction<'_>, today: &str) -> Result<(), StoreError> {
    let left: bool = transaction
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM reservation WHERE day < ?1)")?
        .query_row([today], |row| row.get(0))?;
    if left {
        transaction.execute(
            "INSERT INTO spending (day, provider, pico)
             SELECT day, provider, sum(pico) FROM reservation WHERE day < ?1 GROUP BY day, provider
             ON CONFLICT (day, provider) DO UPDATE SET pico = pico + excluded.pico",
            [today],
        )?;
        transaction.execute("DELETE FROM reservation WHERE day < ?1", [today])?;
    }
    Ok(())
}

/// The ledger in the database. What is set aside or charged is committed, and so seen by every process, when the call returns.
///
/// Money that a process set aside and did not live to settle stays counted against the cap of its day: nobody knows whether the
/// call was billed. The first call of a capped provider on a later day moves it to what that day has cost.
pub struct StoreLedger {
    store: Arc<Store>,
    today: Box<dyn Fn() -> NaiveDate + Send + Sync>,
    /// What the database would not take (a full disk). No call of a capped provider begins before it does.
    unwritten: Mutex<Vec<Bill>>,
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

    fn add(&self, bill: Bill) {
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |known: &&mut Bill| {
            let reserved = known.reservation.is_some() || bill.reservation.is_some();
            !reserved && known.day == bill.day && known.provider == bill.provider
        };
        match unwritten.iter_mut().find(same) {
            Some(known) => known.cost = known.cost + bill.cost,
            None => unwritten.push(bill),
        }
        match self.store.settle_bills(&unwritten) {
            Ok(()) => unwritten.clear(),
            Err(error) => {
                tracing::error!(%error, "what a call has cost could not be written into the ledger");
            }
        }
    }
}

impl Ledger for StoreLedger {
    fn reserve(&self, provider: &str, worst: PicoUsd, cap: SpendingCap) -> Result<Reservation, CapRefusal> {
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        let reserved = self
            .store
            .reserve_spending(&unwritten, (self.today)(), provider, worst, cap)
            .map_err(|error| CapRefusal::LedgerUnusable {
                provider: provider.to_owned(),
                cause: error.to_string(),
            })?;
        unwritten.clear();
        reserved
    }

    fn settle(&self, reservation: Reservation, cost: PicoUsd) {
        self.add(Bill {
            day: reservation.day,
            provider: reservation.provider.clone(),
            cost,
            reservation: Some(reservation),
        });
    }

    fn charge(&self, provider: &str, cost: PicoUsd) {
        self.add(Bill {
            day: (self.today)(),
            provider: provider.to_owned(),
            cost,
            reservation: None,
        });
    }
}
