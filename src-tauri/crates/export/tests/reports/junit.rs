use crate::fixture::*;
use evidence::RunSummary;
use export::report::{Report, ReportError, ReportRow, junit};
use proptest::prelude::*;
use quick_xml::{Reader, events::Event};
use std::collections::BTreeMap;

fn xml(report: &Report) -> String {
    let mut out = Vec::new();
    let runs: Vec<(&RunSummary, Vec<Result<ReportRow, ReportError>>)> = report
        .runs
        .iter()
        .map(|run| (&run.summary, run.rows.iter().cloned().map(Ok).collect()))
        .collect();
    junit(&mut out, &report.project, runs).unwrap();
    String::from_utf8(out).unwrap()
}

struct Element {
    name: String,
    parent: String,
    attributes: BTreeMap<String, String>,
    text: String,
}

/// Reads the whole document and insists that it is well formed.
fn elements(xml: &str) -> Vec<Element> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let (mut found, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => {
                let attributes = tag.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let value = quick_xml::escape::unescape(&attribute.value)
                        .unwrap()
                        .into_owned();
                    (attribute.key.as_ref().to_owned(), value)
                });
                found.push(Element {
                    name: tag.name().as_ref().to_owned(),
                    parent: open.last().map_or(String::new(), |i| found[*i].name.clone()),
                    attributes: attributes.collect(),
                    text: String::new(),
                });
                if matches!(event, Event::Start(_)) {
                    open.push(found.len() - 1);
                }
            }
            Event::End(_) => {
                open.pop().unwrap();
            }
            Event::Text(text) => {
                if let Some(i) = open.last() {
                    found[*i].text.push_str(text);
                }
            }
            Event::GeneralRef(reference) => {
                let written = format!("&{};", &**reference);
                let text = quick_xml::escape::unescape(&written).unwrap().into_owned();
                found[*open.last().unwrap()].text.push_str(&text);
            }
            _ => {}
        }
    }
    assert!(open.is_empty(), "an element stays open");
    found
}

/// What `junit-10.xsd` of Jenkins's xUnit plugin allows below each element, and which attributes it demands.
fn check_shape(elements: &[Element]) {
    for element in elements {
        let (parents, demanded): (&[&str], &[&str]) = match element.name.as_str() {
            "testsuites" => (&[""], &[]),
            "testsuite" => (&["testsuites"], &["name", "tests", "failures", "errors"]),
            "properties" => (&["testsuite"], &[]),
            "property" => (&["properties"], &["name", "value"]),
            "testcase" => (&["testsuite"], &["name", "classname"]),
            "failure" | "error" => (&["testcase"], &["type", "message"]),
            other => panic!("{other} is not an element of JUnit"),
        };
        assert!(
            parents.contains(&element.parent.as_str()),
            "{} in {}",
            element.name,
            element.parent
        );
        for name in demanded {
            assert!(
                element.attributes.contains_key(*name),
                "{} without {name}",
                element.name
            );
        }
        for name in ["time", "tests", "failures", "errors"] {
            if let Some(value) = element.attributes.get(name) {
                assert!(
                    value.parse::<f64>().is_ok_and(|value| value >= 0.0),
                    "{name} = {value}"
                );
            }
        }
    }
}

#[test]
fn junit_has_a_suite_a_run_and_a_case_a_trial() {
    let xml = xml(&report());
    check_shape(&elements(&xml));
    if let Ok(folder) = std::env::var("REPORTS_OUT") {
        std::fs::write(std::path::Path::new(&folder).join("junit.xml"), &xml).unwrap();
    }
    insta::assert_snapshot!(xml);
}

#[test]
fn a_failed_grader_is_a_failure_and_a_missing_verdict_an_error() {
    let group = group();
    let found = elements(&xml(&group));
    check_shape(&found);
    let named = |name: &str| found.iter().filter(|element| element.name == name).count();
    assert_eq!((named("testsuite"), named("testcase")), (2, 8));
    assert_eq!((named("failure"), named("error")), (4, 2));
    let root = &found[0];
    assert_eq!(root.attributes["tests"], "200");
    assert_eq!(root.attributes["failures"], "38");
    let practice: Vec<&str> = found
        .iter()
        .filter(|element| element.attributes.get("name").map(String::as_str) == Some("practice"))
        .map(|element| element.attributes["value"].as_str())
        .collect();
    assert_eq!(practice, ["false", "true"]);
}

#[test]
fn rows_that_cannot_be_read_stop_the_report() {
    let summary = summary();
    let rows = vec![Ok(row(1, true)), Err(ReportError::rows("the database is gone"))];
    let error = junit(Vec::new(), "p", vec![(&summary, rows)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the results cannot be read: the database is gone"
    );
}

#[test]
fn hostile_text_comes_back_as_it_was_save_what_xml_cannot_carry() {
    let found = elements(&xml(&hostile(HOSTILE)));
    check_shape(&found);
    let safe = HOSTILE.replace(['\u{0}', '\u{8}', '\u{FFFE}'], "\u{FFFD}");
    let case = found.iter().find(|element| element.name == "testcase").unwrap();
    assert_eq!(
        (&case.attributes["name"], &case.attributes["classname"]),
        (&safe, &safe)
    );
    assert!(
        found
            .iter()
            .any(|element| element.name == "error" && element.text.contains(&safe))
    );
}

proptest! {
    #[test]
    fn any_text_is_well_formed(text in any::<String>()) {
        check_shape(&elements(&xml(&hostile(&text))));
    }
}
