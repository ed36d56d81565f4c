use super::estimate::{Estimate, ROUNDING, Unavailable, at_least, finite, in_range, mean};

/// Where the spread of repeated measurements comes from: the cases, or the repeats of one case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceComponents {
    /// Variance of the cases' true means, never below 0.
    pub between: f64,
    /// Variance of one case's repeats.
    pub within: f64,
    /// Share of the whole variance that lies between cases; below 0 where repeats differ more than cases do.
    pub intraclass_correlation: f64,
    /// Mean number of repeats of a case, in the form that unequal numbers need.
    pub mean_size: f64,
}

/// Variance between and within groups (cases, or clusters of cases); it needs two groups and one with two values.
///
/// Source: one-way random effects by analysis of variance (Searle, Casella and McCulloch, Variance Components, 3.6):
/// `within = MSW`, `between = (MSB − MSW)/m₀`, `m₀ = (N − Σm²/N)/(C − 1)`, and the intraclass correlation
/// `(MSB − MSW)/(MSB + (m₀ − 1)·MSW)`, which is ICC(1,1) of Shrout and Fleiss (1979). Empty groups are left out.
pub fn variance_components<C: AsRef<[f64]>>(groups: &[C]) -> Result<VarianceComponents, Unavailable> {
    let groups: Vec<&[f64]> = groups
        .iter()
        .map(AsRef::as_ref)
        .filter(|group| !group.is_empty())
        .collect();
    at_least(2, groups.len())?;
    let count = groups.len() as f64;
    let total = groups.iter().map(|group| group.len()).sum::<usize>();
    at_least(groups.len() + 1, total)?;
    let total = total as f64;
    let grand = finite(groups.iter().flat_map(|group| group.iter()).sum::<f64>() / total)?;
    let (mut between, mut within, mut sizes) = (0.0, 0.0, 0.0);
    for group in groups {
        let (size, mean) = (group.len() as f64, mean(group)?);
        between += size * (mean - grand).powi(2);
        within += group.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        sizes += size * size;
    }
    let between = finite(between / (count - 1.0))?;
    let within = finite(within / (total - count))?;
    let mean_size = (total - sizes / total) / (count - 1.0);
    let whole = between + (mean_size - 1.0) * within;
    if whole <= (ROUNDING * grand).powi(2) {
        return Err(Unavailable::NoVariation);
    }
    Ok(VarianceComponents {
        between: ((between - within) / mean_size).max(0.0),
        within,
        intraclass_correlation: finite((between - within) / whole)?,
        mean_size,
    })
}

/// How many times wider the variance of a mean is for clusters of `mean_size` observations: `1 + (m − 1)·ICC`
/// (Kish, Survey Sampling, 5.4), never below 1, since a negative correlation is taken for chance.
pub fn design_effect(mean_size: f64, intraclass_correlation: f64) -> Result<f64, Unavailable> {
    in_range(mean_size >= 1.0 && (-1.0..=1.0).contains(&intraclass_correlation))?;
    finite(1.0 + (mean_size - 1.0) * intraclass_correlation.max(0.0))
}

/// A mean over cases which ran several times each, and what more cases or more repeats would change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RepeatedMean {
    /// Mean over cases of the cases' means, with Student's t over cases.
    pub estimate: Estimate,
    /// Cases.
    pub cases: usize,
    /// Repeats of each case; their harmonic mean where the numbers differ.
    pub repeats: f64,
    /// Where the spread comes from.
    pub components: VarianceComponents,
}

impl RepeatedMean {
    /// Standard error to be expected with `cases` cases and `repeats` repeats: `√((between + within/K)/n)`; absent
    /// where either is 0.
    pub fn standard_error_with(&self, cases: usize, repeats: usize) -> Option<f64> {
        let variance = self.components.between + self.components.within / repeats as f64;
        (cases > 0 && repeats > 0).then(|| (variance / cases as f64).sqrt())
    }

    /// The part of the standard error that no number of repeats takes away: `√(between/n)`.
    pub fn between_error(&self) -> f64 {
        (self.components.between / self.cases as f64).sqrt()
    }

    /// The part that repeats shrink: `√(within/(K·n))`.
    pub fn within_error(&self) -> f64 {
        (self.components.within / (self.repeats * self.cases as f64)).sqrt()
    }
}

/// Mean over cases with repeats, each case counted once, its error split into between and within. It needs two cases
/// and one with two repeats; cases without any are left out.
///
/// Source: `SE² = (V_between + V_within/K)/n` (Miller, arXiv 2411.00640, section 3.1). The two parts give the estimate's
/// standard error exactly where all cases have K repeats and cases differ more than repeats do.
pub fn repeated_mean<C: AsRef<[f64]>>(cases: &[C]) -> Result<RepeatedMean, Unavailable> {
    let cases: Vec<&[f64]> = cases
        .iter()
        .map(AsRef::as_ref)
        .filter(|case| !case.is_empty())
        .collect();
    let components = variance_components(&cases)?;
    let means: Vec<[f64; 1]> = cases
        .iter()
        .map(|case| Ok([mean(case)?]))
        .collect::<Result<_, _>>()?;
    Ok(RepeatedMean {
        estimate: super::clustered_mean(&means)?,
        cases: cases.len(),
        repeats: cases.len() as f64 / cases.iter().map(|case| 1.0 / case.len() as f64).sum::<f64>(),
        components,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_intraclass_correlation() {
        // Shrout and Fleiss (1979), table 2: 6 targets, 4 judges; ICC(1,1) = .17 (R, psych::ICC: 0.17).
        let targets = [
            [9.0, 2.0, 5.0, 8.0],
            [6.0, 1.0, 3.0, 2.0],
            [8.0, 4.0, 6.0, 8.0],
            [7.0, 1.0, 2.0, 6.0],
            [10.0, 5.0, 6.0, 9.0],
            [6.0, 2.0, 4.0, 7.0],
        ];
        let components = variance_components(&targets).unwrap();
        assert!((components.intraclass_correlation - 0.1657).abs() < 1e-4);
        assert!((components.within - 6.2639).abs() < 1e-4 && components.mean_size == 4.0);
    }

    #[test]
    fn published_components() {
        // R, lme4's Dyestuff (Davies and Goldsmith 1972): batch 1764.05, residual 2451.25, mean 1527.5, SE 19.383.
        let batches = [
            [1545.0, 1440.0, 1440.0, 1520.0, 1580.0],
            [1540.0, 1555.0, 1490.0, 1560.0, 1495.0],
            [1595.0, 1550.0, 1605.0, 1510.0, 1560.0],
            [1445.0, 1440.0, 1595.0, 1465.0, 1545.0],
            [1595.0, 1630.0, 1515.0, 1635.0, 1625.0],
            [1520.0, 1455.0, 1450.0, 1480.0, 1445.0],
        ];
        let repeated = repeated_mean(&batches).unwrap();
        assert!((repeated.components.between - 1764.05).abs() < 0.01);
        assert!((repeated.components.within - 2451.25).abs() < 0.01);
        assert!((repeated.estimate.value - 1527.5).abs() < 1e-9);
        let error = repeated.estimate.uncertainty.unwrap().standard_error;
        assert!((error - 19.383).abs() < 1e-3, "{error}");
        assert!((repeated.standard_error_with(6, 5).unwrap() - error).abs() < 1e-9);
        let parts = repeated.between_error().hypot(repeated.within_error());
        assert!((parts - error).abs() < 1e-9);
    }

    #[test]
    fn unequal_repeats() {
        // One and four repeats weigh as 1/1 and 1/4: a harmonic mean of 1.6. Each case counts once.
        let repeated = repeated_mean(&[vec![1.0], vec![0.0, 1.0, 0.0, 0.0], vec![]]).unwrap();
        assert_eq!((repeated.cases, repeated.repeats), (2, 1.6));
        assert!((repeated.estimate.value - 0.625).abs() < 1e-12);
        // Four values about their mean of ¼: 0.75 over three degrees of freedom.
        assert!((repeated.components.within - 0.25).abs() < 1e-12);
        assert_eq!(
            repeated_mean(&[[1.0], [0.0]]).err(),
            Some(Unavailable::TooFew { needed: 3, given: 2 })
        );
    }

    #[test]
    fn design_effect_of_clusters() {
        // 20 cases a document that correlate at 0.05 count as about half as many.
        assert!((design_effect(20.0, 0.05).unwrap() - 1.95).abs() < 1e-12);
        assert_eq!(design_effect(20.0, -0.2), Ok(1.0));
        assert_eq!(design_effect(0.5, 0.1), Err(Unavailable::OutOfRange));
        assert_eq!(design_effect(2.0, f64::NAN), Err(Unavailable::OutOfRange));
    }

    #[test]
    fn too_little_has_a_reason() {
        assert_eq!(
            variance_components(&[[1.0], [2.0]]),
            Err(Unavailable::TooFew { needed: 3, given: 2 })
        );
        assert_eq!(
            variance_components(&[[1.0, 1.0], [1.0, 1.0]]),
            Err(Unavailable::NoVariation)
        );
        assert_eq!(
            variance_components(&[[f64::NAN, 1.0], [1.0, 1.0]]),
            Err(Unavailable::NotFinite)
        );
    }

    proptest! {
        #[test]
        fn within_bounds(groups in prop::collection::vec(prop::collection::vec(-9.0f64..9.0, 2..6), 2..20)) {
            let components = variance_components(&groups).unwrap();
            prop_assert!(components.between >= 0.0 && components.within >= 0.0);
            prop_assert!(components.intraclass_correlation <= 1.0 + 1e-12);
        }
    }
}
