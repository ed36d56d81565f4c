//! The database as two processes see it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use chrono::{TimeZone as _, Utc};
use evidence::ProjectId;
use std::sync::Arc;
use store::{ProjectRecord, Store, StoreError};

fn project(folder: &str) -> ProjectRecord {
    ProjectRecord {
        id: ProjectId::new(),
        name: folder.into(),
        folder: folder.into(),
        starter: None,
        trusted: false,
        created_at: Utc.with_ymd_and_hms(2026, 11, 2, 9, 30, 0).unwrap(),
    }
}

/// Two stores on one file write at the same time: nothing is lost, and a folder is one project, whoever was first.
#[test]
fn writers_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = Arc::new(folder.path().join("playbook.db"));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let path = Arc::clone(&path);
            std::thread::spawn(move || {
                let store = Store::open(&path).unwrap();
                for at in 0..25 {
                    store
                        .add_project(&project(&format!("/own/{writer}/{at}")))
                        .unwrap();
                    store.add_project(&project(&format!("/shared/{at}"))).unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let store = Store::open(&path).unwrap();
    assert_eq!(store.projects().unwrap().len(), 4 * 25 + 25);
    let first = store.project_in("/shared/3").unwrap().unwrap();
    assert_eq!(store.add_project(&project("/shared/3")).unwrap().id, first.id);
}

/// A file that is no database, and one that a later version wrote, are left as they are and named.
#[test]
fn what_cannot_be_opened_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.db");
    std::fs::write(&path, "These are my notes, and no database at all. ".repeat(40)).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(Store::open(&path).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), before);

    let newer = folder.path().join("newer.db");
    let connection = rusqlite::Connection::open(&newer).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let error = Store::open(&newer).err().unwrap();
    assert!(matches!(error, StoreError::TooNew { found: 99, .. }), "{error}");
}
