//! Tool calls.

use super::{answer, case, grader, marked, refused};
use harness::{
    Severity,
    grader::{Graded, ToolCall},
    suite::file::ResponseFile,
    target::map_answer,
    trial::Answer,
};
use serde_json::{Value, json};

fn called(calls: Value) -> Answer {
    Answer {
        tool_calls: Some(ToolCall::list(&calls)),
        ..answer("")
    }
}

#[test]
fn calls_are_compared_as_a_set_or_in_order() {
    let set = grader(json!({ "name": "g", "type": "tool_calls", "expected": "tools" }));
    let sequence =
        grader(json!({ "name": "g", "type": "tool_calls", "expected": "tools", "compare": "sequence" }));
    for (expected, calls, as_set, in_order) in [
        (
            json!(["search", "read"]),
            json!(["search", "read"]),
            (true, 1.0),
            (true, 1.0),
        ),
        (
            json!(["search", "read"]),
            json!(["read", "search"]),
            (true, 1.0),
            (false, 0.5),
        ),
        // Precision 2/3, recall 2/2.
        (
            json!(["search", "read"]),
            json!(["search", "read", "read"]),
            (false, 0.8),
            (false, 0.8),
        ),
        (
            json!("search; read"),
            json!(["search"]),
            (false, 0.667),
            (false, 0.667),
        ),
        (json!([]), json!([]), (true, 1.0), (true, 1.0)),
        (json!([]), json!(["search"]), (false, 0.0), (false, 0.0)),
        (json!(["search"]), json!([]), (false, 0.0), (false, 0.0)),
        (
            json!([{ "name": "search", "arguments": { "q": "x", "n": 1 } }]),
            json!([{ "name": "search", "arguments": { "n": 1.0, "q": "x", "page": 2 } }]),
            (true, 1.0),
            (true, 1.0),
        ),
        (
            json!([{ "name": "search", "arguments": { "q": "x" } }]),
            json!([{ "name": "search", "arguments": { "q": "y" } }]),
            (false, 0.0),
            (false, 0.0),
        ),
        // The call that asks for certain arguments must not lose them to the one that takes any.
        (
            json!(["search", { "name": "search", "arguments": { "q": "x" } }]),
            json!([
                { "name": "search", "arguments": { "q": "x" } },
                { "name": "search", "arguments": {} }
            ]),
            (true, 1.0),
            (false, 0.5),
        ),
    ] {
        let facts = case(json!({ "tools": expected }));
        let answer = called(calls.clone());
        assert_eq!(marked(&set, &facts, &answer), Some(as_set), "{expected} {calls}");
        assert_eq!(
            marked(&sequence, &facts, &answer),
            Some(in_order),
            "{expected} {calls}"
        );
    }
    assert_eq!(marked(&set, &case(json!({ "q": 1 })), &called(json!([]))), None);
    assert_eq!(marked(&set, &case(json!({ "tools": [] })), &answer("x")), None);
}

#[test]
fn arguments_are_held_against_their_schema() {
    let schema = json!({ "type": "object", "required": ["q"], "properties": { "q": { "type": "string" } } });
    let grader = grader(json!({ "name": "g", "type": "tool_calls", "schemas": { "search": schema } }));
    let any = case(json!({ "q": 1 }));
    for (calls, score, severity) in [
        (
            json!([{ "name": "search", "arguments": "{\"q\": \"x\"}" }]),
            1.0,
            None,
        ),
        (
            json!([{ "name": "search", "arguments": { "q": 1 } }]),
            0.0,
            Some(Severity::Moderate),
        ),
        (
            json!([{ "name": "search", "arguments": "{not json" }]),
            0.0,
            Some(Severity::Moderate),
        ),
        (
            json!([{ "name": "search", "arguments": { "q": "x" } }, { "name": "delete", "arguments": {} }]),
            0.5,
            Some(Severity::Severe),
        ),
    ] {
        let answer = called(calls.clone());
        let graded = Graded {
            case: &any,
            answer: &answer,
            latency_ms: 1.0,
            cost: None,
        };
        let (grade, _) = grader.grade(&graded).unwrap();
        assert_eq!(
            (grade.passed, grade.score, grade.severity),
            (severity.is_none(), score, severity),
            "{calls}"
        );
    }
    assert!(refused(json!({ "name": "g", "type": "tool_calls" })).contains("`expected`"));
}

/// The shapes of the APIs' documentation, through the response mapping.
#[test]
fn calls_are_read_in_the_shapes_of_the_apis() {
    let file = ResponseFile {
        answer: "/text".into(),
        tool_calls: Some("/calls".into()),
        ..ResponseFile::default()
    };
    let expected = [ToolCall {
        name: "get_weather".into(),
        arguments: json!({ "city": "Oslo" }),
    }];
    for calls in [
        json!([{ "id": "1", "type": "function",
            "function": { "name": "get_weather", "arguments": "{\"city\":\"Oslo\"}" } }]),
        json!([{ "type": "text", "text": "Let me look." },
            { "type": "tool_use", "id": "1", "name": "get_weather", "input": { "city": "Oslo" } }]),
        json!([{ "functionCall": { "name": "get_weather", "args": { "city": "Oslo" } } }]),
        json!({ "name": "get_weather", "arguments": { "city": "Oslo" } }),
    ] {
        let answer = map_answer(&file, &json!({ "text": "", "calls": calls })).unwrap();
        assert_eq!(answer.tool_calls.unwrap(), expected, "{calls}");
    }
    let none = map_answer(&file, &json!({ "text": "x" })).unwrap();
    assert_eq!(none.tool_calls, None);
}
