//! The part of the next action that the plan decides: outputs, weeks, months.

use super::{Scene, next::action};
use crate::{
    content::{MONTHS, WEEKS},
    needs::{assess_month, assess_week},
    views::{NextAction, Route, WeekState},
    words::count,
};

impl Scene<'_> {
    pub(super) fn define_output(&self) -> Option<NextAction> {
        let week = self.record.schedule(self.today)?.week_of(self.today)?;
        (self.week_state(week) == WeekState::Now)
            .then(|| self.define(week))
            .flatten()
    }

    pub(super) fn next_output(&self) -> Option<NextAction> {
        let plan = self.record.schedule(self.today)?;
        self.define((1..=WEEKS).find(|week| plan.starts(*week) > self.today)?)
    }

    fn define(&self, week: u8) -> Option<NextAction> {
        if self.record.outputs.contains_key(&week) || self.record.is_week_closed(week) {
            return None;
        }
        let content = self.content.week(week)?;
        Some(action(
            "define_output",
            format!("Say what week {week} will produce"),
            format!(
                "{}: one output that can be measured, defined before the work. A start: {}",
                content.title, content.suggested_output
            ),
            "Define output",
            Route::Week { week },
        ))
    }

    pub(super) fn weeks(&self) -> Vec<NextAction> {
        let mut open = self.late_weeks();
        open.extend((1..=WEEKS).filter(|week| self.week_state(*week) == WeekState::Now));
        let assessed: Vec<(u8, Vec<String>)> = open
            .into_iter()
            .map(|week| {
                (
                    week,
                    assess_week(self.record, self.facts, self.content, week).missing,
                )
            })
            .collect();
        let ready = assessed.iter().filter(|(_, missing)| missing.is_empty()).map(|(week, _)| {
            action(
                "close_week",
                format!("Close week {week}"),
                "Everything it asks for is linked. A short retro and the plan for what comes next close it.".into(),
                "Close week",
                Route::Week { week: *week },
            )
        });
        let lacking = assessed.iter().filter_map(|(week, missing)| {
            let first = missing.first()?;
            let more = match missing.len() - 1 {
                0 => String::new(),
                others => format!(" and {}", count(others as i64, "other thing")),
            };
            Some(action(
                "link_artifact",
                format!("Link what week {week} asks for"),
                format!("Still missing: {first}{more}."),
                "Open week",
                Route::Week { week: *week },
            ))
        });
        ready.chain(lacking).collect()
    }

    pub(super) fn months(&self) -> Option<NextAction> {
        let ready = |month: &u8| {
            self.record.has_set_out()
                && !self.record.is_month_closed(*month)
                && assess_month(self.record, self.facts, self.content, *month)
                    .missing
                    .is_empty()
        };
        let month = (1..=MONTHS).find(ready)?;
        Some(action(
            "close_month",
            format!("Close month {month}"),
            "Its proof is attached.".into(),
            "Open month",
            Route::Month { month },
        ))
    }
}
