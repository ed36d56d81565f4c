//! Who grades: what a configuration names for it, or promptfoo's own choice by the keys that are there.

use crate::{
    assertion::Check,
    document,
    problem::Fault,
    project::Project,
    provider::{ProviderKind, ProviderSpec},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Finds who grades.
pub(crate) struct Graders {
    project: Project,
    environment: Map<String, Value>,
    providers: Vec<Arc<ProviderSpec>>,
    fallback: Option<Value>,
}

/// Models that promptfoo 0.121.20 grades with where nothing is configured and a key is there.
const DEFAULT_OPENAI: &str = "openai:chat:gpt-5.5-2026-04-23";
const DEFAULT_ANTHROPIC: &str = "anthropic:messages:claude-sonnet-4-6";
const DEFAULT_EMBEDDING: &str = "openai:embedding:text-embedding-3-large";

impl Graders {
    pub(crate) fn new(
        project: Project,
        environment: Map<String, Value>,
        providers: Vec<Arc<ProviderSpec>>,
        default_test: &Map<String, Value>,
    ) -> Self {
        let options = default_test.get("options");
        let fallback = [
            default_test.get("provider"),
            options.and_then(|options| options.get("provider")),
        ]
        .into_iter()
        .flatten()
        .find(|provider| document::truthy(provider))
        .cloned();
        Self {
            project,
            environment,
            providers,
            fallback,
        }
    }

    pub(crate) fn read(&self, written: &Value) -> Result<Arc<ProviderSpec>, Fault> {
        let known = |name: &str| {
            let by = |matches: &dyn Fn(&ProviderSpec) -> bool| {
                self.providers.iter().find(|provider| matches(provider)).cloned()
            };
            by(&|provider| provider.id == name)
                .or_else(|| by(&|provider| provider.label.as_deref() == Some(name)))
        };
        if let Some(provider) = written.as_str().and_then(known) {
            return Ok(provider);
        }
        ProviderSpec::read(written, &self.project, &self.environment)
            .map(Arc::new)
            .map_err(Fault::Invalid)
    }

    /// A provider by its purpose: one that is written for it, or one for everything.
    fn chosen(&self, check: &Check<'_>, purpose: &str) -> Option<Value> {
        let written = check
            .assertion
            .provider
            .as_ref()
            .or_else(|| {
                check
                    .subject
                    .case
                    .options
                    .get("provider")
                    .filter(|provider| document::truthy(provider))
            })
            .or(self.fallback.as_ref())?;
        match written {
            Value::Object(fields) if !fields.contains_key("id") => {
                let by_purpose = ["text", "embedding", "classification", "moderation"];
                if by_purpose.iter().any(|key| fields.contains_key(*key)) {
                    return fields.get(purpose).cloned();
                }
                Some(written.clone())
            }
            other => Some(other.clone()),
        }
    }

    fn has_key(&self, name: &str) -> bool {
        self.environment.get(name).is_some_and(document::truthy)
    }

    /// Who judges by text.
    pub(crate) fn text(&self, check: &Check<'_>, json_object: bool) -> Result<Arc<ProviderSpec>, Fault> {
        if let Some(written) = self.chosen(check, "text") {
            return self.read(&written);
        }
        if self.has_key("OPENAI_API_KEY") {
            let format = json!({ "response_format": { "type": "json_object" } });
            let config = if json_object { format } else { json!({}) };
            return self.read(&json!({ "id": DEFAULT_OPENAI, "config": config }));
        }
        if self.has_key("ANTHROPIC_API_KEY") {
            return self.read(&json!(DEFAULT_ANTHROPIC));
        }
        Err(Fault::invalid(format!(
            "`{}` needs a model that grades; set `provider` on the assertion or in `defaultTest.options`",
            check.assertion.kind
        )))
    }

    /// Who makes vectors.
    pub(crate) fn embedding(&self, check: &Check<'_>) -> Result<Arc<ProviderSpec>, Fault> {
        if let Some(written) = self.chosen(check, "embedding") {
            let provider = self.read(&written)?;
            let model_of_text = matches!(provider.kind, ProviderKind::Model { .. } | ProviderKind::Echo);
            if !model_of_text || check.assertion.provider.is_some() || !self.has_key("OPENAI_API_KEY") {
                return Ok(provider);
            }
        }
        if self.has_key("OPENAI_API_KEY") {
            return self.read(&json!(DEFAULT_EMBEDDING));
        }
        Err(Fault::invalid(format!(
            "`{}` needs a model that makes vectors; set `provider`, such as openai:embedding:MODEL",
            check.assertion.kind
        )))
    }
}
