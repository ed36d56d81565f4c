//! Starts and stops the practice model on loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::http::{Practice, router};
use crate::GatewayError;

/// How long calls in flight may take to finish when the server is shut down.
const GRACE: Duration = Duration::from_secs(2);

/// How to start a [`PracticeServer`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PracticeOptions {
    /// The port on 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// The seed of the model's perturbations: the same seed gives the same answers.
    pub seed: u64,
}

/// The practice model, served on 127.0.0.1 until it is shut down or dropped.
#[derive(Debug)]
pub struct PracticeServer {
    address: SocketAddr,
    serving: JoinHandle<()>,
    stop: DropGuard,
}

impl PracticeServer {
    /// Opens the port and begins to serve; when this returns, requests are answered.
    ///
    /// # Errors
    /// [`GatewayError::Bind`] if the port is taken.
    pub async fn start(options: PracticeOptions) -> Result<Self, GatewayError> {
        let failed = |source| GatewayError::Bind {
            port: options.port,
            source,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
            .await
            .map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "practice model: TCP_NODELAY was refused");
            }
        });
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let app = router(Practice { seed: options.seed });
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(stopped).await {
                tracing::error!(%error, "practice model: serving ended");
            }
        });
        Ok(Self {
            address,
            serving,
            stop: stop.drop_guard(),
        })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What to set `OPENAI_BASE_URL` to: `http://127.0.0.1:PORT/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Stops accepting, lets calls in flight finish for up to two seconds, and frees the port.
    pub async fn shutdown(self) {
        let Self {
            mut serving, stop, ..
        } = self;
        drop(stop);
        if tokio::time::timeout(GRACE, &mut serving).await.is_err() {
            serving.abort();
        }
    }
}
