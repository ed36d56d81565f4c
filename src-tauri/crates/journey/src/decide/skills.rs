//! Scores, role family and focus.

use super::{Context, Decision};
use crate::{
    build::proposed_focus,
    command::Refusal,
    event::Event,
    words::{filled, list},
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn choose_role_family(context: &Context<'_>, role_family: String) -> Decision {
    if context.content.role_family(&role_family).is_none() {
        let known: Vec<String> = context
            .content
            .role_families
            .iter()
            .map(|family| family.id.clone())
            .collect();
        return Err(Refusal::new(
            "journey.no_such_role_family",
            format!("There is no role family `{role_family}`."),
            format!("Choose one of {}.", list(&known)),
        ));
    }
    if context.record.role_family() == Some(role_family.as_str()) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::RoleFamilyChosen { role_family }])
}

pub(super) fn score(context: &Context<'_>, scores: BTreeMap<String, u8>) -> Decision {
    if scores.is_empty() {
        return Err(Refusal::new(
            "journey.no_scores",
            "No competency was scored.",
            "Score at least one from 1 to 5; the others keep the score they have.",
        ));
    }
    for (id, level) in &scores {
        check_competency(context, id)?;
        if !(1..=5).contains(level) {
            return Err(Refusal::new(
                "journey.score_out_of_range",
                format!("{} was scored {level}.", context.content.competency_name(id)),
                "Choose a level from 1 to 5; each has a description.",
            ));
        }
    }
    Ok(vec![Event::SkillsScored {
        on: context.today,
        scores,
    }])
}

fn check_competency(context: &Context<'_>, id: &str) -> Result<(), Refusal> {
    if context.content.competency(id).is_some() {
        return Ok(());
    }
    let known: Vec<String> = context
        .content
        .competencies
        .iter()
        .map(|competency| competency.id.clone())
        .collect();
    Err(Refusal::new(
        "journey.no_such_competency",
        format!("There is no competency `{id}`."),
        format!("Choose among {}.", list(&known)),
    ))
}

pub(super) fn choose_focus(
    context: &Context<'_>,
    competencies: Vec<String>,
    reason: Option<String>,
) -> Decision {
    for id in &competencies {
        check_competency(context, id)?;
    }
    let chosen: BTreeSet<&String> = competencies.iter().collect();
    if competencies.len() != 2 || chosen.len() != 2 {
        return Err(Refusal::new(
            "journey.focus_is_two",
            "A sprint has a focus of two competencies.",
            "Choose two different ones; more would be none.",
        ));
    }
    let proposed = proposed_focus(context.record, context.facts, context.content);
    let reason = reason.as_deref().and_then(filled);
    let differs = chosen != proposed.iter().collect();
    if differs && reason.is_none() {
        let names: Vec<String> = proposed
            .iter()
            .map(|id| context.content.competency_name(id))
            .collect();
        return Err(Refusal::new(
            "journey.focus_needs_reason",
            format!("The two lowest are {}, and you chose others.", list(&names)),
            "Take the two lowest, or write why another choice serves you better.",
        ));
    }
    let reason = reason.filter(|_| differs);
    Ok(vec![Event::FocusChosen {
        on: context.today,
        competencies,
        proposed,
        reason,
    }])
}
