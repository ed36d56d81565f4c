//! The models that graders ask: who answers under a name, with which key, and what it cost.

use super::super::accounts::RunAccounts;
use evidence::PicoUsd;
use futures::{FutureExt as _, future::BoxFuture};
use harness::{
    Suite,
    grader::models::{Embedded, ModelCallError, ModelCalls, ModelQuestion, ModelReply, Speaker},
    suite::{
        PRACTICE, PRACTICE_MODELS,
        file::{ModelApiKind, ProviderFile},
    },
    target::{
        Accounts as _,
        model_api::{key, missing_key},
    },
};
use provider::{
    CallFailure, CallFailureKind, Caller, ClientOptions, Endpoint, HttpClient, Message, ModelRequest,
    PriceContext, PriceTable, RetryPolicy, Usage,
};
use serde_json::json;
use std::{collections::HashMap, sync::Arc};

/// The models of one suite, ready to be asked.
pub(super) struct SuiteModels {
    models: HashMap<String, SuiteModel>,
    prices: Arc<PriceTable>,
}

/// One model: how it is asked, where, and under which name. The caller holds it to its daily cap.
struct SuiteModel {
    caller: Caller,
    endpoint: Endpoint,
    model: String,
}

impl SuiteModels {
    /// Makes every model ready that a grader of the suite asks; none where no grader asks any. The message names the key
    /// that is missing.
    pub(super) fn of(
        suite: &Suite,
        practice_url: Option<&str>,
        accounts: &RunAccounts,
    ) -> Result<Option<Self>, String> {
        let names: Vec<&str> = suite
            .graders
            .iter()
            .flat_map(|grader| grader.providers())
            .collect();
        if names.is_empty() {
            return Ok(None);
        }
        let options = ClientOptions {
            timeout: suite.timeout,
            ..ClientOptions::default()
        };
        let client = HttpClient::new(options).map_err(|error| error.to_string())?;
        let mut models = HashMap::new();
        for name in names {
            let provider = suite.providers.get(name).cloned().or_else(|| shipped(name));
            let provider = provider.ok_or_else(|| format!("no provider is called `{name}`"))?;
            let endpoint = endpoint(&provider, practice_url, accounts)?;
            let caller = Caller::new(client.clone(), RetryPolicy::default());
            let named = provider.provider.as_ref().map(|name| name.value.as_str());
            let guard = match provider.base.as_deref() {
                Some(PRACTICE) => None,
                _ => accounts.guard(named, &endpoint.base),
            };
            let model = SuiteModel {
                caller: match guard {
                    Some(guard) => caller.with_spending(guard),
                    None => caller,
                },
                endpoint,
                model: provider.model,
            };
            models.insert(name.to_owned(), model);
        }
        Ok(Some(Self {
            models,
            prices: accounts.prices(),
        }))
    }

    fn model(&self, name: &str) -> Result<&SuiteModel, ModelCallError> {
        self.models.get(name).ok_or_else(|| ModelCallError {
            message: format!("no provider is called `{name}`; add it under `providers:` in the suite"),
            refused_by_cap: false,
        })
    }

    fn cost(&self, model: &str, usage: Option<Usage>, tier: Option<&str>) -> Option<PicoUsd> {
        let context = PriceContext::served(tier, chrono::Utc::now())?;
        Some(self.prices.price(model, &usage?, &context)?.cost)
    }
}

fn shipped(name: &str) -> Option<ProviderFile> {
    PRACTICE_MODELS.contains(&name).then(|| ProviderFile {
        provider: None,
        api: Some(ModelApiKind::OpenaiChat),
        base: Some(PRACTICE.into()),
        model: name.into(),
        key: None,
    })
}

fn endpoint(
    provider: &ProviderFile,
    practice_url: Option<&str>,
    accounts: &RunAccounts,
) -> Result<Endpoint, String> {
    let dialect = provider
        .api
        .ok_or_else(|| format!("nothing says which API {} speaks", provider.model))?
        .dialect();
    let base = match provider.base.as_deref() {
        Some(PRACTICE) => practice_url.ok_or("the practice models are not served for this run")?,
        Some(base) => base,
        None => dialect.default_base(),
    };
    let key = match &provider.provider {
        Some(name) => accounts.key(&name.value)?,
        None => key(
            dialect,
            provider.key.as_deref(),
            provider.base.is_some(),
            &|name| std::env::var(name).ok(),
        )
        .map_err(|variable| missing_key(&provider.model, &variable))?,
    };
    Ok(Endpoint::new(dialect, base, key))
}

fn refused(failure: CallFailure) -> ModelCallError {
    ModelCallError {
        refused_by_cap: failure.kind == CallFailureKind::RefusedByCap,
        message: failure.message,
    }
}

impl ModelCalls for SuiteModels {
    fn chat<'a>(
        &'a self,
        provider: &'a str,
        question: ModelQuestion,
    ) -> BoxFuture<'a, Result<ModelReply, ModelCallError>> {
        async move {
            let SuiteModel {
                caller,
                endpoint,
                model,
            } = self.model(provider)?;
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
            let call = caller.chat(endpoint, &request).await.map_err(refused)?;
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
            let SuiteModel {
                caller,
                endpoint,
                model,
            } = self.model(provider)?;
            let call = caller.embed(endpoint, model, &texts).await.map_err(refused)?;
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
