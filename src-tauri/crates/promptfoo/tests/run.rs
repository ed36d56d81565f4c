//! A configuration as a run of the harness: the same verdicts come out at the other end.

#[path = "support/nothing.rs"]
mod nothing;

use evidence::{ContentHash, PicoUsd};
use futures::{FutureExt as _, future::BoxFuture};
use harness::{Cause, Judge as _, ToJudge, target::Target as _};
use nothing::Nothing;
use promptfoo::{
    CallError, Embedding, HttpReply, HttpRequest, ModelCall, ModelCalls, ModelReply, connect::Connected, load,
};
use std::sync::Arc;

struct Served;

fn refused(cause: Cause) -> CallError {
    CallError {
        cause,
        message: "nobody here".into(),
    }
}

impl ModelCalls for Served {
    fn chat<'a>(&'a self, _: ModelCall) -> BoxFuture<'a, Result<ModelReply, CallError>> {
        async {
            Ok(ModelReply {
                model: Some("served".into()),
                text: "yes".into(),
                ..ModelReply::default()
            })
        }
        .boxed()
    }
    fn embed<'a>(&'a self, _: ModelCall, _: String) -> BoxFuture<'a, Result<Embedding, CallError>> {
        async { Err(refused(Cause::Connect)) }.boxed()
    }
    fn send<'a>(&'a self, _: HttpRequest) -> BoxFuture<'a, Result<HttpReply, CallError>> {
        async { Err(refused(Cause::Timeout)) }.boxed()
    }
}

#[tokio::test]
async fn the_model_that_answered_is_named_and_not_the_one_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("promptfooconfig.yaml");
    let text = "prompts: ['{{x}}']\nproviders: ['openai:chat:asked-for']\ntests:\n  - {vars: {x: a}}\n  - {vars: {x: b}, providerOutput: brought along}\n";
    std::fs::write(&path, text).unwrap();
    let connected = Connected::new(load(&path, &Nothing).unwrap(), Arc::new(Served));
    let harness::CaseSource::Expanded(expand) = connected.cases() else {
        panic!("a configuration is expanded");
    };
    let mut models = Vec::new();
    for case in expand() {
        models.push(connected.ask(&case.unwrap(), 0).await.answer.unwrap().model);
    }
    assert_eq!(models, [Some("served".to_owned()), None]);
}

#[tokio::test]
async fn tests_and_targets_become_cases_with_verdicts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("promptfooconfig.yaml");
    let text = "evaluateOptions: {repeat: 2}\nprompts: ['{{x}}', 'again {{x}}']\nproviders: [echo, 'golang:main.go']\ntests:\n  - {vars: {x: a}, assert: [{type: equals, value: a}]}\n  - {vars: {x: b, weight: 7}, assert: [{type: contains, value: b}, {type: is-sql}]}\n";
    std::fs::write(&path, text).unwrap();
    let loaded = load(&path, &Nothing).unwrap();
    assert_eq!((loaded.repeat, loaded.targets.len()), (2, 4));
    assert_ne!(loaded.hash, ContentHash::of(""));
    let connected = Connected::new(loaded, Arc::new(Nothing));
    let harness::CaseSource::Expanded(expand) = connected.cases() else {
        panic!("a configuration is expanded");
    };
    let mut seen = Vec::new();
    for case in expand() {
        let case = case.unwrap();
        assert_eq!(case.weight().to_bits(), 1_f64.to_bits());
        for repeat in 0..2 {
            let asked = connected.ask(&case, repeat).await;
            let outcome = match asked.answer {
                Err(error) => format!("{:?}", error.cause),
                Ok(answer) => {
                    let judged = connected
                        .judge(ToJudge {
                            case: &case,
                            answer: &answer,
                            repeat,
                            latency_ms: asked.latency_ms,
                            cost: None,
                            cached: false,
                        })
                        .await;
                    match judged.error {
                        Some(error) => format!("{:?}", error.cause),
                        None => format!("{} {}", judged.passed, judged.failure.unwrap_or_default()),
                    }
                }
            };
            seen.push(format!("{} {repeat}: {}", case.id, outcome.trim()));
        }
    }
    assert_eq!(
        seen,
        [
            "test-0-prompt-0 0: true",
            "test-0-prompt-0 1: true",
            "test-0-prompt-1 0: false equals",
            "test-0-prompt-1 1: false equals",
            "test-0-prompt-2 0: Unsupported",
            "test-0-prompt-2 1: Unsupported",
            "test-0-prompt-3 0: Unsupported",
            "test-0-prompt-3 1: Unsupported",
            "test-2-prompt-0 0: Unsupported",
            "test-2-prompt-0 1: Unsupported",
            "test-2-prompt-1 0: Unsupported",
            "test-2-prompt-1 1: Unsupported",
            "test-2-prompt-2 0: Unsupported",
            "test-2-prompt-2 1: Unsupported",
            "test-2-prompt-3 0: Unsupported",
            "test-2-prompt-3 1: Unsupported",
        ]
    );
}

#[test]
fn a_test_runs_as_often_as_it_says_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("promptfooconfig.yaml");
    let ids = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let loaded = load(&path, &Nothing).unwrap();
        let cases: Vec<_> = promptfoo::connect::cases(&loaded)
            .map(|case| case.unwrap().0)
            .map(|case| (case.id, case.fields.get("cluster").cloned()))
            .collect();
        (loaded.own_repeats, cases)
    };
    let cluster = |name: &str| Some(serde_json::json!(name));
    let common = "evaluateOptions: {repeat: 2}\nprompts: ['{{x}}']\nproviders: [echo]\n";
    let own = "tests:\n  - {vars: {x: a}, options: {repeat: 3}}\n  - {vars: {x: b}}\n  - {vars: {x: c}, options: {repeat: 1}}\n";
    assert_eq!(
        ids(&format!("{common}{own}")),
        (
            true,
            vec![
                ("test-0".to_owned(), cluster("test-0")),
                ("test-1-repeat-1".to_owned(), cluster("test-0")),
                ("test-2-repeat-2".to_owned(), cluster("test-0")),
                ("test-3".to_owned(), cluster("test-3")),
                ("test-4-repeat-1".to_owned(), cluster("test-3")),
                ("test-5".to_owned(), cluster("test-5")),
            ]
        )
    );
    // Without it the harness repeats each case, so each stands here once.
    assert_eq!(
        ids(&format!(
            "{common}tests: [{{vars: {{x: a}}}}, {{vars: {{x: b}}}}]\n"
        )),
        (
            false,
            vec![("test-0".to_owned(), None), ("test-2".to_owned(), None)]
        )
    );
}

#[tokio::test]
async fn a_call_without_an_answer_keeps_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("promptfooconfig.yaml");
    let text = "prompts: ['{{x}}']\nproviders: ['openai:chat:m', {id: 'http://127.0.0.1:9', config: {method: GET}}]\ntests: [{vars: {x: a}}]\n";
    std::fs::write(&path, text).unwrap();
    let mut causes = Vec::new();
    for models in [Arc::new(Nothing) as Arc<dyn ModelCalls>, Arc::new(Served)] {
        let connected = Connected::new(load(&path, &Nothing).unwrap(), models);
        let harness::CaseSource::Expanded(expand) = connected.cases() else {
            panic!("a configuration is expanded");
        };
        for case in expand() {
            let asked = connected.ask(&case.unwrap(), 0).await;
            causes.push(asked.answer.err().map(|error| error.cause));
        }
    }
    assert_eq!(
        causes,
        [
            Some(Cause::Connect),
            Some(Cause::Connect),
            None,
            Some(Cause::Timeout)
        ]
    );
}

/// A judge that is paid for, in the words that a rubric asks for.
struct Judges;

impl ModelCalls for Judges {
    fn chat<'a>(&'a self, _: ModelCall) -> BoxFuture<'a, Result<ModelReply, CallError>> {
        async {
            Ok(ModelReply {
                model: Some("judge".into()),
                text: r#"{"pass": true, "score": 1, "reason": "good"}"#.into(),
                cost: Some(PicoUsd::from_pico(3)),
                practice: true,
                ..ModelReply::default()
            })
        }
        .boxed()
    }
    fn embed<'a>(&'a self, _: ModelCall, _: String) -> BoxFuture<'a, Result<Embedding, CallError>> {
        async {
            Ok(Embedding {
                vector: vec![1.0],
                cost: Some(PicoUsd::from_pico(5)),
                ..Embedding::default()
            })
        }
        .boxed()
    }
    fn send<'a>(&'a self, _: HttpRequest) -> BoxFuture<'a, Result<HttpReply, CallError>> {
        async { Err(refused(Cause::SpendingCap)) }.boxed()
    }
}

#[tokio::test]
async fn what_judges_cost_is_summed_and_practice_judges_are_marked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("promptfooconfig.yaml");
    let text = "prompts: ['{{x}}']\nproviders: [echo]\ndefaultTest: {options: {provider: {text: 'openai:chat:judge', embedding: 'openai:embedding:e'}}}\ntests:\n  - {vars: {x: a}, assert: [{type: llm-rubric, value: fine}, {type: similar, value: b}]}\n  - {vars: {x: b}, assert: [{type: similar, value: b}]}\n  - {vars: {x: c}, assert: [{type: equals, value: c}]}\n";
    std::fs::write(&path, text).unwrap();
    let connected = Connected::new(load(&path, &Nothing).unwrap(), Arc::new(Judges));
    let harness::CaseSource::Expanded(expand) = connected.cases() else {
        panic!("a configuration is expanded");
    };
    let mut seen = Vec::new();
    for case in expand() {
        let case = case.unwrap();
        let asked = connected.ask(&case, 0).await;
        let judged = connected
            .judge(ToJudge {
                case: &case,
                answer: &asked.answer.unwrap(),
                repeat: 0,
                latency_ms: 1.0,
                cost: None,
                cached: false,
            })
            .await;
        assert!(judged.passed, "{judged:?}");
        seen.push((judged.cost.map(PicoUsd::pico), judged.practice));
    }
    assert_eq!(seen, [(Some(13), true), (Some(10), false), (None, false)]);
}

#[test]
fn a_changed_script_of_an_assertion_is_another_ruler() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("promptfooconfig.yaml");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "promptfooconfig.yaml",
        "prompts: [file://prompt.txt]\nproviders: [echo]\ndefaultTest: file://default.yaml\ntests: file://tests.csv\n",
    );
    write(
        "default.yaml",
        "assert: [{type: python, value: 'file://assert.py:check'}]\n",
    );
    write("tests.csv", "x,__expected\na,is-json: file://my schema.json\n");
    let rulers = ["assert.py", "my schema.json", "default.yaml"];
    for name in ["assert.py", "my schema.json", "prompt.txt"] {
        write(name, "{}");
    }
    let read = || {
        let loaded = load(&path, &Nothing).unwrap();
        (loaded.hash, loaded.grading)
    };
    for (name, changes) in rulers
        .iter()
        .map(|name| (*name, true))
        .chain([("prompt.txt", false)])
    {
        let before = read();
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        write(name, &format!("{text}\n"));
        let after = read();
        assert_eq!(before.0, after.0, "{name}");
        assert_eq!(before.1 != after.1, changes, "{name}");
    }
}
