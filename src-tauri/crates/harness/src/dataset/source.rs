//! Where the cases of a run come from: a dataset file, or an importer that expands a configuration.

use super::{BadRows, Case};
use crate::suite::{Problem, SuiteError};
use evidence::statistics::SplitMix64;
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
        let source = self.clone();
        ahead(move || source.open())
    }

    /// The cases in an order that the seed alone decides, whatever they say. All of them are held in memory for it.
    pub(crate) fn shuffled(&self, seed: u64) -> mpsc::Receiver<Result<Case, SuiteError>> {
        let source = self.clone();
        ahead(move || {
            let mut cases = source
                .open()?
                .collect::<Result<Vec<Case>, Problem>>()
                .map_err(one)?;
            shuffle(&mut cases, seed);
            Ok(Box::new(cases.into_iter().map(Ok)) as Expanded)
        })
    }

    fn open(&self) -> Result<Expanded, SuiteError> {
        Ok(match self {
            Self::Expanded(expand) => expand(),
            Self::File { path, bad } => {
                let cases = super::read(path)?;
                match bad {
                    BadRows::Skip => Box::new(cases.with_bad_rows(*bad).filter(Result::is_ok)),
                    BadRows::Refuse => Box::new(cases),
                }
            }
        })
    }
}

/// Yields cases from a thread of their own.
fn ahead(
    open: impl FnOnce() -> Result<Expanded, SuiteError> + Send + 'static,
) -> mpsc::Receiver<Result<Case, SuiteError>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let cases = match open() {
            Ok(cases) => cases,
            Err(error) => {
                drop(sender.blocking_send(Err(error)));
                return;
            }
        };
        for case in cases {
            if sender.blocking_send(case.map_err(one)).is_err() {
                break;
            }
        }
    });
    receiver
}

fn one(problem: Problem) -> SuiteError {
    SuiteError {
        problems: vec![problem],
    }
}

/// Every order is equally likely over the seeds (Fisher and Yates).
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut random = SplitMix64::new(seed);
    for left in (2..=items.len()).rev() {
        items.swap(left - 1, random.below(left));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_one_order_and_loses_nothing() {
        let order = |seed| {
            let mut items: Vec<u32> = (0..100).collect();
            shuffle(&mut items, seed);
            items
        };
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
        let mut sorted = order(7);
        assert_ne!(sorted, (0..100).collect::<Vec<u32>>());
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<u32>>());
    }
}
