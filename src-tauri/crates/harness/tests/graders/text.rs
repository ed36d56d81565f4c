//! The answer against a text, a pattern or a schema.

use super::{answer, case, grader, marked};
use serde_json::json;

#[test]
fn contains_finds_texts() {
    let facts = case(json!({ "one": "45 days", "two": ["Berlin", "Paris"], "none": null, "number": 7 }));
    for (file, text, expected) in [
        (json!({ "expected": "one" }), "Within 45 days.", Some((true, 1.0))),
        (
            json!({ "expected": "one" }),
            "Within 45 Days.",
            Some((false, 0.0)),
        ),
        (
            json!({ "expected": "one", "ignore_case": true }),
            "Within 45 DAYS.",
            Some((true, 1.0)),
        ),
        (json!({ "expected": "two" }), "Berlin", Some((false, 0.5))),
        (
            json!({ "expected": "two", "any": true }),
            "Berlin",
            Some((true, 1.0)),
        ),
        (
            json!({ "expected": "two", "any": true }),
            "Rome",
            Some((false, 0.0)),
        ),
        (json!({ "expected": "number" }), "7 of them", Some((true, 1.0))),
        (json!({ "expected": "none" }), "anything", None),
        (json!({ "expected": "absent" }), "anything", None),
        (json!({ "value": "sorry" }), "so sorry", Some((true, 1.0))),
    ] {
        let mut whole = json!({ "name": "g", "type": "contains" });
        whole
            .as_object_mut()
            .unwrap()
            .extend(file.as_object().unwrap().clone());
        assert_eq!(
            marked(&grader(whole.clone()), &facts, &answer(text)),
            expected,
            "{whole} on {text}"
        );
    }
}

#[test]
fn regex_matches_and_says_where_a_case_is_wrong() {
    let pattern = grader(json!({ "name": "g", "type": "regex", "pattern": "(?i)order #\\d{4}" }));
    assert_eq!(
        marked(&pattern, &case(json!({ "q": "x" })), &answer("your ORDER #1234")),
        Some((true, 1.0))
    );
    assert_eq!(
        marked(&pattern, &case(json!({ "q": "x" })), &answer("order #12")),
        Some((false, 0.0))
    );
    let field = grader(json!({ "name": "g", "type": "regex", "expected": "p" }));
    assert_eq!(
        marked(&field, &case(json!({ "p": "^a+$" })), &answer("aaa")),
        Some((true, 1.0))
    );
    assert_eq!(
        marked(&field, &case(json!({ "p": "(" })), &answer("aaa")),
        Some((false, 0.0))
    );
    assert_eq!(marked(&field, &case(json!({ "q": "x" })), &answer("aaa")), None);
}

#[test]
fn json_schema_validates_the_answer() {
    let schema =
        json!({ "type": "object", "required": ["total"], "properties": { "total": { "type": "number" } } });
    let schema = grader(json!({ "name": "g", "type": "json_schema", "schema": schema }));
    let any = case(json!({ "q": "x" }));
    for (text, passed) in [
        ("{\"total\": 3}", true),
        ("{\"total\": \"3\"}", false),
        ("{}", false),
        ("total: 3", false),
    ] {
        assert_eq!(marked(&schema, &any, &answer(text)).unwrap().0, passed, "{text}");
    }
}
