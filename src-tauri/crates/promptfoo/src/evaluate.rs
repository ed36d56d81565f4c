//! One test on one target: render the prompt, ask, transform, grade.

use crate::{
    assertion::{Aggregate, Check, Grading, Subject, run_one, score_by_function},
    configuration::TargetSpec,
    document,
    problem::Fault,
    project::Project,
    prompt::PromptFunction,
    provider::{Call, Caller, ModelCalls, ProviderSpec, Response},
    template::{Templates, Vars},
    test::{Assertion, TestCase},
    transform, variable,
};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// What runs the tests of a configuration.
pub struct Evaluation {
    project: Project,
    templates: Templates,
    variables: BTreeMap<String, String>,
    graders: Graders,
}

/// What tests tell each other: earlier turns of a conversation, and outputs stored under a name. One for each run.
#[derive(Debug, Default)]
pub struct Session {
    conversations: Mutex<HashMap<String, Vec<Value>>>,
    stored: Mutex<Map<String, Value>>,
}

/// A prompt that is ready to be sent.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The prompt.
    pub prompt: String,
    /// The variables as the prompt saw them.
    pub vars: Vars,
    config: Map<String, Value>,
    test: Value,
}

/// What came of a test on a target.
#[derive(Clone, Debug)]
pub struct TestVerdict {
    /// Whether it passed.
    pub success: bool,
    /// Score.
    pub score: f64,
    /// Why.
    pub reason: String,
    /// Results of the assertions in order, each set followed by its members.
    pub components: Vec<Grading>,
    /// Scores by metric.
    pub named_scores: Vec<(String, f64)>,
    /// Why there is no verdict: then the test is an error and neither passed nor failed.
    pub error: Option<Fault>,
}

/// A test that ran.
#[derive(Clone, Debug)]
pub struct Evaluated {
    /// The rendered prompt; absent where it could not be rendered.
    pub rendered: Option<Rendered>,
    /// What the provider answered; absent where it was not asked or failed.
    pub response: Option<Response>,
    /// Milliseconds of the call.
    pub latency_ms: f64,
    /// The verdict.
    pub verdict: TestVerdict,
}

impl TestVerdict {
    fn error(fault: Fault) -> Self {
        Self {
            success: false,
            score: 0.0,
            reason: fault.to_string(),
            components: Vec::new(),
            named_scores: Vec::new(),
            error: Some(fault),
        }
    }
}

impl Evaluation {
    pub(crate) fn new(
        project: Project,
        templates: Templates,
        variables: BTreeMap<String, String>,
        providers: Vec<Arc<ProviderSpec>>,
        default_test: &Map<String, Value>,
    ) -> Self {
        let graders = Graders {
            project: project.clone(),
            environment: templates.environment().clone(),
            providers,
            fallback: [
                default_test.get("provider"),
                default_test
                    .get("options")
                    .and_then(|options| options.get("provider")),
            ]
            .into_iter()
            .flatten()
            .find(|provider| document::truthy(provider))
            .cloned(),
        };
        Self {
            project,
            templates,
            variables,
            graders,
        }
    }

    fn caller<'a>(&'a self, models: &'a dyn ModelCalls) -> Caller<'a> {
        Caller {
            project: &self.project,
            templates: &self.templates,
            variables: &self.variables,
            models,
        }
    }

    /// Runs a test on a target from its prompt to its verdict.
    pub async fn run(
        &self,
        target: &TargetSpec,
        case: &TestCase,
        session: &Session,
        models: &dyn ModelCalls,
    ) -> Evaluated {
        let mut evaluated = Evaluated {
            rendered: None,
            response: None,
            latency_ms: 0.0,
            verdict: TestVerdict::error(Fault::invalid("it did not run")),
        };
        let rendered = match self.render(target, case, session, models).await {
            Ok(rendered) => rendered,
            Err(fault) => {
                evaluated.verdict = TestVerdict::error(fault);
                return evaluated;
            }
        };
        let begun = Instant::now();
        let asked = self.ask(target, case, &rendered, session, models).await;
        let elapsed = begun.elapsed().as_secs_f64() * 1000.0;
        evaluated.verdict = match &asked {
            Err(fault) => TestVerdict::error(fault.clone()),
            Ok(response) => {
                evaluated.latency_ms = response.latency_ms.unwrap_or(elapsed.floor());
                self.grade(
                    target,
                    case,
                    &rendered,
                    response,
                    evaluated.latency_ms,
                    session,
                    models,
                )
                .await
            }
        };
        evaluated.rendered = Some(rendered);
        evaluated.response = asked.ok();
        evaluated
    }

    /// Renders the prompt of a target for a test.
    pub async fn render(
        &self,
        target: &TargetSpec,
        case: &TestCase,
        session: &Session,
        models: &dyn ModelCalls,
    ) -> Result<Rendered, Fault> {
        if let Some(fault) = &case.fault {
            return Err(fault.clone());
        }
        let mut vars = case.vars.clone();
        let prompt = &target.prompt;
        let conversation = prompt.raw.contains("_conversation")
            && !case
                .options
                .get("disableConversationVar")
                .is_some_and(document::truthy);
        if conversation {
            let conversations = session
                .conversations
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let turns = conversations
                .get(&conversation_key(target, case))
                .cloned()
                .unwrap_or_default();
            vars.insert("_conversation".into(), Value::Array(turns));
        }
        vars.extend(
            session
                .stored
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        );
        let step = format!(
            "test-{}-prompt-{}-repeat-{}",
            case.index, target.prompt_index, case.repeat
        );
        vars.insert("__evalStepId".into(), json!(step));
        vars.insert("__repeatIndex".into(), json!(case.repeat));
        let mut config = prompt
            .config
            .as_ref()
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let affix = |key: &str| case.options.get(key).and_then(Value::as_str).unwrap_or("");
        let raw = format!("{}{}{}", affix("prefix"), prompt.raw, affix("suffix"));
        let caller = self.caller(models);
        variable::load_files(&caller, &mut vars, &raw).await?;
        let mut base = raw;
        if let Some(function) = &prompt.function {
            base = made_prompt(&caller, function, target, &vars, &mut config).await?;
        }
        let (rendered, mut vars) = self.templates.render_prompt(&base, vars).await?;
        for key in ["__evalStepId", "__repeatIndex"] {
            vars.remove(key);
        }
        config.extend(
            case.options
                .iter()
                .filter(|(key, _)| *key != "repeat")
                .map(|(key, value)| (key.clone(), value.clone())),
        );
        let mut test = json!({
            "vars": vars,
            "assert": case.assertions.iter().map(|assertion| &assertion.written).collect::<Vec<_>>(),
            "options": *case.options,
            "metadata": *case.metadata,
        });
        if let Some(description) = &case.description {
            test["description"] = json!(description);
        }
        if let Some(threshold) = case.threshold {
            test["threshold"] = document::number(threshold).map_or(Value::Null, Value::Number);
        }
        Ok(Rendered {
            prompt: rendered,
            vars,
            config,
            test,
        })
    }

    /// Asks the provider of a target, or the test's own, or takes the output that the test brings.
    pub async fn ask(
        &self,
        target: &TargetSpec,
        case: &TestCase,
        rendered: &Rendered,
        session: &Session,
        models: &dyn ModelCalls,
    ) -> Result<Response, Fault> {
        let response = match &case.provider_output {
            Some(output) => Response {
                cost: Some(0.0),
                ..Response::of(output.clone())
            },
            None => {
                let own = match &case.provider {
                    Some(written) => Some(self.graders.read(written)?),
                    None => None,
                };
                let provider = own.as_deref().unwrap_or(&target.provider);
                let call = Call {
                    prompt: &rendered.prompt,
                    label: &target.prompt.label,
                    config: &rendered.config,
                    vars: &rendered.vars,
                    test: &rendered.test,
                };
                self.caller(models).ask(provider, &call).await?
            }
        };
        if target.prompt.raw.contains("_conversation") {
            let parsed = document::json(&rendered.prompt).ok();
            let last = parsed
                .as_ref()
                .and_then(Value::as_array)
                .and_then(|turns| turns.last());
            let input = last.map(|last| last.get("content").unwrap_or(last).clone());
            let prompt = parsed.clone().unwrap_or_else(|| json!(rendered.prompt));
            let turn = json!({
                "prompt": prompt,
                "input": input.unwrap_or(prompt.clone()),
                "output": if document::truthy(&response.output) { response.output.clone() } else { json!("") },
                "metadata": response.metadata,
            });
            let mut conversations = session
                .conversations
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            conversations
                .entry(conversation_key(target, case))
                .or_default()
                .push(turn);
        }
        Ok(response)
    }

    /// Grades an answer.
    #[expect(clippy::too_many_arguments, reason = "everything that a grading looks at")]
    pub async fn grade(
        &self,
        target: &TargetSpec,
        case: &TestCase,
        rendered: &Rendered,
        response: &Response,
        latency_ms: f64,
        session: &Session,
        models: &dyn ModelCalls,
    ) -> TestVerdict {
        if let Some(error) = &response.error {
            return TestVerdict::error(Fault::Call(error.clone()));
        }
        if response.output.is_null() {
            // No output fails, and is not an error: so it is in promptfoo.
            return TestVerdict {
                error: None,
                ..TestVerdict::error(Fault::invalid("No output"))
            };
        }
        let graded = self
            .graded(target, case, rendered, response.clone(), latency_ms, models)
            .await;
        match graded {
            Err(fault) => TestVerdict::error(fault),
            Ok((grading, output)) => {
                let store = case.options.get("storeOutputAs").and_then(Value::as_str);
                if let Some(name) = store.filter(|_| document::truthy(&output)) {
                    let mut stored = session.stored.lock().unwrap_or_else(PoisonError::into_inner);
                    stored.insert(name.to_owned(), output);
                }
                TestVerdict {
                    success: grading.pass,
                    score: grading.score,
                    reason: grading.reason,
                    components: grading.components,
                    named_scores: grading.named_scores,
                    error: None,
                }
            }
        }
    }

    async fn graded(
        &self,
        target: &TargetSpec,
        case: &TestCase,
        rendered: &Rendered,
        mut response: Response,
        latency_ms: f64,
        models: &dyn ModelCalls,
    ) -> Result<(Grading, Value), Fault> {
        let caller = self.caller(models);
        let prompt = json!({ "raw": rendered.prompt, "label": target.prompt.label });
        if let Some(code) = &target.provider.transform {
            let context = json!({ "vars": rendered.vars, "prompt": prompt });
            response.output =
                transform::output(code, &response.output, context, &self.project, &self.variables).await?;
        }
        let provider_output = response.output.clone();
        let own = ["transform", "postprocess"].iter().find_map(|key| {
            case.options
                .get(*key)
                .and_then(Value::as_str)
                .filter(|code| !code.is_empty())
        });
        if let Some(code) = own {
            let mut context = json!({ "vars": rendered.vars, "prompt": prompt });
            if let Some(metadata) = &response.metadata {
                context["metadata"] = metadata.clone();
            }
            response.output =
                transform::output(code, &response.output, context, &self.project, &self.variables).await?;
        }
        let subject = Subject {
            caller,
            provider: &target.provider,
            graders: &self.graders,
            prompt: &rendered.prompt,
            case,
            vars: &rendered.vars,
            response: &response,
            provider_output: &provider_output,
            latency_ms,
            test: &rendered.test,
        };
        let grading = self.graded_by_assertions(&subject).await?;
        Ok((grading, response.output))
    }

    async fn graded_by_assertions(&self, subject: &Subject<'_>) -> Result<Grading, Fault> {
        let case = subject.case;
        if case.assertions.is_empty() {
            return Ok(Grading::new(true, 1.0, "No assertions"));
        }
        let mut whole = Aggregate::new(case.threshold);
        let mut sets = Vec::new();
        for (index, assertion) in case.assertions.iter().enumerate() {
            let Some(members) = &assertion.set else {
                self.add(subject, assertion, index, &mut whole).await?;
                continue;
            };
            let mut set = Aggregate::new(assertion.threshold);
            for (place, member) in members.iter().enumerate() {
                self.add(subject, member, place, &mut set).await?;
            }
            sets.push((index, assertion, set.finish()));
        }
        // Sets come after all single assertions, so that the last failure names the reason as in promptfoo.
        for (index, assertion, result) in sets {
            let metric = self.metric(assertion, subject.vars).await;
            whole.add(index, result, metric.as_deref(), assertion.weight);
        }
        let result = whole.finish();
        Ok(match &case.scoring {
            Some(reference) => score_by_function(&subject.caller, reference, result, case.threshold).await,
            None => result,
        })
    }

    async fn add(
        &self,
        subject: &Subject<'_>,
        assertion: &Assertion,
        index: usize,
        to: &mut Aggregate,
    ) -> Result<(), Fault> {
        let mut result = run_one(subject, assertion).await?;
        result.kind = Some(assertion.kind.clone());
        if Aggregate::is_blocked(assertion, &result) {
            to.block();
        }
        let metric = self.metric(assertion, subject.vars).await;
        to.add(index, result, metric.as_deref(), assertion.weight);
        Ok(())
    }

    async fn metric(&self, assertion: &Assertion, vars: &Vars) -> Option<String> {
        let metric = assertion.metric.as_deref()?;
        let rendered = self.templates.render(metric, vars).await;
        Some(rendered.unwrap_or_else(|_| metric.to_owned())).filter(|name| !name.is_empty())
    }
}

fn conversation_key(target: &TargetSpec, case: &TestCase) -> String {
    let id = case.metadata.get("conversationId");
    json!([target.provider.name(), target.prompt_index, id]).to_string()
}

/// The prompt that a function makes.
async fn made_prompt(
    caller: &Caller<'_>,
    function: &PromptFunction,
    target: &TargetSpec,
    vars: &Vars,
    config: &mut Map<String, Value>,
) -> Result<String, Fault> {
    let context = json!({
        "vars": vars,
        "provider": { "id": target.provider.id, "label": target.provider.label },
        "config": config,
    });
    let made = variable::run_prompt_function(caller, function, context).await?;
    Ok(match made {
        Value::String(text) => text,
        Value::Object(fields) if fields.contains_key("prompt") => {
            if let Some(Value::Object(more)) = fields.get("config") {
                config.extend(more.clone());
            }
            document::coerce(&fields["prompt"])
        }
        other @ (Value::Object(_) | Value::Array(_)) => other.to_string(),
        other => {
            return Err(Fault::invalid(format!(
                "a prompt function must return a text or an object, not `{other}`"
            )));
        }
    })
}

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
    fn read(&self, written: &Value) -> Result<Arc<ProviderSpec>, Fault> {
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
            let model_of_text = matches!(
                provider.kind,
                crate::provider::ProviderKind::Model { .. } | crate::provider::ProviderKind::Echo
            );
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
