//! The forms of an answer over a real socket: streamed, as JSON, as a tool call, as a verdict, as an embedding.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use gateway::practice::{PracticeOptions, PracticeServer};
use serde_json::{Value, json};
use support::{call, chat, post, text};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const PASSAGES: &str = "[fees] Late fees\nA late payment costs 12 EUR.\n\n[parcels] Parcels\nA parcel may weigh up to 20 kg.\n\n";

fn ask(model: &str, question: &str) -> Value {
    json!({ "model": model, "messages": [
        { "role": "system", "content": "Cite the passages. If they do not hold the answer, say that you cannot answer." },
        { "role": "user", "content": format!("{PASSAGES}Question: {question}") }
    ] })
}

fn with(mut body: Value, more: Value) -> Value {
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

async fn server() -> PracticeServer {
    PracticeServer::start(PracticeOptions::default()).await.unwrap()
}

#[tokio::test]
async fn a_streamed_answer_is_the_whole_one_in_pieces() {
    let server = server().await;
    let plain = ask("practice-large", "How much does a late payment cost?");
    let whole = chat(server.address(), &plain).await;
    let body = with(
        plain,
        json!({ "stream": true, "stream_options": { "include_usage": true } }),
    );
    let (status, events) = call(
        server.address(),
        "POST",
        "/v1/chat/completions",
        &body.to_string(),
    )
    .await;
    let events = String::from_utf8(events).unwrap();
    let data: Vec<&str> = events
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: "))
        .collect();
    assert_eq!((status, data.last().copied()), (200, Some("[DONE]")));
    let chunks: Vec<Value> = data[..data.len() - 1]
        .iter()
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let said: String = chunks
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(said, text(&whole));
    assert!(
        chunks
            .iter()
            .all(|chunk| chunk["object"] == "chat.completion.chunk" && chunk["model"] == "practice-large")
    );
    let [.., finish, usage] = &chunks[..] else {
        panic!("{events}")
    };
    assert_eq!(finish["choices"][0]["finish_reason"], "stop");
    assert_eq!(
        (&usage["choices"], &usage["usage"]),
        (&json!([]), &whole["usage"])
    );
    assert!(
        chunks[..chunks.len() - 1]
            .iter()
            .all(|chunk| chunk["usage"].is_null())
    );

    let silent = with(body, json!({ "stream_options": { "include_usage": false } }));
    let (_, events) = call(
        server.address(),
        "POST",
        "/v1/chat/completions",
        &silent.to_string(),
    )
    .await;
    assert!(!String::from_utf8(events).unwrap().contains("usage"));
}

#[tokio::test]
async fn the_first_token_comes_before_the_last() {
    let server = server().await;
    let long =
        "This clause about the late payment and its many consequences goes on for a good while. ".repeat(8);
    let body = json!({ "model": "practice-large", "stream": true, "messages": [
        { "role": "user", "content": format!("[a] {}\n\nQuestion: What about the late payment clause?", long.replace(". ", ", ")) }
    ] });
    let first_and_last = time_of_first_byte_and_end(server.address(), &body.to_string()).await;
    let [first, last] = first_and_last;
    assert!(first >= Duration::from_millis(60), "{first:?}");
    assert!(last - first >= Duration::from_millis(60), "{first:?} {last:?}");
}

async fn time_of_first_byte_and_end(address: SocketAddr, body: &str) -> [Duration; 2] {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: {address}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut read = Vec::new();
    let mut first = None;
    while stream.read_buf(&mut read).await.unwrap() > 0 {
        if first.is_none() && read.windows(6).any(|six| six == b"data: ") {
            first = Some(begun.elapsed());
        }
    }
    [first.unwrap(), begun.elapsed()]
}

#[tokio::test]
async fn json_obeys_its_schema_whatever_the_schema_asks() {
    let server = server().await;
    let schemas = [
        json!({ "type": "object", "additionalProperties": false, "required": ["answer", "citations", "confidence", "category", "amount", "when"],
            "properties": {
                "answer": { "type": "string", "maxLength": 20 },
                "citations": { "type": "array", "items": { "type": "string" }, "minItems": 1, "uniqueItems": true },
                "confidence": { "type": "number", "minimum": 0, "maximum": 1 },
                "category": { "enum": ["shipping", "payments", "other"] },
                "amount": { "anyOf": [{ "type": "integer" }, { "type": "null" }] },
                "when": { "type": "string", "format": "date" },
                "note": { "type": ["string", "null"] }
            } }),
        json!({ "$defs": { "node": { "type": "object", "required": ["quote", "children"], "properties": {
                "quote": { "type": "string", "minLength": 3 }, "children": { "type": "array", "items": { "$ref": "#/$defs/node" } } } } },
            "$ref": "#/$defs/node" }),
        json!({ "type": "array", "minItems": 3, "maxItems": 4, "items": { "type": "integer", "exclusiveMinimum": 3, "multipleOf": 5 } }),
        json!({ "allOf": [{ "type": "object", "properties": { "score": { "type": "integer", "minimum": 1, "maximum": 5 } }, "required": ["score"] }] }),
        json!({ "type": "object", "required": ["unlisted"], "additionalProperties": { "type": "boolean" } }),
    ];
    for schema in schemas {
        for question in [
            "How much does a late payment cost?",
            "Which telescope shows Jupiter?",
        ] {
            for model in ["practice-small", "practice-large"] {
                let format = json!({ "response_format": { "type": "json_schema", "json_schema": { "name": "a", "schema": schema } } });
                let answer = chat(server.address(), &with(ask(model, question), format)).await;
                let value: Value = serde_json::from_str(text(&answer)).unwrap();
                let errors: Vec<String> = jsonschema::validator_for(&schema)
                    .unwrap()
                    .iter_errors(&value)
                    .map(|error| error.to_string())
                    .collect();
                assert!(errors.is_empty(), "{schema}\n{value}\n{errors:?}");
            }
        }
    }
}

#[tokio::test]
async fn json_holds_what_its_keys_say() {
    let server = server().await;
    let format = json!({ "response_format": { "type": "json_object" } });
    let answer = chat(
        server.address(),
        &with(
            ask("practice-large", "How much does a late payment cost?"),
            format,
        ),
    )
    .await;
    let value: Value = serde_json::from_str(text(&answer)).unwrap();
    assert_eq!(value["citations"][0], "fees");
    assert!(
        value["answer"].as_str().unwrap().contains("12 EUR") && value["confidence"].as_f64().unwrap() > 0.5
    );

    let mut body = ask("practice-large", "How much may a parcel weigh?");
    body["messages"][0]["content"] = json!("Answer as JSON: {\"weight\": number, \"source\": id}");
    body = with(
        body,
        json!({ "response_format": { "type": "json_schema", "json_schema": { "name": "w", "schema": {
        "type": "object", "required": ["weight", "source"], "properties": { "weight": { "type": "number" }, "source": { "type": "string" } } } } } }),
    );
    let answer = chat(server.address(), &body).await;
    let value: Value = serde_json::from_str(text(&answer)).unwrap();
    assert_eq!(value, json!({ "weight": 20.0, "source": "parcels" }));
}

fn tools() -> Value {
    json!([
        { "type": "function", "function": { "name": "get_weather", "description": "Get the weather forecast for a city", "parameters": {
            "type": "object", "required": ["city"], "properties": {
                "city": { "type": "string" }, "days": { "type": "integer" }, "unit": { "enum": ["celsius", "fahrenheit"] } } } } },
        { "type": "function", "function": { "name": "order_status", "description": "Look up the status of an order", "parameters": {
            "type": "object", "required": ["order_id"], "properties": { "order_id": { "type": "string" } } } } }
    ])
}

#[tokio::test]
async fn a_question_for_a_tool_calls_it_and_its_result_is_the_answer() {
    let server = server().await;
    let asked = json!({ "role": "user", "content": "What will the weather be in New York in celsius for the next 3 days?" });
    let body = json!({ "model": "practice-large", "tools": tools(), "messages": [asked] });
    let answer = chat(server.address(), &body).await;
    let call = &answer["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(
        (&answer["choices"][0]["finish_reason"], &call["function"]["name"]),
        (&json!("tool_calls"), &json!("get_weather"))
    );
    let arguments: Value = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(
        arguments,
        json!({ "city": "New York", "days": 3, "unit": "celsius" })
    );

    let result = json!({ "role": "tool", "tool_call_id": call["id"], "content": "{\"temperature\": 21, \"weather\": \"rain\"}" });
    let body = json!({ "model": "practice-large", "tools": tools(), "messages": [asked, answer["choices"][0]["message"], result] });
    assert_eq!(
        text(&chat(server.address(), &body).await),
        "temperature 21, weather rain."
    );
}

#[tokio::test]
async fn tools_are_left_alone_where_the_passages_answer_or_the_choice_says_so() {
    let server = server().await;
    let from_passages = with(
        ask("practice-small", "How much does a late payment cost?"),
        json!({ "tools": tools() }),
    );
    assert!(text(&chat(server.address(), &from_passages).await).contains("12 EUR"));

    let order = json!({ "model": "practice-small", "tools": tools(), "messages": [{ "role": "user", "content": "What is the status of order A-1023?" }] });
    let name = |answer: &Value| answer["choices"][0]["message"]["tool_calls"][0]["function"]["name"].clone();
    let choose = |choice: Value| with(order.clone(), json!({ "tool_choice": choice }));
    assert_eq!(name(&chat(server.address(), &order).await), "order_status");
    assert_eq!(
        name(&chat(server.address(), &choose(json!("none"))).await),
        Value::Null
    );
    let named = json!({ "type": "function", "function": { "name": "get_weather" } });
    assert_eq!(name(&chat(server.address(), &choose(named)).await), "get_weather");
    let other = with(from_passages, json!({ "tool_choice": "required" }));
    assert!(name(&chat(server.address(), &other).await).is_string());
}

#[tokio::test]
async fn embeddings_are_near_where_texts_are_and_the_same_in_both_encodings() {
    let server = server().await;
    let body = json!({ "model": "practice-small", "input": ["What is the warranty on a parcel?", "The guarantee of a package", "Bake the bread"] });
    let (status, answer) = post(server.address(), "/v1/embeddings", &body).await;
    assert_eq!((status, &answer["usage"]["prompt_tokens"]), (200, &json!(20)));
    let vector = |at: usize| -> Vec<f64> {
        answer["data"][at]["embedding"]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value.as_f64().unwrap())
            .collect()
    };
    let dot =
        |one: &[f64], other: &[f64]| -> f64 { one.iter().zip(other).map(|(one, other)| one * other).sum() };
    let [one, near, far] = [0, 1, 2].map(vector);
    assert_eq!(one.len(), 256);
    assert!((dot(&one, &one) - 1.0).abs() < 1e-5 && dot(&one, &near) > dot(&one, &far) + 0.3);

    let (_, packed) = post(
        server.address(),
        "/v1/embeddings",
        &with(body, json!({ "encoding_format": "base64" })),
    )
    .await;
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(packed["data"][0]["embedding"].as_str().unwrap())
        .unwrap();
    let unpacked: Vec<f64> = bytes
        .chunks(4)
        .map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap())))
        .collect();
    assert!(
        one.iter()
            .zip(&unpacked)
            .all(|(one, other)| (one - other).abs() < 1e-6)
    );

    let (status, error) = post(
        server.address(),
        "/v1/embeddings",
        &json!({ "model": "practice-small", "input": [[1, 2]] }),
    )
    .await;
    assert!(
        status == 400
            && error["error"]["message"]
                .as_str()
                .unwrap()
                .contains("not token numbers")
    );
}

/// The same request gets the same answer at any temperature; another seed may get another, the more so the hotter it is.
#[tokio::test]
async fn temperature_varies_with_the_seed_and_only_with_it() {
    let server = server().await;
    let passages: String = (1..=8)
        .map(|at| format!("[p{at}] A late payment of kind {at} costs a fee of {at} EUR.\n\n"))
        .collect();
    let mut different = Vec::new();
    for temperature in [0.0, 0.3, 2.0] {
        let mut answers = std::collections::BTreeSet::new();
        for seed in 0..12 {
            let body = json!({ "model": "practice-large", "temperature": temperature, "seed": seed, "messages": [
                { "role": "system", "content": "Answer in one sentence." },
                { "role": "user", "content": format!("{passages}Question: What does a late payment cost?") } ] });
            let once = text(&chat(server.address(), &body).await).to_owned();
            assert_eq!(once, text(&chat(server.address(), &body).await));
            answers.insert(once);
        }
        different.push(answers.len());
    }
    assert!(different[2] > 1 && different.is_sorted(), "{different:?}");
}
