//! Builds the views.

mod alerts;
mod log;
mod next;
mod next_plan;
mod roadmap;
mod setup;
mod skills;
mod today;

pub use roadmap::roadmap_view;
pub use setup::setup_view;
pub use skills::skills_view;
pub use today::today_view;

pub(crate) use skills::proposed_focus;

use crate::{content::Content, facts::Facts, record::Record};
use chrono::{DateTime, NaiveDate, Utc};

/// What every part of a screen is built from.
pub(crate) struct Scene<'a> {
    pub record: &'a Record,
    pub facts: &'a Facts,
    pub content: &'a Content,
    pub now: DateTime<Utc>,
    pub today: NaiveDate,
}
