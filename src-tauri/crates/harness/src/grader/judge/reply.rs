//! What a judge replied: one JSON object of the form that was asked for, or no verdict at all.

use super::Scale;
use crate::grader::JudgeSaid;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PassFailReply {
    reason: String,
    verdict: Verdict,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Pass,
    Fail,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PointsReply {
    reason: String,
    points: i64,
}

impl Scale {
    /// The verdict of a reply; the message says what is wrong with it. Nothing is guessed from loose words, since a
    /// reply such as "I would not pass this" holds the word pass.
    pub(super) fn read(&self, reply: &str) -> Result<JudgeSaid, String> {
        let text = without_fence(reply.trim());
        if text.is_empty() {
            return Err("it is empty".into());
        }
        match self {
            Self::PassFail => {
                let reply: PassFailReply = serde_json::from_str(text).map_err(|error| error.to_string())?;
                Ok(JudgeSaid::Verdict {
                    passed: matches!(reply.verdict, Verdict::Pass),
                    points: None,
                    reason: reply.reason,
                })
            }
            Self::Points {
                lowest,
                highest,
                at_least,
                ..
            } => {
                let reply: PointsReply = serde_json::from_str(text).map_err(|error| error.to_string())?;
                if !(*lowest..=*highest).contains(&reply.points) {
                    return Err(format!(
                        "{} is not on the scale from {lowest} to {highest}",
                        reply.points
                    ));
                }
                Ok(JudgeSaid::Verdict {
                    passed: reply.points as f64 >= *at_least,
                    points: Some(reply.points),
                    reason: reply.reason,
                })
            }
        }
    }
}

/// The inside of a code fence, where the whole reply is one: many models cannot leave it out.
fn without_fence(text: &str) -> &str {
    text.strip_prefix("```")
        .and_then(|inside| inside.strip_suffix("```"))
        .map_or(text, |inside| {
            inside.strip_prefix("json").unwrap_or(inside).trim()
        })
}
