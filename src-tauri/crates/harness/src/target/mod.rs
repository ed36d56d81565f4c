//! Targets: what is asked. A service over HTTP, a model API, a program, or an echo.

mod account;
mod command;
mod echo;
mod identity;
mod mapping;
pub mod model_api;
mod request;
mod service;

pub use account::{Accounts, NoAccounts};
pub use identity::{SourceIdentity, source_identity};
pub use mapping::{map_answer, pointers};
use request::fill_text;
pub use request::render_request;
pub use service::{ServiceFailure, ServiceTarget};

use crate::{
    dataset::Case,
    suite::{TargetKind, TargetSpec},
    trial::{Answer, Cause, TrialError},
};
use evidence::{ContentHash, PicoUsd};
use futures::{FutureExt as _, future::BoxFuture};
use provider::{Exchange, ExchangeError, ExchangeErrorKind, PriceTable};
use std::{path::Path, sync::Arc, time::Duration};

/// What came of asking a target once.
pub struct Asked {
    /// The answer, or why there is none.
    pub answer: Result<Answer, TrialError>,
    /// What went over the wire, where anything came back.
    pub exchange: Option<Exchange>,
    /// Why no whole answer came over the wire, where that is so.
    pub unanswered: Option<ExchangeErrorKind>,
    /// Milliseconds from sending to the last byte, or until the attempt was given up.
    pub latency_ms: f64,
}

impl Asked {
    /// The HTTP status, where one came back.
    pub fn status(&self) -> Option<u16> {
        self.exchange.as_ref().map(|exchange| exchange.status)
    }
}

/// Something that can be asked a case.
pub trait Target: Send + Sync {
    /// Asks one case once; `repeat` counts from 0.
    fn ask<'a>(&'a self, case: &'a Case, repeat: u32) -> BoxFuture<'a, Asked>;

    /// What the request of a case says, by content, where the same request may be answered from the response cache. A
    /// service under test has state of its own, so its answers are not kept.
    fn request_hash(&self, _case: &Case, _repeat: u32) -> Option<ContentHash> {
        None
    }

    /// The most that a call can cost by these prices, where that can be known beforehand.
    fn most_cost(&self, _case: &Case, _repeat: u32, _prices: &PriceTable) -> Option<PicoUsd> {
        None
    }

    /// Ends whatever was started for it. Called once, whatever happened before.
    fn stop(&self) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }
}

/// What a target needs of the world around it.
pub struct Surroundings<'a> {
    /// The project folder, which relative paths are meant from.
    pub folder: &'a Path,
    /// Longest time for one answer.
    pub timeout: Duration,
    /// Base URL of the built-in practice models, where they are served for the run.
    pub practice_url: Option<&'a str>,
    /// Marks every process that is started (see [`crate::process`]).
    pub mark: &'a str,
    /// Reads an environment variable, from which keys come.
    pub environment: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Keys and daily caps of model APIs.
    pub accounts: &'a dyn Accounts,
}

/// Makes a target ready to be asked: starts and awaits what must be started.
pub async fn open(
    spec: &TargetSpec,
    surroundings: &Surroundings<'_>,
) -> Result<Arc<dyn Target>, ServiceFailure> {
    Ok(match &spec.kind {
        TargetKind::Service(service) => Arc::new(ServiceTarget::start(service, surroundings).await?),
        TargetKind::Command(command) => Arc::new(command::CommandTarget::new(command, surroundings)?),
        TargetKind::Echo(text) => Arc::new(echo::EchoTarget::new(text)),
        TargetKind::Imported(_) => {
            return Err(ServiceFailure::NotStarted {
                message: "this target belongs to another tool's configuration; run that file itself".into(),
            });
        }
        TargetKind::ModelApi(api) => Arc::new(model_api::ModelApiTarget::new(api, surroundings)?),
    })
}

/// Fills everything that a target would be asked with for this case, without asking: a misspelt field is found before the run.
pub fn check_case(spec: &TargetSpec, case: &Case) -> Result<(), TrialError> {
    match &spec.kind {
        TargetKind::Service(service) => render_request("", &service.request, case).map(drop),
        TargetKind::Command(command) => command::check(&command.command, case),
        TargetKind::Echo(text) => fill_text(text, case).map(drop),
        TargetKind::Imported(_) => Ok(()),
        TargetKind::ModelApi(api) => model_api::check(api, case),
    }
}

/// Bytes of the prompt that a model API would be sent for this case; none for a target whose prompt is made elsewhere.
pub fn prompt_bytes(spec: &TargetSpec, case: &Case) -> Option<u64> {
    match &spec.kind {
        TargetKind::ModelApi(api) => model_api::prompt_bytes(api, case).ok(),
        _ => None,
    }
}

/// The error of a request that got no whole answer.
fn unanswered(error: &ExchangeError) -> TrialError {
    TrialError {
        cause: match error.kind {
            ExchangeErrorKind::Connect => Cause::Connect,
            ExchangeErrorKind::Tls => Cause::Tls,
            ExchangeErrorKind::Timeout => Cause::Timeout,
            ExchangeErrorKind::TooLarge => Cause::TooLarge,
            ExchangeErrorKind::Request | ExchangeErrorKind::Client => Cause::RequestTemplate,
            ExchangeErrorKind::Interrupted => Cause::Interrupted,
        },
        message: error.message.clone(),
    }
}
