//! Starter projects: what ships, how one is created, and what of a project is still the starter's.

use crate::{
    Error, content,
    wire::{app::StarterOffer, project::FirstChange},
};
use evidence::ContentHash;
use include_dir::Dir;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What a starter says of itself, in its `starter.json`.
#[derive(Debug, Deserialize)]
struct Manifest {
    title: String,
    description: String,
    first_change: Option<Mark>,
}

/// A line that is worth changing first, found by a mark in it.
#[derive(Clone, Debug, Deserialize)]
struct Mark {
    file: String,
    mark: String,
}

/// What a created project remembers of its starter, in `.playbook/starter.json`: by it the learner's own cases
/// and changes are told from what shipped.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The starter.
    pub(crate) starter: String,
    /// Hash of the source as it shipped.
    pub(crate) source: ContentHash,
    /// Hashes of the cases that shipped.
    pub(crate) cases: BTreeSet<ContentHash>,
    first_change: Option<FirstLine>,
}

/// The line to change first, as it shipped.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct FirstLine {
    file: String,
    text: String,
}

const MANIFEST: &str = "starter.json";
const ORIGIN: &str = ".playbook/starter.json";

fn manifest(folder: &Dir<'_>) -> Result<Manifest, Error> {
    let file = folder
        .get_file(folder.path().join(MANIFEST))
        .and_then(|file| file.contents_utf8());
    let text =
        file.ok_or_else(|| Error::internal(format!("{} has no {MANIFEST}", folder.path().display())))?;
    serde_json::from_str(text).map_err(|error| Error::internal(format!("{MANIFEST}: {error}")))
}

/// The starters that can be created.
pub(crate) fn offers() -> Result<Vec<StarterOffer>, Error> {
    content::starter_names()
        .into_iter()
        .filter_map(|name| Some((name, content::starter_folder(name)?)))
        .map(|(name, folder)| {
            let manifest = manifest(folder)?;
            Ok(StarterOffer {
                id: name.into(),
                title: manifest.title,
                description: manifest.description,
            })
        })
        .collect()
}

/// Writes a starter into a folder that does not exist or is empty. Returns the folder, absolute, and the title.
pub(crate) fn create(name: &str, folder: &Path) -> Result<(PathBuf, String), Error> {
    let Some(shipped) = content::starter_folder(name) else {
        let names = content::starter_names().join(", ");
        return Err(Error::input(
            format!("there is no starter `{name}`"),
            format!("Choose one of: {names}."),
        ));
    };
    let manifest = manifest(shipped)?;
    let taken = fs::read_dir(folder)
        .map(|mut entries| entries.next().is_some())
        .unwrap_or(folder.exists());
    if taken {
        return Err(Error::input(
            format!("{} is not empty, and nothing in it was touched", folder.display()),
            "Choose a folder that does not exist yet, or an empty one.",
        ));
    }
    fs::create_dir_all(folder).map_err(|error| Error::file(folder, &error))?;
    write_folder(shipped, shipped, folder)?;
    let folder = folder
        .canonicalize()
        .map_err(|error| Error::file(folder, &error))?;
    let suite = harness::Suite::load(&folder)?;
    let mut cases = BTreeSet::new();
    harness::dataset::summarise_with(&suite.dataset, harness::BadRows::Refuse, |case| {
        cases.insert(case.hash());
    })?;
    let source = harness::target::source_identity(&folder, &[&suite.path, &suite.dataset], false).source;
    let first_change = manifest.first_change.and_then(|mark| {
        let text = fs::read_to_string(folder.join(&mark.file)).ok()?;
        let line = text.lines().find(|line| line.contains(&mark.mark))?;
        Some(FirstLine {
            file: mark.file,
            text: line.to_owned(),
        })
    });
    let origin = Origin {
        starter: name.into(),
        source,
        cases,
        first_change,
    };
    let path = folder.join(ORIGIN);
    let text = serde_json::to_string_pretty(&origin).map_err(|error| Error::internal(error.to_string()))?;
    fs::create_dir_all(folder.join(".playbook")).map_err(|error| Error::file(&path, &error))?;
    fs::write(&path, text).map_err(|error| Error::file(&path, &error))?;
    Ok((folder, manifest.title))
}

fn write_folder(root: &Dir<'_>, part: &Dir<'_>, into: &Path) -> Result<(), Error> {
    for file in part.files() {
        let inner = file.path().strip_prefix(root.path()).unwrap_or(file.path());
        if inner == Path::new(MANIFEST) {
            continue;
        }
        let path = into.join(inner);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| Error::file(parent, &error))?;
        }
        fs::write(&path, file.contents()).map_err(|error| Error::file(&path, &error))?;
    }
    for inner in part.dirs() {
        // What running a starter in place leaves behind is none of it.
        if inner.path().file_name().is_some_and(|name| name != "__pycache__") {
            write_folder(root, inner, into)?;
        }
    }
    Ok(())
}

/// What a project remembers of its starter; none for an own project.
pub(crate) fn origin(folder: &Path) -> Option<Origin> {
    serde_json::from_str(&fs::read_to_string(folder.join(ORIGIN)).ok()?).ok()
}

/// The line that the starter says to change first; none once it has been changed.
pub(crate) fn first_change(folder: &Path) -> Option<FirstChange> {
    let first = origin(folder)?.first_change?;
    let text = fs::read_to_string(folder.join(&first.file)).ok()?;
    let at = text.lines().position(|line| line == first.text)?;
    Some(FirstChange {
        path: first.file,
        line: at as u32 + 1,
        text: first.text.trim().to_owned(),
    })
}
