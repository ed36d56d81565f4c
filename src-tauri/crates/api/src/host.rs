//! What the use cases need of the world around them: the time, keys, and where files lie.

use chrono::{DateTime, Local, NaiveDate, SubsecRound as _, Utc};
use provider::{KeyError, KeySource, Secret};
use std::path::{Path, PathBuf};

/// Where files lie.
#[derive(Clone, Debug)]
pub struct Paths {
    /// The database file.
    pub database: PathBuf,
    /// The folder offered for new projects.
    pub projects: PathBuf,
}

impl Paths {
    /// The usual places: `PLAYBOOK_DATA`, or the platform's folder for application data; `PLAYBOOK_PROJECTS`, or
    /// `Playbook` in the documents folder.
    pub fn usual() -> Self {
        let paths = Self::below(&data_folder());
        match std::env::var_os("PLAYBOOK_PROJECTS").filter(|value| !value.is_empty()) {
            Some(projects) => Self {
                projects: PathBuf::from(projects),
                ..paths
            },
            None => paths,
        }
    }

    /// Everything below one data folder.
    pub fn below(data: &Path) -> Self {
        let home = home();
        let documents = home.join("Documents");
        let projects = if documents.is_dir() { documents } else { home };
        Self {
            database: data.join("playbook.db"),
            projects: projects.join("Playbook"),
        }
    }

    /// The folder of the database, and of the logs.
    pub fn data_folder(&self) -> &Path {
        self.database.parent().unwrap_or(Path::new("."))
    }
}

fn home() -> PathBuf {
    std::env::var_os("HOME")
        .or_else(|| std::env::var_os("USERPROFILE"))
        .map_or_else(std::env::temp_dir, PathBuf::from)
}

fn data_folder() -> PathBuf {
    let from = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(folder) = from("PLAYBOOK_DATA") {
        return folder;
    }
    let name = "transition-playbook";
    if cfg!(windows) {
        from("LOCALAPPDATA")
            .unwrap_or_else(|| home().join("AppData/Local"))
            .join(name)
    } else if cfg!(target_os = "macos") {
        home().join("Library/Application Support").join(name)
    } else {
        from("XDG_DATA_HOME")
            .unwrap_or_else(|| home().join(".local/share"))
            .join(name)
    }
}

/// What the use cases need of the world around them. Tests give their own.
pub trait Host: Send + Sync {
    /// This instant.
    fn now(&self) -> DateTime<Utc>;
    /// Today in the person's time zone.
    fn today(&self) -> NaiveDate;
    /// Reads a key from where it lies. May block, and may open a window of the system.
    fn read_key(&self, place: &KeySource) -> Result<Secret, KeyError> {
        place.read()
    }
    /// Keeps a key in the keychain. May block as well.
    fn keep_key(&self, place: &KeySource, key: &Secret) -> Result<(), KeyError> {
        place.keep(key)
    }
    /// Takes a key out of the keychain. May block as well.
    fn forget_key(&self, place: &KeySource) -> Result<(), KeyError> {
        place.forget()
    }
}

/// The machine's own clock and zone.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemHost;

impl Host for SystemHost {
    fn now(&self) -> DateTime<Utc> {
        // Whole milliseconds: no reader needs more, and not every JavaScript engine reads nine decimals alike.
        Utc::now().trunc_subsecs(3)
    }

    fn today(&self) -> NaiveDate {
        Local::now().date_naive()
    }
}
