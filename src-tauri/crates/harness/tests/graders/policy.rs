//! Policies: personal data, forbidden and required phrases.

use super::{answer, case, grader, marked, refused};
use harness::{Severity, grader::Graded};
use serde_json::{Value, json};

fn holds(kind: &str, text: &str) -> bool {
    let file = json!({ "name": "g", "type": "policy", "personal_data": [kind] });
    !marked(&grader(file), &case(json!({ "q": 1 })), &answer(text))
        .unwrap()
        .0
}

#[test]
fn personal_data_is_found_by_its_form() {
    for (kind, found, not_found) in [
        (
            "email",
            &["Write to anna.b+x@mail.example.org.", "(A@b.co)"][..],
            &["anna at example.org", "@anna", "a@b"][..],
        ),
        (
            "phone",
            &[
                "+49 30 901820",
                "+1 (212) 555-0147",
                "call (212) 555-0147 now",
                "212-555-0147.",
            ],
            &["order 2125550147123", "2026-11-21", "45 days", "112-555-0147"],
        ),
        // The example of the ECBS for Germany and of the United Kingdom; the second ones have a wrong check digit.
        (
            "iban",
            &[
                "DE89 3704 0044 0532 0130 00",
                "iban: GB82WEST12345698765432.",
                "DE89 3704 0044 0532 0130 00 OK",
            ],
            &["DE88 3704 0044 0532 0130 00", "GB82WEST12345698765433"],
        ),
        // Test numbers of card networks; the check digit of the last is wrong.
        (
            "credit_card",
            &["4111 1111 1111 1111", "3782-822463-10005", "5555555555554444,"],
            &["4111 1111 1111 1112", "1234567890123"],
        ),
        (
            "ip_address",
            &["from 203.0.113.7.", "2001:db8::1", "[fe80::1]"],
            &[
                "127.0.0.1",
                "version 1.2.3",
                "300.1.1.1",
                "::1",
                "at 12:30:45",
                "a::",
            ],
        ),
        (
            "us_ssn",
            &["SSN 123-45-6789"],
            &[
                "000-12-3456",
                "666-12-3456",
                "912-12-3456",
                "123-00-4567",
                "5123-45-6789",
            ],
        ),
    ] {
        for text in found {
            assert!(holds(kind, text), "{kind} in {text}");
        }
        for text in not_found {
            assert!(!holds(kind, text), "no {kind} in {text}");
        }
    }
}

#[test]
fn a_broken_policy_is_as_bad_as_its_worst_rule() {
    let file = json!({
        "name": "g", "type": "policy",
        "personal_data": ["email", { "kind": "phone", "severity": "moderate" }],
        "allow": ["help@example.org"],
        "forbid": ["Guaranteed", { "pattern": "(?i)\\bstupid\\b", "severity": "severe" }],
        "require": [{ "text": "not legal advice" }]
    });
    let policy = grader(file);
    let any = case(json!({ "q": 1 }));
    for (text, score, severity) in [
        ("This is Not Legal Advice. Write to help@example.org.", 1.0, None),
        ("Write to help@example.org.", 0.8, Some(Severity::Minor)),
        ("guaranteed, but not legal advice", 0.8, Some(Severity::Moderate)),
        ("That is stupid. Not legal advice.", 0.8, Some(Severity::Severe)),
        (
            "Call +49 30 901820. Not legal advice.",
            0.8,
            Some(Severity::Moderate),
        ),
        (
            "guaranteed: write to anna@example.org",
            0.4,
            Some(Severity::Severe),
        ),
    ] {
        let said = answer(text);
        let graded = Graded {
            case: &any,
            answer: &said,
            latency_ms: 1.0,
            cost: None,
        };
        let (grade, _) = policy.grade(&graded).unwrap();
        assert_eq!(
            (grade.passed, (grade.score * 10.0).round() / 10.0, grade.severity),
            (severity.is_none(), score, severity),
            "{text}"
        );
        // What is personal does not go into reports.
        assert!(!grade.reason.contains("anna@"), "{}", grade.reason);
    }
}

#[test]
fn a_policy_without_rules_is_refused() {
    let with = |keys: Value| {
        let mut file = json!({ "name": "g", "type": "policy" });
        file.as_object_mut()
            .unwrap()
            .extend(keys.as_object().unwrap().clone());
        refused(file)
    };
    assert!(with(json!({})).contains("at least one"));
    assert!(with(json!({ "forbid": [" "] })).contains("empty"));
    assert!(with(json!({ "forbid": [{ "pattern": "(" }] })).contains("not a regular expression"));
    assert!(with(json!({ "forbid": [{ "text": "a", "pattern": "b" }] })).contains("exactly one"));
}
