//! Where things lie in the repository.

use crate::failure::{Outcome, failure};
use crate::process;
use std::path::{Path, PathBuf};

/// The repository's root folder.
pub fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    // src-tauri/xtask is two floors below the root.
    manifest
        .ancestors()
        .nth(2)
        .map_or_else(|| manifest.clone(), Path::to_path_buf)
}

/// The folder of the user interface.
pub fn ui() -> PathBuf {
    root().join("ui")
}

/// Cargo's target folder, wherever the machine's configuration puts it.
pub fn target() -> Outcome<PathBuf> {
    let metadata = process::capture(process::cargo(["metadata", "--no-deps", "--format-version", "1"]))?;
    target_directory(&metadata).ok_or_else(|| {
        failure(
            "`cargo metadata` did not name the target folder",
            "run `cargo metadata --no-deps` and see what it says",
        )
    })
}

/// An executable that cargo has put into the target folder: `debug/playbook`, say.
pub fn executable(below_target: &str) -> Outcome<PathBuf> {
    Ok(target()?.join(format!("{below_target}{}", std::env::consts::EXE_SUFFIX)))
}

/// A path as a person reads it: relative to the root where it lies below it.
pub fn readable(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/")
}

/// The value of `target_directory` in the output of `cargo metadata`.
fn target_directory(metadata: &str) -> Option<PathBuf> {
    let (_, rest) = metadata.split_once("\"target_directory\":\"")?;
    let mut value = String::new();
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '"' => return Some(PathBuf::from(value)),
            '\\' => value.push(characters.next()?),
            other => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_target_folder_with_its_backslashes() {
        let unix = r#"{"packages":[],"target_directory":"/home/ada/target","version":1}"#;
        assert_eq!(target_directory(unix), Some(PathBuf::from("/home/ada/target")));
        let windows = r#"{"target_directory":"C:\\work\\target"}"#;
        assert_eq!(target_directory(windows), Some(PathBuf::from(r"C:\work\target")));
        assert_eq!(target_directory("{}"), None);
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("src-tauri/xtask/Cargo.toml").is_file());
    }
}
