//! Every configuration in `tests/fixtures/promptfoo` gets the verdicts that promptfoo 0.121.20 itself gave it, as
//! `tests/promptfoo/record.mjs` recorded them.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/loopback.rs"]
mod loopback;

use promptfoo::{
    Environment, Evaluated, Loaded, Session, TargetSpec, TestCase, connect::ProviderCalls, load,
};
use provider::{Caller, ClientOptions, HttpClient, PriceTable, RetryPolicy};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

struct Fixed(BTreeMap<String, String>);

impl Environment for Fixed {
    fn variables(&self) -> BTreeMap<String, String> {
        self.0.clone()
    }
}

fn environment(url: &str) -> Fixed {
    let own = [
        ("LOOPBACK", url),
        ("GREETING", "Good day"),
        ("OPENAI_API_KEY", "test-key"),
        ("TZ", "UTC"),
    ];
    Fixed(
        own.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    )
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/promptfoo");
    let only = std::env::var("PROMPTFOO_FIXTURE").ok();
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder.canonicalize().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("promptfooconfig.yaml").is_file())
        .filter(|path| only.as_ref().is_none_or(|only| path.ends_with(only)))
        .collect();
    found.sort();
    found
}

fn round(value: f64) -> Value {
    let value = (value * 1e6).round() / 1e6;
    if !value.is_finite() {
        return Value::Null;
    }
    if value.fract() == 0.0 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

/// What the recording says of a result, of ours.
fn verdict(loaded: &Evaluated, target: &TargetSpec, case: &TestCase, url: &str, folder: &str) -> Value {
    let same = |text: &str| text.replace(url, "LOOPBACK").replace(folder, "FOLDER");
    let found = &loaded.verdict;
    let error = found.error.is_some();
    let mut all = Map::new();
    all.insert("test".into(), json!(case.index));
    all.insert("prompt".into(), json!(target.prompt_index));
    all.insert("provider".into(), json!(same(target.provider.name())));
    if let (Some(rendered), false) = (&loaded.rendered, error) {
        all.insert("rendered".into(), json!(same(&rendered.prompt)));
    }
    all.insert("success".into(), json!(found.success));
    all.insert("score".into(), round(found.score));
    all.insert("error".into(), json!(error));
    if !error && !found.components.is_empty() {
        let parts: Vec<Value> = found
            .components
            .iter()
            .map(|part| json!({ "type": part.kind, "pass": part.pass, "score": round(part.score), "reason": part.reason }))
            .collect();
        all.insert("assertions".into(), json!(parts));
    }
    let mut named: Vec<(String, Value)> = found
        .named_scores
        .iter()
        .map(|(name, score)| (name.clone(), round(*score)))
        .collect();
    named.sort_by(|left, right| left.0.cmp(&right.0));
    if !named.is_empty() && !error {
        all.insert("named".into(), Value::Object(named.into_iter().collect()));
    }
    if let Some(fault) = &found.error {
        all.insert("message".into(), json!(fault.to_string()));
    }
    Value::Object(all)
}

async fn run(loaded: &Loaded, models: &ProviderCalls, url: &str, folder: &str) -> Vec<Value> {
    let session = Session::default();
    let mut verdicts = Vec::new();
    for case in loaded.cases() {
        let case = case.expect("every row of a fixture can be read");
        for target in &loaded.targets {
            if loaded.applies(target, &case) {
                let evaluated = loaded.evaluation.run(target, &case, &session, models).await;
                verdicts.push(verdict(&evaluated, target, &case, url, folder));
            }
        }
    }
    verdicts.sort_by_key(|verdict| (verdict["test"].as_u64(), verdict["prompt"].as_u64()));
    verdicts
}

/// Whole numbers without a fraction, as JavaScript writes them.
fn normal(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(whole) if whole.fract() == 0.0 && whole.abs() < 1e15 => json!(whole as i64),
            _ => json!(number),
        },
        Value::Array(items) => items.into_iter().map(normal).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (key, normal(value)))
            .collect(),
        other => other,
    }
}

/// What differs between a recorded and our verdict, in words; words that explain are not compared.
fn difference(recorded: &Value, ours: &Value) -> Option<String> {
    let mut text = String::new();
    for key in [
        "test", "prompt", "provider", "rendered", "success", "score", "error", "named",
    ] {
        let (theirs, own) = (&recorded[key], &ours[key]);
        // promptfoo writes JSON in a prompt anew when it exports results.
        let read = |value: &Value| {
            value
                .as_str()
                .and_then(|text| serde_json::from_str::<Value>(text).ok())
        };
        let same_json =
            key == "rendered" && read(theirs).is_some() && read(theirs).map(normal) == read(own).map(normal);
        if theirs != own && !same_json {
            let _ = writeln!(text, "    {key}: promptfoo {theirs}, here {own}");
        }
    }
    let parts = |verdict: &Value| verdict["assertions"].as_array().cloned().unwrap_or_default();
    let (theirs, own) = (parts(recorded), parts(ours));
    for at in 0..theirs.len().max(own.len()) {
        let (left, right) = (theirs.get(at), own.get(at));
        let core = |part: Option<&Value>| part.map(|part| (part["pass"].clone(), part["score"].clone()));
        if core(left) != core(right) {
            let _ = writeln!(
                text,
                "    assertion {at}: promptfoo {}, here {}",
                json!(left),
                json!(right)
            );
        }
    }
    if !text.is_empty() && (!recorded["message"].is_null() || !ours["message"].is_null()) {
        let _ = writeln!(
            text,
            "    said: promptfoo {}, here {}",
            recorded["message"], ours["message"]
        );
    }
    (!text.is_empty()).then_some(text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verdicts_equal_those_of_promptfoo() {
    let url = loopback::start().await;
    let environment = environment(&url);
    let http = HttpClient::new(ClientOptions::default()).unwrap();
    let caller = Caller::new(http, RetryPolicy::never());
    let models = ProviderCalls::new(caller, Arc::new(PriceTable::default()), environment.variables());
    let mut report = String::new();
    let mut count = 0;
    let fixtures = fixtures();
    for folder in &fixtures {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(folder.join("verdicts.json"))
            .unwrap_or_else(|_| panic!("{name} has no verdicts.json; see record.mjs"));
        let recorded: Value = serde_json::from_str(&text).unwrap();
        let loaded = match load(&folder.join("promptfooconfig.yaml"), &environment) {
            Ok(loaded) if recorded["refused"] == json!(true) => {
                // What stands in files of rows is found by looking through them.
                if loaded.check().is_ok() {
                    let _ = writeln!(report, "{name}: promptfoo refuses it, and here it loads");
                }
                continue;
            }
            Ok(loaded) => loaded,
            Err(_) if recorded["refused"] == json!(true) => continue,
            Err(errors) => {
                let _ = writeln!(report, "{name}: does not load: {errors}");
                continue;
            }
        };
        let ours = run(&loaded, &models, &url, &folder.to_string_lossy()).await;
        let theirs = recorded["results"].as_array().cloned().unwrap_or_default();
        count += theirs.len();
        if theirs.len() != ours.len() {
            let _ = writeln!(
                report,
                "{name}: promptfoo has {} results, here are {}",
                theirs.len(),
                ours.len()
            );
        }
        for (at, (left, right)) in theirs.iter().zip(&ours).enumerate() {
            if let Some(text) = difference(left, right) {
                let _ = write!(report, "{name}, result {at}:\n{text}");
            }
        }
    }
    assert!(report.is_empty(), "verdicts differ:\n{report}");
    println!("{count} verdicts of {} configurations", fixtures.len());
    if std::env::var("PROMPTFOO_FIXTURE").is_err() {
        assert!(fixtures.len() >= 60, "{} configurations", fixtures.len());
    }
}
