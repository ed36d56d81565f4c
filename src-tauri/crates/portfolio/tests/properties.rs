//! Nothing panics, and no number gets through unmarked.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use portfolio::{CaseStudyInput, Credits, ProofSite, check, check_bullet, compose, preview, seal};
use proptest::prelude::*;
use support::*;

/// Pieces that meet in odd ways.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => any::<String>(),
        3 => "[a-z ]{0,8}",
        2 => Just("[[pass-rate]]".into()),
        1 => Just("[[stated: 64 documents]]".into()),
        1 => Just("[[pass-rate-change.difference]]".into()),
        3 => prop::sample::select(vec![
            "[[", "]]", "<!--", "-->", "`", "```", "\n\n", "# ", "## Problem\n", "- ", "1. ", "| a |\n| - |\n", "](", "[x](http://a/1)", "&#", "&frac12;", ";",
            "<b>", "<", ">", "**", "*", "_", "\\", "9", "5 %", "½", "٣", "\u{E000}", "\u{E101}", "\u{E10F}", "\u{200B}", "ninety", " percent", "p95", "\t", "    ", "> ",
        ]).prop_map(String::from),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..14).prop_map(|pieces| pieces.concat())
}

/// Whether a private-use character is left.
fn marked(text: &str) -> bool {
    text.contains(|c| matches!(c, '\u{E000}'..='\u{F8FF}'))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn no_source_panics(text in text()) {
        let (runs, claims) = project(false);
        let found = check(&text, &claims);
        prop_assert_eq!(found.ok, found.refusals.is_empty() && found.missing_sections.is_empty());
        let input = CaseStudyInput { project: "p", source: &text, claims: &claims, runs: &runs, credits: Credits::default() };
        let drawn = preview(&input);
        prop_assert!(!marked(&drawn));
    }

    /// A sentence that passes the check passes the seal, and without its marks it would not have.
    #[test]
    fn no_numeral_survives_unmarked(text in text()) {
        let (runs, claims) = project(false);
        let source = SOURCE.replace("Support agents, while a customer waits.", &format!("Agents. {text}"));
        let input = CaseStudyInput { project: "p", source: &source, claims: &claims, runs: &runs, credits: Credits::default() };
        if let Ok(document) = compose(&input) {
            for section in &document.sections {
                let sealed = seal(&section.markdown, &document.ledger);
                prop_assert!(sealed.is_ok(), "{:?}\n{}", sealed, section.markdown);
                prop_assert!(!marked(&sealed.unwrap()));
            }
        }
    }

    #[test]
    fn no_bullet_panics_and_digits_alone_never_pass(text in text(), number in 0u32..100_000) {
        let (_, claims) = project(false);
        let _ = check_bullet(&text, &claims, &ProofSite::default());
        let bullet = check_bullet(&format!("{number} users, [[pass-rate]]"), &claims, &ProofSite::default());
        prop_assert!(!bullet.ok);
    }
}
