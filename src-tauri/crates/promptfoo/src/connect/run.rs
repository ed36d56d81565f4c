//! A configuration as a run of the harness: every test on every target is a case, the evaluation is target and judge.

use crate::{
    CallError, Embedding, Fault, HttpReply, HttpRequest, Loaded, ModelCall, ModelCalls, ModelReply, Problem,
    Rendered, Response, Session, TargetSpec, TestCase, document,
};
use evidence::{PicoUsd, Tokens};
use futures::{FutureExt as _, future::BoxFuture};
use harness::{
    Case, CaseSource, Cause, Grade, Judge, Judged, ToJudge, TrialError, TrialKey,
    grader::GradingSpend,
    target::{Asked, Target},
    trial::Answer,
};
use provider::Usage;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// Tests that are kept at hand between being read and being asked. The runner reads 64 ahead and may skip many (those of
/// another shard, those that are done), so the oldest go first.
pub const AT_HAND: usize = 4096;

/// A test on a target.
type Pair = (Arc<TestCase>, Arc<TargetSpec>);

/// An answer that waits for its verdict.
struct Answered {
    test: TestCase,
    target: Arc<TargetSpec>,
    rendered: Rendered,
    response: Response,
}

/// Models asked for one verdict, with a note of what that cost and whether a practice model had a say in it.
struct Noted<'m> {
    models: &'m dyn ModelCalls,
    spent: Mutex<GradingSpend>,
}

impl<'m> Noted<'m> {
    fn new(models: &'m dyn ModelCalls) -> Self {
        Self {
            models,
            spent: Mutex::default(),
        }
    }

    fn note(&self, usage: Option<Usage>, cost: Option<PicoUsd>, practice: bool) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.call(usage.map(|usage| usage.tokens()), cost, practice);
    }

    fn spent(self) -> GradingSpend {
        self.spent.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ModelCalls for Noted<'_> {
    fn chat<'a>(&'a self, call: ModelCall) -> BoxFuture<'a, Result<ModelReply, CallError>> {
        async move {
            let reply = self.models.chat(call).await?;
            self.note(reply.usage, reply.cost, reply.practice);
            Ok(reply)
        }
        .boxed()
    }

    fn embed<'a>(&'a self, call: ModelCall, text: String) -> BoxFuture<'a, Result<Embedding, CallError>> {
        async move {
            let embedding = self.models.embed(call, text).await?;
            self.note(embedding.usage, embedding.cost, embedding.practice);
            Ok(embedding)
        }
        .boxed()
    }

    fn send<'a>(&'a self, request: HttpRequest) -> BoxFuture<'a, Result<HttpReply, CallError>> {
        self.models.send(request)
    }
}

/// A configuration with what it needs to be run by the harness, once.
pub struct Connected {
    loaded: Loaded,
    models: Arc<dyn ModelCalls>,
    session: Session,
    at_hand: Mutex<BTreeMap<u64, Pair>>,
    answered: Mutex<HashMap<TrialKey, Answered>>,
}

impl Connected {
    /// One run of a configuration. Its `repeat`, `max_concurrency` and `serial` belong into the run's plan.
    pub fn new(loaded: Loaded, models: Arc<dyn ModelCalls>) -> Arc<Self> {
        Arc::new(Self {
            loaded,
            models,
            session: Session::default(),
            at_hand: Mutex::default(),
            answered: Mutex::default(),
        })
    }

    /// The cases: each test on each target that it is for, in promptfoo's order.
    ///
    /// The configuration's repeats are the harness's, unless tests say themselves how often they run: the harness asks every
    /// case as often as the others, so then each repeat is a case.
    pub fn cases(self: &Arc<Self>) -> CaseSource {
        let connected = Arc::clone(self);
        CaseSource::Expanded(Arc::new(move || {
            let connected = Arc::clone(&connected);
            Box::new(pairs(&connected.loaded).map(move |pair| {
                let (case, test, target) = pair?;
                connected.keep(case.index, test, target);
                Ok(case)
            }))
        }))
    }

    fn keep(&self, index: u64, test: Arc<TestCase>, target: Arc<TargetSpec>) {
        let mut at_hand = self.at_hand.lock().unwrap_or_else(PoisonError::into_inner);
        at_hand.insert(index, (test, target));
        while at_hand.len() > AT_HAND {
            at_hand.pop_first();
        }
    }

    fn test_of(&self, index: u64) -> Option<Pair> {
        let at_hand = self.at_hand.lock().unwrap_or_else(PoisonError::into_inner);
        at_hand.get(&index).cloned()
    }

    async fn evaluate(&self, case: &Case, repeat: u32) -> Asked {
        let failed = |fault: &Fault, latency_ms| Asked {
            answer: Err(trial_error(fault, true)),
            exchange: None,
            unanswered: None,
            latency_ms,
        };
        let Some((test, target)) = self.test_of(case.index) else {
            return failed(
                &Fault::invalid("the test is no longer at hand; run fewer calls in flight"),
                0.0,
            );
        };
        let mut test = (*test).clone();
        test.repeat += repeat;
        let evaluation = &self.loaded.evaluation;
        let (session, models) = (&self.session, self.models.as_ref());
        let rendered = match evaluation.render(&target, &test, session, models).await {
            Ok(rendered) => rendered,
            Err(fault) => return failed(&fault, 0.0),
        };
        let begun = Instant::now();
        let asked = evaluation.ask(&target, &test, &rendered, session, models).await;
        let elapsed = (begun.elapsed().as_secs_f64() * 1000.0).floor();
        let response = match asked {
            Ok(response) => response,
            Err(fault) => return failed(&fault, elapsed),
        };
        let latency_ms = response.latency_ms.unwrap_or(elapsed);
        if let Some(error) = response.failure() {
            return failed(&Fault::Call(error), latency_ms);
        }
        let tokens = response.more.get("tokenUsage").and_then(|usage| {
            let count = |key: &str| usage.get(key).and_then(Value::as_u64);
            Some(Tokens {
                input: count("prompt")?,
                output: count("completion")?,
            })
        });
        // Not the target's: a test may name another provider or bring its output, and a server may answer with another model.
        let answer = Answer {
            text: document::coerce(&response.output),
            model: response.model.clone(),
            tokens,
            usage: response.usage,
            service_tier: response.service_tier.clone(),
            ..Answer::default()
        };
        let key = TrialKey {
            case_index: case.index,
            repeat,
        };
        self.answered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(
                key,
                Answered {
                    test,
                    target,
                    rendered,
                    response,
                },
            );
        Asked {
            answer: Ok(answer),
            exchange: None,
            unanswered: None,
            latency_ms,
        }
    }

    async fn verdict(&self, answer: ToJudge<'_>) -> Judged {
        let key = TrialKey {
            case_index: answer.case.index,
            repeat: answer.repeat,
        };
        let waiting = self
            .answered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&key);
        let Some(waiting) = waiting else {
            return Judged {
                error: Some(trial_error(
                    &Fault::invalid("the answer is no longer at hand"),
                    false,
                )),
                ..Judged::default()
            };
        };
        let models = Noted::new(self.models.as_ref());
        let verdict = self
            .loaded
            .evaluation
            .grade(
                &waiting.target,
                &waiting.test,
                &waiting.rendered,
                &waiting.response,
                answer.latency_ms,
                &self.session,
                &models,
            )
            .await;
        let spent = models.spent();
        let grades: Vec<Grade> = verdict
            .components
            .iter()
            .enumerate()
            .map(|(at, part)| Grade {
                grader: grader_name(at, part.kind.as_deref()),
                passed: part.pass,
                score: part.score,
                reason: part.reason.clone(),
                severity: None,
                informational: false,
                undecided: None,
                judges: Vec::new(),
                spent: None,
            })
            .collect();
        let failed = verdict.components.iter().find(|part| !part.pass);
        Judged {
            passed: verdict.success,
            score: verdict.score,
            failure: (!verdict.success).then(|| {
                failed
                    .and_then(|part| part.kind.clone())
                    .unwrap_or_else(|| verdict.reason.clone())
            }),
            grades,
            error: verdict.error.as_ref().map(|fault| trial_error(fault, false)),
            cost: spent.cost,
            practice: spent.practice,
        }
    }
}

/// The cases of a configuration, read and not kept: to count them, and to know what grades them.
pub fn cases(loaded: &Loaded) -> impl Iterator<Item = Result<(Case, Vec<String>), Problem>> + Send + use<> {
    pairs(loaded).map(|pair| {
        let (case, test, _) = pair?;
        Ok((case, grader_names(&test)))
    })
}

/// The names under which a test's assertions appear among the grades: each set followed by its members.
fn grader_names(test: &TestCase) -> Vec<String> {
    let mut kinds = Vec::new();
    for assertion in test.assertions.iter() {
        kinds.push(assertion.kind.as_str());
        kinds.extend(assertion.set.iter().flatten().map(|member| member.kind.as_str()));
    }
    kinds
        .iter()
        .enumerate()
        .map(|(at, kind)| grader_name(at, Some(kind)))
        .collect()
}

fn grader_name(at: usize, kind: Option<&str>) -> String {
    format!("{}. {}", at + 1, kind.unwrap_or("assertion"))
}

/// Each test on each target that it is for, numbered, in promptfoo's order.
fn pairs(
    loaded: &Loaded,
) -> impl Iterator<Item = Result<(Case, Arc<TestCase>, Arc<TargetSpec>), Problem>> + Send + use<> {
    let loaded = loaded.clone();
    let targets: Vec<Arc<TargetSpec>> = loaded.targets.iter().cloned().map(Arc::new).collect();
    let mut index = 0_u64;
    loaded.cases().flat_map(move |test| {
        let test = match test {
            Ok(test) => Arc::new(test),
            Err(problem) => return vec![Err(problem)],
        };
        let repeated = test.repeat > 0 && !loaded.own_repeats;
        let meant = targets
            .iter()
            .filter(|target| !repeated && loaded.applies(target, &test));
        meant
            .map(|target| {
                let case = case(index, &test, target, targets.len() > 1, loaded.own_repeats);
                index += 1;
                Ok((case, Arc::clone(&test), Arc::clone(target)))
            })
            .collect()
    })
}

/// A test on a target as the harness knows it. With one target, a test has the same id on whichever target it is, so that
/// runs of two targets can be held against each other. Answers to one test hang together, also where its repeats are cases.
fn case(index: u64, test: &TestCase, target: &TargetSpec, several: bool, own_repeats: bool) -> Case {
    let again = if test.repeat > 0 {
        format!("-repeat-{}", test.repeat)
    } else {
        String::new()
    };
    // The description comes first: where no variable is called as a question is, people recognise the case by it.
    let mut fields: Map<String, Value> = Map::new();
    if let Some(description) = &test.description {
        fields.insert("description".into(), json!(description));
    }
    for (name, value) in &test.vars {
        if name != "description" || test.description.is_none() {
            fields.insert(name.clone(), value.clone());
        }
    }
    // The harness has fields of its own by these names, and all tests weigh the same.
    fields.remove("weight");
    fields.remove("cluster");
    if several || own_repeats {
        fields.insert("cluster".into(), json!(format!("test-{}", test.first)));
    }
    if several {
        fields.insert("prompt_label".into(), json!(target.prompt.label));
        fields.insert("provider".into(), json!(target.provider.name()));
    }
    Case {
        index,
        id: if several {
            format!("test-{}-prompt-{}{again}", test.index, target.prompt_index)
        } else {
            format!("test-{}{again}", test.index)
        },
        category: if several {
            target.provider.name().to_owned()
        } else {
            "uncategorised".to_owned()
        },
        fields,
    }
}

fn trial_error(fault: &Fault, asking: bool) -> TrialError {
    let cause = match fault {
        Fault::Unsupported(_) | Fault::Script(harness::script::ScriptError::Unsupported(_)) => {
            Cause::Unsupported
        }
        Fault::Call(error) if asking || error.cause == Cause::SpendingCap => error.cause,
        Fault::Script(_) if asking => Cause::CommandFailed,
        Fault::Invalid(_) if asking => Cause::RequestTemplate,
        Fault::Call(_) | Fault::Script(_) | Fault::Invalid(_) => Cause::GradingFailed,
    };
    TrialError {
        cause,
        message: fault.to_string(),
    }
}

impl Target for Connected {
    fn ask<'a>(&'a self, case: &'a Case, repeat: u32) -> BoxFuture<'a, Asked> {
        self.evaluate(case, repeat).boxed()
    }
}

impl Judge for Connected {
    fn asks_models(&self) -> bool {
        // Which assertions a test has is known only when its turn comes.
        true
    }

    fn judge<'a>(&'a self, answer: ToJudge<'a>) -> BoxFuture<'a, Judged> {
        self.verdict(answer).boxed()
    }
}
