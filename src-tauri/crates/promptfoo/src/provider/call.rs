//! Asking a provider.

use super::{ModelCall, ModelCalls, ModelReply, ProviderKind, ProviderSpec, Response, command, http};
use crate::{
    document,
    problem::Fault,
    project::{Place, Project},
    template::{Templates, Vars},
};
use evidence::PicoUsd;
use harness::{
    Cause,
    script::{
        Limits, Program,
        javascript::module_key,
        python::{self, Source},
        run,
    },
};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

/// What a call needs of the run.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) project: &'a Project,
    pub(crate) templates: &'a Templates,
    pub(crate) variables: &'a BTreeMap<String, String>,
    pub(crate) models: &'a dyn ModelCalls,
}

/// One call.
pub(crate) struct Call<'a> {
    /// The rendered prompt.
    pub(crate) prompt: &'a str,
    /// Label of the prompt.
    pub(crate) label: &'a str,
    /// Configuration of the prompt with the options of the test.
    pub(crate) config: &'a Map<String, Value>,
    /// Variables.
    pub(crate) vars: &'a Vars,
    /// The test as scripts see it.
    pub(crate) test: &'a Value,
}

impl Call<'_> {
    pub(super) fn context(&self) -> Value {
        json!({
            "vars": self.vars,
            "prompt": { "raw": self.prompt, "label": self.label, "config": self.config },
            "test": self.test,
        })
    }
}

impl Caller<'_> {
    /// Asks a provider. What the provider itself reports as an error is in the response.
    pub(crate) async fn ask(&self, provider: &ProviderSpec, call: &Call<'_>) -> Result<Response, Fault> {
        match &provider.kind {
            ProviderKind::Echo => Ok(Response {
                cost: Some(0.0),
                metadata: Some(json!({})),
                more: Map::from_iter([
                    ("cached".to_owned(), json!(false)),
                    ("raw".to_owned(), json!(call.prompt)),
                ]),
                ..Response::of(call.prompt)
            }),
            ProviderKind::Model { api, model } => {
                let mut config = provider.config.clone();
                config.extend(call.config.clone());
                for key in ["tools", "functions", "response_format"] {
                    if let Some(written) = config.get(key) {
                        let rendered = self.templates.render_value(written, call.vars).await?;
                        let loaded = self
                            .project
                            .external(rendered, Place::Anywhere)
                            .map_err(Fault::Invalid)?;
                        config.insert(key.to_owned(), loaded);
                    }
                }
                let wants_json = config
                    .get("response_format")
                    .and_then(|format| format.get("type"))
                    .is_some_and(|kind| kind == "json_schema");
                let asked = ModelCall {
                    api: *api,
                    model: model.clone(),
                    messages: messages(call.prompt)?,
                    environment: provider.environment.clone(),
                    config,
                };
                Ok(match self.models.chat(asked).await {
                    Ok(reply) => of_model(reply, wants_json),
                    // promptfoo knows no cap, so none of its verdicts fits a call that was not made.
                    Err(error) if error.cause == Cause::SpendingCap => return Err(Fault::Call(error)),
                    Err(error) => Response::failed(error),
                })
            }
            ProviderKind::Embedding { .. } => Err(Fault::invalid(format!(
                "`{}` makes vectors and answers no prompt",
                provider.id
            ))),
            ProviderKind::Http { url } => http::ask(self, provider, url, call).await,
            ProviderKind::Command(words) => {
                let arguments = [
                    call.prompt.to_owned(),
                    json!({ "config": provider.config, "id": provider.id }).to_string(),
                    call.context().to_string(),
                ];
                let printed = command::run(words, &arguments, self.project.folder(), self.variables).await?;
                Ok(Response::of(printed))
            }
            ProviderKind::Python { path, function } => {
                let options = json!({ "id": provider.id, "config": provider.config });
                let arguments = [json!(call.prompt), options, call.context()];
                let name = function.as_deref().unwrap_or("call_api");
                let mut returned = self.python(path, name, &arguments).await?;
                document::normalize(&mut returned);
                match returned {
                    Value::Object(fields)
                        if fields.contains_key("output") || fields.contains_key("error") =>
                    {
                        Ok(Response::of_mapping(fields))
                    }
                    other => Err(Fault::invalid(format!(
                        "`{name}` must return a dict with `output` or `error`, not `{other}`"
                    ))),
                }
            }
            ProviderKind::JavaScript(export) => {
                const BODY: &str = "const Provider = __playbookExport(key, name);\
                    if (typeof Provider !== 'function') throw new TypeError('the file does not export a provider class');\
                    return new Provider(options).callApi(prompt, context);";
                let program = Program::Body {
                    libraries: &[],
                    modules: Arc::new([export.clone()]),
                    parameters: "key,name,options,prompt,context",
                    body: Cow::Borrowed(BODY),
                };
                let options = json!({ "id": provider.id, "config": provider.config });
                let name = export.name.as_deref().unwrap_or("");
                let arguments = vec![
                    json!(module_key(export)),
                    json!(name),
                    options,
                    json!(call.prompt),
                    call.context(),
                ];
                match run(program, arguments, Limits::JAVASCRIPT).await?.value {
                    Value::Object(fields) => Ok(Response::of_mapping(fields)),
                    other => Err(Fault::invalid(format!(
                        "`callApi` returned `{other}`, not an object"
                    ))),
                }
            }
            ProviderKind::Unsupported(what) => Err(Fault::Unsupported(what.clone())),
        }
    }

    /// The vector of a text.
    pub(crate) async fn embed(
        &self,
        provider: &ProviderSpec,
        text: &str,
    ) -> Result<Result<Vec<f64>, String>, Fault> {
        match &provider.kind {
            ProviderKind::Embedding { api, model } => {
                let call = ModelCall {
                    api: *api,
                    model: model.clone(),
                    messages: Value::Null,
                    config: provider.config.clone(),
                    environment: provider.environment.clone(),
                };
                match self.models.embed(call, text.to_owned()).await {
                    Err(error) if error.cause == Cause::SpendingCap => Err(Fault::Call(error)),
                    Err(error) => Ok(Err(error.message)),
                    Ok(embedding) => Ok(Ok(embedding.vector)),
                }
            }
            ProviderKind::Python { path, function } => {
                let name = function.as_deref().unwrap_or("call_embedding_api");
                let options = json!({ "id": provider.id, "config": provider.config });
                let returned = self.python(path, name, &[json!(text), options]).await?;
                let vector = returned.get("embedding").and_then(Value::as_array);
                Ok(match vector {
                    // Without what is no number the vector would be another one.
                    Some(vector) => vector
                        .iter()
                        .map(Value::as_f64)
                        .collect::<Option<Vec<f64>>>()
                        .ok_or_else(|| "the embedding holds something else than numbers".to_owned()),
                    None => Err(returned
                        .get("error")
                        .map_or("No embedding".into(), document::text)),
                })
            }
            ProviderKind::Unsupported(what) => Err(Fault::Unsupported(what.clone())),
            _ => Err(Fault::invalid(format!(
                "Provider {} is not a valid embedding provider",
                provider.id
            ))),
        }
    }

    pub(crate) async fn python(
        &self,
        path: &std::path::Path,
        function: &str,
        arguments: &[Value],
    ) -> Result<Value, Fault> {
        let source = Source::File(path.to_path_buf());
        let folder = self.project.folder();
        Ok(python::run(
            &source,
            function,
            arguments,
            folder,
            self.variables,
            Limits::PYTHON,
        )
        .await?)
    }
}

/// Chat messages in a prompt: YAML that begins with a role, JSON, or else one message of the user.
fn messages(prompt: &str) -> Result<Value, Fault> {
    let trimmed = document::trim(prompt);
    if trimmed.starts_with("- role:") {
        return document::yaml_lenient(prompt)
            .map(Option::unwrap_or_default)
            .map_err(|error| Fault::invalid(format!("the chat prompt is not YAML: {error}")));
    }
    match document::json(prompt) {
        Ok(messages) => Ok(messages),
        Err(error) => {
            let like_json = (trimmed.starts_with('{') && trimmed.ends_with('}'))
                || (trimmed.starts_with('[') && trimmed.ends_with(']'));
            if like_json {
                return Err(Fault::invalid(format!("the chat prompt is not JSON: {error}")));
            }
            Ok(json!([{ "role": "user", "content": prompt }]))
        }
    }
}

fn of_model(reply: ModelReply, wants_json: bool) -> Response {
    let finish_reason = reply.finish_reason.as_deref().and_then(finish_reason);
    let base = Response {
        model: reply.model,
        cost: reply.cost.map(PicoUsd::as_usd),
        usage: reply.usage,
        service_tier: reply.service_tier,
        latency_ms: reply.latency_ms,
        finish_reason,
        metadata: Some(json!({})),
        more: {
            let mut more = Map::from_iter([("cached".to_owned(), json!(false))]);
            if let Some(usage) = reply.usage {
                let (prompt, completion) = (usage.input, usage.output);
                let usage =
                    json!({ "prompt": prompt, "completion": completion, "total": prompt + completion });
                more.insert("tokenUsage".into(), usage);
            }
            more
        },
        ..Response::default()
    };
    if let Some(refusal) = reply.refusal.filter(|refusal| !refusal.is_empty()) {
        return Response {
            output: json!(refusal),
            guardrails: Some(json!({ "flagged": true })),
            ..base
        };
    }
    if base.finish_reason.as_deref() == Some("content_filter") {
        let text = if reply.text.is_empty() {
            "Content filtered by provider".into()
        } else {
            reply.text
        };
        return Response {
            output: json!(text),
            guardrails: Some(json!({ "flagged": true })),
            ..base
        };
    }
    let calls = reply
        .tool_calls
        .filter(|calls| calls.as_array().is_none_or(|calls| !calls.is_empty()));
    let output = match calls {
        Some(calls) if reply.text.is_empty() => calls,
        Some(calls) => json!({ "role": "assistant", "content": reply.text, "tool_calls": calls }),
        None if wants_json => document::json(&reply.text).unwrap_or_else(|_| json!(reply.text)),
        None => json!(reply.text),
    };
    let output = match (reply.reasoning.filter(|text| !text.is_empty()), output) {
        (Some(reasoning), Value::String(text)) => json!(format!("Thinking: {reasoning}\n\n{text}")),
        (_, output) => output,
    };
    Response {
        output,
        log_probabilities: reply.log_probabilities,
        guardrails: Some(json!({ "flagged": false })),
        ..base
    }
}

/// One word for what the APIs call by several.
fn finish_reason(raw: &str) -> Option<String> {
    let raw = document::trim(raw).to_lowercase();
    let word = match raw.as_str() {
        "" => return None,
        "end_turn" | "stop_sequence" => "stop",
        "max_tokens" => "length",
        "tool_use" | "function_call" => "tool_calls",
        "refusal" => "content_filter",
        other => other,
    };
    Some(word.to_owned())
}
