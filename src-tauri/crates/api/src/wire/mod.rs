//! What crosses the boundary between Rust and a front: plain data, snake_case, generated into TypeScript.

pub mod adoption;
pub mod app;
pub mod case;
pub mod event;
pub mod portfolio;
pub mod price;
pub mod project;
pub mod provider;
pub mod review;
pub mod run;
pub mod screen;
pub mod variants;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A request without content, and an answer without content.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// An error as fronts receive it. `code` is stable and exists only where a front acts on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WireError {
    /// Stable code: see [`crate::error::Code`].
    pub code: String,
    /// What happened, with the file, line or value that it happened to.
    pub message: String,
    /// What to do next.
    pub hint: String,
}
