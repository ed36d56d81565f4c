//! What stands in double square brackets: a claim, a stated fact, or neither.

use super::{Finding, source::Prepared, stated};
use crate::claim::Claim;
use std::ops::Range;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A claim's text.
    Claim {
        /// Index into the claims.
        claim: usize,
        /// What it reads as.
        text: String,
    },
    /// A stated fact.
    Stated(String),
    /// Neither; the finding says why. The claim, where there is one.
    Refused(Option<usize>),
}

/// What each token of a source says; whatever is wrong with one joins the findings.
pub(crate) fn meanings(
    prepared: &Prepared<'_>,
    claims: &[Claim],
    findings: &mut Vec<Finding>,
) -> Vec<Meaning> {
    let mut found: Vec<Meaning> = Vec::new();
    for (i, token) in prepared.tokens.iter().enumerate() {
        let mut refuse = |reason: String, hint: &str| {
            let Range { start, end } = token.range;
            findings.push(Finding {
                start,
                end,
                reason,
                hint: hint.into(),
            });
        };
        let meaning = match token.body.split_once(':') {
            Some((kind, fact)) if kind.trim().eq_ignore_ascii_case("stated") => {
                let fact = fact.trim();
                match stated::why_refused(fact) {
                    None => Meaning::Stated(fact.into()),
                    Some(reason) => {
                        refuse(
                            reason.into(),
                            "Make a claim of it, or say it without the quantity.",
                        );
                        Meaning::Refused(None)
                    }
                }
            }
            _ => match said(&token.body, claims) {
                Ok((claim, text)) => Meaning::Claim { claim, text },
                Err((claim, reason)) => {
                    refuse(reason, "The claims of this project are listed in its portfolio.");
                    Meaning::Refused(claim)
                }
            },
        };
        if let Some(before) = i.checked_sub(1) {
            let between = &prepared.clean[prepared.tokens[before].range.end..token.range.start];
            let relation = matches!(
                between.trim().to_lowercase().as_str(),
                "of" | "out of" | "in" | "/" | ":" | "of the"
            );
            let glued = relation || !between.contains(char::is_whitespace);
            let stated = |meaning: &Meaning| matches!(meaning, Meaning::Stated(_));
            if glued && (stated(&meaning) || found.last().is_some_and(stated)) {
                refuse(
                    "Two facts side by side read as one number that nobody measured.".into(),
                    "Put words between.",
                );
            }
        }
        found.push(meaning);
    }
    found
}

/// What a claim's token says, or why it cannot.
fn said(token: &str, claims: &[Claim]) -> Result<(usize, String), (Option<usize>, String)> {
    let (slug, field) = token.split_once('.').unwrap_or((token, ""));
    let Some((index, claim)) = claims.iter().enumerate().find(|(_, claim)| claim.slug == slug) else {
        return Err((None, format!("There is no claim `{slug}` in this project.")));
    };
    if !claim.holds() {
        let reason = claim.reason.as_deref().unwrap_or("it does not hold.");
        return Err((
            Some(index),
            format!("The claim `{slug}` cannot be used: {reason}"),
        ));
    }
    let change = claim.change.as_ref();
    let text = match field {
        "" => Some(claim.value_text.clone()),
        "interval" => change.map_or(claim.interval_text.clone(), |change| change.interval_text.clone()),
        "n" => Some(claim.n.to_string()),
        "before" => change.map(|change| change.before_text.clone()),
        "after" => change.map(|change| change.after_text.clone()),
        "difference" => change.map(|change| change.difference_text.clone()),
        "sentence" => Some(claim.sentence.clone()),
        "runs" => Some(claim.runs_text.clone()),
        "dates" => Some(claim.dates_text.clone()),
        other => {
            let known = "interval, n, before, after, difference, sentence, runs, dates";
            return Err((Some(index), format!("A claim has no `{other}` (it has {known}).")));
        }
    };
    text.map(|text| (index, text)).ok_or_else(|| {
        (
            Some(index),
            format!("The claim `{slug}` has no {field}: it is about one run, or its sample allows none."),
        )
    })
}
