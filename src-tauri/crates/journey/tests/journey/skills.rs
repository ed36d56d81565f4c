//! Scores, focus, gaps.

use crate::support::{Learner, day};
use journey::{Command, advise_scores, views::GapKind};
use std::collections::BTreeMap;

fn scores(pairs: &[(&str, u8)]) -> BTreeMap<String, u8> {
    pairs
        .iter()
        .map(|(id, level)| ((*id).to_owned(), *level))
        .collect()
}

fn score(pairs: &[(&str, u8)]) -> Command {
    Command::ScoreSkills {
        scores: scores(pairs),
    }
}

fn assert_leads_to(id: &str, words: &[&str]) {
    let mut learner = Learner::set_out("2026-11-02");
    learner.does(score(&[(id, 2)]));
    let competency = learner.competency(id);
    assert!(!competency.next_step.is_empty());
    let path = format!(
        "{} {}",
        competency.upgrade,
        learner.content.competency(id).unwrap().next_steps.join(" ")
    );
    for word in words {
        assert!(path.to_lowercase().contains(word), "{id}: {word} in {path}");
    }
}

/// R33, R34, R35, R36: scoring leads to the upgrade of the competency.
#[test]
fn the_technical_competencies_lead_to_their_upgrades() {
    assert_leads_to("instruction_design", &["tool routing", "fallback polic"]);
    assert_leads_to(
        "data_handling",
        &["versioned corpora", "retrieval quality checks"],
    );
    assert_leads_to("evaluation", &["automated suite", "regression gate"]);
    assert_leads_to(
        "backend_integration",
        &["service boundaries", "retries", "tracing", "slo"],
    );
}

/// R37, R38, R39: scoring leads to the upgrade of the competency.
#[test]
fn the_other_competencies_lead_to_their_upgrades() {
    assert_leads_to("model_economics", &["cost-per-task budget"]);
    assert_leads_to(
        "safety_compliance",
        &["policy layer", "audit log", "red-team loop"],
    );
    assert_leads_to("product_thinking", &["decision quality", "user outcome"]);
}

/// R40: self-score and evidence stand side by side, and the widest gap is the headline.
#[test]
fn the_gap_is_said_and_nothing_is_averaged() {
    let mut learner = Learner::set_out("2026-11-02");
    learner.does(score(&[
        ("backend_integration", 4),
        ("evaluation", 1),
        ("data_handling", 2),
    ]));
    learner.runs(|_| {});
    let view = learner.skills();
    assert_eq!(
        view.headline,
        "Backend integration: you feel sure, the record does not show it yet"
    );
    assert!(
        view.explanation
            .starts_with("You gave yourself 4; the evidence says 1."),
        "{}",
        view.explanation
    );
    let backend = learner.competency("backend_integration");
    assert_eq!(
        (backend.self_level, backend.evidence_level, backend.target),
        (Some(4), 1, Some(4))
    );
    assert_eq!(backend.gap_flag.unwrap().kind, GapKind::FeltNotShown);
    assert_eq!(
        learner.competency("evaluation").gap_flag.unwrap().kind,
        GapKind::ShownNotFelt
    );
    assert!(learner.competency("data_handling").gap_flag.is_none());
}

/// R41: the two lowest are proposed by a rule that is shown; another choice needs a reason.
#[test]
fn the_focus_is_the_two_lowest_unless_a_reason_is_given() {
    let mut learner = Learner::set_out("2026-11-02");
    learner.does(score(&[
        ("instruction_design", 4),
        ("data_handling", 1),
        ("evaluation", 1),
        ("backend_integration", 2),
        ("model_economics", 2),
        ("safety_compliance", 2),
        ("product_thinking", 3),
    ]));
    learner.runs(|_| {});
    let view = learner.skills();
    assert!(view.tie_rule.contains("lowest evidence") && view.tie_rule.contains("lower self-score"));
    // Evidence is 1 for four; of the two with a self-score of 2, backend is farther below its target.
    assert_eq!(view.proposed_focus, ["backend_integration", "safety_compliance"]);
    let choose = |competencies: [&str; 2], reason: Option<&str>| Command::ChooseFocus {
        competencies: competencies.map(str::to_owned).to_vec(),
        reason: reason.map(str::to_owned),
    };
    let other = ["evaluation", "safety_compliance"];
    assert_eq!(
        learner.refused(choose(other, Some("  "))).code,
        "journey.focus_needs_reason"
    );
    assert_eq!(
        learner.refused(choose(["evaluation"; 2], None)).code,
        "journey.focus_is_two"
    );
    learner.does(choose(["safety_compliance", "backend_integration"], None));
    assert!(learner.competency("safety_compliance").focus);
    learner.does(choose(other, Some("An interview in two weeks")));
    assert_eq!(
        learner.skills().focus.unwrap().reason.as_deref(),
        Some("An interview in two weeks")
    );
}

/// R44: scores are dated, an audit is due after a month, and the change is told.
#[test]
fn a_monthly_audit_shows_the_trend() {
    let mut learner = Learner::set_out("2026-11-02");
    learner.does(score(&[("evaluation", 2), ("data_handling", 3)]));
    learner.today = day("2026-12-01");
    assert!(!learner.skills().rescore_due);
    learner.today = day("2026-12-02");
    assert!(learner.skills().rescore_due);
    learner.does(score(&[("evaluation", 3)]));
    let view = learner.skills();
    assert!(!view.rescore_due);
    assert_eq!(view.history[0].change, "Evaluation from 2 to 3");
    assert_eq!(
        view.history[0].scores,
        scores(&[("evaluation", 3), ("data_handling", 3)])
    );
    assert_eq!(view.history.len(), 2);
}

#[test]
fn scores_that_do_not_separate_are_remarked_on() {
    let all = |level: u8| scores(&[("a", level), ("b", level), ("c", level), ("d", level)]);
    assert!(advise_scores(&all(3)).unwrap().contains("Every score is 3"));
    assert!(advise_scores(&scores(&[("a", 4), ("b", 5), ("c", 4), ("d", 4)])).is_some());
    assert!(advise_scores(&scores(&[("a", 4), ("b", 2), ("c", 4), ("d", 4)])).is_none());
}

#[test]
fn impossible_scores_are_refused() {
    let learner = Learner::set_out("2026-11-02");
    assert_eq!(
        learner.refused(score(&[("evaluation", 6)])).code,
        "journey.score_out_of_range"
    );
    assert_eq!(
        learner.refused(score(&[("charm", 3)])).code,
        "journey.no_such_competency"
    );
    assert_eq!(learner.refused(score(&[])).code, "journey.no_scores");
}
