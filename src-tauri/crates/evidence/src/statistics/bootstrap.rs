use super::estimate::{Estimate, ROUNDING, Unavailable, Uncertainty, at_least, finite};

/// A small deterministic generator for resampling: the same seed gives the same numbers on every machine.
/// It is no source of secrets.
///
/// Source: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), public domain reference by Vigna.
#[derive(Clone, Debug)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// A generator that begins at `seed`.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A whole number below `bound` (0 for a bound of 0), by multiplication (Lemire, ACM TOMACS 29 (2019), without the
    /// rejection step: the bias is below bound / 2⁶⁴).
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next_u64()) * bound as u128) >> 64) as usize
    }
}

/// Resamples for an interval that is printed (Efron and Tibshirani advise 1,000 or more where percentiles are read).
pub const RESAMPLES: usize = 2_000;

/// Mean paired difference (after minus before) of clustered `(before, after)` pairs with its percentile bootstrap
/// interval: whole clusters are drawn with replacement, so that what belongs together stays together.
///
/// Source: Davison and Hinkley, Bootstrap Methods and their Application, 2.4 and 5.3: of R sorted resamples those at
/// ranks `⌊(R + 1)·0.025⌋` and `R + 1` minus that. It needs two clusters and 39 resamples; the standard error is the
/// deviation of the resamples. The result depends on the data, the order of the clusters, and the seed alone.
/// Empty clusters are left out.
pub fn bootstrap_difference<C: AsRef<[(f64, f64)]>>(
    clusters: &[C],
    resamples: usize,
    seed: u64,
) -> Result<Estimate, Unavailable> {
    let totals: Vec<(f64, f64)> = clusters
        .iter()
        .map(AsRef::as_ref)
        .filter(|cluster| !cluster.is_empty())
        .map(|cluster| {
            let difference = cluster.iter().map(|(before, after)| after - before).sum();
            (difference, cluster.len() as f64)
        })
        .collect();
    at_least(1, totals.len())?;
    let ratio = |(sum, size): (f64, f64)| sum / size;
    let add = |a: (f64, f64), b: &(f64, f64)| (a.0 + b.0, a.1 + b.1);
    let value = finite(ratio(totals.iter().fold((0.0, 0.0), add)))?;
    let uncertainty = at_least(2, totals.len())
        .and_then(|()| at_least(39, resamples))
        .and_then(|()| {
            let mut generator = SplitMix64::new(seed);
            let mut means: Vec<f64> = (0..resamples)
                .map(|_| {
                    let drawn = (0..totals.len()).map(|_| &totals[generator.below(totals.len())]);
                    ratio(drawn.fold((0.0, 0.0), add))
                })
                .collect();
            percentile_interval(&mut means)
        });
    Ok(Estimate { value, uncertainty })
}

fn percentile_interval(means: &mut [f64]) -> Result<Uncertainty, Unavailable> {
    let centre = super::estimate::mean(means)?;
    let standard_error = super::estimate::variance(means, centre)?.sqrt();
    let rank = (means.len() + 1) / 40;
    means.sort_unstable_by(f64::total_cmp);
    let (low, high) = (means[rank - 1], means[means.len() - rank]);
    if high - low <= ROUNDING * centre.abs() {
        return Err(Unavailable::NoVariation);
    }
    Ok(Uncertainty {
        standard_error,
        low,
        high,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_generator_values() {
        // The reference implementation with seed 1234567.
        let mut generator = SplitMix64::new(1_234_567);
        let drawn: Vec<u64> = (0..5).map(|_| generator.next_u64()).collect();
        assert_eq!(
            drawn,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821
            ]
        );
    }

    #[test]
    fn published_standard_error() {
        // Efron and Tibshirani, An Introduction to the Bootstrap, tables 2.1 and 2.2: the treated mice have mean 86.86
        // and a bootstrap error of 23.36 in the limit.
        let mice = [94.0, 197.0, 16.0, 38.0, 99.0, 141.0, 23.0].map(|days| [(0.0, days)]);
        let estimate = bootstrap_difference(&mice, 200_000, 1).unwrap();
        let error = estimate.uncertainty.unwrap().standard_error;
        assert!((estimate.value - 86.857).abs() < 1e-3);
        assert!((error - 23.36).abs() < 0.15, "{error}");
    }

    #[test]
    fn agrees_with_student_where_both_hold() {
        // 400 pairs, no skew: the two intervals differ by little.
        let pairs: Vec<(f64, f64)> = (0..400).map(|i| (f64::from(i % 7), f64::from(i % 11))).collect();
        let single: Vec<[(f64, f64); 1]> = pairs.iter().map(|pair| [*pair]).collect();
        let (low, high) = bootstrap_difference(&single, 4_000, 7)
            .unwrap()
            .interval()
            .unwrap();
        let (t_low, t_high) = crate::statistics::paired_difference(&pairs)
            .unwrap()
            .interval
            .unwrap();
        assert!(
            (low - t_low).abs() < 0.03 && (high - t_high).abs() < 0.03,
            "{low} {t_low} {high} {t_high}"
        );
    }

    #[test]
    fn the_seed_decides() {
        let pairs: Vec<[(f64, f64); 1]> = (0..50).map(|i| [(f64::from(i % 3), f64::from(i % 5))]).collect();
        assert_eq!(
            bootstrap_difference(&pairs, 500, 3),
            bootstrap_difference(&pairs, 500, 3)
        );
        assert_ne!(
            bootstrap_difference(&pairs, 500, 3),
            bootstrap_difference(&pairs, 500, 4)
        );
    }

    #[test]
    fn too_little_has_a_reason() {
        let alike = [[(0.0, 1.0)], [(0.0, 1.0)]];
        let uncertainty = |resamples| bootstrap_difference(&alike, resamples, 1).unwrap().uncertainty;
        assert_eq!(
            uncertainty(38),
            Err(Unavailable::TooFew {
                needed: 39,
                given: 38
            })
        );
        assert_eq!(uncertainty(100), Err(Unavailable::NoVariation));
        assert_eq!(
            bootstrap_difference(&[[(0.0, f64::NAN)]], 100, 1),
            Err(Unavailable::NotFinite)
        );
    }

    proptest! {
        #[test]
        fn interval_within_the_data(
            differences in prop::collection::vec(-1.0f64..1.0, 2..40),
            seed in any::<u64>(),
        ) {
            let pairs: Vec<[(f64, f64); 1]> = differences.iter().map(|difference| [(0.0, *difference)]).collect();
            let estimate = bootstrap_difference(&pairs, 200, seed).unwrap();
            let least = differences.iter().copied().fold(f64::INFINITY, f64::min);
            let most = differences.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if let Ok(uncertainty) = estimate.uncertainty {
                prop_assert!(least - 1e-12 <= uncertainty.low && uncertainty.low <= uncertainty.high);
                prop_assert!(uncertainty.high <= most + 1e-12);
            }
        }

        #[test]
        fn draws_stay_below_the_bound(seed in any::<u64>(), bound in 1usize..1000) {
            prop_assert!(SplitMix64::new(seed).below(bound) < bound);
        }
    }
}
