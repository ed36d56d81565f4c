//! Onboarding.

use crate::{
    content::Content,
    record::Record,
    views::{CompetencyChoice, RoleFamilyChoice, SetupView},
};
use chrono::NaiveDate;

/// What can be chosen on the first screens, and what was chosen so far.
pub fn setup_view(record: &Record, content: &Content, today: NaiveDate) -> SetupView {
    let scores = record.scores();
    SetupView {
        set_out: record.has_set_out(),
        start_date: record.schedule(today).map_or(today, |plan| plan.starts(1)),
        role_family: record.role_family().map(str::to_owned),
        targets_note: content.targets_note.clone(),
        role_families: content
            .role_families
            .iter()
            .map(|family| choice(content, family))
            .collect(),
        competencies: content
            .competencies
            .iter()
            .map(|competency| CompetencyChoice {
                id: competency.id.clone(),
                name: competency.name.clone(),
                summary: competency.summary.clone(),
                anchors: competency.anchors.clone(),
                self_level: scores.and_then(|scores| scores.get(&competency.id).copied()),
            })
            .collect(),
    }
}

fn choice(content: &Content, family: &crate::content::RoleFamily) -> RoleFamilyChoice {
    let highest = family
        .targets
        .iter()
        .map(|target| target.level)
        .max()
        .unwrap_or(1);
    let most = family.targets.iter().filter(|target| target.level == highest);
    RoleFamilyChoice {
        id: family.id.clone(),
        name: family.name.clone(),
        summary: family.summary.clone(),
        asks_most_of: most
            .map(|target| content.competency_name(&target.competency))
            .collect(),
    }
}
