//! Use cases: everything that a person can do, once, for the window and for the command line.
//!
//! A front holds a [`Playbook`], calls commands by name (see [`command`]) or as methods, and follows runs through
//! [`Playbook::watch`]. It never reaches the engine or the database by another way.

pub mod command;
pub mod content;
pub mod error;
pub mod host;
mod starter;
pub mod use_case;
pub mod wire;

pub use error::{Code, Error};
pub use evidence;
pub use export::ci::{CiKind, CiRequest};
pub use gateway::practice::{PracticeOptions, PracticeServer};
pub use host::{Host, Paths, SystemHost};
pub use use_case::{Playbook, ReportFormat, SuiteCheckup, may_replace};
