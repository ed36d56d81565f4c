//! The level that runs and artifacts show, beside which a self-score stands and with which it is never averaged.

use crate::{
    content::{Artifacts, Cap, Competency, Content, LevelRule, Predicate, Requirement},
    facts::Facts,
    record::Record,
    rule::RunRule,
    views::EvidenceLine,
    words::{list, run_line},
};
use chrono::Datelike;
use evidence::{ArtifactKind, RunSummary};
use std::collections::BTreeSet;

/// What the record shows for one competency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// 1 to 5; 1 when nothing is shown yet.
    pub level: u8,
    /// What speaks for it.
    pub evidence: Vec<EvidenceLine>,
    /// What the next level still asks for.
    pub missing: Vec<String>,
    /// Why the runs count for no more, where a cap holds the level.
    pub cap: Option<String>,
}

struct Outcome {
    met: bool,
    evidence: Vec<EvidenceLine>,
    missing: String,
}

/// Judges one competency by its rules.
pub fn level(record: &Record, facts: &Facts, content: &Content, competency: &Competency) -> Level {
    let mut reached = Level {
        level: 1,
        evidence: Vec::new(),
        missing: Vec::new(),
        cap: None,
    };
    for rule in &competency.levels {
        if let Some(words) = &rule.in_words {
            reached.missing = vec![words.clone()];
            break;
        }
        let judge =
            |requirement: &Requirement| outcome(requirement, rule.level, record, facts, &content.caps);
        let outcomes: Vec<Outcome> = rule.requires.iter().map(judge).collect();
        if outcomes.iter().all(|outcome| outcome.met) {
            reached.level = rule.level;
            reached.evidence = outcomes.into_iter().flat_map(|outcome| outcome.evidence).fold(
                reached.evidence,
                |mut all, line| {
                    if !all.contains(&line) {
                        all.push(line);
                    }
                    all
                },
            );
            continue;
        }
        reached.missing = outcomes
            .into_iter()
            .filter(|outcome| !outcome.met)
            .map(|outcome| outcome.missing)
            .collect();
        reached.cap = cap_at(reached.level, rule, facts, &content.caps);
        break;
    }
    reached
}

/// The cap at this level, when the next level looks at runs and none of those there are goes beyond the cap.
fn cap_at(level: u8, next: &LevelRule, facts: &Facts, caps: &[Cap]) -> Option<String> {
    let cap = caps.iter().find(|cap| cap.level == level)?;
    let looks_at_runs = next.requires.iter().any(|requirement| match requirement.check {
        Predicate::Run(_) | Predicate::WeeksInARow(_) => true,
        Predicate::Artifacts(_) => false,
    });
    let candidates = facts.candidates();
    let held = !candidates.is_empty() && !candidates.iter().any(|run| cap.beyond.accepts(run));
    (looks_at_runs && held).then(|| cap.text.clone())
}

fn outcome(requirement: &Requirement, level: u8, record: &Record, facts: &Facts, caps: &[Cap]) -> Outcome {
    let capped = |rule: &RunRule| {
        caps.iter()
            .filter(|cap| cap.level < level)
            .fold(rule.clone(), |rule, cap| rule.and(&cap.beyond))
    };
    let (have, evidence, hint) = match &requirement.check {
        Predicate::Run(rule) => {
            let rule = capped(rule);
            let (runs, hint) = matching(&rule, facts);
            // Several runs are asked for as several versions; the same source measured twice is one. Of a model asked directly the
            // prompt is the version: it stands in the suite, which is no part of the source.
            let versions: BTreeSet<_> = runs
                .iter()
                .map(|run| (&run.target.source, &run.target.prompt))
                .collect();
            (
                if requirement.count > 1 {
                    versions.len()
                } else {
                    runs.len()
                },
                runs.last().map(|run| run_evidence(run)).into_iter().collect(),
                hint,
            )
        }
        Predicate::WeeksInARow(weeks) => {
            let rule = capped(&weeks.run);
            let (runs, hint) = matching(&rule, facts);
            let streak = longest_streak(&runs);
            (
                streak,
                runs.last().map(|run| run_evidence(run)).into_iter().collect(),
                hint,
            )
        }
        Predicate::Artifacts(artifacts) => {
            let lines = closed_artifacts(artifacts, record);
            let weeks: BTreeSet<u8> = lines.iter().map(|(week, _)| *week).collect();
            (
                weeks.len(),
                lines.into_iter().map(|(_, line)| line).collect(),
                None,
            )
        }
    };
    let needed = requirement.count as usize;
    let mut missing = requirement.text.clone();
    if needed > 1 {
        missing.push_str(&format!(": {have} of {needed}"));
    }
    if let Some(hint) = hint {
        missing.push_str(". ");
        missing.push_str(&hint);
    }
    Outcome {
        met: have >= needed,
        evidence,
        missing,
    }
}

/// The runs that meet a rule, oldest first; when none does, what the closest one lacks.
fn matching<'a>(rule: &RunRule, facts: &'a Facts) -> (Vec<&'a RunSummary>, Option<String>) {
    let candidates = facts.candidates();
    let closest = candidates.iter().rev().min_by_key(|run| rule.lacking(run).len());
    let hint = closest
        .map(|run| (run, rule.lacking(run)))
        .filter(|(_, lacking)| !lacking.is_empty());
    let hint =
        hint.map(|(run, lacking)| format!("Run {} comes closest; it lacks {}", run.number, list(&lacking)));
    (
        candidates.into_iter().filter(|run| rule.accepts(run)).collect(),
        hint,
    )
}

fn run_evidence(run: &RunSummary) -> EvidenceLine {
    EvidenceLine {
        text: run_line(run),
        run: Some(run.run),
        artifact: None,
    }
}

/// How many weeks from Monday to Sunday, one after the other, have such a run.
fn longest_streak(runs: &[&RunSummary]) -> usize {
    let weeks: BTreeSet<i32> = runs
        .iter()
        .map(|run| (run.started_at.date_naive().num_days_from_ce() - 1).div_euclid(7))
        .collect();
    let mut longest = 0;
    let mut current = 0;
    let mut previous = None;
    for week in weeks {
        current = if previous == Some(week - 1) {
            current + 1
        } else {
            1
        };
        longest = longest.max(current);
        previous = Some(week);
    }
    longest
}

/// Files and links with which these weeks were closed, each with its week.
fn closed_artifacts(artifacts: &Artifacts, record: &Record) -> Vec<(u8, EvidenceLine)> {
    let closed = artifacts
        .weeks
        .iter()
        .copied()
        .filter(|week| record.is_week_closed(*week));
    closed
        .flat_map(|week| {
            record
                .linked_to_week(week)
                .into_iter()
                .map(move |linked| (week, &linked.artifact))
        })
        .filter(|(_, artifact)| !matches!(artifact.kind, ArtifactKind::Run { .. }))
        .map(|(week, artifact)| {
            let text = format!("Week {week}: {}", artifact.label);
            (
                week,
                EvidenceLine {
                    text,
                    run: None,
                    artifact: Some(artifact.id),
                },
            )
        })
        .collect()
}
