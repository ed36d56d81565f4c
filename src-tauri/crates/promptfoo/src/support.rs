//! What of a test does not run here, told before it runs.

use crate::{
    assertion::{KNOWN_TYPES, UNSUPPORTED_TYPES},
    problem::{Fault, Unsupported},
    test::{Assertion, TestCase},
};

/// Everything of a test that does not run here.
pub(crate) fn unsupported(case: &TestCase) -> Vec<Unsupported> {
    let mut found = Vec::new();
    let mut add = |place: String, what: String| found.push(Unsupported { place, what });
    if let Some(Fault::Unsupported(what)) = &case.fault {
        add(case.place.to_string(), what.clone());
    }
    for (at, assertion) in case.assertions.iter().enumerate() {
        let members = assertion
            .set
            .as_deref()
            .unwrap_or(std::slice::from_ref(assertion));
        for member in members {
            if let Some(what) = of_assertion(member) {
                add(format!("{}.assert[{at}]", case.place), what);
            }
        }
    }
    for (name, value) in &case.vars {
        if let Some(reference) = value.as_str().filter(|text| text.starts_with("file://"))
            && reference.ends_with(".pdf")
        {
            add(format!("{}.vars.{name}", case.place), "text of a PDF file".into());
        }
        if value.as_str().is_some_and(|text| text.starts_with("package:")) {
            add(
                format!("{}.vars.{name}", case.place),
                "a variable from an npm package".into(),
            );
        }
    }
    found
}

fn of_assertion(assertion: &Assertion) -> Option<String> {
    let base = assertion.base();
    if base.starts_with("promptfoo:redteam:") {
        return Some(format!("`{base}`: red teaming"));
    }
    if let Some((_, why)) = UNSUPPORTED_TYPES.iter().find(|(kind, _)| *kind == base) {
        return Some(format!("the assertion `{}`: {why}", assertion.kind));
    }
    if !KNOWN_TYPES.contains(&base) {
        return Some(format!(
            "`{}` is no assertion of promptfoo 0.121.20",
            assertion.kind
        ));
    }
    None
}
