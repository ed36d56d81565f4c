//! A world without environment variables, models and services.

use futures::{FutureExt as _, future::BoxFuture};
use harness::Cause;
use promptfoo::{
    CallError, Embedding, Environment, HttpReply, HttpRequest, ModelCall, ModelCalls, ModelReply,
};
use std::collections::BTreeMap;

/// Nothing is set, and whoever asks is told that nobody is there.
pub struct Nothing;

fn nobody(message: &str) -> CallError {
    CallError {
        cause: Cause::Connect,
        message: message.to_owned(),
    }
}

impl Environment for Nothing {
    fn variables(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }
}

impl ModelCalls for Nothing {
    fn chat<'a>(&'a self, _: ModelCall) -> BoxFuture<'a, Result<ModelReply, CallError>> {
        async { Err(nobody("no model here")) }.boxed()
    }
    fn embed<'a>(&'a self, _: ModelCall, _: String) -> BoxFuture<'a, Result<Embedding, CallError>> {
        async { Err(nobody("no model here")) }.boxed()
    }
    fn send<'a>(&'a self, _: HttpRequest) -> BoxFuture<'a, Result<HttpReply, CallError>> {
        async { Err(nobody("no service here")) }.boxed()
    }
}
