//! What a person records, and what reads it.

use crate::support::{Desk, first_day};
use api::wire::{
    Nothing,
    screen::{LinkRequest, LinkSource},
};
use chrono::Days;
use journey::{Command, LearningKind, Place};

/// R6: tutorials and certificates are logged and move no bar. R124: an item without an artifact is labelled wishlist,
/// and no longer once something is linked to it.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_delivered_counts() {
    let desk = Desk::new();
    desk.sets_out().await;
    let before = desk.playbook.roadmap(Nothing {}).await.unwrap().progress;
    for what in [LearningKind::Tutorial, LearningKind::Certificate] {
        desk.does(Command::LogLearning {
            what,
            title: "Prompting in a day".into(),
        })
        .await;
    }
    desk.does(Command::AddItem {
        text: "A dashboard".into(),
        week: Some(1),
    })
    .await;
    let roadmap = desk.playbook.roadmap(Nothing {}).await.unwrap();
    assert_eq!(roadmap.progress, before);
    assert!(
        roadmap
            .log
            .iter()
            .filter(|line| line.text.contains("Prompting in a day"))
            .count()
            == 2
    );
    let item = &roadmap.weeks[0].items[0];
    assert_eq!((item.wishlist, item.label.as_str()), (true, "Wishlist"));

    let source = LinkSource::Link {
        url: "https://example.org/dashboard".into(),
    };
    let place = Place::Item { item: item.id };
    desk.playbook
        .link_artifact(LinkRequest {
            place,
            source,
            label: String::new(),
            need: None,
        })
        .await
        .unwrap();
    let roadmap = desk.playbook.roadmap(Nothing {}).await.unwrap();
    let item = &roadmap.weeks[0].items[0];
    assert_eq!(
        (item.wishlist, item.label.as_str()),
        (false, "Backed by an artifact")
    );
    assert_eq!(roadmap.progress, before);
}

/// R126: an output defined before its week is on time, one defined in it is stamped. R129: the plan shifts and pauses,
/// dates follow, and the history stays.
#[tokio::test(flavor = "multi_thread")]
async fn dates_move_and_history_stays() {
    let desk = Desk::new();
    desk.sets_out().await;
    desk.days_pass(2);
    let define = |week| Command::DefineOutput {
        week,
        text: "30 cases over 4 categories".into(),
    };
    desk.does(define(1)).await;
    desk.does(define(2)).await;
    let weeks = desk.playbook.roadmap(Nothing {}).await.unwrap().weeks;
    let output = |week: usize| weeks[week - 1].output.as_ref().unwrap();
    assert!(output(1).late && output(1).stamp.is_some() && !output(2).late);

    let start = |roadmap: &journey::views::RoadmapView, week: usize| roadmap.weeks[week - 1].starts.unwrap();
    let before = desk.playbook.roadmap(Nothing {}).await.unwrap();
    assert_eq!(start(&before, 12), first_day() + Days::new(77));
    desk.does(Command::ShiftPlan {
        from_week: 3,
        days: 7,
        reason: Some("Holidays".into()),
    })
    .await;
    let shifted = desk.playbook.roadmap(Nothing {}).await.unwrap();
    assert_eq!(start(&shifted, 2), start(&before, 2));
    assert_eq!(start(&shifted, 12), first_day() + Days::new(84));
    desk.does(Command::PausePlan { reason: None }).await;
    desk.days_pass(3);
    desk.does(Command::ResumePlan).await;
    let resumed = desk.playbook.roadmap(Nothing {}).await.unwrap();
    assert_eq!(start(&resumed, 12), first_day() + Days::new(87));
    assert!(resumed.log.iter().any(|line| line.text.contains("Holidays")));
    // The window of another day reads the same journal.
    let reopened = api::Playbook::open(
        api::Paths {
            database: desk.sandbox.data().join("playbook.db"),
            projects: desk.sandbox.path("projects"),
        },
        std::sync::Arc::new(api::SystemHost),
    )
    .unwrap();
    assert_eq!(
        start(&reopened.roadmap(Nothing {}).await.unwrap(), 12),
        start(&resumed, 12)
    );
}

/// R41: the two lowest are proposed, with the rule that breaks a tie; another choice needs a reason.
#[tokio::test(flavor = "multi_thread")]
async fn focus_other_than_proposed_needs_a_reason() {
    let desk = Desk::new();
    desk.sets_out().await;
    let skills = desk.playbook.skills(Nothing {}).await.unwrap();
    assert_eq!(skills.proposed_focus.len(), 2);
    assert!(skills.tie_rule.contains("lowest evidence"), "{}", skills.tie_rule);
    let other: Vec<String> = ["evaluation", "data_handling"].map(str::to_owned).into();
    assert_ne!(skills.proposed_focus, other);
    let choose = |reason: Option<&str>| Command::ChooseFocus {
        competencies: other.clone(),
        reason: reason.map(str::to_owned),
    };
    desk.refused(choose(None)).await;
    desk.does(choose(Some("My product needs them first"))).await;
    let focus = desk.playbook.skills(Nothing {}).await.unwrap().focus.unwrap();
    assert_eq!(
        (focus.competencies, focus.reason.as_deref()),
        (other, Some("My product needs them first"))
    );
}
