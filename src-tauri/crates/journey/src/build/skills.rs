//! The Skills room.

use crate::{
    content::{Competency, Content},
    decide::advise_scores,
    facts::Facts,
    levels::{Level, level},
    record::{Record, Scoring},
    views::{CompetencyView, FocusView, GapFlag, GapKind, ScoringView, SkillsView},
    words::list,
};
use chrono::{DateTime, NaiveDate, Utc};

/// The Skills room as it stands today.
pub fn skills_view(
    record: &Record,
    facts: &Facts,
    content: &Content,
    _now: DateTime<Utc>,
    today: NaiveDate,
) -> SkillsView {
    let competencies: Vec<CompetencyView> = content
        .competencies
        .iter()
        .map(|competency| row(record, facts, content, competency))
        .collect();
    let (headline, explanation) = headline(&competencies);
    let scored = record.scorings.last();
    let rescore_after = i64::from(content.rescore_days);
    SkillsView {
        headline,
        explanation,
        role_family: record
            .role_family()
            .and_then(|id| content.role_family(id))
            .map(|family| family.name.clone()),
        targets_note: content.targets_note.clone(),
        scored_at: scored.map(|scoring| scoring.at),
        rescore_due: scored.is_some_and(|scoring| (today - scoring.on).num_days() >= rescore_after),
        score_advice: record.scores().and_then(advise_scores),
        competencies,
        focus: record.focus.as_ref().map(|focus| FocusView {
            competencies: focus.competencies.clone(),
            chosen_on: focus.on,
            reason: focus.reason.clone(),
        }),
        proposed_focus: proposed_focus(record, facts, content),
        tie_rule: content.tie_rule.clone(),
        history: history(record, content),
    }
}

/// The two lowest: by evidence, then by self-score (unscored first), then by distance to the target (the larger
/// first), then in the order of the table. `tie_rule` in `competencies.yaml` says the same in words.
pub(crate) fn proposed_focus(record: &Record, facts: &Facts, content: &Content) -> Vec<String> {
    let family = record.role_family().and_then(|id| content.role_family(id));
    let mut order: Vec<(u8, u8, i16, usize, &str)> = content
        .competencies
        .iter()
        .enumerate()
        .map(|(index, competency)| {
            let evidence = level(record, facts, content, competency).level;
            let own = record
                .scores()
                .and_then(|scores| scores.get(&competency.id).copied())
                .unwrap_or(0);
            let target = family
                .and_then(|family| family.target(&competency.id))
                .map_or(0, |target| target.level);
            (
                evidence,
                own,
                i16::from(evidence) - i16::from(target),
                index,
                competency.id.as_str(),
            )
        })
        .collect();
    order.sort_unstable();
    order.into_iter().take(2).map(|(.., id)| id.to_owned()).collect()
}

fn row(record: &Record, facts: &Facts, content: &Content, competency: &Competency) -> CompetencyView {
    let Level {
        level,
        evidence,
        missing,
        cap,
    } = level(record, facts, content, competency);
    let self_level = record
        .scores()
        .and_then(|scores| scores.get(&competency.id).copied());
    let family = record.role_family().and_then(|id| content.role_family(id));
    let target = family.and_then(|family| family.target(&competency.id));
    let next = usize::from(level.clamp(1, 5) - 1);
    CompetencyView {
        id: competency.id.clone(),
        name: competency.name.clone(),
        summary: competency.summary.clone(),
        starts_from: competency.starts_from.clone(),
        upgrade: competency.upgrade.clone(),
        self_level,
        evidence_level: level,
        evidence,
        target: target.map(|target| target.level),
        target_reason: target.map(|target| target.reason.clone()),
        next_step: competency.next_steps[next].clone(),
        anchors: competency.anchors.clone(),
        missing,
        cap,
        focus: record
            .focus
            .as_ref()
            .is_some_and(|focus| focus.competencies.contains(&competency.id)),
        gap_flag: self_level.and_then(|own| gap(own, level)),
    }
}

fn gap(own: u8, shown: u8) -> Option<GapFlag> {
    if own >= shown + 2 {
        let text = format!("You gave yourself {own}; the evidence says {shown}.");
        return Some(GapFlag {
            kind: GapKind::FeltNotShown,
            text,
        });
    }
    (shown > own).then(|| GapFlag {
        kind: GapKind::ShownNotFelt,
        text: format!("The evidence says {shown}; you gave yourself {own}."),
    })
}

/// The one thing that the table says, and the sentence below it.
fn headline(rows: &[CompetencyView]) -> (String, String) {
    let nothing_averaged = "Self-score and evidence stand side by side; nothing here is averaged.";
    let distance = |row: &&CompetencyView| row.self_level.unwrap_or(0).saturating_sub(row.evidence_level);
    let felt = rows.iter().filter(|row| kind(row) == Some(GapKind::FeltNotShown));
    // `rev` so that the first of the table wins among equals.
    if let Some(row) = felt.rev().max_by_key(distance) {
        return (
            format!("{}: you feel sure, the record does not show it yet", row.name),
            format!("{} {} {nothing_averaged}", gap_text(row), focus_sentence(rows)),
        );
    }
    if let Some(row) = rows.iter().find(|row| kind(row) == Some(GapKind::ShownNotFelt)) {
        return (
            format!("{}: the record shows more than you give yourself", row.name),
            format!("{} {} {nothing_averaged}", gap_text(row), focus_sentence(rows)),
        );
    }
    if rows.iter().all(|row| row.self_level.is_none()) {
        return (
            "You have not scored yourself yet".into(),
            "Seven scores from 1 to 5 take two minutes. They stand beside what runs and artifacts show."
                .into(),
        );
    }
    let shown = rows.iter().filter(|row| row.evidence_level > 1).count();
    if shown == 0 {
        return (
            "Nothing is shown yet: the first candidate run changes that".into(),
            format!("A level of evidence comes from runs and artifacts. {nothing_averaged}"),
        );
    }
    let behind = rows
        .iter()
        .filter(|row| row.target.is_some_and(|target| row.evidence_level < target))
        .count();
    match behind {
        0 if rows.iter().all(|row| row.target.is_some()) => (
            "Every competency is shown at the level that the role asks for".into(),
            format!("Keep the record fresh. {nothing_averaged}"),
        ),
        0 => (
            "Your scores and the record agree".into(),
            format!("Choose a role family to see what it asks for. {nothing_averaged}"),
        ),
        behind => (
            format!(
                "Your scores and the record agree; {behind} of {} are below the target",
                rows.len()
            ),
            format!("{} {nothing_averaged}", focus_sentence(rows)),
        ),
    }
}

fn kind(row: &CompetencyView) -> Option<GapKind> {
    row.gap_flag.as_ref().map(|gap| gap.kind)
}

fn gap_text(row: &CompetencyView) -> &str {
    row.gap_flag.as_ref().map_or("", |gap| gap.text.as_str())
}

fn focus_sentence(rows: &[CompetencyView]) -> String {
    let focus: Vec<String> = rows
        .iter()
        .filter(|row| row.focus)
        .map(|row| row.name.clone())
        .collect();
    if focus.is_empty() {
        "No sprint focus is chosen yet.".into()
    } else {
        format!("The sprint focus is {}.", list(&focus))
    }
}

fn history(record: &Record, content: &Content) -> Vec<ScoringView> {
    let mut views: Vec<ScoringView> = Vec::with_capacity(record.scorings.len());
    let mut before: Option<&Scoring> = None;
    for scoring in &record.scorings {
        let change = match before {
            None => "First scores".into(),
            Some(before) => change(before, scoring, content),
        };
        views.push(ScoringView {
            at: scoring.at,
            scores: scoring.scores.clone(),
            change,
        });
        before = Some(scoring);
    }
    views.reverse();
    views
}

fn change(before: &Scoring, after: &Scoring, content: &Content) -> String {
    let changed = after.scores.iter().filter_map(|(id, level)| {
        let name = content.competency_name(id);
        match before.scores.get(id) {
            Some(old) if old == level => None,
            Some(old) => Some(format!("{name} from {old} to {level}")),
            None => Some(format!("{name} scored {level}")),
        }
    });
    let changed: Vec<String> = changed.collect();
    if changed.is_empty() {
        "Scored again, nothing changed".into()
    } else {
        list(&changed)
    }
}
