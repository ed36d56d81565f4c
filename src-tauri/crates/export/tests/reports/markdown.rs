use crate::fixture::*;
use export::report::{MarkdownOptions, Report, ReportError, ReportRow, markdown};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

fn text(report: &Report) -> String {
    markdown(report, MarkdownOptions::default()).unwrap()
}

#[test]
fn one_run_against_its_baseline() {
    let text = text(&report());
    insta::assert_snapshot!(text);
    assert!(text.contains("not distinguishable"));
}

#[test]
fn several_targets_side_by_side() {
    let text = text(&group());
    insta::assert_snapshot!(text);
    assert!(text.contains("**Practice run.**") && text.contains("post hoc"));
}

#[test]
fn nothing_is_not_a_report() {
    let empty = Report {
        project: "p".into(),
        runs: Vec::new(),
    };
    assert!(matches!(
        markdown(&empty, MarkdownOptions::default()),
        Err(ReportError::Empty)
    ));
}

#[test]
fn a_large_run_stays_below_what_a_comment_may_hold_and_says_what_it_left_out() {
    let mut report = report();
    let run = &mut report.runs[0];
    let share = run.summary.failures[0].clone();
    run.summary.failures = (0..400)
        .map(|i| evidence::FailureShare {
            name: format!("reason {i}"),
            ..share.clone()
        })
        .collect();
    run.rows = (0..400)
        .flat_map(|i| {
            let failed = ReportRow {
                failure: Some(format!("reason {i}")),
                answer: Some("\u{1F600}".repeat(5000)),
                ..row(i, false)
            };
            vec![failed; 5]
        })
        .collect();
    let text = text(&report);
    assert!(text.chars().count() < 60_000, "{}", text.chars().count());
    assert!(text.contains("Something was left out"));
    assert!(text.contains("### Release metrics") && text.contains("### Against run 6"));
    assert!(text.contains("And 9 trials more."));
}

/// The HTML of the document and its text outside code, as a reader's parser sees them.
fn markup(text: &str) -> (Vec<String>, String) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let (mut found, mut prose, mut code) = (Vec::new(), String::new(), false);
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => found.push(html.into_string()),
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => panic!("a link in {text}"),
            Event::Start(Tag::Heading { level, .. }) => assert!(level as u8 >= 2, "a heading came in"),
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Text(text) if !code => prose.push_str(&text),
            _ => {}
        }
    }
    (found, prose)
}

fn harmless(report: &Report) {
    let text = text(report);
    for html in markup(&text).0 {
        let html = html.trim();
        let title = html
            .strip_prefix("<details><summary>")
            .and_then(|rest| rest.strip_suffix("</summary>"));
        assert!(
            html == "</details>"
                || html == "<!-- Transition Playbook: report -->"
                || title.is_some_and(|title| !title.contains(['<', '>'])),
            "{html}"
        );
    }
}

#[test]
fn hostile_text_shows_as_text() {
    let report = hostile(HOSTILE);
    harmless(&report);
    let (html, prose) = markup(&text(&report));
    assert!(prose.contains("<script>alert(1)</script>"), "it is shown");
    for part in html.iter().chain([&prose]) {
        assert!(
            !part.contains("@someone") && !part.contains("#12"),
            "somebody would be notified: {part}"
        );
    }
    assert!(
        html.iter().all(|part| !part.contains("://")),
        "it would become a link"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_text_shows_as_text(text in "[ -~\n\t]{0,60}|[<>`|\\\\*_\\[\\]()#@!~$:/&;a \n-]{0,40}") {
        harmless(&hostile(&text));
    }
}
