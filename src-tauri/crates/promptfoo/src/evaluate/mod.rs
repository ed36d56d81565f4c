//! One test on one target: render the prompt, ask, transform, grade.

mod grading;

use crate::{
    assertion::Grading,
    configuration::TargetSpec,
    document,
    graders::Graders,
    problem::Fault,
    project::Project,
    provider::{Call, Caller, ModelCalls, ProviderSpec, Response},
    template::{Templates, Vars},
    test::TestCase,
    variable,
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
        let environment = templates.environment().clone();
        let graders = Graders::new(project.clone(), environment, providers, default_test);
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
            base = variable::made_prompt(&caller, function, target, &vars, &mut config).await?;
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
        if let Some(error) = response.failure() {
            return TestVerdict::error(Fault::Call(error));
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
}

fn conversation_key(target: &TargetSpec, case: &TestCase) -> String {
    let id = case.metadata.get("conversationId");
    json!([target.provider.name(), target.prompt_index, id]).to_string()
}
