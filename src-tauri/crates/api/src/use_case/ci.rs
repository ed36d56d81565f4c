//! Files for CI engines and clusters, written into the learner's own repository.

use super::Playbook;
use crate::{Error, wire::portfolio::Exported};
use ::export::ci::{self, CiRequest};
use std::path::Path;

/// What was written, and what is left to do by hand.
#[derive(Clone, Debug, serde::Serialize)]
pub struct CiFiles {
    /// What was written, or what is in the way.
    pub exported: Exported,
    /// Path and next step, a file each.
    pub next: Vec<(String, String)>,
}

impl Playbook {
    /// Writes CI files below a project folder. A file that is there and is not as the app left it is shown, not replaced.
    pub async fn write_ci_files(
        &self,
        folder: &Path,
        request: CiRequest,
        replace: Vec<String>,
    ) -> Result<CiFiles, Error> {
        let folder = folder.to_path_buf();
        self.blocking(move |playbook| {
            let files = ci::files(&request, &playbook.templates)
                .map_err(|error| Error::input(error.to_string(), "Nothing was written."))?;
            let contents: Vec<(String, Vec<u8>)> = files
                .iter()
                .map(|file| (file.path.clone(), file.content.clone().into_bytes()))
                .collect();
            Ok(CiFiles {
                exported: playbook.write_files(&folder, &contents, &replace)?,
                next: files.into_iter().map(|file| (file.path, file.next)).collect(),
            })
        })
        .await
    }
}
