//! `role-families.yaml`.

use serde::Deserialize;

/// The file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleFamiliesFile {
    pub targets_note: String,
    pub role_families: Vec<RoleFamily>,
}

/// A family of roles that hire for the same work.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleFamily {
    /// Stable id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What people in it do, in one line.
    pub summary: String,
    /// One target for each competency.
    pub targets: Vec<Target>,
}

impl RoleFamily {
    /// The target for a competency.
    pub fn target(&self, competency: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.competency == competency)
    }
}

/// The level that a family asks for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The competency's id.
    pub competency: String,
    /// 1 to 5.
    pub level: u8,
    /// Why, in one sentence.
    pub reason: String,
}
