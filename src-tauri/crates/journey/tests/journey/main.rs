//! The journey through its public functions, on the content that ships.

#![expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]

mod support;

mod content;
mod levels;
mod plan;
mod roadmap;
mod skills;
mod today;
