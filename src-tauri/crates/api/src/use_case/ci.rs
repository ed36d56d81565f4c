//! Files for CI engines and clusters, written into the learner's own repository.

use super::Playbook;
use crate::{Error, wire::portfolio::Exported};
use ::export::ci::{self, CiRequest};
use std::path::{Path, PathBuf};

/// What was written, and what is left to do by hand.
#[derive(Clone, Debug, serde::Serialize)]
pub struct CiFiles {
    /// What was written, or what is in the way.
    pub exported: Exported,
    /// The folder they lie in: the root of the git repository, since engines read their files there and nowhere else.
    pub folder: String,
    /// Whether that folder is a repository's root; otherwise it is the project's folder.
    pub repository: bool,
    /// Path and next step, a file each.
    pub next: Vec<(String, String)>,
}

impl Playbook {
    /// Writes CI files into the git repository that a project folder lies in, at its root. A file that is there and is not as the app left it is shown, not replaced.
    pub async fn write_ci_files(
        &self,
        folder: &Path,
        mut request: CiRequest,
        replace: Vec<String>,
    ) -> Result<CiFiles, Error> {
        let mut folder = folder.to_path_buf();
        self.blocking(move |playbook| {
            let suite = folder.join(&request.suite);
            let rooted = repository_root(&suite)
                .and_then(|root| Some((suite.strip_prefix(&root).ok()?.to_path_buf(), root)));
            let repository = rooted.is_some();
            if let Some((inner, root)) = rooted {
                request.suite = inner.display().to_string().replace('\\', "/");
                folder = root;
            }
            let files = ci::files(&request, &playbook.templates)
                .map_err(|error| Error::input(error.to_string(), "Nothing was written."))?;
            let contents: Vec<(String, Vec<u8>)> = files
                .iter()
                .map(|file| (file.path.clone(), file.content.clone().into_bytes()))
                .collect();
            Ok(CiFiles {
                exported: playbook.write_files(&folder, &contents, &replace)?,
                folder: folder.display().to_string(),
                repository,
                next: files.into_iter().map(|file| (file.path, file.next)).collect(),
            })
        })
        .await
    }
}

/// The nearest folder above a file that holds `.git`: a folder, or a file where it is a worktree or a submodule.
fn repository_root(file: &Path) -> Option<PathBuf> {
    file.ancestors()
        .skip(1)
        .find(|folder| folder.join(".git").exists())
        .map(Path::to_path_buf)
}
