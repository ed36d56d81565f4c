use super::{
    ClaimDefinition, ClaimKind, ClaimProposal, RunComparison,
    assess::{assess, baselines, newest_candidates},
};
use chrono::{DateTime, Utc};
use evidence::{ClaimId, Metric, RunId, RunSummary};

/// The claims that the newest finished candidate of each suite offers, those that would hold first.
/// `existing` are the claims already made, which are not offered again.
pub fn propose(
    runs: &[RunSummary],
    comparisons: &[RunComparison],
    existing: &[ClaimDefinition],
) -> Vec<ClaimProposal> {
    let mut offered: Vec<ClaimProposal> = Vec::new();
    for run in newest_candidates(runs) {
        for metric in run.metrics.iter().filter(|metric| metric.value.is_some()) {
            let earlier = baselines(run, runs).into_iter().filter(|earlier| {
                comparisons.iter().any(|one| {
                    one.pair.before == earlier.run
                        && one.pair.after == run.run
                        && one.comparison.metric == metric.name
                })
            });
            let changes: Vec<_> = earlier.map(|earlier| Some(earlier.run)).collect();
            for baseline in changes.into_iter().chain([None]) {
                let made = existing
                    .iter()
                    .any(|one| one.metric == metric.name && one.run == run.run && one.baseline == baseline);
                if !made {
                    let slug = free_slug(metric, baseline.is_some(), existing, &offered);
                    offered.push(offer(run, metric, baseline, slug, runs, comparisons));
                }
            }
        }
    }
    // Stable: within a state, changes and levels keep the order of the metrics.
    offered.sort_by_key(|offer| (offer.state, offer.kind == ClaimKind::Level));
    offered
}

fn offer(
    run: &RunSummary,
    metric: &Metric,
    baseline: Option<RunId>,
    slug: String,
    runs: &[RunSummary],
    comparisons: &[RunComparison],
) -> ClaimProposal {
    let definition = ClaimDefinition {
        id: ClaimId::new(),
        project: run.project,
        slug,
        metric: metric.name.clone(),
        run: run.run,
        baseline,
        created_at: run.finished_at.unwrap_or(DateTime::<Utc>::UNIX_EPOCH),
    };
    let claim = assess(&definition, runs, comparisons);
    ClaimProposal {
        slug: claim.slug,
        kind: claim.kind,
        metric: claim.metric,
        label: claim.label,
        run: run.run,
        baseline,
        sentence: claim.sentence,
        state: claim.state,
        reason: claim.reason,
        practice: claim.practice,
    }
}

/// Whether a text can name a token: lower-case letters, digits and dashes, a letter first, 64 at most.
pub fn is_slug(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn free_slug(
    metric: &Metric,
    change: bool,
    existing: &[ClaimDefinition],
    offered: &[ClaimProposal],
) -> String {
    let mut slug = String::new();
    for c in metric.name.chars().take(48) {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => slug.push(c),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    let mut slug = slug.trim_end_matches('-').to_owned();
    if !is_slug(&slug) {
        slug = format!("metric-{slug}").trim_end_matches('-').to_owned();
    }
    if change {
        slug.push_str("-change");
    }
    let taken = |slug: &str| {
        existing.iter().any(|one| one.slug == slug) || offered.iter().any(|one| one.slug == slug)
    };
    let mut free = slug.clone();
    for n in 2.. {
        if !taken(&free) {
            break;
        }
        free = format!("{slug}-{n}");
    }
    free
}
