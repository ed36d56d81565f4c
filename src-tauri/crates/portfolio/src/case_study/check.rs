use super::{
    CaseStudyCheck, SectionKind, StatedFact, TokenUse,
    outline::{Outline, outline},
};
use crate::{
    claim::{Claim, standing},
    prose::{
        Finding, Refusal,
        scan::{Scan, scan},
        tokens::Meaning,
        words,
    },
};

/// Words a minute of a person reading on a screen.
const WORDS_A_MINUTE: u32 = 230;

/// Checks a source. It never fails and never panics: whatever is wrong is in the answer.
pub fn check(source: &str, claims: &[Claim]) -> CaseStudyCheck {
    let scan = scan(source, claims);
    let outline = outline(&scan);
    checked(&scan, &outline, claims)
}

pub(super) fn checked(scan: &Scan<'_>, outline: &Outline, claims: &[Claim]) -> CaseStudyCheck {
    let mut refusals = scan.refusals();
    let missing_sections = missing(outline);
    refusals.extend(structure(scan, outline));
    refusals.sort_by_key(|refusal| (refusal.line, refusal.column));
    for kind in &missing_sections {
        if !outline.parts.iter().any(|part| part.kind == *kind) {
            refusals.push(absent(scan, *kind));
        }
    }
    let words = read_words(scan);
    CaseStudyCheck {
        ok: refusals.is_empty() && missing_sections.is_empty(),
        refusals,
        missing_sections,
        tokens_used: tokens(scan, claims),
        stated: stated(scan),
        reading_minutes: words.div_ceil(WORDS_A_MINUTE).max(1),
        words,
        standing: standing(claims),
    }
}

fn missing(outline: &Outline) -> Vec<SectionKind> {
    let written = |kind: &SectionKind| outline.parts.iter().any(|part| part.kind == *kind && !part.empty);
    SectionKind::REQUIRED
        .into_iter()
        .filter(|kind| !written(kind))
        .collect()
}

fn absent(scan: &Scan<'_>, kind: SectionKind) -> Refusal {
    let (line, column) = scan.prepared.place(scan.prepared.original.len());
    let heading = kind.heading();
    Refusal {
        line,
        column,
        excerpt: String::new(),
        reason: format!("The section \u{201c}{heading}\u{201d} is missing."),
        hint: format!("Add a heading `## {heading}` and write it: {}", asks(kind)),
    }
}

/// What a section has to say.
fn asks(kind: SectionKind) -> &'static str {
    match kind {
        SectionKind::Problem => "what was wrong, and for whom.",
        SectionKind::Users => "who uses it, and when.",
        SectionKind::NonGoals => "what it leaves out on purpose.",
        SectionKind::Approach => "how it is built, and why so.",
        SectionKind::WhatChanged => "what you changed, and what the runs say of it.",
        SectionKind::WhatFailed => "one major failure, how you found it, how you fixed it.",
        SectionKind::DeploymentNotes => "how it is started, configured and watched.",
        SectionKind::WhatComesNext => "what you would do with more time.",
        SectionKind::Other => "what the heading promises.",
    }
}

fn structure(scan: &Scan<'_>, outline: &Outline) -> Vec<Refusal> {
    let mut found = Vec::new();
    let mut refuse = |heading: usize, reason: String, hint: &str| {
        let range = scan.parsed.blocks[heading].range.clone();
        let finding = Finding {
            start: range.start,
            end: range.end,
            reason,
            hint: hint.into(),
        };
        found.push(scan.refusal(&finding));
    };
    for part in outline.parts.iter().filter(|part| part.empty) {
        let hint = format!("Write {} Or take the heading out.", asks(part.kind));
        let heading = scan.parsed.blocks[part.heading].text(0, usize::MAX);
        refuse(
            part.heading,
            format!("The section \u{201c}{}\u{201d} is empty.", heading.trim()),
            &hint,
        );
    }
    let first = |kind: SectionKind| outline.parts.iter().position(|part| part.kind == kind);
    if let (Some(problem), Some(approach)) = (first(SectionKind::Problem), first(SectionKind::Approach))
        && approach < problem
    {
        let reason = "The approach comes before the problem it solves.".into();
        refuse(
            outline.parts[approach].heading,
            reason,
            "Move the section \u{201c}Problem\u{201d} above it.",
        );
    }
    found
}

fn tokens(scan: &Scan<'_>, claims: &[Claim]) -> Vec<TokenUse> {
    let pairs = scan.prepared.tokens.iter().zip(&scan.meanings);
    pairs
        .filter(|(token, meaning)| {
            !matches!(meaning, Meaning::Stated(_)) && !token.body.starts_with("stated")
        })
        .map(|(token, meaning)| {
            let (line, column) = scan.prepared.place(token.range.start);
            let (claim, text) = match meaning {
                Meaning::Claim { claim, text } => (Some(*claim), Some(text.clone())),
                Meaning::Refused(claim) => (*claim, None),
                Meaning::Stated(_) => (None, None),
            };
            TokenUse {
                token: token.body.clone(),
                slug: token.body.split('.').next().unwrap_or_default().to_owned(),
                claim: claim.and_then(|claim| claims.get(claim)).map(|claim| claim.id),
                text,
                line,
                column,
            }
        })
        .collect()
}

fn stated(scan: &Scan<'_>) -> Vec<StatedFact> {
    let pairs = scan.prepared.tokens.iter().zip(&scan.meanings);
    pairs
        .filter_map(|(token, meaning)| match meaning {
            Meaning::Stated(text) => Some(StatedFact {
                text: text.clone(),
                line: scan.prepared.place(token.range.start).0,
            }),
            _ => None,
        })
        .collect()
}

fn read_words(scan: &Scan<'_>) -> u32 {
    let of_tokens = scan.meanings.iter().map(|meaning| match meaning {
        Meaning::Claim { text, .. } | Meaning::Stated(text) => {
            text.split_whitespace().count().saturating_sub(1)
        }
        Meaning::Refused(_) => 0,
    });
    let of_blocks = scan.parsed.blocks.iter().map(|block| words::words(block).len());
    u32::try_from(of_blocks.sum::<usize>() + of_tokens.sum::<usize>()).unwrap_or(u32::MAX)
}
