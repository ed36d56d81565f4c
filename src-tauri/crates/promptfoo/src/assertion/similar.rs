//! Similarity of meaning, by vectors.

use super::{Check, Grading};
use crate::problem::Fault;
use serde_json::Value;

#[derive(Clone, Copy, PartialEq)]
enum Metric {
    Cosine,
    Dot,
    Euclidean,
}

pub(super) async fn similar(check: &Check<'_>) -> Result<Grading, Fault> {
    let metric = match check.assertion.base() {
        "similar:dot" => Metric::Dot,
        "similar:euclidean" => Metric::Euclidean,
        _ => Metric::Cosine,
    };
    let limit = check.assertion.threshold.unwrap_or(0.75);
    match &check.value {
        Some(Value::String(expected)) => one(check, expected, limit, metric).await,
        Some(Value::Array(several)) if !several.is_empty() => {
            let mut closest: Option<Grading> = None;
            for expected in several {
                let expected = expected
                    .as_str()
                    .ok_or_else(|| Fault::invalid("a value to compare with is not a text"))?;
                let result = one(check, expected, limit, metric).await?;
                // One that is near is enough; with `not-`, one that is near is too many.
                if result.pass != check.inverse {
                    return Ok(result);
                }
                let nearer = closest.as_ref().is_none_or(|best| {
                    if check.inverse {
                        result.score < best.score
                    } else {
                        result.score > best.score
                    }
                });
                if nearer {
                    closest = Some(result);
                }
            }
            let closest = closest.ok_or_else(|| Fault::invalid("there is nothing to compare with"))?;
            if check.inverse {
                return Ok(closest);
            }
            let reason = "None of the provided values met the similarity threshold";
            Ok(Grading::new(false, closest.score, reason))
        }
        Some(Value::Array(_)) => Err(Fault::invalid(
            "Similarity assertion must have at least one value to compare against",
        )),
        _ => Err(Fault::invalid(
            "Similarity assertion type must have a string or array of strings value",
        )),
    }
}

async fn one(check: &Check<'_>, expected: &str, limit: f64, metric: Metric) -> Result<Grading, Fault> {
    let subject = check.subject;
    let provider = subject.graders.embedding(check)?;
    let expected = subject.caller.embed(&provider, expected).await?;
    let output = subject.caller.embed(&provider, &check.text).await?;
    let (expected, output) = match (expected, output) {
        (Ok(expected), Ok(output)) => (expected, output),
        (Err(why), _) | (_, Err(why)) => return Ok(Grading::fail(why)),
    };
    if expected.len() != output.len() {
        return Err(Fault::invalid("Vectors must be of equal length"));
    }
    const EPSILON: f64 = f64::EPSILON;
    let inverse = check.inverse;
    let (pass, score, value) = match metric {
        Metric::Euclidean => {
            let distance = expected
                .iter()
                .zip(&output)
                .map(|(left, right)| (left - right).powi(2))
                .sum::<f64>()
                .sqrt();
            let pass = if inverse {
                distance >= limit - EPSILON
            } else {
                distance <= limit + EPSILON
            };
            let nearness = 1.0 / (1.0 + distance);
            (pass, if inverse { 1.0 - nearness } else { nearness }, distance)
        }
        Metric::Cosine | Metric::Dot => {
            let similarity = if metric == Metric::Cosine {
                cosine(&expected, &output)
            } else {
                dot(&expected, &output)
            };
            let pass = if inverse {
                similarity <= limit + EPSILON
            } else {
                similarity >= limit - EPSILON
            };
            (
                pass,
                if inverse { 1.0 - similarity } else { similarity },
                similarity,
            )
        }
    };
    let what = if metric == Metric::Euclidean {
        "Distance"
    } else {
        "Similarity"
    };
    let how = if pass { "keeps" } else { "misses" };
    Ok(Grading::new(
        pass,
        score,
        format!("{what} {value:.2} {how} the threshold {limit}"),
    ))
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .fold(0.0, |sum, (left, right)| sum + left * right)
}

/// Cosine of the angle between two vectors; 0 where one of them is nothing.
pub(super) fn cosine(left: &[f64], right: &[f64]) -> f64 {
    let (own, other) = (dot(left, left).sqrt(), dot(right, right).sqrt());
    if own == 0.0 || other == 0.0 {
        return 0.0;
    }
    dot(left, right) / (own * other)
}
