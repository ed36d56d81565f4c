//! What has to be on the machine before anything is built, checked and, where that can be done, installed.

mod libraries;
mod packages;
mod tools;

use crate::failure::Outcome;
use crate::platform::Platform;

/// What the machine is about to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Building and opening the window.
    Window,
    /// Building and running the command line only.
    CommandLine,
    /// Running every test.
    Test,
}

/// Sees that all there has to be is there.
pub fn ensure(purpose: Purpose) -> Outcome {
    tools::rust()?;
    if purpose != Purpose::CommandLine {
        tools::node()?;
    }
    if purpose == Purpose::Test {
        tools::rust_components()?;
    }
    libraries::ensure(Platform::here(), purpose)?;
    if purpose != Purpose::CommandLine {
        packages::ensure()?;
    }
    Ok(())
}

/// Sees that the formatter and the linter of Rust are there.
pub fn ensure_linters() -> Outcome {
    tools::rust()?;
    tools::rust_components()
}

/// The Chromium to test in, if there is one.
pub fn chromium() -> Option<std::path::PathBuf> {
    libraries::CHROMIUM_NAMES
        .iter()
        .find_map(|name| crate::process::find(name))
}
