//! The starter project from one end to the other, with no key and no network.

use playbook_tests::{Sandbox, finish};
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// G8: the starter runs with no key and no network, by the practice model, and says so wherever the run is shown.
/// R67: its golden set has a hundred cases over ten categories. R104: the run is on record.
#[test]
fn starter_runs_without_key_and_without_network() {
    let sandbox = Sandbox::new();
    sandbox.starter();
    // Whatever would leave this machine goes to a proxy that only counts.
    let proxy = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    std::thread::spawn(move || {
        for _ in proxy.incoming() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    let mut command = sandbox.command(&["eval", "app", "--json"]);
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env(name, &address);
    }
    // The first version misses its first threshold: its failures teach.
    let results = finish(command).exits(1).json();
    assert_eq!(
        calls.load(Ordering::SeqCst),
        0,
        "something tried to leave this machine"
    );
    let (summary, run) = (&results["summary"], &results["run"]);
    assert_eq!(
        (&summary["cases"], &summary["errored"], &summary["gate"]),
        (&100.into(), &0.into(), &"failed".into())
    );
    assert_eq!(run["categories"].as_array().unwrap().len(), 10);
    assert_eq!(summary["practice"], true);
    assert_eq!(run["target"]["models"][0]["practice"], true);
    let text = sandbox.run(&["eval", "app"]).exits(1).stdout;
    assert!(text.contains("practice-small (practice model)"), "{text}");
    assert_eq!(
        sandbox
            .run(&["runs", "--json"])
            .exits(0)
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

/// R81: failure categories stand beside the average. R70: failures of refusal and citations come by severity.
/// R71: p50 and p95 stand against the latency budget. H10: every rate has interval and n, and p99 of a hundred answers
/// is refused.
#[test]
fn report_shows_causes_severities_and_intervals() {
    let sandbox = Sandbox::new();
    sandbox.starter();
    let text = sandbox.run(&["eval", "app"]).exits(1).stdout;
    let line = |start: &str| -> &str {
        text.lines()
            .find(|line| line.trim_start().starts_with(start))
            .unwrap_or_else(|| panic!("no {start} in\n{text}"))
    };
    let shape =
        regex::Regex::new(r"^  Pass rate +59 %  \(49 to 68\) +n=100 +at least 70 % NOT MET$").unwrap();
    assert!(shape.is_match(line("Pass rate ")), "{text}");
    assert!(line("p95 latency").contains("at most 1.00 s"), "{text}");
    assert!(line("p50 latency").contains("n=100"), "{text}");
    let p99 = line("p99 latency");
    assert!(
        p99.contains("no data") && p99.contains("p99 needs 299 answers to be estimated; there are 100"),
        "{p99}"
    );
    for cause in ["retrieval miss", "should refuse", "missing fact"] {
        assert!(
            line(cause)
                .split_whitespace()
                .last()
                .unwrap()
                .parse::<u32>()
                .unwrap()
                > 0,
            "{text}"
        );
    }
    assert!(
        line("severe refusal").ends_with(": 7") && line("moderate refusal").contains(": "),
        "{text}"
    );
    for rate in text
        .lines()
        .filter(|line| line.contains(" % ") && line.contains("n="))
    {
        assert!(rate.contains(" to "), "a rate without interval: {rate}");
    }
}

/// The whole chain on the command line: the starter as it ships, one run, and a case study whose numbers are the run's and
/// say practice. N5: a second export leaves a file alone that somebody edited, shows the difference and names the way.
#[test]
fn case_study_is_exported_with_the_numbers_of_the_run() {
    let sandbox = Sandbox::new();
    let app = sandbox.starter();
    let early = sandbox.run(&["case-study", "app", "--out", "out"]).exits(2);
    assert!(
        early.stderr.contains("the case study was not exported"),
        "{}",
        early.stderr
    );
    assert!(early.stderr.contains("no page was written"), "{}", early.stderr);
    assert!(!sandbox.path("out").exists());

    let run = sandbox.run(&["eval", "app", "--json"]).exits(1).json()["run"].clone();
    let exported = sandbox
        .run(&["case-study", "app", "--out", "out", "--json"])
        .exits(0)
        .json();
    assert_eq!(exported["written"].as_array().unwrap().len(), 2);
    let markdown = sandbox.path("out/case-study.md");
    let text = std::fs::read_to_string(&markdown).unwrap();
    for expected in [
        "59 %",
        "49 to 68",
        "practice-small",
        "Practice run.",
        run["run"].as_str().unwrap(),
    ] {
        assert!(text.contains(expected), "no {expected} in\n{text}");
    }
    std::fs::write(&markdown, text.replace("59 %", "98.7 %")).unwrap();
    let asked = sandbox.run(&["case-study", "app", "--out", "out"]).exits(2);
    assert!(
        asked
            .stderr
            .contains("The file has changed since the app wrote it."),
        "{}",
        asked.stderr
    );
    assert!(
        asked.stderr.contains("--replace case-study.md"),
        "{}",
        asked.stderr
    );
    assert!(std::fs::read_to_string(&markdown).unwrap().contains("98.7 %"));
    sandbox
        .run(&["case-study", "app", "--out", "out", "--replace", "case-study.md"])
        .exits(0);
    assert!(!std::fs::read_to_string(&markdown).unwrap().contains("98.7 %"));

    let source = app.join("portfolio/case-study.md");
    let mine = std::fs::read_to_string(&source)
        .unwrap()
        .replacen("[[pass-rate]]", "95 %", 1);
    std::fs::write(&source, mine).unwrap();
    let refused = sandbox.run(&["case-study", "app", "--out", "out"]).exits(2);
    assert!(
        refused.stderr.contains("`95` is a number that is not a claim"),
        "{}",
        refused.stderr
    );
}

/// The same service on the same cases gives the same verdicts, trial by trial: nothing flips on the practice model.
/// H5: the flip figure of a steady target is 0 of 100, measured.
#[test]
fn practice_model_gives_the_same_verdict_each_time() {
    let sandbox = Sandbox::new();
    sandbox.starter();
    let results = sandbox
        .run(&["eval", "app", "--repeat", "2", "--json"])
        .exits(1)
        .json();
    assert_eq!(results["run"]["flipping_cases"], serde_json::json!([0, 100]));
    let reasons = |repeat: u64| -> Vec<Value> {
        let rows = results["results"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["repeat"] == repeat);
        rows.map(|row| {
            let grades = row["grades"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|grade| grade["grader"] != "latency");
            serde_json::json!([
                row["case_id"],
                row["passed"],
                row["cost_usd"],
                grades.collect::<Vec<_>>()
            ])
        })
        .collect()
    };
    assert_eq!(reasons(0).len(), 100);
    assert_eq!(reasons(0), reasons(1));
}

/// The practice model can be served by itself, for any program that speaks OpenAI's API, and ends with Ctrl-C.
#[test]
fn practice_model_is_served_until_ctrl_c() {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command(&["serve-practice-model", "--port", "0"])
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line.trim().strip_prefix("OPENAI_BASE_URL=").unwrap();
    let address = url.strip_prefix("http://").unwrap().strip_suffix("/v1").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET /v1/models HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("practice-small"),
        "{answer}"
    );

    let port = address.rsplit(':').next().unwrap();
    let taken = sandbox.run(&["serve-practice-model", "--port", port]).exits(3);
    assert!(taken.stderr.contains("Choose another port"), "{}", taken.stderr);

    playbook_tests::signal(child.id(), nix::sys::signal::Signal::SIGINT);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// R79: the starter's own line to change first has a measurable effect: the second run shows what it did, case by
/// case, and that nothing but the source differs. R73: the first run stays the baseline of it.
#[test]
fn first_change_of_the_starter_shows() {
    let sandbox = Sandbox::new();
    let app = sandbox.starter();
    sandbox.run(&["eval", "app"]).exits(1);
    let service = std::fs::read_to_string(app.join("service.py")).unwrap();
    std::fs::write(app.join("service.py"), service.replace("TOP_K = 2", "TOP_K = 5")).unwrap();
    let text = sandbox.run(&["eval", "app"]).exits(0).stdout;
    assert!(
        text.contains(
            "Against run 1 on 100 shared cases: 20 cases newly pass, 1 newly fail. What differs: source."
        ),
        "{text}"
    );
    let compared = sandbox.run(&["compare", "1", "2"]).exits(0).stdout;
    assert!(
        compared.contains("Pass rate: 59 % to 78 % (+19 points), better  n=100"),
        "{compared}"
    );
}
