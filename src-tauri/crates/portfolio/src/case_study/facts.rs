//! The generated facts of a document, every one of them marked: tables, proof, credits.

use super::{CaseStudyInput, Credits};
use crate::{
    claim::{Claim, ClaimKind, ClaimRun, text},
    seal::{Ledger, Mark},
};
use serde_json::{Value, json};

/// Marks generated texts.
pub(super) struct Marker<'a>(pub &'a mut Ledger);

impl Marker<'_> {
    fn proof(&mut self, text: impl AsRef<str>) -> String {
        self.0.mark(Mark::Proof, text.as_ref())
    }

    fn claim(&mut self, text: impl AsRef<str>) -> String {
        self.0.mark(Mark::Claim, text.as_ref())
    }

    /// A claim as the tables and the proof page show it.
    pub fn entry(&mut self, claim: &Claim) -> Value {
        let runs: Vec<Value> = claim.runs.iter().map(|run| self.run(run)).collect();
        let change = claim.change.as_ref().map(|change| {
            json!({
                "before": self.claim(&change.before_text),
                "after": self.claim(&change.after_text),
                "difference": self.claim(&change.difference_text),
                "interval": change.interval_text.as_ref().map(|text| self.claim(text)),
                "differed": change.differed,
            })
        });
        json!({
            "slug": claim.slug,
            "anchor": claim.anchor(),
            "kind": claim.kind,
            "label": self.proof(&claim.label),
            "sentence": self.claim(&claim.sentence),
            "value": self.claim(&claim.value_text),
            "interval": claim.interval_text.as_ref().map(|text| self.claim(text)),
            "method": self.proof(&claim.method_text),
            "n": self.proof(&claim.n_text),
            "runs_text": self.proof(&claim.runs_text),
            "dates": self.proof(&claim.dates_text),
            "models": self.models(claim),
            "practice": claim.practice,
            "threshold": claim.threshold_text.as_ref().map(|text| self.proof(text)),
            "candidates_before": self.proof(claim.candidates_before.to_string()),
            "runs": runs,
            "change": change,
        })
    }

    fn models(&mut self, claim: &Claim) -> String {
        let names = if claim.models.is_empty() {
            "not reported".into()
        } else {
            claim.models.join(" and ")
        };
        self.proof(unformatted(&names))
    }

    fn run(&mut self, run: &ClaimRun) -> Value {
        json!({
            "number": self.proof(run.number.to_string()),
            "id": self.proof(run.run.to_string()),
            "date": self.proof(text::day(run.finished_at.unwrap_or(run.started_at))),
            "suite_name": self.proof(unformatted(&run.suite_name)),
            "cases": self.proof(text::counted(run.cases, "case")),
            "trials": self.proof(text::counted(run.trials, "trial")),
            "dataset": self.proof(run.dataset.as_str()),
            "dataset_short": self.proof(&run.dataset_short),
            "suite": self.proof(run.suite.as_str()),
            "suite_short": self.proof(&run.suite_short),
            "source": self.proof(run.source.as_str()),
            "source_short": self.proof(&run.source_short),
            "commit": run.git_commit.as_ref().map(|commit| self.proof(commit)),
            "commit_short": run.git_commit_short.as_ref().map(|commit| self.proof(commit)),
            "uncommitted": run.uncommitted,
            "practice": run.practice,
        })
    }

    /// What came with a starter and what is the author's own.
    pub fn credits(&mut self, credits: &Credits) -> Value {
        let shipped = credits.cases.saturating_sub(credits.own_cases);
        json!({
            "starter": credits.starter.as_ref().map(|name| self.proof(unformatted(name))),
            "own_cases": self.proof(text::counted(credits.own_cases, "case")),
            "any_own_cases": credits.own_cases > 0,
            "shipped_cases": self.proof(text::counted(shipped, "case")),
            "target_changed": credits.target_changed,
            "commits": credits.commits.iter().map(|line| self.proof(unformatted(line))).collect::<Vec<_>>(),
        })
    }
}

/// A text from outside without the signs that Markdown or HTML could read as formatting.
pub fn unformatted(text: &str) -> String {
    let sign = |c| match c {
        '<' => '\u{2039}',
        '>' => '\u{203A}',
        '|' => '\u{A6}',
        '`' => '\'',
        c if c.is_control() => ' ',
        c => c,
    };
    text.chars().map(sign).collect()
}

/// The claims that hold, those about a change first.
pub(super) fn holding<'a>(input: &CaseStudyInput<'a>) -> Vec<&'a Claim> {
    let mut holding: Vec<&Claim> = input.claims.iter().filter(|claim| claim.holds()).collect();
    holding.sort_by_key(|claim| claim.kind == ClaimKind::Level);
    holding
}
