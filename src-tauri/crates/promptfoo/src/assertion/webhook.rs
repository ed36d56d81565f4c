//! A verdict of a service.

use super::{Check, Grading};
use crate::{document, problem::Fault, provider::HttpRequest};
use serde_json::{Value, json};

pub(super) async fn webhook(check: &Check<'_>) -> Result<Grading, Fault> {
    let url = check.value_text()?;
    if url.is_empty() {
        return Err(Fault::invalid("\"webhook\" assertion type must have a URL value"));
    }
    let subject = check.subject;
    let body =
        json!({ "output": check.output, "context": { "prompt": subject.prompt, "vars": subject.vars } });
    let request = HttpRequest {
        method: "POST".into(),
        url: url.to_owned(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: Some(body.to_string()),
    };
    let failed = |why: String| Grading::fail(format!("Webhook error: {why}"));
    let reply = match subject.caller.models.send(request).await {
        Ok(reply) => reply,
        Err(why) => return Ok(failed(why.message)),
    };
    if !(200..300).contains(&reply.status) {
        return Ok(failed(format!("Webhook response status: {}", reply.status)));
    }
    let answer = match document::json(&reply.body) {
        Ok(answer) => answer,
        Err(why) => return Ok(failed(why)),
    };
    // Anything but true and false differs from both, and so passes.
    let pass = answer.get("pass") != Some(&json!(check.inverse));
    let score = match answer.get("score").and_then(Value::as_f64) {
        Some(score) if check.inverse => 1.0 - score,
        Some(score) => score,
        None => f64::from(u8::from(pass)),
    };
    let reason = answer
        .get("reason")
        .filter(|reason| document::truthy(reason))
        .map_or_else(|| format!("Webhook returned {}", check.inverse), document::text);
    Ok(Grading::new(pass, score, reason))
}
