//! The one next action and the guards.

use crate::support::{Learner, day, web};
use evidence::{ArtifactKind, GateVerdict, RunStatus};
use journey::{
    Command, Place,
    views::{Route, Severity, WeekState},
};

fn next(learner: &Learner) -> String {
    learner.today().next.code
}

fn alerts(learner: &Learner) -> Vec<String> {
    learner
        .today()
        .alerts
        .into_iter()
        .map(|alert| alert.code)
        .collect()
}

#[test]
fn the_next_action_follows_the_documented_order() {
    let mut learner = Learner::new("2026-11-02");
    assert_eq!(next(&learner), "set_out");
    let set_out = Command::SetOut {
        start_date: None,
        role_family: None,
        self_scores: Default::default(),
    };
    learner.does(set_out);
    assert_eq!(next(&learner), "create_project");
    learner.starter_project();
    assert_eq!(next(&learner), "first_run");
    let broken = learner.runs(|run| run.status = RunStatus::Interrupted);
    assert_eq!(next(&learner), "resume_run");
    learner.facts.runs.retain(|run| run.run != broken);
    let run = learner.runs(|_| {});
    let view = learner.today();
    assert_eq!(view.next.code, "open_failures");
    assert!(matches!(
        view.next.action.route,
        Route::Run {
            only_failed: true,
            ..
        }
    ));
    assert!(!view.alternatives.is_empty());
    learner.does(Command::AddItemFromFailure {
        run,
        case_id: "a".into(),
        text: None,
        week: None,
    });
    assert_eq!(next(&learner), "define_output");
    learner.does(Command::DefineOutput {
        week: 1,
        text: "20 job descriptions".into(),
    });
    assert_eq!(next(&learner), "link_artifact");
    learner.links(
        Place::Week { week: 1 },
        web("https://example.org/postings"),
        "Postings",
    );
    assert_eq!(next(&learner), "close_week");
    learner.does(Command::CloseWeek {
        week: 1,
        retro: "Good".into(),
        next_plan: "Ship".into(),
    });
    assert_eq!(next(&learner), "score_skills");
}

/// R68: a suite that was not run for more than seven days is overdue, with its age; on day seven it is not.
#[test]
fn an_idle_suite_is_overdue_after_seven_days() {
    let mut learner = Learner::set_out("2026-11-02");
    learner.runs(|run| run.gate.verdict = GateVerdict::Passed);
    learner.today = day("2026-11-09");
    assert!(!alerts(&learner).contains(&"regression_idle".to_owned()));
    learner.today = day("2026-11-10");
    assert_eq!(
        learner.today().alerts[0].title,
        "No regression run for more than 7 days"
    );
    learner.today = day("2026-11-11");
    learner.runs(|run| run.status = RunStatus::Cancelled);
    let alert = learner.today().alerts.remove(0);
    assert_eq!(
        (alert.code.as_str(), alert.severity),
        ("regression_idle", Severity::Overdue)
    );
    assert_eq!(alert.title, "No regression run for 8 days");
    assert!(matches!(alert.action.route, Route::StartRun { .. }));
}

#[test]
fn guards_speak_of_weeks_and_months_and_keep_quiet_in_a_pause() {
    let mut learner = Learner::set_out("2026-11-02");
    learner.today = day("2026-11-04");
    assert_eq!(alerts(&learner), Vec::<String>::new());
    learner.today = day("2026-11-05");
    assert_eq!(alerts(&learner), ["nothing_linked"]);
    learner.today = day("2026-11-30");
    assert_eq!(alerts(&learner), ["week_overdue", "month_open"]);
    assert_eq!(
        learner.today().alerts[0].title,
        "Weeks 1, 2, 3 and 4 are over and still open"
    );
    learner.does(Command::PausePlan { reason: None });
    assert_eq!(alerts(&learner), Vec::<String>::new());
    assert_eq!(next(&learner), "resume_plan");
}

#[test]
fn the_strip_and_what_is_coming() {
    let mut learner = Learner::set_out("2026-11-02");
    let run = learner.runs(|_| {});
    learner.links(Place::Week { week: 4 }, ArtifactKind::Run { run }, "Run 1");
    learner.does(Command::CloseWeek {
        week: 4,
        retro: "Early".into(),
        next_plan: "Back to 1".into(),
    });
    learner.today = day("2026-11-10");
    let view = learner.today();
    let states: Vec<WeekState> = view.strip.iter().map(|week| week.state).collect();
    assert_eq!(
        states[..5],
        [
            WeekState::Late,
            WeekState::Now,
            WeekState::Upcoming,
            WeekState::Done,
            WeekState::Upcoming
        ]
    );
    assert_eq!(view.week.unwrap().number, 2);
    assert!(view.coming_up[0].text.starts_with("Week 3: "));
    assert_eq!(view.coming_up[0].date, day("2026-11-16"));
    assert!(view.coming_up[1].text.starts_with("Month 1 closes"));
}
