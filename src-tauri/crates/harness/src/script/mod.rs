//! Scripts that a person wrote to grade or to transform: JavaScript in embedded QuickJS, Python in a child process.
//!
//! Both get JSON in and give JSON back, within a limit of time and of memory. JavaScript sees no file, no network and
//! no Node module; what it asks for of those is [`ScriptError::Unsupported`], so that the caller can say it by name.

pub mod javascript;
mod pool;
pub mod python;

pub use javascript::{Export, Library, Program, Returned};
pub use pool::run;

use std::time::Duration;

/// How long a script may run and how much memory it may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest time from the call to the result.
    pub time: Duration,
    /// Most memory, in bytes.
    pub memory: usize,
}

impl Limits {
    /// For JavaScript: 5 s and 128 MiB.
    pub const JAVASCRIPT: Self = Self {
        time: Duration::from_secs(5),
        memory: 128 * 1024 * 1024,
    };
    /// For Python, which pays for the start of an interpreter: 60 s and 2 GiB of address space.
    pub const PYTHON: Self = Self {
        time: Duration::from_secs(60),
        memory: 2 * 1024 * 1024 * 1024,
    };
}

/// Why a script gave no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// It ran longer than it may.
    #[error("the script ran longer than {} s and was stopped; look for a loop without an end", .0.as_secs_f64())]
    Time(Duration),
    /// It asked for more memory than it may have.
    #[error("the script asked for more than {} MiB of memory and was stopped", .0 / (1024 * 1024))]
    Memory(usize),
    /// It threw, or does not parse.
    #[error("{0}")]
    Threw(String),
    /// It needs something that scripts do not have here, such as `require` or `fetch`.
    #[error("{0} is not available to scripts here")]
    Unsupported(String),
    /// It could not be started, or its answer could not be read.
    #[error("{0}")]
    Failed(String),
}
