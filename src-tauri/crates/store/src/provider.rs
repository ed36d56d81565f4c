use crate::{Store, StoreError};
use provider::{ProviderConfiguration, SpendingCap};
use rusqlite::{OptionalExtension as _, Transaction};

impl Store {
    /// The providers that the person configured, by name.
    pub fn providers(&self) -> Result<Vec<ProviderConfiguration>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT configuration FROM provider ORDER BY name COLLATE NOCASE")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            rows.map(|row| Ok(serde_json::from_str(&row?)?)).collect()
        })
    }

    /// Adds a provider; its name must be new, whatever its case.
    pub fn add_provider(&self, provider: &ProviderConfiguration) -> Result<(), StoreError> {
        self.write(|transaction| {
            let known: Option<String> = transaction
                .query_row(
                    "SELECT name FROM provider WHERE name = ?1 COLLATE NOCASE",
                    [&provider.name],
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(known) = known {
                let message = format!("there is a provider called `{known}` already; choose another name");
                return Err(StoreError::Conflict { message });
            }
            transaction.execute(
                "INSERT INTO provider (name, configuration) VALUES (?1, ?2)",
                [&provider.name, &serde_json::to_string(provider)?],
            )?;
            Ok(())
        })
    }

    /// Changes a provider as it is now, in one transaction, so that two windows cannot undo each other's change unseen.
    pub fn change_provider(
        &self,
        name: &str,
        change: impl FnOnce(&mut ProviderConfiguration),
    ) -> Result<ProviderConfiguration, StoreError> {
        self.write(|transaction| {
            let mut provider = configuration(transaction, name)?;
            change(&mut provider);
            transaction.execute(
                "UPDATE provider SET configuration = ?2 WHERE name = ?1",
                [name, &serde_json::to_string(&provider)?],
            )?;
            Ok(provider)
        })
    }

    /// Sets or takes off a provider's daily cap.
    pub fn set_provider_cap(&self, name: &str, cap: Option<SpendingCap>) -> Result<(), StoreError> {
        self.change_provider(name, |provider| provider.cap = cap)
            .map(drop)
    }

    /// Takes a provider off. What it has cost stays in the ledger.
    pub fn remove_provider(&self, name: &str) -> Result<(), StoreError> {
        self.write(|transaction| {
            match transaction.execute("DELETE FROM provider WHERE name = ?1", [name])? {
                0 => Err(missing(name)),
                _ => Ok(()),
            }
        })
    }
}

fn configuration(transaction: &Transaction<'_>, name: &str) -> Result<ProviderConfiguration, StoreError> {
    let text: Option<String> = transaction
        .query_row(
            "SELECT configuration FROM provider WHERE name = ?1",
            [name],
            |row| row.get(0),
        )
        .optional()?;
    Ok(serde_json::from_str(&text.ok_or_else(|| missing(name))?)?)
}

fn missing(name: &str) -> StoreError {
    StoreError::Missing {
        what: "provider",
        id: name.to_owned(),
    }
}
