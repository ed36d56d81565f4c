//! Graders of what was retrieved, against what the case says is relevant.

pub(super) mod context_recall;
pub(super) mod hit_rate;
pub(super) mod ndcg;
pub(super) mod precision;
pub(super) mod rank;
pub(super) mod recall;

use super::Graded;
use crate::{dataset::Case, trial::Passage};
use serde_json::Value;

/// The passages and the relevant documents' ids; none where either is missing, or nothing is relevant.
fn ranked<'a>(graded: &Graded<'a>, relevant: &str) -> Option<(&'a [Passage], Vec<String>)> {
    let passages = graded.answer.passages.as_deref()?;
    let mut ids = ids(graded.case, relevant).filter(|ids| !ids.is_empty())?;
    // A document that the case names twice is one document.
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    Some((passages, ids))
}

/// The relevant ids: a list, or the ids of an object of grades (as `ndcg` reads) whose grade is above 0.
fn ids(case: &Case, relevant: &str) -> Option<Vec<String>> {
    match case.fields.get(relevant)? {
        Value::Object(grades) => Some(
            grades
                .iter()
                .filter(|(_, grade)| grade.as_f64().is_none_or(|grade| grade > 0.0))
                .map(|(id, _)| id.clone())
                .collect(),
        ),
        _ => case.list(relevant),
    }
}

/// The first k passages, of which there may be fewer.
fn first(passages: &[Passage], k: u32) -> &[Passage] {
    passages.get(..k as usize).unwrap_or(passages)
}

fn places(k: u32) -> Result<u32, String> {
    if k == 0 {
        Err("k is 0; expected 1 or more".into())
    } else {
        Ok(k)
    }
}
