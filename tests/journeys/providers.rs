//! Providers, caps and prices, as window and command line use them.

use api::{
    Code, Host, Paths, Playbook,
    evidence::ProjectId,
    wire::{
        Nothing,
        case::{AddCaseRequest, NewCase},
        price::{ModelPriceRequest, PricesRequest, SavePriceRequest},
        project::{OpenProjectRequest, TrustRequest},
        provider::{CapRequest, KeyGiven, ProviderApi, ProviderRequest, SaveProviderRequest},
        run::{ResultRequest, ResultView, RunRequest, RunView, StartRunRequest},
    },
};
use axum::{Json, Router, http::StatusCode, routing};
use chrono::{DateTime, NaiveDate, TimeZone as _, Utc};
use playbook_tests::Sandbox;
use provider::{KeyError, KeySource, Secret};
use serde_json::json;
use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A fixed day and a keychain in memory, so that no test touches the person's own.
#[derive(Default)]
struct Room(Mutex<HashMap<String, Secret>>);

fn account(place: &KeySource) -> String {
    match place {
        KeySource::Keychain { account, .. } => account.clone(),
        KeySource::Environment(name) => panic!("{name} is not the keychain's"),
    }
}

impl Host for Room {
    fn now(&self) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 21, 9, 30, 0).unwrap()
    }

    fn today(&self) -> NaiveDate {
        self.now().date_naive()
    }

    fn read_key(&self, place: &KeySource) -> Result<Secret, KeyError> {
        let account = account(place);
        let kept = self.0.lock().unwrap().get(&account).cloned();
        kept.ok_or(KeyError::NoEntry {
            service: "test".into(),
            account,
        })
    }

    fn keep_key(&self, place: &KeySource, key: &Secret) -> Result<(), KeyError> {
        self.0.lock().unwrap().insert(account(place), key.clone());
        Ok(())
    }

    fn forget_key(&self, place: &KeySource) -> Result<(), KeyError> {
        self.0.lock().unwrap().remove(&account(place));
        Ok(())
    }
}

struct Settings {
    sandbox: Sandbox,
    room: Arc<Room>,
    playbook: Playbook,
}

impl Settings {
    fn new() -> Self {
        let (sandbox, room) = (Sandbox::new(), Arc::new(Room::default()));
        let playbook = open(&sandbox, &room);
        Self {
            sandbox,
            room,
            playbook,
        }
    }

    async fn adds(&self, name: &str, base: &str, key: KeyGiven) {
        self.playbook
            .save_provider(saving(name, base, key))
            .await
            .unwrap();
    }

    async fn caps(&self, name: &str, limit: Option<&str>) {
        let request = CapRequest {
            name: name.into(),
            limit_usd: limit.map(str::to_owned),
        };
        self.playbook.set_cap(request).await.unwrap();
    }

    async fn spent(&self, name: &str) -> String {
        let view = self.playbook.providers(Nothing {}).await.unwrap();
        let row = view.providers.into_iter().find(|row| row.name == name);
        row.unwrap().spent_text
    }

    /// A project of this suite and so many cases.
    async fn project(&self, suite: &str, cases: usize) -> ProjectId {
        let folder = self.sandbox.path("assistant");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("suite.yaml"), suite).unwrap();
        let rows: String = (0..cases)
            .map(|at| format!("{{\"id\": \"c{at}\", \"question\": \"Question {at}?\"}}\n"))
            .collect();
        std::fs::write(folder.join("golden.jsonl"), rows).unwrap();
        let folder = folder.display().to_string();
        let row = self
            .playbook
            .open_project(OpenProjectRequest { folder })
            .await
            .unwrap();
        let trust = TrustRequest {
            project: row.id,
            trusted: true,
        };
        self.playbook.trust_project(trust).await.unwrap();
        row.id
    }

    async fn runs(&self, project: ProjectId) -> RunView {
        let run = self
            .playbook
            .start_run(StartRunRequest::of(project))
            .await
            .unwrap()
            .run;
        if let Some(mut events) = self.playbook.watch(run) {
            while !matches!(
                events.recv().await,
                Ok(api::wire::event::RunEvent::Ended { .. })
                    | Err(tokio::sync::broadcast::error::RecvError::Closed)
            ) {}
        }
        self.playbook.run(RunRequest { run }).await.unwrap()
    }

    async fn result(&self, view: &RunView, case_index: u64) -> ResultView {
        let request = ResultRequest {
            run: view.summary.run,
            case_index,
            repeat: 0,
        };
        self.playbook.result(request).await.unwrap()
    }
}

fn open(sandbox: &Sandbox, room: &Arc<Room>) -> Playbook {
    let paths = Paths {
        database: sandbox.data().join("playbook.db"),
        projects: sandbox.path("projects"),
    };
    Playbook::open(paths, Arc::clone(room) as _).unwrap()
}

fn saving(name: &str, base: &str, key: KeyGiven) -> SaveProviderRequest {
    SaveProviderRequest {
        new: true,
        name: name.into(),
        api: ProviderApi::OpenaiChat,
        base: base.into(),
        key,
    }
}

/// A server that answers every question with 100 tokens read and 1,000 written, and whoever has a key with a refusal that
/// quotes it. Gives its base address and how often it was asked.
async fn model_server(model: &'static str) -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let answer = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let text = r#"{"passed": true, "reason": "yes"}"#;
        async move {
            Json(json!({
                "model": model,
                "choices": [{ "message": { "content": text }, "finish_reason": "stop" }],
                "usage": { "prompt_tokens": 100, "completion_tokens": 1000 },
            }))
        }
    };
    let models = move |headers: axum::http::HeaderMap| async move {
        let key = headers
            .get("authorization")
            .map(|key| key.to_str().unwrap().to_owned());
        match key {
            Some(key) => (
                StatusCode::UNAUTHORIZED,
                Json(json!({ "error": { "message": format!("{key} is not known") } })),
            ),
            None => (StatusCode::OK, Json(json!({ "data": [{ "id": model }] }))),
        }
    };
    let router = Router::new()
        .route("/v1/chat/completions", routing::post(answer))
        .route("/v1/models", routing::get(models));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (base, asked)
}

fn suite(target: &str) -> String {
    format!(
        "version: 1\nname: golden\ndataset: golden.jsonl\nconcurrency: 1\ntarget:\n  name: model\n  model_api:\n{target}\n    \
         messages:\n      - {{ role: user, content: \"{{{{question}}}}\" }}\n    max_tokens: 1000\n    stream: false\n\
         graders:\n  - {{ name: fact, type: contains, value: \"yes\" }}\n"
    )
}

/// Every byte below a folder.
fn everything(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        bytes.extend(if path.is_dir() {
            everything(&path)
        } else {
            std::fs::read(&path).unwrap()
        });
    }
    bytes
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

const KEY: &str = "sk-typed-Zq81xv7KpLw3";

/// The whole log of this process, at its most talkative, and the data folder: neither ever holds the key.
#[tokio::test]
async fn a_typed_key_lies_in_the_keychain_and_nowhere_else() {
    let settings = Settings::new();
    let log = settings.sandbox.path("everything.log");
    let file = std::fs::File::create(&log).unwrap();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(Mutex::new(file))
        .init();
    let (base, _) = model_server("m").await;
    let request = json!({
        "new": true, "name": "House", "api": "openai_chat", "base": base,
        "key": { "kind": "keychain", "typed": format!(" {KEY}\n") },
    });
    settings
        .playbook
        .call("save_provider", request.clone())
        .await
        .unwrap();
    assert_eq!(settings.room.0.lock().unwrap()["House"].expose(), KEY);

    // The server quotes the key that it refuses; what is told leaves it out.
    let test = json!({ "name": "House" });
    let refused = settings.playbook.call("test_provider", test).await.unwrap_err();
    assert!(refused.message.contains("is not known"), "{refused}");
    // So does every answer, and every refusal of a request that carries one.
    let shown = settings.playbook.call("providers", json!({})).await.unwrap();
    let again = settings
        .playbook
        .call("save_provider", request)
        .await
        .unwrap_err();
    let mut wrong = json!({ "new": true, "name": "Other", "api": "openai_chat", "base": base });
    wrong["key"] = json!({ "kind": "environment", "name": KEY });
    let variable = settings
        .playbook
        .call("save_provider", wrong.clone())
        .await
        .unwrap_err();
    wrong["key"] = json!({ "kind": "keychain", "typed": { "text": KEY } });
    let shape = settings.playbook.call("save_provider", wrong).await.unwrap_err();
    for said in [
        refused.to_string(),
        shown.to_string(),
        again.to_string(),
        variable.to_string(),
        shape.to_string(),
    ] {
        assert!(!said.contains(KEY), "{said}");
    }
    assert!(everything(&settings.sandbox.data()).len() > 1000);
    assert!(!holds(&everything(&settings.sandbox.data()), KEY));
    let logged = std::fs::read(&log).unwrap();
    assert!(!logged.is_empty() && !holds(&logged, KEY));

    let removed = settings
        .playbook
        .remove_provider(ProviderRequest { name: "House".into() })
        .await
        .unwrap();
    assert_eq!(removed.key_left, None);
    assert!(settings.room.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_new_live_provider_is_capped_until_the_person_says_otherwise() {
    let settings = Settings::new();
    let variable = || KeyGiven::Environment {
        name: "SOME_KEY".into(),
    };
    settings
        .adds("OpenAI", "https://api.openai.com/v1", variable())
        .await;
    assert_eq!(settings.spent("OpenAI").await, "$0.00 of $1.00 spent today");
    settings.caps("OpenAI", Some("2.50")).await;
    assert_eq!(settings.spent("OpenAI").await, "$0.00 of $2.50 spent today");
    settings.caps("OpenAI", None).await;
    assert_eq!(settings.spent("OpenAI").await, "$0.00 spent today, no cap");
    // The same provider at another host is another bill.
    let moved = SaveProviderRequest {
        new: false,
        ..saving("OpenAI", "https://models.example.org/v1", variable())
    };
    settings.playbook.save_provider(moved).await.unwrap();
    assert_eq!(settings.spent("OpenAI").await, "$0.00 of $1.00 spent today");
    for base in [
        "https://ada:secret@example.org",
        "https://example.org/v1?key=1",
        "example.org",
    ] {
        let error = settings
            .playbook
            .save_provider(saving("Other", base, variable()))
            .await
            .unwrap_err();
        assert!(!error.hint.is_empty(), "{error}");
    }
}

/// The suite names a provider; the third call could cross its cap, and a second process knows what the first has spent.
#[tokio::test]
async fn a_call_that_could_cross_the_cap_is_a_trial_error_and_the_run_says_so() {
    let settings = Settings::new();
    let (base, asked) = model_server("gpt-5-mini").await;
    settings.adds("House", &base, KeyGiven::None).await;
    settings.caps("House", Some("0.005")).await;
    let suite = suite("    provider: House\n    model: gpt-5-mini");
    let project = settings.project(&suite, 5).await;
    let view = settings.runs(project).await;
    // 100 tokens at 0.25 and 1,000 at 2 USD per million: 0.002025 USD a call.
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    assert_eq!((view.summary.passed, view.summary.errored), (2, 3));
    assert!(
        view.headline.starts_with("3 of 5 trials") && view.headline.contains("daily spending cap"),
        "{}",
        view.headline
    );
    let error = settings.result(&view, 4).await.error.unwrap();
    assert_eq!(error.code, "spending_cap");
    assert!(error.message.contains("$0.0050 for House"), "{}", error.message);
    let priced = settings.result(&view, 0).await.price.unwrap();
    assert_eq!(priced.id, "openai-gpt-5-mini-2026-08");
    assert!(priced.text.ends_with("read 2026-08-31"), "{}", priced.text);

    let other = open(&settings.sandbox, &settings.room);
    let seen = other.providers(Nothing {}).await.unwrap();
    assert_eq!(seen.providers[0].spent_text, "$0.0040 of $0.0050 spent today");
}

#[tokio::test]
async fn a_judge_is_held_to_the_cap_too() {
    let settings = Settings::new();
    let (base, asked) = model_server("gpt-5-mini").await;
    settings.adds("House", &base, KeyGiven::None).await;
    settings.caps("House", Some("0")).await;
    let suite = "version: 1\nname: golden\ndataset: golden.jsonl\ntarget:\n  name: echo\n  echo: \"{{question}}\"\nproviders:\n  \
                 judge: { provider: House, model: gpt-5-mini }\ngraders:\n  - { name: kind, type: model_judge, judges: [judge], rubric: Is it kind? }\n";
    let project = settings.project(suite, 2).await;
    let view = settings.runs(project).await;
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert_eq!(view.summary.errored, 2, "{}", view.headline);
    let error = settings.result(&view, 0).await.error.unwrap();
    assert_eq!(error.code, "spending_cap", "{}", error.message);
}

/// A suite that starts nothing can send answers, with a key from the environment, to whoever judges them.
#[tokio::test]
async fn a_judge_on_another_machine_needs_trust() {
    let settings = Settings::new();
    let suite = "version: 1\nname: golden\ndataset: golden.jsonl\ntarget:\n  name: echo\n  echo: \"{{question}}\"\nproviders:\n  \
                 judge: { api: openai_chat, base: \"https://models.example.invalid/v1\", model: m, key: PATH }\ngraders:\n  \
                 - { name: kind, type: model_judge, judges: [judge], rubric: Is it kind? }\n";
    let project = settings.project(suite, 1).await;
    let trust = TrustRequest {
        project,
        trusted: false,
    };
    settings.playbook.trust_project(trust).await.unwrap();
    let error = settings
        .playbook
        .start_run(StartRunRequest::of(project))
        .await
        .unwrap_err();
    assert_eq!(error.code, Code::Untrusted, "{error}");
    assert!(error.message.contains("models.example.invalid"), "{error}");
}

/// A million tokens of that model could cost 2 USD, so the call is refused before anything is sent anywhere.
#[tokio::test]
async fn a_host_that_nobody_configured_has_the_usual_cap_under_its_own_name() {
    let settings = Settings::new();
    let target = "    api: openai_chat\n    base: https://models.example.invalid/v1\n    model: gpt-5-mini";
    let suite = suite(target).replace("max_tokens: 1000", "max_tokens: 1000000");
    let project = settings.project(&suite, 1).await;
    let view = settings.runs(project).await;
    let error = settings.result(&view, 0).await.error.unwrap();
    assert_eq!(error.code, "spending_cap");
    assert!(
        error.message.contains("$1.00 for models.example.invalid"),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn an_unknown_provider_is_named_at_its_line_with_those_that_are_configured() {
    let settings = Settings::new();
    settings
        .adds("House", "http://127.0.0.1:9/v1", KeyGiven::None)
        .await;
    settings
        .adds("Zoo", "http://127.0.0.1:10/v1", KeyGiven::None)
        .await;
    let project = settings
        .project(&suite("    provider: House\n    model: m"), 1)
        .await;
    let write = |text: &str| {
        let path = settings.sandbox.path("assistant").join("suite.yaml");
        std::fs::write(path, suite(text)).unwrap();
    };
    for (target, said) in [
        (
            "    provider: Hose\n    model: m",
            "suite.yaml:8:15: there is no provider `Hose`: configured are House, Zoo",
        ),
        (
            "    provider: House\n    api: anthropic\n    model: m",
            "suite.yaml:8:15: `provider: House` brings API, address and key; leave out `api`, `base` and `key`",
        ),
        ("    model: m", "needs `provider:` with the name of a provider"),
    ] {
        write(target);
        let error = settings
            .playbook
            .start_run(StartRunRequest::of(project))
            .await
            .unwrap_err();
        assert!(error.message.contains(said), "{error}");
    }
}

/// Answers of two servers are two runs, although no file of the project says that the provider moved.
#[tokio::test]
async fn a_run_is_not_gone_on_with_at_another_address() {
    let settings = Settings::new();
    let (base, _) = model_server("gpt-5-mini").await;
    let (elsewhere, asked) = model_server("gpt-5-mini").await;
    settings.adds("House", &base, KeyGiven::None).await;
    settings.caps("House", Some("0")).await;
    let suite = suite("    provider: House\n    model: gpt-5-mini");
    let project = settings.project(&suite, 2).await;
    let run = settings.runs(project).await.summary.run;
    let moved = SaveProviderRequest {
        new: false,
        ..saving("House", &elsewhere, KeyGiven::None)
    };
    settings.playbook.save_provider(moved).await.unwrap();
    let error = settings
        .playbook
        .retry_errors(RunRequest { run })
        .await
        .unwrap_err();
    assert!(
        error.code == Code::Refused && error.message.contains("configuration"),
        "{error}"
    );
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_suite_that_names_a_provider_takes_new_cases() {
    let settings = Settings::new();
    let (base, _) = model_server("gpt-5-mini").await;
    settings.adds("House", &base, KeyGiven::None).await;
    let project = settings
        .project(&suite("    provider: House\n    model: gpt-5-mini"), 1)
        .await;
    let run = settings.runs(project).await.summary.run;
    let result = ResultRequest {
        run,
        case_index: 0,
        repeat: 0,
    };
    let draft = settings.playbook.draft_case(result).await.unwrap();
    assert_eq!(draft.id, "c0-2");
    let request = AddCaseRequest {
        project,
        suite: Some(draft.suite),
        case: NewCase::Feedback {
            question: "Is it open?".into(),
            said: "no".into(),
            right: "yes".into(),
            document: String::new(),
            should_refuse: false,
        },
        hash: None,
    };
    let shown = settings.playbook.add_case(request).await.unwrap();
    assert!(
        !shown.written && shown.difference.contains("Is it open?"),
        "{shown:?}"
    );
}

/// G6: sources and their disagreement are shown, an unpriced model is counted and never 0, and an own price wins from then on.
#[tokio::test]
async fn an_own_price_wins_and_what_has_none_is_listed() {
    let settings = Settings::new();
    let (base, _) = model_server("house-model").await;
    settings.adds("House", &base, KeyGiven::None).await;
    let project = settings
        .project(&suite("    provider: House\n    model: house-model"), 3)
        .await;
    let before = settings.runs(project).await;
    assert_eq!((before.summary.cost_usd, before.summary.unpriced), (None, 3));
    let look = async || settings.playbook.prices(PricesRequest::default()).await.unwrap();
    let unpriced = look().await.unpriced;
    assert_eq!(
        (
            unpriced[0].model.as_str(),
            unpriced[0].results,
            unpriced[0].priced_now
        ),
        ("house-model", 3, false)
    );

    let price = |model: &str, input: &str| SavePriceRequest {
        model: model.into(),
        input: input.into(),
        output: "2".into(),
        cache_read: None,
        note: None,
    };
    settings
        .playbook
        .save_price(price("house-model", "1"))
        .await
        .unwrap();
    let after = settings.runs(project).await;
    // 100 tokens at 1 and 1,000 at 2 USD per million, three times.
    assert!((after.summary.cost_usd.unwrap() - 0.0063).abs() < 1e-12);
    let used = settings.result(&after, 0).await.price.unwrap();
    assert_eq!(
        (used.id.as_str(), used.text.as_str()),
        ("own-house-model-2026-11-21", "your own, set 2026-11-21")
    );
    assert!(look().await.unpriced[0].priced_now);

    let model = |model: &str| ModelPriceRequest { model: model.into() };
    let shipped = settings.playbook.model_price(model("gpt-5.6-sol")).await.unwrap();
    assert_eq!(shipped.used.unwrap().input, "4");
    assert_eq!(shipped.others[0].input, "5");
    settings
        .playbook
        .save_price(price("gpt-5.6-sol", "4.5"))
        .await
        .unwrap();
    let own = settings.playbook.model_price(model("gpt-5.6-sol")).await.unwrap();
    let used = own.used.unwrap();
    assert!(used.own && used.input == "4.5");
    assert_eq!(
        own.others
            .iter()
            .map(|line| line.input.as_str())
            .collect::<Vec<_>>(),
        ["4", "5"]
    );
    for bad in ["", "-1", "0.0000001", "dear"] {
        settings.playbook.save_price(price("m", bad)).await.unwrap_err();
    }
}
