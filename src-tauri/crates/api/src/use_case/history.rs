//! How one metric developed over the runs of a suite, and when it was last looked at.

use super::Playbook;
use crate::{
    Code, Error,
    wire::variants::{HistoryPoint, HistoryRequest, HistoryView, MetricChoice},
};
use evidence::{Metric, Purpose, RunStatus, RunSummary};

/// A suite that was not run for longer than this is overdue: what changed since is no longer remembered.
const OVERDUE_DAYS: i64 = 7;
const CATEGORY: &str = "category:";

impl Playbook {
    /// A metric over the finished runs of a suite.
    pub async fn history(&self, request: HistoryRequest) -> Result<HistoryView, Error> {
        self.blocking(move |playbook| {
            let records = playbook.store.runs(Some(request.project))?;
            let mut runs: Vec<&RunSummary> = records
                .iter()
                // A slice of the cases or a fault made on purpose is no point of this line.
                .filter(|record| record.plan.filter.is_none() && record.summary.shard.is_none())
                .map(|record| &record.summary)
                .filter(|run| run.status == RunStatus::Finished && run.trials > 0 && run.purpose != Purpose::Drill)
                .collect();
            let mut suites: Vec<String> = Vec::new();
            for run in &runs {
                if !suites.contains(&run.suite_name) {
                    suites.push(run.suite_name.clone());
                }
            }
            let suite = request.suite.or_else(|| suites.first().cloned()).ok_or_else(no_run)?;
            runs.retain(|run| run.suite_name == suite);
            runs.reverse();
            let newest = *runs.last().ok_or_else(no_run)?;
            let metrics = choices(newest);
            let name = request.metric.unwrap_or_else(|| "pass_rate".into());
            let shown = runs.iter().rev().find_map(|run| metric(run, &name)).ok_or_else(|| {
                Error::new(
                    Code::NotFound,
                    format!("no run of the suite {suite} has a metric `{name}`"),
                    "Choose one of the suite's metrics.",
                )
            })?;
            let threshold = newest
                .gate
                .metrics
                .iter()
                .find(|gate| gate.threshold.metric == name)
                .map(|gate| gate.threshold.limit);
            let points: Vec<HistoryPoint> = runs
                .iter()
                .enumerate()
                .map(|(at, run)| point(run, at.checked_sub(1).map(|before| runs[before]), &name))
                .collect();
            let days_since_run = (playbook.host.now() - newest.finished_at.unwrap_or(newest.started_at)).num_days();
            Ok(HistoryView {
                sentence: sentence(shown, &points, &newest.target.name, days_since_run),
                label: metrics
                    .iter()
                    .find(|choice| choice.name == name)
                    .map_or_else(|| shown.label.clone(), |choice| choice.label.clone()),
                unit: shown.unit,
                better: shown.better,
                overdue: days_since_run > OVERDUE_DAYS,
                suites,
                suite,
                metrics,
                metric: name,
                threshold,
                points,
                days_since_run,
            })
        })
        .await
    }
}

fn no_run() -> Error {
    Error::new(
        Code::NotFound,
        "there is no finished run to show",
        "Run the suite; its history begins with that.",
    )
}

fn choices(run: &RunSummary) -> Vec<MetricChoice> {
    let metrics = run.metrics.iter().map(|metric| MetricChoice {
        name: metric.name.clone(),
        label: metric.label.clone(),
        category: false,
    });
    let categories = run.categories.iter().map(|slice| MetricChoice {
        name: format!("{CATEGORY}{}", slice.name),
        label: format!("Pass rate of {}", slice.name),
        category: true,
    });
    metrics.chain(categories).collect()
}

fn metric<'a>(run: &'a RunSummary, name: &str) -> Option<&'a Metric> {
    match name.strip_prefix(CATEGORY) {
        Some(category) => run
            .categories
            .iter()
            .find(|slice| slice.name == category)
            .map(|slice| &slice.pass_rate),
        None => run.metric(name),
    }
}

fn point(run: &RunSummary, before: Option<&RunSummary>, name: &str) -> HistoryPoint {
    let metric = metric(run, name);
    let interval = metric.and_then(|metric| metric.interval);
    let broken =
        before.and_then(
            |before| match (before.dataset != run.dataset, before.grading != run.grading) {
                (true, true) => Some("the dataset and the graders changed"),
                (true, false) => Some("the dataset changed"),
                (false, true) => Some("the graders changed"),
                (false, false) => None,
            },
        );
    HistoryPoint {
        run: run.run,
        number: run.number,
        purpose: run.purpose,
        at: run.started_at,
        target: run.target.name.clone(),
        practice: run.practice,
        value: metric.and_then(|metric| metric.value),
        low: interval.and_then(|interval| interval.low),
        high: interval.and_then(|interval| interval.high),
        text: metric.map_or_else(|| "no data".into(), Metric::value_text),
        n: metric.map_or(0, |metric| metric.n),
        break_before: broken.map(str::to_owned),
    }
}

/// How it went for one target: what was measured of another beside it is no step of its course.
fn sentence(metric: &Metric, points: &[HistoryPoint], target: &str, days: i64) -> String {
    let label = if points.iter().any(|point| point.target != target) {
        format!("{} ({target})", metric.label)
    } else {
        metric.label.clone()
    };
    // What lies before a break was measured on other cases or with another ruler.
    let since = points
        .iter()
        .rposition(|point| point.break_before.is_some())
        .unwrap_or(0);
    let known: Vec<&HistoryPoint> = points[since..]
        .iter()
        .filter(|point| point.value.is_some() && point.target == target)
        .collect();
    let course = match known.as_slice() {
        [] => format!("{label}: no data"),
        [one] => format!("{label} {} in run {}", one.text, one.number),
        [first, .., last] => format!(
            "{label} from {} in run {} to {} in run {}",
            first.text, first.number, last.text, last.number
        ),
    };
    let breaks = points.iter().filter(|point| point.break_before.is_some()).count();
    let apart = match breaks {
        0 => String::new(),
        1 => ", since dataset or graders changed once".into(),
        count => format!(
            ", since dataset or graders changed for the {} time",
            ordinal(count)
        ),
    };
    let age = match days {
        0 => "last run today".to_owned(),
        1 => "last run yesterday".to_owned(),
        days if days > OVERDUE_DAYS => format!("no run for {days} days"),
        days => format!("last run {days} days ago"),
    };
    format!("{course}{apart}; {age}.")
}

/// 2nd, 3rd, 4th, 11th, 21st.
fn ordinal(count: usize) -> String {
    let ending = match (count % 10, count % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{count}{ending}")
}
