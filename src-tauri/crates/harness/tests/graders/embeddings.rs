//! Likeness of meaning, with vectors from a list.

use super::{
    answer, case, grader,
    models::{embeddings, judged},
    refused,
};
use evidence::PicoUsd;
use harness::grader::Undecided;
use serde_json::json;

#[tokio::test]
async fn embeddings_are_compared_by_angle_product_or_distance() {
    let facts = case(json!({ "e": ["first", "second"] }));
    // The answer (3, 4), then (4, 3) and (0, 5): cosines 0.96 and 0.8, products 24 and 20, distances 1.414 and 3.162.
    let models = embeddings(vec![vec![3.0, 4.0], vec![4.0, 3.0], vec![0.0, 5.0]]);
    for (keys, passed, score) in [
        (json!({ "at_least": 0.96 }), true, 0.96),
        (json!({ "at_least": 0.97 }), false, 0.96),
        (json!({ "measure": "dot", "at_least": 24 }), true, 1.0),
        (json!({ "measure": "euclidean", "at_most": 1.5 }), true, 0.414),
        (json!({ "measure": "euclidean", "at_most": 1.4 }), false, 0.414),
    ] {
        let mut file =
            json!({ "name": "g", "type": "embedding_similarity", "provider": "p", "expected": "e" });
        file.as_object_mut()
            .unwrap()
            .extend(keys.as_object().unwrap().clone());
        let (grade, _) = judged(&grader(file), &facts, &answer("x"), &models).await;
        assert_eq!(
            (grade.passed, (grade.score * 1000.0).round() / 1000.0),
            (passed, score),
            "{keys}"
        );
        assert_eq!(grade.spent.unwrap().cost, Some(PicoUsd::from_pico(70)));
    }
    // Vectors that cannot be compared, or are missing, are no similarity of 0.
    for vectors in [
        vec![vec![1.0], vec![1.0, 2.0], vec![1.0]],
        vec![vec![1.0]],
        vec![vec![0.0], vec![1.0], vec![1.0]],
    ] {
        let models = embeddings(vectors);
        let file = json!({ "name": "g", "type": "embedding_similarity", "provider": "p", "expected": "e", "at_least": 0.5 });
        let (grade, failure) = judged(&grader(file), &facts, &answer("x"), &models).await;
        assert_eq!(grade.undecided, Some(Undecided::EmbeddingFailed));
        assert_eq!(failure.as_deref(), Some("embedding failed"));
    }
    let wrong =
        json!({ "name": "g", "type": "embedding_similarity", "provider": "p", "value": "x", "at_most": 1 });
    assert!(refused(wrong).contains("at_least"));
}
