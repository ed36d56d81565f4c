//! HTTP services: the request is made of templates, the answer is read by a transform.

mod request;
mod transform;

use super::{Call, CallError, Caller, ProviderSpec, Response};
use crate::{document, problem::Fault};
use harness::Cause;
use request::{raw_request, request};
use serde_json::{Map, Value, json};
use transform::{accepts, request_transform, response_transform};

pub(super) async fn ask(
    caller: &Caller<'_>,
    provider: &ProviderSpec,
    url: &str,
    call: &Call<'_>,
) -> Result<Response, Fault> {
    let config = &provider.config;
    for (key, what) in [
        ("multipart", "a multipart body"),
        ("signatureAuth", "signed requests"),
        ("session", "a session endpoint"),
        ("tls", "client certificates"),
    ] {
        if config.contains_key(key) {
            return Err(Fault::Unsupported(format!(
                "{what} of an http provider (`{key}`)"
            )));
        }
    }
    let mut vars = call.vars.clone();
    vars.insert("prompt".into(), json!(call.prompt));
    for key in ["tools", "tool_choice"] {
        if let Some(value) = call.config.get(key).or_else(|| config.get(key)) {
            let value = if value.is_object() || value.is_array() {
                json!(value.to_string())
            } else {
                value.clone()
            };
            vars.insert(key.into(), value);
        }
    }
    let transformed = request_transform(caller, config, call, &vars).await?;
    let request = match config.get("request").and_then(Value::as_str) {
        Some(raw) => raw_request(caller, provider, raw, &vars, transformed, url).await?,
        None => request(caller, config, url, &vars, transformed).await?,
    };
    let reply = caller.models.send(request).await.map_err(Fault::Call)?;
    if !accepts(config, reply.status, caller).await? {
        return Err(Fault::Call(CallError {
            cause: if reply.status == 429 {
                Cause::RateLimited
            } else {
                Cause::HttpStatus
            },
            message: format!("HTTP call failed with status {}: {}", reply.status, reply.body),
        }));
    }
    let headers: Map<String, Value> = reply
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    let mut response = Response {
        latency_ms: Some(reply.latency_ms),
        metadata: Some(json!({ "http": { "status": reply.status, "statusText": "", "headers": headers } })),
        more: Map::from_iter([
            ("raw".to_owned(), json!(reply.body)),
            ("cached".to_owned(), json!(false)),
        ]),
        ..Response::default()
    };
    let parsed = document::json(&reply.body).unwrap_or_default();
    let context = json!({ "response": {
        "data": reply.body, "status": reply.status, "statusText": "", "headers": headers, "cached": false,
        "latencyMs": reply.latency_ms,
    }});
    let output = response_transform(caller, config, parsed, &reply.body, context).await?;
    // A mapping with an output that says something is a whole response; everything else is the output.
    match output {
        Value::Object(fields) if fields.get("output").is_some_and(document::truthy) => {
            let own = Response::of_mapping(fields);
            response.more.extend(own.more);
            Ok(Response {
                output: own.output,
                error: own.error,
                cause: own.cause,
                model: own.model,
                usage: own.usage,
                service_tier: own.service_tier,
                cost: own.cost,
                latency_ms: own.latency_ms.or(response.latency_ms),
                log_probabilities: own.log_probabilities,
                finish_reason: own.finish_reason,
                guardrails: own.guardrails,
                metadata: own.metadata.or(response.metadata),
                more: response.more,
            })
        }
        output => Ok(Response { output, ..response }),
    }
}
