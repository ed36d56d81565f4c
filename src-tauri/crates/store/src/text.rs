use crate::{Store, StoreError};
use evidence::ContentHash;
use rusqlite::params;

/// No kept text is longer than this when unpacked; a suite file is far below.
const LONGEST_TEXT: usize = 64 * 1024 * 1024;

/// A text that a run was measured with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptText {
    /// Path as the suite names it; the suite file by its own name.
    pub name: String,
    /// Its content.
    pub text: String,
}

impl Store {
    /// Keeps the texts that a run is measured with. A content that is there already is not kept twice.
    pub fn keep_texts(&self, run: i64, texts: &[KeptText]) -> Result<(), StoreError> {
        let packed: Vec<(&str, ContentHash, Vec<u8>)> = texts
            .iter()
            .map(|kept| {
                let bytes = zstd::bulk::compress(kept.text.as_bytes(), 3)
                    .map_err(|error| StoreError::Row(format!("packing a text: {error}")))?;
                Ok((kept.name.as_str(), ContentHash::of(&kept.text), bytes))
            })
            .collect::<Result<_, StoreError>>()?;
        self.write(|transaction| {
            for (name, hash, bytes) in &packed {
                transaction.execute(
                    "INSERT INTO kept_text (hash, text) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING",
                    params![hash.as_str(), bytes],
                )?;
                transaction.execute(
                    "INSERT INTO run_text (run, name, hash) VALUES (?1, ?2, ?3)
                     ON CONFLICT (run, name) DO UPDATE SET hash = excluded.hash",
                    params![run, name, hash.as_str()],
                )?;
            }
            Ok(())
        })
    }

    /// The texts that a run was measured with, in order of name; none for runs from before they were kept.
    pub fn texts_of_run(&self, run: i64) -> Result<Vec<KeptText>, StoreError> {
        let packed: Vec<(String, Vec<u8>)> = self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT run_text.name, kept_text.text FROM run_text JOIN kept_text USING (hash)
                 WHERE run_text.run = ?1 ORDER BY run_text.name",
            )?;
            let rows = statement.query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        packed
            .into_iter()
            .map(|(name, bytes)| {
                let plain = zstd::bulk::decompress(&bytes, LONGEST_TEXT)
                    .map_err(|error| StoreError::Row(format!("a packed text: {error}")))?;
                let text = String::from_utf8(plain)
                    .map_err(|_| StoreError::Row(format!("the kept text {name} is not UTF-8")))?;
                Ok(KeptText { name, text })
            })
            .collect()
    }
}
