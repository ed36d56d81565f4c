//! Graders through the public door: what each says of an answer.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "graders/documented.rs"]
mod documented;
#[path = "graders/embeddings.rs"]
mod embeddings;
#[path = "graders/every_input.rs"]
mod every_input;
#[path = "graders/models.rs"]
mod models;
#[path = "graders/numbers.rs"]
mod numbers;
#[path = "graders/policy.rs"]
mod policy;
#[path = "graders/ranking.rs"]
mod ranking;
#[path = "graders/scripts.rs"]
mod scripts;
#[path = "graders/similarity.rs"]
mod similarity;
#[path = "graders/text.rs"]
mod text;
#[path = "graders/tools.rs"]
mod tools;
#[path = "graders/verdict.rs"]
mod verdict;

use evidence::PicoUsd;
use harness::{
    Case, Severity,
    grader::{Graded, Grader},
    trial::{Answer, Passage},
};
use serde_json::{Value, json};
use std::path::Path;

fn grader(file: Value) -> Grader {
    let file = serde_json::from_value(file).unwrap();
    Grader::build(file, Path::new(".")).unwrap()
}

/// What is wrong with an entry of the suite.
fn refused(file: Value) -> String {
    let file = match serde_json::from_value(file) {
        Ok(file) => file,
        Err(error) => return error.to_string(),
    };
    Grader::build(file, Path::new(".")).unwrap_err()
}

fn case(fields: Value) -> Case {
    let Value::Object(fields) = fields else {
        panic!("an object")
    };
    Case {
        index: 0,
        id: "c".into(),
        category: "g".into(),
        fields,
    }
}

fn answer(text: &str) -> Answer {
    Answer {
        text: text.into(),
        ..Answer::default()
    }
}

fn retrieved(text: &str, ids: &[&str], citations: &[&str]) -> Answer {
    let passage = |id: &&str| Passage {
        id: (*id).to_owned(),
        text: Some(format!("text of {id}")),
    };
    Answer {
        text: text.into(),
        passages: Some(ids.iter().map(passage).collect()),
        citations: Some(citations.iter().map(|id| (*id).to_owned()).collect()),
        ..Answer::default()
    }
}

/// `(passed, score)`; none where the grader does not apply.
fn marked(grader: &Grader, case: &Case, answer: &Answer) -> Option<(bool, f64)> {
    let graded = Graded {
        case,
        answer,
        latency_ms: 500.0,
        cost: Some(PicoUsd::from_pico(2_000_000_000)),
    };
    let (grade, failure) = grader.grade(&graded)?;
    assert_eq!(
        failure.is_some(),
        !grade.passed,
        "a failure is named exactly where there is one"
    );
    assert!(!grade.reason.is_empty());
    Some((grade.passed, (grade.score * 1000.0).round() / 1000.0))
}

/// R70: citations that are missing or invented fail by severity; a refusal needs none.
#[test]
fn citations_fail_by_severity() {
    let citations = grader(json!({ "name": "g", "type": "citations" }));
    let any = case(json!({ "q": "x" }));
    for (answer, expected, severity) in [
        (retrieved("x", &["a", "b"], &["a"]), Some((true, 1.0)), None),
        (
            retrieved("x", &["a"], &[]),
            Some((false, 0.0)),
            Some(Severity::Severe),
        ),
        (
            retrieved("x", &["a"], &["z"]),
            Some((false, 0.0)),
            Some(Severity::Severe),
        ),
        (
            retrieved("x", &["a"], &["a", "z"]),
            Some((false, 0.5)),
            Some(Severity::Moderate),
        ),
        (retrieved("I cannot answer that.", &["a"], &[]), None, None),
        (self::answer("x"), None, None),
    ] {
        assert_eq!(marked(&citations, &any, &answer), expected, "{answer:?}");
        let graded = Graded {
            case: &any,
            answer: &answer,
            latency_ms: 1.0,
            cost: None,
        };
        assert_eq!(
            citations.grade(&graded).and_then(|(grade, _)| grade.severity),
            severity,
            "{answer:?}"
        );
    }
}

/// R70: an invented number, id or name is severe, a sentence without support is moderate, one with loose support minor.
#[test]
fn grounding_finds_what_no_passage_says() {
    let grounding = grader(json!({ "name": "g", "type": "grounding" }));
    let any = case(json!({ "question": "May I return an order to Hamburg?" }));
    let on = |text: &str| Answer {
        text: text.into(),
        passages: Some(vec![Passage {
            id: "a".into(),
            text: Some("Returns are accepted within 45 days of delivery. Write to Anna in Berlin.".into()),
        }]),
        ..Answer::default()
    };
    let (severe, moderate, minor) = (Severity::Severe, Severity::Moderate, Severity::Minor);
    for (text, expected, severity) in [
        (
            "Returns are accepted within 45 days [a].",
            Some((true, 1.0)),
            None,
        ),
        (
            "Returns are accepted within 60 days.",
            Some((false, 0.0)),
            Some(severe),
        ),
        (
            "Returns are accepted within 45 days with form R7.",
            Some((false, 0.0)),
            Some(severe),
        ),
        (
            "Returns within 45 days are accepted in Munich.",
            Some((false, 0.0)),
            Some(severe),
        ),
        (
            "Returns within 45 days are accepted in Anna's Berlin or in Hamburg.",
            Some((true, 1.0)),
            None,
        ),
        (
            "Returns are accepted within 45 days. Please telephone our friendly office.",
            Some((false, 0.5)),
            Some(moderate),
        ),
        (
            "Customers usually have returns accepted.",
            Some((false, 0.0)),
            Some(minor),
        ),
        (
            "Customers usually have returns accepted. Please telephone our friendly office. Within 60 days.",
            Some((false, 0.0)),
            Some(severe),
        ),
        ("I do not know.", None, None),
    ] {
        let answer = on(text);
        assert_eq!(marked(&grounding, &any, &answer), expected, "{text}");
        let graded = Graded {
            case: &any,
            answer: &answer,
            latency_ms: 1.0,
            cost: None,
        };
        assert_eq!(
            grounding.grade(&graded).and_then(|(grade, _)| grade.severity),
            severity,
            "{text}"
        );
    }
    assert!(
        refused(json!({ "name": "g", "type": "grounding", "coverage": 0.5, "loose": 0.6 })).contains("loose")
    );
}

#[test]
fn refusal_is_judged_both_ways() {
    let refusal =
        grader(json!({ "name": "g", "type": "refusal", "expected": "refuse", "failure": "should refuse" }));
    let said = |refused: Option<bool>, text: &str| Answer {
        text: text.into(),
        refused,
        ..Answer::default()
    };
    for (should, answer, passed, failure) in [
        (true, said(Some(true), "No."), true, None),
        (
            true,
            said(Some(false), "I cannot answer."),
            false,
            Some("should refuse"),
        ),
        (true, said(None, "I can\u{2019}t answer that."), true, None),
        (false, said(None, "I don't know."), false, Some("refused wrongly")),
        (false, said(None, "Yes."), true, None),
    ] {
        let case = case(json!({ "refuse": should }));
        let graded = Graded {
            case: &case,
            answer: &answer,
            latency_ms: 1.0,
            cost: None,
        };
        let (grade, why) = refusal.grade(&graded).unwrap();
        assert_eq!(
            (grade.passed, why.as_deref()),
            (passed, failure),
            "{should} {answer:?}"
        );
    }
    assert_eq!(marked(&refusal, &case(json!({ "q": "x" })), &answer("No.")), None);
}

/// Recall@k and reciprocal rank as in the literature: |relevant in first k| / |relevant|, and 1 / first relevant rank.
#[test]
fn retrieval_is_measured_by_rank() {
    let recall =
        grader(json!({ "name": "g", "type": "recall_at_k", "k": 2, "relevant": "r", "at_least": 0.5 }));
    let rank = grader(json!({ "name": "g", "type": "reciprocal_rank", "relevant": "r" }));
    for (relevant, ids, recalled, ranked) in [
        (
            json!(["a"]),
            &["a", "b", "c"][..],
            Some((true, 1.0)),
            Some((true, 1.0)),
        ),
        (
            json!(["c"]),
            &["a", "b", "c"],
            Some((false, 0.0)),
            Some((true, 0.333)),
        ),
        (
            json!(["a", "c"]),
            &["b", "a", "c"],
            Some((true, 0.5)),
            Some((true, 0.5)),
        ),
        (json!("a; b"), &["a", "b"], Some((true, 1.0)), Some((true, 1.0))),
        (json!(["z"]), &[], Some((false, 0.0)), Some((true, 0.0))),
        (json!([]), &["a"], None, None),
    ] {
        let case = case(json!({ "r": relevant, "q": "x" }));
        let answer = retrieved("x", ids, &[]);
        assert_eq!(
            marked(&recall, &case, &answer),
            recalled,
            "recall of {relevant} in {ids:?}"
        );
        assert_eq!(
            marked(&rank, &case, &answer),
            ranked,
            "rank of {relevant} in {ids:?}"
        );
    }
}

/// R71: a budget of one answer in time. R72: and in money; an unknown cost does not pass as nothing.
#[test]
fn budgets_of_one_answer() {
    let any = case(json!({ "q": "x" }));
    for (at_most, passed) in [("500ms", true), ("499ms", false), ("2s", true)] {
        let latency = grader(json!({ "name": "g", "type": "latency", "at_most": at_most }));
        assert_eq!(
            marked(&latency, &any, &answer("x")).unwrap().0,
            passed,
            "{at_most}"
        );
    }
    for (at_most, passed) in [("$0.002", true), ("$0.0019", false)] {
        let cost = grader(json!({ "name": "g", "type": "cost", "at_most": at_most }));
        assert_eq!(marked(&cost, &any, &answer("x")).unwrap().0, passed, "{at_most}");
        let unknown = Graded {
            case: &any,
            answer: &answer("x"),
            latency_ms: 1.0,
            cost: None,
        };
        assert!(!cost.grade(&unknown).unwrap().0.passed);
    }
}

/// R71: the first token has a budget of its own, and an answer that did not stream is not graded by it.
#[test]
fn the_first_token_has_its_own_budget() {
    let any = case(json!({ "q": "x" }));
    let streamed = Answer {
        first_token_ms: Some(300.0),
        ..answer("x")
    };
    for (at_most, passed) in [("300ms", true), ("299ms", false)] {
        let grader = grader(json!({ "name": "g", "type": "time_to_first_token", "at_most": at_most }));
        assert_eq!(marked(&grader, &any, &streamed).unwrap().0, passed, "{at_most}");
        assert_eq!(marked(&grader, &any, &answer("x")), None);
    }
    assert!(
        refused(json!({ "name": "g", "type": "time_to_first_token", "at_most": 3 })).contains("has no unit")
    );
}
