//! The only HTTP client. Every call that the app makes goes through [`HttpClient::send`], so that every call can
//! be recorded as an [`Exchange`].

use crate::exchange::{Exchange, ExchangeError, ExchangeErrorKind, OutgoingRequest};
use futures::StreamExt as _;
use std::{
    io::ErrorKind,
    sync::OnceLock,
    time::{Duration, Instant},
};

/// Settings of a client.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Longest time from sending to the last byte.
    pub timeout: Duration,
    /// Longest answer that is read; a longer one is an error and not a truncated text.
    pub body_limit: usize,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            body_limit: 32 * 1024 * 1024,
        }
    }
}

/// A client that keeps its connections.
#[derive(Clone, Debug)]
pub struct HttpClient {
    /// For this machine itself, which no proxy of the environment can reach.
    direct: reqwest::Client,
    /// For everything else; made at its first use, since reading the system's certificates takes 10 ms.
    outward: OnceLock<reqwest::Client>,
    options: ClientOptions,
}

impl HttpClient {
    /// A client with these settings. It follows no redirects: a service under test that redirects should say so.
    pub fn new(options: ClientOptions) -> Result<Self, ExchangeError> {
        let direct = build(builder(&options).no_proxy())?;
        Ok(Self {
            direct,
            outward: OnceLock::new(),
            options,
        })
    }

    fn client_for(&self, url: &str) -> Result<&reqwest::Client, ExchangeError> {
        if is_loopback(url) {
            return Ok(&self.direct);
        }
        if let Some(client) = self.outward.get() {
            return Ok(client);
        }
        let client = build(builder(&self.options))?;
        Ok(self.outward.get_or_init(|| client))
    }

    /// Sends one request and reads the whole answer.
    pub async fn send(&self, request: OutgoingRequest) -> Result<Exchange, ExchangeError> {
        let started = Instant::now();
        let limit = self.options.timeout;
        match tokio::time::timeout(limit, self.exchange(request, started)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(ExchangeError {
                kind: ExchangeErrorKind::Timeout,
                message: format!("no answer within {:.1} s", limit.as_secs_f64()),
            }),
        }
    }

    async fn exchange(&self, request: OutgoingRequest, started: Instant) -> Result<Exchange, ExchangeError> {
        let started_at = chrono::Utc::now();
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|_| ExchangeError::request(format!("`{}` is not an HTTP method", request.method)))?;
        let mut builder = self.client_for(&request.url)?.request(method, &request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder.send().await.map_err(from_reqwest)?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let mut arrivals: Vec<(Duration, usize)> = Vec::new();
        let mut body = Vec::with_capacity(response.content_length().unwrap_or(0).min(1 << 20) as usize);
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(from_reqwest)?;
            arrivals.push((started.elapsed(), chunk.len()));
            if body.len() + chunk.len() > self.options.body_limit {
                return Err(ExchangeError {
                    kind: ExchangeErrorKind::TooLarge,
                    message: format!("the answer is longer than {} bytes", self.options.body_limit),
                });
            }
            body.extend_from_slice(&chunk);
        }
        let total = started.elapsed();
        Ok(Exchange {
            request,
            status,
            headers,
            body,
            started_at,
            first_byte: arrivals.first().map_or(total, |(at, _)| *at),
            total,
            chunks: arrivals,
        })
    }
}

fn builder(options: &ClientOptions) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(options.timeout.min(Duration::from_secs(10)))
        .user_agent(concat!("transition-playbook/", env!("CARGO_PKG_VERSION")))
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, ExchangeError> {
    builder.build().map_err(|error| ExchangeError {
        kind: ExchangeErrorKind::Client,
        message: format!("the HTTP client could not be set up: {error}"),
    })
}

/// Whether an address names this machine itself: `localhost`, `127.0.0.0/8` or `::1`.
pub fn is_loopback(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Host and port of an address, as they count for who is asked: lower case, with the port that its scheme implies.
pub fn origin(url: &str) -> Option<(String, u16)> {
    let url = reqwest::Url::parse(url.trim()).ok()?;
    Some((url.host_str()?.to_ascii_lowercase(), url.port_or_known_default()?))
}

/// Whether the encrypted connection is what failed. The TLS library reports through `io::Error`: a certificate or a protocol
/// it does not accept as invalid data, a peer that hangs up in the middle of the handshake as an early end.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(current) = cause {
        let io = current.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| matches!(io.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof)) {
            return true;
        }
        // An `io::Error` passes its `source` on to what it wraps, and so hides an `io::Error` in an `io::Error`.
        cause = match io.and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => current.source(),
        };
    }
    false
}

fn from_reqwest(error: reqwest::Error) -> ExchangeError {
    let kind = if error.is_connect() && is_tls(&error) {
        ExchangeErrorKind::Tls
    } else if error.is_connect() {
        ExchangeErrorKind::Connect
    } else if error.is_timeout() {
        ExchangeErrorKind::Timeout
    } else if error.is_builder() {
        ExchangeErrorKind::Request
    } else {
        ExchangeErrorKind::Interrupted
    };
    // reqwest's own text hides the cause ("error sending request"); the last source names it.
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    ExchangeError {
        kind,
        message: cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn this_machine_is_asked_directly() {
        for url in [
            "http://127.0.0.1:8080/x",
            "http://localhost/",
            "http://[::1]:9/",
            "http://127.9.9.9",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "http://127.0.0.1.example.org/",
            "https://api.openai.com/v1",
            "localhost",
            "",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
