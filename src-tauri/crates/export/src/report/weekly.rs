//! Quality and cost of the last seven days, in Markdown.

use super::{
    ReportError,
    markdown_text::{plain, table},
    words::{PRACTICE, change, cost, counted, day, differences, gate, interval_or_note, models, verdict},
};
use chrono::{DateTime, Days, Utc};
use evidence::{Purpose, RunStatus, RunSummary, Unit};
use portfolio::RunComparison;

/// What a weekly report is made of.
#[derive(Clone, Copy, Debug)]
pub struct WeeklyInput<'a> {
    /// Name of the project.
    pub project: &'a str,
    /// The end of the seven days.
    pub until: DateTime<Utc>,
    /// The project's runs; those before the week serve as what the week is held against.
    pub runs: &'a [RunSummary],
    /// Comparisons by case of the pairs that [`WeeklyInput::pairs`] names.
    pub comparisons: &'a [RunComparison],
}

impl WeeklyInput<'_> {
    /// The pairs that the report compares: for each suite and target of the week, the newest finished candidate and the
    /// newest one from before the week (or else the week's own first).
    pub fn pairs(&self) -> Vec<(&RunSummary, &RunSummary)> {
        self.tracks()
            .into_iter()
            .filter_map(|track| Some((track.before?, track.newest)))
            .collect()
    }

    fn start(&self) -> DateTime<Utc> {
        self.until.checked_sub_days(Days::new(7)).unwrap_or(self.until)
    }

    /// Runs that ended in the seven days before `until`, oldest first.
    fn between(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<&RunSummary> {
        let mut runs: Vec<&RunSummary> = self
            .runs
            .iter()
            .filter(|run| ended(run) > from && ended(run) <= until)
            .collect();
        runs.sort_by_key(|run| (ended(run), run.number));
        runs
    }

    fn tracks(&self) -> Vec<Track<'_>> {
        let candidate =
            |run: &&RunSummary| run.purpose == Purpose::Candidate && run.status == RunStatus::Finished;
        let week: Vec<&RunSummary> = self
            .between(self.start(), self.until)
            .into_iter()
            .filter(candidate)
            .collect();
        let mut tracks: Vec<Track<'_>> = Vec::new();
        for newest in week.iter().rev() {
            let same = |run: &&RunSummary| {
                run.suite_name == newest.suite_name && run.target.name == newest.target.name
            };
            if tracks.iter().any(|track| same(&track.newest)) {
                continue;
            }
            let earlier = self.runs.iter().filter(candidate).filter(same);
            let before = earlier
                .filter(|run| ended(run) <= self.start())
                .max_by_key(|run| (ended(run), run.number))
                .or_else(|| {
                    week.iter()
                        .copied()
                        .find(|run| same(run) && run.run != newest.run)
                });
            tracks.push(Track { newest, before });
        }
        tracks.sort_by(|a, b| {
            let key = |track: &Track<'_>| (track.newest.suite_name.clone(), track.newest.target.name.clone());
            key(a).cmp(&key(b))
        });
        tracks
    }
}

/// One suite on one target.
struct Track<'a> {
    newest: &'a RunSummary,
    before: Option<&'a RunSummary>,
}

fn ended(run: &RunSummary) -> DateTime<Utc> {
    run.finished_at.unwrap_or(run.started_at)
}

/// The week in Markdown: what it comes to, release metrics that fail, changes by case, money, every run.
pub fn weekly(input: WeeklyInput<'_>) -> Result<String, ReportError> {
    let week = input.between(input.start(), input.until);
    let before = input
        .start()
        .checked_sub_days(Days::new(7))
        .map(|from| input.between(from, input.start()))
        .unwrap_or_default();
    let tracks = input.tracks();
    let mut text = format!(
        "# Quality and cost of {}, seven days to {}\n\n",
        plain(input.project),
        day(input.until)
    );
    let candidates = week
        .iter()
        .filter(|run| run.purpose == Purpose::Candidate)
        .count() as u64;
    text.push_str(&format!(
        "{} ended, {} among them. Spent: {}; the seven days before: {}.\n",
        counted(week.len() as u64, "run"),
        counted(candidates, "candidate"),
        plain(&spent(&week)),
        plain(&spent(&before)),
    ));
    if week.iter().any(|run| run.practice) {
        text.push_str(&format!(
            "\n> **Practice runs.** {PRACTICE} What they cost is left out of the sums.\n"
        ));
    }
    failing(&mut text, &tracks);
    for track in &tracks {
        quality(&mut text, track, input.comparisons);
    }
    money(&mut text, &week);
    listed(&mut text, &week);
    Ok(text)
}

/// The money of real runs: "$1.20", "no data", "$1.20 and 3 trials without a known price".
fn spent(runs: &[&RunSummary]) -> String {
    let real: Vec<&&RunSummary> = runs.iter().filter(|run| !run.practice).collect();
    let unpriced: u64 = real.iter().map(|run| run.unpriced).sum();
    let known: Vec<f64> = real.iter().filter_map(|run| run.cost_usd).collect();
    let sum = if known.is_empty() {
        "no data".into()
    } else {
        Unit::Usd.text(known.iter().sum())
    };
    match unpriced {
        0 => sum,
        n => format!("{sum} and {} without a known price", counted(n, "trial")),
    }
}

fn failing(text: &mut String, tracks: &[Track<'_>]) {
    text.push_str("\n## Release metrics that do not pass\n\n");
    let mut any = false;
    for track in tracks {
        let run = track.newest;
        for judged in run.gate.metrics.iter().filter(|judged| !judged.verdict.passes()) {
            any = true;
            let metric = run.metric(&judged.threshold.metric);
            let interval = metric.map(|metric| format!(" ({}, n = {})", interval_or_note(metric), metric.n));
            text.push_str(&format!(
                "- {} on {}, run {}: {}{}, {}\n",
                plain(&run.suite_name),
                plain(&run.target.name),
                run.number,
                plain(&judged.sentence),
                interval
                    .map(|text| format!(" {}", plain(&text)))
                    .unwrap_or_default(),
                verdict(judged.verdict).0,
            ));
        }
    }
    if !any {
        text.push_str(if tracks.is_empty() {
            "No candidate finished this week, so nothing was judged.\n"
        } else {
            "None: every release metric of the newest candidates passes.\n"
        });
    }
}

fn quality(text: &mut String, track: &Track<'_>, comparisons: &[RunComparison]) {
    let run = track.newest;
    text.push_str(&format!(
        "\n## {} on {}: run {}, {}\n\n{}, {}.\n\n",
        plain(&run.suite_name),
        plain(&run.target.name),
        run.number,
        gate(run).0.to_lowercase(),
        plain(&models(run)),
        day(ended(run)),
    ));
    let rows = run.metrics.iter().map(|metric| {
        let found = track.before.and_then(|before| {
            comparisons.iter().find(|entry| {
                entry.pair.before == before.run
                    && entry.pair.after == run.run
                    && entry.comparison.metric == metric.name
            })
        });
        let (difference, range, words) = match (track.before, found.map(|entry| change(&entry.comparison))) {
            (None, _) => (String::new(), String::new(), String::new()),
            (Some(_), None) => (String::new(), String::new(), "not compared by case".to_owned()),
            (Some(_), Some(line)) => (
                plain(&line.difference),
                plain(&line.interval),
                line.verdict.to_owned(),
            ),
        };
        [
            plain(&metric.label),
            plain(&metric.value_text()),
            plain(&interval_or_note(metric)),
            metric.n.to_string(),
            difference,
            range,
            words,
        ]
    });
    let columns = [
        "Metric",
        "Value",
        "95 % interval",
        "n",
        "Change",
        "95 % interval",
        "Verdict",
    ];
    text.push_str(&table(columns, &[3], rows));
    if track.before.is_none() {
        text.push_str("\nThe first candidate of this suite, so there is nothing to hold it against.\n");
    }
    if let Some(before) = track.before {
        text.push_str(&format!(
            "\nHeld against run {} of {}{}. What differs: {}.\n",
            before.number,
            day(ended(before)),
            if before.practice { " (practice model)" } else { "" },
            differences(before, run)
        ));
    }
}

fn money(text: &mut String, week: &[&RunSummary]) {
    text.push_str("\n## Cost\n\n");
    let mut groups: Vec<(String, String, bool, Vec<&RunSummary>)> = Vec::new();
    for run in week {
        let key = (run.suite_name.clone(), models(run), run.practice);
        match groups
            .iter_mut()
            .find(|group| (&group.0, &group.1, group.2) == (&key.0, &key.1, key.2))
        {
            Some(group) => group.3.push(run),
            None => groups.push((key.0, key.1, key.2, vec![run])),
        }
    }
    if groups.is_empty() {
        text.push_str("No run, no cost.\n");
        return;
    }
    let rows = groups.iter().map(|(suite, models, practice, runs)| {
        let tokens: Vec<_> = runs.iter().filter_map(|run| run.tokens).collect();
        let tokens = if tokens.is_empty() {
            "not reported".into()
        } else {
            let read: u64 = tokens.iter().map(|tokens| tokens.input).sum();
            let written: u64 = tokens.iter().map(|tokens| tokens.output).sum();
            format!("{read} read, {written} written")
        };
        [
            plain(suite),
            plain(models),
            runs.len().to_string(),
            runs.iter().map(|run| run.trials).sum::<u64>().to_string(),
            tokens,
            if *practice {
                "practice prices, left out".into()
            } else {
                plain(&spent(runs))
            },
        ]
    });
    text.push_str(&table(
        ["Suite", "Model", "Runs", "Trials", "Tokens", "Spent"],
        &[2, 3],
        rows,
    ));
}

fn listed(text: &mut String, week: &[&RunSummary]) {
    if week.is_empty() {
        return;
    }
    let rows = week.iter().map(|run| {
        let rate = run.metric("pass_rate");
        [
            run.number.to_string(),
            day(ended(run)),
            plain(&run.suite_name),
            plain(&run.target.name),
            run.purpose.to_string(),
            rate.map_or("no data".into(), |metric| {
                format!(
                    "{} ({}){}",
                    metric.value_text(),
                    plain(&interval_or_note(metric)),
                    if run.practice { ", practice model" } else { "" }
                )
            }),
            rate.map_or(0, |metric| metric.n).to_string(),
            gate(run).0.to_lowercase(),
            plain(&cost(run)),
        ]
    });
    let columns = [
        "Run",
        "Day",
        "Suite",
        "Target",
        "Purpose",
        "Pass rate",
        "n",
        "Gate",
        "Cost",
    ];
    text.push_str(&format!("\n## Runs\n\n{}", table(columns, &[0, 6], rows)));
    text.push_str("\nIntervals are two-sided at 95 %; changes are paired by case.\n");
}
