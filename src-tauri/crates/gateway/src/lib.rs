//! The loopback gateway: practice models, and later recording, replay and faults.

mod error;
pub mod practice;

pub use error::GatewayError;
