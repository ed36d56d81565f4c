use super::{first, places};
use crate::{
    dataset::{Case, plain},
    grader::{
        Graded,
        expected::{limit, reaches},
        file::grader_file,
        mark::Mark,
        rule::{Entry, Folder, Ready, Rule},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

grader_file! {
    /// Needs `passages` in the response mapping. Cases without relevant documents are not graded.
    NdcgFile {
        /// How many passages count.
        #[schemars(range(min = 1))]
        k: u32,
        /// Field of the case with the relevant documents: an object of id and grade (`{"a": 3, "b": 1}`), a list of ids
        /// (grade 1 each), or a text such as `a:3; b:1`.
        relevant: String,
        /// What a grade is worth. Default `linear`.
        #[serde(default)]
        gain: Gain,
        /// nDCG that passes. Required unless the grader only informs.
        #[serde(default)]
        at_least: Option<f64>,
    }
}

/// What a grade of relevance is worth.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gain {
    /// The grade itself (Järvelin and Kekäläinen 2002).
    #[default]
    Linear,
    /// 2^grade - 1, which favours the highest grades (Burges et al. 2005).
    Exponential,
}

impl Gain {
    fn of(self, grade: f64) -> f64 {
        match self {
            Self::Linear => grade,
            Self::Exponential => grade.exp2() - 1.0,
        }
    }
}

#[derive(Debug)]
struct Ndcg {
    k: u32,
    relevant: String,
    gain: Gain,
    at_least: f64,
}

impl Entry for NdcgFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(Ndcg {
            k: places(self.k)?,
            relevant: self.relevant.clone(),
            gain: self.gain,
            at_least: limit(self.at_least, self.informational)?,
        })
    }
}

impl Ndcg {
    /// Gain by rank, each divided by log2(rank + 1): the discount that is in common use, which unlike the first
    /// formula of Järvelin and Kekäläinen (ACM TOIS 20(4), 2002) also tells ranks 1 and 2 apart.
    fn discounted(gains: impl Iterator<Item = f64>) -> f64 {
        gains
            .enumerate()
            .map(|(at, gain)| gain / ((at + 2) as f64).log2())
            .sum()
    }
}

impl Rule for Ndcg {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let passages = graded.answer.passages.as_deref()?;
        let mut left = match grades(graded.case, &self.relevant)? {
            Ok(grades) => grades,
            Err(message) => return Some(Mark::plain(false, message)),
        };
        let mut ideal: Vec<f64> = left.values().map(|grade| self.gain.of(*grade)).collect();
        ideal.sort_by(|a, b| b.total_cmp(a));
        let best = Self::discounted(ideal.into_iter().take(self.k as usize));
        if best <= 0.0 {
            return None;
        }
        // A document that comes a second time brings nothing new.
        let gains = first(passages, self.k)
            .iter()
            .map(|passage| left.remove(&passage.id).map_or(0.0, |grade| self.gain.of(grade)))
            .collect::<Vec<_>>();
        let got = Self::discounted(gains.into_iter());
        let score = got / best;
        let reason = format!("nDCG@{} {score:.3} (gain {got:.3} of {best:.3})", self.k);
        Some(Mark::new(reaches(score, self.at_least), score, reason))
    }

    fn fields(&self) -> Vec<&str> {
        vec![&self.relevant]
    }

    fn score_label(&self, _: &str) -> Option<String> {
        Some(format!("nDCG@{}", self.k))
    }
}

/// Grade by document; none where the case has nothing, a message where a grade is no number.
fn grades(case: &Case, field: &str) -> Option<Result<HashMap<String, f64>, String>> {
    let mistake = |id: &str, grade: &str| {
        format!("`{field}` grades `{id}` with `{grade}`; expected a number from 0 to 100")
    };
    let read = |id: &str, grade: &str| match grade.trim().parse::<f64>() {
        Ok(number) if (0.0..=100.0).contains(&number) => Ok((id.trim().to_owned(), number)),
        _ => Err(mistake(id, grade)),
    };
    let grades: Result<HashMap<String, f64>, String> = match case.fields.get(field)? {
        Value::Object(entries) => entries
            .iter()
            .map(|(id, grade)| read(id, &plain(grade)))
            .collect(),
        Value::String(_) => case
            .list(field)?
            .iter()
            .map(|part| match part.rsplit_once(':') {
                // An id may hold a colon itself, and then has no grade.
                Some((id, grade)) if grade.trim().parse::<f64>().is_ok() => read(id, grade),
                _ => Ok((part.clone(), 1.0)),
            })
            .collect(),
        _ => case.list(field)?.into_iter().map(|id| Ok((id, 1.0))).collect(),
    };
    match grades {
        Ok(grades) if grades.is_empty() => None,
        grades => Some(grades),
    }
}
