//! SQLite: the only crate that knows SQL. The database indexes and measures; the person's own work stays in files.
//!
//! One writer at a time and several readers, in WAL mode, so that a window and a command line can work on the same
//! database at once. A method blocks; callers on an async runtime move it to a blocking thread.

mod claim;
mod connection;
mod error;
mod journal;
mod merge;
mod price;
mod project;
mod provider;
mod response_cache;
mod result;
mod result_page;
mod review;
mod run;
mod setting;
mod space;
mod spending;
mod text;

pub use connection::Store;
pub use error::StoreError;
pub use price::UnpricedModel;
pub use project::ProjectRecord;
pub use result::ResultDetail;
pub use result_page::{FlipQuery, ResultPage, ResultQuery, StoredResult};
pub use run::{NewRun, ResultCounts, RunPlanRecord, RunRecord};
pub use space::StoredSpace;
pub use spending::StoreLedger;
pub use text::KeptText;
