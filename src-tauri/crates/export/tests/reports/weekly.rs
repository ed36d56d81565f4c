use crate::{
    fixture::summary,
    support::{compare, day, practice, run},
};
use evidence::Purpose;
use export::report::{WeeklyInput, weekly};

/// R77: what the week measured, what it cost, and which release metrics fail.
#[test]
fn the_week_says_quality_changes_cost_and_what_fails() {
    let mut failing = run(13, 70);
    failing.suite_name = "refusals".into();
    failing.unpriced = 3;
    let mut trial = practice(run(12, 77));
    trial.purpose = Purpose::Experiment;
    let runs = vec![run(2, 55), run(6, 61), run(9, 66), trial, failing, summary()];
    let mut input = WeeklyInput {
        project: "RAG support | assistant",
        until: day(15),
        runs: &runs,
        comparisons: &[],
    };
    let pairs: Vec<(u32, u32)> = input
        .pairs()
        .iter()
        .map(|(before, after)| (before.number, after.number))
        .collect();
    assert_eq!(pairs, [(6, 14)]);
    let comparisons = vec![
        compare(&runs[1], &runs[5], "pass_rate", 0.11, 0.27),
        compare(&runs[1], &runs[5], "latency_p95", -190.0, 30.0),
    ];
    input.comparisons = &comparisons;
    let text = weekly(input).unwrap();
    insta::assert_snapshot!(text);
    assert!(text.contains("not distinguishable") && text.contains("practice prices, left out"));
}

#[test]
fn a_week_without_runs_says_so() {
    let text = weekly(WeeklyInput {
        project: "p",
        until: day(15),
        runs: &[],
        comparisons: &[],
    })
    .unwrap();
    assert!(
        text.contains("0 runs ended")
            && text.contains("Spent: no data")
            && text.contains("No candidate finished")
    );
}
