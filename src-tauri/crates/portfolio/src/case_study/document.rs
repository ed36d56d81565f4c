use super::{
    CaseStudyCheck, CaseStudyDocument, CaseStudyInput, Section, SectionKind,
    check::checked,
    facts::{Marker, holding},
    outline::{Outline, outline},
};
use crate::{
    claim::{ClaimKind, Standing, standing},
    prose::scan::{Scan, scan},
    seal::{Ledger, Mark},
};
use serde_json::{Value, json};
use std::ops::Range;

/// Sets a checked source into a document; the check when it may not be exported.
///
/// The context that templates read:
/// `title`, `intro` and `sections[] {kind, heading, markdown}` (the author's words, tokens replaced), `changes[]` and
/// `levels[]` (the claims that hold), `claims[]` (both), `stated[] {text}`, `credits`, `practice`, `exploration`,
/// `reading` ("4 min read"), `charts[]` (added by the setter). Every text with a number in it is marked.
pub fn compose(input: &CaseStudyInput<'_>) -> Result<CaseStudyDocument, Box<CaseStudyCheck>> {
    let scan = scan(input.source, input.claims);
    let outline = outline(&scan);
    let check = checked(&scan, &outline, input.claims);
    if !check.ok {
        return Err(Box::new(check));
    }
    let mut ledger = Ledger::default();
    let sections = sections(&scan, &outline, &mut ledger);
    let title = title(input, &scan, &outline, &mut ledger);
    let intro = tidy(&scan.marked(outline.intro.clone(), &mut ledger));
    let mut marker = Marker(&mut ledger);
    let holding = holding(input);
    let entries: Vec<Value> = holding.iter().map(|claim| marker.entry(claim)).collect();
    let of_kind = |kind: ClaimKind| -> Vec<&Value> {
        entries
            .iter()
            .zip(&holding)
            .filter(|(_, claim)| claim.kind == kind)
            .map(|(entry, _)| entry)
            .collect()
    };
    let credits = marker.credits(&input.credits);
    let mut stated: Vec<String> = Vec::new();
    for fact in &check.stated {
        let text = ledger.mark(Mark::Stated, &fact.text);
        if !stated.contains(&text) {
            stated.push(text);
        }
    }
    let practice = holding.iter().any(|claim| claim.practice);
    let context = json!({
        "title": title,
        "intro": intro,
        "sections": sections,
        "changes": of_kind(ClaimKind::Change),
        "levels": of_kind(ClaimKind::Level),
        "claims": entries,
        "stated": stated.iter().map(|text| json!({ "text": text })).collect::<Vec<_>>(),
        "credits": credits,
        "practice": practice,
        "exploration": standing(input.claims) == Standing::Exploration,
        "reading": ledger.mark(Mark::Proof, &format!("{} min read", check.reading_minutes)),
        "charts": [],
    });
    Ok(CaseStudyDocument {
        context,
        sections,
        ledger,
    })
}

fn title(input: &CaseStudyInput<'_>, scan: &Scan<'_>, outline: &Outline, ledger: &mut Ledger) -> String {
    match outline.title {
        Some(title) => scan
            .marked_words(&scan.parsed.blocks[title], ledger)
            .trim()
            .to_owned(),
        None if crate::prose::plain(input.project) => ledger.mark(Mark::Name, input.project),
        None => "Case study".into(),
    }
}

fn sections(scan: &Scan<'_>, outline: &Outline, ledger: &mut Ledger) -> Vec<Section> {
    let mut seen: Vec<SectionKind> = Vec::new();
    let mut section = |heading: usize, kind: SectionKind, body: Range<usize>| {
        // The tables stand once, in the first section of their kind.
        let kind = if seen.contains(&kind) {
            SectionKind::Other
        } else {
            kind
        };
        seen.push(kind);
        let heading = scan
            .marked_words(&scan.parsed.blocks[heading], ledger)
            .trim()
            .to_owned();
        Section {
            kind,
            heading,
            markdown: tidy(&scan.marked(body, ledger)),
        }
    };
    outline
        .parts
        .iter()
        .map(|part| section(part.heading, part.kind, part.body.clone()))
        .collect()
}

/// Without the blank lines that comments leave behind.
fn tidy(markdown: &str) -> String {
    let mut out = String::new();
    let mut blank = 0;
    for line in markdown.lines() {
        let empty = line.trim().is_empty();
        blank = if empty { blank + 1 } else { 0 };
        if blank < 2 {
            out.push_str(if empty { "" } else { line });
            out.push('\n');
        }
    }
    out.trim_matches('\n').to_owned()
}
