//! Rules as data: what a run must be to count. A small closed set, so that content stays data.

use evidence::{GateVerdict, Purpose, RunStatus, RunSummary};
use serde::Deserialize;

/// What a run must be. Whatever is not named is not asked for, except that the run has finished and is a candidate.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRule {
    /// The purpose; candidate when absent, and nothing else closes or shows anything yet.
    pub purpose: Option<Purpose>,
    /// At least this many cases.
    #[serde(default)]
    pub min_cases: u64,
    /// At least this many cases that the learner wrote.
    #[serde(default)]
    pub min_own_cases: u64,
    /// The verdict of the gate.
    pub gate: Option<GateVerdict>,
    /// Whether the suite sets release thresholds at all (the gate may have passed or failed).
    #[serde(default)]
    pub gated: bool,
    /// Whether the target differs from the starter as shipped.
    pub target_changed: Option<bool>,
    /// Whether a practice model answered; `false` asks for a real model.
    pub practice: Option<bool>,
    /// Metrics that must have a value. `a|b` accepts either; `*recall*` any name or label that
    /// contains it, in any case.
    #[serde(default)]
    pub metrics: Vec<String>,
}

impl RunRule {
    /// What this run lacks, in words; empty when it meets the rule.
    pub fn lacking(&self, run: &RunSummary) -> Vec<String> {
        let mut lacking = Vec::new();
        let purpose = self.purpose.unwrap_or(Purpose::Candidate);
        if run.purpose != purpose {
            lacking.push(format!(
                "the purpose {purpose} (it is of purpose {})",
                run.purpose
            ));
        }
        if run.status != RunStatus::Finished {
            lacking.push("its remaining results (it did not finish)".into());
        }
        if run.cases < self.min_cases {
            lacking.push(format!("{} cases (it has {})", self.min_cases, run.cases));
        }
        if run.own_cases < self.min_own_cases {
            lacking.push(format!(
                "{} cases that you wrote (it has {})",
                self.min_own_cases, run.own_cases
            ));
        }
        if self.gate.is_some_and(|gate| gate != run.gate.verdict) {
            lacking.push(match run.gate.verdict {
                GateVerdict::Failed => "a passed gate (it failed)".into(),
                GateVerdict::Unset => "a passed gate (its suite sets fewer than three thresholds)".into(),
                GateVerdict::Passed => "the gate's verdict that is asked for (it passed)".into(),
            });
        }
        if self.gated && run.gate.metrics.is_empty() {
            lacking.push("release thresholds in its suite".into());
        }
        if self
            .target_changed
            .is_some_and(|changed| changed != run.target_changed)
        {
            lacking.push("a change of yours to the starter".into());
        }
        match self.practice {
            Some(false) if run.practice => {
                lacking.push("a real model (a practice model answered)".into());
            }
            Some(true) if !run.practice => lacking.push("a practice model".into()),
            _ => {}
        }
        for name in &self.metrics {
            if !measures(run, name) {
                lacking.push(format!("a value for {}", metric_words(name)));
            }
        }
        lacking
    }

    /// Whether this run meets the rule.
    pub fn accepts(&self, run: &RunSummary) -> bool {
        self.lacking(run).is_empty()
    }

    /// This rule and another one at once: the stricter of each part.
    pub fn and(&self, other: &Self) -> Self {
        let mut metrics = self.metrics.clone();
        metrics.extend(
            other
                .metrics
                .iter()
                .filter(|name| !self.metrics.contains(name))
                .cloned(),
        );
        Self {
            purpose: self.purpose.or(other.purpose),
            min_cases: self.min_cases.max(other.min_cases),
            min_own_cases: self.min_own_cases.max(other.min_own_cases),
            gate: self.gate.or(other.gate),
            gated: self.gated || other.gated,
            target_changed: self.target_changed.or(other.target_changed),
            practice: self.practice.or(other.practice),
            metrics,
        }
    }
}

/// Metric names that every run carries, whatever its graders are called.
pub const STANDARD_METRICS: [&str; 6] = [
    "pass_rate",
    "error_rate",
    "latency_p50",
    "latency_p95",
    "latency_p99",
    "cost_per_case",
];

/// Words that patterns may look for in the names and labels of graders. Learners choose the names; the labels of
/// scores ("Recall@5", "Mean reciprocal rank") come from the grader's type.
pub const GRADER_WORDS: [&str; 5] = ["recall", "reciprocal rank", "citation", "refus", "schema"];

/// Whether a pattern names something that a run can have: a standard metric, or a grader by one of its words.
pub fn is_known_metric(pattern: &str) -> bool {
    pattern.split('|').all(|name| {
        STANDARD_METRICS.contains(&name)
            || (name.contains('*') && GRADER_WORDS.contains(&name.trim_matches('*')))
    })
}

fn measures(run: &RunSummary, pattern: &str) -> bool {
    let matches = |metric: &str, name: &str| match (name.strip_prefix('*'), name.strip_suffix('*')) {
        (None, None) => metric == name,
        (Some(end), None) => metric.ends_with(end),
        (None, Some(start)) => metric.starts_with(start),
        (Some(_), Some(_)) => metric.contains(name.trim_matches('*')),
    };
    run.metrics
        .iter()
        .filter(|metric| metric.value.is_some())
        .map(|metric| [metric.name.to_lowercase(), metric.label.to_lowercase()])
        .any(|texts| {
            let wanted = |name: &str| texts.iter().any(|text| matches(text, name));
            pattern.split('|').any(wanted)
        })
}

fn metric_words(pattern: &str) -> String {
    let names: Vec<String> = pattern
        .split('|')
        .map(|name| match name.trim_matches('*') {
            "pass_rate" => "the pass rate".into(),
            "error_rate" => "the error rate".into(),
            "latency_p50" => "the median latency".into(),
            "latency_p95" => "the p95 latency".into(),
            "latency_p99" => "the p99 latency".into(),
            "cost_per_case" => "the cost per answer".into(),
            "recall" => "recall of the retrieved passages".into(),
            "reciprocal rank" => "their reciprocal rank".into(),
            "citation" => "citation validity".into(),
            "refus" => "refusals".into(),
            other => other.replace('_', " "),
        })
        .collect();
    names.join(" or ")
}
