//! The state of a journey: all its entries, folded.

mod parts;

pub use parts::{Closing, Focus, Item, Linked, Objective, Output, Pause, Scoring};

use crate::{
    content::{MONTHS, WEEKS},
    event::{Entry, Event, ItemId, Place},
    schedule::Schedule,
};
use chrono::{DateTime, NaiveDate, Utc};
use evidence::ArtifactId;
use std::collections::BTreeMap;

/// Everything that a person did and decided, folded from entries that are only ever added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub(crate) entries: Vec<Entry>,
    pub(crate) schedule: Option<Schedule>,
    pub(crate) pause: Option<Pause>,
    pub(crate) role_family: Option<String>,
    pub(crate) scorings: Vec<Scoring>,
    pub(crate) focus: Option<Focus>,
    pub(crate) objective: Option<Objective>,
    pub(crate) outputs: BTreeMap<u8, Output>,
    pub(crate) linked: Vec<Linked>,
    pub(crate) items: Vec<Item>,
    pub(crate) items_ever: u64,
    pub(crate) closed_weeks: BTreeMap<u8, Closing>,
    pub(crate) closed_months: BTreeMap<u8, DateTime<Utc>>,
}

impl Record {
    /// Folds entries, oldest first.
    pub fn from_entries(entries: &[Entry]) -> Self {
        let mut record = Self::default();
        for entry in entries {
            record.apply(entry);
        }
        record
    }

    /// Adds one entry.
    pub fn apply(&mut self, entry: &Entry) {
        self.entries.push(entry.clone());
        let at = entry.at;
        match entry.event.clone() {
            Event::SetOut { start_date } => self.schedule = Some(Schedule::from_start(start_date)),
            Event::RoleFamilyChosen { role_family } => self.role_family = Some(role_family),
            Event::SkillsScored { on, scores } => {
                let mut all = self.scores().cloned().unwrap_or_default();
                all.extend(scores);
                self.scorings.push(Scoring { at, on, scores: all });
            }
            Event::FocusChosen {
                on,
                competencies,
                reason,
                ..
            } => {
                self.focus = Some(Focus {
                    competencies,
                    on,
                    reason,
                });
            }
            Event::ObjectiveSet {
                outcome, artifact, ..
            } => {
                self.objective = Some(Objective { outcome, artifact });
            }
            Event::OutputDefined { week, text, late, .. } => {
                self.outputs.insert(week, Output { text, at, late });
            }
            Event::ArtifactLinked {
                place,
                artifact,
                need,
            } => {
                self.linked.push(Linked {
                    place,
                    artifact,
                    need,
                });
            }
            Event::ArtifactUnlinked { artifact } => {
                self.linked.retain(|linked| linked.artifact.id != artifact)
            }
            Event::ItemAdded {
                item,
                text,
                week,
                source,
            } => {
                self.items_ever += 1;
                self.items.push(Item {
                    id: item,
                    text,
                    week,
                    source,
                });
            }
            Event::ItemMoved { item, week } => {
                if let Some(item) = self.items.iter_mut().find(|known| known.id == item) {
                    item.week = week;
                }
            }
            Event::ItemDropped { item } => self.items.retain(|known| known.id != item),
            Event::WeekClosed {
                week,
                retro,
                next_plan,
                ..
            } => {
                self.closed_weeks.insert(week, Closing { at, retro, next_plan });
            }
            Event::WeekReopened { week, .. } => {
                self.closed_weeks.remove(&week);
            }
            Event::MonthClosed { month, .. } => {
                self.closed_months.insert(month, at);
            }
            Event::MonthReopened { month, .. } => {
                self.closed_months.remove(&month);
            }
            Event::PlanShifted { from_week, days, .. } => {
                if let Some(shifted) = self
                    .schedule
                    .as_ref()
                    .and_then(|plan| plan.shifted(from_week, days))
                {
                    self.schedule = Some(shifted);
                }
            }
            Event::PlanPaused { on, reason } => self.pause = Some(Pause { since: on, reason }),
            Event::PlanResumed { on } => {
                if let (Some(pause), Some(plan)) = (self.pause.take(), &self.schedule) {
                    self.schedule = Some(plan.paused(pause.since, on));
                }
            }
            Event::LearningLogged { .. } | Event::Unknown => {}
        }
    }

    /// Every entry, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// When each week begins and ends, as it stands today: a pause that lasts moves the dates day by day.
    pub fn schedule(&self, today: NaiveDate) -> Option<Schedule> {
        let plan = self.schedule.as_ref()?;
        Some(
            self.pause
                .as_ref()
                .map_or_else(|| plan.clone(), |pause| plan.paused(pause.since, today)),
        )
    }

    /// Whether a start date was chosen.
    pub fn has_set_out(&self) -> bool {
        self.schedule.is_some()
    }

    /// The chosen role family's id.
    pub fn role_family(&self) -> Option<&str> {
        self.role_family.as_deref()
    }

    /// Every score as it stands.
    pub fn scores(&self) -> Option<&BTreeMap<String, u8>> {
        self.scorings.last().map(|scoring| &scoring.scores)
    }

    /// Whether a week is closed.
    pub fn is_week_closed(&self, week: u8) -> bool {
        self.closed_weeks.contains_key(&week)
    }

    /// Whether a month is closed.
    pub fn is_month_closed(&self, month: u8) -> bool {
        self.closed_months.contains_key(&month)
    }

    /// What is linked to a place, oldest first.
    pub fn linked_at(&self, place: Place) -> Vec<&Linked> {
        self.linked
            .iter()
            .filter(|linked| linked.place == place)
            .collect()
    }

    /// What is linked to a week or to one of its items.
    pub fn linked_to_week(&self, week: u8) -> Vec<&Linked> {
        let of_week = |place: Place| match place {
            Place::Week { week: linked } => linked == week,
            Place::Item { item } => self.item(item).is_some_and(|item| item.week == Some(week)),
            Place::Month { .. } => false,
        };
        self.linked
            .iter()
            .filter(|linked| of_week(linked.place))
            .collect()
    }

    /// The item with this id.
    pub fn item(&self, id: ItemId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The artifact with this id, and its place.
    pub fn linked(&self, id: ArtifactId) -> Option<&Linked> {
        self.linked.iter().find(|linked| linked.artifact.id == id)
    }

    /// How far the plan is. Only weeks and months closed with artifacts count.
    pub fn progress(&self) -> crate::views::Progress {
        crate::views::Progress {
            weeks_closed: self.closed_weeks.len().min(WEEKS.into()) as u8,
            weeks_total: WEEKS,
            months_closed: self.closed_months.len().min(MONTHS.into()) as u8,
            months_total: MONTHS,
        }
    }
}
