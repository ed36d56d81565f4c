use crate::fixture::*;
use export::report::{Report, html};
use portfolio::Templates;
use proptest::prelude::*;

fn page(report: &Report) -> String {
    html(report, &Templates::shipped()).unwrap()
}

/// Set `REPORTS_OUT` to a folder to look at the pages.
fn keep(name: &str, page: &str) {
    if let Ok(folder) = std::env::var("REPORTS_OUT") {
        std::fs::write(std::path::Path::new(&folder).join(name), page).unwrap();
    }
}

fn fetches_nothing(page: &str) {
    for outside in [
        "<script", "<img", "<link", "<iframe", "src=", "url(", "@import", "<object", "<use", "xlink",
    ] {
        assert!(!page.contains(outside), "{outside} in the page");
    }
    for part in page.split("href=").skip(1) {
        assert!(
            part.starts_with("\"#"),
            "an address: {}",
            &part[..40.min(part.len())]
        );
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn the_page_of_one_run_is_self_contained_and_says_everything() {
    let page = page(&report());
    keep("run.html", &page);
    fetches_nothing(&page);
    assert!(!page.contains("http:") && !page.contains("https:"));
    for said in [
        "Gate passed",
        "80 %",
        "71 to 87",
        "n = 100",
        "not distinguishable",
        "Newly fail: 1 case",
        "Newly pass: 20 cases",
        "policy-12 does not mention gift receipts",
        "no answer within 30 s",
        "3 of 20 failed trials are shown here",
        "299 trials are needed",
        "prefers-color-scheme: dark",
    ] {
        assert!(page.contains(said), "{said} is missing");
    }
    // Behind every chart stands its table.
    assert_eq!(page.matches("<figcaption>").count(), 4);
    assert_eq!(page.matches("The same as a table").count(), 4);
    assert_eq!(page.matches("<svg role=\"img\" aria-label=").count(), 4);
    assert!(!page.contains("ractice model"));
}

#[test]
fn several_targets_stand_side_by_side_and_practice_is_said() {
    let page = page(&group());
    keep("group.html", &page);
    fetches_nothing(&page);
    assert!(page.contains("golden, 2 targets side by side"));
    assert!(page.contains("<strong>Practice run.</strong>"));
    assert!(page.contains("post hoc"));
    assert!(page.contains("<tag practice\">practice model".replace('<', "").as_str()));
    assert_eq!(page.matches("<article id=\"run-").count(), 2);
}

#[test]
fn an_empty_run_has_a_page_without_a_zero_in_it() {
    let mut report = report();
    let run = &mut report.runs[0];
    for metric in &mut run.summary.metrics {
        (metric.value, metric.interval, metric.n) = (None, None, 0);
    }
    run.summary.gate = evidence::Gate::judge(&[], &[], &[]);
    run.summary.categories.clear();
    run.summary.failures.clear();
    (run.rows, run.history, run.baseline) = (Vec::new(), Vec::new(), None);
    (run.summary.cost_usd, run.summary.tokens) = (None, None);
    let page = page(&report);
    assert!(
        page.contains("no data") && page.contains("not reported") && !page.contains("<td class=\"num\">0 %")
    );
}

#[test]
fn hostile_text_is_text() {
    let page = page(&hostile(HOSTILE));
    keep("hostile.html", &page);
    fetches_nothing(&page);
    assert!(page.contains("&lt;script&gt;"));
}

/// The tags of a page, in order, without what stands between them.
fn tags(page: &str) -> Vec<String> {
    let body = page.split("</style>").nth(1).unwrap();
    body.split('<')
        .skip(1)
        .map(|tag| tag.split(['>', ' ', '\n']).next().unwrap().to_owned())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn no_text_adds_a_tag(text in "[<>&\"'/a-z= {}%!-]{1,30}") {
        let plain = page(&hostile("plain"));
        let page = page(&hostile(&text));
        fetches_nothing(&page);
        // Charts split a label into none or one text element; everything else must be the same tags.
        prop_assert_eq!(tags(&page), tags(&plain));
    }
}
