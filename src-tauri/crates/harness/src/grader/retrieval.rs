use super::{
    Graded, Mark,
    file::{RankFile, RecallFile},
};

#[derive(Clone, Debug)]
pub(super) struct Recall {
    pub(super) k: u32,
    relevant: String,
    at_least: f64,
}

fn share(value: Option<f64>, default: f64, what: &str) -> Result<f64, String> {
    let value = value.unwrap_or(default);
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(format!("{what} {value} is out of range; expected 0 to 1"))
    }
}

impl Recall {
    pub(super) fn build(file: &RecallFile) -> Result<Self, String> {
        if file.k == 0 {
            return Err("k is 0; expected 1 or more".into());
        }
        let at_least = share(file.at_least, 1.0, "at_least")?;
        Ok(Self {
            k: file.k,
            relevant: file.relevant.clone(),
            at_least,
        })
    }

    /// |relevant ∩ first k| / |relevant|, as in Manning, Raghavan and Schütze, Introduction to Information
    /// Retrieval, 8.3. A case without relevant documents has no recall.
    pub(super) fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let passages = graded.answer.passages.as_ref()?;
        let relevant = graded.case.list(&self.relevant).filter(|ids| !ids.is_empty())?;
        let first = &passages[..passages.len().min(self.k as usize)];
        let missing: Vec<&str> = relevant
            .iter()
            .filter(|id| !first.iter().any(|passage| passage.id == **id))
            .map(String::as_str)
            .collect();
        let score = 1.0 - missing.len() as f64 / relevant.len() as f64;
        let reason = if missing.is_empty() {
            format!("{} is among the first {}", relevant.join(", "), first.len())
        } else {
            format!("{} is not among the first {}", missing.join(", "), first.len())
        };
        Some(Mark::new(score >= self.at_least - 1e-9, score, reason))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Rank {
    relevant: String,
    at_least: f64,
}

impl Rank {
    pub(super) fn build(file: &RankFile) -> Result<Self, String> {
        Ok(Self {
            relevant: file.relevant.clone(),
            at_least: share(file.at_least, 0.0, "at_least")?,
        })
    }

    /// 1 / rank of the first relevant passage; its mean over cases is the mean reciprocal rank (Voorhees, TREC-8).
    pub(super) fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let passages = graded.answer.passages.as_ref()?;
        let relevant = graded.case.list(&self.relevant).filter(|ids| !ids.is_empty())?;
        let rank = passages
            .iter()
            .position(|passage| relevant.contains(&passage.id))
            .map(|at| at + 1);
        let score = rank.map_or(0.0, |rank| 1.0 / rank as f64);
        let reason = match rank {
            Some(rank) => format!("first relevant passage at rank {rank} of {}", passages.len()),
            None => format!("no relevant passage among {}", passages.len()),
        };
        Some(Mark::new(score >= self.at_least - 1e-9, score, reason))
    }
}
