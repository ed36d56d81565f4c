//! What a target is made of: git commit, uncommitted change, and a hash of the project's files.

use evidence::{ContentHash, ContentHasher};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The identity of a project's source at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceIdentity {
    /// The commit, where the folder is in a git repository that has one.
    pub git_commit: Option<String>,
    /// Hash of what differs from the commit, where anything does.
    pub git_dirty: Option<ContentHash>,
    /// Hash of the project's files.
    pub source: ContentHash,
}

/// Folders that tools generate.
const GENERATED: [&str; 8] = [
    "node_modules",
    "target",
    "__pycache__",
    "venv",
    "dist",
    "build",
    "coverage",
    "site-packages",
];
/// The app's own folder at a project's root.
const PORTFOLIO: &str = "portfolio";
/// Files that say something about the project and do nothing in it.
const PROSE: [&str; 4] = ["readme", "license", "changelog", "contributing"];
/// What a service writes while it runs, which makes it no other service.
const WRITTEN_BY_RUNNING: [&str; 4] = [".log", ".pid", "-wal", "-shm"];
/// A longer file counts by name and length, so that a large model or database does not stall a run.
const LONGEST_HASHED: u64 = 16 * 1024 * 1024;
/// A project with more files than this is hashed by its first ones, in order of path.
const MOST_FILES: usize = 20_000;

/// Identifies a project's source. `except` are the suite and the dataset, which have hashes of their own.
/// Git is asked only in a trusted folder: a repository's own settings can name programs that git runs.
pub fn source_identity(folder: &Path, except: &[&Path], trusted: bool) -> SourceIdentity {
    let commit = trusted
        .then(|| git(folder, &["rev-parse", "HEAD"]))
        .flatten()
        .map(|text| text.trim().to_owned());
    let dirty = commit.as_ref().and_then(|_| {
        let status = git(
            folder,
            &["status", "--porcelain", "--untracked-files=all", "--", "."],
        )?;
        if status.trim().is_empty() {
            return None;
        }
        let change = git(
            folder,
            &["diff", "HEAD", "--no-ext-diff", "--no-textconv", "--", "."],
        )?;
        let mut hasher = ContentHasher::default();
        hasher.field(status);
        hasher.field(change);
        Some(hasher.finish())
    });
    SourceIdentity {
        git_commit: commit,
        git_dirty: dirty,
        source: hash_files(folder, except),
    }
}

/// Runs git without hooks and monitors. Filters of the repository still run, hence only in a trusted folder.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.pager=cat",
        ])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(std::process::Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn hash_files(folder: &Path, except: &[&Path]) -> ContentHash {
    let mut files = Vec::new();
    collect(folder, true, &mut files);
    files.sort();
    let suites = crate::suite::find(folder);
    let mut hasher = ContentHasher::default();
    for path in files
        .iter()
        .filter(|path| !except.contains(&path.as_path()) && !suites.contains(path))
        .take(MOST_FILES)
    {
        let Ok(metadata) = std::fs::metadata(path) else {
            continue;
        };
        let name = path
            .strip_prefix(folder)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned();
        hasher.field(name);
        if metadata.len() > LONGEST_HASHED {
            hasher.field(metadata.len().to_le_bytes());
        } else {
            hasher.field(std::fs::read(path).unwrap_or_default());
        }
    }
    hasher.finish()
}

/// `README.md` and `LICENSE-MIT`, not `readme_loader.py`.
fn is_prose(name: &str) -> bool {
    let text = name
        .rsplit_once('.')
        .is_none_or(|(_, ending)| ["md", "txt", "rst", "adoc"].contains(&ending));
    text && PROSE.iter().any(|start| name.starts_with(start))
}

/// What the app writes into a project when asked to.
fn is_output(name: &str) -> bool {
    name.starts_with("case-study.") || (name.starts_with("results") && name.ends_with(".json"))
}

/// Whether a file at the root is about the project and no part of it. Further down a file of such a name may be what the
/// program reads, such as a document of its corpus.
fn is_about_the_project(name: &str) -> bool {
    is_prose(name) || is_output(name) || name.contains("suite.y")
}

fn collect(folder: &Path, is_root: bool, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().to_lowercase());
        let Ok(kind) = entry.file_type() else { continue };
        if name.starts_with('.') || kind.is_symlink() {
            continue;
        }
        if kind.is_dir() {
            let left_out = GENERATED.contains(&name.as_str()) || (is_root && name == PORTFOLIO);
            if !left_out {
                collect(&path, false, files);
            }
        } else if kind.is_file() // A pipe or a socket has no content, and reading one may wait for ever.
            && !WRITTEN_BY_RUNNING.iter().any(|end| name.ends_with(end))
            && !(is_root && is_about_the_project(&name))
        {
            files.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::source_identity;
    use std::fs;

    #[test]
    fn what_is_about_the_project_is_left_out_at_its_root_alone() {
        let project = tempfile::tempdir().unwrap();
        let source = || source_identity(project.path(), &[], false).source;
        for folder in ["corpus", "evals", "portfolio", "src/portfolio"] {
            fs::create_dir_all(project.path().join(folder)).unwrap();
        }
        fs::write(project.path().join("service.py"), "print()").unwrap();
        let before = source();
        for name in [
            "README.md",
            "results.json",
            "case-study.md",
            "other.suite.yaml",
            "evals/other.suite.yaml",
            "portfolio/claims.md",
        ] {
            fs::write(project.path().join(name), "about").unwrap();
            assert_eq!(source(), before, "{name}");
        }
        for name in [
            "corpus/README.md",
            "corpus/license-policy.md",
            "corpus/results.json",
            "corpus/suite.yaml",
            "src/portfolio/value.py",
        ] {
            fs::write(project.path().join(name), "read").unwrap();
            assert_ne!(source(), before, "{name}");
            fs::remove_file(project.path().join(name)).unwrap();
        }
    }
}
