use super::{
    estimate::{Estimate, Unavailable, at_least, finite},
    mean::Moments,
};

/// Mean of observations that come in clusters (the cases of one document, the repeats of one case), each observation
/// counted once. The interval is Student's t with C − 1 degrees of freedom; it needs two clusters.
///
/// Source: `SE = √(C/(C−1) · Σ_c(Σ_i(x_ic − x̄))²) / n`, the ratio estimator of cluster sampling (Cochran, Sampling
/// Techniques, 3rd edition, 9A.1, without the finite population correction); Miller, "Adding Error Bars to Evals"
/// (arXiv 2411.00640), appendix A, gives it without the factor C/(C−1). Empty clusters are left out.
pub fn clustered_mean<C: AsRef<[f64]>>(clusters: &[C]) -> Result<Estimate, Unavailable> {
    let totals: Vec<Total> = clusters
        .iter()
        .map(AsRef::as_ref)
        .filter(|cluster| !cluster.is_empty())
        .map(|cluster| Total {
            sum: cluster.iter().sum(),
            weight: cluster.len() as f64,
        })
        .collect();
    ratio_mean(&totals, &Moments::default())
}

/// Mean paired difference (after minus before) of clustered `(before, after)` pairs, with the clustered error of the
/// differences: Miller (arXiv 2411.00640), section 4.2 and appendix A. Otherwise as [`clustered_mean`].
pub fn clustered_difference<C: AsRef<[(f64, f64)]>>(clusters: &[C]) -> Result<Estimate, Unavailable> {
    let differences: Vec<Vec<f64>> = clusters
        .iter()
        .map(|cluster| {
            cluster
                .as_ref()
                .iter()
                .map(|(before, after)| after - before)
                .collect()
        })
        .collect();
    clustered_mean(&differences)
}

/// Weighted mean of independent `(value, weight)` pairs, with Student's t over the values of positive weight.
///
/// Source: `x̄ = Σwx/Σw`, `SE = √(n/(n−1) · Σ(w(x − x̄))²) / Σw` (Cochran, Sampling Techniques, 3rd edition, 6.4;
/// Gatz and Smith, Atmospheric Environment 29 (1995), found it closest to the bootstrap). Weights say how much a case
/// counts, not how precise it is. A weight below 0 is out of range; a weight of 0 leaves the value out.
pub fn weighted_mean(values: &[(f64, f64)]) -> Result<Estimate, Unavailable> {
    if values.iter().any(|(_, weight)| *weight < 0.0) {
        return Err(Unavailable::OutOfRange);
    }
    let totals: Vec<Total> = values
        .iter()
        .filter(|(_, weight)| *weight != 0.0)
        .map(|&(value, weight)| Total::weighted(value, weight))
        .collect();
    ratio_mean(&totals, &Moments::default())
}

/// What a cluster, or a value with a weight, adds to the numerator and to the denominator of a mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Total {
    /// Sum of the observations, each times its weight.
    pub sum: f64,
    /// Sum of their weights; the number of observations where each counts once.
    pub weight: f64,
}

impl Total {
    /// One value that counts `weight` times.
    pub fn weighted(value: f64, weight: f64) -> Self {
        Self {
            sum: value * weight,
            weight,
        }
    }

    /// Takes one observation of the cluster.
    pub fn add(&mut self, value: f64) {
        self.sum += value;
        self.weight += 1.0;
    }
}

/// The mean of [`clustered_mean`] and of [`weighted_mean`] from totals, each a cluster by itself, and from `singles`:
/// observations of weight 1 without a cluster, which are clusters of one and need not be held one by one.
pub fn ratio_mean(totals: &[Total], singles: &Moments) -> Result<Estimate, Unavailable> {
    let clusters = totals.len() + singles.count() as usize;
    at_least(1, clusters)?;
    let weight = finite(totals.iter().map(|total| total.weight).sum::<f64>() + singles.count() as f64)?;
    let value = finite((totals.iter().map(|total| total.sum).sum::<f64>() + singles.sum()) / weight)?;
    if let Err(reason) = at_least(2, clusters) {
        return Ok(Estimate {
            value,
            uncertainty: Err(reason),
        });
    }
    let clusters = clusters as f64;
    let squares: f64 = totals
        .iter()
        .map(|total| (total.sum - total.weight * value).powi(2))
        .sum::<f64>()
        + singles.squares_about(value);
    let standard_error = (clusters / (clusters - 1.0) * squares).sqrt() / weight;
    Estimate::student(value, standard_error, clusters - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::mean_interval;
    use proptest::prelude::*;

    #[test]
    fn published_equal_clusters() {
        // Lohr, Sampling: Design and Analysis, example 5.2 (R, survey::svymean: 2.826, 0.1637): grade points in 5 of 100 suites of 4. That error has
        // the correction √(1−5/100) of a finite population, which is put on here.
        let suites = [
            [3.08, 2.60, 3.44, 3.04],
            [2.36, 3.04, 3.28, 2.68],
            [2.00, 2.56, 2.52, 1.88],
            [3.00, 2.88, 3.44, 3.64],
            [2.68, 1.92, 3.28, 3.20],
        ];
        let estimate = clustered_mean(&suites).unwrap();
        let error = estimate.uncertainty.unwrap().standard_error;
        assert!((estimate.value - 2.826).abs() < 1e-9);
        assert!((error * 0.95f64.sqrt() - 0.1637).abs() < 1e-4, "{error}");
    }

    fn near(estimate: Estimate, expected: [f64; 4]) {
        let uncertainty = estimate.uncertainty.unwrap();
        let found = [
            estimate.value,
            uncertainty.standard_error,
            uncertainty.low,
            uncertainty.high,
        ];
        let close = found
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 1e-4 * b.abs());
        assert!(close, "{found:?} for {expected:?}");
    }

    #[test]
    fn published_unequal_clusters_and_weights() {
        // statsmodels 0.15, OLS on a constant with cov_type="cluster" and use_t: value, error, limits (6 degrees).
        let clusters: [&[f64]; 7] = [
            &[1.0, 1.0, 0.0],
            &[1.0],
            &[0.0, 0.0, 1.0, 1.0, 1.0],
            &[1.0, 0.0],
            &[0.0, 0.0, 0.0, 1.0],
            &[1.0; 6],
            &[0.5, 1.0, 0.25],
        ];
        near(
            clustered_mean(&clusters).unwrap(),
            [0.656_25, 0.121_082_08, 0.359_972_82, 0.952_527_18],
        );
        // The same, WLS on a constant with cov_type="HC1" and use_t.
        let weighted = [
            (61.5, 20.0),
            (64.2, 26.0),
            (58.4, 24.0),
            (58.0, 34.0),
            (58.9, 28.0),
            (66.6, 19.0),
            (62.3, 32.0),
        ];
        near(
            weighted_mean(&weighted).unwrap(),
            [61.098_360_66, 1.151_380_55, 58.281_033_94, 63.915_687_37],
        );
    }

    #[test]
    fn too_little_has_a_reason() {
        let one = clustered_mean(&[vec![1.0, 2.0]]).unwrap();
        assert_eq!(
            (one.value, one.uncertainty),
            (1.5, Err(Unavailable::TooFew { needed: 2, given: 1 }))
        );
        assert_eq!(
            clustered_mean::<[f64; 0]>(&[]),
            Err(Unavailable::TooFew { needed: 1, given: 0 })
        );
        assert_eq!(weighted_mean(&[(1.0, -1.0)]), Err(Unavailable::OutOfRange));
        assert_eq!(weighted_mean(&[(f64::NAN, 1.0)]), Err(Unavailable::NotFinite));
        let alike = clustered_difference(&[vec![(0.1, 0.3)], vec![(0.1, 0.3)]]).unwrap();
        assert_eq!(alike.uncertainty, Err(Unavailable::NoVariation));
    }

    proptest! {
        #[test]
        fn alike_is_no_variation(value in -1e6f64..1e6, sizes in prop::collection::vec(1usize..60, 2..60)) {
            let clusters: Vec<Vec<f64>> = sizes.into_iter().map(|size| vec![value; size]).collect();
            prop_assert_eq!(clustered_mean(&clusters).unwrap().uncertainty, Err(Unavailable::NoVariation));
        }

        #[test]
        fn clusters_of_one_are_the_plain_mean(values in prop::collection::vec(-1e3f64..1e3, 2..60)) {
            let single: Vec<[f64; 1]> = values.iter().map(|value| [*value]).collect();
            let clustered = clustered_mean(&single).unwrap().interval().unwrap();
            let plain = mean_interval(&values).unwrap().interval.unwrap();
            prop_assert!((clustered.0 - plain.0).abs() < 1e-6 && (clustered.1 - plain.1).abs() < 1e-6);
        }

        #[test]
        fn singles_are_clusters_of_one(
            clusters in prop::collection::vec(prop::collection::vec(-1e3f64..1e3, 1..6), 1..20),
            singles in prop::collection::vec(-1e3f64..1e3, 1..60),
        ) {
            let apart = clusters.iter().cloned().chain(singles.iter().map(|value| vec![*value]));
            let apart = clustered_mean(&apart.collect::<Vec<_>>()).unwrap();
            let totals: Vec<Total> = clusters.iter().map(|cluster| {
                let mut total = Total::default();
                cluster.iter().for_each(|value| total.add(*value));
                total
            }).collect();
            let folded = ratio_mean(&totals, &singles.into_iter().collect()).unwrap();
            prop_assert!((apart.value - folded.value).abs() < 1e-9);
            let (apart, folded) = (apart.uncertainty.unwrap(), folded.uncertainty.unwrap());
            prop_assert!((apart.standard_error - folded.standard_error).abs() < 1e-9 * apart.standard_error.max(1.0));
        }

        #[test]
        fn a_cluster_given_twice_is_no_second_cluster(values in prop::collection::vec(-1e3f64..1e3, 2..30)) {
            // Copies within a cluster add no knowledge: mean and interval stay.
            let single: Vec<Vec<f64>> = values.iter().map(|value| vec![*value]).collect();
            let copied: Vec<Vec<f64>> = values.iter().map(|value| vec![*value; 5]).collect();
            let (one, five) = (clustered_mean(&single).unwrap(), clustered_mean(&copied).unwrap());
            prop_assert!((one.value - five.value).abs() < 1e-6);
            let (one, five) = (one.uncertainty.unwrap(), five.uncertainty.unwrap());
            prop_assert!((one.standard_error - five.standard_error).abs() < 1e-6);
        }
    }
}
