//! Evidence levels and their caps.

use crate::support::{Learner, file, own_work};
use chrono::Days;
use evidence::{ContentHash, GateVerdict, Purpose, RunStatus};
use journey::{Command, Place};

const ALL: [&str; 7] = [
    "instruction_design",
    "data_handling",
    "evaluation",
    "backend_integration",
    "model_economics",
    "safety_compliance",
    "product_thinking",
];

fn levels(learner: &Learner) -> Vec<u8> {
    ALL.iter()
        .map(|id| learner.competency(id).evidence_level)
        .collect()
}

/// R40: one candidate run on the starter with the practice model raises what it shows to level 2, and no more.
#[test]
fn one_practice_run_raises_evaluation_to_two_and_says_why_not_three() {
    let mut learner = Learner::set_out("2026-11-02");
    assert_eq!(levels(&learner), [1; 7]);
    let run = learner.runs(|_| {});
    assert_eq!(levels(&learner), [1, 2, 2, 1, 2, 1, 1]);
    let evaluation = learner.competency("evaluation");
    assert_eq!(evaluation.evidence[0].run, Some(run));
    assert!(evaluation.cap.unwrap().starts_with("Held at level 2"));
    let missing = evaluation.missing.join("; ");
    for part in [
        "30 cases that you wrote (it has 0)",
        "a real model",
        "a change of yours",
        "0 of 2",
    ] {
        assert!(missing.contains(part), "{part} in {missing}");
    }
}

/// R40: only finished candidates are evidence.
#[test]
fn experiments_and_unfinished_runs_show_nothing() {
    let mut learner = Learner::set_out("2026-11-02");
    learner.runs(|run| run.purpose = Purpose::Experiment);
    learner.runs(|run| run.status = RunStatus::Interrupted);
    assert_eq!(levels(&learner), [1; 7]);
}

/// R40: each part of the cap holds by itself.
#[test]
fn every_part_of_the_cap_holds() {
    for (index, expected) in [2, 2, 2, 3].into_iter().enumerate() {
        let mut learner = Learner::set_out("2026-11-02");
        for _ in 0..2 {
            learner.runs(|run| {
                own_work(run);
                match index {
                    0 => run.own_cases = 29,
                    1 => run.target_changed = false,
                    2 => run.practice = true,
                    _ => {}
                }
            });
            learner.today = learner.today + Days::new(7);
        }
        assert_eq!(
            learner.competency("evaluation").evidence_level,
            expected,
            "part {index}"
        );
    }
}

/// R35: weekly gated runs raise evaluation further; the count says how far they are.
#[test]
fn weeks_in_a_row_are_counted() {
    let mut learner = Learner::set_out("2026-11-02");
    let weekly = |learner: &mut Learner| {
        learner.runs(|run| {
            own_work(run);
            run.gate.verdict = GateVerdict::Passed;
        });
        learner.today = learner.today + Days::new(7);
    };
    weekly(&mut learner);
    assert!(
        learner
            .competency("evaluation")
            .missing
            .iter()
            .any(|missing| missing.contains("1 of 2"))
    );
    weekly(&mut learner);
    weekly(&mut learner);
    assert_eq!(
        learner.competency("evaluation").missing,
        ["A gated run in weeks that follow each other: 3 of 4"]
    );
    weekly(&mut learner);
    let evaluation = learner.competency("evaluation");
    assert_eq!(evaluation.evidence_level, 4);
    assert!(
        evaluation.missing[0].contains("agreement"),
        "{:?}",
        evaluation.missing
    );
}

/// R39: an artifact with which a week was closed is evidence; linked to an open week it is not yet.
#[test]
fn artifacts_count_once_their_week_is_closed() {
    let mut learner = Learner::set_out("2026-11-02");
    learner.links(
        Place::Week { week: 1 },
        file("/home/ada/postings.md"),
        "20 postings",
    );
    assert_eq!(learner.competency("product_thinking").evidence_level, 1);
    let (retro, next_plan) = ("Read twenty".to_owned(), "Ship".to_owned());
    learner.does(Command::CloseWeek {
        week: 1,
        retro,
        next_plan,
    });
    let product = learner.competency("product_thinking");
    assert_eq!(
        (product.evidence_level, product.evidence[0].text.as_str()),
        (2, "Week 1: 20 postings")
    );
}

/// R40: where a model is asked directly the prompt stands in the suite, so that another prompt is another version of the same source.
#[test]
fn another_prompt_is_another_version() {
    let missing = |prompts: &[Option<&str>]| {
        let mut learner = Learner::set_out("2026-11-02");
        for prompt in prompts {
            learner.runs(|run| {
                own_work(run);
                run.target.prompt = prompt.map(ContentHash::of);
            });
        }
        learner.competency("instruction_design").missing.join("; ")
    };
    let once = "Candidate runs after different changes of yours: 1 of 2";
    assert!(missing(&[Some("Be brief."), Some("Be brief.")]).contains(once));
    assert!(missing(&[None, None]).contains(once));
    let twice = missing(&[Some("Be brief."), Some("Cite the passage.")]);
    assert!(!twice.is_empty() && !twice.contains("of 2"), "{twice}");
}
