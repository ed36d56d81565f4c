//! Guards: each says what is the matter, why, and what to do.

use super::Scene;
use crate::{
    content::{MONTHS, WEEKS},
    facts::is_proof,
    views::{Action, Alert, MonthState, Route, Severity, WeekState},
    words::{count, list},
};
use evidence::RunSummary;

/// Days without a finished candidate run after which the regression guard speaks.
const IDLE_DAYS: i64 = 7;
/// Days into a week after which an empty week is worth a word.
const QUIET_DAYS: i64 = 3;

/// Every guard that speaks, most pressing first. A paused plan has nothing overdue; its runs still age.
pub(super) fn alerts(scene: &Scene<'_>) -> Vec<Alert> {
    let mut alerts: Vec<Alert> = scene.regression_idle().into_iter().collect();
    if scene.record.pause.is_none() {
        alerts.extend(scene.weeks_overdue());
        alerts.extend(scene.month_open());
        alerts.extend(scene.nothing_linked());
    }
    alerts.sort_by_key(|alert| match alert.severity {
        Severity::Overdue => 0,
        Severity::Warning => 1,
        Severity::Notice => 2,
    });
    alerts
}

impl Scene<'_> {
    /// The newest finished candidate run, with its age in whole days, when it is older than seven days.
    pub(super) fn idle_since(&self) -> Option<(&RunSummary, i64)> {
        let finished = self.facts.runs.iter().filter(|run| is_proof(run));
        let newest = finished.max_by_key(|run| (run.finished_at.unwrap_or(run.started_at), run.run))?;
        let age = self.now - newest.finished_at.unwrap_or(newest.started_at);
        (age > chrono::TimeDelta::days(IDLE_DAYS)).then(|| (newest, age.num_days()))
    }

    fn regression_idle(&self) -> Option<Alert> {
        let (last, days) = self.idle_since()?;
        let for_days = if days > IDLE_DAYS {
            count(days, "day")
        } else {
            "more than 7 days".into()
        };
        Some(Alert {
            code: "regression_idle".into(),
            severity: Severity::Overdue,
            title: format!("No regression run for {for_days}"),
            detail: format!(
                "The last was run {} on {}. Models, corpora and code drift in a week; without a run nobody sees it.",
                last.number, last.suite_name
            ),
            action: Action {
                label: "Run now".into(),
                route: Route::StartRun {
                    project: last.project,
                },
            },
        })
    }

    pub(super) fn late_weeks(&self) -> Vec<u8> {
        (1..=WEEKS)
            .filter(|week| self.week_state(*week) == WeekState::Late)
            .collect()
    }

    fn weeks_overdue(&self) -> Option<Alert> {
        let late = self.late_weeks();
        let first = *late.first()?;
        let numbers: Vec<String> = late.iter().map(u8::to_string).collect();
        let title = match late.as_slice() {
            [_] => format!("Week {first} is over and still open"),
            _ => format!("Weeks {} are over and still open", list(&numbers)),
        };
        Some(Alert {
            code: "week_overdue".into(),
            severity: Severity::Overdue,
            title,
            detail: "Close it with what there is and carry the rest over, or move the plan: the dates \
                     recompute and the history stays."
                .into(),
            action: Action {
                label: format!("Open week {first}"),
                route: Route::Week { week: first },
            },
        })
    }

    fn month_open(&self) -> Option<Alert> {
        let month = (1..=MONTHS).find(|month| self.month_state(*month) == MonthState::Open)?;
        let proof = self
            .content
            .month(month)
            .map(|month| month.proof.clone())
            .unwrap_or_default();
        Some(Alert {
            code: "month_open".into(),
            severity: Severity::Warning,
            title: format!("Month {month} is over and still open"),
            detail: format!("It closes with its proof: {proof}."),
            action: Action {
                label: format!("Open month {month}"),
                route: Route::Month { month },
            },
        })
    }

    fn nothing_linked(&self) -> Option<Alert> {
        let plan = self.record.schedule(self.today)?;
        let week = plan.week_of(self.today)?;
        let quiet = (self.today - plan.starts(week)).num_days() >= QUIET_DAYS
            && self.week_state(week) == WeekState::Now
            && self.record.linked_to_week(week).is_empty();
        if !quiet {
            return None;
        }
        let left = (plan.ends(week) - self.today).num_days();
        let ends = if left == 0 {
            "today".into()
        } else {
            format!("in {}", count(left, "day"))
        };
        Some(Alert {
            code: "nothing_linked".into(),
            severity: Severity::Warning,
            title: format!("Nothing is linked to week {week} yet"),
            detail: format!(
                "The week ends {ends}. A small artifact that exists beats a large one that does not."
            ),
            action: Action {
                label: format!("Open week {week}"),
                route: Route::Week { week },
            },
        })
    }
}
