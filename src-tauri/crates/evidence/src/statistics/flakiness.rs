use super::{
    estimate::{Unavailable, at_least},
    proportion::wilson_share,
    repeats::Repeats,
};

/// The flip rate up to which a suite counts as stable, where nobody chose another: 5 %.
pub const FLIP_TOLERANCE: f64 = 0.05;

/// What repeats can say about steadiness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    /// The flip rate is at most the tolerance, with 95 % confidence.
    Stable,
    /// The flip rate is above the tolerance, with 95 % confidence.
    Flaky,
    /// The interval holds the tolerance: neither can be said. More repeated cases (or repeats) would tell.
    NotEnoughRepeats,
}

/// How steadily the cases of a suite answer, measured by repeating them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flakiness {
    /// Cases with two repeats or more; the others say nothing here and are left out.
    pub repeated_cases: u64,
    /// Of those, the cases whose repeats disagree.
    pub flaky_cases: u64,
    /// 95 % Wilson interval of their share. It depends on the number of repeats: more repeats find more flaky cases.
    pub flaky_share: (f64, f64),
    /// The chance that two repeats of the same case disagree, 0 to 1. It does not depend on the number of repeats.
    pub flip_rate: f64,
    /// 95 % interval of the flip rate: Wilson over cases, rather too wide with more than two repeats.
    pub flip_interval: (f64, f64),
    /// The verdict on `flip_rate`.
    pub verdict: Stability,
}

/// Flip rate of a suite and the verdict against `tolerance` (0 to 1, see [`FLIP_TOLERANCE`]).
///
/// A case's flip rate is the share of pairs of its repeats that disagree, `2c(K − c)/(K(K − 1))`, which is the unbiased
/// estimate of 2p(1 − p) (Gini's index of diversity: Simpson, Nature 163 (1949)). The suite's is the mean over cases.
/// Its interval is Wilson's over cases, which is exact in kind for K = 2 and too wide beyond, since the variance of
/// values between 0 and 1 with mean f is at most f(1 − f). Rule: *stable* where the interval lies at or below the
/// tolerance, *flaky* where it lies above, else *not enough repeats*. At 5 %, 73 repeated cases that never flip are the
/// fewest that are stable.
pub fn flakiness(cases: &[Repeats], tolerance: f64) -> Result<Flakiness, Unavailable> {
    if !(0.0..=1.0).contains(&tolerance) || cases.iter().any(|case| case.passed > case.total) {
        return Err(Unavailable::OutOfRange);
    }
    let repeated: Vec<Repeats> = cases.iter().copied().filter(|case| case.total >= 2).collect();
    at_least(1, repeated.len())?;
    let n = repeated.len() as f64;
    let flaky = repeated.iter().filter(|case| case.disagree()).count() as u64;
    let flip_rate = repeated.iter().map(|case| case_flip_rate(*case)).sum::<f64>() / n;
    let flip_interval = wilson_share(flip_rate, n);
    let verdict = if flip_interval.1 <= tolerance {
        Stability::Stable
    } else if flip_interval.0 > tolerance {
        Stability::Flaky
    } else {
        Stability::NotEnoughRepeats
    };
    Ok(Flakiness {
        repeated_cases: repeated.len() as u64,
        flaky_cases: flaky,
        flaky_share: wilson_share(flaky as f64 / n, n),
        flip_rate,
        flip_interval,
        verdict,
    })
}

/// The verdict on one case: *flaky* as soon as its repeats disagree, *stable* where they agree often enough that the
/// rarer outcome is at most `tolerance` with 95 % confidence ([`rarer_outcome_bound`]), else *not enough repeats*.
pub fn case_stability(case: Repeats, tolerance: f64) -> Stability {
    if case.disagree() {
        Stability::Flaky
    } else if rarer_outcome_bound(case.total) <= tolerance {
        Stability::Stable
    } else {
        Stability::NotEnoughRepeats
    }
}

/// How often the other outcome may still come, at most, where all of `repeats` repeats agreed; 1 for none.
///
/// Source: the exact one-sided 95 % bound at 0 of K, `1 − 0.05^(1/K)` (Clopper and Pearson 1934); about 3/K, the "rule
/// of three" (Hanley and Lippman-Hand, JAMA 249 (1983)).
pub fn rarer_outcome_bound(repeats: u64) -> f64 {
    if repeats == 0 {
        1.0
    } else {
        -(0.05f64.ln() / repeats as f64).exp_m1()
    }
}

fn case_flip_rate(case: Repeats) -> f64 {
    let (passed, total) = (case.passed as f64, case.total as f64);
    2.0 * passed * (total - passed) / (total * (total - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cases(flipping: usize, steady: usize) -> Vec<Repeats> {
        let mut cases = vec![Repeats { passed: 1, total: 2 }; flipping];
        cases.extend(vec![Repeats { passed: 2, total: 2 }; steady]);
        cases
    }

    #[test]
    fn published_bounds() {
        // Hanley and Lippman-Hand (1983): 0 of 10, 30 and 100 leave up to 26, 10 and 3 %; exactly 25.9, 9.5 and 2.95.
        for (repeats, bound) in [(10, 0.2589), (30, 0.0950), (100, 0.0295)] {
            assert!((rarer_outcome_bound(repeats) - bound).abs() < 1e-4);
        }
        assert_eq!(rarer_outcome_bound(0), 1.0);
        // Wilson, 3 of 10 (R, binom.wilson): 0.1077913 to 0.6032219; with two repeats share and rate are the same.
        let found = flakiness(&cases(3, 7), FLIP_TOLERANCE).unwrap();
        assert!((found.flip_interval.0 - 0.107_791_3).abs() < 1e-6);
        assert!((found.flaky_share.1 - 0.603_221_9).abs() < 1e-6);
    }

    #[test]
    fn verdict_of_a_suite() {
        let verdict = |flipping, steady| {
            flakiness(&cases(flipping, steady), FLIP_TOLERANCE)
                .unwrap()
                .verdict
        };
        assert_eq!(verdict(3, 7), Stability::Flaky);
        // statsmodels 0.15, proportion_confint(0, 73, method="wilson"): 0 to 0.04999.
        assert_eq!(verdict(0, 73), Stability::Stable);
        assert_eq!(verdict(0, 72), Stability::NotEnoughRepeats);
        assert_eq!(verdict(1, 9), Stability::NotEnoughRepeats);
    }

    #[test]
    fn flip_rate_does_not_grow_with_repeats() {
        // One pass of three: two of its three pairs disagree.
        let third = flakiness(&[Repeats { passed: 1, total: 3 }], 0.05).unwrap();
        assert!((third.flip_rate - 2.0 / 3.0).abs() < 1e-12);
        // p = ½ repeated often disagrees in half of its pairs.
        let half = flakiness(
            &[Repeats {
                passed: 500,
                total: 1000,
            }],
            0.05,
        )
        .unwrap();
        assert!((half.flip_rate - 0.5).abs() < 1e-3);
    }

    #[test]
    fn verdict_of_a_case() {
        assert_eq!(
            case_stability(Repeats { passed: 2, total: 3 }, 0.05),
            Stability::Flaky
        );
        assert_eq!(
            case_stability(Repeats { passed: 3, total: 3 }, 0.05),
            Stability::NotEnoughRepeats
        );
        assert_eq!(
            case_stability(Repeats { passed: 0, total: 59 }, 0.05),
            Stability::Stable
        );
    }

    #[test]
    fn too_little_has_a_reason() {
        let once = [Repeats { passed: 1, total: 1 }];
        assert_eq!(
            flakiness(&once, 0.05),
            Err(Unavailable::TooFew { needed: 1, given: 0 })
        );
        assert_eq!(flakiness(&once, f64::NAN), Err(Unavailable::OutOfRange));
        assert_eq!(
            flakiness(&[Repeats { passed: 3, total: 2 }], 0.05),
            Err(Unavailable::OutOfRange)
        );
    }

    proptest! {
        #[test]
        fn shares_and_intervals(counts in prop::collection::vec((0u64..9, 2u64..9), 1..50)) {
            let cases: Vec<Repeats> = counts
                .iter()
                .map(|&(passed, total)| Repeats { passed: passed.min(total), total })
                .collect();
            let found = flakiness(&cases, FLIP_TOLERANCE).unwrap();
            prop_assert!((0.0..=1.0).contains(&found.flip_rate));
            prop_assert!(found.flip_interval.0 <= found.flip_rate + 1e-12);
            prop_assert!(found.flip_rate <= found.flip_interval.1 + 1e-12);
            prop_assert_eq!(found.flip_rate == 0.0, found.flaky_cases == 0);
        }
    }
}
