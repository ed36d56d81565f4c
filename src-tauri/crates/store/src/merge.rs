//! Results of one database copied into another: how the shards of a run come together.

use crate::{Store, StoreError, connection::lock_writer};
use rusqlite::{Connection, params};
use std::path::Path;

impl Store {
    /// Copies the results of a run of another database into a run of this one. A result that is there already stays, so that
    /// copying twice changes nothing. Both databases have the same version. Returns how many were added.
    pub fn copy_results(&self, from: &Path, from_run: i64, into_run: i64) -> Result<u64, StoreError> {
        let mut connection = lock_writer(self);
        // A database can be attached only outside a transaction.
        connection.execute("ATTACH DATABASE ?1 AS source", [from.display().to_string()])?;
        let copied = copy(&mut connection, from_run, into_run);
        let detached = connection.execute_batch("DETACH DATABASE source");
        let added = copied?;
        detached?;
        Ok(added)
    }
}

fn copy(connection: &mut Connection, from_run: i64, into_run: i64) -> Result<u64, StoreError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut added = 0;
    for table in ["result", "result_detail"] {
        let columns = columns(&transaction, table)?;
        let sql = format!(
            "INSERT INTO main.{table} (run, {columns}) SELECT ?1, {columns} FROM source.{table} WHERE run = ?2
             ON CONFLICT (run, case_index, repeat) DO NOTHING"
        );
        let inserted = transaction.execute(&sql, params![into_run, from_run])? as u64;
        if table == "result" {
            added = inserted;
        }
    }
    transaction.commit()?;
    Ok(added)
}

/// The columns of a table besides `run`, joined by commas.
fn columns(connection: &Connection, table: &str) -> Result<String, StoreError> {
    let mut statement =
        connection.prepare("SELECT name FROM pragma_table_info(?1, 'main') WHERE name <> 'run'")?;
    let names = statement.query_map([table], |row| row.get::<_, String>(0))?;
    Ok(names.collect::<Result<Vec<_>, _>>()?.join(", "))
}
