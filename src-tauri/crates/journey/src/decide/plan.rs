//! Dates, the objective and the learning log.

use super::{Context, Decision, required, skills};
use crate::{
    command::Refusal,
    event::{Event, LearningKind},
    words::{count, filled},
};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// The farthest that a start date or a shift may reach, in days.
const FARTHEST: i64 = 366;

pub(super) fn set_out(
    context: &Context<'_>,
    start_date: Option<NaiveDate>,
    role_family: Option<String>,
    scores: BTreeMap<String, u8>,
) -> Decision {
    let current = context.record.schedule(context.today).map(|plan| plan.starts(1));
    let wanted = start_date.or(if current.is_none() {
        Some(context.today)
    } else {
        None
    });
    let mut events = Vec::new();
    if let Some(start_date) = wanted.filter(|wanted| Some(*wanted) != current) {
        check_start(context, start_date, current.is_some())?;
        events.push(Event::SetOut { start_date });
    }
    if let Some(role_family) = role_family {
        events.extend(skills::choose_role_family(context, role_family)?);
    }
    if !scores.is_empty() {
        events.extend(skills::score(context, scores)?);
    }
    Ok(events)
}

fn check_start(context: &Context<'_>, start: NaiveDate, moves: bool) -> Result<(), Refusal> {
    if (start - context.today).num_days().abs() > FARTHEST {
        return Err(Refusal::new(
            "journey.start_too_far",
            "This first day is more than a year away from today.",
            "Choose a day within a year; it can be moved later.",
        ));
    }
    if moves && !context.record.closed_weeks.is_empty() {
        return Err(Refusal::new(
            "journey.under_way",
            "The plan is under way: at least one week is closed, and closed weeks keep their dates.",
            "Move the weeks that are still open, or pause the plan.",
        ));
    }
    if moves && context.record.pause.is_some() {
        return Err(paused());
    }
    Ok(())
}

fn paused() -> Refusal {
    Refusal::new(
        "journey.paused",
        "The plan is paused, and its dates move with every day of the pause.",
        "Go on with the plan first, then move its dates.",
    )
}

pub(super) fn set_objective(context: &Context<'_>, outcome: &str, artifact: &str) -> Decision {
    let outcome = required(
        outcome,
        "journey.objective_empty",
        "The objective says nothing yet.",
        "Write what will be true in twelve weeks, in one sentence.",
    )?;
    let artifact = required(
        artifact,
        "journey.objective_without_artifact",
        "The objective names nothing that can be shipped.",
        "Name the thing that others will be able to open: an app, a repository, a case study.",
    )?;
    Ok(vec![Event::ObjectiveSet {
        on: context.today,
        outcome,
        artifact,
    }])
}

pub(super) fn log_learning(context: &Context<'_>, what: LearningKind, title: &str) -> Decision {
    let title = required(
        title,
        "journey.title_empty",
        "The entry has no title.",
        "Write what you finished, as it is called.",
    )?;
    Ok(vec![Event::LearningLogged {
        on: context.today,
        what,
        title,
    }])
}

pub(super) fn shift(context: &Context<'_>, from_week: u8, days: i32, reason: Option<String>) -> Decision {
    context.check_week(from_week)?;
    let schedule = context.schedule()?;
    if context.record.pause.is_some() {
        return Err(paused());
    }
    if days == 0 || i64::from(days).abs() > FARTHEST {
        return Err(Refusal::new(
            "journey.shift_out_of_range",
            format!(
                "A shift by {} moves nothing that can be planned.",
                count(days.into(), "day")
            ),
            "Choose between 1 and 366 days, later or earlier.",
        ));
    }
    if schedule.shifted(from_week, days).is_none() {
        return Err(Refusal::new(
            "journey.shift_swallows_week",
            format!(
                "Bringing week {from_week} forward by {} would leave week {} without a single day.",
                count(i64::from(days).abs(), "day"),
                from_week.saturating_sub(1)
            ),
            format!(
                "Bring it forward by at most {}.",
                count(room_before(context, from_week), "day")
            ),
        ));
    }
    Ok(vec![Event::PlanShifted {
        from_week,
        days,
        reason: reason.as_deref().and_then(filled),
    }])
}

fn room_before(context: &Context<'_>, week: u8) -> i64 {
    let schedule = context.record.schedule(context.today);
    schedule.map_or(0, |plan| {
        (plan.starts(week) - plan.starts(week - 1)).num_days() - 1
    })
}

pub(super) fn pause(context: &Context<'_>, reason: Option<String>) -> Decision {
    let schedule = context.schedule()?;
    if context.record.pause.is_some() {
        return Err(Refusal::new(
            "journey.already_paused",
            "The plan is paused already.",
            "Go on with it when you are ready; nothing becomes overdue meanwhile.",
        ));
    }
    if context.today > schedule.ends(crate::content::WEEKS) {
        return Err(Refusal::new(
            "journey.plan_over",
            "The twelve weeks are over, so there is nothing to pause.",
            "Close what is open, or move a week to a later date.",
        ));
    }
    Ok(vec![Event::PlanPaused {
        on: context.today,
        reason: reason.as_deref().and_then(filled),
    }])
}

pub(super) fn resume(context: &Context<'_>) -> Decision {
    if context.record.pause.is_none() {
        return Err(Refusal::new(
            "journey.not_paused",
            "The plan is not paused.",
            "There is nothing to do: its dates stand as they are.",
        ));
    }
    Ok(vec![Event::PlanResumed { on: context.today }])
}
