//! What several graders say together, what waits for people, and what a grader says of itself.

use super::{answer, case, grader, models::judges, refused};
use harness::grader::{Graded, Grader, Undecided, Verdict, grade_all};
use serde_json::{Value, json};

async fn verdict(files: &[Value], replies: &[&'static str]) -> Verdict {
    let graders: Vec<Grader> = files.iter().cloned().map(grader).collect();
    let (any, said) = (case(json!({ "q": "x" })), answer("yes"));
    let graded = Graded {
        case: &any,
        answer: &said,
        latency_ms: 1.0,
        cost: None,
    };
    let replies: &[&'static str] = replies;
    let models = judges(&[("a", replies)]);
    grade_all(&graders, &graded, Some(&models)).await
}

#[tokio::test]
async fn a_failed_judge_leaves_a_trial_open_unless_something_else_fails() {
    let right = json!({ "name": "right", "type": "contains", "value": "yes" });
    let wrong = json!({ "name": "wrong", "type": "contains", "value": "no" });
    let judge = json!({ "name": "judge", "type": "model_judge", "rubric": "x", "judges": ["a"] });
    let pass = r#"{"reason": "", "verdict": "pass"}"#;
    for (files, replies, passed, score, failure) in [
        (vec![&right], &[][..], Some(true), 1.0, None),
        (vec![&right, &wrong], &[], Some(false), 0.5, Some("wrong")),
        (vec![&right, &judge], &[pass], Some(true), 1.0, None),
        (vec![&right, &judge], &[], None, 1.0, Some("judge failed")),
        (vec![&judge, &wrong], &[], Some(false), 0.0, Some("wrong")),
    ] {
        let files: Vec<Value> = files.into_iter().cloned().collect();
        let verdict = verdict(&files, replies).await;
        assert_eq!(verdict.passed, passed, "{files:?}");
        assert_eq!(verdict.score, score, "{files:?}");
        assert_eq!(verdict.failure.as_deref(), failure, "{files:?}");
        assert_eq!(verdict.grades.len(), files.len());
        assert_eq!(verdict.spent.calls as usize, replies.len());
    }
}

#[tokio::test]
async fn a_human_rubric_waits_and_decides_nothing() {
    let criteria =
        json!([{ "name": "tone", "question": "Is it kind?", "anchors": { "1": "rude", "5": "kind" } }]);
    let rubric = json!({ "name": "people", "type": "human_rubric", "criteria": criteria });
    let verdict = verdict(std::slice::from_ref(&rubric), &[]).await;
    assert_eq!((verdict.passed, verdict.failure), (Some(true), None));
    let grade = &verdict.grades[0];
    assert_eq!(grade.undecided, Some(Undecided::AwaitsPerson));
    assert!(grade.informational);

    let built = grader(rubric.clone());
    assert_eq!(built.rubric().unwrap().criteria[0].anchors[&5], "kind");
    let mut some = rubric.clone();
    some["when"] = json!("review");
    let some = grader(some);
    assert_eq!(some.fields(), ["review"]);
    let said = answer("x");
    for (review, applies) in [(json!(true), true), (json!(false), false), (json!(null), false)] {
        let facts = case(json!({ "review": review }));
        let graded = Graded {
            case: &facts,
            answer: &said,
            latency_ms: 1.0,
            cost: None,
        };
        assert_eq!(some.grade(&graded).is_some(), applies);
    }
    let without = json!({ "name": "g", "type": "human_rubric", "criteria": [] });
    assert!(refused(without).contains("no criteria"));
    let mut word = rubric.clone();
    word["criteria"][0]["anchors"] = json!({ "low": "rude", "5": "kind" });
    assert!(refused(word).contains("`low` is not a point"));
    let mut one = rubric;
    one["criteria"][0]["anchors"] = json!({ "1": "rude" });
    assert!(refused(one).contains("criterion `tone`"));
}

/// A field that no case has is a misspelling, so a grader says which it reads.
#[test]
fn a_grader_names_the_fields_that_it_reads() {
    for (file, fields, models) in [
        (
            json!({ "type": "contains", "expected": "fact" }),
            &["fact"][..],
            false,
        ),
        (json!({ "type": "contains", "value": "x" }), &[], false),
        (json!({ "type": "regex", "expected": "p" }), &["p"], false),
        (
            json!({ "type": "refusal", "expected": "refuse" }),
            &["refuse"],
            false,
        ),
        (
            json!({ "type": "recall_at_k", "k": 1, "relevant": "r" }),
            &["r"],
            false,
        ),
        (
            json!({ "type": "reciprocal_rank", "relevant": "r" }),
            &["r"],
            false,
        ),
        (
            json!({ "type": "ndcg", "k": 1, "relevant": "r", "at_least": 1 }),
            &["r"],
            false,
        ),
        (
            json!({ "type": "context_recall", "facts": "f", "at_least": 1 }),
            &["f"],
            false,
        ),
        (json!({ "type": "numeric", "expected": "n" }), &["n"], false),
        (
            json!({ "type": "rouge", "expected": "e", "at_least": 1 }),
            &["e"],
            false,
        ),
        (json!({ "type": "tool_calls", "expected": "t" }), &["t"], false),
        (
            json!({ "type": "embedding_similarity", "provider": "p", "expected": "e", "at_least": 1 }),
            &["e"],
            true,
        ),
        (
            json!({ "type": "model_judge", "judges": ["a"], "rubric": "x", "show": ["q", "e"] }),
            &["q", "e"],
            true,
        ),
        (json!({ "type": "citations" }), &[], false),
    ] {
        let mut file = file;
        file["name"] = json!("g");
        let grader = grader(file.clone());
        assert_eq!(grader.fields(), fields, "{file}");
        assert_eq!(grader.needs_models(), models, "{file}");
        assert_eq!(grader.is_immediate(), !models, "{file}");
    }
}
