//! The stream parsers: any split of the bytes gives the same events, and no bytes make anything panic.
#![allow(clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
use provider::api::ndjson::NdjsonParser;
use provider::api::sse::{SseEvent, SseParser};
use provider::{ApiKind, Endpoint};
use support::{events, exchange};

fn sse(pieces: &[&[u8]]) -> Vec<SseEvent> {
    let mut parser = SseParser::new();
    let mut events = Vec::new();
    for piece in pieces {
        parser.push(piece, &mut events);
    }
    events.extend(parser.finish());
    events
}

fn data(stream: &str) -> Vec<String> {
    sse(&[stream.as_bytes()])
        .into_iter()
        .map(|event| event.data)
        .collect()
}

/// The examples of WHATWG HTML, section 9.2.6.
#[test]
fn reads_the_examples_of_the_standard() {
    assert_eq!(data("data: YHOO\ndata: +2\ndata: 10\n\n"), ["YHOO\n+2\n10"]);
    let events = sse(&[
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
    ]);
    assert_eq!(events[0].data, "first event");
    assert_eq!(events[0].id.as_deref(), Some("1"));
    assert_eq!(events[1].data, "second event");
    assert_eq!(events[1].id.as_deref(), Some(""));
    assert_eq!(events[2].data, " third event");
    assert_eq!(data("data\n\ndata\ndata\n\ndata:"), ["", "\n", ""]);
    assert_eq!(data("data:test\n\ndata: test\n\n"), ["test", "test"]);
}

#[test]
fn line_ends_may_be_mixed_and_a_mark_at_the_start_is_dropped() {
    assert_eq!(
        data("\u{feff}data: a\r\n\r\ndata: b\r\rdata: c\n\n"),
        ["a", "b", "c"]
    );
    let events = sse(&[b"event: ping\r", b"\ndata: x\r\n\r", b"\n"]);
    assert_eq!((events[0].event.as_str(), events[0].data.as_str()), ("ping", "x"));
}

/// Pieces of streams: fields, comments, every line end, characters of several bytes.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        "data: ?[a-zé:{}\" ]{0,8}",
        "event: [a-z]{0,4}",
        "id: ?[0-9]{0,2}",
        ": [a-z]{0,3}",
        "[a-z]{0,4}",
        Just(String::new()),
    ];
    let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r")];
    prop::collection::vec((line, end), 0..20).prop_map(|lines| {
        lines
            .into_iter()
            .flat_map(|(line, end)| [line.into_bytes(), end.as_bytes().to_vec()])
            .flatten()
            .collect()
    })
}

fn split(bytes: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for place in places {
        pieces.push(bytes[from..place].to_vec());
        from = place;
    }
    pieces.push(bytes[from..].to_vec());
    pieces
}

proptest! {
    #[test]
    fn any_split_gives_the_same_events(bytes in stream(), cuts in prop::collection::vec(any::<usize>(), 0..12)) {
        // Where a piece ends between the two bytes of a line end, the event ends a byte earlier; its content is the same.
        let content = |events: Vec<SseEvent>| -> Vec<_> {
            events.into_iter().map(|event| (event.event, event.data, event.id)).collect()
        };
        let pieces = split(&bytes, &cuts);
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(content(sse(&pieces)), content(sse(&[&bytes])));
    }

    #[test]
    fn events_end_in_order_and_inside_the_stream(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let events = sse(&[&bytes]);
        prop_assert!(events.windows(2).all(|pair| pair[0].end <= pair[1].end));
        prop_assert!(events.iter().all(|event| event.end <= bytes.len()));
    }

    #[test]
    fn any_split_gives_the_same_lines(bytes in stream(), cuts in prop::collection::vec(any::<usize>(), 0..12)) {
        let read = |pieces: &[Vec<u8>]| {
            let mut parser = NdjsonParser::new();
            let mut lines = Vec::new();
            for piece in pieces {
                parser.push(piece, &mut lines);
            }
            lines.extend(parser.finish());
            lines
        };
        prop_assert_eq!(read(&split(&bytes, &cuts)), read(&[bytes]));
    }

    #[test]
    fn no_bytes_make_a_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200), kind in 0..5_usize) {
        for content_type in ["application/json", "text/event-stream", "application/x-ndjson"] {
            let _ = Endpoint::new(ApiKind::ALL[kind], "http://127.0.0.1", None).answer(&exchange(content_type, &body));
        }
    }

    #[test]
    fn no_json_makes_a_reader_panic(values in prop::collection::vec(json(), 0..6)) {
        let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
        let data: Vec<&str> = texts.iter().map(String::as_str).collect();
        for api in ApiKind::ALL {
            let endpoint = Endpoint::new(api, "http://127.0.0.1", None);
            let _ = endpoint.answer(&exchange("text/event-stream", events(&data)));
            let _ = endpoint.answer(&exchange("application/x-ndjson", texts.join("\n")));
            for text in &texts {
                let exchange = exchange("application/json", text);
                let _ = endpoint.answer(&exchange);
                let _ = endpoint.embeddings_answer(&exchange, 1);
                let _ = endpoint.models_answer(&exchange);
            }
        }
    }
}

/// JSON that uses the names of the APIs at places where they do not belong.
fn json() -> impl Strategy<Value = serde_json::Value> {
    const NAMES: [&str; 32] = [
        "type",
        "choices",
        "delta",
        "message",
        "content",
        "tool_calls",
        "function",
        "arguments",
        "index",
        "usage",
        "output",
        "response",
        "item",
        "content_block",
        "candidates",
        "parts",
        "text",
        "functionCall",
        "logprobsResult",
        "chosenCandidates",
        "usageMetadata",
        "error",
        "done",
        "finish_reason",
        "finishReason",
        "logprobs",
        "input",
        "partial_json",
        "data",
        "embedding",
        "models",
        "groundingMetadata",
    ];
    const WORDS: [&str; 9] = [
        "message_start",
        "message_delta",
        "content_block_start",
        "content_block_delta",
        "message_stop",
        "response.completed",
        "response.output_item.done",
        "stop",
        "{",
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (0..3_u64).prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        prop::sample::select(&WORDS[..]).prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Into::into),
            prop::collection::vec((prop::sample::select(&NAMES[..]), inner), 0..5).prop_map(|fields| {
                serde_json::Value::Object(
                    fields
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}
