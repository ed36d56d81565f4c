//! Keys that never show, configurations, local servers, and the daily cap.
#![allow(clippy::unwrap_used)]

mod support;

use chrono::NaiveDate;
use evidence::PicoUsd;
use provider::configuration::{LocalServer, discover};
use provider::{
    ApiKind, CallFailureKind, Caller, CapRefusal, ClientOptions, Endpoint, HttpClient, KeyError, KeySource,
    Ledger, Message, ModelRequest, PriceTable, ProviderConfiguration, Reservation, RetryPolicy, Secret,
    SpendingCap, SpendingGuard, test_connection,
};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{Reply, serve};

#[test]
fn a_secret_never_shows() {
    let secret = Secret::new("  sk-123\n");
    assert_eq!(secret.expose(), "sk-123");
    let endpoint = Endpoint::new(
        ApiKind::Anthropic,
        "https://api.anthropic.com",
        Some(secret.clone()),
    );
    let request = endpoint
        .request(&ModelRequest {
            model: "m".into(),
            ..ModelRequest::default()
        })
        .unwrap();
    let shown = format!(
        "{secret:?} {endpoint:?} {request:?} {}",
        serde_json::to_string(&secret).unwrap()
    );
    assert!(!shown.contains("sk-123"), "{shown}");
    assert!(request.headers.contains(&("x-api-key".into(), "sk-123".into())));
    assert_eq!(secret.scrub("key sk-123 is wrong"), "key [redacted] is wrong");
}

#[test]
fn a_key_in_an_address_is_redacted_too() {
    let mut request = provider::OutgoingRequest {
        url: "https://ada:pw@example.org/x?key=sk-1&model=m".into(),
        ..provider::OutgoingRequest::default()
    };
    assert!(!format!("{request:?}").contains("sk-1"));
    request.redact();
    assert!(
        !request.url.contains("sk-1") && !request.url.contains("pw"),
        "{}",
        request.url
    );
    assert!(request.url.contains("model=m"), "{}", request.url);
}

/// Some services take their token as the user name.
#[test]
fn a_user_name_in_an_address_is_redacted_as_its_password_is() {
    for (url, kept) in [
        ("https://sk-2@example.org/x", "@example.org/x"),
        ("https://sk-2:x@example.org/x?model=m", "@example.org/x?model=m"),
        // No address at all, and shown in the message that says so.
        ("https://sk-2@no host/x", "@no host/x"),
    ] {
        let mut request = provider::OutgoingRequest {
            url: url.into(),
            ..provider::OutgoingRequest::default()
        };
        assert!(!format!("{request:?}").contains("sk-2"), "{request:?}");
        request.redact();
        assert!(!request.url.contains("sk-2"), "{}", request.url);
        assert!(request.url.ends_with(kept), "{}", request.url);
    }
}

#[test]
fn a_key_is_read_from_the_environment_or_its_absence_is_explained() {
    let source = KeySource::Environment("SOME_KEY".into());
    let read = |value: Option<&str>| source.read_with(|_| value.map(str::to_owned));
    assert_eq!(read(Some("sk-1\n")).unwrap().expose(), "sk-1");
    for absent in [None, Some(""), Some("  ")] {
        let error = read(absent).unwrap_err();
        assert_eq!(
            error,
            KeyError::NotSet {
                name: "SOME_KEY".into()
            }
        );
        assert!(error.to_string().contains("set it to the key"));
    }
    assert!(matches!(
        read(Some("two words")).unwrap_err(),
        KeyError::Unusable { .. }
    ));
}

/// On a machine with a keychain the entry is missing; on one without, the message names the way out.
#[test]
fn a_missing_keychain_says_to_set_a_variable() {
    let source = KeySource::Keychain {
        service: "transition-playbook-test".into(),
        account: "nobody".into(),
    };
    match source.read().unwrap_err() {
        KeyError::NoEntry { account, .. } => assert_eq!(account, "nobody"),
        error @ KeyError::NoKeychain { .. } => {
            assert!(
                error.to_string().contains("set an environment variable"),
                "{error}"
            );
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_new_live_provider_is_capped_at_one_dollar_and_a_local_one_is_free() {
    let gemini = ProviderConfiguration::usual("Gemini", ApiKind::Gemini, |name| name == "GOOGLE_API_KEY");
    assert_eq!(gemini.key, Some(KeySource::Environment("GOOGLE_API_KEY".into())));
    assert_eq!(
        gemini.cap.unwrap().limit_per_day,
        PicoUsd::parse_usd("1").unwrap()
    );
    let ollama = ProviderConfiguration::usual("Ollama", ApiKind::Ollama, |_| false);
    assert_eq!((ollama.key, ollama.cap), (None, None));
    let text = serde_json::to_string(&gemini).unwrap();
    assert_eq!(
        serde_json::from_str::<ProviderConfiguration>(&text).unwrap(),
        gemini
    );
}

#[tokio::test]
async fn a_connection_is_tried_by_listing_the_models() {
    let (base, asked) = serve(vec![Reply::json(r#"{"data": [{"id": "a"}, {"id": "b"}]}"#)]).await;
    let report = test_connection(&Endpoint::new(ApiKind::OpenAiChat, base, None))
        .await
        .unwrap();
    assert_eq!(report.models, ["a", "b"]);
    assert!(asked.lock().unwrap()[0].starts_with("GET /v1/models "));

    let (base, _) = serve(vec![Reply::json(r#"{"models": []}"#)]).await;
    let failure = test_connection(&Endpoint::new(ApiKind::OpenAiChat, base, None))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, CallFailureKind::Malformed);
}

#[tokio::test]
async fn local_servers_are_found_at_once_and_silent_ones_do_not_delay() {
    let (good, _) = serve(vec![Reply::json(r#"{"data": [{"id": "a"}]}"#)]).await;
    let (silent, _) = serve(vec![Reply::Hang]).await;
    let (other, _) = serve(vec![Reply::status(
        200,
        "content-type: text/html\r\n",
        "<p>A shop</p>",
    )])
    .await;
    let (ollama, _) = serve(vec![Reply::json(r#"{"models": [{"name": "llama3:8b"}]}"#)]).await;
    let at = |base: &str, name, api| {
        let port = base
            .trim_end_matches("/v1")
            .rsplit(':')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        LocalServer { name, api, port }
    };
    let servers = [
        at(&silent, "silent", ApiKind::OpenAiChat),
        at(&good, "good", ApiKind::OpenAiChat),
        at(&other, "other", ApiKind::OpenAiChat),
        at(&silent, "silent too", ApiKind::Ollama),
        at(&ollama, "Ollama", ApiKind::Ollama),
    ];
    let started = Instant::now();
    let found = discover(&servers).await;
    let names: Vec<_> = found
        .iter()
        .map(|found| (found.configuration.name.as_str(), found.models[0].as_str()))
        .collect();
    assert_eq!(names, [("good", "a"), ("Ollama", "llama3:8b")]);
    // One after the other, the two silent ones alone would take 600 ms.
    assert!(
        started.elapsed() < Duration::from_millis(590),
        "{:?}",
        started.elapsed()
    );
}

/// What was charged and what is set aside, in memory.
#[derive(Default)]
struct Book(Mutex<Vec<PicoUsd>>, Mutex<Vec<Reservation>>);

impl Book {
    fn spent(&self) -> PicoUsd {
        self.0.lock().unwrap().iter().copied().sum()
    }
}

impl Ledger for Book {
    fn reserve(&self, provider: &str, worst: PicoUsd, cap: SpendingCap) -> Result<Reservation, CapRefusal> {
        let mut reserved = self.1.lock().unwrap();
        let aside: PicoUsd = reserved.iter().map(|known| known.worst).sum();
        cap.check(provider, self.spent() + aside, worst)?;
        let reservation = Reservation {
            provider: provider.to_owned(),
            day: NaiveDate::default(),
            number: reserved.last().map_or(1, |last| last.number + 1),
            worst,
        };
        reserved.push(reservation.clone());
        Ok(reservation)
    }

    fn settle(&self, reservation: Reservation, cost: PicoUsd) {
        let mut reserved = self.1.lock().unwrap();
        let before = reserved.len();
        reserved.retain(|known| *known != reservation);
        assert_eq!(reserved.len() + 1, before, "settled once");
        self.charge(&reservation.provider, cost);
    }

    fn charge(&self, provider: &str, cost: PicoUsd) {
        assert_eq!(provider, "Acme");
        self.0.lock().unwrap().push(cost);
    }
}

fn guard(book: &Arc<Book>, limit: &str) -> Arc<SpendingGuard> {
    let prices = PriceTable::from_json(
        r#"[{"id": "a", "model": "m", "input": "1", "output": "100", "source": "x", "checked": "2026-08-01"}]"#,
    )
    .unwrap();
    let cap = SpendingCap {
        limit_per_day: PicoUsd::parse_usd(limit).unwrap(),
    };
    let guard = SpendingGuard::new("Acme", cap, Arc::clone(book) as Arc<dyn Ledger>, Arc::new(prices));
    Arc::new(guard)
}

fn capped(book: &Arc<Book>, limit: &str) -> Caller {
    Caller::new(
        HttpClient::new(ClientOptions::default()).unwrap(),
        RetryPolicy::never(),
    )
    .with_spending(guard(book, limit))
}

fn asking(model: &str) -> ModelRequest {
    ModelRequest {
        model: model.into(),
        messages: vec![Message::text("user", "Hi")],
        max_tokens: Some(1000),
        ..ModelRequest::default()
    }
}

#[tokio::test]
async fn a_call_that_could_cross_the_cap_is_not_sent() {
    let answer = r#"{"model": "m", "choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": 10, "completion_tokens": 900}}"#;
    let (base, asked) = serve(vec![Reply::json(answer)]).await;
    let endpoint = Endpoint::new(ApiKind::OpenAiChat, base, None);
    let book = Arc::new(Book::default());
    // A call can cost 0.1 USD and a little; it costs 0.09001 USD.
    let caller = capped(&book, "0.15");
    caller.chat(&endpoint, &asking("m")).await.unwrap();
    assert_eq!(book.spent().pico(), 90_010_000_000);
    let failure = caller.chat(&endpoint, &asking("m")).await.unwrap_err();
    assert_eq!(failure.kind, CallFailureKind::RefusedByCap);
    assert!(
        failure.message.contains("raise the daily cap in Settings"),
        "{failure}"
    );
    assert!(failure.attempts.is_empty());
    assert_eq!(asked.lock().unwrap().len(), 1);

    // The price of that tier is not known, so neither is what the call could cost.
    let mut fast = asking("m");
    fast.extra.insert("service_tier".into(), "priority".into());
    let failure = capped(&book, "100").chat(&endpoint, &fast).await.unwrap_err();
    assert_eq!(failure.kind, CallFailureKind::RefusedByCap);

    let unknown = caller.chat(&endpoint, &asking("unheard-of")).await.unwrap_err();
    assert!(
        unknown.message.contains("no price is known for `unheard-of`"),
        "{unknown}"
    );
}

#[tokio::test]
async fn calls_in_flight_count_against_the_cap_and_refused_connections_do_not() {
    let (base, _) = serve(vec![Reply::Hang]).await;
    let endpoint = Endpoint::new(ApiKind::OpenAiChat, base, None);
    let book = Arc::new(Book::default());
    let caller = capped(&book, "0.15");
    let waiting = tokio::spawn({
        let (caller, endpoint) = (caller.clone(), endpoint.clone());
        async move { caller.chat(&endpoint, &asking("m")).await.map(|call| call.answer) }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let failure = caller.chat(&endpoint, &asking("m")).await.unwrap_err();
    assert_eq!(failure.kind, CallFailureKind::RefusedByCap);
    // Given up, the call frees what was set aside for it.
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    let nobody = Endpoint::new(ApiKind::OpenAiChat, "http://127.0.0.1:1/v1", None);
    for _ in 0..3 {
        let failure = caller.chat(&nobody, &asking("m")).await.unwrap_err();
        assert_eq!(failure.kind, CallFailureKind::Connect);
    }
    assert_eq!(book.spent(), PicoUsd::ZERO);
}

/// An attempt can cost 0.1 USD and a little. The first one runs out of time and is charged at that; the second costs 0.09001 USD.
#[tokio::test]
async fn each_attempt_is_held_to_the_cap_and_charged_by_itself() {
    let answer = r#"{"model": "m", "choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": 10, "completion_tokens": 900}}"#;
    let asked_under = async |limit: &str| {
        let (base, asked) = serve(vec![Reply::Hang, Reply::json(answer)]).await;
        let book = Arc::new(Book::default());
        let options = ClientOptions {
            timeout: Duration::from_millis(300),
            ..ClientOptions::default()
        };
        let policy = RetryPolicy {
            retries: 1,
            first_wait: Duration::from_millis(1),
            ..RetryPolicy::default()
        };
        let outcome = Caller::new(HttpClient::new(options).unwrap(), policy)
            .with_spending(guard(&book, limit))
            .chat(&Endpoint::new(ApiKind::OpenAiChat, base, None), &asking("m"))
            .await;
        let sent = asked.lock().unwrap().len();
        (outcome, sent, book.spent().pico())
    };
    let (outcome, sent, spent) = asked_under("0.15").await;
    let failure = outcome.unwrap_err();
    assert_eq!(
        (failure.kind, failure.attempts.len(), sent),
        (CallFailureKind::RefusedByCap, 1, 1)
    );
    assert!((100_000_000_000..101_000_000_000).contains(&spent), "{spent}");

    let (outcome, sent, spent) = asked_under("1").await;
    assert_eq!((outcome.unwrap().attempts.len(), sent), (2, 2));
    assert!((190_010_000_000..191_010_000_000).contains(&spent), "{spent}");
}

#[tokio::test]
async fn an_answer_without_usage_is_charged_at_what_it_could_have_cost() {
    let (base, _) = serve(vec![Reply::json(
        r#"{"model": "m", "choices": [{"message": {"content": "x"}}]}"#,
    )])
    .await;
    let book = Arc::new(Book::default());
    capped(&book, "1")
        .chat(&Endpoint::new(ApiKind::OpenAiChat, base, None), &asking("m"))
        .await
        .unwrap();
    assert!(book.spent().pico() >= 100_000_000_000);
}

#[test]
fn the_limit_of_an_answer_is_found_under_every_name() {
    for (extra, limit) in [
        ("{}", 1000),
        (r#"{"max_completion_tokens": 20000}"#, 20_000),
        (r#"{"generationConfig": {"maxOutputTokens": 30000}}"#, 30_000),
        (r#"{"options": {"num_predict": 5}}"#, 1000),
    ] {
        let request = ModelRequest {
            extra: serde_json::from_str(extra).unwrap(),
            ..asking("m")
        };
        assert_eq!(request.asked_limit(), Some(limit), "{extra}");
    }
    assert_eq!(ModelRequest::default().asked_limit(), None);
}

#[test]
fn the_cap_is_a_limit_and_not_a_target() {
    let cap = SpendingCap::default();
    let usd = |text: &str| PicoUsd::parse_usd(text).unwrap();
    assert!(cap.check("Acme", usd("0.9"), usd("0.1")).is_ok());
    assert_eq!(
        cap.check("Acme", usd("0.9"), usd("0.100001")),
        Err(CapRefusal::TooLittleLeft {
            provider: "Acme".into(),
            worst: usd("0.100001"),
            left: usd("0.1"),
            limit: usd("1")
        })
    );
    assert!(cap.check("Acme", usd("2"), PicoUsd::ZERO).is_err());
}

/// A ledger that cannot be used.
struct Torn;

impl Ledger for Torn {
    fn reserve(&self, provider: &str, _worst: PicoUsd, _cap: SpendingCap) -> Result<Reservation, CapRefusal> {
        Err(CapRefusal::LedgerUnusable {
            provider: provider.to_owned(),
            cause: "the disk is gone".into(),
        })
    }

    fn settle(&self, _reservation: Reservation, _cost: PicoUsd) {}

    fn charge(&self, _provider: &str, _cost: PicoUsd) {}
}

#[test]
fn a_ledger_that_cannot_be_used_refuses_and_guards_of_one_ledger_count_each_other() {
    let prices = || {
        Arc::new(
            PriceTable::from_json(
                r#"[{"id": "a", "model": "m", "input": "1", "output": "100", "source": "x", "checked": "2026-08-01"}]"#,
            )
            .unwrap(),
        )
    };
    let cap = |text: &str| SpendingCap {
        limit_per_day: PicoUsd::parse_usd(text).unwrap(),
    };
    let torn = Arc::new(SpendingGuard::new("Acme", cap("9"), Arc::new(Torn), prices()));
    let Err(refusal) = torn.reserve("m", 10, Some(1000), None) else {
        panic!("nobody can say what is spent");
    };
    assert!(refusal.to_string().contains("the disk is gone"), "{refusal}");

    let book = Arc::new(Book::default());
    let guard = || {
        let ledger = Arc::clone(&book) as Arc<dyn Ledger>;
        Arc::new(SpendingGuard::new("Acme", cap("0.15"), ledger, prices()))
    };
    let (first, second) = (guard(), guard());
    let in_flight = first.reserve("m", 10, Some(1000), None).unwrap();
    assert!(second.reserve("m", 10, Some(1000), None).is_err());
    in_flight.unanswered(false);
    assert!(second.reserve("m", 10, Some(1000), None).is_ok());
}

/// Without a cap nothing is set aside, and what a call cost is charged all the same.
#[test]
fn a_provider_without_a_cap_is_charged_and_never_held_back() {
    let prices = PriceTable::from_json(
        r#"[{"id": "a", "model": "m", "input": "1", "output": "100", "source": "x", "checked": "2026-08-01"}]"#,
    )
    .unwrap();
    let book = Arc::new(Book::default());
    let ledger = Arc::clone(&book) as Arc<dyn Ledger>;
    let free = Arc::new(SpendingGuard::new(
        "Acme",
        None::<SpendingCap>,
        ledger,
        Arc::new(prices),
    ));
    let charge = free.reserve("m", 10, Some(1000), None).unwrap();
    assert!(book.1.lock().unwrap().is_empty());
    charge.unanswered(true);
    assert!(book.spent() > PicoUsd::ZERO);
    drop(free.reserve("unheard-of", 10, None, None).unwrap());
}
