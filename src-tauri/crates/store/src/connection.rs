use crate::StoreError;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Every migration, oldest first. A file that has shipped is never changed; a change is a new file.
const MIGRATIONS: [&str; 7] = [
    include_str!("../migrations/0001_first.sql"),
    include_str!("../migrations/0002_harness.sql"),
    include_str!("../migrations/0003_review.sql"),
    include_str!("../migrations/0004_variants.sql"),
    include_str!("../migrations/0005_spending.sql"),
    include_str!("../migrations/0006_rollup.sql"),
    include_str!("../migrations/0007_reservation.sql"),
];

/// How long one process waits for another one's write.
const BUSY: Duration = Duration::from_secs(10);

/// The database.
pub struct Store {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl Store {
    /// Opens a database, makes it if it is not there, and brings it up to date.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let error = |message: String| StoreError::Open {
            path: path.to_path_buf(),
            message,
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|cause| error(cause.to_string()))?;
        }
        let mut writer = Connection::open(path).map_err(|cause| error(cause.to_string()))?;
        configure(&writer).map_err(|cause| error(cause.to_string()))?;
        migrate(&mut writer, path)?;
        Ok(Self {
            path: path.to_path_buf(),
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes in one transaction: all of it or nothing.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = lock(&self.writer);
        // Immediate: the lock is taken at once, where waiting works, and not in the middle, where it does not.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// Reads without waiting for the writer.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let pooled = lock(&self.readers).pop();
        let connection = match pooled {
            Some(connection) => connection,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let connection = Connection::open_with_flags(&self.path, flags)?;
                connection.busy_timeout(BUSY)?;
                connection
            }
        };
        let value = work(&connection);
        lock(&self.readers).push(connection);
        value
    }
}

/// The one connection that writes, for work that no single transaction can hold.
pub(crate) fn lock_writer(store: &Store) -> MutexGuard<'_, Connection> {
    lock(&store.writer)
}

/// A panic elsewhere leaves the connection itself sound: SQLite rolled the open transaction back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn configure(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(BUSY)?;
    switch_to_wal(connection)?;
    // In WAL mode, NORMAL survives the death of the process; only a power cut can lose the last transactions.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// SQLite does not wait for a lock on this switch, whatever its timeout says: where another process makes the same database at
/// the same moment, it is tried again until that one is done.
fn switch_to_wal(connection: &Connection) -> Result<(), rusqlite::Error> {
    let began = Instant::now();
    loop {
        let switched = connection.pragma_update(None, "journal_mode", "WAL");
        let busy = switched.as_ref().is_err_and(|error| {
            matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
            )
        });
        if !busy || began.elapsed() > BUSY {
            return switched;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let version = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
    };
    let known = MIGRATIONS.len() as i64;
    let found = version(connection)?;
    if found > known {
        return Err(StoreError::TooNew {
            path: path.to_path_buf(),
            found,
            known,
        });
    }
    if found == known {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have migrated while this one waited for the lock.
    let found = version(&transaction)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}
