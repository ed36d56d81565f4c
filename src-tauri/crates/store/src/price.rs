use crate::{Store, StoreError};
use provider::PriceRow;
use rusqlite::{OptionalExtension as _, params};

/// A model whose calls had no price when they were made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnpricedModel {
    /// The name in responses.
    pub model: String,
    /// Results without a cost for that reason.
    pub results: u64,
}

impl Store {
    /// The person's own prices that hold, the newest first.
    pub fn own_prices(&self) -> Result<Vec<PriceRow>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT row FROM own_price WHERE retired = 0 ORDER BY rowid DESC")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            rows.map(|row| Ok(serde_json::from_str(&row?)?)).collect()
        })
    }

    /// An own price by its id, a retired one too.
    pub fn own_price(&self, id: &str) -> Result<Option<PriceRow>, StoreError> {
        self.read(|connection| {
            let text: Option<String> = connection
                .prepare_cached("SELECT row FROM own_price WHERE id = ?1")?
                .query_row([id], |row| row.get(0))
                .optional()?;
            Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
        })
    }

    /// Keeps an own price and retires the one that the same model had. The row's id gets a number where it was used before.
    pub fn set_own_price(&self, price: &PriceRow) -> Result<PriceRow, StoreError> {
        self.write(|transaction| {
            let mut price = price.clone();
            let wanted = price.id.clone();
            let mut taken =
                transaction.prepare_cached("SELECT EXISTS (SELECT 1 FROM own_price WHERE id = ?1)")?;
            let mut number = 1;
            while taken.query_row([&price.id], |row| row.get::<_, bool>(0))? {
                number += 1;
                price.id = format!("{wanted}-{number}");
            }
            transaction.execute(
                "UPDATE own_price SET retired = 1 WHERE retired = 0 AND row ->> 'model' = ?1",
                [&price.model],
            )?;
            transaction.execute(
                "INSERT INTO own_price (id, row) VALUES (?1, ?2)",
                params![price.id, serde_json::to_string(&price)?],
            )?;
            Ok(price)
        })
    }

    /// Retires an own price.
    pub fn retire_own_price(&self, id: &str) -> Result<(), StoreError> {
        self.write(|transaction| {
            let changed = transaction.execute(
                "UPDATE own_price SET retired = 1 WHERE id = ?1 AND retired = 0",
                [id],
            )?;
            if changed == 0 {
                return Err(StoreError::Missing {
                    what: "price of your own",
                    id: id.to_owned(),
                });
            }
            Ok(())
        })
    }

    /// The models of calls that had no price, most calls first.
    pub fn unpriced_models(&self) -> Result<Vec<UnpricedModel>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT model, count(*) AS results FROM result
                 WHERE unpriced = 1 AND model IS NOT NULL
                 GROUP BY model ORDER BY results DESC, model",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(UnpricedModel {
                    model: row.get(0)?,
                    results: row.get(1)?,
                })
            })?;
            rows.map(|row| Ok(row?)).collect()
        })
    }

    /// The price row that a trial's cost was computed with.
    pub fn price_of(&self, run: i64, key: harness::TrialKey) -> Result<Option<String>, StoreError> {
        self.read(|connection| {
            let id: Option<Option<String>> = connection
                .prepare_cached(
                    "SELECT price FROM result WHERE run = ?1 AND case_index = ?2 AND repeat = ?3",
                )?
                .query_row(params![run, key.case_index, key.repeat], |row| row.get(0))
                .optional()?;
            Ok(id.flatten())
        })
    }
}
