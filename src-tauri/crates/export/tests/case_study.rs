//! The exported case study, file by file.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../../portfolio/tests/support/mod.rs"]
mod support;

use export::{ExportError, case_study_files, case_study_preview, chart};
use portfolio::{CaseStudyInput, Claim, Credits, Templates};
use support::*;

fn credits() -> Credits {
    Credits {
        starter: Some("rag-support-assistant".into()),
        own_cases: 35,
        cases: 100,
        target_changed: true,
        commits: vec!["4f2c9e1 rerank the passages".into()],
    }
}

fn files(
    source: &str,
    runs: &[evidence::RunSummary],
    claims: &[Claim],
    templates: &Templates,
) -> Result<(String, String), ExportError> {
    let input = CaseStudyInput {
        project: "RAG support assistant",
        source,
        claims,
        runs,
        credits: credits(),
    };
    let files = case_study_files(&input, templates)?;
    assert_eq!(
        files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
        ["case-study.md", "case-study.html"]
    );
    let text = |i: usize| String::from_utf8(files[i].bytes.clone()).unwrap();
    Ok((text(0), text(1)))
}

/// R112: a project becomes a case study. R137: before and after stand with timeframe, n and run ids.
#[test]
fn the_markdown_reads_as_one_document() {
    let (runs, claims) = project(false);
    let (markdown, _) = files(SOURCE, &runs, &claims, &Templates::shipped()).unwrap();
    insta::assert_snapshot!(markdown);
    let row = "| Pass rate | 61 % | 80 % | +19 points (11 to 27) | 100 cases | runs 6 and 14 | 7 Nov 2026 to 15 Nov 2026 |";
    assert!(markdown.contains(row), "{markdown}");
    for run in &runs {
        assert!(markdown.contains(&run.run.to_string()) && markdown.contains(run.dataset.as_str()));
    }
}

#[test]
fn the_page_is_self_contained() {
    let (runs, claims) = project(false);
    let (_, page) = files(SOURCE, &runs, &claims, &Templates::shipped()).unwrap();
    for outside in [
        "<script", "<img", "<link", "<iframe", "src=", "url(", "@import", "http:",
    ] {
        assert!(!page.contains(outside), "{outside} in the page");
    }
    // The author's own link is the only address; it is followed, never fetched.
    assert_eq!(page.matches("https:").count(), 1);
    assert!(page.contains(r#"<a href="https://example.org/pull/17" rel="noopener noreferrer">"#));
    assert!(page.contains("default-src 'none'"));
    assert_eq!(page.matches("<svg role=\"img\" aria-label=").count(), 3);
    assert_eq!(page.matches("<title>").count(), 4);
    assert_eq!(
        page.matches("<figcaption>").count(),
        page.matches("<details>").count()
    );
    assert!(page.contains("answered &lt;beyond&gt; the corpus") && !page.contains("<beyond>"));
    assert!(
        !page.contains(|c| matches!(c, '\u{E000}'..='\u{F8FF}')),
        "a mark survived"
    );
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
    if let Ok(path) = std::env::var("CASE_STUDY_OUT") {
        std::fs::write(path, page).unwrap();
    }
}

#[test]
fn practice_is_said_in_both_files() {
    let (runs, claims) = project(true);
    let (markdown, page) = files(SOURCE, &runs, &claims, &Templates::shipped()).unwrap();
    for text in [&markdown, &page] {
        assert!(text.contains("Practice run."));
        assert!(text.contains("practice-small"));
    }
    assert!(markdown.contains("| Pass rate (practice model) | 61 % "));
    assert!(
        page.matches(r#"<span class="tag practice">practice model</span>"#)
            .count()
            > 5
    );
    let (runs, claims) = project(false);
    let (markdown, page) = files(SOURCE, &runs, &claims, &Templates::shipped()).unwrap();
    assert!(!markdown.contains("ractice model") && !page.contains("ractice model"));
}

/// R175: a number written by hand into a source or a template stops the export, and the reason is shown.
#[test]
fn a_number_by_hand_exports_nothing() {
    let (runs, claims) = project(false);
    let boast = SOURCE.replace("[[latency-p95]]", "900 ms");
    let error = files(&boast, &runs, &claims, &Templates::shipped()).unwrap_err();
    assert!(error.to_string().contains("below the measured 2.26 s"), "{error}");
    for name in ["case-study/document.md.tera", "case-study/document.html.tera"] {
        let shipped = Templates::shipped();
        let text = shipped
            .get(name)
            .unwrap()
            .replace("Every number above", "All 95 numbers above");
        let error = files(SOURCE, &runs, &claims, &shipped.with(name, &text)).unwrap_err();
        assert!(
            matches!(&error, ExportError::Unsealed(_)) && error.to_string().contains("All 95"),
            "{error}"
        );
    }
}

#[test]
fn an_exploration_says_so() {
    let source = SOURCE
        .split("\n## What changed")
        .next()
        .map(|start| format!("{start}\n## What changed\n\nNothing measurable.\n\n## What failed\n\nIt did.\n\n## Deployment\n\nNone.\n"))
        .unwrap();
    let (markdown, page) = files(&source, &[], &[], &Templates::shipped()).unwrap();
    assert!(markdown.contains("**Exploration.**") && page.contains("Exploration."));
    assert!(markdown.contains("No claim holds"));
}

#[test]
fn charts_cope_with_one_run_and_with_none() {
    assert!(chart::of_runs(&[]).unwrap().is_empty());
    let charts = chart::of_runs(&[run(1, 80)]).unwrap();
    assert_eq!(
        charts.iter().map(|chart| chart.id).collect::<Vec<_>>(),
        ["pass-rate", "latency", "failures"]
    );
    assert_eq!(
        charts[0].rows,
        [["run 1", "2 Nov 2026", "80 %", "71 to 87", "100", "gpt-5-mini"]]
    );
    let many: Vec<_> = (1..=60)
        .map(|number| run(number, 40 + u64::from(number) / 2))
        .collect();
    assert_eq!(chart::of_runs(&many).unwrap()[0].rows.len(), 30);
}

#[test]
fn a_draft_shows_its_tokens_whatever_is_wrong_with_it() {
    let (runs, claims) = project(false);
    let source =
        "# Draft\n\n95 % and [[pass-rate]], [[nothing]] <script>alert(1)</script> `[[stated: 64 documents]]`";
    let input = CaseStudyInput {
        project: "p",
        source,
        claims: &claims,
        runs: &runs,
        credits: Credits::default(),
    };
    let page = case_study_preview(&input);
    assert!(
        page.contains(r#"<mark class="claim" data-claim="pass-rate">80 %</mark>"#),
        "{page}"
    );
    assert!(
        page.contains(r#"<mark class="refused">[[nothing]]</mark>"#),
        "{page}"
    );
    assert!(
        page.contains(r#"<mark class="stated">64 documents</mark>"#),
        "{page}"
    );
    assert!(!page.contains("<script"), "{page}");
}
