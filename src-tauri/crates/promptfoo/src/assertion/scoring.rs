//! A function that scores the whole test.

use super::{Aggregate, Grading, javascript::grading};
use crate::{problem::Fault, project::split_function, provider::Caller};
use harness::script::{Limits, Program, run};
use serde_json::{Map, Value, json};

/// Applies `assertScoringFunction` to the result of a test.
pub(crate) async fn score(
    caller: &Caller<'_>,
    reference: &str,
    mut result: Grading,
    threshold: Option<f64>,
) -> Grading {
    let scores: Map<String, Value> = result
        .named_scores
        .iter()
        .map(|(name, score)| (name.clone(), json!(score)))
        .collect();
    let context = json!({
        "threshold": threshold,
        "componentResults": result.components.iter().map(Grading::to_mapping).collect::<Vec<_>>(),
    });
    match call_scoring(caller, reference, &[Value::Object(scores), context]).await {
        Ok(value) => match grading(&value) {
            Some(own) => {
                result.pass = own.pass;
                result.score = own.score;
                result.reason = own.reason;
                if !own.named_scores.is_empty() {
                    result.named_scores = own.named_scores;
                }
            }
            None => return failed_scoring(result, "assertion scoring function must return a GradingResult"),
        },
        Err(error) => return failed_scoring(result, &error.to_string()),
    }
    result
}

fn failed_scoring(mut result: Grading, why: &str) -> Grading {
    result.pass = false;
    result.score = 0.0;
    result.reason = format!("Scoring function error: {why}");
    result
}

async fn call_scoring(caller: &Caller<'_>, reference: &str, arguments: &[Value]) -> Result<Value, Fault> {
    let project = caller.project;
    let (path, function) = split_function(reference);
    if path.ends_with(".py") {
        let file = project.resolve(path).map_err(Fault::Invalid)?;
        return caller.python(&file, function.unwrap_or("func"), arguments).await;
    }
    let mut export = project.export(reference).map_err(Fault::Invalid)?;
    let program = match &export.name {
        Some(_) => Program::Export(export),
        None => {
            // Without a name the default export, or else `func`.
            let exports_func =
                !export.source.contains("default") && !export.source.contains("module.exports =");
            export.name = exports_func.then(|| "func".to_owned());
            Program::Export(export)
        }
    };
    Ok(run(program, arguments.to_vec(), Limits::JAVASCRIPT).await?.value)
}

impl Aggregate {
    /// Whether a result is a failed guardrail of a red team.
    pub(crate) fn is_blocked(assertion: &crate::test::Assertion, result: &Grading) -> bool {
        let purpose = assertion
            .written
            .get("config")
            .and_then(|config| config.get("purpose"));
        assertion.kind == "guardrails" && purpose.is_some_and(|purpose| purpose == "redteam") && !result.pass
    }
}
