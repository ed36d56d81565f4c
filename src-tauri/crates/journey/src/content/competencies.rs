//! `competencies.yaml`: what each level looks like and what shows it.

use crate::rule::RunRule;
use serde::Deserialize;

/// The file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompetenciesFile {
    pub tie_rule: String,
    pub rescore_days: u16,
    pub caps: Vec<Cap>,
    pub competencies: Vec<Competency>,
}

/// What a run must be, whatever a rule asks for, to count above a level.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// The highest level without it.
    pub level: u8,
    /// What it takes to go beyond.
    pub beyond: RunRule,
    /// Why, as people read it.
    pub text: String,
}

/// One competency.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Competency {
    /// Stable id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is, in one line.
    pub summary: String,
    /// Where somebody who writes prompts usually starts.
    pub starts_from: String,
    /// What it is raised to.
    pub upgrade: String,
    /// What each level from 1 to 5 looks like.
    pub anchors: [String; 5],
    /// What to do at each level from 1 to 5.
    pub next_steps: [String; 5],
    /// Levels 2 to 5.
    pub levels: Vec<LevelRule>,
}

/// What shows a level.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelRule {
    /// 2 to 5.
    pub level: u8,
    /// Everything that must hold. Empty when the app cannot see this level yet.
    #[serde(default)]
    pub requires: Vec<Requirement>,
    /// What the level takes, for a level that the app cannot see yet.
    pub in_words: Option<String>,
}

/// One requirement of a level.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// What is asked for, as people read it.
    pub text: String,
    /// What checks it.
    pub check: Predicate,
    /// How many are asked for.
    #[serde(default = "one")]
    pub count: u32,
}

fn one() -> u32 {
    1
}

/// The closed set of things that can be checked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicate {
    /// Runs that meet a rule.
    Run(RunRule),
    /// Weeks that follow each other, with a run that meets a rule in each.
    WeeksInARow(WeeksInARow),
    /// Artifacts with which weeks were closed.
    Artifacts(Artifacts),
}

/// Weeks that follow each other, each with such a run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeeksInARow {
    /// What each run must be.
    pub run: RunRule,
}

/// Files or links of closed weeks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifacts {
    /// The weeks whose files and links count, once closed; `count` counts weeks.
    pub weeks: Vec<u8>,
}

impl Competency {
    /// The rule for a level.
    pub fn level(&self, level: u8) -> Option<&LevelRule> {
        self.levels.iter().find(|rule| rule.level == level)
    }

    /// Every metric that the rules name.
    pub fn metrics(&self) -> Vec<&str> {
        let requirements = self.levels.iter().flat_map(|level| &level.requires);
        let rules = requirements.filter_map(|requirement| match &requirement.check {
            Predicate::Run(rule) => Some(rule),
            Predicate::WeeksInARow(weeks) => Some(&weeks.run),
            Predicate::Artifacts(_) => None,
        });
        rules
            .flat_map(|rule| rule.metrics.iter().map(String::as_str))
            .collect()
    }

    pub(super) fn problem(&self) -> Option<String> {
        if !self.levels.iter().map(|rule| rule.level).eq(2..=5) {
            return Some("levels must be 2, 3, 4 and 5, in order".into());
        }
        self.levels
            .iter()
            .find(|rule| rule.requires.is_empty() != rule.in_words.is_some())
            .map(|rule| format!("level {} needs either `requires` or `in_words`", rule.level))
    }
}
