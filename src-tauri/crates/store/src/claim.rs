use crate::{Store, StoreError};
use evidence::{ClaimId, ProjectId};
use portfolio::ClaimDefinition;
use rusqlite::Transaction;

impl Store {
    /// A project's claims, newest first.
    pub fn claims(&self, project: ProjectId) -> Result<Vec<ClaimDefinition>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT definition FROM claim WHERE project = ?1 ORDER BY id DESC")?;
            let rows = statement.query_map([project.to_string()], |row| row.get::<_, String>(0))?;
            rows.map(|row| Ok(serde_json::from_str(&row?)?)).collect()
        })
    }

    /// Adds a claim; its slug must be new in the project.
    pub fn add_claim(&self, claim: &ClaimDefinition) -> Result<(), StoreError> {
        self.write(|transaction| add(transaction, claim))
    }

    /// Takes claims off and adds others in one transaction: all of it is done, or none.
    pub fn replace_claims(&self, removed: &[ClaimId], added: &[ClaimDefinition]) -> Result<(), StoreError> {
        self.write(|transaction| {
            removed.iter().try_for_each(|claim| remove(transaction, *claim))?;
            added.iter().try_for_each(|claim| add(transaction, claim))
        })
    }

    /// Takes a claim off. Runs are never deleted, so it can be made again.
    pub fn remove_claim(&self, claim: ClaimId) -> Result<(), StoreError> {
        self.write(|transaction| remove(transaction, claim))
    }
}

fn add(transaction: &Transaction<'_>, claim: &ClaimDefinition) -> Result<(), StoreError> {
    let added = transaction.execute(
        "INSERT INTO claim (id, project, slug, definition) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (project, slug) DO NOTHING",
        [
            &claim.id.to_string(),
            &claim.project.to_string(),
            &claim.slug,
            &serde_json::to_string(claim)?,
        ],
    )?;
    if added == 0 {
        let message = format!(
            "there is a claim called `{}` already; choose another name",
            claim.slug
        );
        return Err(StoreError::Conflict { message });
    }
    Ok(())
}

fn remove(transaction: &Transaction<'_>, claim: ClaimId) -> Result<(), StoreError> {
    let removed = transaction.execute("DELETE FROM claim WHERE id = ?1", [claim.to_string()])?;
    if removed == 0 {
        return Err(StoreError::Missing {
            what: "claim",
            id: claim.to_string(),
        });
    }
    Ok(())
}
