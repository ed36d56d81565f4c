//! What holds of every answer: a grader says something or nothing, its score lies between 0 and 1, and nothing breaks.

use super::{case, grader};
use harness::{
    grader::{Graded, Grader, ToolCall},
    trial::{Answer, Passage},
};
use proptest::prelude::*;
use serde_json::json;
use std::sync::LazyLock;

static GRADERS: LazyLock<Vec<Grader>> = LazyLock::new(|| {
    [
        json!({ "type": "exact_match", "expected": "text", "normalise": "squad" }),
        json!({ "type": "numeric", "expected": "text", "units": ["kg", "€"] }),
        json!({ "type": "numeric", "value": 1.5, "decimal": "comma" }),
        json!({ "type": "edit_distance", "expected": "text", "at_least": 0.5 }),
        json!({ "type": "rouge", "expected": "text", "variant": "rouge_2", "at_least": 0.5 }),
        json!({ "type": "rouge", "expected": "text", "at_least": 0.5 }),
        json!({ "type": "bleu", "expected": "text", "at_least": 0.5 }),
        json!({ "type": "token_f1", "expected": "text", "at_least": 0.5 }),
        json!({ "type": "ndcg", "k": 3, "relevant": "text", "at_least": 0.5 }),
        json!({ "type": "precision_at_k", "k": 3, "relevant": "text", "at_least": 0.5 }),
        json!({ "type": "context_recall", "facts": "text", "at_least": 0.5 }),
        json!({ "type": "grounding" }),
        json!({ "type": "citations" }),
        json!({ "type": "tool_calls", "expected": "text", "compare": "sequence" }),
        json!({ "type": "policy", "forbid": ["x"], "require": [{ "pattern": "[0-9]" }],
            "personal_data": ["email", "phone", "iban", "credit_card", "ip_address", "us_ssn"] }),
    ]
    .into_iter()
    .enumerate()
    .map(|(at, mut file)| {
        file["name"] = json!(format!("g{at}"));
        grader(file)
    })
    .collect()
});

/// Text as people write it, with what graders look for, and text as nobody does.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,6}",
        "[-+$€ ]?[0-9]{1,4}[.,']?[0-9]{0,4}[.eE]?[0-9]{0,2}( ?kg)?",
        "[A-Za-zÄé:@.]{1,9}[ .!?\n]",
        "[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){2,6}",
        "[\\[\\]:;“”\"']",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn every_score_lies_between_0_and_1(said in text(), expected in text(), passage in text()) {
        let facts = case(json!({ "text": expected }));
        let answer = Answer {
            text: said.clone(),
            citations: Some(vec![passage.clone()]),
            passages: Some(vec![Passage { id: expected.clone(), text: Some(passage) }]),
            tool_calls: Some(vec![ToolCall::from_text(expected, &said)]),
            ..Answer::default()
        };
        let graded = Graded { case: &facts, answer: &answer, latency_ms: 1.0, cost: None };
        for grader in GRADERS.iter() {
            if let Some((grade, failure)) = grader.grade(&graded) {
                prop_assert!((0.0..=1.0).contains(&grade.score), "{} {}", grader.kind, grade.score);
                prop_assert_eq!(grade.passed, failure.is_none());
                prop_assert!(!grade.reason.is_empty());
            }
        }
    }

    /// What is equal is as like as can be, whatever it is.
    #[test]
    fn a_text_is_like_itself(said in "\\PC{0,40}[a-z]{2}[0-9]") {
        let facts = case(json!({ "text": said }));
        let answer = Answer { text: said, ..Answer::default() };
        let graded = Graded { case: &facts, answer: &answer, latency_ms: 1.0, cost: None };
        let alike = ["exact_match", "edit_distance", "rouge", "bleu", "token_f1"];
        for grader in GRADERS.iter().filter(|grader| alike.contains(&grader.kind)) {
            let (grade, _) = grader.grade(&graded).unwrap();
            // One word alone has no pairs.
            if grade.reason.starts_with("ROUGE-2") {
                continue;
            }
            prop_assert!((grade.score - 1.0).abs() < 1e-9, "{}: {}", grader.kind, grade.reason);
        }
    }
}
