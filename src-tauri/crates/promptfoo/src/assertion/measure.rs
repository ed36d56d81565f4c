//! Assertions on what was measured beside the text: time, cost, probabilities, the end of the answer, guardrails.

use super::{Check, Grading};
use crate::{document, problem::Fault};
use serde_json::Value;

pub(super) fn latency(check: &Check<'_>) -> Result<Grading, Fault> {
    let limit = check
        .assertion
        .threshold
        .ok_or_else(|| Fault::invalid("Latency assertion must have a threshold in milliseconds"))?;
    let latency = check.subject.latency_ms;
    Ok(check.verdict(latency <= limit, |_| {
        format!("Latency {latency}ms is outside of the threshold {limit}ms")
    }))
}

pub(super) fn cost(check: &Check<'_>) -> Result<Grading, Fault> {
    let limit = check
        .assertion
        .threshold
        .ok_or_else(|| Fault::invalid("Cost assertion must have a threshold"))?;
    let cost =
        check.subject.response.cost.ok_or_else(|| {
            Fault::invalid("Cost assertion does not support providers that do not return cost")
        })?;
    Ok(check.verdict(cost <= limit, |_| {
        format!("Cost {cost} is outside of the threshold {limit}")
    }))
}

fn mean_log_probability(check: &Check<'_>) -> Result<f64, Fault> {
    match check.subject.response.log_probabilities.as_deref() {
        Some(list) if !list.is_empty() => Ok(list.iter().sum::<f64>() / list.len() as f64),
        _ => Err(Fault::invalid(format!(
            "{} assertion does not support providers that do not return logProbs",
            check.assertion.base()
        ))),
    }
}

pub(super) fn perplexity(check: &Check<'_>) -> Result<Grading, Fault> {
    let perplexity = (-mean_log_probability(check)?).exp();
    let pass = check
        .assertion
        .threshold
        .is_none_or(|limit| (perplexity <= limit) != check.inverse);
    let reason = if pass {
        "Assertion passed".into()
    } else {
        format!("Perplexity {perplexity:.2} is outside of the threshold")
    };
    Ok(Grading::new(pass, f64::from(u8::from(pass)), reason))
}

pub(super) fn perplexity_score(check: &Check<'_>) -> Result<Grading, Fault> {
    let score = 1.0 / (1.0 + (-mean_log_probability(check)?).exp());
    let pass = check
        .assertion
        .threshold
        .is_none_or(|limit| (score >= limit) != check.inverse);
    let reason = if pass {
        "Assertion passed".into()
    } else {
        format!("Perplexity score {score:.2} is outside of the threshold")
    };
    Ok(Grading::new(
        pass,
        if check.inverse { 1.0 - score } else { score },
        reason,
    ))
}

pub(super) fn finish_reason(check: &Check<'_>) -> Result<Grading, Fault> {
    let expected = check.value_text()?;
    let Some(reason) = check
        .subject
        .response
        .finish_reason
        .as_deref()
        .filter(|reason| !reason.is_empty())
    else {
        return Ok(check.verdict(false, |_| "Provider did not supply stop/finish reason".into()));
    };
    let equal = expected.to_lowercase() == reason.to_lowercase();
    Ok(check.verdict(equal, |not| {
        format!("Expected finish reason {not}\"{expected}\" but got \"{reason}\"")
    }))
}

pub(super) fn guardrails(check: &Check<'_>) -> Result<Grading, Fault> {
    let guardrails = check.subject.response.guardrails.as_ref();
    let flag = |key: &str| {
        guardrails
            .and_then(|all| all.get(key))
            .is_some_and(document::truthy)
    };
    let said = guardrails
        .and_then(|all| all.get("reason"))
        .and_then(Value::as_str)
        .filter(|reason| !reason.is_empty());
    let reason = said.unwrap_or(if flag("flaggedInput") {
        "Prompt failed safety checks"
    } else if flag("flaggedOutput") {
        "Output failed safety checks"
    } else {
        "Content failed safety checks"
    });
    Ok(check.verdict(!flag("flagged"), |_| {
        if check.inverse {
            "Content was not blocked by guardrails (expected to be blocked)".into()
        } else {
            reason.into()
        }
    }))
}
