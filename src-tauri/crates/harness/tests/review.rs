//! Which results people look at first, and that the order is always the same.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use harness::{
    Severity, TrialKey, TrialRecord,
    review::{ReviewFlags, RiskReason, is_high_risk_category, random_order, riskiest},
};
use std::collections::HashMap;

fn trial(case_index: u64, repeat: u32, passed: bool) -> TrialRecord {
    TrialRecord {
        key: TrialKey { case_index, repeat },
        case_id: format!("case-{case_index}"),
        case_fingerprint: Some(case_index),
        category: "returns".into(),
        cluster: None,
        weight: 1.0,
        passed,
        failure: (!passed).then(|| "missing fact".into()),
        error: false,
        latency_ms: 1.0,
        first_token_ms: None,
        cost: None,
        grading_cost: None,
        retries: 0,
        cached: false,
        unpriced: false,
        practice: false,
        model: None,
        snapshot: None,
        tokens: None,
        grades: Vec::new(),
    }
}

fn key(case_index: u64) -> TrialKey {
    TrialKey {
        case_index,
        repeat: 0,
    }
}

/// R76: the order follows from documented points, each reason is named, and equal risks stay in case order.
#[test]
fn the_riskiest_come_first_each_with_its_reasons() {
    let mut trials: Vec<TrialRecord> = (0..9).map(|at| trial(at, 0, !matches!(at, 1 | 2 | 4))).collect();
    trials[2].grades = vec![
        ("policy".into(), false, 0.0, Some(Severity::Minor)),
        ("grounding".into(), false, 0.0, Some(Severity::Severe)),
    ];
    trials[3].category = "adversarial".into();
    trials[5].grades = vec![("similarity".into(), true, 0.82, None)];
    trials[1].grades = vec![("similarity".into(), false, 0.78, None)];
    trials[8].error = true;
    trials[8].failure = Some("timed out".into());
    let flags = HashMap::from([
        (
            key(6),
            ReviewFlags {
                awaits_person: true,
                judges_disagree: true,
                case_risk: None,
            },
        ),
        (
            key(7),
            ReviewFlags {
                case_risk: Some("High".into()),
                ..ReviewFlags::default()
            },
        ),
    ]);
    let mut before: Vec<TrialRecord> = (0..9).map(|at| trial(at, 0, true)).collect();
    before[4].case_fingerprint = Some(99);

    let ranked = riskiest(&trials, &flags, &before);
    let order: Vec<(u64, u32)> = ranked
        .iter()
        .map(|result| (result.key.case_index, result.risk))
        .collect();
    // 2: severe 40, newly fails 15, failed 5. 6: judges 20, awaits 15. 3 and 7: high risk 30. 1: newly 15, near 10, failed 5.
    // 5: near 10. 4: another case by the same id, so it only failed. 0: nothing. 8: no answer, so nothing to look at.
    assert_eq!(
        order,
        [
            (2, 60),
            (6, 35),
            (1, 30),
            (3, 30),
            (7, 30),
            (5, 10),
            (4, 5),
            (0, 0)
        ]
    );
    let words: Vec<String> = ranked[0].reasons.iter().map(ToString::to_string).collect();
    assert_eq!(words, ["grounding: severe", "newly fails", "failed"]);
    assert_eq!(
        ranked[2].reasons[1].to_string(),
        "similarity: 0.78, near the threshold"
    );
    assert_eq!(ranked, riskiest(&trials, &flags, &before));
}

#[test]
fn the_riskiest_repeat_stands_for_a_flaky_case() {
    let trials = [trial(0, 0, true), trial(0, 1, false), trial(0, 2, true)];
    let ranked = riskiest(&trials, &HashMap::new(), &[]);
    assert_eq!(ranked.len(), 1);
    assert_eq!((ranked[0].key.repeat, ranked[0].risk), (1, 15));
    assert!(matches!(
        ranked[0].reasons[0],
        RiskReason::Flaky {
            passed: 2,
            repeats: 3
        }
    ));
}

#[test]
fn a_case_says_its_own_risk_before_its_category_does() {
    let mut one = trial(0, 0, true);
    one.category = "prompt injection".into();
    assert!(
        is_high_risk_category(&one.category)
            && is_high_risk_category("Privacy")
            && !is_high_risk_category("returns")
    );
    let calm = HashMap::from([(
        key(0),
        ReviewFlags {
            case_risk: Some("low".into()),
            ..ReviewFlags::default()
        },
    )]);
    assert_eq!(riskiest(&[one.clone()], &calm, &[])[0].risk, 0);
    assert_eq!(riskiest(&[one], &HashMap::new(), &[])[0].risk, 30);
}

#[test]
fn a_random_order_is_always_the_same_and_differs_between_runs() {
    let keys: Vec<TrialKey> = (0..100).map(key).collect();
    let ordered = |seed: &str| {
        let mut keys = keys.clone();
        random_order(&mut keys, seed);
        keys
    };
    assert_eq!(ordered("a"), ordered("a"));
    assert_ne!(ordered("a"), ordered("b"));
    assert_ne!(ordered("a"), keys);
}
