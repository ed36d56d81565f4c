//! What each API's answer says: text, calls, and above all usage, whole and streamed.
#![allow(clippy::unwrap_used)]

mod support;

use provider::{ApiKind, CallFailureKind, Endpoint, ModelAnswer, Usage};
use support::{events, exchange};

fn read(api: ApiKind, content_type: &str, body: impl AsRef<[u8]>) -> ModelAnswer {
    Endpoint::new(api, "http://127.0.0.1", None)
        .answer(&exchange(content_type, body))
        .unwrap()
}

fn whole(api: ApiKind, body: &str) -> ModelAnswer {
    read(api, "application/json", body)
}

fn streamed(api: ApiKind, data: &[&str]) -> ModelAnswer {
    read(api, "text/event-stream; charset=utf-8", events(data))
}

/// Usage fields: openai-python `types/completion_usage.py`.
#[test]
fn openai_chat_counts_cached_and_reasoning_tokens_inside_the_sums() {
    let expected = Usage {
        input: 1000,
        cache_read: 600,
        cache_write_5m: 100,
        output: 50,
        reasoning: 30,
        ..Usage::default()
    };
    let usage = r#""usage": {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050,
        "prompt_tokens_details": {"cached_tokens": 600, "cache_write_tokens": 100, "audio_tokens": null},
        "completion_tokens_details": {"reasoning_tokens": 30, "rejected_prediction_tokens": 5}}"#;
    let answer = whole(
        ApiKind::OpenAiChat,
        &format!(
            r#"{{"model": "gpt-5-2025-08-07", "service_tier": "flex", "system_fingerprint": "fp", {usage},
            "choices": [{{"message": {{"role": "assistant", "content": "Hi"}}, "finish_reason": "stop",
            "logprobs": {{"content": [{{"token": "Hi", "logprob": -0.25}}]}}}}]}}"#
        ),
    );
    assert_eq!(answer.usage, Some(expected));
    assert_eq!(answer.usage.unwrap().tokens().input, 1000);
    assert_eq!(answer.text, "Hi");
    assert_eq!(answer.service_tier.as_deref(), Some("flex"));
    assert_eq!(answer.fingerprint.as_deref(), Some("fp"));
    assert_eq!(answer.logprobs, Some(vec![-0.25]));
    assert_eq!(answer.time_to_first_token, None);

    // The usage of a stream comes in a last chunk whose choices are empty.
    let last = format!(r#"{{"choices": [], {}}}"#, usage.replace('\n', " "));
    let answer = streamed(
        ApiKind::OpenAiChat,
        &[
            r#"{"model": "gpt-5-2025-08-07", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}], "usage": null}"#,
            r#"{"choices": [{"index": 0, "delta": {"content": "H"}}]}"#,
            r#"{"choices": [{"index": 0, "delta": {"content": "i"}, "finish_reason": "stop"}]}"#,
            &last,
            "[DONE]",
        ],
    );
    assert_eq!(answer.usage, Some(expected));
    assert_eq!(
        (answer.text.as_str(), answer.finish_reason.as_deref()),
        ("Hi", Some("stop"))
    );
    assert_eq!(answer.model.as_deref(), Some("gpt-5-2025-08-07"));
    assert!(answer.time_to_first_token.is_some());
}

#[test]
fn a_whole_answer_is_read_though_it_is_labelled_as_a_stream() {
    let body = r#"{"error": {}, "choices": [{"message": {"content": "x"}}]}"#;
    assert_eq!(read(ApiKind::OpenAiChat, "text/event-stream", body).text, "x");
}

#[test]
fn a_missing_usage_stays_missing() {
    let bodies = [
        (
            ApiKind::OpenAiChat,
            r#"{"choices": [{"message": {"content": "x"}}]}"#,
        ),
        (
            ApiKind::OpenAiChat,
            r#"{"choices": [{"message": {"content": "x"}}], "usage": {"total_tokens": 9, "prompt_tokens": 4}}"#,
        ),
        (ApiKind::OpenAiResponses, r#"{"output": []}"#),
        (ApiKind::Anthropic, r#"{"content": []}"#),
        (
            ApiKind::Gemini,
            r#"{"candidates": [{"content": {"parts": [{"text": "x"}]}}]}"#,
        ),
        (
            ApiKind::Gemini,
            r#"{"candidates": [{}], "usageMetadata": {"promptTokenCount": 4, "totalTokenCount": 9}}"#,
        ),
        (ApiKind::Ollama, r#"{"message": {"content": "x"}, "done": true}"#),
    ];
    for (api, body) in bodies {
        assert_eq!(whole(api, body).usage, None, "{body}");
    }
}

#[test]
fn openai_chat_joins_the_pieces_of_two_tool_calls() {
    let answer = streamed(
        ApiKind::OpenAiChat,
        &[
            r#"{"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "add", "arguments": ""}}]}}]}"#,
            r#"{"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": "{\"x\":"}}]}}]}"#,
            r#"{"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 1, "id": "b", "function": {"name": "sub", "arguments": "{}"}}]}}]}"#,
            r#"{"choices": [{"index": 0, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": "1}"}}]}}]}"#,
            r#"{"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}"#,
            "[DONE]",
        ],
    );
    let calls: Vec<_> = answer
        .tool_calls
        .iter()
        .map(|call| (call.id.as_str(), call.name.as_str(), call.arguments.as_str()))
        .collect();
    assert_eq!(calls, [("a", "add", r#"{"x":1}"#), ("b", "sub", "{}")]);
    assert!(answer.time_to_first_token.is_some());
}

/// Usage fields: openai-python `types/responses/response_usage.py`.
#[test]
fn openai_responses_counts_details_and_searches() {
    let response = r#"{"id": "r", "status": "completed", "model": "gpt-5", "service_tier": "default", "error": null, "output": [
        {"type": "reasoning", "summary": []},
        {"type": "web_search_call", "action": {"type": "search", "query": "q"}},
        {"type": "web_search_call", "action": {"type": "open_page"}},
        {"type": "message", "content": [{"type": "output_text", "text": "Hi"}]},
        {"type": "function_call", "call_id": "c", "name": "add", "arguments": "{}"}],
        "usage": {"input_tokens": 70, "input_tokens_details": {"cached_tokens": 64},
        "output_tokens": 20, "output_tokens_details": {"reasoning_tokens": 12}, "total_tokens": 90}}"#
        .replace('\n', " ");
    let expected = Usage {
        input: 70,
        cache_read: 64,
        output: 20,
        reasoning: 12,
        web_searches: 1,
        ..Usage::default()
    };
    let answer = whole(ApiKind::OpenAiResponses, &response);
    assert_eq!(answer.usage, Some(expected));
    assert_eq!((answer.text.as_str(), answer.tool_calls.len()), ("Hi", 1));
    let completed = format!(r#"{{"type": "response.completed", "response": {response}}}"#);
    let answer = streamed(
        ApiKind::OpenAiResponses,
        &[
            r#"{"type": "response.created", "response": {"status": "in_progress", "error": null}}"#,
            r#"{"type": "response.output_text.delta", "delta": "H"}"#,
            r#"{"type": "response.output_text.delta", "delta": "i"}"#,
            &completed,
        ],
    );
    assert_eq!(answer.usage, Some(expected));
    assert_eq!(answer.text, "Hi");
    assert!(answer.time_to_first_token.is_some());
}

/// `input_tokens` leaves both cache buckets out; docs of the Messages API, "Prompt caching".
#[test]
fn anthropic_sums_the_cache_buckets_into_the_input() {
    let usage = r#"{"input_tokens": 10, "cache_read_input_tokens": 200, "cache_creation_input_tokens": 70,
        "cache_creation": {"ephemeral_5m_input_tokens": 50, "ephemeral_1h_input_tokens": 20},
        "output_tokens": 9, "output_tokens_details": {"thinking_tokens": 4}, "service_tier": "standard", "server_tool_use": {"web_search_requests": 2}}"#
        .replace('\n', " ");
    let expected = Usage {
        input: 280,
        cache_read: 200,
        cache_write_5m: 50,
        cache_write_1h: 20,
        output: 9,
        reasoning: 4,
        web_searches: 2,
        ..Usage::default()
    };
    let answer = whole(
        ApiKind::Anthropic,
        &format!(
            r#"{{"model": "claude-sonnet-5", "stop_reason": "tool_use", "usage": {usage}, "content": [
            {{"type": "thinking", "thinking": "hm"}}, {{"type": "text", "text": "Hi"}},
            {{"type": "tool_use", "id": "t", "name": "add", "input": {{"x": 1}}}}]}}"#
        ),
    );
    assert_eq!(answer.usage, Some(expected));
    assert_eq!(answer.text, "Hi");
    assert_eq!(answer.tool_calls[0].arguments, r#"{"x":1}"#);
    assert_eq!(answer.service_tier.as_deref(), Some("standard"));
}

#[test]
fn anthropic_counts_that_contradict_each_other_are_not_believed() {
    let answer = whole(
        ApiKind::Anthropic,
        r#"{"content": [], "usage": {"input_tokens": 1, "output_tokens": 1, "cache_creation_input_tokens": 9,
        "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 5}}}"#,
    );
    assert_eq!(answer.usage, None);
}

/// `message_delta` is cumulative: "The token counts shown in the usage field of the message_delta event are cumulative".
#[test]
fn anthropic_stream_replaces_counts_and_never_adds_them() {
    let answer = streamed(
        ApiKind::Anthropic,
        &[
            r#"{"type": "message_start", "message": {"model": "claude-sonnet-5", "content": [], "stop_reason": null, "usage": {"input_tokens": 25, "cache_read_input_tokens": 100, "output_tokens": 1}}}"#,
            r#"{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}"#,
            r#"{"type": "ping"}"#,
            r#"{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}}"#,
            r#"{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}}"#,
            r#"{"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "t", "name": "add", "input": {}}}"#,
            r#"{"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{\"x\":"}}"#,
            r#"{"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": " 1}"}}"#,
            r#"{"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"input_tokens": 25, "cache_read_input_tokens": 100, "output_tokens": 15}}"#,
            r#"{"type": "message_stop"}"#,
        ],
    );
    assert_eq!(
        answer.usage,
        Some(Usage {
            input: 125,
            cache_read: 100,
            output: 15,
            ..Usage::default()
        })
    );
    assert_eq!(answer.text, "Hello");
    assert_eq!(answer.tool_calls[0].arguments, r#"{"x":1}"#);
    assert_eq!(answer.finish_reason.as_deref(), Some("tool_use"));
}

/// `candidatesTokenCount` leaves thoughts out (req_llm#655); `toolUsePromptTokenCount` stands beside the prompt.
#[test]
fn gemini_adds_thoughts_to_the_output_and_tool_prompts_to_the_input() {
    let usage = r#"{"promptTokenCount": 100, "cachedContentTokenCount": 40, "toolUsePromptTokenCount": 7,
        "candidatesTokenCount": 20, "thoughtsTokenCount": 30, "totalTokenCount": 157,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 90}, {"modality": "AUDIO", "tokenCount": 10}]}"#
        .replace('\n', " ");
    let expected = Usage {
        input: 107,
        cache_read: 40,
        audio_input: 10,
        output: 50,
        reasoning: 30,
        web_searches: 2,
        ..Usage::default()
    };
    let answer = whole(
        ApiKind::Gemini,
        &format!(
            r#"{{"modelVersion": "gemini-2.5-pro", "usageMetadata": {usage}, "candidates": [{{"finishReason": "STOP",
            "groundingMetadata": {{"webSearchQueries": ["a", "b"]}},
            "content": {{"parts": [{{"text": "hm", "thought": true}}, {{"text": "Hi"}},
            {{"functionCall": {{"name": "add", "args": {{"x": 1}}}}}}]}}}}]}}"#
        ),
    );
    assert_eq!(answer.usage, Some(expected));
    assert_eq!(answer.text, "Hi");
    assert_eq!(answer.tool_calls[0].name, "add");

    let last = format!(
        r#"{{"candidates": [{{"content": {{"parts": [{{"text": "i"}}]}}, "finishReason": "STOP", "groundingMetadata": {{"webSearchQueries": ["a", "b"]}}}}], "usageMetadata": {usage}, "modelVersion": "gemini-2.5-pro"}}"#
    );
    let answer = streamed(
        ApiKind::Gemini,
        &[
            r#"{"candidates": [{"content": {"parts": [{"text": "hm", "thought": true}]}}], "usageMetadata": {"promptTokenCount": 100, "totalTokenCount": 100}}"#,
            r#"{"candidates": [{"content": {"parts": [{"text": "H"}]}}], "usageMetadata": {"promptTokenCount": 100, "candidatesTokenCount": 3}}"#,
            &last,
        ],
    );
    assert_eq!(answer.usage, Some(expected));
    assert_eq!(answer.text, "Hi");
    assert_eq!(answer.model.as_deref(), Some("gemini-2.5-pro"));
}

/// docs.ollama.com/api/usage: the counts stand in the final chunk only.
#[test]
fn ollama_reads_counts_from_the_last_line() {
    let last = r#"{"model": "llama3", "message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop", "total_duration": 5000000, "prompt_eval_count": 26, "eval_count": 298}"#;
    let stream = [
        r#"{"model": "llama3", "message": {"role": "assistant", "content": "H"}, "done": false}"#,
        r#"{"model": "llama3", "message": {"role": "assistant", "content": "i"}, "done": false}"#,
        last,
    ]
    .join("\n");
    let expected = Usage {
        input: 26,
        output: 298,
        ..Usage::default()
    };
    let answer = read(ApiKind::Ollama, "application/x-ndjson", stream);
    assert_eq!((answer.text.as_str(), answer.usage), ("Hi", Some(expected)));
    assert!(answer.time_to_first_token.is_some());
    let answer = whole(
        ApiKind::Ollama,
        &last.replace(r#""content": """#, r#""content": "Hi""#),
    );
    assert_eq!((answer.text.as_str(), answer.usage), ("Hi", Some(expected)));
}

/// Every beginning of a stream that lacks its end is a failure of its own, and none is a short answer.
#[test]
fn a_cut_stream_is_interrupted_wherever_it_is_cut() {
    let streams = [
        (
            ApiKind::OpenAiChat,
            events(&[
                r#"{"choices": [{"index": 0, "delta": {"content": "Hello"}}]}"#,
                r#"{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}"#,
            ]),
        ),
        (
            ApiKind::Anthropic,
            events(&[
                r#"{"type": "message_start", "message": {"content": [], "usage": {"input_tokens": 1, "output_tokens": 1}}}"#,
                r#"{"type": "message_stop"}"#,
            ]),
        ),
        (
            ApiKind::Gemini,
            events(&[
                r#"{"candidates": [{"content": {"parts": [{"text": "a"}]}}]}"#,
                r#"{"candidates": [{"finishReason": "STOP"}]}"#,
            ]),
        ),
    ];
    for (api, stream) in streams {
        let endpoint = Endpoint::new(api, "http://127.0.0.1", None);
        let last = stream.trim_end().len();
        for cut in "data: {".len()..last {
            let failure = endpoint
                .answer(&exchange("text/event-stream", &stream[..cut]))
                .unwrap_err();
            assert_eq!(failure.kind, CallFailureKind::Interrupted, "{api:?} cut at {cut}");
        }
        assert!(endpoint.answer(&exchange("text/event-stream", &stream)).is_ok());
        assert!(
            endpoint
                .answer(&exchange("text/event-stream", &stream[..last]))
                .is_ok()
        );
    }
}

#[test]
fn an_error_in_the_middle_of_a_stream_is_the_providers() {
    let cases = [
        (
            ApiKind::Anthropic,
            r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#,
            CallFailureKind::ServerError,
        ),
        (
            ApiKind::OpenAiChat,
            r#"{"error": {"type": "rate_limit_exceeded", "message": "Slow down"}}"#,
            CallFailureKind::RateLimited,
        ),
        (
            ApiKind::OpenAiResponses,
            r#"{"type": "response.failed", "response": {"status": "failed", "error": {"code": "server_error", "message": "Oh"}}}"#,
            CallFailureKind::ServerError,
        ),
    ];
    for (api, event, kind) in cases {
        let failure = Endpoint::new(api, "http://127.0.0.1", None)
            .answer(&exchange("text/event-stream", events(&[event])))
            .unwrap_err();
        assert_eq!(failure.kind, kind, "{event}");
        assert!(failure.message.contains("broke off with an error"), "{failure}");
    }
}
