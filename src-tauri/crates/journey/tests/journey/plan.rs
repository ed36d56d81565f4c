//! Dates: any start, shifts, pauses.

use crate::support::{Learner, day};
use chrono::Days;
use journey::{Command, Entry, Event, Record, schedule::Schedule, views::WeekState};
use proptest::prelude::*;

fn shift(from_week: u8, days: i32) -> Command {
    Command::ShiftPlan {
        from_week,
        days,
        reason: None,
    }
}

/// R129: any weekday is a first day, and it can be revised before a week is closed.
#[test]
fn the_plan_starts_on_any_day() {
    let mut learner = Learner::set_out("2026-11-18");
    let view = learner.roadmap();
    assert_eq!(view.start_date, Some(day("2026-11-18")));
    assert_eq!(view.end_date, Some(day("2027-02-09")));
    assert_eq!((view.today_week, view.days_left), (Some(1), Some(83)));
    let later = Some(day("2026-11-21"));
    learner.does(Command::SetOut {
        start_date: later,
        role_family: None,
        self_scores: Default::default(),
    });
    assert_eq!(learner.roadmap().start_date, later);
    assert_eq!(learner.roadmap().today_week, None);
}

/// R129: a pause moves what comes after it day by day, and what was before stays where it was.
#[test]
fn a_pause_moves_the_dates_and_keeps_the_history() {
    let mut learner = Learner::set_out("2026-11-02");
    learner.today = day("2026-11-11");
    learner.does(Command::PausePlan {
        reason: Some("flu".into()),
    });
    learner.today = day("2026-11-21");
    assert_eq!(learner.roadmap().today_week, Some(2));
    assert_eq!(learner.roadmap().paused.unwrap().days, 10);
    assert_eq!(learner.refused(shift(3, 7)).code, "journey.paused");
    learner.does(Command::ResumePlan);
    let view = learner.roadmap();
    assert_eq!(view.weeks[0].starts, Some(day("2026-11-02")));
    assert_eq!(view.weeks[1].ends, Some(day("2026-11-25")));
    assert_eq!(view.weeks[2].starts, Some(day("2026-11-26")));
    let log: Vec<&str> = view.log.iter().map(|line| line.text.as_str()).collect();
    assert!(
        log.contains(&"Paused the plan: flu") && log.contains(&"Went on with the plan"),
        "{log:?}"
    );
}

/// R129: a shift moves a week and all after it; a week cannot be swallowed.
#[test]
fn a_shift_moves_a_week_and_all_after_it() {
    let mut learner = Learner::set_out("2026-11-02");
    learner.today = day("2026-11-18");
    assert_eq!(learner.week(2).state, WeekState::Late);
    learner.does(Command::ShiftPlan {
        from_week: 3,
        days: 7,
        reason: Some("week 2 took two".into()),
    });
    assert_eq!(learner.week(2).state, WeekState::Now);
    assert_eq!(learner.week(3).starts, Some(day("2026-11-23")));
    let refusal = learner.refused(shift(3, -14));
    assert_eq!(refusal.code, "journey.shift_swallows_week");
    assert!(refusal.hint.contains("13 days"), "{}", refusal.hint);
    assert!(
        learner.roadmap().log[0]
            .text
            .contains("Moved week 3 and all after it 7 days later")
    );
}

/// R5: an objective without something to ship is refused; with one, the days left are shown.
#[test]
fn an_objective_names_what_will_be_shipped() {
    let mut learner = Learner::set_out("2026-11-02");
    let objective = |artifact: &str| Command::SetObjective {
        outcome: "Hired as an applied AI engineer".into(),
        artifact: artifact.into(),
    };
    assert_eq!(
        learner.refused(objective("  ")).code,
        "journey.objective_without_artifact"
    );
    learner.does(objective("A support assistant with a public case study"));
    assert_eq!(
        learner.roadmap().objective.unwrap().artifact,
        "A support assistant with a public case study"
    );
    assert_eq!(learner.roadmap().days_left, Some(83));
}

fn contiguous(plan: &Schedule) -> bool {
    (1..=12).all(|week| plan.starts(week) <= plan.ends(week))
        && (1..12).all(|week| plan.ends(week) + Days::new(1) == plan.starts(week + 1))
}

#[derive(Clone, Debug)]
enum Move {
    Shift(u8, i32),
    Pause,
    Resume,
    Wait(u64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        (1_u8..=12, -20_i32..40).prop_map(|(week, days)| Move::Shift(week, days)),
        Just(Move::Pause),
        Just(Move::Resume),
        (0_u64..20).prop_map(Move::Wait),
    ];
    proptest::collection::vec(one, 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// R129: whatever is shifted and paused, twelve weeks follow each other without a gap, days that are over
    /// stay in their week while only pauses happen, and every entry is kept.
    #[test]
    fn twelve_weeks_stay_contiguous_and_history_is_kept(moves in moves()) {
        let mut learner = Learner::set_out("2026-11-04");
        let mut stored = learner.entries.clone();
        for step in moves {
            let command = match step {
                Move::Wait(days) => {
                    learner.today = learner.today + Days::new(days);
                    continue;
                }
                Move::Shift(week, days) => shift(week, days),
                Move::Pause => Command::PausePlan { reason: None },
                Move::Resume => Command::ResumePlan,
            };
            let before = learner.record().schedule(learner.today).unwrap();
            if let Ok(events) = learner.asks(command.clone()) {
                learner.does(command);
                stored.extend(learner.entries[stored.len()..].iter().cloned());
                if matches!(events.first(), Some(Event::PlanPaused { .. } | Event::PlanResumed { .. })) {
                    let after = learner.record().schedule(learner.today).unwrap();
                    prop_assert_eq!(before.week_of(learner.today), after.week_of(learner.today));
                }
            }
            let record = learner.record();
            prop_assert!(contiguous(&record.schedule(learner.today).unwrap()));
            prop_assert_eq!(record.entries(), stored.as_slice());
        }
    }
}

#[test]
fn an_event_of_a_later_version_is_kept_and_hurts_nothing() {
    let text = r#"{"at":"2026-11-02T12:00:00Z","event":{"kind":"teleported","to":"week 9"}}"#;
    let entry: Entry = serde_json::from_str(text).unwrap();
    assert_eq!(entry.event, Event::Unknown);
    assert_eq!(Record::from_entries(&[entry]).entries().len(), 1);
}

#[test]
fn every_event_survives_storage() {
    let mut learner = Learner::set_out("2026-11-02");
    learner.does(Command::AddItem {
        text: "Write the note".into(),
        week: Some(2),
    });
    let text = serde_json::to_string(&learner.entries).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<Entry>>(&text).unwrap(),
        learner.entries
    );
}
