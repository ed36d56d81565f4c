//! What may be claimed of which runs.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use evidence::{Purpose, RunStatus};
use portfolio::{ClaimKind, ClaimState, assess, comparisons_needed, propose};
use support::*;

#[test]
fn a_level_and_a_change_say_what_was_measured() {
    let (_, claims) = project(false);
    let said: Vec<_> = claims
        .iter()
        .map(|claim| (claim.state, claim.sentence.as_str()))
        .collect();
    assert_eq!(
        said[0],
        (ClaimState::Holds, "Pass rate 80 % (71 to 87) on 100 cases")
    );
    let change = "Pass rate rose from 61 % to 80 % (paired difference +19 points, 11 to 27)";
    assert_eq!(said[1], (ClaimState::Holds, change));
    assert_eq!(said[2].1, "Latency p95 2.26 s (2.20 s to 2.60 s) on 100 cases");
    assert_eq!(said[3].0, ClaimState::NotDistinguishable);
    assert!(said[3].1.contains("not distinguishable"), "{}", said[3].1);
    assert_eq!(
        (claims[1].candidates_before, claims[1].runs_text.as_str()),
        (1, "runs 6 and 14")
    );
    assert_eq!(claims[1].dates_text, "7 Nov 2026 to 15 Nov 2026");
    assert_eq!(claims[1].change.as_ref().unwrap().differed, ["source"]);
}

/// R130: a fall of a failure rate and a latency are claimed only when both were measured, each with its interval.
#[test]
fn only_finished_candidates_with_a_value_make_claims() {
    let refused = |change: &dyn Fn(&mut evidence::RunSummary), metric: &str| {
        let mut run = run(14, 80);
        change(&mut run);
        let claim = assess(&definition("c", metric, &run, None), &[run], &[]);
        assert_eq!(claim.state, ClaimState::Refused, "{claim:?}");
        claim.reason.unwrap()
    };
    assert!(refused(&|run| run.purpose = Purpose::Experiment, "pass_rate").contains("only candidates"));
    assert!(refused(&|run| run.status = RunStatus::Cancelled, "pass_rate").contains("did not finish"));
    assert!(refused(&|_| (), "latency_p99").contains("299 trials"));
    assert!(refused(&|_| (), "recall").contains("did not measure"));
    assert!(refused(&|run| run.unpriced = 3, "cost_per_case").contains("without a known price"));
    assert!(
        refused(&|run| run.metrics[0].label = "Accuracy 99 %".into(), "pass_rate")
            .contains("contains a number")
    );
}

#[test]
fn money_of_a_practice_run_is_refused_and_every_text_says_practice() {
    let run = practice(run(14, 80));
    let runs = [run];
    let cost = assess(&definition("cost", "cost_per_case", &runs[0], None), &runs, &[]);
    assert_eq!(cost.state, ClaimState::Refused);
    assert!(cost.reason.unwrap().contains("practice prices"));
    let pass = assess(&definition("pass-rate", "pass_rate", &runs[0], None), &runs, &[]);
    assert_eq!(pass.state, ClaimState::Holds);
    assert!(pass.practice && pass.sentence.ends_with("(practice model)"));
}

#[test]
fn few_cases_or_a_wide_interval_are_weak() {
    let mut small = run(14, 80);
    small.metrics[0].n = 12;
    small.cases = 12;
    let claim = assess(&definition("c", "pass_rate", &small, None), &[small], &[]);
    assert_eq!(claim.state, ClaimState::Weak);
    assert!(claim.reason.unwrap().starts_with("n = 12"));
    let mut open = run(14, 80);
    open.metrics[2].interval.as_mut().unwrap().high = None;
    let claim = assess(&definition("c", "latency_p95", &open, None), &[open], &[]);
    assert_eq!(claim.state, ClaimState::Weak);
}

#[test]
fn a_newer_candidate_that_contradicts_turns_a_claim_stale() {
    let (first, old) = (run(6, 61), run(14, 80));
    let state = |newer: evidence::RunSummary, comparisons: &[portfolio::RunComparison]| {
        let runs = [first.clone(), old.clone(), newer];
        let mut all = vec![compare(&first, &old, "pass_rate", 0.11, 0.27)];
        all.extend_from_slice(comparisons);
        let level = assess(&definition("level", "pass_rate", &old, None), &runs, &all);
        let change = assess(
            &definition("change", "pass_rate", &old, Some(&first)),
            &runs,
            &all,
        );
        (level.state, change.state, change.reason.unwrap_or_default())
    };
    // Within the interval and above the threshold: it stands.
    assert_eq!(state(run(15, 78), &[]).0, ClaimState::Holds);
    // Better than the interval: nothing to take back.
    assert_eq!(state(run(15, 95), &[]).0, ClaimState::Holds);
    // Below the interval.
    let (level, change, _) = state(run(15, 65), &[]);
    assert_eq!((level, change), (ClaimState::Stale, ClaimState::Stale));
    // Within the interval, but the threshold of 75 % is no longer met.
    assert_eq!(state(run(15, 74), &[]).0, ClaimState::Stale);
    // The newer comparison no longer tells the runs apart.
    let newer = run(15, 76);
    let lost = compare(&first, &newer, "pass_rate", -0.01, 0.29);
    let (level, change, reason) = state(newer.clone(), &[lost]);
    assert_eq!((level, change), (ClaimState::Holds, ClaimState::Stale));
    assert!(reason.contains("Run 15 no longer shows it"), "{reason}");
    // An experiment, or a practice run after a real one, contradicts nothing.
    let mut experiment = run(15, 20);
    experiment.purpose = Purpose::Experiment;
    assert_eq!(state(experiment, &[]).0, ClaimState::Holds);
    assert_eq!(state(practice(run(15, 20)), &[]).0, ClaimState::Holds);
}

#[test]
fn the_best_of_many_is_not_picked_afterwards() {
    let (best, later) = (run(14, 90), run(15, 86));
    let mut definition = definition("c", "pass_rate", &best, None);
    definition.created_at = day(20);
    let claim = assess(&definition, &[best, later], &[]);
    assert_eq!(claim.state, ClaimState::Refused);
    assert!(claim.reason.unwrap().contains("newest candidate"));
}

#[test]
fn the_newest_candidate_offers_claims_that_were_not_made_yet() {
    let runs = vec![run(6, 61), run(9, 70), run(14, 80)];
    let pairs = comparisons_needed(&[], &runs);
    let numbered: Vec<_> = pairs.iter().map(|pair| (pair.before, pair.after)).collect();
    assert_eq!(numbered, [(runs[0].run, runs[2].run), (runs[1].run, runs[2].run)]);
    let comparisons = [compare(&runs[0], &runs[2], "pass_rate", 0.11, 0.27)];
    let made = definition("pass-rate", "pass_rate", &runs[2], None);
    let offered = propose(&runs, &comparisons, std::slice::from_ref(&made));
    assert_eq!(
        (offered[0].kind, offered[0].slug.as_str()),
        (ClaimKind::Change, "pass-rate-change")
    );
    assert!(
        offered
            .iter()
            .all(|offer| offer.run == runs[2].run && offer.metric != "latency_p99")
    );
    assert!(
        !offered
            .iter()
            .any(|offer| offer.metric == "pass_rate" && offer.kind == ClaimKind::Level)
    );
    assert!(
        offered
            .iter()
            .any(|offer| offer.slug == "cost-per-case" && offer.state == ClaimState::Holds)
    );
    let defined = offered[0].define(made.project, day(14));
    assert_eq!(assess(&defined, &runs, &comparisons).state, ClaimState::Holds);
}

/// Runs that one eval made, of several targets.
fn side_by_side(runs: &[(u32, u64, &str)]) -> Vec<evidence::RunSummary> {
    let group = runs.first().map(|(number, _, _)| run(*number, 0).run);
    runs.iter()
        .map(|(number, passed, target)| {
            let mut run = run(*number, *passed);
            run.group = group;
            run.target.name = (*target).into();
            run.finished_at = Some(day(runs[0].0));
            run
        })
        .collect()
}

#[test]
fn targets_side_by_side_do_not_take_each_other_s_claims_and_are_counted() {
    let mut runs = vec![run(3, 70)];
    runs.extend(side_by_side(&[
        (4, 90, "large"),
        (5, 60, "small"),
        (6, 20, "echo"),
    ]));
    for at in 1..=3 {
        let mut definition = definition("level", "pass_rate", &runs[at], None);
        definition.created_at = day(20);
        let claim = assess(&definition, &runs, &[]);
        assert_eq!(claim.state, ClaimState::Holds, "{claim:?}");
        // The run before, and the two beside it, also for the first of the three.
        assert_eq!((claim.candidates_before, claim.candidates_after), (3, 0));
    }
    let offered = propose(&runs, &[], &[]);
    let levels: Vec<_> = offered
        .iter()
        .filter(|offer| offer.metric == "pass_rate")
        .map(|offer| (offer.run, offer.slug.as_str()))
        .collect();
    assert_eq!(
        levels,
        [
            (runs[1].run, "pass-rate"),
            (runs[2].run, "pass-rate-2"),
            (runs[3].run, "pass-rate-3")
        ]
    );
    // A target that ran beside another is no earlier version of it.
    let pairs = comparisons_needed(&[], &runs);
    assert!(pairs.iter().all(|pair| pair.before == runs[0].run), "{pairs:?}");
}

#[test]
fn a_later_eval_contradicts_a_target_by_the_same_one_or_by_whatever_is_newest() {
    let first = side_by_side(&[(4, 90, "large"), (5, 60, "small")]);
    let claimed = definition("level", "pass_rate", &first[0], None);
    let after = |later: Vec<evidence::RunSummary>| {
        let runs = [first.clone(), later].concat();
        assess(&claimed, &runs, &[])
    };
    // The other target is worse, as it was; this one stands.
    let again = after(side_by_side(&[(8, 91, "large"), (9, 60, "small")]));
    assert_eq!((again.state, again.candidates_after), (ClaimState::Holds, 2));
    let fell = after(side_by_side(&[(8, 50, "large"), (9, 95, "small")]));
    assert_eq!(fell.state, ClaimState::Stale);
    assert!(fell.reason.unwrap().starts_with("Run 8 measures"));
    // Another name does not save a claim from what came after it.
    let renamed = after(side_by_side(&[(8, 70, "huge"), (9, 50, "tiny")]));
    assert_eq!(renamed.state, ClaimState::Stale);
    let mut single = run(8, 50);
    single.target.name = "other".into();
    assert_eq!(after(vec![single]).state, ClaimState::Stale);
    // An older run of the same target does not speak for the newest eval.
    let mut between = side_by_side(&[(8, 91, "large"), (9, 60, "small")]);
    let mut last = run(12, 50);
    last.target.name = "other".into();
    between.push(last);
    assert_eq!(after(between).state, ClaimState::Stale);
}
