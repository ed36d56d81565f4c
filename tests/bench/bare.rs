//! The bare loop: the same requests by the same client, JSON decoded, nothing graded, nothing kept. What no
//! harness over reqwest can go below.

use crate::{Outcome, workload};
use futures::StreamExt as _;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::main]
pub async fn run(url: &str, cases: &str, in_flight: &str) -> Outcome<()> {
    let number = |text: &str| text.parse::<u32>().map_err(|error| format!("`{text}`: {error}"));
    // As `provider::HttpClient` sets its own for this machine.
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(30))
        .user_agent("bare-loop")
        .build()
        .map_err(|error| format!("the client: {error}"))?;
    let url = format!("{url}/answer");
    let mut answers = futures::stream::iter(0..number(cases)?)
        .map(|case| ask(&client, &url, case))
        .buffer_unordered(number(in_flight)? as usize);
    while let Some(answer) = answers.next().await {
        answer?;
    }
    Ok(())
}

async fn ask(client: &reqwest::Client, url: &str, case: u32) -> Outcome<()> {
    let body = json!({ "question": workload::question(case) }).to_string();
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .body(body);
    let response = request
        .send()
        .await
        .map_err(|error| format!("case {case}: {error}"))?;
    let bytes = response
        .bytes()
        .await
        .map_err(|error| format!("case {case}: {error}"))?;
    let answer: Value = serde_json::from_slice(&bytes).map_err(|error| format!("case {case}: {error}"))?;
    match answer["answer"].as_str() {
        Some(text) if text.contains(&workload::expected(case)) => Ok(()),
        _ => Err(format!("case {case}: not the answer: {answer}")),
    }
}
