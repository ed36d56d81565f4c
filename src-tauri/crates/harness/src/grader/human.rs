//! Judgement by people: the case is marked for the review queue, with what a reviewer is to look at.

use super::{
    Graded, Undecided,
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::collections::BTreeMap;

grader_file! {
    /// What people are asked of an answer. Always informational: nothing is decided until somebody has looked.
    HumanRubricFile {
        /// What a reviewer reads before the criteria.
        #[serde(default)]
        instructions: String,
        /// What is judged, one by one.
        #[schemars(length(min = 1))]
        criteria: Vec<Criterion>,
        /// Only cases in which this field is true; all when left out.
        #[serde(default)]
        when: Option<String>,
    }
}

/// One thing that people judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Short name, unique in the rubric.
    pub name: String,
    /// The question that a reviewer answers.
    pub question: String,
    /// What points mean, by point: `{1: wrong, 3: half right, 5: right}`. The lowest and the highest bound the scale.
    #[serde(deserialize_with = "points")]
    pub anchors: BTreeMap<i64, String>,
}

/// What people are asked of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rubric {
    /// What a reviewer reads before the criteria.
    pub instructions: String,
    /// What is judged, one by one.
    pub criteria: Vec<Criterion>,
}

impl HumanRubricFile {
    pub(super) fn rubric(&self) -> Rubric {
        Rubric {
            instructions: self.instructions.clone(),
            criteria: self.criteria.clone(),
        }
    }
}

/// Reads words by point. The points are texts by the time they come here, as keys of every JSON object are.
pub(super) fn points<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<i64, String>, D::Error> {
    BTreeMap::<String, String>::deserialize(from)?
        .into_iter()
        .map(|(point, words)| match point.trim().parse() {
            Ok(point) => Ok((point, words)),
            Err(_) => Err(D::Error::custom(format!(
                "`{point}` is not a point of a scale; expected a whole number"
            ))),
        })
        .collect()
}

/// Checks the anchors of a scale: two at least, each with words.
pub(super) fn check_anchors(anchors: &BTreeMap<i64, String>) -> Result<(), String> {
    if anchors.len() < 2 {
        return Err(
            "a scale needs anchors for its lowest and its highest point, such as {1: wrong, 5: right}".into(),
        );
    }
    match anchors.iter().find(|(_, words)| words.trim().is_empty()) {
        Some((point, _)) => Err(format!("the anchor of point {point} is empty; say what it means")),
        None => Ok(()),
    }
}

#[derive(Debug)]
struct HumanRubric {
    when: Option<String>,
    criteria: usize,
}

impl Entry for HumanRubricFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        if self.criteria.is_empty() {
            return Err("has no criteria; expected one at least, with name, question and anchors".into());
        }
        for (at, criterion) in self.criteria.iter().enumerate() {
            let name = &criterion.name;
            if name.trim().is_empty() || self.criteria[..at].iter().any(|other| other.name == *name) {
                return Err(format!("criterion `{name}`: names must be there and differ"));
            }
            check_anchors(&criterion.anchors).map_err(|message| format!("criterion `{name}`: {message}"))?;
        }
        Ready::now(HumanRubric {
            when: self.when.clone(),
            criteria: self.criteria.len(),
        })
    }
}

impl Rule for HumanRubric {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        if let Some(field) = &self.when
            && graded.case.truth(field) != Some(true)
        {
            return None;
        }
        let reason = format!("waits for a person to judge {} criteria", self.criteria);
        Some(Mark::undecided(Undecided::AwaitsPerson, reason))
    }

    fn fields(&self) -> Vec<&str> {
        self.when.as_deref().into_iter().collect()
    }

    fn score_label(&self, name: &str) -> Option<String> {
        Some(format!("{}, as people judge", super::capital(name)))
    }
}
