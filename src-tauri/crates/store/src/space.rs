//! What the results take on the disk.

use crate::{Store, StoreError};

/// Bytes of the database, and what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredSpace {
    /// Bytes of all pages in use.
    pub database: u64,
    /// Bytes of the compressed texts of results: case, answer, reasons, request and response.
    pub texts: u64,
    /// Results.
    pub results: u64,
}

impl Store {
    /// Measures the database. It reads every result's length, which takes seconds where there are millions.
    pub fn space(&self) -> Result<StoredSpace, StoreError> {
        self.read(|connection| {
            let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
            let pages = pragma("page_count")?.saturating_sub(pragma("freelist_count")?);
            let database = pages * pragma("page_size")?;
            let (texts, results) = connection.query_row(
                "SELECT coalesce(sum(length(detail)), 0), count(*) FROM result_detail",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            Ok(StoredSpace {
                database,
                texts,
                results,
            })
        })
    }
}
