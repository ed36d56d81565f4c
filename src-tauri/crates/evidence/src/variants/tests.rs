use super::*;
use crate::{
    Direction, Interval, IntervalMethod, Unit,
    statistics::{mcnemar_exact, wilson},
};

fn id(number: u32) -> RunId {
    format!("01934a10-0000-7000-8000-{number:012}").parse().unwrap()
}

fn metric(name: &str, unit: Unit, better: Direction, value: Option<f64>) -> Metric {
    Metric {
        name: name.into(),
        label: name.into(),
        unit,
        better,
        value,
        interval: None,
        n: 100,
        note: None,
    }
}

/// Passes of a hundred, dollars a case, p95 in milliseconds, flip rate.
fn variant(number: u32, passed: u64, cost: Option<f64>, p95: f64, flips: Option<f64>) -> Variant {
    let mut quality = metric(
        "pass_rate",
        Unit::Share,
        Direction::Higher,
        Some(passed as f64 / 100.0),
    );
    quality.interval = wilson(passed, 100).map(|(low, high)| Interval {
        low: Some(low),
        high: Some(high),
        method: IntervalMethod::Wilson,
    });
    Variant {
        run: id(number),
        number,
        target: format!("t{number}"),
        models: "m".into(),
        size: "not known".into(),
        practice: false,
        status: RunStatus::Finished,
        cases: 100,
        repeat: 1,
        quality,
        cost: metric("cost_per_case", Unit::Usd, Direction::Lower, cost),
        passes_per_dollar: PassesPerDollar::of(
            passed,
            cost.map(|cost| cost * 100.0),
            u64::from(cost.is_none()),
            false,
        ),
        latency_p50: metric(
            "latency_p50",
            Unit::Milliseconds,
            Direction::Lower,
            Some(p95 / 2.0),
        ),
        latency_p95: metric("latency_p95", Unit::Milliseconds, Direction::Lower, Some(p95)),
        first_token: metric("first_token_p50", Unit::Milliseconds, Direction::Lower, None),
        flip_rate: metric("flip_rate", Unit::Share, Direction::Lower, flips),
        all_pass: None,
        gate: GateVerdict::Passed,
    }
}

/// A comparison of pass rates of which `gained` and `lost` cases of a hundred flip.
fn pair(before: u32, after: u32, gained: u64, lost: u64) -> Pair {
    let p = mcnemar_exact(gained, lost);
    Pair {
        before: id(before),
        after: id(after),
        comparisons: vec![Comparison {
            metric: "pass_rate".into(),
            label: "Pass rate".into(),
            unit: Unit::Share,
            before: 0.0,
            after: 0.0,
            difference: (gained as f64 - lost as f64) / 100.0,
            interval: None,
            n: 100,
            p_value: Some(p),
            distinguishable: p < 0.05,
            improved: None,
            detectable: None,
            graders_differ: false,
        }],
    }
}

/// H12: who is nowhere worse and better somewhere is named, with whether the runs can tell the two apart.
#[test]
fn a_dominated_variant_is_marked_and_by_whom() {
    let variants = vec![
        variant(1, 80, Some(0.002), 900.0, None),
        variant(2, 78, Some(0.003), 900.0, None),
        variant(3, 90, Some(0.010), 900.0, None),
    ];
    let weighed = weigh(variants, &[pair(1, 2, 5, 7), pair(1, 3, 12, 2)]);
    assert_eq!(weighed.front, [id(1), id(3)]);
    let [only] = weighed.dominations.as_slice() else {
        panic!("{:?}", weighed.dominations)
    };
    assert_eq!((only.worse, only.better), (id(2), id(1)));
    assert_eq!(only.better_in, ["quality", "cost"]);
    assert!(
        only.told_apart_in.is_empty() && only.sentence.contains("not distinguishable"),
        "{}",
        only.sentence
    );
    assert_eq!(
        weighed.not_distinguishable,
        ["Pass rates of run 1 (t1) and run 2 (t2) are not distinguishable on 100 cases."]
    );
}

#[test]
fn what_is_not_known_is_neither_better_nor_worse() {
    let variants = vec![
        variant(1, 90, Some(0.001), 500.0, Some(0.0)),
        variant(2, 50, None, 900.0, Some(0.3)),
        variant(3, 50, Some(0.9), 900.0, None),
    ];
    let weighed = weigh(variants, &[]);
    assert!(weighed.dominations.is_empty(), "{:?}", weighed.dominations);
    assert!(
        weighed.notes.iter().any(|note| note.contains("Unknown is not 0")),
        "{:?}",
        weighed.notes
    );

    let mut practice = variant(2, 50, Some(0.9), 900.0, None);
    practice.practice = true;
    let weighed = weigh(vec![variant(1, 90, Some(0.001), 500.0, None), practice], &[]);
    assert!(
        weighed.dominations.is_empty(),
        "practice money was held against real money"
    );
}

/// H12: the cheapest of those that pass is named in one sentence, or why there is none.
#[test]
fn the_cheapest_passing_variant_is_named_or_why_there_is_none() {
    let mut failing = variant(1, 60, Some(0.001), 500.0, None);
    failing.gate = GateVerdict::Failed;
    let weighed = weigh(
        vec![
            failing.clone(),
            variant(2, 85, Some(0.004), 500.0, None),
            variant(3, 90, Some(0.009), 500.0, None),
        ],
        &[],
    );
    assert_eq!(weighed.choice.run, Some(id(2)));
    assert_eq!(
        weighed.choice.sentence,
        "Run 2 (t2) is the cheapest passing variant: $0.0040 a case, 85 % pass; next is run 3 (t3) at $0.0090, not distinguishable in \
         cost."
    );
    // A real variant without a price does not hide the practice ones, and is said to be perhaps cheaper.
    let mut practice = variant(4, 85, Some(0.004), 500.0, None);
    practice.practice = true;
    let choice = weigh(vec![practice, variant(5, 85, None, 500.0, None)], &[]).choice;
    assert_eq!(choice.run, Some(id(4)));
    assert!(
        choice.sentence.contains("practice prices, which are no money")
            && choice
                .sentence
                .contains("1 more passes without a known cost and may be cheaper"),
        "{}",
        choice.sentence
    );
    let none = |variants: Vec<Variant>| {
        let choice = weigh(variants, &[]).choice;
        assert_eq!(choice.run, None);
        choice.sentence
    };
    assert!(none(vec![failing.clone()]).contains("no variant meets all release metrics"));
    failing.gate = GateVerdict::Unset;
    assert!(none(vec![failing.clone()]).contains("fewer than three release metrics"));
    failing.status = RunStatus::Cancelled;
    assert!(none(vec![failing]).contains("none of these runs has finished"));
    assert!(
        none(vec![variant(2, 85, None, 500.0, None)]).contains("none of those that pass has a known cost")
    );
}

/// R189: the order by predictability beside the order by score, and what one gives up for the other.
#[test]
fn predictability_stands_beside_the_best_score() {
    let variants = || {
        vec![
            variant(1, 90, Some(0.01), 500.0, Some(0.08)),
            variant(2, 84, Some(0.01), 500.0, Some(0.01)),
            variant(3, 70, Some(0.01), 500.0, Some(0.01)),
        ]
    };
    let ranking = weigh(variants(), &[pair(1, 2, 3, 9)]).ranking;
    assert_eq!(ranking.by_score, [id(1), id(2), id(3)]);
    // Of two that flip as rarely, the one that passes more comes first.
    assert_eq!(ranking.by_predictability, [id(2), id(3), id(1)]);
    assert!(
        ranking
            .sentence
            .contains("gives up 6 points of pass rate (not distinguishable)")
            && ranking.sentence.contains("1 % of the time instead of 8 %"),
        "{}",
        ranking.sentence
    );
    // A tie is no win of the one that happens to come first.
    let tie = |flips| {
        let variants = vec![
            variant(1, 0, None, 500.0, Some(0.0)),
            variant(2, 0, None, 500.0, flips),
        ];
        weigh(variants, &[pair(1, 2, 0, 0)]).ranking.sentence
    };
    for (flips, says) in [
        (
            Some(0.0),
            "Run 1 (t1) and run 2 (t2) tie for the highest score (0 %) and are equally predictable",
        ),
        (
            Some(0.1),
            "tie for the highest score (0 %); of them run 1 (t1) is the most predictable",
        ),
        (
            None,
            "tie for the highest score (0 %); of them run 1 (t1) is the most predictable",
        ),
    ] {
        let sentence = tie(flips);
        assert!(
            sentence.contains(says) && !sentence.contains("no trade-off"),
            "{sentence}"
        );
    }
    let once = weigh(vec![variant(1, 90, None, 500.0, None)], &[]).ranking;
    assert!(
        once.by_predictability.is_empty() && once.sentence.contains("needs repeats"),
        "{}",
        once.sentence
    );
}

/// R15: passes per dollar, refused where a price is missing, and a practice dollar is called one.
#[test]
fn passes_per_dollar_are_refused_where_a_price_is_missing() {
    let real = PassesPerDollar::of(80, Some(0.16), 0, false);
    assert_eq!(
        (real.value, real.text.as_str()),
        (Some(500.0), "500 for a dollar")
    );
    assert_eq!(
        PassesPerDollar::of(80, Some(0.016), 0, true).text,
        "5,000 for a practice dollar"
    );
    for refused in [
        PassesPerDollar::of(80, Some(0.16), 3, false),
        PassesPerDollar::of(80, None, 0, false),
        PassesPerDollar::of(80, Some(0.0), 0, false),
    ] {
        assert!(
            refused.value.is_none() && refused.refused.is_some(),
            "{refused:?}"
        );
    }
}
