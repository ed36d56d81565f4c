//! Roadmap, skills and guards: pure functions over a [`Record`], with the time passed in.
//!
//! ```text
//! command -> decide -> events -> stored by api -> Record::from_entries -> views
//! ```
//!
//! Nothing here does I/O, reads a clock or draws a random number. What happened is kept as events and
//! never changed; every screen is computed from them, from the [`Facts`] that the rest of the app
//! supplies, and from [`Content`], which is data.

pub mod baseline;
mod build;
pub mod command;
pub mod content;
mod decide;
pub mod event;
pub mod facts;
pub mod levels;
mod needs;
pub mod record;
pub mod rule;
pub mod schedule;
pub mod views;
mod words;

pub use baseline::baseline;
pub use build::{roadmap_view, setup_view, skills_view, today_view};
pub use command::{Command, Refusal};
pub use content::{Content, ContentError};
pub use decide::{advise_output, advise_scores, decide};
pub use event::{Entry, Event, ItemId, ItemSource, LearningKind, Place};
pub use facts::{Facts, ProjectFacts};
pub use record::Record;
