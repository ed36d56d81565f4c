//! The use cases. One file a room; [`crate::command`] lists them all.

mod accounts;
mod adoption;
mod app;
mod case;
mod ci;
mod corpus;
mod editing;
mod files;
mod folder_reading;
mod follow;
mod history;
mod imported;
mod in_words;
mod job;
mod journey_room;
mod merge;
mod portfolio_room;
mod price_room;
mod project;
mod provider_room;
mod report;
mod results;
mod results_file;
mod review;
mod run;
mod run_view;
mod suite_row;
mod tiles;
mod variants;
mod versions;

pub use ci::CiFiles;
pub use imported::SuiteCheckup;
pub use report::{ReportFormat, may_replace};
pub use results_file::{ResultsFile, ReviewEntry, TargetPart, TrialEntry};

use crate::{Error, Host, Paths, content::ShippedContent, wire::event::RunEvent};
use ::portfolio::Templates;
use accounts::Guards;
use evidence::RunId;
use job::Jobs;
use std::sync::Arc;
use store::Store;
use tokio::sync::broadcast;

/// The app without a face. Cheap to clone.
#[derive(Clone)]
pub struct Playbook {
    store: Arc<Store>,
    host: Arc<dyn Host>,
    paths: Arc<Paths>,
    content: Arc<ShippedContent>,
    shipped_prices: Arc<provider::PriceTable>,
    guards: Guards,
    templates: Arc<Templates>,
    jobs: Jobs,
}

impl Playbook {
    /// Opens the database, and finds what a killed process left behind: its services are ended, its runs can be
    /// resumed.
    pub fn open(paths: Paths, host: Arc<dyn Host>) -> Result<Self, Error> {
        let store = Arc::new(Store::open(&paths.database)?);
        let mut content = ShippedContent::read()?;
        let shipped_prices = Arc::new(std::mem::take(&mut content.prices));
        let guards = Guards::new(Arc::clone(&store), Arc::clone(&host));
        let playbook = Self {
            store,
            host,
            paths: Arc::new(paths),
            content: Arc::new(content),
            shipped_prices,
            guards,
            templates: Arc::new(Templates::shipped()),
            jobs: Jobs::default(),
        };
        playbook.recover()?;
        Ok(playbook)
    }

    /// Follows a run that goes on in this process; none when it does not (then [`Playbook::run`] has its end).
    pub fn watch(&self, run: RunId) -> Option<broadcast::Receiver<RunEvent>> {
        self.jobs.watch(run)
    }

    /// Runs that go on in this process.
    pub fn running(&self) -> Vec<RunId> {
        self.jobs.running()
    }

    /// How many services are tried in this process, for a project that is being adopted.
    pub fn tries(&self) -> usize {
        self.jobs.tries()
    }

    /// Stops every run and every try that goes on here and waits until each has stopped; results are kept.
    pub async fn stop_all(&self) {
        self.jobs.stop_all().await;
    }

    /// Moves work that blocks (files, database) off the runtime's threads.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(Self) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let playbook = self.clone();
        tokio::task::spawn_blocking(move || work(playbook))
            .await
            .map_err(|error| Error::internal(format!("a task broke off: {error}")))?
    }
}
