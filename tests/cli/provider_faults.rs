//! A provider that refuses, fails, hangs and answers nonsense: each cause is named, each attempt is logged, nothing hangs.

use playbook_tests::{FaultServer, Sandbox};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::PathBuf};

/// A project whose target is a model API at this address.
fn asking_model(sandbox: &Sandbox, base: &str, questions: &[&str]) -> PathBuf {
    let model = format!(
        "  model_api:
    api: openai_chat
    base: {base}
    model: gpt-4o-mini
    messages: [{{ role: user, content: \"{{{{question}}}}\" }}]"
    );
    asking(sandbox, &model, questions)
}

/// A project whose target is a service that is running already.
fn asking_service(sandbox: &Sandbox, base: &str, questions: &[&str]) -> PathBuf {
    let service = format!(
        "  url: {base}
  request: {{ path: /ask, body: {{ question: \"{{{{question}}}}\" }} }}
  response: {{ answer: /answer, model: /model, input_tokens: /usage/prompt_tokens, output_tokens: /usage/completion_tokens }}"
    );
    asking(sandbox, &service, questions)
}

fn asking(sandbox: &Sandbox, target: &str, questions: &[&str]) -> PathBuf {
    let folder = sandbox.path("app");
    fs::create_dir_all(&folder).unwrap();
    let rows = questions.iter().enumerate().map(|(at, question)| {
        format!(
            "{}\n",
            json!({ "id": format!("case-{at:04}"), "question": question })
        )
    });
    fs::write(folder.join("cases.jsonl"), rows.collect::<String>()).unwrap();
    let suite = format!(
        "version: 1
name: faults
dataset: cases.jsonl
target:
  name: provider
{target}
timeout: 2s
graders:
  - {{ name: greeting, type: contains, value: hello }}
release_metrics:
  - {{ metric: pass_rate, at_least: 100% }}
  - {{ metric: error_rate, at_most: 0% }}
  - {{ metric: latency_p95, at_most: 20s }}
"
    );
    fs::write(folder.join("suite.yaml"), suite).unwrap();
    folder
}

/// The cause of a trial's error; `none` with a verdict.
fn cause(row: &Value) -> &str {
    row["error"]
        .as_str()
        .map_or("none", |error| error.split(':').next().unwrap_or(error))
}

/// The reasons of the attempts that were made again.
fn reasons(row: &Value) -> Vec<String> {
    let attempts = row["attempts"].as_array().cloned().unwrap_or_default();
    attempts
        .iter()
        .map(|attempt| attempt["reason"].as_str().unwrap().to_owned())
        .collect()
}

/// H7: of a model API's every failure the cause is named; what asking again may mend is asked again, after the wait that the
/// provider asks for, and each attempt is logged with its reason.
#[test]
fn every_fault_of_a_model_is_named_and_its_attempts_are_logged() {
    // Question; cause; attempts that were made again, each with what its reason begins with; time that was waited at least.
    let faults: &[(&str, &str, &[&str], f64)] = &[
        ("say hello", "none", &[], 0.0),
        (
            "status 429 retry-after: 1 | say hello",
            "none",
            &["status 429, retry-after: 1"],
            1000.0,
        ),
        (
            "status 429 retry-after: {soon} | say hello",
            "none",
            &["status 429, retry-after: "],
            900.0,
        ),
        (
            "status 429 retry-after-ms: 30 | say hello",
            "none",
            &["status 429, retry-after-ms: 30"],
            30.0,
        ),
        ("status 429 | say hello", "none", &["status 429, backoff"], 375.0),
        (
            "status 429 retry-after-ms: 5",
            "rate_limited",
            &["status 429, retry-after-ms: 5", "status 429, retry-after-ms: 5"],
            10.0,
        ),
        ("status 429 retry-after: 121", "rate_limited", &[], 0.0),
        ("status 503 | say hello", "none", &["status 503, backoff"], 375.0),
        (
            "status 500",
            "http_status",
            &["status 500, backoff", "status 500, backoff"],
            1125.0,
        ),
        ("status 404", "http_status", &[], 0.0),
        (
            "hang",
            "timeout",
            &["timeout, backoff", "timeout, backoff"],
            1125.0,
        ),
        (
            "cut",
            "interrupted",
            &["interrupted, backoff", "interrupted, backoff"],
            1125.0,
        ),
        ("cut | say hello", "none", &["interrupted, backoff"], 375.0),
        ("html", "malformed_response", &[], 0.0),
        ("empty", "empty_stream", &[], 0.0),
        ("long 40", "too_large", &[], 0.0),
        ("uncounted hello", "none", &[], 0.0),
    ];
    let server = FaultServer::start();
    let sandbox = Sandbox::new();
    let questions: Vec<&str> = faults.iter().map(|fault| fault.0).collect();
    asking_model(&sandbox, &server.url(), &questions);
    let results = sandbox.run(&["eval", "app", "--trust", "--json"]).exits(1).json();
    let rows = results["results"].as_array().unwrap();
    assert_eq!(rows.len(), faults.len());
    for ((question, expected, attempts, waited), row) in faults.iter().zip(rows) {
        assert_eq!(cause(row), *expected, "{question}: {row}");
        let said = reasons(row);
        assert_eq!(said.len(), attempts.len(), "{question}: {row}");
        for (said, expected) in said.iter().zip(*attempts) {
            assert!(said.starts_with(expected), "{question}: {said}");
        }
        let sum = row["attempts"].as_array().into_iter().flatten();
        let sum: f64 = sum.map(|attempt| attempt["waited_ms"].as_f64().unwrap()).sum();
        assert!(sum >= *waited, "{question}: waited {sum} ms");
        let asked = server.asked().iter().filter(|asked| asked == question).count();
        assert_eq!(asked, attempts.len() + 1, "{question}");
        assert_eq!(row["passed"], *expected == "none", "{question}: {row}");
    }
    // What was not counted has no cost, and the sum is over the rest.
    assert_eq!(rows.last().unwrap()["cost_usd"], Value::Null);
    let passed = faults.iter().filter(|fault| fault.1 == "none").count() as f64;
    let each = 40.0 * 0.15e-6 + 500.0 * 0.6e-6;
    let cost = results["summary"]["cost_usd"].as_f64().unwrap();
    assert!((cost - (passed - 1.0) * each).abs() < 1e-9, "{cost}");
}

/// H7: nobody listening and a secure connection to a plain port are told apart, and only the first is tried again.
#[test]
fn no_connection_and_no_secure_connection_are_told_apart() {
    let server = FaultServer::start();
    let closed = {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.local_addr().unwrap().port()
    };
    for (base, expected, attempts) in [
        (format!("http://127.0.0.1:{closed}"), "connect", 2),
        (format!("https://127.0.0.1:{}", server.port()), "tls", 0),
    ] {
        for (kind, attempts) in [("model", attempts), ("service", 0)] {
            let sandbox = Sandbox::new();
            if kind == "model" {
                asking_model(&sandbox, &base, &["say hello"]);
            } else {
                asking_service(&sandbox, &base, &["say hello"]);
            }
            let results = sandbox.run(&["eval", "app", "--trust", "--json"]).json();
            let row = &results["results"][0];
            assert_eq!(cause(row), expected, "{kind} at {base}: {results}");
            assert_eq!(reasons(row).len(), attempts, "{kind} at {base}: {row}");
        }
    }
}

/// H7: a service's failures are results: nothing is asked again unless the suite says so.
#[test]
fn faults_of_a_service_are_named_and_not_asked_again() {
    let faults = [
        ("say hello", "none"),
        ("status 429 retry-after: 1", "rate_limited"),
        ("status 503", "http_status"),
        ("hang", "timeout"),
        ("cut", "interrupted"),
        ("html", "malformed_response"),
        ("empty", "malformed_response"),
        ("long 40", "too_large"),
        ("uncounted hello", "none"),
    ];
    let server = FaultServer::start();
    let sandbox = Sandbox::new();
    let folder = asking_service(&sandbox, &server.url(), &faults.map(|fault| fault.0));
    let results = sandbox.run(&["eval", "app", "--trust", "--json"]).exits(1).json();
    let rows = results["results"].as_array().unwrap();
    for ((question, expected), row) in faults.iter().zip(rows) {
        assert_eq!(cause(row), *expected, "{question}: {row}");
        assert_eq!(reasons(row).len(), 0, "{question}: {row}");
    }
    assert_eq!(server.calls().len(), faults.len());

    let suite = fs::read_to_string(folder.join("suite.yaml")).unwrap();
    fs::write(
        folder.join("suite.yaml"),
        suite.replace("timeout: 2s", "timeout: 2s\nretries: 1"),
    )
    .unwrap();
    let again = sandbox
        .run(&["eval", "app", "--json", "--filter", "id=case-0002"])
        .json();
    assert_eq!(reasons(&again["results"][0]), ["status 503, backoff"]);
}

/// H7: a provider that refuses what is above its limit gets less at once, and every case is answered once.
#[test]
fn calls_in_flight_fall_to_what_the_provider_allows() {
    const MOST: usize = 16;
    let server = FaultServer::with(std::time::Duration::from_millis(60), MOST);
    let sandbox = Sandbox::new();
    let questions: Vec<String> = (0..600).map(|case| format!("say hello {case}")).collect();
    let questions: Vec<&str> = questions.iter().map(String::as_str).collect();
    asking_model(&sandbox, &server.url(), &questions);
    let results = sandbox
        .run(&["eval", "app", "--trust", "--json", "-j", "100", "--retries", "10"])
        .exits(0)
        .json();
    assert_eq!(results["summary"]["passed"], 600);
    let calls = server.calls();
    let answered: Vec<&str> = calls
        .iter()
        .filter(|call| !call.refused)
        .map(|call| call.question.as_str())
        .collect();
    assert_eq!(answered.len(), 600);
    assert_eq!(answered.iter().collect::<BTreeSet<_>>().len(), 600, "each once");
    let refused = calls.iter().filter(|call| call.refused).count();
    assert!(refused > 0, "the limit was never met");
    assert_eq!(results["run"]["retries"], refused, "each refusal is logged");
    let highest = |calls: &[playbook_tests::Call]| calls.iter().map(|call| call.in_flight).max().unwrap();
    let (early, late) = calls.split_at(calls.len() / 2);
    assert!(
        highest(early) > MOST && highest(late) <= MOST,
        "{} then {} in flight, {MOST} are allowed",
        highest(early),
        highest(late)
    );
}

/// H8: a budget is never crossed, whether the cost of a call has a bound or must be found out; the command says what was spent
/// and ends with 130, and what was asked is kept.
#[test]
fn a_budget_stops_the_run_before_it_is_crossed() {
    const CALL: f64 = 40.0 * 0.15e-6 + 500.0 * 0.6e-6;
    for bounded in [true, false] {
        let server = FaultServer::with(std::time::Duration::from_millis(5), usize::MAX);
        let sandbox = Sandbox::new();
        let questions: Vec<String> = (0..100).map(|case| format!("say hello {case}")).collect();
        let questions: Vec<&str> = questions.iter().map(String::as_str).collect();
        let folder = asking_model(&sandbox, &server.url(), &questions);
        if bounded {
            let suite = fs::read_to_string(folder.join("suite.yaml")).unwrap();
            let suite = suite.replace("    messages:", "    max_tokens: 500\n    messages:");
            fs::write(folder.join("suite.yaml"), suite).unwrap();
        }
        let stopped = sandbox
            .run(&[
                "eval", "app", "--trust", "--budget", "0.01", "--output", "out.json",
            ])
            .exits(130);
        assert!(
            stopped
                .stderr
                .contains("one more call could have crossed the budget")
                && stopped
                    .stderr
                    .contains("raise the budget: playbook eval --resume"),
            "{}",
            stopped.stderr
        );
        let results: Value = serde_json::from_slice(&fs::read(sandbox.path("out.json")).unwrap()).unwrap();
        let cost = results["summary"]["cost_usd"].as_f64().unwrap();
        let asked = server.calls().len();
        assert!(
            (cost - asked as f64 * CALL).abs() < 1e-9,
            "{asked} calls, {cost} USD"
        );
        assert_eq!(results["summary"]["trials"], asked);
        // Without a bound, twice the dearest call is set aside.
        let most = (0.01 / CALL) as usize;
        assert!((most - 2..=most).contains(&asked), "{asked} of {most} calls");
        assert_eq!(results["run"]["status"], "cancelled");

        sandbox.run(&["eval", "--resume", "last"]).exits(130);
        let most = (0.01 / CALL) as usize;
        assert!(
            server.calls().len() <= most,
            "going on does not forget what was spent"
        );

        let whole = sandbox
            .run(&["eval", "--resume", "last", "--budget", "5", "--json"])
            .json();
        assert_eq!(whole["run"]["status"], "finished");
        assert_eq!(whole["summary"]["trials"], 100);
        assert_eq!(server.calls().len(), 100);
    }
}
