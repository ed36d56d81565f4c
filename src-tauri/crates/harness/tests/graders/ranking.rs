//! Graders of what was retrieved.

use super::{answer, case, grader, marked, refused, retrieved};
use harness::trial::{Answer, Passage};
use serde_json::{Value, json};

/// Manning, Raghavan and Schütze, 8.4: the divisor is k, also where fewer passages came.
#[test]
fn precision_and_hits_look_at_the_first_k() {
    let precision =
        grader(json!({ "name": "g", "type": "precision_at_k", "k": 4, "relevant": "r", "at_least": 0.5 }));
    let hit = grader(json!({ "name": "g", "type": "hit_rate", "k": 2, "relevant": "r" }));
    for (relevant, ids, precise, hits) in [
        (
            json!(["a", "b"]),
            &["a", "x", "b", "y"][..],
            Some((true, 0.5)),
            Some((true, 1.0)),
        ),
        (json!(["a"]), &["a"], Some((false, 0.25)), Some((true, 1.0))),
        (
            json!(["b"]),
            &["x", "y", "b"],
            Some((false, 0.25)),
            Some((false, 0.0)),
        ),
        // One field of grades serves all graders; a grade of 0 is not relevant.
        (
            json!({ "a": 2, "x": 0 }),
            &["x", "a"],
            Some((false, 0.25)),
            Some((true, 1.0)),
        ),
        // A passage that comes twice, or is named twice, is one.
        (
            json!(["a", "a"]),
            &["a", "a", "x", "y"],
            Some((false, 0.25)),
            Some((true, 1.0)),
        ),
        (json!([]), &["a"], None, None),
    ] {
        let case = case(json!({ "r": relevant }));
        let answer = retrieved("x", ids, &[]);
        assert_eq!(marked(&precision, &case, &answer), precise, "{relevant} {ids:?}");
        assert_eq!(marked(&hit, &case, &answer), hits, "{relevant} {ids:?}");
    }
    let zero = json!({ "name": "g", "type": "hit_rate", "k": 0, "relevant": "r" });
    assert!(refused(zero).contains("expected 1 or more"));
}

fn ndcg(k: u32, gain: &str, relevant: Value, ids: &[&str]) -> Option<(bool, f64)> {
    let file = json!({
        "name": "g", "type": "ndcg", "k": k, "relevant": "r", "gain": gain, "informational": true
    });
    marked(
        &grader(file),
        &case(json!({ "r": relevant })),
        &retrieved("x", ids, &[]),
    )
}

/// H4: graded relevance, against published values.
#[test]
fn ndcg_gives_the_published_values() {
    // The example of Wikipedia's "Discounted cumulative gain": DCG 6.861 of 8.740, with two documents unseen.
    let grades = json!({ "d1": 3, "d2": 2, "d3": 3, "d4": 0, "d5": 1, "d6": 2, "d7": 3, "d8": 2 });
    let ids = ["d1", "d2", "d3", "d4", "d5", "d6"];
    assert_eq!(ndcg(6, "linear", grades.clone(), &ids), Some((true, 0.785)));
    // The example of scikit-learn's `ndcg_score`: relevance 10, 0, 0, 1, 5 ranked by 0.1, 0.2, 0.3, 4, 70: 0.695694.
    let grades = json!({ "a": 10, "b": 0, "c": 0, "d": 1, "e": 5 });
    assert_eq!(
        ndcg(5, "linear", grades, &["e", "d", "c", "b", "a"]),
        Some((true, 0.696))
    );
    // (2^1 - 1 + (2^2 - 1) / log2 3) / (2^2 - 1 + (2^1 - 1) / log2 3), by hand.
    let grades = json!({ "a": 1, "b": 2 });
    assert_eq!(
        ndcg(2, "exponential", grades.clone(), &["a", "b"]),
        Some((true, 0.797))
    );
    assert_eq!(ndcg(2, "linear", grades, &["b", "a"]), Some((true, 1.0)));
    // Other ways to write it.
    assert_eq!(
        ndcg(2, "linear", json!("b:2; a:1"), &["b", "a"]),
        Some((true, 1.0))
    );
    assert_eq!(
        ndcg(2, "linear", json!(["urn:a", "b"]), &["x", "b"]),
        Some((true, 0.387))
    );
    // Nothing relevant, nothing to grade; a second copy gains nothing; a grade that is none is said.
    assert_eq!(ndcg(2, "linear", json!({ "a": 0 }), &["a"]), None);
    assert_eq!(
        ndcg(2, "linear", json!({ "a": 1 }), &["a", "a"]),
        Some((true, 1.0))
    );
    assert_eq!(
        ndcg(2, "linear", json!({ "a": "very" }), &["a"]),
        Some((false, 0.0))
    );
}

#[test]
fn context_recall_finds_facts_in_passages() {
    let recall = grader(json!({ "name": "g", "type": "context_recall", "facts": "facts", "at_least": 1.0 }));
    let passages = |texts: &[&str]| Answer {
        passages: Some(
            texts
                .iter()
                .map(|text| Passage {
                    id: "p".into(),
                    text: Some((*text).to_owned()),
                })
                .collect(),
        ),
        ..answer("x")
    };
    let facts = case(json!({ "facts": ["Returns within 45 days", "Carrier pays the shipping"] }));
    for (texts, expected) in [
        (
            &[
                "Returns are accepted within 45 days.",
                "For returns the carrier pays shipping.",
            ][..],
            Some((true, 1.0)),
        ),
        (&["Returns are accepted within 45 days."], Some((false, 0.5))),
        // A number that differs makes another fact.
        (&["Returns are accepted within 60 days."], Some((false, 0.0))),
        // Two passages with a part each do not state it.
        (
            &["Returns are free.", "Answers come within 45 days."],
            Some((false, 0.0)),
        ),
        (&[], Some((false, 0.0))),
    ] {
        assert_eq!(marked(&recall, &facts, &passages(texts)), expected, "{texts:?}");
    }
    assert_eq!(marked(&recall, &case(json!({ "q": 1 })), &passages(&["x"])), None);
    assert_eq!(marked(&recall, &facts, &answer("x")), None);
}
