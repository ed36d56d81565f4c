//! The Roadmap room.

use super::{Scene, log::log_lines};
use crate::{
    baseline::baseline,
    content::{Content, Month, Week},
    decide::advise_output,
    event::{ItemSource, Place},
    facts::Facts,
    needs::{assess_month, assess_week, linked_to_month, look_at},
    record::{Item, Linked, Record},
    views::{
        ArtifactView, ItemView, MonthState, MonthView, ObjectiveView, OutputView, PauseView, RoadmapView,
        WeekState, WeekView,
    },
};
use chrono::{DateTime, NaiveDate, Utc};

/// The Roadmap room as it stands today.
pub fn roadmap_view(
    record: &Record,
    facts: &Facts,
    content: &Content,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> RoadmapView {
    let scene = Scene {
        record,
        facts,
        content,
        now,
        today,
    };
    let schedule = record.schedule(today);
    let last = crate::content::WEEKS;
    let backlog = record.items.iter().filter(|item| item.week.is_none());
    RoadmapView {
        start_date: schedule.as_ref().map(|plan| plan.starts(1)),
        end_date: schedule.as_ref().map(|plan| plan.ends(last)),
        days_left: scene.days_left(),
        today_week: schedule.as_ref().and_then(|plan| plan.week_of(today)),
        progress: record.progress(),
        objective: record.objective.as_ref().map(|objective| ObjectiveView {
            outcome: objective.outcome.clone(),
            artifact: objective.artifact.clone(),
        }),
        months: content.months.iter().map(|month| scene.month(month)).collect(),
        weeks: content.weeks.iter().map(|week| scene.week(week)).collect(),
        backlog: backlog.map(|item| scene.item(item)).collect(),
        paused: scene.pause(),
        baseline: baseline(record, facts, content),
        log: log_lines(record, facts, content),
    }
}

impl Scene<'_> {
    pub(super) fn days_left(&self) -> Option<i32> {
        let plan = self.record.schedule(self.today)?;
        i32::try_from((plan.ends(crate::content::WEEKS) - self.today).num_days()).ok()
    }

    pub(super) fn pause(&self) -> Option<PauseView> {
        self.record.pause.as_ref().map(|pause| PauseView {
            since: pause.since,
            days: u32::try_from((self.today - pause.since).num_days()).unwrap_or(0),
            reason: pause.reason.clone(),
        })
    }

    pub(super) fn week_state(&self, week: u8) -> WeekState {
        if self.record.is_week_closed(week) {
            return WeekState::Done;
        }
        match self.record.schedule(self.today) {
            Some(plan) if plan.ends(week) < self.today => WeekState::Late,
            Some(plan) if plan.starts(week) <= self.today => WeekState::Now,
            _ => WeekState::Upcoming,
        }
    }

    pub(super) fn month_state(&self, month: u8) -> MonthState {
        if self.record.is_month_closed(month) {
            return MonthState::Done;
        }
        let (starts, ends) = self.month_days(month);
        match (starts, ends) {
            (_, Some(ends)) if ends < self.today => MonthState::Open,
            (Some(starts), _) if starts <= self.today => MonthState::Now,
            _ => MonthState::Upcoming,
        }
    }

    pub(super) fn month_days(&self, month: u8) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let weeks = self.content.weeks_of(month);
        let plan = self.record.schedule(self.today);
        let day = |week: Option<&u8>, pick: fn(&crate::schedule::Schedule, u8) -> NaiveDate| {
            plan.as_ref().zip(week).map(|(plan, week)| pick(plan, *week))
        };
        (
            day(weeks.first(), crate::schedule::Schedule::starts),
            day(weeks.last(), crate::schedule::Schedule::ends),
        )
    }

    pub(super) fn output(&self, week: u8) -> Option<OutputView> {
        self.record.outputs.get(&week).map(|output| OutputView {
            text: output.text.clone(),
            defined_at: output.at,
            late: output.late,
            stamp: output.late.then(|| "Defined after the week began".into()),
            warning: advise_output(&output.text),
        })
    }

    pub(super) fn week(&self, week: &Week) -> WeekView {
        let number = week.number;
        let plan = self.record.schedule(self.today);
        let assessment = assess_week(self.record, self.facts, self.content, number);
        let closing = self.record.closed_weeks.get(&number);
        let items = self.record.items.iter().filter(|item| item.week == Some(number));
        WeekView {
            number,
            month: week.month,
            title: week.title.clone(),
            why: week.why.clone(),
            suggested_output: week.suggested_output.clone(),
            tip: week.tip.clone(),
            time_box_hours: week.time_box_hours,
            starts: plan.as_ref().map(|plan| plan.starts(number)),
            ends: plan.as_ref().map(|plan| plan.ends(number)),
            state: self.week_state(number),
            output: self.output(number),
            needs: assessment.needs,
            artifacts: self.artifacts(&self.record.linked_at(Place::Week { week: number })),
            items: items.map(|item| self.item(item)).collect(),
            retro: closing.map(|closing| closing.retro.clone()),
            next_plan: closing.map(|closing| closing.next_plan.clone()),
            closed_at: closing.map(|closing| closing.at),
            can_close: plan.is_some() && closing.is_none() && assessment.missing.is_empty(),
            missing: if closing.is_some() {
                Vec::new()
            } else {
                assessment.missing
            },
        }
    }

    fn month(&self, month: &Month) -> MonthView {
        let number = month.number;
        let (starts, ends) = self.month_days(number);
        let assessment = assess_month(self.record, self.facts, self.content, number);
        let closed_at = self.record.closed_months.get(&number).copied();
        MonthView {
            number,
            title: month.title.clone(),
            proof: month.proof.clone(),
            weeks: self.content.weeks_of(number),
            starts,
            ends,
            state: self.month_state(number),
            needs: assessment.needs,
            artifacts: linked_to_month(self.record, self.content, number)
                .iter()
                .map(|offer| look_at(&offer.linked.artifact, self.facts))
                .collect(),
            closed_at,
            can_close: starts.is_some() && closed_at.is_none() && assessment.missing.is_empty(),
            missing: if closed_at.is_some() {
                Vec::new()
            } else {
                assessment.missing
            },
        }
    }

    fn artifacts(&self, linked: &[&Linked]) -> Vec<ArtifactView> {
        linked
            .iter()
            .map(|linked| look_at(&linked.artifact, self.facts))
            .collect()
    }

    fn item(&self, item: &Item) -> ItemView {
        let artifacts = self.artifacts(&self.record.linked_at(Place::Item { item: item.id }));
        let wishlist = !artifacts.iter().any(|artifact| artifact.closes);
        ItemView {
            id: item.id,
            text: item.text.clone(),
            week: item.week,
            source: item.source.clone(),
            source_text: self.source_text(&item.source),
            wishlist,
            label: if wishlist {
                "Wishlist"
            } else {
                "Backed by an artifact"
            }
            .into(),
            artifacts,
        }
    }

    fn source_text(&self, source: &ItemSource) -> Option<String> {
        let ItemSource::FailedCase { run, case_id, .. } = source else {
            return None;
        };
        Some(match self.facts.run(*run) {
            Some(run) => format!("From case {case_id}, which failed in run {}", run.number),
            None => format!("From case {case_id} of a run that is no longer in the database"),
        })
    }
}
