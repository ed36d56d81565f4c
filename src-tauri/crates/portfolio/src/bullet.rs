//! Résumé bullets: a line, the claims behind it, and where each can be checked.
//!
//! A template writes tokens, never numbers, and what it writes goes through the check that a person's edit goes through.

use crate::{
    claim::{Claim, Standing, standing, text::PRACTICE},
    prose::{Refusal, scan::scan, tokens::Meaning},
    seal::{Ledger, seal},
    templates::{TemplateError, Templates},
};
use evidence::ClaimId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use ts_rs::TS;

/// Where proofs can be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProofSite {
    /// Name of the project.
    pub project: String,
    /// Address of the exported case study; the file's name when it is not published.
    pub base: Option<String>,
}

/// Where a claim's proof can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProofLink {
    /// The claim.
    pub claim: ClaimId,
    /// Name of its token.
    pub slug: String,
    /// Address: `case-study.html#claim-pass-rate`.
    pub href: String,
}

/// A line of a résumé, with what stands behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Bullet {
    /// The template it came from; absent for one that a person edited.
    pub pattern: Option<String>,
    /// The line with its tokens, as a person edits it.
    pub source: String,
    /// The line as it is read; the source where it is refused.
    pub text: String,
    /// Claims behind it.
    pub claims: Vec<ClaimId>,
    /// A proof link for each claim.
    pub proof: Vec<ProofLink>,
    /// Whether a practice model answered in any run behind it.
    pub practice: bool,
    /// Whether it may be exported.
    pub ok: bool,
    /// Why it may not.
    pub refusals: Vec<Refusal>,
}

/// The bullets that a project's claims carry: each template of `bullets/` with each claim that holds, where it has
/// something to say. None for an exploration.
pub fn bullets(
    templates: &Templates,
    claims: &[Claim],
    site: &ProofSite,
) -> Result<Vec<Bullet>, TemplateError> {
    let mut found: Vec<Bullet> = Vec::new();
    if standing(claims) == Standing::Exploration {
        return Ok(found);
    }
    for name in templates.names_in("bullets") {
        for claim in claims.iter().filter(|claim| claim.holds()) {
            let change = claim.change.as_ref();
            let context = json!({
                "slug": claim.slug,
                "kind": claim.kind,
                "metric": claim.metric,
                "label": claim.label,
                "phrase": phrase(&claim.label),
                "unit": claim.unit,
                "better": claim.better,
                "has_interval": claim.interval_text.is_some(),
                "improved": change.and_then(|change| change.improved).unwrap_or(false),
                "rose": change.is_some_and(|change| change.difference > 0.0),
                "has_threshold": claim.threshold_text.is_some(),
            });
            let line = templates.render(name, &context)?;
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            if !line.is_empty() && !found.iter().any(|bullet| bullet.source == line) {
                let pattern = name
                    .trim_start_matches("bullets/")
                    .trim_end_matches(".tera")
                    .to_owned();
                found.push(Bullet {
                    pattern: Some(pattern),
                    ..check_bullet(&line, claims, site)
                });
            }
        }
    }
    Ok(found)
}

/// Checks a bullet that a person wrote or edited: numbers only as tokens, and at least one claim that can be checked.
pub fn check_bullet(source: &str, claims: &[Claim], site: &ProofSite) -> Bullet {
    let line = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let scan = scan(&line, claims);
    let mut refusals = scan.refusals();
    let mut used: Vec<&Claim> = Vec::new();
    for meaning in &scan.meanings {
        if let Meaning::Claim { claim, .. } = meaning
            && let Some(claim) = claims.get(*claim)
            && !used.iter().any(|other| other.id == claim.id)
        {
            used.push(claim);
        }
    }
    if used.is_empty() {
        refusals.push(Refusal {
            line: 1,
            column: 1,
            excerpt: line.chars().take(80).collect(),
            reason: "This bullet has no proof: no claim that holds stands behind it.".into(),
            hint: "Add a token such as [[pass-rate]] or [[pass-rate.sentence]], or leave the bullet out."
                .into(),
        });
    }
    let mut ledger = Ledger::default();
    let marked = scan.marked(0..line.len(), &mut ledger);
    let practice = used.iter().any(|claim| claim.practice);
    let text = match seal(&marked, &ledger) {
        Ok(text) if refusals.is_empty() => labelled(text, practice),
        Ok(_) => line.clone(),
        Err(unsealed) => {
            refusals.extend(unsealed);
            line.clone()
        }
    };
    Bullet {
        pattern: None,
        text,
        claims: used.iter().map(|claim| claim.id).collect(),
        proof: used.iter().map(|claim| link(claim, site)).collect(),
        practice,
        ok: refusals.is_empty(),
        refusals,
        source: line,
    }
}

/// A label within a sentence: "pass rate", but "MRR" as it is.
fn phrase(label: &str) -> String {
    let mut chars = label.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(chars).collect(),
        _ => label.into(),
    }
}

fn labelled(text: String, practice: bool) -> String {
    if practice && !text.contains(PRACTICE) {
        format!("{} {PRACTICE}", text.trim_end())
    } else {
        text
    }
}

fn link(claim: &Claim, site: &ProofSite) -> ProofLink {
    let base = site
        .base
        .as_deref()
        .filter(|base| !base.is_empty())
        .unwrap_or("case-study.html");
    ProofLink {
        claim: claim.id,
        slug: claim.slug.clone(),
        href: format!("{base}#{}", claim.anchor()),
    }
}
