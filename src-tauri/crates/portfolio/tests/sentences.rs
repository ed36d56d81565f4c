//! The table of sentences that may and may not be exported.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use portfolio::{Refusal, check};
use support::*;

fn refusals(sentence: &str) -> Vec<Refusal> {
    let (_, claims) = project(false);
    let source = SOURCE.replace("Support agents, while a customer waits.", sentence);
    assert_ne!(source, SOURCE);
    check(&source, &claims).refusals
}

const ACCEPTED: &[&str] = &[
    "Agents search with BM25 and read UTF-8; p95 and Recall@5 are named after RFC 9110 and ISO 27001.",
    "Answers come from gpt-5-mini or llama-3.1-8b through python3.",
    "The corpus is [[stated: 64 documents]] and the team [[stated: 3 people]].",
    "It went live on [[stated: 2 November 2026]] as [[stated: release 2.1]] or [[stated: version 2026-11-02]].",
    "Two workers and one reviewer read the first draft; the third attempt was kept.",
    "Grounded answers stand at [[pass-rate]] ([[pass-rate.interval]]) on [[pass-rate.n]] cases, [[pass-rate.runs]], [[pass-rate.dates]].",
    "The pass rate rose to [[pass-rate-change.after]].",
    "The re-ranker improved it by [[pass-rate-change.difference]].",
    "[[pass-rate-change.sentence]].",
    "The first version did not improve the answers.",
    "We wanted to reduce wrong citations, to cut cost and improve answers, and to lower latency.",
    "A day later it took a second look.",
    "The parser raised an error and fell back to the lower bound.",
    "A zero-shot prompt was double-checked by a third party.",
    "See [the pull request](https://example.org/pull/17).",
    "One of the agents left; at one time that mattered.",
    "The scaffold is manifold.",
];

/// R175: a number above the measured one cannot be typed, in any spelling, and the reason is shown.
#[test]
fn numbers_that_are_no_claims_are_refused() {
    let refused = [
        "Pass rate is 95 %.",
        "It answers in 40 ms.",
        "It is 3x as good.",
        "It costs $0.01.",
        "Accuracy is 0.95.",
        "Ninety percent of answers are right.",
        "ninety-five of them",
        "It doubled.",
        "Twice as many.",
        "Half of them.",
        "Two thirds of them.",
        "A third of the answers.",
        "By a third.",
        "Three times.",
        "Tenfold.",
        "Nine out of ten answers.",
        "Nine in ten.",
        "One in five.",
        "Three seconds.",
        "Five dollars.",
        "Two weeks.",
        "A dozen answers.",
        "Hundreds of users.",
        "Zero hallucinations.",
        "Three point five.",
        "Four full seconds.",
        "It triples.",
        "percent",
        "nine per cent",
        "٩٥ answers.",
        "９５ answers.",
        "九 is a word, 95 is not.",
        "𝟗𝟓 answers.",
        "½ of it.",
        "Ⅸ of them.",
        "²",
        "🔟 of them",
        "💯",
        "nine**ty** percent",
        "9**5** answers",
        "n\u{200B}inety answers",
        "nin\u{435}ty answers",
        "`95` in code",
        "[95 answers](https://example.org)",
        "![95](x.png)",
        "<b>95</b>",
        "&#57;5 answers",
        "&frac12; of it",
        "[text](https://example.org \"95 %\")",
        "<https://example.org/95>",
        "1. first",
        "| a | 95 |\n| - | - |\n| b | c |",
        "```py3\ncode\n```",
        "    95 in an indented block",
        "[a]: https://example.org/95",
        "by-40 points",
        "sub-200ms answers",
        "pass-rate-95",
        "accuracy95",
        "p95 %",
        "x3 as good",
        "v2.1",
        "Q3",
        "rose.95",
        "Four nines of uptime.",
        "An order of magnitude.",
        "In under a second.",
        "Sub-second answers.",
        "Six-fold.",
        "Version 2.1 of it.",
        "On 2 November.",
        "gpt-5 times.",
        "RFC 40 ms",
        "[[pass-rate]]5",
        "[[pass-rate.n]] percent",
        "[[stated: 3 people]]x",
        "$[[stated: 40 units]]",
    ];
    for sentence in refused {
        assert!(!refusals(sentence).is_empty(), "accepted: {sentence}");
    }
    let reason = |sentence: &str| refusals(sentence).remove(0).reason;
    assert!(reason("The pass rate is 95 %.").contains("95 % is above the measured 80 % (Pass rate, run 14)"));
    assert!(reason("The latency p95 is 900 ms.").contains("below the measured 2.26 s"));
    assert!(reason("The pass rate is 80 %.").contains("[[pass-rate]]"));
}

#[test]
fn sentences_without_numbers_of_their_own_are_accepted() {
    for sentence in ACCEPTED {
        let found = refusals(sentence);
        assert!(found.is_empty(), "refused: {sentence}\n{found:#?}");
    }
}

#[test]
fn improvement_needs_a_change_that_holds_and_goes_that_way() {
    let refused = [
        ("Answers improved.", "names no measured one"),
        ("It is faster, cheaper and better.", "names no measured one"),
        ("The pass rate rose to [[pass-rate]].", "names no measured one"),
        ("It rose. [[pass-rate-change.sentence]].", "names no measured one"),
        ("Pass rate fell to [[pass-rate-change.after]].", "opposite"),
        ("It got worse: [[pass-rate-change.difference]].", "opposite"),
        (
            "Latency fell to [[latency-p95-change.after]].",
            "cannot tell the runs apart",
        ),
        ("It not only improved the answers.", "names no measured one"),
        ("The change helped reduce latency.", "names no measured one"),
        ("The changes improve recall.", "names no measured one"),
        ("It brought a clear increase in recall.", "names no measured one"),
    ];
    for (sentence, why) in refused {
        let found = refusals(sentence);
        assert!(
            found.iter().any(|refusal| refusal.reason.contains(why)),
            "{sentence}: {found:#?}"
        );
    }
}

#[test]
fn tokens_name_claims_that_hold() {
    let reason = |sentence: &str| refusals(sentence).remove(0).reason;
    assert!(reason("See [[recall]].").contains("no claim `recall`"));
    assert!(reason("See [[latency-p95-change]].").contains("cannot tell the runs apart"));
    assert!(reason("See [[pass-rate.before]].").contains("has no before"));
    assert!(reason("See [[pass-rate.best]].").contains("has no `best`"));
}

#[test]
fn what_only_a_run_can_know_cannot_be_stated() {
    let facts = [
        "95 %",
        "95 percent",
        "ninety percent",
        "3x",
        "3 times",
        "twice as many",
        "tenfold",
        "$40",
        "40 USD",
        "40 dollars",
        "€5",
        "40 ms",
        "40ms",
        "2 seconds",
        "3 hours",
        "two weeks",
        "halved",
        "accuracy 91",
        "0.91 of them",
        "9 of 10 answers",
        "9/10 answers",
        "nine points",
        "64",
        "",
        "64 *documents*",
        "faster by 5",
        "cost 5 units",
        "５ people",
        "12 percentage points",
    ];
    for fact in facts {
        assert!(
            !refusals(&format!("It is [[stated: {fact}]].")).is_empty(),
            "accepted: {fact}"
        );
    }
    assert!(!refusals("It is [[stated: 9 answers]] of [[stated: 10 answers]].").is_empty());
    assert!(!refusals("It is [[stated: a0]].[[stated: b91]].").is_empty());
}

#[test]
fn a_refusal_says_where() {
    let found = refusals("Fine.\n\nNot fine: 95 %.");
    assert_eq!(
        (found[0].line, found[0].column, found[0].excerpt.as_str()),
        (13, 11, "95")
    );
}
