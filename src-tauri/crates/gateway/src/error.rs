//! What can go wrong in the gateway.

use std::io;

/// What can go wrong in the gateway.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The port on loopback could not be taken.
    #[error("port {port} on 127.0.0.1 could not be opened; choose another port, or 0 for any free one")]
    Bind {
        /// The port that was asked for; 0 means any free one.
        port: u16,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}
