//! A claim being assessed: what it says is known, whether it may be said is not.

use super::{
    Change, Claim, ClaimDefinition, ClaimKind, ClaimRun, ClaimState,
    assess::{after, beside, peers},
    text,
};
use evidence::{Comparison, Direction, Interval, Metric, RunSummary, Unit};

/// Below this many observations nothing is claimed: a Wilson interval of 20 cases is already 33 points wide at 80 %.
pub const LEAST_CASES: u64 = 20;

/// The widest interval of a share or score that still says something (30 cases reach it at 80 %).
pub const WIDEST_SHARE: f64 = 0.30;

/// A claim whose state is still open.
pub(super) struct Draft {
    claim: Claim,
    pub(super) change: Option<Change>,
}

impl Draft {
    pub(super) fn without_run(definition: &ClaimDefinition) -> Self {
        let kind = if definition.baseline.is_some() {
            ClaimKind::Change
        } else {
            ClaimKind::Level
        };
        let claim = Claim {
            id: definition.id,
            project: definition.project,
            slug: definition.slug.clone(),
            kind,
            metric: definition.metric.clone(),
            label: definition.metric.clone(),
            unit: Unit::Count,
            better: Direction::Higher,
            value: None,
            value_text: "no data".into(),
            interval: None,
            interval_text: None,
            method_text: text::method(None, None),
            n: 0,
            n_text: text::counted(0, "case"),
            change: None,
            runs: Vec::new(),
            runs_text: text::runs(&[]),
            dates_text: text::dates(&[]),
            models: Vec::new(),
            practice: false,
            candidates_before: 0,
            candidates_after: 0,
            threshold_text: None,
            state: ClaimState::Refused,
            reason: None,
            sentence: format!("{}: no data", definition.metric),
            created_at: definition.created_at,
        };
        Self { claim, change: None }
    }

    pub(super) fn new(
        definition: &ClaimDefinition,
        run: &RunSummary,
        baseline: Option<&RunSummary>,
        comparison: Option<&Comparison>,
        runs: &[RunSummary],
    ) -> Self {
        let mut draft = Self::without_run(definition);
        let claim = &mut draft.claim;
        claim.runs = baseline
            .into_iter()
            .chain([run])
            .map(text::claim_run)
            .collect::<Vec<ClaimRun>>();
        claim.runs_text = text::runs(&claim.runs);
        claim.dates_text = text::dates(&claim.runs);
        claim.practice = claim.runs.iter().any(|run| run.practice);
        for model in claim.runs.iter().flat_map(|run| &run.models) {
            if !claim.models.contains(model) {
                claim.models.push(model.clone());
            }
        }
        let count =
            |test: &dyn Fn(&RunSummary) -> bool| peers(run, runs).filter(|run| test(run)).count() as u32;
        // The best of several targets is a choice like the best of several tries.
        claim.candidates_before = count(&|other| other.number < run.number || beside(run, other));
        claim.candidates_after = count(&|other| after(other, run));
        if let Some(metric) = run.metric(&definition.metric) {
            draft.measure(metric, run);
        }
        if let (Some(comparison), Some(baseline)) = (comparison, baseline) {
            let change = text::change_of(comparison, run.differs_from(baseline));
            let claim = &mut draft.claim;
            claim.n = change.n;
            claim.n_text = text::counted(change.n, "case");
            claim.method_text = text::method(None, Some(&change));
            claim.sentence = text::change(&claim.label, &change, claim.practice);
            draft.change = Some(change);
        }
        draft
    }

    fn measure(&mut self, metric: &Metric, run: &RunSummary) {
        let claim = &mut self.claim;
        claim.label = metric.label.clone();
        claim.unit = metric.unit;
        claim.better = metric.better;
        claim.value = metric.value;
        claim.value_text = metric.value_text();
        claim.interval = metric.interval;
        claim.interval_text = text::range(metric.unit, metric.interval);
        claim.method_text = text::method(metric.interval, None);
        claim.n = metric.n;
        claim.n_text = text::observations(metric, run);
        let judged = run
            .gate
            .metrics
            .iter()
            .find(|judged| judged.threshold.metric == metric.name);
        claim.threshold_text = judged.map(|judged| judged.threshold.limit_text(metric));
        claim.sentence = text::level(
            &claim.label,
            &claim.value_text,
            claim.interval_text.as_deref(),
            &claim.n_text,
            claim.practice,
        );
    }

    pub(super) fn why_weak(&self) -> Option<String> {
        let claim = &self.claim;
        if claim.n < LEAST_CASES {
            return Some(format!(
                "n = {}: at least {LEAST_CASES} are needed for a claim.",
                claim.n
            ));
        }
        if self.change.is_some() {
            return None;
        }
        let missing = || {
            Some(format!(
                "n = {}: the interval of {} has no {} end.",
                claim.n, claim.label, "unfavourable"
            ))
        };
        match claim.interval {
            None => Some(format!(
                "n = {}: no interval can be given for {}.",
                claim.n, claim.label
            )),
            Some(Interval { low: None, .. }) if claim.better == Direction::Higher => missing(),
            Some(Interval { high: None, .. }) if claim.better == Direction::Lower => missing(),
            Some(Interval {
                low: Some(low),
                high: Some(high),
                ..
            }) => {
                let widest = match claim.unit {
                    Unit::Share | Unit::Score => WIDEST_SHARE,
                    _ => claim.value.unwrap_or(0.0).abs(),
                };
                let range = claim.interval_text.as_deref().unwrap_or_default();
                (high - low > widest).then(|| format!("n = {}: the interval {range} is too wide.", claim.n))
            }
            Some(_) => None,
        }
    }

    pub(super) fn refused(self, reason: &str) -> Claim {
        self.closed(ClaimState::Refused, reason.into())
    }

    pub(super) fn closed(self, state: ClaimState, reason: String) -> Claim {
        self.close(state, Some(reason))
    }

    pub(super) fn close(self, state: ClaimState, reason: Option<String>) -> Claim {
        Claim {
            state,
            reason,
            change: self.change,
            ..self.claim
        }
    }
}
