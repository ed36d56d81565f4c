//! The log: everything that happened, in words.

use crate::{
    content::Content,
    event::{Entry, Event, ItemSource, LearningKind, Place},
    facts::Facts,
    record::Record,
    views::{LogKind, LogLine},
    words::{count, list},
};
use std::collections::BTreeMap;

/// Every line, newest first.
pub(super) fn log_lines(record: &Record, facts: &Facts, content: &Content) -> Vec<LogLine> {
    let names = Names::of(record);
    let line = |entry: &Entry| {
        let (kind, text) = describe(&entry.event, &names, facts, content)?;
        Some(LogLine {
            at: entry.at,
            kind,
            text,
        })
    };
    record.entries().iter().rev().filter_map(line).collect()
}

/// What artifacts and items were called, also those that are gone.
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(record: &Record) -> Self {
        let named = record.entries().iter().filter_map(|entry| match &entry.event {
            Event::ArtifactLinked { artifact, .. } => Some((artifact.id.to_string(), artifact.label.clone())),
            Event::ItemAdded { item, text, .. } => Some((item.to_string(), text.clone())),
            _ => None,
        });
        Self(named.collect())
    }

    fn name(&self, id: impl ToString) -> String {
        self.0
            .get(&id.to_string())
            .map_or_else(|| "something".into(), |name| format!("“{name}”"))
    }

    fn place(&self, place: Place) -> String {
        match place {
            Place::Week { week } => format!("week {week}"),
            Place::Month { month } => format!("month {month}"),
            Place::Item { item } => self.name(item),
        }
    }
}

fn describe(event: &Event, names: &Names, facts: &Facts, content: &Content) -> Option<(LogKind, String)> {
    let because = |reason: &Option<String>| reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let where_to =
        |week: &Option<u8>| week.map_or_else(|| "the backlog".into(), |week| format!("week {week}"));
    let competencies = |ids: &[String]| {
        list(
            &ids.iter()
                .map(|id| content.competency_name(id))
                .collect::<Vec<_>>(),
        )
    };
    Some(match event {
        Event::SetOut { .. } => (LogKind::Plan, "Chose the first day of the twelve weeks".into()),
        Event::PlanShifted {
            from_week,
            days,
            reason,
        } => {
            let way = if *days > 0 { "later" } else { "earlier" };
            let by = count(i64::from(*days).abs(), "day");
            (
                LogKind::Plan,
                format!(
                    "Moved week {from_week} and all after it {by} {way}{}",
                    because(reason)
                ),
            )
        }
        Event::PlanPaused { reason, .. } => (LogKind::Plan, format!("Paused the plan{}", because(reason))),
        Event::PlanResumed { .. } => (LogKind::Plan, "Went on with the plan".into()),
        Event::RoleFamilyChosen { role_family } => {
            let name = content
                .role_family(role_family)
                .map_or(role_family, |family| &family.name);
            (LogKind::Skills, format!("Chose the role family {name}"))
        }
        Event::SkillsScored { scores, .. } => (
            LogKind::Skills,
            format!("Scored {}", plural_competencies(scores.len())),
        ),
        Event::FocusChosen {
            competencies: chosen,
            reason,
            ..
        } => (
            LogKind::Skills,
            format!(
                "Made {} the sprint focus{}",
                competencies(chosen),
                because(reason)
            ),
        ),
        Event::ObjectiveSet { outcome, .. } => (LogKind::Work, format!("Set the objective: {outcome}")),
        Event::OutputDefined { week, text, late, .. } => {
            let stamp = if *late { " (after the week began)" } else { "" };
            (
                LogKind::Work,
                format!("Defined the output of week {week}{stamp}: {text}"),
            )
        }
        Event::ArtifactLinked { place, artifact, .. } => (
            LogKind::Work,
            format!("Linked “{}” to {}", artifact.label, names.place(*place)),
        ),
        Event::ArtifactUnlinked { artifact } => (LogKind::Work, format!("Took off {}", names.name(artifact))),
        Event::ItemAdded {
            text, week, source, ..
        } => {
            let from = match source {
                ItemSource::Written => String::new(),
                ItemSource::FailedCase { run, case_id, .. } => facts
                    .run(*run)
                    .map(|run| format!(", from case {case_id} of run {}", run.number))
                    .unwrap_or_default(),
            };
            (
                LogKind::Work,
                format!("Added to {}: {text}{from}", where_to(week)),
            )
        }
        Event::ItemMoved { item, week } => (
            LogKind::Work,
            format!("Moved {} to {}", names.name(item), where_to(week)),
        ),
        Event::ItemDropped { item } => (LogKind::Work, format!("Dropped {}", names.name(item))),
        Event::WeekClosed { week, .. } => (LogKind::Work, format!("Closed week {week}")),
        Event::WeekReopened { week, reason } => {
            (LogKind::Work, format!("Opened week {week} again: {reason}"))
        }
        Event::MonthClosed { month, .. } => (LogKind::Work, format!("Closed month {month}")),
        Event::MonthReopened { month, reason } => {
            (LogKind::Work, format!("Opened month {month} again: {reason}"))
        }
        Event::LearningLogged { what, title, .. } => {
            let what = match what {
                LearningKind::Tutorial => "Tutorial",
                LearningKind::Course => "Course",
                LearningKind::Certificate => "Certificate",
                LearningKind::Reading => "Reading",
            };
            (LogKind::Learning, format!("{what}: {title}"))
        }
        Event::Unknown => return None,
    })
}

fn plural_competencies(number: usize) -> String {
    if number == 1 {
        "1 competency".into()
    } else {
        format!("{number} competencies")
    }
}
