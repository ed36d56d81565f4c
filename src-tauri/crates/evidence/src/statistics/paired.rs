use super::mean::Moments;
use statrs::distribution::{Binomial, DiscreteCDF};

/// The same cases measured twice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedDifference {
    /// Mean before.
    pub before: f64,
    /// Mean after.
    pub after: f64,
    /// Mean of after minus before.
    pub difference: f64,
    /// 95 % interval of the difference; absent below two pairs.
    pub interval: Option<(f64, f64)>,
}

/// Pairs of one case each while they come in.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PairedMoments {
    before: f64,
    after: f64,
    differences: Moments,
}

impl PairedMoments {
    /// Takes a case.
    pub fn add(&mut self, before: f64, after: f64) {
        self.before += before;
        self.after += after;
        self.differences.add(after - before);
    }

    /// Pairs taken.
    pub fn count(&self) -> u64 {
        self.differences.count()
    }

    /// Sample standard deviation of the per-case differences; absent below two pairs.
    pub fn deviation(&self) -> Option<f64> {
        self.differences.deviation()
    }

    /// The difference, as [`paired_difference`] gives it of the same pairs.
    pub fn difference(&self) -> Option<PairedDifference> {
        let estimate = self.differences.estimate()?;
        let n = self.count() as f64;
        Some(PairedDifference {
            before: self.before / n,
            after: self.after / n,
            difference: estimate.mean,
            interval: estimate.interval,
        })
    }
}

/// Mean paired difference over `(before, after)` pairs, one a case; absent for no pairs.
///
/// Source: Miller, "Adding Error Bars to Evals" (2024), section 4.2: the error of a paired difference is that of
/// the per-case differences, here with Student's t.
pub fn paired_difference(pairs: &[(f64, f64)]) -> Option<PairedDifference> {
    let mut moments = PairedMoments::default();
    for (before, after) in pairs {
        moments.add(*before, *after);
    }
    moments.difference()
}

/// Exact McNemar p-value of `gained` cases that newly pass and `lost` cases that newly fail.
///
/// Source: `min(1, 2·P[Bin(b + c, ½) ≤ min(b, c)])`, as statsmodels `mcnemar(exact=True)`.
pub fn mcnemar_exact(gained: u64, lost: u64) -> f64 {
    let n = gained.saturating_add(lost);
    if n == 0 {
        return 1.0;
    }
    Binomial::new(0.5, n).map_or(1.0, |binomial| (2.0 * binomial.cdf(gained.min(lost))).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_values() {
        // SAS and statsmodels: 30 against 60 discordant pairs.
        assert!((mcnemar_exact(30, 60) - 0.002_06).abs() < 1e-5);
        assert!((mcnemar_exact(6, 0) - 0.031_25).abs() < 1e-9);
        assert!((mcnemar_exact(5, 0) - 0.062_5).abs() < 1e-9);
        assert!((mcnemar_exact(9, 2) - 0.065_43).abs() < 1e-5);
        assert_eq!(mcnemar_exact(0, 0), 1.0);
        // Student's sleep data, paired: mean difference 1.58, 0.70 to 2.46 (R's t.test, paired).
        let one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let pairs: Vec<_> = one.into_iter().zip(two).collect();
        let estimate = paired_difference(&pairs).unwrap();
        let (low, high) = estimate.interval.unwrap();
        assert!((estimate.difference - 1.58).abs() < 1e-9);
        assert!((low - 0.700_114_2).abs() < 1e-4 && (high - 2.459_885_8).abs() < 1e-4);
    }

    proptest! {
        #[test]
        fn mcnemar_is_symmetric_and_a_probability(a in 0u64..400, b in 0u64..400) {
            let p = mcnemar_exact(a, b);
            prop_assert!((0.0..=1.0).contains(&p));
            prop_assert!((p - mcnemar_exact(b, a)).abs() < 1e-12);
        }
    }
}
