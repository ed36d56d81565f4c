use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use evidence::ContentHash;
use rusqlite::{OptionalExtension as _, params};

/// No kept answer is longer than this when unpacked.
const LONGEST_ANSWER: usize = 64 * 1024 * 1024;

impl Store {
    /// The answer kept under this key, as JSON.
    pub fn cached_response(&self, key: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        let packed: Option<Vec<u8>> = self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT answer FROM response_cache WHERE key = ?1")?
                .query_row([key.as_str().as_bytes()], |row| row.get(0))
                .optional()?)
        })?;
        packed
            .map(|packed| {
                zstd::bulk::decompress(&packed, LONGEST_ANSWER)
                    .map_err(|error| StoreError::Row(format!("a packed answer: {error}")))
            })
            .transpose()
    }

    /// Keeps an answer, given as JSON; the newest one under a key counts.
    pub fn keep_response(
        &self,
        key: &ContentHash,
        answer: &[u8],
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let packed = zstd::bulk::compress(answer, 1)
            .map_err(|error| StoreError::Row(format!("packing an answer: {error}")))?;
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO response_cache (key, answer, created_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (key) DO UPDATE SET answer = excluded.answer, created_at = excluded.created_at",
                params![key.as_str().as_bytes(), packed, at.to_rfc3339()],
            )?;
            Ok(())
        })
    }

    /// Forgets every kept answer. Returns how many.
    pub fn clear_response_cache(&self) -> Result<u64, StoreError> {
        self.write(|transaction| Ok(transaction.execute("DELETE FROM response_cache", [])? as u64))
    }
}
