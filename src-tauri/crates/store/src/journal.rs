use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use journey::{Entry, Event};

impl Store {
    /// Everything that the person did and decided, oldest first.
    pub fn journal(&self) -> Result<Vec<Entry>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT at, event FROM journal ORDER BY sequence")?;
            let rows =
                statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            rows.map(|row| {
                let (at, event) = row?;
                let at: DateTime<Utc> = at
                    .parse()
                    .map_err(|error| StoreError::Row(format!("the time `{at}`: {error}")))?;
                Ok(Entry {
                    at,
                    event: serde_json::from_str(&event)?,
                })
            })
            .collect()
        })
    }

    /// Adds what happened at this moment.
    pub fn append_journal(&self, at: DateTime<Utc>, events: &[Event]) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut insert = transaction.prepare_cached("INSERT INTO journal (at, event) VALUES (?1, ?2)")?;
            for event in events {
                insert.execute([at.to_rfc3339(), serde_json::to_string(event)?])?;
            }
            Ok(())
        })
    }
}
