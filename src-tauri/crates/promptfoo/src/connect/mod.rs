//! The crate at work in the app: models through the provider crate, runs through the harness.

mod models;
mod run;

pub use models::ProviderCalls;
pub use run::{AT_HAND, Connected, cases};
