//! promptfoo configurations, run as they are, with the verdicts of promptfoo 0.121.20.
//!
//! [`load`] reads a configuration; [`Loaded::cases`] gives its tests one by one; [`Evaluation::run`] takes a test and a
//! target from the prompt to the verdict. The crate asks models and services through [`ModelCalls`] and has no client of
//! its own. What does not run here is named by [`Loaded::check`] and is an error of the test that needs it.

mod assertion;
mod configuration;
pub mod connect;
mod document;
mod evaluate;
mod graders;
mod problem;
mod project;
mod prompt;
mod provider;
mod support;
mod template;
mod test;
mod transform;
mod variable;

pub use assertion::Grading;
pub use configuration::{Environment, Loaded, ProcessEnvironment, TargetSpec, load};
pub use evaluate::{Evaluated, Evaluation, Rendered, Session, TestVerdict};
pub use problem::{ConfigurationErrors, Fault, Problem, Unsupported};
pub use project::Project;
pub use prompt::{Prompt, PromptFunction};
pub use provider::{
    CallError, Embedding, HttpReply, HttpRequest, ModelApi, ModelCall, ModelCalls, ModelReply, ProviderKind,
    ProviderSpec, Response,
};
pub use test::{Assertion, Cases, TestCase};
