//! From a command to events, or to a refusal that says what to do next.

mod advice;
mod items;
mod plan;
mod skills;
mod week;

pub use advice::{advise_output, advise_scores};

use crate::{
    command::{Command, Refusal},
    content::{Content, MONTHS, WEEKS},
    event::Event,
    facts::Facts,
    record::Record,
    schedule::Schedule,
};
use chrono::{DateTime, NaiveDate, Utc};

/// Everything that a decision looks at.
struct Context<'a> {
    record: &'a Record,
    facts: &'a Facts,
    content: &'a Content,
    now: DateTime<Utc>,
    today: NaiveDate,
}

type Decision = Result<Vec<Event>, Refusal>;

/// Decides a command. `today` is the day of `now` in the user's zone. Nothing happens until the events are stored.
pub fn decide(
    record: &Record,
    facts: &Facts,
    content: &Content,
    command: Command,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Vec<Event>, Refusal> {
    let context = Context {
        record,
        facts,
        content,
        now,
        today,
    };
    match command {
        Command::SetOut {
            start_date,
            role_family,
            self_scores,
        } => plan::set_out(&context, start_date, role_family, self_scores),
        Command::ChooseRoleFamily { role_family } => skills::choose_role_family(&context, role_family),
        Command::ScoreSkills { scores } => skills::score(&context, scores),
        Command::ChooseFocus { competencies, reason } => skills::choose_focus(&context, competencies, reason),
        Command::SetObjective { outcome, artifact } => plan::set_objective(&context, &outcome, &artifact),
        Command::DefineOutput { week, text } => week::define_output(&context, week, &text),
        Command::LinkArtifact {
            place,
            artifact,
            need,
        } => items::link(&context, place, artifact, need),
        Command::UnlinkArtifact { artifact } => items::unlink(&context, artifact),
        Command::AddItem { text, week } => items::add(&context, &text, week),
        Command::AddItemFromFailure {
            run,
            case_id,
            text,
            week,
        } => items::add_from_failure(&context, run, &case_id, text, week),
        Command::MoveItem { item, week } => items::move_to(&context, item, week),
        Command::DropItem { item } => items::drop_item(&context, item),
        Command::CloseWeek {
            week,
            retro,
            next_plan,
        } => week::close(&context, week, &retro, &next_plan),
        Command::ReopenWeek { week, reason } => week::reopen(&context, week, &reason),
        Command::CloseMonth { month } => week::close_month(&context, month),
        Command::ReopenMonth { month, reason } => week::reopen_month(&context, month, &reason),
        Command::LogLearning { what, title } => plan::log_learning(&context, what, &title),
        Command::ShiftPlan {
            from_week,
            days,
            reason,
        } => plan::shift(&context, from_week, days, reason),
        Command::PausePlan { reason } => plan::pause(&context, reason),
        Command::ResumePlan => plan::resume(&context),
    }
}

impl Context<'_> {
    fn schedule(&self) -> Result<Schedule, Refusal> {
        self.record.schedule(self.today).ok_or_else(|| {
            Refusal::new(
                "journey.not_set_out",
                "The twelve weeks have no first day yet.",
                "Choose a start date first; any weekday will do.",
            )
        })
    }

    fn check_week(&self, week: u8) -> Result<(), Refusal> {
        if (1..=WEEKS).contains(&week) {
            return Ok(());
        }
        Err(Refusal::new(
            "journey.no_such_week",
            format!("There is no week {week}."),
            format!("Choose a week from 1 to {WEEKS}."),
        ))
    }

    fn check_month(&self, month: u8) -> Result<(), Refusal> {
        if (1..=MONTHS).contains(&month) {
            return Ok(());
        }
        Err(Refusal::new(
            "journey.no_such_month",
            format!("There is no month {month}."),
            format!("Choose a month from 1 to {MONTHS}."),
        ))
    }

    fn check_open_week(&self, week: u8) -> Result<(), Refusal> {
        self.check_week(week)?;
        if !self.record.is_week_closed(week) {
            return Ok(());
        }
        Err(Refusal::new(
            "journey.week_closed",
            format!("Week {week} is closed, and a closed week keeps what it was closed with."),
            "Open the week again, with a reason, or use another week.",
        ))
    }

    fn check_open_month(&self, month: u8) -> Result<(), Refusal> {
        self.check_month(month)?;
        if !self.record.is_month_closed(month) {
            return Ok(());
        }
        Err(Refusal::new(
            "journey.month_closed",
            format!("Month {month} is closed, and a closed month keeps what it was closed with."),
            "Open the month again, with a reason.",
        ))
    }
}

/// The longest text that a person may enter.
const LONGEST: usize = 4000;

/// A text that has to be there.
fn required(text: &str, code: &'static str, message: &str, hint: &str) -> Result<String, Refusal> {
    let text = crate::words::filled(text).ok_or_else(|| Refusal::new(code, message, hint))?;
    if text.chars().count() > LONGEST {
        return Err(Refusal::new(
            "journey.text_too_long",
            format!("This text is longer than {LONGEST} characters."),
            "Keep the point here and put the rest into a file that you link.",
        ));
    }
    Ok(text)
}
