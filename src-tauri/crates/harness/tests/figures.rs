//! The numbers of a run: what repeats may and may not do to them.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use evidence::IntervalMethod;
use harness::{Case, TrialKey, TrialRecord, compare::compare, filter::Filter, summary::figures};
use proptest::prelude::*;

/// One trial a letter: case by case, repeat by repeat; `p` passes.
fn trials(cases: &[&str]) -> Vec<TrialRecord> {
    let trial = |case: usize, repeat: usize, passed: bool| TrialRecord {
        key: TrialKey {
            case_index: case as u64,
            repeat: repeat as u32,
        },
        case_id: format!("c{case}"),
        case_fingerprint: None,
        cluster: None,
        weight: 1.0,
        first_token_ms: None,
        grading_cost: None,
        retries: 0,
        cached: false,
        category: format!("k{}", case % 2),
        passed,
        failure: (!passed).then(|| "missing fact".to_owned()),
        error: false,
        latency_ms: 100.0 + case as f64,
        cost: None,
        unpriced: false,
        practice: false,
        model: None,
        snapshot: None,
        tokens: None,
        grades: Vec::new(),
    };
    let rows = cases.iter().enumerate();
    rows.flat_map(|(case, repeats)| {
        repeats
            .chars()
            .enumerate()
            .map(move |(at, letter)| trial(case, at, letter == 'p'))
    })
    .collect()
}

/// H5: cases whose trials disagree are counted, of those that ran several times. H10: ten repeats of a case are one
/// case: the interval stays as wide as that of the cases.
#[test]
fn repeats_count_flips_and_not_cases() {
    let once = figures(&trials(&["p", "p", "p", "f"]), &[]);
    assert_eq!(once.flipping_cases, None);
    let often = figures(
        &trials(&["pppppppppp", "pppppppppp", "pppppppppp", "ffffffffff"]),
        &[],
    );
    assert_eq!(
        (often.cases, often.trials, often.flipping_cases),
        (4, 40, Some((0, 4)))
    );
    assert_eq!(often.metrics[0].interval, once.metrics[0].interval);
    assert_eq!((often.metrics[0].value, often.metrics[0].n), (Some(0.75), 4));

    let flaky = figures(&trials(&["pf", "pp", "fp", "ff"]), &[]);
    assert_eq!(flaky.flipping_cases, Some((2, 4)));
    let rate = &flaky.metrics[0];
    assert_eq!((rate.value, rate.n), (Some(0.5), 4));
    assert_eq!(rate.interval.unwrap().method, IntervalMethod::StudentT);
    // All cases at one half: no spread, and no certainty either.
    let even = figures(&trials(&["pf", "fp", "pf"]), &[]).metrics[0]
        .interval
        .unwrap();
    assert!(even.high.unwrap() - even.low.unwrap() > 0.5, "{even:?}");
}

/// Five cases of one document are no five pieces of evidence: what changed in all of them may be one change.
#[test]
fn cases_of_one_cluster_make_a_difference_less_certain() {
    let (before, after) = (trials(&["f"; 20]), trials(&[["p"; 10], ["f"; 10]].concat()));
    let metrics = figures(&after, &[]).metrics;
    let pass_rate = |before: &[TrialRecord], after: &[TrialRecord]| {
        let compared = compare(before, after, &metrics).comparisons;
        let found = compared.into_iter().find(|found| found.metric == "pass_rate");
        found.unwrap()
    };
    let alone = pass_rate(&before, &after);
    assert_eq!(alone.improved, Some(true));
    assert_eq!(alone.interval.unwrap().method, IntervalMethod::StudentT);
    // By hand: ten of twenty differences are 1 and ten are 0, so 2.80159 · √(20 · 0.25 / 19) / √20.
    assert!((alone.detectable.unwrap() - 0.32136).abs() < 1e-4, "{alone:?}");

    let grouped = |mut trials: Vec<TrialRecord>| {
        for trial in &mut trials {
            trial.cluster = Some(format!("document {}", trial.key.case_index / 5));
        }
        trials
    };
    let together = pass_rate(&grouped(before), &grouped(after));
    assert_eq!(together.difference, alone.difference);
    assert_eq!((together.improved, together.p_value), (None, None));
    assert_eq!(together.interval.unwrap().method, IntervalMethod::Clustered);
    // Four clusters of five, two of which changed as a whole: 2.80159 · √(4/3 · 4 · 2.5²) / 20.
    assert!(
        (together.detectable.unwrap() - 0.80875).abs() < 1e-4,
        "{together:?}"
    );
}

/// Nor are they for a category: twelve cases of one document that newly pass may be one change.
#[test]
fn cases_of_one_cluster_do_not_make_a_category_better() {
    let passes: Vec<&str> = (0..40)
        .map(|case| if case % 2 == 0 && case < 24 { "p" } else { "f" })
        .collect();
    let (before, after) = (trials(&["f"; 40]), trials(&passes));
    let slice = |cluster: fn(u64) -> Option<u64>| {
        let named = |mut trials: Vec<TrialRecord>| {
            for trial in &mut trials {
                trial.cluster = cluster(trial.key.case_index).map(|of| format!("document {of}"));
            }
            trials
        };
        let compared = compare(&named(before.clone()), &named(after.clone()), &[]);
        compared
            .slices
            .into_iter()
            .find(|slice| slice.name == "k0")
            .unwrap()
    };
    let alone = slice(|_| None);
    assert_eq!((alone.gained, alone.improved), (12, Some(true)));
    assert_eq!(alone.interval.unwrap().method, IntervalMethod::StudentT);
    let one_document = slice(|case| (case < 24).then_some(0));
    assert_eq!((one_document.gained, one_document.improved), (12, None));
    assert_eq!(one_document.difference, alone.difference);
    assert_eq!(one_document.interval.unwrap().method, IntervalMethod::Clustered);
    // A document for each case changes nothing.
    assert_eq!(slice(Some).improved, Some(true));
}

/// A service that names another state of its corpus in each answer does not make the summary as long as the run.
#[test]
fn a_bounded_number_of_snapshots_is_kept() {
    let mut run = trials(&["p"; 300]);
    for trial in &mut run {
        trial.snapshot = Some(format!("at second {}", trial.key.case_index / 2));
    }
    let snapshots = figures(&run, &[]).snapshots;
    assert_eq!(snapshots.len(), 100);
    assert_eq!(
        (snapshots[0].as_str(), snapshots[99].as_str()),
        ("at second 0", "at second 99")
    );
}

/// A run is held against another case by case, also where the dataset grew in between.
#[test]
fn comparison_pairs_by_case() {
    let before = trials(&["p", "f", "f"]);
    let after = trials(&["f", "p", "p", "p"]);
    let metrics = figures(&after, &[]).metrics;
    let compared = compare(&before, &after, &metrics);
    assert_eq!(
        (compared.gained, compared.lost),
        (vec!["c1".to_owned(), "c2".to_owned()], vec!["c0".to_owned()])
    );
    let rate = &compared.comparisons[0];
    assert_eq!((rate.n, rate.distinguishable, rate.improved), (3, false, None));
    assert_eq!(rate.detectable, None, "three cases show no change at all");
    assert!(compare(&before, &[], &metrics).comparisons.is_empty());
}

/// What rounding leaves of values that are alike is no difference.
#[test]
fn rounding_is_no_difference() {
    let timed = |off: f64| {
        let mut trials = trials(&["p"; 20]);
        for trial in &mut trials {
            trial.latency_ms = 300.0 * (1.0 + off * (1 + trial.key.case_index % 3) as f64);
        }
        trials
    };
    let (before, metrics) = (timed(0.0), figures(&timed(0.0), &[]).metrics);
    let mean = |after: &[TrialRecord]| {
        let compared = compare(&before, after, &metrics).comparisons;
        let found = compared.into_iter().find(|found| found.metric == "latency_mean");
        found.unwrap()
    };
    let noise = mean(&timed(1e-15));
    assert_eq!(
        (noise.difference, noise.interval, noise.improved),
        (0.0, None, None)
    );
    assert_eq!(mean(&timed(1e-3)).improved, Some(false));
}

proptest! {
    /// Whatever was measured: every share holds its value within its interval, and the parts add up.
    #[test]
    fn figures_add_up(cases in proptest::collection::vec("[pf]{1,4}", 1..20)) {
        let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
        let found = figures(&trials(&cases), &[]);
        prop_assert_eq!(found.passed + found.failed + found.errored, found.trials);
        prop_assert_eq!(found.failures.iter().map(|failure| failure.trials).sum::<u64>(), found.failed);
        prop_assert_eq!(found.categories.iter().map(|slice| slice.pass_rate.n).sum::<u64>(), found.cases);
        for metric in &found.metrics {
            if let Some(interval) = metric.interval {
                prop_assert!(interval.low.unwrap_or(f64::MIN) <= interval.high.unwrap_or(f64::MAX));
                prop_assert!(interval.low.is_none_or(|low| low >= 0.0));
            }
        }
    }

    /// A filter is read or refused, and never panics; what it accepts does not depend on blanks around its terms.
    #[test]
    fn filters_are_read_or_refused(text in "[a-c=!~, ]{0,20}") {
        let fields = [("a".to_owned(), "b".into())].into_iter().collect();
        let case = Case { index: 0, id: "a".into(), category: "b".into(), fields };
        if let Ok(filter) = Filter::parse(&text) {
            let spaced = text.split(',').map(|term| format!(" {} ", term.trim())).collect::<Vec<_>>().join(",");
            prop_assert_eq!(filter.accepts(&case), Filter::parse(&spaced).unwrap().accepts(&case));
        }
    }
}
