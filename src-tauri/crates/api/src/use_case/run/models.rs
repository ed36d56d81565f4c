//! The models that graders ask: who answers under a name, with which key, and what it cost.

use evidence::PicoUsd;
use futures::{FutureExt as _, future::BoxFuture};
use harness::{
    Suite,
    grader::models::{Embedded, ModelCallError, ModelCalls, ModelQuestion, ModelReply, Speaker},
    suite::{
        PRACTICE, PRACTICE_MODELS,
        file::{ModelApiKind, ProviderFile},
    },
    target::model_api::{key, missing_key},
};
use provider::{
    Caller, ClientOptions, Endpoint, HttpClient, Message, ModelRequest, PriceContext, PriceTable,
    RetryPolicy, Tier, Usage,
};
use serde_json::json;
use std::{collections::HashMap, sync::Arc};

/// The models of one suite, ready to be asked.
pub(super) struct SuiteModels {
    caller: Caller,
    models: HashMap<String, (Endpoint, String)>,
    prices: Arc<PriceTable>,
}

impl SuiteModels {
    /// Makes every model ready that a grader of the suite asks; none where no grader asks any. The message names the key
    /// that is missing.
    pub(super) fn of(
        suite: &Suite,
        practice_url: Option<&str>,
        prices: Arc<PriceTable>,
    ) -> Result<Option<Self>, String> {
        let names: Vec<&str> = suite
            .graders
            .iter()
            .flat_map(|grader| grader.providers())
            .collect();
        if names.is_empty() {
            return Ok(None);
        }
        let mut models = HashMap::new();
        for name in names {
            let provider = suite.providers.get(name).cloned().or_else(|| shipped(name));
            let provider = provider.ok_or_else(|| format!("no provider is called `{name}`"))?;
            models.insert(
                name.to_owned(),
                (endpoint(&provider, practice_url)?, provider.model),
            );
        }
        let options = ClientOptions {
            timeout: suite.timeout,
            ..ClientOptions::default()
        };
        let client = HttpClient::new(options).map_err(|error| error.to_string())?;
        Ok(Some(Self {
            caller: Caller::new(client, RetryPolicy::default()),
            models,
            prices,
        }))
    }

    fn model(&self, name: &str) -> Result<&(Endpoint, String), ModelCallError> {
        self.models.get(name).ok_or_else(|| ModelCallError {
            message: format!("no provider is called `{name}`; add it under `providers:` in the suite"),
        })
    }

    fn cost(&self, model: &str, usage: Option<Usage>, tier: Option<&str>) -> Option<PicoUsd> {
        let context = PriceContext {
            tier: Tier::served(tier).unwrap_or(Tier::Standard),
            ..PriceContext::at(chrono::Utc::now())
        };
        Some(self.prices.price(model, &usage?, &context)?.cost)
    }
}

fn shipped(name: &str) -> Option<ProviderFile> {
    PRACTICE_MODELS.contains(&name).then(|| ProviderFile {
        api: ModelApiKind::OpenaiChat,
        base: Some(PRACTICE.into()),
        model: name.into(),
        key: None,
    })
}

fn endpoint(provider: &ProviderFile, practice_url: Option<&str>) -> Result<Endpoint, String> {
    let dialect = provider.api.dialect();
    let base = match provider.base.as_deref() {
        Some(PRACTICE) => practice_url.ok_or("the practice models are not served for this run")?,
        Some(base) => base,
        None => dialect.default_base(),
    };
    let key = key(
        dialect,
        provider.key.as_deref(),
        provider.base.is_some(),
        &|name| std::env::var(name).ok(),
    );
    let key = key.map_err(|variable| missing_key(&provider.model, &variable))?;
    Ok(Endpoint::new(dialect, base, key))
}

impl ModelCalls for SuiteModels {
    fn chat<'a>(
        &'a self,
        provider: &'a str,
        question: ModelQuestion,
    ) -> BoxFuture<'a, Result<ModelReply, ModelCallError>> {
        async move {
            let (endpoint, model) = self.model(provider)?;
            let system = (!question.system.is_empty()).then(|| Message::text("system", question.system));
            let turns = question.turns.into_iter().map(|turn| {
                let role = match turn.speaker {
                    Speaker::Asker => "user",
                    Speaker::Model => "assistant",
                };
                Message::text(role, turn.text)
            });
            let request = ModelRequest {
                model: model.clone(),
                messages: system.into_iter().chain(turns).collect(),
                temperature: Some(question.temperature),
                max_tokens: Some(question.max_tokens),
                response_format: question.schema.map(|schema| {
                    json!({ "type": "json_schema", "json_schema": { "name": "verdict", "schema": schema } })
                }),
                ..ModelRequest::default()
            };
            let call = self
                .caller
                .chat(endpoint, &request)
                .await
                .map_err(|failure| ModelCallError {
                    message: failure.message,
                })?;
            let answer = call.answer;
            let named = answer.model.as_deref().unwrap_or(model);
            Ok(ModelReply {
                cost: self.cost(named, answer.usage, answer.service_tier.as_deref()),
                practice: self.prices.is_practice(named),
                tokens: answer.usage.map(|usage| usage.tokens()),
                text: answer.text,
                model: answer.model,
            })
        }
        .boxed()
    }

    fn embed<'a>(
        &'a self,
        provider: &'a str,
        texts: Vec<String>,
    ) -> BoxFuture<'a, Result<Embedded, ModelCallError>> {
        async move {
            let (endpoint, model) = self.model(provider)?;
            let call = self
                .caller
                .embed(endpoint, model, &texts)
                .await
                .map_err(|failure| ModelCallError {
                    message: failure.message,
                })?;
            let answer = call.answer;
            let named = answer.model.as_deref().unwrap_or(model);
            Ok(Embedded {
                cost: self.cost(named, answer.usage, None),
                practice: self.prices.is_practice(named),
                tokens: answer.usage.map(|usage| usage.tokens()),
                vectors: answer.vectors,
                model: answer.model,
            })
        }
        .boxed()
    }
}
