//! A world without environment variables, models and services.

use futures::{FutureExt as _, future::BoxFuture};
use promptfoo::{Environment, HttpReply, HttpRequest, ModelCall, ModelCalls, ModelReply};
use std::collections::BTreeMap;

/// Nothing is set, and whoever asks is told that nobody is there.
pub struct Nothing;

impl Environment for Nothing {
    fn variables(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }
}

impl ModelCalls for Nothing {
    fn chat<'a>(&'a self, _: ModelCall) -> BoxFuture<'a, Result<ModelReply, String>> {
        async { Err("no model here".into()) }.boxed()
    }
    fn embed<'a>(&'a self, _: ModelCall, _: String) -> BoxFuture<'a, Result<Vec<f64>, String>> {
        async { Err("no model here".into()) }.boxed()
    }
    fn send<'a>(&'a self, _: HttpRequest) -> BoxFuture<'a, Result<HttpReply, String>> {
        async { Err("no service here".into()) }.boxed()
    }
}
