//! Words that belong to one place: a library's path in its owning crate, Tauri's packages in the backend folder.

use super::arrows::OWNED;
use crate::failure::Outcome;
use crate::places;
use std::path::{Path, PathBuf};

/// The only door from the user interface to Rust.
const BACKEND: &str = "ui/src/lib/backend/";

/// Objects to each line that names what belongs elsewhere.
pub fn check() -> Outcome<Vec<String>> {
    let root = places::root();
    let mut problems = Vec::new();
    // This program only names them; the tests may stand a bare client beside the engine to measure it.
    for path in files(&root.join("src-tauri"), &["rs"]) {
        let name = places::readable(&path);
        if !name.starts_with("src-tauri/xtask/") {
            problems.extend(in_rust(
                &name,
                &std::fs::read_to_string(&path).unwrap_or_default(),
            ));
        }
    }
    for path in files(&root.join("ui").join("src"), &["ts", "js", "svelte"]) {
        problems.extend(in_user_interface(
            &places::readable(&path),
            &std::fs::read_to_string(&path).unwrap_or_default(),
        ));
    }
    Ok(problems)
}

fn in_rust(name: &str, text: &str) -> Vec<String> {
    let here = crate_of(name);
    let mut problems = Vec::new();
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
    {
        for (library, owner) in OWNED.iter().filter(|(_, owner)| *owner != here) {
            if mentions(line, library) {
                problems.push(format!(
                    "{name}:{}: mentions {library}; only {owner} may, so ask {owner} for it",
                    number + 1
                ));
            }
        }
    }
    problems
}

/// Whether code on this line names the library: `tauri::…`, `tauri_plugin_dialog::…`.
fn mentions(line: &str, library: &str) -> bool {
    line.match_indices(library).any(|(position, _)| {
        let before = line[..position].chars().next_back();
        let starts_word = before.is_none_or(|character| !character.is_alphanumeric() && character != '_');
        let after = &line[position + library.len()..];
        let rest =
            after.trim_start_matches(|character: char| character.is_alphanumeric() || character == '_');
        starts_word && (after.starts_with("::") || (after.starts_with('_') && rest.starts_with("::")))
    })
}

/// The crate that a file belongs to.
fn crate_of(name: &str) -> &str {
    match name
        .strip_prefix("src-tauri/crates/")
        .and_then(|rest| rest.split('/').next())
    {
        Some("cli") => "playbook-cli",
        Some(name) => name,
        None => "playbook-app",
    }
}

fn in_user_interface(name: &str, text: &str) -> Vec<String> {
    if name.starts_with(BACKEND) {
        return Vec::new();
    }
    text.lines()
        .enumerate()
        .filter(|(_, line)| line.contains("@tauri-apps"))
        .map(|(number, _)| {
            format!(
                "{name}:{}: imports @tauri-apps; only {BACKEND} may, so call the backend instead",
                number + 1
            )
        })
        .collect()
}

/// Every file with one of these endings below a folder, in order.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
        {
            if path.is_dir() {
                let generated = ["target", "node_modules", "gen", ".svelte-kit"];
                if !path
                    .file_name()
                    .is_some_and(|name| generated.iter().any(|skipped| name == *skipped))
                {
                    folders.push(path);
                }
            } else if path
                .extension()
                .is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_named_only_at_home() {
        let text = "//! Unlike `rusqlite::Connection`.\nuse rusqlite::Connection;\nlet my_rusqlite::x;\nuse tauri_plugin_dialog::x;\n";
        let problems = in_rust("src-tauri/crates/api/src/lib.rs", text);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(
            problems[0].starts_with("src-tauri/crates/api/src/lib.rs:2: mentions rusqlite; only store may")
        );
        assert!(problems[1].contains(":4: mentions tauri"));
        assert_eq!(
            in_rust("src-tauri/crates/store/src/lib.rs", "use rusqlite::Connection;").len(),
            0
        );
        assert_eq!(
            in_rust("src-tauri/src/main.rs", "tauri::Builder::default()").len(),
            0
        );
    }

    #[test]
    fn tauri_is_imported_behind_the_one_door() {
        let line = "import { invoke } from \"@tauri-apps/api/core\";";
        assert_eq!(
            in_user_interface("ui/src/routes/today/+page.svelte", line).len(),
            1
        );
        assert_eq!(in_user_interface("ui/src/lib/backend/tauri.ts", line).len(), 0);
    }
}
