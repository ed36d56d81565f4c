//! Writing into folders of the person. A file that the app did not write, or that has changed since, is never
//! overwritten without being shown first.

use super::Playbook;
use crate::{
    Error,
    wire::portfolio::{Exported, FileConflict},
};
use evidence::ContentHash;
use similar::TextDiff;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Lines of a difference that are shown.
const SHOWN_LINES: usize = 200;

impl Playbook {
    /// Writes files below a folder: all of them, or none when any of them is not as the app left it and is not
    /// named in `replace`.
    pub(super) fn write_files(
        &self,
        folder: &Path,
        files: &[(String, Vec<u8>)],
        replace: &[String],
    ) -> Result<Exported, Error> {
        let mut conflicts = Vec::new();
        for (name, content) in files {
            let path = folder.join(name);
            let Ok(there) = fs::read(&path) else {
                if path.exists() {
                    return Err(Error::input(
                        format!("{} is there and is no readable file", path.display()),
                        "Move it away or choose another folder.",
                    ));
                }
                continue;
            };
            let own = self.store.written_hash(&path.display().to_string())?;
            let untouched = own.as_deref() == Some(ContentHash::of(&there).as_str());
            if there != *content && !untouched && !replace.contains(name) {
                let reason = match own {
                    Some(_) => "The file has changed since the app wrote it.",
                    None => "The app did not write this file.",
                };
                conflicts.push(FileConflict {
                    path: name.clone(),
                    reason: reason.into(),
                    difference: difference(name, &there, content),
                });
            }
        }
        if !conflicts.is_empty() {
            return Ok(Exported {
                written: Vec::new(),
                conflicts,
            });
        }
        let mut written = Vec::new();
        let mut remembered = Vec::new();
        for (name, content) in files {
            let path = folder.join(name);
            write_whole(&path, content)?;
            let text = path.display().to_string();
            remembered.push((text.clone(), ContentHash::of(content).to_string()));
            written.push(text);
        }
        self.store.remember_written(&remembered)?;
        Ok(Exported { written, conflicts })
    }
}

/// Writes a file so that it is never half there: beside it first, then in its place. A link to a file stays a link, and a file keeps
/// its mode.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> Result<(), Error> {
    let target = behind_link(path);
    let path = target.as_path();
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Error::file(folder, &error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.{}.part", std::process::id()));
    let written = fs::write(&beside, content)
        .and_then(|()| match fs::metadata(path) {
            Ok(there) => fs::set_permissions(&beside, there.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&beside);
        Error::file(path, &error)
    })
}

/// The file that a link leads to. One that leads to nothing is replaced: what it names may lie anywhere, and nobody has seen it.
fn behind_link(path: &Path) -> PathBuf {
    let link = fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink());
    let target = link.then(|| fs::canonicalize(path).ok()).flatten();
    target.unwrap_or_else(|| path.to_path_buf())
}

pub(super) fn difference(name: &str, before: &[u8], after: &[u8]) -> String {
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let diff = TextDiff::from_lines(before.as_ref(), after.as_ref());
    let text = diff
        .unified_diff()
        .header(&format!("{name} (as it is)"), &format!("{name} (new)"))
        .to_string();
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= SHOWN_LINES {
        return text;
    }
    format!(
        "{}\n… {} more lines",
        lines[..SHOWN_LINES].join("\n"),
        lines.len() - SHOWN_LINES
    )
}
