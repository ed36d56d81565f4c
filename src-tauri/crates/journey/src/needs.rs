//! Whether what is linked meets what is asked for.

use crate::{
    content::{Accept, Content, Need},
    event::Place,
    facts::{Facts, is_proof},
    record::{Linked, Record},
    views::{ArtifactView, NeedView},
    words::list,
};
use evidence::{Artifact, ArtifactKind, Purpose};

/// Something linked, with the week it came from when a month is looked at.
pub(crate) struct Offer<'a> {
    pub week: Option<u8>,
    pub linked: &'a Linked,
}

/// What closing a week or month still asks for.
pub(crate) struct Assessment {
    pub needs: Vec<NeedView>,
    /// What is missing, in words; empty when nothing is.
    pub missing: Vec<String>,
}

/// Holds a week's needs against what is linked to it.
pub(crate) fn assess_week(record: &Record, facts: &Facts, content: &Content, week: u8) -> Assessment {
    let needs = content.week(week).map_or(&[][..], |week| &week.closes_with);
    let linked = record.linked_to_week(week).into_iter();
    assess(
        needs,
        &linked
            .map(|linked| Offer { week: None, linked })
            .collect::<Vec<_>>(),
        facts,
    )
}

/// What is linked to a month and to its weeks.
pub(crate) fn linked_to_month<'a>(record: &'a Record, content: &Content, month: u8) -> Vec<Offer<'a>> {
    let direct = record.linked_at(Place::Month { month }).into_iter();
    let weeks = content.weeks_of(month).into_iter().flat_map(|week| {
        let linked = record.linked_to_week(week).into_iter();
        linked.map(move |linked| Offer {
            week: Some(week),
            linked,
        })
    });
    direct
        .map(|linked| Offer { week: None, linked })
        .chain(weeks)
        .collect()
}

/// Holds a month's needs against what is linked to it and to its weeks.
pub(crate) fn assess_month(record: &Record, facts: &Facts, content: &Content, month: u8) -> Assessment {
    let needs = content.month(month).map_or(&[][..], |month| &month.closes_with);
    assess(needs, &linked_to_month(record, content, month), facts)
}

/// A run may meet several needs, since it names its dataset, suite and target by content.
/// A file or link meets one: the need that it was linked for, or any that accepts it.
fn assess(needs: &[Need], offers: &[Offer<'_>], facts: &Facts) -> Assessment {
    let mut met_by: Vec<Option<usize>> = vec![None; needs.len()];
    for need in 0..needs.len() {
        let mut tried = vec![false; offers.len()];
        give(need, needs, offers, facts, &mut met_by, &mut tried);
    }
    let views: Vec<NeedView> = needs
        .iter()
        .zip(&met_by)
        .map(|(need, by)| {
            let lacking = if by.is_some() {
                None
            } else {
                closest(need, offers, facts)
            };
            let by = by.map(|index| offers[index].linked.artifact.label.clone());
            NeedView {
                id: need.id.clone(),
                text: need.text.clone(),
                met: by.is_some(),
                by,
                lacking,
            }
        })
        .collect();
    let mut missing: Vec<String> = views
        .iter()
        .filter(|need| !need.met)
        .map(|need| match &need.lacking {
            Some(lacking) => format!("{} ({lacking})", need.text),
            None => need.text.clone(),
        })
        .collect();
    if missing.is_empty()
        && !offers
            .iter()
            .any(|offer| look_at(&offer.linked.artifact, facts).closes)
    {
        missing.push("At least one artifact: a finished candidate run, a file or a link".into());
    }
    Assessment {
        needs: views,
        missing,
    }
}

/// Finds something for a need, moving a file or link from another need when that one has an alternative.
fn give(
    need: usize,
    needs: &[Need],
    offers: &[Offer<'_>],
    facts: &Facts,
    met_by: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    for (index, offer) in offers.iter().enumerate() {
        if tried[index] || !meets(&needs[need], needs, offer, facts) {
            continue;
        }
        tried[index] = true;
        let shared = matches!(offer.linked.artifact.kind, ArtifactKind::Run { .. });
        let owner = met_by
            .iter()
            .position(|by| *by == Some(index))
            .filter(|_| !shared);
        if owner.is_none_or(|owner| give(owner, needs, offers, facts, met_by, tried)) {
            met_by[need] = Some(index);
            return true;
        }
    }
    false
}

/// Whether one linked artifact meets one need.
fn meets(need: &Need, needs: &[Need], offer: &Offer<'_>, facts: &Facts) -> bool {
    let linked = offer.linked;
    let elsewhere = linked
        .need
        .as_ref()
        .is_some_and(|id| *id != need.id && needs.iter().any(|other| other.id == *id));
    let counts = !elsewhere && offer.week.is_none_or(|week| need.from_weeks.contains(&week));
    need.accepts
        .iter()
        .any(|accept| match (accept, &linked.artifact.kind) {
            (Accept::Run(rule), ArtifactKind::Run { run }) => facts
                .run(*run)
                .is_some_and(|run| is_proof(run) && rule.accepts(run)),
            (Accept::File(file), ArtifactKind::File { path, .. }) => {
                counts
                    && (file.endings.is_empty()
                        || file.endings.iter().any(|end| path.ends_with(end.as_str())))
            }
            (Accept::Link(_), ArtifactKind::Link { .. }) => counts,
            _ => false,
        })
}

/// Why the newest linked run does not meet a need that accepts runs.
fn closest(need: &Need, offers: &[Offer<'_>], facts: &Facts) -> Option<String> {
    let rule = need.accepts.iter().find_map(|accept| match accept {
        Accept::Run(rule) => Some(rule),
        Accept::File(_) | Accept::Link(_) => None,
    })?;
    offers.iter().rev().find_map(|offer| {
        let linked = offer.linked;
        let ArtifactKind::Run { run } = linked.artifact.kind else {
            return None;
        };
        let lacking = rule.lacking(facts.run(run)?);
        (!lacking.is_empty()).then(|| format!("{} lacks {}", linked.artifact.label, list(&lacking)))
    })
}

/// Whether an artifact can close anything, and why not.
pub(crate) fn look_at(artifact: &Artifact, facts: &Facts) -> ArtifactView {
    let (closes, note) = match &artifact.kind {
        ArtifactKind::Run { run } => match facts.run(*run) {
            None => (false, Some("This run is no longer in the database.".to_owned())),
            Some(run) if run.purpose != Purpose::Candidate => (
                false,
                Some(format!(
                    "Of purpose {}: only candidate runs close anything.",
                    run.purpose
                )),
            ),
            Some(run) if !is_proof(run) => (false, Some("This run did not finish.".into())),
            Some(run) if run.practice => (true, Some("Answered by a practice model.".into())),
            Some(_) => (true, None),
        },
        ArtifactKind::File { .. } | ArtifactKind::Link { .. } => (true, None),
    };
    ArtifactView {
        artifact: artifact.clone(),
        closes,
        note,
    }
}
