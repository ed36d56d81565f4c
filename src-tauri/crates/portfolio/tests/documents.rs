//! What a case study must have, and what the seal lets through.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use portfolio::{
    CaseStudyInput, Credits, Ledger, Mark, SectionKind, Templates, check, compose, new_source, seal,
    seal_html,
};
use support::*;

fn without(heading: &str) -> String {
    let start = SOURCE.find(&format!("## {heading}")).unwrap();
    let end = SOURCE[start + 3..]
        .find("\n## ")
        .map_or(SOURCE.len(), |at| start + 3 + at + 1);
    format!("{}{}", &SOURCE[..start], &SOURCE[end..])
}

/// R135: the problem precedes the architecture. R136: non-goals are required. R138: a failure and its fix are required.
/// R139: deployment notes are required.
#[test]
fn the_required_sections_are_there_in_order_and_written() {
    let (_, claims) = project(false);
    let good = check(SOURCE, &claims);
    assert!(good.ok, "{:#?}", good.refusals);
    for (heading, kind) in [
        ("Problem", SectionKind::Problem),
        ("Non-goals", SectionKind::NonGoals),
        ("What failed", SectionKind::WhatFailed),
        ("Deployment notes", SectionKind::DeploymentNotes),
    ] {
        let found = check(&without(heading), &claims);
        assert_eq!(
            (found.ok, found.missing_sections.as_slice()),
            (false, [kind].as_slice()),
            "{heading}"
        );
        assert!(
            found
                .refusals
                .iter()
                .any(|refusal| refusal.reason.contains("is missing"))
        );
    }
    let moved = format!("{}\n\n## Problem\n\nToo late.\n", without("Problem"));
    let found = check(&moved, &claims);
    assert!(
        found
            .refusals
            .iter()
            .any(|refusal| refusal.reason.contains("before the problem")),
        "{found:#?}"
    );
    let emptied = SOURCE.replace("Support agents, while a customer waits.", "<!-- later -->");
    assert!(check(&emptied, &claims).refusals[0].reason.contains("is empty"));
}

#[test]
fn a_new_source_has_every_section_and_waits_to_be_written() {
    let source = new_source(&Templates::shipped(), "RAG support assistant").unwrap();
    assert!(source.starts_with("# RAG support assistant\n"));
    let found = check(&source, &[]);
    assert_eq!(found.missing_sections.len(), 6);
    let only_empty = found
        .refusals
        .iter()
        .all(|refusal| refusal.reason.contains("is empty"));
    assert!(only_empty && found.refusals.len() == 8, "{:#?}", found.refusals);
}

#[test]
fn the_check_counts_tokens_facts_and_minutes() {
    let (_, claims) = project(false);
    let found = check(SOURCE, &claims);
    assert_eq!(found.tokens_used.len(), 6);
    assert_eq!(found.tokens_used[0].text.as_deref(), Some("61 %"));
    assert_eq!(
        found
            .stated
            .iter()
            .map(|fact| fact.text.as_str())
            .collect::<Vec<_>>(),
        ["64 documents", "version 2.1"]
    );
    assert_eq!((found.reading_minutes, found.words > 100), (1, true));
}

#[test]
fn every_number_of_a_document_is_in_its_ledger() {
    let (runs, claims) = project(false);
    let input = CaseStudyInput {
        project: "x",
        source: SOURCE,
        claims: &claims,
        runs: &runs,
        credits: Credits::default(),
    };
    let document = compose(&input).unwrap();
    let changed = document
        .sections
        .iter()
        .find(|section| section.kind == SectionKind::WhatChanged)
        .unwrap();
    assert!(seal(&changed.markdown, &Ledger::default()).is_err());
    let sealed = seal(&changed.markdown, &document.ledger).unwrap();
    assert!(sealed.contains("from 61 % to 80 % on 100 cases"), "{sealed}");
    assert!(sealed.contains("The p95 latency was 2.26 s."));
}

#[test]
fn the_seal_refuses_what_no_mark_vouches_for() {
    let mut ledger = Ledger::default();
    let value = ledger.mark(Mark::Claim, "80 %");
    assert_eq!(seal(&format!("at {value}."), &ledger).unwrap(), "at 80 %.");
    assert!(seal(&format!("at {value} of 5"), &ledger).is_err());
    assert!(
        seal(&value.replace('8', "9"), &ledger).unwrap_err()[0]
            .reason
            .contains("altered")
    );
    assert!(seal(&value[..value.len() - 3], &ledger).is_err());
    let page = |text: &str| seal_html(&text.replace("VALUE", &value), &ledger);
    assert_eq!(
        page("<h1 class='a1'>VALUE &amp; more&#39;s</h1>").unwrap(),
        "<h1 class='a1'>80 % &amp; more&#39;s</h1>"
    );
    for bad in [
        "<p>&#57;</p>",
        "<p>&frac12;</p>",
        "<i title=\"95\">a</i>",
        "<style>a::after{content:'9'}</style>",
        "<script>1</script>",
        "<p>9</p>",
    ] {
        assert!(page(bad).is_err(), "{bad}");
    }
}
