//! Graders of likeness against reference values. Those of ROUGE are from `rouge-score` 0.1.2 without stemming, those of
//! BLEU and edit distance from `nltk` 3.10.4, both asked with the same tokens.

use super::{answer, case, grader, marked, refused};
use serde_json::{Value, json};

const PAIRS: [(&str, &str); 6] = [
    ("the cat sat on the mat", "the cat was found under the bed"),
    (
        "Returns are accepted within 45 days of delivery.",
        "You may return an order within 45 days of its delivery.",
    ),
    (
        "The quick brown fox jumps over the lazy dog",
        "The quick brown dog jumps on the log.",
    ),
    ("police killed the gunman", "police kill the gunman"),
    ("the gunman kill police", "police killed the gunman"),
    ("the the the the the the the", "the cat is on the mat"),
];

/// The score of a grader that only informs.
fn score(mut file: Value, text: &str, expected: Value) -> f64 {
    file["name"] = json!("g");
    file["expected"] = json!("e");
    file["informational"] = json!(true);
    marked(&grader(file), &case(json!({ "e": expected })), &answer(text))
        .unwrap()
        .1
}

/// H4: likeness by words, against `rouge-score`.
#[test]
fn rouge_gives_the_reference_values() {
    // Precision, recall and F1 of ROUGE-1, ROUGE-2 and ROUGE-L.
    let expected = [
        [[0.5, 0.429, 0.462], [0.2, 0.167, 0.182], [0.5, 0.429, 0.462]],
        [[0.625, 0.455, 0.526], [0.429, 0.3, 0.353], [0.625, 0.455, 0.526]],
        [[0.667, 0.75, 0.706], [0.25, 0.286, 0.267], [0.556, 0.625, 0.588]],
        // Lin 2004, section 3.1: "police kill the gunman" has ROUGE-L 0.75 and "the gunman kill police" 0.5.
        [[0.75, 0.75, 0.75], [0.333, 0.333, 0.333], [0.75, 0.75, 0.75]],
        [[0.75, 0.75, 0.75], [0.333, 0.333, 0.333], [0.5, 0.5, 0.5]],
        [[0.286, 0.333, 0.308], [0.0, 0.0, 0.0], [0.286, 0.333, 0.308]],
    ];
    for ((text, reference), expected) in PAIRS.iter().zip(expected) {
        for (variant, expected) in ["rouge_1", "rouge_2", "rouge_l"].iter().zip(expected) {
            for (measure, expected) in ["precision", "recall", "f1"].iter().zip(expected) {
                let file = json!({ "type": "rouge", "variant": variant, "measure": measure });
                let found = score(file, text, json!(reference));
                assert_eq!(found, expected, "{variant} {measure} of {text}");
            }
        }
    }
    let best = json!(["nothing alike", "the cat sat on the mat"]);
    assert_eq!(score(json!({ "type": "rouge" }), PAIRS[0].0, best), 1.0);
    assert_eq!(score(json!({ "type": "rouge" }), "", json!("words")), 0.0);
}

#[test]
fn bleu_gives_the_reference_values() {
    // NLTK's `method2` (Lin and Och 2004), and no smoothing.
    let expected = [
        (0.256, 0.0),
        (0.316, 0.251),
        (0.298, 0.0),
        (0.5, 0.0),
        (0.5, 0.0),
        (0.192, 0.0),
    ];
    for ((text, reference), (smoothed, plain)) in PAIRS.iter().zip(expected) {
        let reference = json!(reference);
        assert_eq!(
            score(json!({ "type": "bleu" }), text, reference.clone()),
            smoothed,
            "{text}"
        );
        let file = json!({ "type": "bleu", "smoothing": "none" });
        assert_eq!(score(file, text, reference), plain, "{text}");
    }
    // The example of Papineni et al. 2002, section 2.1, with its three references.
    let references = json!([
        "It is a guide to action that ensures that the military will forever heed Party commands",
        "It is the guiding principle which guarantees the military forces always being under the command of the Party",
        "It is the practical guide for the army always to heed the directions of the party"
    ]);
    for (candidate, smoothed, plain) in [
        (
            "It is a guide to action which ensures that the military always obeys the commands of the party",
            0.54,
            0.505,
        ),
        (
            "It is to insure the troops forever hearing the activity guidebook that party direct",
            0.131,
            0.0,
        ),
    ] {
        assert_eq!(
            score(json!({ "type": "bleu" }), candidate, references.clone()),
            smoothed
        );
        let file = json!({ "type": "bleu", "smoothing": "none" });
        assert_eq!(score(file, candidate, references.clone()), plain);
    }
}

/// A perfect beginning of a longer reference is held down, a longer answer is not held up: the penalty is at most 1.
#[test]
fn the_brevity_penalty_punishes_the_short_answer_alone() {
    let reference = json!("one two three four five six seven eight");
    // exp(1 - 8/4) = 0.368, all precisions 1.
    assert_eq!(
        score(json!({ "type": "bleu" }), "one two three four", reference.clone()),
        0.368
    );
    let long = score(
        json!({ "type": "bleu" }),
        "one two three four five six seven eight nine",
        reference,
    );
    assert!(long < 1.0, "{long}");
    // An answer too short for 4-grams can be perfect.
    assert_eq!(score(json!({ "type": "bleu" }), "Paris", json!("Paris")), 1.0);
    assert_eq!(score(json!({ "type": "bleu" }), "", json!("Paris")), 0.0);
}

#[test]
fn edit_distance_counts_edits() {
    for (a, b, edits) in [
        ("kitten", "sitting", 3),
        ("Saturday", "Sunday", 3),
        ("rain", "shine", 3),
        ("intention", "execution", 5),
        ("", "abc", 3),
        ("über", "uber", 1),
    ] {
        for (at_most, passed) in [(edits, true), (edits - 1, false)] {
            let file = json!({ "name": "g", "type": "edit_distance", "expected": "e", "at_most": at_most });
            let facts = case(json!({ "e": b }));
            assert_eq!(
                marked(&grader(file), &facts, &answer(a)).unwrap().0,
                passed,
                "{a} {b}"
            );
        }
    }
    let file = json!({ "type": "edit_distance" });
    assert_eq!(score(file.clone(), "kitten", json!("sitting")), 0.571);
    assert_eq!(score(file.clone(), "", json!("")), 1.0);
    assert_eq!(score(file, "kitten", json!(["dog", "mitten"])), 0.833);
    let file = json!({ "type": "edit_distance", "ignore_case": true });
    assert_eq!(score(file, "PARIS", json!("paris")), 1.0);
    let both = json!({ "name": "g", "type": "edit_distance", "value": "x", "at_most": 1, "at_least": 0.5 });
    assert!(refused(both).contains("keep one"));
}

/// Values of the evaluation script of SQuAD: case, punctuation and articles do not count.
#[test]
fn words_are_compared_as_in_squad() {
    let file = json!({ "type": "token_f1" });
    for (text, expected, f1) in [
        ("The Eiffel Tower!", "eiffel tower", 1.0),
        // Precision 2/4, recall 2/2.
        ("the tall Eiffel Tower, Paris", "Eiffel Tower", 0.667),
        // The second "big" has no partner.
        ("big big dog", "big dog", 0.8),
        ("London", "Paris", 0.0),
        ("the", "a", 1.0),
        ("the", "Paris", 0.0),
    ] {
        assert_eq!(score(file.clone(), text, json!(expected)), f1, "{text}");
    }
    let file = |normalise: &str| json!({ "type": "exact_match", "normalise": normalise });
    for (normalise, text, expected, found) in [
        ("none", "Paris", "Paris", 1.0),
        ("none", "Paris ", "Paris", 0.0),
        ("whitespace", " New\n York ", "New York", 1.0),
        ("whitespace", "paris", "Paris", 0.0),
        ("case", "PARIS", "Paris", 1.0),
        ("case", "Paris.", "Paris", 0.0),
        ("squad", "The city: “Paris”.", "city Paris", 1.0),
    ] {
        assert_eq!(
            score(file(normalise), text, json!(expected)),
            found,
            "{normalise} {text}"
        );
    }
    assert_eq!(score(file("case"), "rome", json!(["Paris", "Rome"])), 1.0);
}

#[test]
fn a_score_needs_a_limit_unless_it_only_informs() {
    for kind in ["rouge", "bleu", "token_f1", "edit_distance"] {
        let message = refused(json!({ "name": "g", "type": kind, "value": "x" }));
        assert!(message.contains("informational"), "{kind}: {message}");
        let message = refused(json!({ "name": "g", "type": kind, "value": "x", "at_least": 1.5 }));
        assert!(message.contains("expected 0 to 1"), "{kind}: {message}");
        let file = json!({ "name": "g", "type": kind, "value": "one two", "at_least": 0.9 });
        assert_eq!(
            marked(&grader(file), &case(json!({ "q": 1 })), &answer("one two")),
            Some((true, 1.0))
        );
    }
}

/// Two long texts would hold up the run for minutes; the grade says so and decides nothing.
#[test]
fn texts_that_are_too_long_are_left_undecided() {
    let long = "a ".repeat(11_000);
    let file = json!({ "name": "g", "type": "edit_distance", "value": long, "at_least": 0.5 });
    let (any, said) = (case(json!({ "q": 1 })), answer(&long));
    let graded = harness::grader::Graded {
        case: &any,
        answer: &said,
        latency_ms: 1.0,
        cost: None,
    };
    let (grade, failure) = grader(file).grade(&graded).unwrap();
    assert_eq!(grade.undecided, Some(harness::grader::Undecided::TooLong));
    assert_eq!(failure.as_deref(), Some("too long to compare"));
}
