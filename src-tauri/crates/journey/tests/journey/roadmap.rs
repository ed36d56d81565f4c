//! Weeks and months close on artifacts.

use crate::support::{Learner, artifact, day, file, noon, own_work, web};
use evidence::{ArtifactKind, Purpose};
use journey::{
    Command, ItemId, LearningKind, Place, advise_output,
    views::{LogKind, MonthState, WeekState},
};

fn close(week: u8) -> Command {
    Command::CloseWeek {
        week,
        retro: "Ranking was the problem".into(),
        next_plan: "Start with recall".into(),
    }
}

fn week(week: u8) -> Place {
    Place::Week { week }
}

/// R126: an output defined before its week is on time, one defined after it began is stamped, and the stamp stays.
#[test]
fn a_late_output_is_stamped() {
    let mut learner = Learner::set_out("2026-11-02");
    learner.today = day("2026-11-04");
    let define = |week, text: &str| Command::DefineOutput {
        week,
        text: text.into(),
    };
    learner.does(define(2, "5 cases answered"));
    learner.does(define(1, "20 job descriptions in one table"));
    assert!(!learner.week(2).output.unwrap().late);
    let output = learner.week(1).output.unwrap();
    assert_eq!(output.stamp.as_deref(), Some("Defined after the week began"));
    learner.does(Command::ShiftPlan {
        from_week: 1,
        days: 14,
        reason: None,
    });
    assert!(learner.week(1).output.unwrap().late);
    assert_eq!(learner.refused(define(3, "   ")).code, "journey.output_empty");
}

/// R126: an output without number or metric is accepted with advice.
#[test]
fn an_output_that_cannot_be_measured_gets_advice() {
    assert!(advise_output("Make the assistant better").is_some());
    assert!(advise_output("20 job descriptions").is_none());
    assert!(advise_output("A lower error rate on the golden suite").is_none());
    let mut learner = Learner::set_out("2026-11-02");
    learner.does(Command::DefineOutput {
        week: 2,
        text: "Make it better".into(),
    });
    assert!(learner.week(2).output.unwrap().warning.is_some());
}

/// R123: a week stays open without artifact, retro or plan. R6: only then does the bar move.
#[test]
fn a_week_closes_on_an_artifact_a_retro_and_a_plan() {
    let mut learner = Learner::set_out("2026-11-02");
    assert_eq!(learner.refused(close(1)).code, "journey.week_needs_artifact");
    learner.links(week(1), file("/home/ada/postings.md"), "20 postings");
    assert!(learner.week(1).can_close);
    let without = |retro: &str, plan: &str| Command::CloseWeek {
        week: 1,
        retro: retro.into(),
        next_plan: plan.into(),
    };
    assert_eq!(
        learner.refused(without(" ", "Ship")).code,
        "journey.retro_missing"
    );
    assert_eq!(
        learner.refused(without("Good", "")).code,
        "journey.next_plan_missing"
    );
    assert_eq!(learner.roadmap().progress.weeks_closed, 0);
    learner.does(close(1));
    assert_eq!(learner.week(1).state, WeekState::Done);
    assert_eq!(learner.roadmap().progress.weeks_closed, 1);
}

/// R6: tutorials and certificates are logged and move nothing.
#[test]
fn learning_is_logged_and_moves_nothing() {
    let mut learner = Learner::set_out("2026-11-02");
    let (before, levels) = (learner.roadmap(), learner.skills().competencies);
    for what in [LearningKind::Tutorial, LearningKind::Certificate] {
        learner.does(Command::LogLearning {
            what,
            title: "Vector stores in a day".into(),
        });
    }
    let after = learner.roadmap();
    assert_eq!((after.progress, after.weeks), (before.progress, before.weeks));
    assert_eq!(learner.skills().competencies, levels);
    let learned = after.log.iter().filter(|line| line.kind == LogKind::Learning);
    assert_eq!(
        learned.map(|line| line.text.as_str()).next(),
        Some("Certificate: Vector stores in a day")
    );
}

/// R104: week 2 asks for a recorded run; an experiment may be linked and closes nothing.
#[test]
fn only_a_candidate_run_closes() {
    let mut learner = Learner::set_out("2026-11-02");
    let experiment = learner.runs(|run| run.purpose = Purpose::Experiment);
    learner.links(week(2), ArtifactKind::Run { run: experiment }, "Run 1");
    learner.links(week(2), web("https://example.org/repo"), "Repository");
    let view = learner.week(2);
    assert!(!view.artifacts[0].closes);
    assert!(
        view.missing[0].contains("Run 1 lacks the purpose candidate"),
        "{:?}",
        view.missing
    );
    let candidate = learner.runs(|_| {});
    learner.links(week(2), ArtifactKind::Run { run: candidate }, "Run 2");
    learner.does(close(2));
    assert_eq!(learner.roadmap().progress.weeks_closed, 1);
}

/// R106: one candidate run over 100 cases with thresholds closes week 4 and is frozen as the baseline.
#[test]
fn week_four_freezes_the_baseline() {
    let mut learner = Learner::set_out("2026-11-02");
    let small = learner.runs(|run| run.cases = 12);
    let small = learner.links(week(4), ArtifactKind::Run { run: small }, "Run 1");
    assert!(
        learner
            .refused(close(4))
            .message
            .contains("100 cases (it has 12)")
    );
    learner.does(Command::UnlinkArtifact { artifact: small });
    let baseline = learner.runs(|_| {});
    let linked = learner.links(week(4), ArtifactKind::Run { run: baseline }, "Run 2");
    assert_eq!(learner.roadmap().baseline, None);
    learner.does(close(4));
    learner.runs(own_work);
    assert_eq!(learner.roadmap().baseline, Some(baseline));
    assert_eq!(
        learner.refused(Command::UnlinkArtifact { artifact: linked }).code,
        "journey.week_closed"
    );
    learner.does(Command::ReopenWeek {
        week: 4,
        reason: "wrong dataset".into(),
    });
    assert_eq!(
        (
            learner.roadmap().baseline,
            learner.roadmap().progress.weeks_closed
        ),
        (None, 0)
    );
}

/// R105: week 3 asks for retrieval checks and an error log, both.
#[test]
fn week_three_asks_for_both() {
    let mut learner = Learner::set_out("2026-11-02");
    let run = learner.runs(|_| {});
    learner.links(week(3), ArtifactKind::Run { run }, "Run 1");
    let view = learner.week(3);
    assert_eq!(view.missing, ["The error log"]);
    assert_eq!(
        view.needs.iter().map(|need| need.met).collect::<Vec<_>>(),
        [true, false]
    );
    learner.links(week(3), file("/home/ada/errors.md"), "Error log");
    assert_eq!(learner.week(3).needs[1].by.as_deref(), Some("Error log"));
}

/// R115: month 1 closes with the app and its metrics.
#[test]
fn month_one_closes_with_app_and_metrics() {
    let mut learner = Learner::set_out("2026-11-02");
    learner.links(week(1), file("/home/ada/postings.md"), "20 postings");
    let missing = &learner.roadmap().months[0].missing;
    assert_eq!(missing.len(), 2, "a file of week 1 is not the app: {missing:?}");
    learner.links(week(2), web("https://example.org/repo"), "Repository");
    assert_eq!(
        learner.refused(Command::CloseMonth { month: 1 }).code,
        "journey.month_needs_proof"
    );
    let run = learner.runs(|_| {});
    learner.links(week(4), ArtifactKind::Run { run }, "Run 1");
    learner.does(Command::CloseMonth { month: 1 });
    assert_eq!(learner.roadmap().months[0].state, MonthState::Done);
    assert_eq!(learner.roadmap().progress.months_closed, 1);
}

/// R116: month 2 asks for the suite and regression results. R117: month 3 for three different things.
#[test]
fn later_months_ask_for_their_proof() {
    let mut learner = Learner::set_out("2026-11-02");
    let run = learner.runs(|_| {});
    learner.links(Place::Month { month: 2 }, ArtifactKind::Run { run }, "Run 1");
    assert_eq!(
        learner.roadmap().months[1].missing,
        ["The eval suite with its cases, versioned"]
    );
    let month = Place::Month { month: 3 };
    learner.links(month, file("/home/ada/one.pdf"), "One file");
    assert_eq!(
        learner.roadmap().months[2].missing.len(),
        2,
        "one file is not three things"
    );
    let deck = artifact(file("/home/ada/deck.pdf"), "Deck", noon(learner.today));
    let need = Some("interview_deck".to_owned());
    learner.does(Command::LinkArtifact {
        place: month,
        artifact: deck,
        need,
    });
    let needs = &learner.roadmap().months[2].needs;
    assert_eq!(needs[2].by.as_deref(), Some("Deck"));
    assert!(!needs[1].met);
}

/// R121: one command turns a failed case into an item. R124: without an artifact it is labelled wishlist.
#[test]
fn a_failure_becomes_an_item_and_stays_a_wish_until_backed() {
    let mut learner = Learner::set_out("2026-11-02");
    let run = learner.runs(|_| {});
    let from_failure = || Command::AddItemFromFailure {
        run,
        case_id: "refund-017".into(),
        text: None,
        week: Some(5),
    };
    learner.does(from_failure());
    let item = learner.week(5).items.remove(0);
    assert_eq!((item.wishlist, item.label.as_str()), (true, "Wishlist"));
    assert_eq!(
        item.source_text.as_deref(),
        Some("From case refund-017, which failed in run 1")
    );
    assert_eq!(learner.refused(from_failure()).code, "journey.already_an_item");
    learner.links(
        Place::Item { item: item.id },
        web("https://example.org/pull/4"),
        "Pull request 4",
    );
    assert_eq!(learner.week(5).items[0].label, "Backed by an artifact");
    learner.does(Command::MoveItem {
        item: item.id,
        week: None,
    });
    assert_eq!(learner.roadmap().backlog.len(), 1);
}

#[test]
fn bad_links_are_refused_with_the_next_step() {
    let learner = Learner::set_out("2026-11-02");
    let refused = |kind| {
        let artifact = artifact(kind, "x", noon(learner.today));
        learner
            .refused(Command::LinkArtifact {
                place: week(1),
                artifact,
                need: None,
            })
            .code
    };
    assert_eq!(refused(web("ftp://example.org")), "journey.link_not_web");
    assert_eq!(refused(web("https:// example.org")), "journey.link_not_web");
    assert_eq!(
        refused(ArtifactKind::Run {
            run: evidence::RunId::new()
        }),
        "journey.no_such_run"
    );
    let item = ItemId::at(noon(learner.today), 1);
    assert_eq!(
        learner.refused(Command::DropItem { item }).code,
        "journey.no_such_item"
    );
}
