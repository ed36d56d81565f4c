use super::estimate::{Estimate, Unavailable, Uncertainty, at_least, in_range, mean, variance};
use super::proportion::wilson_share;

/// What a case's repeats gave: how many passed, of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// Repeats that passed.
    pub passed: u64,
    /// All repeats.
    pub total: u64,
}

impl Repeats {
    /// Whether the repeats disagree.
    pub fn disagree(self) -> bool {
        0 < self.passed && self.passed < self.total
    }
}

/// The chance that at least one of `k` repeats passes, estimated without bias from n ≥ k repeats.
///
/// Source: `1 − C(n−c, k)/C(n, k)` (Chen et al., arXiv 2107.03374), as a product, since the coefficients overflow.
pub fn pass_at_k(repeats: Repeats, k: u64) -> Result<f64, Unavailable> {
    check(repeats, k)?;
    Ok(1.0 - drawn_alike(repeats.total - repeats.passed, repeats.total, k))
}

/// The chance that all of `k` repeats pass, estimated without bias from n ≥ k repeats.
///
/// Source: pass^k = `C(c, k)/C(n, k)` (Yao et al., τ-bench, arXiv 2406.12045), as a product.
pub fn pass_hat_k(repeats: Repeats, k: u64) -> Result<f64, Unavailable> {
    check(repeats, k)?;
    Ok(drawn_alike(repeats.passed, repeats.total, k))
}

/// Mean of pass@k over cases; the interval is over cases, since the repeats of one case are no separate evidence.
///
/// Student's t over the cases' values, cut to 0 to 1; Wilson where each of them is 0 or 1 (Bowyer et al.,
/// arXiv 2503.01747, show what goes wrong with a normal interval then). One case with fewer than k repeats is an error.
pub fn mean_pass_at_k(cases: &[Repeats], k: u64) -> Result<Estimate, Unavailable> {
    over_cases(cases, k, pass_at_k)
}

/// Mean of pass^k over cases, otherwise as [`mean_pass_at_k`].
pub fn mean_pass_hat_k(cases: &[Repeats], k: u64) -> Result<Estimate, Unavailable> {
    over_cases(cases, k, pass_hat_k)
}

fn check(repeats: Repeats, k: u64) -> Result<(), Unavailable> {
    in_range(k > 0 && repeats.passed <= repeats.total)?;
    if repeats.total < k {
        return Err(Unavailable::TooFew {
            needed: k,
            given: repeats.total,
        });
    }
    Ok(())
}

/// `C(some, k)/C(all, k)`: the chance that k drawn of `all` without replacement are all among `some`.
fn drawn_alike(some: u64, all: u64, k: u64) -> f64 {
    if some < k {
        return 0.0;
    }
    // The two coefficients are the same product read from either end; the shorter one has fewer roundings.
    let rest = all - some;
    if rest < k {
        (0..rest)
            .map(|i| (all - k - i) as f64 / (all - i) as f64)
            .product()
    } else {
        (0..k).map(|i| (some - i) as f64 / (all - i) as f64).product()
    }
}

fn over_cases(
    cases: &[Repeats],
    k: u64,
    of_case: fn(Repeats, u64) -> Result<f64, Unavailable>,
) -> Result<Estimate, Unavailable> {
    let values: Vec<f64> = cases
        .iter()
        .map(|case| of_case(*case, k))
        .collect::<Result<_, _>>()?;
    let value = mean(&values)?;
    let n = values.len() as f64;
    if values.iter().all(|value| [0.0, 1.0].contains(value)) {
        let (low, high) = wilson_share(value, n);
        let standard_error = (value * (1.0 - value) / n).sqrt();
        return Ok(Estimate {
            value,
            uncertainty: Ok(Uncertainty {
                standard_error,
                low,
                high,
            }),
        });
    }
    if let Err(reason) = at_least(2, values.len()) {
        return Ok(Estimate {
            value,
            uncertainty: Err(reason),
        });
    }
    let standard_error = (variance(&values, value)? / n).sqrt();
    Ok(Estimate::student(value, standard_error, n - 1.0)?.share())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn repeats(passed: u64, total: u64) -> Repeats {
        Repeats { passed, total }
    }

    #[test]
    fn published_values() {
        // By the coefficients themselves: n = 5, c = 2, k = 2: 1 − C(3,2)/C(5,2) = 0.7 and C(2,2)/C(5,2) = 0.1.
        assert!((pass_at_k(repeats(2, 5), 2).unwrap() - 0.7).abs() < 1e-12);
        assert!((pass_hat_k(repeats(2, 5), 2).unwrap() - 0.1).abs() < 1e-12);
        // HumanEval's setting, n = 200: Python's exact `Fraction(comb(190, 100), comb(200, 100))`, and the same for
        // `comb(187, 10)` and, of all ten, `comb(180, 10)`.
        assert!((pass_at_k(repeats(10, 200), 100).unwrap() - 0.9992289739372822).abs() < 1e-12);
        assert!((pass_at_k(repeats(13, 200), 10).unwrap() - 0.49755111473060615).abs() < 1e-12);
        assert!((pass_hat_k(repeats(180, 200), 10).unwrap() - 0.3397743762367859).abs() < 1e-12);
        // Far beyond what C(n, k) could hold in 64 bits or in a float.
        let far = pass_at_k(repeats(1, 1_000_000), 500_000).unwrap();
        assert!((far - 0.5).abs() < 1e-9, "{far}");
    }

    #[test]
    fn too_little_has_a_reason() {
        assert_eq!(
            pass_at_k(repeats(1, 3), 4),
            Err(Unavailable::TooFew { needed: 4, given: 3 })
        );
        assert_eq!(pass_at_k(repeats(4, 3), 1), Err(Unavailable::OutOfRange));
        assert_eq!(pass_hat_k(repeats(1, 3), 0), Err(Unavailable::OutOfRange));
        assert_eq!(
            mean_pass_at_k(&[], 1),
            Err(Unavailable::TooFew { needed: 1, given: 0 })
        );
        let one = mean_pass_at_k(&[repeats(1, 3)], 1).unwrap();
        assert_eq!(one.uncertainty, Err(Unavailable::TooFew { needed: 2, given: 1 }));
    }

    #[test]
    fn agreeing_repeats_fall_back_on_wilson() {
        // 80 cases that always pass and 20 that never do: 71.1 to 86.7 %, whatever k.
        let mut cases = vec![repeats(5, 5); 80];
        cases.extend(vec![repeats(0, 5); 20]);
        for estimate in [
            mean_pass_at_k(&cases, 3).unwrap(),
            mean_pass_hat_k(&cases, 5).unwrap(),
        ] {
            let (low, high) = estimate.interval().unwrap();
            assert!(
                (low - 0.7112).abs() < 1e-4 && (high - 0.8666).abs() < 1e-4,
                "{low} {high}"
            );
        }
    }

    proptest! {
        #[test]
        fn ordered_and_probabilities(total in 1u64..60, passed_share in 0.0f64..=1.0, k_share in 0.0f64..=1.0) {
            let passed = (passed_share * total as f64) as u64;
            let k = 1 + (k_share * (total - 1) as f64) as u64;
            let once = passed as f64 / total as f64;
            let (any, all) = (pass_at_k(repeats(passed, total), k).unwrap(), pass_hat_k(repeats(passed, total), k).unwrap());
            prop_assert!(-1e-12 <= all && all <= once + 1e-12 && once <= any + 1e-12 && any <= 1.0);
            // What passes at least once in k is what does not fail k times.
            let failing = pass_hat_k(repeats(total - passed, total), k).unwrap();
            prop_assert!((any + failing - 1.0).abs() < 1e-12);
        }
    }
}
