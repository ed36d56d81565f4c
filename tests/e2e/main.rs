//! The real window, driven as a person would: WebKitWebDriver clicks, types and reads.
//!
//! Kept few, because each takes seconds: what a screen does is tested on the fake backend (`ui/tests`), what the
//! use cases do through the api and the command line. `cargo xtask test` starts the display and names the binary.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod driver;
mod journey;
mod recovery;
mod window;
