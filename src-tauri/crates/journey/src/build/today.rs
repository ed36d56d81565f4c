//! The Today room.

use super::{Scene, alerts::alerts, next::actions};
use crate::{
    content::{Content, WEEKS},
    facts::Facts,
    needs::assess_week,
    record::Record,
    views::{ComingUp, StripMonth, StripWeek, TodayView, TodayWeek},
};
use chrono::{DateTime, Days, NaiveDate, Utc};

/// How many other actions and coming things are offered.
const OFFERED: usize = 4;

/// The Today room as it stands now.
pub fn today_view(
    record: &Record,
    facts: &Facts,
    content: &Content,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> TodayView {
    let scene = Scene {
        record,
        facts,
        content,
        now,
        today,
    };
    let (next, mut alternatives) = actions(&scene);
    alternatives.truncate(OFFERED);
    TodayView {
        date: today,
        set_out: record.has_set_out(),
        week: scene.today_week(),
        strip: content
            .weeks
            .iter()
            .map(|week| StripWeek {
                number: week.number,
                month: week.month,
                title: week.title.clone(),
                state: scene.week_state(week.number),
            })
            .collect(),
        months: content
            .months
            .iter()
            .map(|month| StripMonth {
                number: month.number,
                title: month.title.clone(),
            })
            .collect(),
        progress: record.progress(),
        days_left: scene.days_left(),
        paused: scene.pause(),
        next,
        alternatives,
        alerts: alerts(&scene),
        coming_up: scene.coming_up(),
    }
}

impl Scene<'_> {
    fn today_week(&self) -> Option<TodayWeek> {
        let plan = self.record.schedule(self.today)?;
        let number = plan.week_of(self.today)?;
        let week = self.content.week(number)?;
        Some(TodayWeek {
            number,
            month: week.month,
            title: week.title.clone(),
            ends: plan.ends(number),
            time_box_hours: week.time_box_hours,
            suggested_output: week.suggested_output.clone(),
            output: self.output(number),
            needs: assess_week(self.record, self.facts, self.content, number).needs,
            state: self.week_state(number),
        })
    }

    fn coming_up(&self) -> Vec<ComingUp> {
        let Some(plan) = self.record.schedule(self.today) else {
            return Vec::new();
        };
        let mut coming: Vec<ComingUp> = Vec::new();
        let next_week = (1..=WEEKS).find(|week| plan.starts(*week) > self.today);
        if let Some(week) = next_week.and_then(|week| self.content.week(week)) {
            coming.push(ComingUp {
                text: format!("Week {}: {}", week.number, week.title),
                date: plan.starts(week.number),
            });
        }
        for month in &self.content.months {
            let ends = self.month_days(month.number).1.filter(|ends| *ends >= self.today);
            if let Some(date) = ends.filter(|_| !self.record.is_month_closed(month.number)) {
                coming.push(ComingUp {
                    text: format!("Month {} closes: {}", month.number, month.proof),
                    date,
                });
                break;
            }
        }
        let rescore = self
            .record
            .scorings
            .last()
            .map(|scoring| (scoring.on + Days::new(self.content.rescore_days.into())).max(self.today));
        if let Some(date) = rescore {
            coming.push(ComingUp {
                text: "Monthly skills audit".into(),
                date,
            });
        }
        coming.sort_by_key(|coming| coming.date);
        coming.truncate(OFFERED);
        coming
    }
}
