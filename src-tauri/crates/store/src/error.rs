use std::path::PathBuf;

/// Why the database could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened.
    #[error("the database {} cannot be opened: {message}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// A later version of the app wrote it.
    #[error("the database {} was written by a later version of the app (format {found}, this app knows {known})", path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Format of the file.
        found: i64,
        /// Newest format that this app knows.
        known: i64,
    },
    /// There is no row with this identity.
    #[error("there is no {what} `{id}`")]
    Missing {
        /// Project, run, result, claim.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// Something is there already.
    #[error("{message}")]
    Conflict {
        /// What.
        message: String,
    },
    /// SQLite says no: the disk is full, the file is locked for long, the file is damaged.
    #[error("the database says: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A row holds something that this version cannot read.
    #[error("a row of the database cannot be read: {0}")]
    Row(String),
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Row(error.to_string())
    }
}
