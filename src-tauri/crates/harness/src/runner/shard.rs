//! A slice of a dataset, so that several machines share one run.

use evidence::ContentHash;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One of `of` slices, decided by the case's id alone: every machine agrees on it, and adding a case moves no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shard {
    /// Which, from 1.
    pub index: u32,
    /// How many there are.
    pub of: u32,
}

impl Shard {
    /// Whether a case belongs to this slice.
    pub fn holds(self, case_id: &str) -> bool {
        let hash = ContentHash::of(case_id);
        let number = u64::from_str_radix(hash.as_str().get(..15).unwrap_or("0"), 16).unwrap_or(0);
        number % u64::from(self.of) == u64::from(self.index - 1)
    }

    /// The slice that the engine around the process names: a Slurm array, a Kubernetes Indexed Job, a GitLab parallel job, or
    /// `PLAYBOOK_SHARD_INDEX` and `PLAYBOOK_SHARD_TOTAL` (what a matrix sets). The message says what was looked for.
    pub fn from_environment(read: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let number = |name: &str| read(name).and_then(|text| text.trim().parse::<u32>().ok());
        // Slurm counts from its smallest task id, Kubernetes from 0, GitLab and our own variables from 1.
        let slurm = || {
            let first = number("SLURM_ARRAY_TASK_MIN").unwrap_or(0);
            Some((
                number("SLURM_ARRAY_TASK_ID")?.checked_sub(first)? + 1,
                number("SLURM_ARRAY_TASK_COUNT")?,
            ))
        };
        let kubernetes = || {
            Some((
                number("JOB_COMPLETION_INDEX")? + 1,
                number("PLAYBOOK_SHARD_TOTAL")?,
            ))
        };
        let gitlab = || Some((number("CI_NODE_INDEX")?, number("CI_NODE_TOTAL")?));
        let own = || Some((number("PLAYBOOK_SHARD_INDEX")?, number("PLAYBOOK_SHARD_TOTAL")?));
        let (index, of) = own().or_else(slurm).or_else(kubernetes).or_else(gitlab).ok_or(
            "no engine named a shard; expected PLAYBOOK_SHARD_INDEX and PLAYBOOK_SHARD_TOTAL, a Slurm array \
             (SLURM_ARRAY_TASK_ID, _COUNT), a Kubernetes Indexed Job (JOB_COMPLETION_INDEX with PLAYBOOK_SHARD_TOTAL) or a \
             GitLab parallel job (CI_NODE_INDEX, CI_NODE_TOTAL)",
        )?;
        Self::new(index, of)
    }

    fn new(index: u32, of: u32) -> Result<Self, String> {
        if of == 0 || index == 0 || index > of {
            return Err(format!(
                "shard {index}/{of} does not exist; expected i/n with i from 1 to n"
            ));
        }
        Ok(Self { index, of })
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text
            .split_once('/')
            .and_then(|(index, of)| Some((index.trim().parse().ok()?, of.trim().parse().ok()?)));
        let (index, of) =
            numbers.ok_or_else(|| format!("`{text}` is not a shard; expected i/n such as 2/4, or auto"))?;
        Self::new(index, of)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_case_belongs_to_exactly_one_shard(id in ".{1,40}", of in 1u32..50) {
            let holding = (1..=of).filter(|index| Shard { index: *index, of }.holds(&id)).count();
            prop_assert_eq!(holding, 1);
        }
    }

    #[test]
    fn each_engine_is_understood() {
        let from = |pairs: &'static [(&'static str, &'static str)]| {
            Shard::from_environment(|name| {
                pairs
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| (*value).to_owned())
            })
        };
        let shard = |index, of| Ok(Shard { index, of });
        assert_eq!(
            from(&[
                ("SLURM_ARRAY_TASK_ID", "5"),
                ("SLURM_ARRAY_TASK_MIN", "5"),
                ("SLURM_ARRAY_TASK_COUNT", "4")
            ]),
            shard(1, 4)
        );
        assert_eq!(
            from(&[("JOB_COMPLETION_INDEX", "3"), ("PLAYBOOK_SHARD_TOTAL", "4")]),
            shard(4, 4)
        );
        assert_eq!(
            from(&[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "4")]),
            shard(2, 4)
        );
        assert!(from(&[("JOB_COMPLETION_INDEX", "4"), ("PLAYBOOK_SHARD_TOTAL", "4")]).is_err());
        assert!(from(&[]).unwrap_err().contains("PLAYBOOK_SHARD_INDEX"));
    }
}
