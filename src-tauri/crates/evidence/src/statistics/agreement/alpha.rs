use crate::statistics::estimate::{Unavailable, at_least, finite};

/// What the differences between values mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Names without order: two values are alike or not.
    Nominal,
    /// Ranks: only the order counts.
    Ordinal,
    /// Numbers: the squared difference counts.
    Interval,
}

/// Krippendorff's alpha of cases rated by any number of raters, where any rating may be missing; 1 is perfect, 0 is
/// what chance would give, below 0 is worse than chance.
///
/// Each case is the list of its ratings by rater (`None` where missing); which rater gave which does not matter. A case
/// with fewer than two ratings is left out. [`Unavailable::NoVariation`] where all ratings are alike: nothing then
/// tells raters who agree from raters who always say the same.
///
/// Source: `α = 1 − D_o/D_e` (Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011). The distance of two
/// ranks there, `(Σ_{g=c}^{k} n_g − (n_c + n_k)/2)²`, is the squared difference of their mid-ranks, so the ordinal
/// alpha is the interval alpha of the mid-ranks.
pub fn krippendorff_alpha<C: AsRef<[Option<f64>]>>(cases: &[C], level: Level) -> Result<f64, Unavailable> {
    let mut units: Vec<Vec<f64>> = cases
        .iter()
        .map(|case| case.as_ref().iter().copied().flatten().collect())
        .filter(|unit: &Vec<f64>| unit.len() >= 2)
        .collect();
    at_least(1, units.len())?;
    if units.iter().flatten().any(|value| !value.is_finite()) {
        return Err(Unavailable::NotFinite);
    }
    if level == Level::Ordinal {
        to_mid_ranks(&mut units);
    }
    let distances = |values: &mut Vec<f64>| match level {
        Level::Nominal => unlike_pairs(values),
        Level::Ordinal | Level::Interval => squared_differences(values),
    };
    // The sum over units comes per rating of the unit, the whole per rating of all: both over n − 1 partners.
    let partners = |values: &Vec<f64>| values.len() as f64 - 1.0;
    let observed: f64 = units
        .iter_mut()
        .map(|unit| distances(unit) / partners(unit))
        .sum();
    let mut all: Vec<f64> = units.concat();
    let expected = distances(&mut all) / partners(&all);
    if expected <= 0.0 {
        return Err(Unavailable::NoVariation);
    }
    finite(1.0 - observed / expected)
}

/// Ordered pairs of unlike values.
fn unlike_pairs(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let total = (values.len() as f64).powi(2);
    total
        - values
            .chunk_by(|a, b| a == b)
            .map(|alike| (alike.len() as f64).powi(2))
            .sum::<f64>()
}

/// Sum of the squared differences of all ordered pairs: `2·n·Σ(v − v̄)²`.
fn squared_differences(values: &[f64]) -> f64 {
    if values.iter().all(|value| *value == values[0]) {
        // The mean of equal values may differ from them in the last digit.
        return 0.0;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    2.0 * n * values.iter().map(|value| (value - mean).powi(2)).sum::<f64>()
}

/// Replaces each value by its mid-rank among all values.
fn to_mid_ranks(units: &mut [Vec<f64>]) {
    let mut sorted: Vec<f64> = units.concat();
    sorted.sort_unstable_by(f64::total_cmp);
    for value in units.iter_mut().flatten() {
        let below = sorted.partition_point(|other| other < value);
        let upto = sorted.partition_point(|other| other <= value);
        *value = (below + upto) as f64 / 2.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Ratings by rater, 0 where missing, turned to cases.
    fn cases<const N: usize>(raters: &[[u8; N]]) -> Vec<Vec<Option<f64>>> {
        let rating = |value: u8| (value > 0).then(|| f64::from(value));
        (0..N)
            .map(|case| raters.iter().map(|rater| rating(rater[case])).collect())
            .collect()
    }

    #[test]
    fn published_values() {
        // Krippendorff (2011), example C, 4 observers and 12 units with missing values: nominal .743, ordinal .815,
        // interval .849.
        let data = cases(&[
            [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
            [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
        ]);
        for (level, expected) in [
            (Level::Nominal, 0.743),
            (Level::Ordinal, 0.815),
            (Level::Interval, 0.849),
        ] {
            let alpha = krippendorff_alpha(&data, level).unwrap();
            assert!((alpha - expected).abs() < 5e-4, "{level:?}: {alpha}");
        }
        // The three coders of Wikipedia's example, as in fast-krippendorff's tests: .691358 and .810845.
        let data = cases(&[
            [0, 0, 0, 0, 0, 3, 4, 1, 2, 1, 1, 3, 3, 0, 3],
            [1, 0, 2, 1, 3, 3, 4, 3, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 2, 1, 3, 4, 4, 0, 2, 1, 1, 3, 3, 0, 4],
        ]);
        assert!((krippendorff_alpha(&data, Level::Nominal).unwrap() - 0.691_358).abs() < 1e-6);
        assert!((krippendorff_alpha(&data, Level::Interval).unwrap() - 0.810_845).abs() < 1e-6);
        // The paradox of kappa, 118 + 5 + 2 cases (irrCAC: −.024691).
        let mut data = vec![[Some(0.0), Some(0.0)]; 118];
        data.extend([[Some(0.0), Some(1.0)]; 5]);
        data.extend([[Some(1.0), Some(0.0)]; 2]);
        assert!((krippendorff_alpha(&data, Level::Nominal).unwrap() + 0.024_691).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_be_said_has_a_reason() {
        let alone = [[Some(1.0), None], [None, Some(2.0)]];
        assert_eq!(
            krippendorff_alpha(&alone, Level::Nominal),
            Err(Unavailable::TooFew { needed: 1, given: 0 })
        );
        let alike = [[Some(0.1), Some(0.1)]; 3];
        for level in [Level::Nominal, Level::Ordinal, Level::Interval] {
            assert_eq!(krippendorff_alpha(&alike, level), Err(Unavailable::NoVariation));
        }
        let broken = [[Some(f64::NAN), Some(0.1)]];
        assert_eq!(
            krippendorff_alpha(&broken, Level::Interval),
            Err(Unavailable::NotFinite)
        );
    }

    proptest! {
        #[test]
        fn at_most_one_and_blind_to_order(
            data in prop::collection::vec(prop::collection::vec(prop::option::of(0u8..4), 3), 1..30),
        ) {
            let cases: Vec<Vec<Option<f64>>> = data
                .iter()
                .map(|case| case.iter().map(|rating| rating.map(f64::from)).collect())
                .collect();
            let turned: Vec<Vec<Option<f64>>> = cases
                .iter()
                .rev()
                .map(|case| case.iter().rev().copied().collect())
                .collect();
            for level in [Level::Nominal, Level::Ordinal, Level::Interval] {
                match (krippendorff_alpha(&cases, level), krippendorff_alpha(&turned, level)) {
                    (Ok(one), Ok(other)) => {
                        prop_assert!(one <= 1.0 + 1e-12 && (one - other).abs() < 1e-9);
                    }
                    (one, other) => prop_assert_eq!(one, other),
                }
            }
        }
    }
}
