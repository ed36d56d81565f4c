use super::estimate::{finite, t_95, variance};

/// A mean with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanEstimate {
    /// Arithmetic mean.
    pub mean: f64,
    /// Interval `(low, high)`; absent below two values.
    pub interval: Option<(f64, f64)>,
}

/// Mean and Student t interval of independent values (one a case); absent for no values, and where a value or the sum
/// is not finite.
///
/// Source: `x̄ ± t(0.975, n−1) · s/√n` with the sample deviation s (n − 1 in the denominator).
/// Repeats of a case are no independent values: average them first, so that each case counts once.
pub fn mean_interval(values: &[f64]) -> Option<MeanEstimate> {
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let mean = finite(values.iter().sum::<f64>() / n).ok()?;
    let half = || {
        let error = (variance(values, mean).ok()? / n).sqrt();
        finite(t_95(n - 1.0).ok()? * error).ok()
    };
    let interval = half().map(|half| (mean - half, mean + half));
    Some(MeanEstimate { mean, interval })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_value() {
        // Student (1908), the sleep data, group 2, as R's t.test(extra): mean 2.33, 0.898 to 3.762.
        let extra = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let estimate = mean_interval(&extra).unwrap();
        let (low, high) = estimate.interval.unwrap();
        assert!((estimate.mean - 2.33).abs() < 1e-9);
        assert!(
            (low - 0.897_677_5).abs() < 1e-4 && (high - 3.762_322_5).abs() < 1e-4,
            "{low} {high}"
        );
    }

    #[test]
    fn one_value_has_no_interval() {
        assert_eq!(mean_interval(&[1.0]).unwrap().interval, None);
        assert_eq!(mean_interval(&[]), None);
        assert_eq!(mean_interval(&[1.0, f64::NAN]), None);
        assert_eq!(mean_interval(&[f64::MAX, f64::MAX]), None);
    }
}
