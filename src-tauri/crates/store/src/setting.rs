use crate::{Store, StoreError};
use rusqlite::OptionalExtension as _;

impl Store {
    /// A setting's value, if it was ever set.
    pub fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()?)
        })
    }

    /// Sets a setting.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO setting (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [name, value],
            )?;
            Ok(())
        })
    }

    /// The hash of a file as the app wrote it last, if it did.
    pub fn written_hash(&self, path: &str) -> Result<Option<String>, StoreError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT hash FROM written_file WHERE path = ?1")?
                .query_row([path], |row| row.get(0))
                .optional()?)
        })
    }

    /// Remembers files that the app wrote, by absolute path and hash.
    pub fn remember_written(&self, files: &[(String, String)]) -> Result<(), StoreError> {
        self.write(|transaction| {
            for (path, hash) in files {
                transaction.execute(
                    "INSERT INTO written_file (path, hash) VALUES (?1, ?2)
                     ON CONFLICT (path) DO UPDATE SET hash = excluded.hash",
                    [path, hash],
                )?;
            }
            Ok(())
        })
    }
}
