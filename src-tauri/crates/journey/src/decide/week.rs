//! Outputs, and closing weeks and months.

use super::{Context, Decision, required};
use crate::{
    command::Refusal,
    event::Event,
    needs::{assess_month, assess_week},
};
use chrono::TimeDelta;

pub(super) fn define_output(context: &Context<'_>, week: u8, text: &str) -> Decision {
    context.check_open_week(week)?;
    let schedule = context.schedule()?;
    let text = required(
        text,
        "journey.output_empty",
        format!("The output of week {week} says nothing yet.").as_str(),
        "Write one thing that can be measured: how many, how fast, at what cost, or which pass rate.",
    )?;
    let starts = schedule.starts(week);
    let begins_today = starts == context.today && set_out_just_now(context);
    let late = starts <= context.today && !begins_today;
    Ok(vec![Event::OutputDefined {
        week,
        text,
        on: context.today,
        late,
    }])
}

/// Whoever sets out today with a week that begins today cannot have defined its output any earlier.
fn set_out_just_now(context: &Context<'_>) -> bool {
    let set_out = context
        .record
        .entries()
        .iter()
        .find(|entry| matches!(entry.event, Event::SetOut { .. }));
    set_out.is_some_and(|entry| context.now - entry.at < TimeDelta::days(1))
}

pub(super) fn close(context: &Context<'_>, week: u8, retro: &str, next_plan: &str) -> Decision {
    context.schedule()?;
    context.check_week(week)?;
    if context.record.is_week_closed(week) {
        return Err(already_closed("week", week));
    }
    let missing = assess_week(context.record, context.facts, context.content, week).missing;
    if !missing.is_empty() {
        return Err(Refusal::new(
            "journey.week_needs_artifact",
            format!(
                "Week {week} cannot be closed yet: it still asks for {}.",
                in_words(&missing)
            ),
            "Link what shows the work: a finished candidate run, a file or a page that others can open.",
        ));
    }
    let retro = required(
        retro,
        "journey.retro_missing",
        &format!("Week {week} stays open: it has no retro."),
        "Write what happened and what you would do differently; two sentences are enough.",
    )?;
    let next_plan = required(
        next_plan,
        "journey.next_plan_missing",
        &format!("Week {week} stays open: it has no plan for what comes next."),
        "Write the first thing you will do next week.",
    )?;
    Ok(vec![Event::WeekClosed {
        week,
        on: context.today,
        retro,
        next_plan,
    }])
}

pub(super) fn reopen(context: &Context<'_>, week: u8, reason: &str) -> Decision {
    context.check_week(week)?;
    if !context.record.is_week_closed(week) {
        return Err(not_closed("week", week));
    }
    Ok(vec![Event::WeekReopened {
        week,
        reason: reopen_reason(reason)?,
    }])
}

pub(super) fn close_month(context: &Context<'_>, month: u8) -> Decision {
    context.schedule()?;
    context.check_month(month)?;
    if context.record.is_month_closed(month) {
        return Err(already_closed("month", month));
    }
    let missing = assess_month(context.record, context.facts, context.content, month).missing;
    if !missing.is_empty() {
        return Err(Refusal::new(
            "journey.month_needs_proof",
            format!(
                "Month {month} cannot be closed yet: it still asks for {}.",
                in_words(&missing)
            ),
            "Link what is missing to the month or to one of its weeks.",
        ));
    }
    Ok(vec![Event::MonthClosed {
        month,
        on: context.today,
    }])
}

pub(super) fn reopen_month(context: &Context<'_>, month: u8, reason: &str) -> Decision {
    context.check_month(month)?;
    if !context.record.is_month_closed(month) {
        return Err(not_closed("month", month));
    }
    Ok(vec![Event::MonthReopened {
        month,
        reason: reopen_reason(reason)?,
    }])
}

fn reopen_reason(reason: &str) -> Result<String, Refusal> {
    required(
        reason,
        "journey.reopen_needs_reason",
        "Opening something again needs a reason; it stays in the log.",
        "Write what turned out to be missing.",
    )
}

fn already_closed(what: &str, number: u8) -> Refusal {
    Refusal::new(
        "journey.already_closed",
        format!("The {what} {number} is closed already."),
        "Open it again, with a reason, to change it.",
    )
}

fn not_closed(what: &str, number: u8) -> Refusal {
    Refusal::new(
        "journey.not_closed",
        format!("The {what} {number} is not closed."),
        "There is nothing to open again.",
    )
}

/// Missing things inside a sentence.
fn in_words(missing: &[String]) -> String {
    let quoted: Vec<String> = missing.iter().map(|text| format!("“{text}”")).collect();
    crate::words::list(&quoted)
}
