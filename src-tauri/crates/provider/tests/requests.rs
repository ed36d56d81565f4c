//! What each API is asked: one conversation with a picture, a schema and a call of a tool, in every dialect.
#![allow(clippy::unwrap_used)]

use provider::{ApiKind, CallFailureKind, Endpoint, Message, ModelRequest, Secret};
use serde_json::{Map, Value, json};

fn message(value: Value) -> Message {
    serde_json::from_value(value).unwrap()
}

/// The conversation after a tool has been called.
fn conversation() -> ModelRequest {
    ModelRequest {
        model: "m".into(),
        messages: vec![
            Message::text("system", "Be brief."),
            message(json!({"role": "user", "content": [
                {"type": "text", "text": "What is it?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}]})),
            message(json!({"role": "assistant", "content": null, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look", "arguments": "{\"x\": 1}"}},
                {"id": "c2", "type": "function", "function": {"name": "smell", "arguments": ""}}]})),
            message(json!({"role": "tool", "tool_call_id": "c1", "content": "a cat"})),
            message(json!({"role": "tool", "tool_call_id": "c2", "content": "{\"smell\": \"fish\"}"})),
        ],
        tools: vec![json!({"type": "function", "function": {
            "name": "look", "description": "Looks.", "parameters": {"type": "object"}}})],
        temperature: Some(0.5),
        max_tokens: Some(100),
        seed: Some(7),
        response_format: Some(
            json!({"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}),
        ),
        stream: true,
        extra: Map::new(),
    }
}

/// Address, headers and body of a request.
fn sent(api: ApiKind, request: &ModelRequest) -> (String, Vec<(String, String)>, Value) {
    let endpoint = Endpoint::new(api, api.default_base(), Some(Secret::new("k")));
    let request = endpoint.request(request).unwrap();
    assert_eq!(request.method, "POST");
    let body = serde_json::from_slice(&request.body.unwrap()).unwrap();
    (request.url, request.headers, body)
}

#[test]
fn openai_chat_is_passed_on_almost_as_it_is() {
    let request = conversation();
    let (url, headers, body) = sent(ApiKind::OpenAiChat, &request);
    assert_eq!(url, "https://api.openai.com/v1/chat/completions");
    assert!(headers.contains(&("authorization".into(), "Bearer k".into())));
    let mut expected = json!({"model": "m", "temperature": 0.5, "max_completion_tokens": 100, "seed": 7, "stream": true,
        "stream_options": {"include_usage": true}});
    for field in ["messages", "tools", "response_format"] {
        expected[field] = serde_json::to_value(&request).unwrap()[field].clone();
    }
    assert_eq!(body, expected);
    // Servers beside OpenAI know the older name of the limit.
    let local = Endpoint::new(ApiKind::OpenAiChat, "http://localhost:8000", None)
        .request(&request)
        .unwrap();
    assert_eq!(local.url, "http://localhost:8000/v1/chat/completions");
    assert!(
        String::from_utf8(local.body.unwrap())
            .unwrap()
            .contains(r#""max_tokens":100"#)
    );
}

#[test]
fn openai_responses_gets_items() {
    let (url, _, body) = sent(ApiKind::OpenAiResponses, &conversation());
    assert_eq!(url, "https://api.openai.com/v1/responses");
    assert_eq!(
        body,
        json!({
            "model": "m", "temperature": 0.5, "max_output_tokens": 100, "stream": true,
            "input": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [
                    {"type": "input_text", "text": "What is it?"},
                    {"type": "input_image", "image_url": "data:image/png;base64,QUJD"}]},
                {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{\"x\": 1}"},
                {"type": "function_call", "call_id": "c2", "name": "smell", "arguments": ""},
                {"type": "function_call_output", "call_id": "c1", "output": "a cat"},
                {"type": "function_call_output", "call_id": "c2", "output": "{\"smell\": \"fish\"}"}],
            "tools": [{"type": "function", "name": "look", "description": "Looks.", "parameters": {"type": "object"}}],
            "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}}
        })
    );
}

#[test]
fn anthropic_gets_turns_of_blocks() {
    let (url, headers, body) = sent(ApiKind::Anthropic, &conversation());
    assert_eq!(url, "https://api.anthropic.com/v1/messages");
    assert!(headers.contains(&("x-api-key".into(), "k".into())));
    assert!(headers.contains(&("anthropic-version".into(), "2023-06-01".into())));
    assert_eq!(
        body,
        json!({
            "model": "m", "temperature": 0.5, "max_tokens": 100, "stream": true,
            "system": [{"type": "text", "text": "Be brief."}],
            "messages": [
                {"role": "user", "content": [
                    {"type": "text", "text": "What is it?"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"}}]},
                {"role": "assistant", "content": [
                    {"type": "tool_use", "id": "c1", "name": "look", "input": {"x": 1}},
                    {"type": "tool_use", "id": "c2", "name": "smell", "input": {}}]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "c1", "content": "a cat"},
                    {"type": "tool_result", "tool_use_id": "c2", "content": "{\"smell\": \"fish\"}"}]}],
            "tools": [{"name": "look", "description": "Looks.", "input_schema": {"type": "object"}}],
            "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}
        })
    );
}

#[test]
fn gemini_gets_contents_of_parts() {
    let (url, headers, body) = sent(ApiKind::Gemini, &conversation());
    assert_eq!(
        url,
        "https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse"
    );
    assert!(headers.contains(&("x-goog-api-key".into(), "k".into())));
    assert_eq!(
        body,
        json!({
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "contents": [
                {"role": "user", "parts": [{"text": "What is it?"}, {"inlineData": {"mimeType": "image/png", "data": "QUJD"}}]},
                {"role": "model", "parts": [
                    {"functionCall": {"name": "look", "args": {"x": 1}}},
                    {"functionCall": {"name": "smell", "args": {}}}]},
                {"role": "user", "parts": [
                    {"functionResponse": {"name": "look", "response": {"result": "a cat"}}},
                    {"functionResponse": {"name": "smell", "response": {"smell": "fish"}}}]}],
            "tools": [{"functionDeclarations": [{"name": "look", "description": "Looks.", "parametersJsonSchema": {"type": "object"}}]}],
            "generationConfig": {"temperature": 0.5, "maxOutputTokens": 100, "seed": 7,
                "responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}}
        })
    );
}

#[test]
fn ollama_gets_options_and_pictures() {
    let request = conversation();
    let (url, _, body) = sent(ApiKind::Ollama, &request);
    assert_eq!(url, "http://localhost:11434/api/chat");
    assert_eq!(
        body,
        json!({
            "model": "m", "stream": true, "format": {"type": "object"}, "tools": request.tools,
            "options": {"temperature": 0.5, "num_predict": 100, "seed": 7},
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "What is it?", "images": ["QUJD"]},
                {"role": "assistant", "content": "", "tool_calls": [
                    {"function": {"name": "look", "arguments": {"x": 1}}},
                    {"function": {"name": "smell", "arguments": {}}}]},
                {"role": "tool", "content": "a cat"},
                {"role": "tool", "content": "{\"smell\": \"fish\"}"}]
        })
    );
}

#[test]
fn fields_of_the_dialect_are_laid_over_and_win() {
    let mut request = conversation();
    request.extra = json!({"generationConfig": {"temperature": 1, "topK": 3}, "safetySettings": []})
        .as_object()
        .unwrap()
        .clone();
    let (_, _, body) = sent(ApiKind::Gemini, &request);
    assert_eq!(body["generationConfig"]["temperature"], 1);
    assert_eq!(body["generationConfig"]["topK"], 3);
    assert_eq!(body["generationConfig"]["seed"], 7);
    assert_eq!(body["safetySettings"], json!([]));
}

#[test]
fn addresses_are_joined_and_bad_ones_refused() {
    let url = |api, base: &str| {
        Endpoint::new(api, base, None)
            .request(&conversation())
            .map(|request| request.url)
    };
    assert_eq!(
        url(ApiKind::Anthropic, "http://h/v1/").unwrap(),
        "http://h/v1/messages"
    );
    assert_eq!(
        url(ApiKind::Anthropic, "http://h/proxy").unwrap(),
        "http://h/proxy/v1/messages"
    );
    assert_eq!(
        url(ApiKind::OpenAiChat, "http://h/openai/v1").unwrap(),
        "http://h/openai/v1/chat/completions"
    );
    for bad in ["", "api.openai.com/v1", "ftp://h", "http://"] {
        let failure = url(ApiKind::OpenAiChat, bad).unwrap_err();
        assert_eq!(failure.kind, CallFailureKind::Request, "{bad}");
    }
    let nameless = Endpoint::new(ApiKind::Ollama, "http://h", None).request(&ModelRequest::default());
    assert!(nameless.unwrap_err().message.contains("names no model"));
}

#[test]
fn own_headers_take_the_place_of_usual_ones() {
    let mut endpoint = Endpoint::new(ApiKind::Anthropic, "http://h", Some(Secret::new("k")));
    endpoint.headers = vec![
        ("Anthropic-Version".into(), "2099-01-01".into()),
        ("x-team".into(), "a".into()),
    ];
    let headers = endpoint.request(&conversation()).unwrap().headers;
    let versions: Vec<_> = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("anthropic-version"))
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(versions, ["2099-01-01"]);
    assert!(headers.contains(&("x-team".into(), "a".into())));
}

#[test]
fn embeddings_are_asked_for_and_put_in_order() {
    let texts = ["a".to_owned(), "b".to_owned()];
    let asked = |api: ApiKind| {
        let endpoint = Endpoint::new(api, api.default_base(), None);
        let request = endpoint.embeddings_request("m", &texts).unwrap();
        (
            request.url,
            serde_json::from_slice::<Value>(&request.body.unwrap()).unwrap(),
        )
    };
    assert_eq!(
        asked(ApiKind::OpenAiChat).0,
        "https://api.openai.com/v1/embeddings"
    );
    assert_eq!(
        asked(ApiKind::Ollama).1,
        json!({"model": "m", "input": ["a", "b"]})
    );
    let (url, body) = asked(ApiKind::Gemini);
    assert!(url.ends_with("/models/m:batchEmbedContents"), "{url}");
    assert_eq!(body["requests"][1]["content"]["parts"][0]["text"], "b");
    let anthropic = Endpoint::new(ApiKind::Anthropic, "http://h", None).embeddings_request("m", &texts);
    assert!(anthropic.unwrap_err().message.contains("name another provider"));

    let answer = |body: &str, expected| {
        let exchange = provider::Exchange {
            request: provider::OutgoingRequest::default(),
            status: 200,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
            started_at: chrono::DateTime::UNIX_EPOCH,
            first_byte: std::time::Duration::ZERO,
            total: std::time::Duration::ZERO,
            chunks: Vec::new(),
        };
        Endpoint::new(ApiKind::OpenAiChat, "http://h", None).embeddings_answer(&exchange, expected)
    };
    let body = r#"{"model": "m-1", "data": [{"index": 1, "embedding": [3]}, {"index": 0, "embedding": [1, 2.5]}], "usage": {"prompt_tokens": 5}}"#;
    let embeddings = answer(body, 2).unwrap();
    assert_eq!(embeddings.vectors, [vec![1.0, 2.5], vec![3.0]]);
    assert_eq!(embeddings.usage.unwrap().input, 5);
    assert!(
        answer(body, 3)
            .unwrap_err()
            .message
            .contains("2 embeddings for 3 texts")
    );
}
