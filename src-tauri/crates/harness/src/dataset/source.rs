//! Where the cases of a run come from: a dataset file, or an importer that expands a configuration.

use super::{BadRows, Case};
use crate::suite::{Problem, SuiteError};
use std::{path::PathBuf, sync::Arc};
use tokio::sync::mpsc;

/// Cases that are read ahead of the calls.
const AHEAD: usize = 64;

type Expanded = Box<dyn Iterator<Item = Result<Case, Problem>> + Send>;

/// Something that yields cases, one by one and the same ones each time.
#[derive(Clone)]
pub enum CaseSource {
    /// A dataset file.
    File {
        /// Where it is.
        path: PathBuf,
        /// What is done about a bad row.
        bad: BadRows,
    },
    /// Another format, expanded by whoever knows it.
    Expanded(Arc<dyn Fn() -> Expanded + Send + Sync>),
}

impl CaseSource {
    /// Reads the cases on a thread of its own, a few ahead.
    pub(crate) fn stream(&self) -> mpsc::Receiver<Result<Case, SuiteError>> {
        let (sender, receiver) = mpsc::channel(AHEAD);
        let source = self.clone();
        tokio::task::spawn_blocking(move || {
            let cases: Expanded = match source {
                Self::Expanded(expand) => expand(),
                Self::File { path, bad } => match super::read(&path) {
                    Err(error) => {
                        drop(sender.blocking_send(Err(error)));
                        return;
                    }
                    Ok(cases) if bad == BadRows::Skip => {
                        Box::new(cases.with_bad_rows(bad).filter(Result::is_ok))
                    }
                    Ok(cases) => Box::new(cases),
                },
            };
            for case in cases {
                let case = case.map_err(|problem| SuiteError {
                    problems: vec![problem],
                });
                if sender.blocking_send(case).is_err() {
                    break;
                }
            }
        });
        receiver
    }
}
