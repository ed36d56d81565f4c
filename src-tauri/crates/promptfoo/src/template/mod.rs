//! Templates, rendered by Nunjucks itself in the embedded engine.

use crate::problem::Fault;
use harness::script::{
    Export, Library, Limits, Program, Returned, ScriptError,
    javascript::{module_key, run_here},
    run,
};
use serde_json::{Map, Value, json};
use std::{borrow::Cow, sync::Arc};

/// What every template needs in its engine.
const LIBRARIES: &[Library] = &[
    Library {
        name: "nunjucks",
        source: include_str!("../../vendor/nunjucks.min.js"),
    },
    Library {
        name: "__playbookTemplates",
        source: include_str!("render.js"),
    },
];

/// Variables of a test, in the order in which they are written.
pub type Vars = Map<String, Value>;

/// Renders templates with one environment and one set of filters.
#[derive(Clone, Debug)]
pub struct Templates {
    environment: Arc<Value>,
    filters: Arc<[(String, String)]>,
    modules: Arc<[Export]>,
}

impl Templates {
    /// With these environment variables, which a template sees as `env`, and these filters by name.
    pub fn new(environment: Map<String, Value>, filters: Vec<(String, Export)>) -> Self {
        Self {
            environment: Arc::new(Value::Object(environment)),
            filters: filters
                .iter()
                .map(|(name, export)| (name.clone(), module_key(export)))
                .collect(),
            modules: filters.into_iter().map(|(_, export)| export).collect(),
        }
    }

    /// Renders a text.
    pub async fn render(&self, text: &str, vars: &Vars) -> Result<String, Fault> {
        if !has_tags(text) {
            return Ok(text.to_owned());
        }
        let arguments = vec![json!(text), json!(vars), self.environment_for(text)];
        self.text(
            "a,b,c",
            "return __playbookTemplates.renderText(a, b, c, [])",
            arguments,
        )
        .await
    }

    /// Renders every text in a JSON value.
    pub async fn render_value(&self, value: &Value, vars: &Vars) -> Result<Value, Fault> {
        if !value_has_tags(value) {
            return Ok(value.clone());
        }
        let arguments = vec![value.clone(), json!(vars), (*self.environment).clone()];
        let returned = self
            .call(
                "a,b,c",
                "return __playbookTemplates.renderValue(a, b, c)",
                arguments,
            )
            .await?;
        Ok(returned.value)
    }

    /// Renders a prompt. The variables come back as the prompt saw them: references resolved, a last line end gone.
    pub async fn render_prompt(&self, raw: &str, mut vars: Vars) -> Result<(String, Vars), Fault> {
        let plain = !has_tags(raw)
            && !looks_like_json(raw)
            && !vars
                .values()
                .any(|value| value.as_str().is_some_and(|text| text.contains("{{")));
        if plain {
            for value in vars.values_mut() {
                if let Value::String(text) = value
                    && text.ends_with('\n')
                {
                    text.pop();
                }
            }
            return Ok((raw.to_owned(), vars));
        }
        let uses_env = raw.contains("env")
            || vars
                .values()
                .any(|value| value.as_str().is_some_and(|text| text.contains("env")));
        let environment = if uses_env {
            (*self.environment).clone()
        } else {
            json!({})
        };
        let arguments = vec![json!(raw), Value::Object(vars), environment, self.filters()];
        let returned = self
            .call(
                "a,b,c,d",
                "return __playbookTemplates.renderPrompt(a, b, c, d)",
                arguments,
            )
            .await?;
        match returned.value {
            Value::Object(mut result) => match (result.remove("prompt"), result.remove("vars")) {
                (Some(Value::String(prompt)), Some(Value::Object(vars))) => Ok((prompt, vars)),
                _ => Err(Fault::invalid("the prompt did not render to a text")),
            },
            _ => Err(Fault::invalid("the prompt did not render to a text")),
        }
    }

    /// Renders a judge's prompt: objects become JSON text.
    pub async fn render_rubric(&self, prompt: &str, vars: &Vars) -> Result<String, Fault> {
        let arguments = vec![json!(prompt), json!(vars), self.environment_for(prompt)];
        self.text(
            "a,b,c",
            "return __playbookTemplates.renderRubric(a, b, c)",
            arguments,
        )
        .await
    }

    /// Renders a raw HTTP request, in which only `{{...}}` is a template.
    pub async fn render_raw_request(&self, text: &str, vars: &Vars) -> Result<String, Fault> {
        let arguments = vec![json!(text), json!(vars), self.environment_for(text)];
        self.text(
            "a,b,c",
            "return __playbookTemplates.renderRawRequest(a, b, c)",
            arguments,
        )
        .await
    }

    /// Renders what names the environment and leaves every other tag. Runs on this thread: configurations are read before anything runs.
    pub fn render_environment(value: &Value, environment: &Map<String, Value>) -> Result<Value, ScriptError> {
        if !value_has_tags(value) {
            return Ok(value.clone());
        }
        let program = Program::Body {
            libraries: LIBRARIES,
            modules: Arc::new([]),
            parameters: "a,b",
            body: Cow::Borrowed("return __playbookTemplates.renderEnvironment(a, b)"),
        };
        let arguments = [value.clone(), Value::Object(environment.clone())];
        run_here(&program, &arguments, Limits::JAVASCRIPT).map(|returned| returned.value)
    }

    /// The environment that templates see.
    pub fn environment(&self) -> &Map<String, Value> {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        self.environment.as_object().unwrap_or(&EMPTY)
    }

    fn environment_for(&self, text: &str) -> Value {
        // The environment is large, and few templates look at it.
        if text.contains("env") {
            (*self.environment).clone()
        } else {
            json!({})
        }
    }

    fn filters(&self) -> Value {
        json!(*self.filters)
    }

    fn program(&self, parameters: &'static str, body: &'static str) -> Program {
        Program::Body {
            libraries: LIBRARIES,
            modules: Arc::clone(&self.modules),
            parameters,
            body: Cow::Borrowed(body),
        }
    }

    async fn call(
        &self,
        parameters: &'static str,
        body: &'static str,
        arguments: Vec<Value>,
    ) -> Result<Returned, Fault> {
        let program = self.program(parameters, body);
        Ok(run(program, arguments, Limits::JAVASCRIPT).await?)
    }

    async fn text(
        &self,
        parameters: &'static str,
        body: &'static str,
        arguments: Vec<Value>,
    ) -> Result<String, Fault> {
        text_of(self.call(parameters, body, arguments).await?)
    }
}

fn text_of(returned: Returned) -> Result<String, Fault> {
    match returned.value {
        Value::String(text) => Ok(text),
        _ => Err(Fault::invalid("the template did not render to a text")),
    }
}

/// Whether a text can be anything but itself when rendered.
pub fn has_tags(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

fn value_has_tags(value: &Value) -> bool {
    match value {
        Value::String(text) => has_tags(text),
        Value::Array(items) => items.iter().any(value_has_tags),
        Value::Object(entries) => entries.values().any(value_has_tags),
        _ => false,
    }
}

/// Whether a prompt may be JSON, which is written anew when rendered.
fn looks_like_json(text: &str) -> bool {
    text.trim_start()
        .starts_with(|first: char| first.is_ascii_digit() || "{[\"-tfn".contains(first))
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
