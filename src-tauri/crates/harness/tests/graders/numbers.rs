//! Numbers in answers.

use super::{answer, case, grader, marked, refused};
use serde_json::{Value, json};

fn passes(keys: Value, expected: Value, text: &str) -> bool {
    let mut file = json!({ "name": "g", "type": "numeric", "expected": "e" });
    file.as_object_mut()
        .unwrap()
        .extend(keys.as_object().unwrap().clone());
    marked(&grader(file), &case(json!({ "e": expected })), &answer(text))
        .unwrap()
        .0
}

#[test]
fn a_number_is_read_as_people_write_it() {
    for (text, number) in [
        ("42", 42.0),
        ("It costs $1,234.50.", 1234.5),
        ("-5 degrees", -5.0),
        ("−5 degrees", -5.0),
        ("-$5", -5.0),
        ("3-5", 5.0),
        (".5", 0.5),
        ("1.5e3 m", 1500.0),
        ("12,345,678", 12_345_678.0),
        ("1,2345", 2345.0),
        ("about 45days", 45.0),
        ("7 of version 1.2.3 on H2O", 7.0),
    ] {
        assert!(passes(json!({}), json!(number), text), "{text}");
        assert!(!passes(json!({}), json!(number + 1.0), text), "{text}");
    }
    assert!(passes(
        json!({ "decimal": "comma" }),
        json!(1234.5),
        "Das macht 1.234,50 €."
    ));
    // A number of the dataset always has a point, whatever the answers have.
    assert!(passes(json!({ "decimal": "comma" }), json!(1.234), "1,234"));
    assert!(passes(json!({ "decimal": "comma" }), json!("1,5 kg"), "1,5"));
    assert!(!passes(json!({}), json!(5), "none at all"));
    // The case may hold text, a list, or nothing.
    assert!(passes(json!({}), json!("45 days"), "45"));
    assert!(passes(json!({}), json!([45, 46]), "46"));
    assert!(!passes(json!({}), json!("soon"), "45"));
    let file = json!({ "name": "g", "type": "numeric", "expected": "absent" });
    assert_eq!(
        marked(&grader(file), &case(json!({ "e": 1 })), &answer("1")),
        None
    );
}

#[test]
fn the_suite_says_which_number_counts() {
    let text = "12 plus 30 is 42";
    for (take, number, passed) in [
        ("first", 12, true),
        ("last", 42, true),
        ("only", 42, false),
        ("first", 42, false),
    ] {
        assert_eq!(
            passes(json!({ "take": take }), json!(number), text),
            passed,
            "{take}"
        );
    }
    assert!(passes(json!({ "take": "only" }), json!(42), "It is 42."));
    let units = json!({ "units": ["kg", "kilograms"] });
    for (text, passed) in [
        ("12 kg in 3 boxes", true),
        ("12kg, order 99", true),
        ("12 kilograms", true),
        ("12 kgm", false),
        ("12 boxes", false),
    ] {
        assert_eq!(passes(units.clone(), json!(12), text), passed, "{text}");
    }
    assert!(passes(
        json!({ "units": ["$", "USD"] }),
        json!(5),
        "$5 for 3 items"
    ));
}

/// The limits themselves pass, as in `math.isclose` (PEP 485), and floats do not decide by their last digit.
#[test]
fn a_tolerance_is_absolute_or_relative() {
    for (keys, text, passed) in [
        (json!({ "absolute": 0.1 }), "10.1", true),
        (json!({ "absolute": 0.1 }), "10.3", false),
        (json!({ "relative": 0.01 }), "9.9", true),
        (json!({ "relative": 0.01 }), "9.8", false),
        (json!({ "relative": 0.01, "absolute": 0.3 }), "9.8", true),
    ] {
        assert_eq!(passes(keys.clone(), json!(10), text), passed, "{keys} {text}");
    }
    assert!(passes(json!({ "absolute": 0.1 }), json!(10.2), "10.3"));
    let bad = json!({ "name": "g", "type": "numeric", "value": 1, "absolute": -1 });
    assert!(refused(bad).contains("expected 0 or more"));
}
