//! The content that the journey is made of: data and prose from `content/*.yaml`.

mod competencies;
mod need;
mod roadmap;
mod roles;

pub use competencies::{Artifacts, Cap, Competency, LevelRule, Predicate, Requirement, WeeksInARow};
pub use need::{Accept, AnyFile, AnyLink, Need};
pub use roadmap::{Month, Week};
pub use roles::{RoleFamily, Target};

use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// How many weeks the plan has.
pub const WEEKS: u8 = 12;
/// How many months the plan has.
pub const MONTHS: u8 = 3;
/// How many competencies there are.
pub const COMPETENCIES: usize = 7;

/// Content that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct ContentError {
    /// The file.
    pub file: &'static str,
    /// What is wrong, with the line where it is known.
    pub problem: String,
}

/// Everything that this crate takes from `content/`.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// Three months.
    pub months: Vec<Month>,
    /// Twelve weeks.
    pub weeks: Vec<Week>,
    /// Seven competencies, in the order they are shown.
    pub competencies: Vec<Competency>,
    /// What holds evidence down to a level.
    pub caps: Vec<Cap>,
    /// How a sprint's focus is proposed and ties are broken, in words.
    pub tie_rule: String,
    /// Days after which scoring again is due.
    pub rescore_days: u16,
    /// Role families.
    pub role_families: Vec<RoleFamily>,
    /// What the targets rest on.
    pub targets_note: String,
}

const ROADMAP: &str = "roadmap.yaml";
const SKILLS: &str = "competencies.yaml";
const ROLES: &str = "role-families.yaml";

impl Content {
    /// Reads the three files and checks what a schema cannot say.
    pub fn parse(roadmap: &str, competencies: &str, role_families: &str) -> Result<Self, ContentError> {
        let roadmap: roadmap::RoadmapFile = read(ROADMAP, roadmap)?;
        let skills: competencies::CompetenciesFile = read(SKILLS, competencies)?;
        let roles: roles::RoleFamiliesFile = read(ROLES, role_families)?;
        let content = Self {
            months: roadmap.months,
            weeks: roadmap.weeks,
            competencies: skills.competencies,
            caps: skills.caps,
            tie_rule: skills.tie_rule,
            rescore_days: skills.rescore_days,
            role_families: roles.role_families,
            targets_note: roles.targets_note,
        };
        content.check()?;
        Ok(content)
    }

    /// The week of this number.
    pub fn week(&self, number: u8) -> Option<&Week> {
        self.weeks.iter().find(|week| week.number == number)
    }

    /// The month of this number.
    pub fn month(&self, number: u8) -> Option<&Month> {
        self.months.iter().find(|month| month.number == number)
    }

    /// The competency with this id.
    pub fn competency(&self, id: &str) -> Option<&Competency> {
        self.competencies.iter().find(|competency| competency.id == id)
    }

    /// The role family with this id.
    pub fn role_family(&self, id: &str) -> Option<&RoleFamily> {
        self.role_families.iter().find(|family| family.id == id)
    }

    /// The weeks of a month.
    pub fn weeks_of(&self, month: u8) -> Vec<u8> {
        self.weeks
            .iter()
            .filter(|week| week.month == month)
            .map(|week| week.number)
            .collect()
    }

    /// The competency's name, or its id when the content no longer has it.
    pub(crate) fn competency_name(&self, id: &str) -> String {
        self.competency(id)
            .map_or_else(|| id.to_owned(), |competency| competency.name.clone())
    }

    fn check(&self) -> Result<(), ContentError> {
        let fail = |file, problem: String| Err(ContentError { file, problem });
        if !self.weeks.iter().map(|week| week.number).eq(1..=WEEKS) {
            return fail(ROADMAP, format!("weeks must be numbered 1 to {WEEKS}, in order"));
        }
        if !self.months.iter().map(|month| month.number).eq(1..=MONTHS) {
            return fail(
                ROADMAP,
                format!("months must be numbered 1 to {MONTHS}, in order"),
            );
        }
        if !self.weeks.is_sorted_by_key(|week| week.month) {
            return fail(ROADMAP, "the weeks of a month must follow each other".into());
        }
        let ids: BTreeSet<&str> = self
            .competencies
            .iter()
            .map(|competency| competency.id.as_str())
            .collect();
        if ids.len() != COMPETENCIES || self.competencies.len() != COMPETENCIES {
            return fail(
                SKILLS,
                format!("there must be {COMPETENCIES} competencies with different ids"),
            );
        }
        for competency in &self.competencies {
            if let Some(problem) = competency.problem() {
                return fail(SKILLS, format!("competency `{}`: {problem}", competency.id));
            }
        }
        for family in &self.role_families {
            let targets: BTreeSet<&str> = family
                .targets
                .iter()
                .map(|target| target.competency.as_str())
                .collect();
            if targets != ids || family.targets.len() != COMPETENCIES {
                return fail(
                    ROLES,
                    format!("family `{}` must set one target for each competency", family.id),
                );
            }
        }
        let needs = self.weeks.iter().flat_map(|week| &week.closes_with);
        let needs = needs.chain(self.months.iter().flat_map(|month| &month.closes_with));
        let of_needs = needs.flat_map(Need::metrics).map(|metric| (ROADMAP, metric));
        let of_levels = self
            .competencies
            .iter()
            .flat_map(Competency::metrics)
            .map(|metric| (SKILLS, metric));
        match of_needs
            .chain(of_levels)
            .find(|(_, metric)| !crate::rule::is_known_metric(metric))
        {
            Some((file, metric)) => fail(file, format!("`{metric}` is not the name of a metric")),
            None => Ok(()),
        }
    }
}

fn read<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, ContentError> {
    serde_saphyr::from_str(text).map_err(|error| ContentError {
        file,
        problem: error.to_string(),
    })
}
