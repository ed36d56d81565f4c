//! The learner's HTTP service: started on a free port, awaited, asked, stopped whatever happens.

use super::{Asked, Surroundings, Target, map_answer, render_request};
use crate::{
    dataset::Case,
    process::{Supervised, describe},
    suite::{
        ModelSource, ServiceSource, ServiceSpec,
        file::{RequestFile, ResponseFile, ServiceFile},
        parse_duration,
    },
    trial::{Cause, TrialError},
};
use futures::{FutureExt as _, future::BoxFuture};
use provider::{ClientOptions, ExchangeErrorKind, HttpClient, OutgoingRequest};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// A service that cannot be asked at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceFailure {
    /// It could not be started.
    #[error("{message}")]
    NotStarted {
        /// Why, and what to do.
        message: String,
    },
    /// It was not ready in time.
    #[error("{message}")]
    NotReady {
        /// What was awaited, and what the service printed.
        message: String,
    },
    /// It ended during the run.
    #[error("{message}")]
    Crashed {
        /// How it ended, and what it printed last.
        message: String,
    },
}

/// What a service's health path is worth.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Health {
    /// The suite states it, so it is awaited.
    Stated,
    /// It is a guess: an answer that is no success says only that the service listens.
    Guessed,
}

/// How long a guessed path may say "not yet", or nothing, before an open port is enough.
const GUESS_PATIENCE: Duration = Duration::from_secs(5);

/// A service that is ready to be asked.
pub struct ServiceTarget {
    base: String,
    client: HttpClient,
    request: RequestFile,
    response: ResponseFile,
    process: Option<Arc<Mutex<Supervised>>>,
}

impl ServiceTarget {
    /// Starts the service (or finds the running one) and waits until it is ready.
    pub async fn start(spec: &ServiceSpec, surroundings: &Surroundings<'_>) -> Result<Self, ServiceFailure> {
        let (target, _) = Self::start_awaiting(spec, surroundings, Health::Stated).await?;
        Ok(target)
    }

    /// The same for a service that nobody has described yet: its `health` is a guess, and where that path answers with
    /// no success, an open port is enough. Says whether the path answered with success.
    pub async fn start_guessing(
        spec: &ServiceSpec,
        surroundings: &Surroundings<'_>,
    ) -> Result<(Self, bool), ServiceFailure> {
        Self::start_awaiting(spec, surroundings, Health::Guessed).await
    }

    async fn start_awaiting(
        spec: &ServiceSpec,
        surroundings: &Surroundings<'_>,
        health: Health,
    ) -> Result<(Self, bool), ServiceFailure> {
        let options = ClientOptions {
            timeout: surroundings.timeout,
            ..ClientOptions::default()
        };
        let client = HttpClient::new(options).map_err(|error| ServiceFailure::NotStarted {
            message: error.to_string(),
        })?;
        let (base, process, healthy) = match &spec.service {
            ServiceSource::Running(url) => (url.clone(), None, false),
            ServiceSource::Managed(service) => {
                let model_url = match &spec.model {
                    ModelSource::Url(url) => Some(url.as_str()),
                    ModelSource::Own | ModelSource::Practice => surroundings.practice_url,
                };
                let (base, process, healthy) =
                    start_managed(service, surroundings, model_url, &client, health).await?;
                (base, Some(Arc::new(Mutex::new(process))), healthy)
            }
        };
        let target = Self {
            base,
            client,
            request: spec.request.clone(),
            response: spec.response.clone(),
            process,
        };
        Ok((target, healthy))
    }

    /// How it ended, if it has: the message names the exit and what it printed last.
    pub async fn crashed(&self) -> Option<ServiceFailure> {
        let mut process = self.process.as_ref()?.lock().await;
        // A connection that breaks is seen before the exit of the process that broke it.
        for _ in 0..10 {
            if let Some(status) = process.ended() {
                let message = with_output(
                    format!("the service ended during the run with {}", describe(status)),
                    &process.final_output().await,
                );
                return Some(ServiceFailure::Crashed { message });
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }

    async fn ask_once(&self, case: &Case) -> Asked {
        let started = Instant::now();
        let elapsed = |started: Instant| started.elapsed().as_secs_f64() * 1000.0;
        let failed = |cause, message| Asked {
            answer: Err(TrialError { cause, message }),
            exchange: None,
            unanswered: None,
            latency_ms: elapsed(started),
        };
        let request = match render_request(&self.base, &self.request, case) {
            Ok(request) => request,
            Err(error) => return failed(error.cause, error.message),
        };
        let exchange = match self.client.send(request).await {
            Ok(exchange) => exchange,
            Err(error) => {
                let failure = super::unanswered(&error);
                if matches!(failure.cause, Cause::Connect | Cause::Interrupted)
                    && let Some(crash) = self.crashed().await
                {
                    return failed(Cause::ServiceCrashed, crash.to_string());
                }
                return Asked {
                    unanswered: Some(error.kind),
                    ..failed(failure.cause, failure.message)
                };
            }
        };
        let latency_ms = exchange.total.as_secs_f64() * 1000.0;
        let answer = if exchange.is_success() {
            serde_json::from_slice(&exchange.body)
                .map_err(|error| TrialError {
                    cause: Cause::MalformedResponse,
                    message: format!("the answer is not JSON ({error}): {}", excerpt(&exchange.body)),
                })
                .and_then(|body| map_answer(&self.response, &body))
        } else {
            let message = format!("status {}: {}", exchange.status, excerpt(&exchange.body));
            let cause = match exchange.status {
                429 => Cause::RateLimited,
                _ => Cause::HttpStatus,
            };
            Err(TrialError { cause, message })
        };
        Asked {
            answer,
            exchange: Some(exchange),
            unanswered: None,
            latency_ms,
        }
    }
}

impl Target for ServiceTarget {
    fn ask<'a>(&'a self, case: &'a Case, _repeat: u32) -> BoxFuture<'a, Asked> {
        self.ask_once(case).boxed()
    }

    fn stop(&self) -> BoxFuture<'_, ()> {
        async {
            if let Some(process) = &self.process {
                process.lock().await.stop().await;
            }
        }
        .boxed()
    }
}

/// The beginning of a body, for a message.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(400)]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { "(empty)".into() } else { text }
}

fn with_output(message: String, output: &str) -> String {
    let tail: Vec<&str> = output.lines().rev().take(8).collect();
    if tail.is_empty() {
        return format!("{message}. It printed nothing");
    }
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    format!("{message}. It printed last:\n{}", tail.join("\n"))
}

async fn start_managed(
    service: &ServiceFile,
    surroundings: &Surroundings<'_>,
    model_url: Option<&str>,
    client: &HttpClient,
    health: Health,
) -> Result<(String, Supervised, bool), ServiceFailure> {
    let folder = surroundings.folder;
    let not_started = |message: String| ServiceFailure::NotStarted { message };
    let port = free_port().map_err(|error| not_started(format!("no free port: {error}")))?;
    let fill = |text: &str| {
        text.replace("{port}", &port.to_string())
            .replace("{model_url}", model_url.unwrap_or_default())
    };
    if model_url.is_none()
        && let Some((name, _)) = service
            .environment
            .iter()
            .find(|(_, value)| value.contains("{model_url}"))
    {
        return Err(not_started(format!(
            "the service's `{name}` asks for {{model_url}}, and the suite's target names no `model`; \
             set `model: practice` or a base URL"
        )));
    }
    let command: Vec<String> = service.command.iter().map(|part| fill(part)).collect();
    let environment: BTreeMap<String, String> = service
        .environment
        .iter()
        .map(|(name, value)| (name.clone(), fill(value)))
        .collect();
    let base = fill(&service.url).trim_end_matches('/').to_owned();
    let working = service
        .working_directory
        .as_deref()
        .map_or(folder.to_path_buf(), |inner| folder.join(inner));
    let address = address(&base).ok_or_else(|| not_started(format!("`{base}` is not an address")))?;
    if tokio::net::TcpStream::connect(&address).await.is_ok() {
        return Err(not_started(format!(
            "{address} is in use by another program; stop it, or write {{port}} in the service's url and command"
        )));
    }
    let mut process = Supervised::start(&command, &working, &environment, surroundings.mark)
        .map_err(|error| not_started(error.to_string()))?;
    let limit = service
        .startup_timeout
        .as_deref()
        .and_then(|text| parse_duration(text).ok());
    let limit = limit.unwrap_or(Duration::from_secs(20));
    match await_ready(service, &base, &address, limit, client, health, &mut process).await {
        Ok(healthy) => Ok((base, process, healthy)),
        Err(failure) => {
            process.stop().await;
            Err(failure)
        }
    }
}

/// Waits until the service is ready, and says whether its health path answered with success.
async fn await_ready(
    service: &ServiceFile,
    base: &str,
    address: &str,
    limit: Duration,
    client: &HttpClient,
    health: Health,
    process: &mut Supervised,
) -> Result<bool, ServiceFailure> {
    let deadline = Instant::now() + limit;
    let mut pause = Duration::from_millis(10);
    let mut last = format!("nothing listens at {address}");
    // Since when something listens that does not answer with success.
    let mut listening: Option<Instant> = None;
    loop {
        if let Some(status) = process.ended() {
            let command = service.command.join(" ");
            let message = format!("`{command}` ended with {} before it was ready", describe(status));
            return Err(ServiceFailure::NotStarted {
                message: with_output(message, &process.final_output().await),
            });
        }
        match &service.health {
            None => {
                if tokio::net::TcpStream::connect(address).await.is_ok() {
                    return Ok(false);
                }
            }
            Some(path) => {
                let url = format!("{base}{}{path}", if path.starts_with('/') { "" } else { "/" });
                let request = OutgoingRequest {
                    method: "GET".into(),
                    url,
                    ..OutgoingRequest::default()
                };
                let listens = match tokio::time::timeout(Duration::from_secs(2), client.send(request)).await {
                    Ok(Ok(exchange)) if exchange.is_success() => return Ok(true),
                    Ok(Ok(exchange)) if exchange.status < 500 => return Ok(false),
                    // 503 is "not yet"; any other failure of a guessed path says nothing of the service.
                    Ok(Ok(exchange)) if health == Health::Guessed && exchange.status != 503 => {
                        return Ok(false);
                    }
                    Ok(Ok(exchange)) => {
                        last = format!("{path} answers with status {}", exchange.status);
                        true
                    }
                    Ok(Err(error)) if error.kind != ExchangeErrorKind::Connect => {
                        last = error.message;
                        true
                    }
                    Ok(Err(_)) => false,
                    Err(_) => {
                        last = format!("{path} does not answer");
                        true
                    }
                };
                if listens && health == Health::Guessed {
                    let since = *listening.get_or_insert_with(Instant::now);
                    if since.elapsed() >= GUESS_PATIENCE
                        && tokio::net::TcpStream::connect(address).await.is_ok()
                    {
                        return Ok(false);
                    }
                }
            }
        }
        if Instant::now() >= deadline {
            let message = format!("the service was not ready within {} s: {last}", limit.as_secs());
            return Err(ServiceFailure::NotReady {
                message: with_output(message, &process.last_output()),
            });
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port())
}

/// `host:port` of a base URL.
fn address(base: &str) -> Option<String> {
    let (scheme, rest) = base.split_once("://")?;
    let host = rest.split('/').next().filter(|host| !host.is_empty())?;
    if host.contains(':') {
        return Some(host.to_owned());
    }
    Some(format!("{host}:{}", if scheme == "https" { 443 } else { 80 }))
}
