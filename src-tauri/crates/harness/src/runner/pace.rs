//! How many calls are in flight: at most what was asked for, fewer when the provider says that it is too much.
//!
//! The rule is Inspect AI's (`design/adaptive-concurrency.md`), whose figures are measured on real providers: begin at 20,
//! double after each clean round until the first 429, afterwards grow by 5 % a clean round; a 429 cuts to 80 % once an
//! episode, and an episode lasts 15 s or as long as `Retry-After` says. Server errors cut nothing: they say nothing of the
//! rate. The limit grows only where at least 80 % of it was used, so that a slow dataset never inflates it.

use std::time::Duration;
use tokio::time::Instant;

const FIRST: f64 = 20.0;
const CUT: f64 = 0.8;
const GROWTH: f64 = 1.05;
const COOLDOWN: Duration = Duration::from_secs(15);
const USED: f64 = 0.8;

/// Calls in flight at once, as they may be now.
#[derive(Debug)]
pub(super) struct Pace {
    limit: f64,
    most: f64,
    doubling: bool,
    /// Answers since the limit last changed: a round is as many answers as the limit.
    clean: f64,
    peak: usize,
    cooled_at: Option<Instant>,
    cuts: u32,
}

impl Pace {
    /// At most `most`; beginning there, or slowly where a provider's rate limit is to be found out.
    pub(super) fn new(most: u32, slow_start: bool) -> Self {
        let most = f64::from(most.max(1));
        Self {
            limit: if slow_start { most.min(FIRST) } else { most },
            most,
            doubling: slow_start,
            clean: 0.0,
            peak: 0,
            cooled_at: None,
            cuts: 0,
        }
    }

    /// Calls that may be in flight now.
    pub(super) fn limit(&self) -> usize {
        self.limit as usize
    }

    /// How often the limit was cut.
    pub(super) fn cuts(&self) -> u32 {
        self.cuts
    }

    /// A call has begun; `in_flight` counts it.
    pub(super) fn began(&mut self, in_flight: usize) {
        self.peak = self.peak.max(in_flight);
    }

    /// A call was answered without a word about its rate.
    pub(super) fn clean(&mut self, now: Instant) {
        if self.cooled_at.is_some_and(|at| now < at) {
            return;
        }
        self.clean += 1.0;
        if self.clean < self.limit.floor() {
            return;
        }
        if self.peak as f64 >= USED * self.limit {
            self.limit = if self.doubling {
                self.limit * 2.0
            } else {
                (self.limit * GROWTH).max(self.limit + 1.0)
            }
            .min(self.most);
        }
        self.clean = 0.0;
        self.peak = 0;
    }

    /// The provider refused a call for its rate, and perhaps said how long to wait.
    pub(super) fn limited(&mut self, now: Instant, retry_after: Option<Duration>) {
        let until = now + retry_after.unwrap_or(COOLDOWN).max(COOLDOWN);
        let same_episode = self.cooled_at.is_some_and(|at| now < at);
        self.cooled_at = Some(self.cooled_at.map_or(until, |at| at.max(until)));
        self.doubling = false;
        self.clean = 0.0;
        if !same_episode {
            self.limit = (self.limit * CUT).max(1.0);
            self.cuts += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers one whole round at full use.
    fn round(pace: &mut Pace, now: Instant) {
        let limit = pace.limit();
        pace.began(limit);
        for _ in 0..limit {
            pace.clean(now);
        }
    }

    #[test]
    fn doubles_until_the_first_refusal_and_then_grows_slowly() {
        let now = Instant::now();
        let mut pace = Pace::new(100, true);
        assert_eq!(pace.limit(), 20);
        round(&mut pace, now);
        round(&mut pace, now);
        assert_eq!(pace.limit(), 80);
        pace.limited(now, None);
        assert_eq!(pace.limit(), 64);
        // More refusals of the same episode cut nothing more, and nothing grows before it has ended.
        pace.limited(now, None);
        round(&mut pace, now);
        assert_eq!((pace.limit(), pace.cuts()), (64, 1));
        let later = now + COOLDOWN;
        round(&mut pace, later);
        assert_eq!(pace.limit(), 67);
    }

    #[test]
    fn waits_as_long_as_it_was_told() {
        let now = Instant::now();
        let mut pace = Pace::new(10, false);
        pace.limited(now, Some(Duration::from_secs(60)));
        assert_eq!(pace.limit(), 8);
        round(&mut pace, now + COOLDOWN);
        assert_eq!(pace.limit(), 8);
        round(&mut pace, now + Duration::from_secs(60));
        assert_eq!(pace.limit(), 9);
    }

    #[test]
    fn an_idle_round_grows_nothing_and_one_call_is_always_allowed() {
        let now = Instant::now();
        let mut pace = Pace::new(40, true);
        for _ in 0..20 {
            pace.began(1);
            pace.clean(now);
        }
        assert_eq!(pace.limit(), 20);
        for episode in 0..50u64 {
            pace.limited(now + COOLDOWN * (episode as u32 * 2), None);
        }
        assert_eq!(pace.limit(), 1);
    }
}
