//! When each week begins and ends. Weeks always follow each other without a gap.

use crate::content::WEEKS;
use chrono::{Days, NaiveDate, TimeDelta};

/// The first day of every week. A week ends on the day before the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    starts: [NaiveDate; WEEKS as usize],
    end: NaiveDate,
}

impl Schedule {
    /// Twelve weeks of seven days from this day, whatever weekday it is.
    pub fn from_start(start: NaiveDate) -> Self {
        let starts = std::array::from_fn(|index| start + Days::new(7 * index as u64));
        Self {
            starts,
            end: start + Days::new(7 * u64::from(WEEKS) - 1),
        }
    }

    /// First day of a week, 1 to 12.
    pub fn starts(&self, week: u8) -> NaiveDate {
        self.starts[index(week)]
    }

    /// Last day of a week, 1 to 12.
    pub fn ends(&self, week: u8) -> NaiveDate {
        self.starts
            .get(index(week) + 1)
            .map_or(self.end, |next| *next - Days::new(1))
    }

    /// The week that a day is in.
    pub fn week_of(&self, day: NaiveDate) -> Option<u8> {
        if day > self.end {
            return None;
        }
        (1..=WEEKS).rev().find(|week| self.starts(*week) <= day)
    }

    /// The schedule with a week and all later ones moved; absent when the week before it would vanish or the
    /// calendar ends.
    pub fn shifted(&self, from_week: u8, days: i32) -> Option<Self> {
        let by = TimeDelta::days(i64::from(days));
        let mut shifted = self.clone();
        for start in shifted.starts.iter_mut().skip(index(from_week)) {
            *start = start.checked_add_signed(by)?;
        }
        shifted.end = shifted.end.checked_add_signed(by)?;
        let before = index(from_week).checked_sub(1).map(|week| shifted.starts[week]);
        let first = shifted.starts[index(from_week)];
        before.is_none_or(|before| before < first).then_some(shifted)
    }

    /// The schedule after a pause: the week it fell into grows by its length, later ones move.
    pub fn paused(&self, from: NaiveDate, until: NaiveDate) -> Self {
        let by = (until - from).max(TimeDelta::zero());
        let mut paused = self.clone();
        for start in paused.starts.iter_mut().filter(|start| **start > from) {
            *start += by;
        }
        if paused.end >= from {
            paused.end += by;
        }
        paused
    }
}

fn index(week: u8) -> usize {
    usize::from(week.clamp(1, WEEKS) - 1)
}
