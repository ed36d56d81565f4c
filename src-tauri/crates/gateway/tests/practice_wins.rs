//! What the practice models are there to teach pays: a better prompt, a larger model, and a cascade of both, over the hundred
//! questions of a shipped starter, each with the passages it needs among others.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;

use gateway::practice::{PracticeOptions, PracticeServer};
use serde_json::{Value, json};
use support::chat;

/// Passages in each prompt.
const PASSAGES: usize = 8;
const WORSE: &str = "You are a helpful assistant.";
const BETTER: &str = "Use the passages only. Cite the passage id in square brackets after each sentence. \
    If the passages do not hold the answer, say that you cannot answer.";

struct Case {
    prompt: String,
    ids: BTreeSet<String>,
    fact: Option<String>,
    refuse: bool,
}

/// What became of one case.
#[derive(Clone)]
struct Outcome {
    right: bool,
    confidence: f64,
    cost: f64,
}

fn content() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../content")
}

fn cases() -> Vec<Case> {
    let starter = content().join("starters/rag-support-assistant");
    let documents: BTreeMap<String, String> = std::fs::read_dir(starter.join("corpus"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    let names: Vec<&String> = documents.keys().collect();
    let golden = std::fs::read_to_string(starter.join("golden.jsonl")).unwrap();
    let case = |(index, line): (usize, &str)| {
        let case: Value = serde_json::from_str(line).unwrap();
        let relevant: Vec<String> = serde_json::from_value(case["relevant"].clone()).unwrap();
        // What is needed, and its neighbours by name: of the same subject, so that they distract.
        let at = relevant.first().map_or(index * 7, |first| {
            names.iter().position(|name| *name == first).unwrap()
        });
        let mut ids: BTreeSet<String> = relevant.into_iter().collect();
        for near in 0.. {
            if ids.len() >= PASSAGES {
                break;
            }
            ids.insert(names[(at + names.len() + near - 3) % names.len()].clone());
        }
        let blocks: String = ids
            .iter()
            .map(|id| format!("[{id}] {}\n\n", documents[id].trim().trim_start_matches("# ")))
            .collect();
        Case {
            prompt: format!("{blocks}Question: {}", case["question"].as_str().unwrap()),
            ids,
            fact: case["fact"].as_str().map(str::to_lowercase),
            refuse: case["refuse"].as_bool().unwrap(),
        }
    };
    golden.lines().enumerate().map(case).collect()
}

/// Dollars a million tokens of a model, read and written.
fn prices(model: &str) -> [f64; 2] {
    let rows: Value =
        serde_json::from_str(&std::fs::read_to_string(content().join("prices/practice.json")).unwrap())
            .unwrap();
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["model"] == model)
        .unwrap();
    assert_eq!(row["practice"], true, "a practice price is labelled so");
    ["input", "output"].map(|side| row[side].as_str().unwrap().parse().unwrap())
}

async fn run(address: SocketAddr, model: &'static str, told: &'static str, seed: i64) -> Vec<Outcome> {
    let [input, output] = prices(model);
    let asked: Vec<_> = cases()
        .into_iter()
        .map(|case| {
            tokio::spawn(async move {
                let body = json!({ "model": model, "temperature": 0, "seed": seed, "logprobs": true, "messages": [
                    { "role": "system", "content": told }, { "role": "user", "content": case.prompt } ] });
                let answer = chat(address, &body).await;
                let said = support::text(&answer).to_lowercase();
                let cited: Vec<&str> = said.split('[').skip(1).filter_map(|rest| rest.split_once(']')).map(|(id, _)| id).collect();
                let refused = said.contains("cannot answer");
                let fact = case.fact.is_none_or(|fact| said.contains(&fact));
                let sound = refused || (!cited.is_empty() && cited.iter().all(|id| case.ids.contains(*id)));
                let usage = |side: &str| answer["usage"][side].as_f64().unwrap() / 1e6;
                Outcome {
                    right: refused == case.refuse && fact && sound,
                    confidence: answer["choices"][0]["logprobs"]["content"][0]["logprob"].as_f64().unwrap().exp(),
                    cost: usage("prompt_tokens") * input + usage("completion_tokens") * output,
                }
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for one in asked {
        outcomes.push(one.await.unwrap());
    }
    assert_eq!(outcomes.len(), 100);
    outcomes
}

fn right(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| outcome.right).count()
}

fn cost(outcomes: &[Outcome]) -> f64 {
    outcomes.iter().map(|outcome| outcome.cost).sum()
}

#[tokio::test]
async fn a_prompt_that_asks_for_citations_and_refusals_beats_one_that_does_not() {
    let server = PracticeServer::start(PracticeOptions::default()).await.unwrap();
    for model in ["practice-small", "practice-large"] {
        let worse = right(&run(server.address(), model, WORSE, 1).await);
        let better = right(&run(server.address(), model, BETTER, 1).await);
        assert!(better > worse + 50, "{model}: {better} against {worse}");
    }
}

#[tokio::test]
async fn the_large_model_beats_the_small_one_and_a_cascade_costs_less_than_the_large_one_alone() {
    let server = PracticeServer::start(PracticeOptions::default()).await.unwrap();
    let [mut alone, mut cascaded, mut smalls] = [0; 3];
    for seed in 1..=4 {
        let small = run(server.address(), "practice-small", BETTER, seed).await;
        let large = run(server.address(), "practice-large", BETTER, seed).await;
        assert!(
            right(&large) > right(&small),
            "{} against {}",
            right(&large),
            right(&small)
        );
        // The small one answers; where it is not sure, the large one is asked as well, and both are paid.
        let cascade: Vec<Outcome> = small
            .iter()
            .zip(&large)
            .map(|(small, large)| match small.confidence < 0.9 {
                true => Outcome {
                    cost: small.cost + large.cost,
                    ..large.clone()
                },
                false => small.clone(),
            })
            .collect();
        assert!(
            cost(&cascade) < 0.85 * cost(&large),
            "{} against {}",
            cost(&cascade),
            cost(&large)
        );
        alone += right(&large);
        cascaded += right(&cascade);
        smalls += right(&small);
    }
    assert!(
        cascaded + 4 >= alone,
        "of 400: cascade {cascaded}, large {alone}, small {smalls}"
    );
    assert!(
        cascaded >= smalls + 8,
        "of 400: cascade {cascaded}, large {alone}, small {smalls}"
    );
}

/// Plain readings: the rubric, an answer, whether it should pass.
const JUDGED: [(&str, &str, bool); 12] = [
    ("States that the fee is 12 EUR.", "The late fee is 12 EUR.", true),
    ("States that the fee is 12 EUR.", "The late fee is 15 EUR.", false),
    (
        "Mentions the warranty. Does not mention shipping.",
        "The guarantee covers the battery.",
        true,
    ),
    (
        "Mentions the warranty. Does not mention shipping.",
        "The guarantee covers the delivery of the parcel.",
        false,
    ),
    ("Declines to answer.", "I cannot answer that.", true),
    (
        "Declines to answer.",
        "It costs a lot, as far as one can see.",
        false,
    ),
    ("Must not say \"always\".", "We reply within a day.", true),
    ("Must not say \"always\".", "We always reply within a day.", false),
    ("Cites a source.", "The window is 45 days. [returns]", true),
    ("Cites a source.", "The window is 45 days.", false),
    (
        "Tells how to reset the password.",
        "Choose reset on the login page to get a new passcode.",
        true,
    ),
    (
        "Tells how to reset the password.",
        "Our office is open from Monday to Friday, and the staff there answer questions about parcels, \
        invoices, repairs, gifts, sensors, and whatever else a customer may bring along on a rainy afternoon.",
        false,
    ),
];

async fn agreement(address: SocketAddr, model: &str) -> usize {
    const TOLD: &str = "Grade the output by the rubric. Respond with JSON: {\"reason\": string, \"pass\": boolean, \"score\": number}";
    let mut agreed = 0;
    for (rubric, output, pass) in JUDGED {
        for seed in 0..8 {
            let body = json!({ "model": model, "seed": seed, "messages": [
                { "role": "system", "content": TOLD },
                { "role": "user", "content": format!("<Output>\n{output}\n</Output>\n<Rubric>\n{rubric}\n</Rubric>") } ] });
            let answer = chat(address, &body).await;
            let verdict: Value = serde_json::from_str(support::text(&answer)).unwrap();
            let keys: Vec<&String> = verdict.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["reason", "pass", "score"]);
            assert!((0.0..=1.0).contains(&verdict["score"].as_f64().unwrap()));
            agreed += usize::from(verdict["pass"] == pass);
        }
    }
    agreed
}

#[tokio::test]
async fn the_large_judge_agrees_with_the_plain_reading_and_the_small_one_less() {
    let server = PracticeServer::start(PracticeOptions::default()).await.unwrap();
    let [small, large] = [
        agreement(server.address(), "practice-small").await,
        agreement(server.address(), "practice-large").await,
    ];
    assert!(
        large >= 91 && small >= 60 && small + 5 <= large,
        "of 96: small {small}, large {large}"
    );
}

#[tokio::test]
async fn a_verdict_comes_in_the_words_and_on_the_scale_that_were_asked_for() {
    let server = PracticeServer::start(PracticeOptions::default()).await.unwrap();
    let judge = |told: &str| {
        json!({ "model": "practice-large", "messages": [
            { "role": "system", "content": told },
            { "role": "user", "content": "Criteria: States that the fee is 12 EUR.\nSubmission: The fee is 12 EUR." } ] })
    };
    let word = chat(
        server.address(),
        &judge("Judge the submission. Reply only with CORRECT or INCORRECT."),
    )
    .await;
    assert_eq!(support::text(&word), "CORRECT");
    let scaled = chat(
        server.address(),
        &judge("Score it from 1 to 5 as JSON {\"verdict\": \"pass\" or \"fail\", \"score\": 1}"),
    )
    .await;
    assert_eq!(
        serde_json::from_str::<Value>(support::text(&scaled)).unwrap(),
        json!({ "verdict": "pass", "score": 5.0 })
    );
}
