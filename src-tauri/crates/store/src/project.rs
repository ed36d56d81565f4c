use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use evidence::ProjectId;
use rusqlite::{OptionalExtension as _, Row};

/// A project folder that the app knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectRecord {
    /// Identity.
    pub id: ProjectId,
    /// Name.
    pub name: String,
    /// Absolute folder.
    pub folder: String,
    /// The starter it came from.
    pub starter: Option<String>,
    /// Whether the app may run its commands.
    pub trusted: bool,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

const COLUMNS: &str = "SELECT id, name, folder, starter, trusted, created_at FROM project";

fn record(row: &Row<'_>) -> Result<ProjectRecord, StoreError> {
    Ok(ProjectRecord {
        id: parse(&row.get::<_, String>(0)?)?,
        name: row.get(1)?,
        folder: row.get(2)?,
        starter: row.get(3)?,
        trusted: row.get(4)?,
        created_at: parse(&row.get::<_, String>(5)?)?,
    })
}

pub(crate) fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, StoreError> {
    text.parse()
        .map_err(|error| StoreError::Row(format!("`{text}`: {error}")))
}

impl Store {
    /// Every project, newest first.
    pub fn projects(&self) -> Result<Vec<ProjectRecord>, StoreError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached(&format!("{COLUMNS} ORDER BY created_at DESC, id DESC"))?;
            let mut rows = statement.query([])?;
            let mut projects = Vec::new();
            while let Some(row) = rows.next()? {
                projects.push(record(row)?);
            }
            Ok(projects)
        })
    }

    /// One project.
    pub fn project(&self, id: ProjectId) -> Result<ProjectRecord, StoreError> {
        self.find_project("id", &id.to_string())?
            .ok_or_else(|| StoreError::Missing {
                what: "project",
                id: id.to_string(),
            })
    }

    /// The project in this folder, if the app knows it.
    pub fn project_in(&self, folder: &str) -> Result<Option<ProjectRecord>, StoreError> {
        self.find_project("folder", folder)
    }

    fn find_project(&self, column: &str, value: &str) -> Result<Option<ProjectRecord>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&format!("{COLUMNS} WHERE {column} = ?1"))?;
            let mut rows = statement.query([value])?;
            rows.next()?.map(record).transpose()
        })
    }

    /// Adds a project, or gives the one that is in the folder already.
    pub fn add_project(&self, project: &ProjectRecord) -> Result<ProjectRecord, StoreError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO project (id, name, folder, starter, trusted, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (folder) DO NOTHING",
                rusqlite::params![
                    project.id.to_string(),
                    project.name,
                    project.folder,
                    project.starter,
                    project.trusted,
                    project.created_at.to_rfc3339(),
                ],
            )?;
            let mut statement = transaction.prepare(&format!("{COLUMNS} WHERE folder = ?1"))?;
            let found = statement
                .query_row([&project.folder], |row| Ok(record(row)))
                .optional()?;
            found.unwrap_or_else(|| {
                Err(StoreError::Missing {
                    what: "project",
                    id: project.id.to_string(),
                })
            })
        })
    }

    /// Says whether the app may run a project's commands.
    pub fn set_trusted(&self, id: ProjectId, trusted: bool) -> Result<(), StoreError> {
        self.write(|transaction| {
            let changed = transaction.execute(
                "UPDATE project SET trusted = ?2 WHERE id = ?1",
                rusqlite::params![id.to_string(), trusted],
            )?;
            if changed == 0 {
                return Err(StoreError::Missing {
                    what: "project",
                    id: id.to_string(),
                });
            }
            Ok(())
        })
    }
}
