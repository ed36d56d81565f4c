//! The parsers of streamed answers, and the dialects that read what they give.

use crate::fuzz;
use provider::api::{ndjson::NdjsonParser, sse::SseParser};
use provider::{ApiKind, Endpoint, Exchange, OutgoingRequest};
use std::time::Duration;

const TOKENS: &[&str] = &[
    "\n\n",
    "\r\n",
    "\r",
    "data: ",
    "data:",
    "event: ",
    "id: ",
    "retry: 1\n",
    ":",
    "[DONE]",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "null",
    "\\u0000",
    "\\ud800",
    "1e999",
    "-1",
    "18446744073709551616",
    "\u{feff}",
    "é",
    "\"index\":-1",
    "\"choices\":[]",
    "\"usage\":{}",
    "\"delta\":{}",
    "\"content\":7",
    "\"tool_calls\":[{}]",
    "\"type\":\"error\"",
    "\"done\":true",
];

const CHAT: &str = "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hé\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
const RESPONSES: &str = "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"output_index\":0,\"content_index\":0,\"delta\":\"Hi\"}\n\nevent: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"model\":\"m\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\"}]}],\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}}\n\n";
const ANTHROPIC: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":5}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
const GEMINI: &str = "data: {\"candidates\":[{\"index\":0,\"content\":{\"parts\":[{\"text\":\"Hi\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":3,\"candidatesTokenCount\":2},\"modelVersion\":\"m\"}\r\n\r\n";
const OLLAMA: &str = "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"done\":false}\n{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":3,\"eval_count\":2}\n";

fn answered(kind: &str, body: &[u8]) -> Exchange {
    Exchange {
        request: OutgoingRequest {
            method: "POST".into(),
            url: "http://127.0.0.1/v1/chat/completions".into(),
            headers: Vec::new(),
            body: Some(b"{\"stream\":true}".to_vec()),
        },
        status: 200,
        headers: vec![("content-type".into(), kind.into())],
        body: body.to_vec(),
        started_at: chrono::Utc::now(),
        first_byte: Duration::from_millis(1),
        total: Duration::from_millis(2),
        chunks: vec![(Duration::from_millis(2), body.len())],
    }
}

/// Every dialect reads a broken answer: an answer, or a failure in words.
fn dialects(kind: &str, bytes: &[u8]) -> Result<(), String> {
    for api in ApiKind::ALL {
        let answer = Endpoint::new(api, "http://127.0.0.1/v1", None).answer(&answered(kind, bytes));
        if let Err(failure) = answer
            && failure.message.trim().is_empty()
        {
            return Err(format!("{api:?} fails without a word"));
        }
    }
    Ok(())
}

/// Server-sent events, in pieces as they may come, say what they say in one piece.
#[test]
fn whatever_a_stream_of_events_holds_it_is_read_or_refused() {
    fuzz(&[CHAT, RESPONSES, ANTHROPIC, GEMINI], TOKENS, |bytes| {
        let read = |size: usize| {
            let (mut parser, mut events) = (SseParser::new(), Vec::new());
            for piece in bytes.chunks(size) {
                parser.push(piece, &mut events);
            }
            events.extend(parser.finish());
            events
                .into_iter()
                .map(|event| (event.event, event.data))
                .collect::<Vec<_>>()
        };
        let whole = read(bytes.len().max(1));
        for size in [1, 2, 7] {
            if read(size) != whole {
                return Err(format!("in pieces of {size} it says something else"));
            }
        }
        dialects("text/event-stream", bytes)
    });
}

/// The same for lines of JSON.
#[test]
fn whatever_lines_of_json_hold_they_are_read_or_refused() {
    fuzz(&[OLLAMA], TOKENS, |bytes| {
        let read = |size: usize| {
            let (mut parser, mut lines) = (NdjsonParser::new(), Vec::new());
            for piece in bytes.chunks(size) {
                parser.push(piece, &mut lines);
            }
            lines.extend(parser.finish());
            lines.len()
        };
        let whole = read(bytes.len().max(1));
        for size in [1, 2, 7] {
            if read(size) != whole {
                return Err(format!("in pieces of {size} it says something else"));
            }
        }
        dialects("application/x-ndjson", bytes)
    });
}
