use super::estimate::{finite, t_95};

/// A mean with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanEstimate {
    /// Arithmetic mean.
    pub mean: f64,
    /// Interval `(low, high)`; absent below two values.
    pub interval: Option<(f64, f64)>,
}

/// Count, sum and spread of values that come one at a time, so that a long run needs no room for each of them.
///
/// Source of the spread: Welford, "Note on a method for calculating corrected sums of squares and products",
/// Technometrics 4 (1962).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: u64,
    sum: f64,
    /// The mean as the recurrence keeps it; it decides the squares only.
    running: f64,
    squares: f64,
}

impl Moments {
    /// Takes one value.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        let off = value - self.running;
        self.running += off / self.count as f64;
        self.squares += off * (value - self.running);
    }

    /// Values taken.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their sum.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// Whether all values are alike; true of none.
    pub fn is_flat(&self) -> bool {
        self.squares == 0.0
    }

    /// Sum of squared differences from `center`.
    pub(super) fn squares_about(&self, center: f64) -> f64 {
        self.squares + self.count as f64 * (self.running - center).powi(2)
    }

    /// Sample standard deviation, with n − 1 in the denominator; absent below two values, and where it is not finite.
    pub fn deviation(&self) -> Option<f64> {
        if self.count < 2 {
            return None;
        }
        finite((self.squares / (self.count as f64 - 1.0)).sqrt()).ok()
    }

    /// Mean and Student t interval, as [`mean_interval`] gives them of the same values.
    pub fn estimate(&self) -> Option<MeanEstimate> {
        if self.count == 0 {
            return None;
        }
        let n = self.count as f64;
        let mean = finite(self.sum / n).ok()?;
        let half = || {
            if self.count < 2 {
                return None;
            }
            let error = (self.squares / (n - 1.0) / n).sqrt();
            finite(t_95(n - 1.0).ok()? * error).ok()
        };
        let interval = half().map(|half| (mean - half, mean + half));
        Some(MeanEstimate { mean, interval })
    }
}

impl Extend<f64> for Moments {
    fn extend<T: IntoIterator<Item = f64>>(&mut self, values: T) {
        values.into_iter().for_each(|value| self.add(value));
    }
}

impl FromIterator<f64> for Moments {
    fn from_iter<T: IntoIterator<Item = f64>>(values: T) -> Self {
        let mut moments = Self::default();
        moments.extend(values);
        moments
    }
}

/// Mean and Student t interval of independent values (one a case); absent for no values, and where a value or the sum
/// is not finite.
///
/// Source: `x̄ ± t(0.975, n−1) · s/√n` with the sample deviation s (n − 1 in the denominator).
/// Repeats of a case are no independent values: average them first, so that each case counts once.
pub fn mean_interval(values: &[f64]) -> Option<MeanEstimate> {
    values.iter().copied().collect::<Moments>().estimate()
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
        // R's sd(extra).
        let deviation = extra.into_iter().collect::<Moments>().deviation().unwrap();
        assert!((deviation - 2.002_248_7).abs() < 1e-6, "{deviation}");
        assert!(
            (low - 0.897_677_5).abs() < 1e-4 && (high - 3.762_322_5).abs() < 1e-4,
            "{low} {high}"
        );
    }

    #[test]
    fn one_value_has_no_interval() {
        assert_eq!(mean_interval(&[1.0]).unwrap().interval, None);
        assert_eq!([1.0].into_iter().collect::<Moments>().deviation(), None);
        assert_eq!(mean_interval(&[]), None);
        assert_eq!(mean_interval(&[1.0, f64::NAN]), None);
        assert_eq!(mean_interval(&[f64::MAX, f64::MAX]), None);
    }
}
