use super::Z_95;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Why a number cannot be given. It holds no text, so that each front can word it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unavailable {
    /// There are fewer observations (values, clusters, repeats, labels) than the formula needs.
    TooFew {
        /// What the formula needs at least.
        needed: u64,
        /// What there is.
        given: u64,
    },
    /// All observations are alike, so that the spread is 0 and an interval or a coefficient would be 0 / 0.
    NoVariation,
    /// An observation is not finite, or the result would not be.
    NotFinite,
    /// A parameter lies outside the range that the function's documentation names.
    OutOfRange,
}

/// How far an estimate may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uncertainty {
    /// Standard error, in the unit of the estimate.
    pub standard_error: f64,
    /// Lower end of the two-sided 95 % interval.
    pub low: f64,
    /// Upper end of the two-sided 95 % interval.
    pub high: f64,
}

impl Uncertainty {
    /// The interval as `(low, high)`.
    pub fn interval(&self) -> (f64, f64) {
        (self.low, self.high)
    }
}

/// A finite number with its uncertainty, or with the reason for which it has none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The point estimate.
    pub value: f64,
    /// Standard error and interval.
    pub uncertainty: Result<Uncertainty, Unavailable>,
}

impl Estimate {
    /// The interval as `(low, high)`, where there is one.
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.uncertainty.ok().map(|uncertainty| uncertainty.interval())
    }

    /// Value ± t(0.975, `degrees_of_freedom`) standard errors; Student's t.
    pub(super) fn student(
        value: f64,
        standard_error: f64,
        degrees_of_freedom: f64,
    ) -> Result<Self, Unavailable> {
        Self::symmetric(value, standard_error, t_95(degrees_of_freedom)?)
    }

    /// Value ± 1.96 standard errors; the normal distribution.
    pub(super) fn normal(value: f64, standard_error: f64) -> Result<Self, Unavailable> {
        Self::symmetric(value, standard_error, Z_95)
    }

    fn symmetric(value: f64, standard_error: f64, quantile: f64) -> Result<Self, Unavailable> {
        let value = finite(value)?;
        let half = quantile * standard_error;
        let uncertainty = if !half.is_finite() || !(value - half).is_finite() || !(value + half).is_finite() {
            Err(Unavailable::NotFinite)
        } else if half <= ROUNDING * value.abs() {
            Err(Unavailable::NoVariation)
        } else {
            Ok(Uncertainty {
                standard_error,
                low: value - half,
                high: value + half,
            })
        };
        Ok(Self { value, uncertainty })
    }

    /// The same with the interval cut to 0 to 1, for shares.
    pub(super) fn share(mut self) -> Self {
        if let Ok(uncertainty) = &mut self.uncertainty {
            uncertainty.low = uncertainty.low.clamp(0.0, 1.0);
            uncertainty.high = uncertainty.high.clamp(0.0, 1.0);
        }
        self
    }
}

/// A spread below this part of the value is what rounding leaves of values that are alike.
pub(super) const ROUNDING: f64 = 1e-12;

/// The value if it is finite.
pub(super) fn finite(value: f64) -> Result<f64, Unavailable> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Unavailable::NotFinite)
    }
}

/// Arithmetic mean; an error for no values and for values or a sum that are not finite.
pub(super) fn mean(values: &[f64]) -> Result<f64, Unavailable> {
    at_least(1, values.len())?;
    finite(values.iter().sum::<f64>() / values.len() as f64)
}

/// Sample variance about `mean`, with n − 1 in the denominator; needs two values.
pub(super) fn variance(values: &[f64], mean: f64) -> Result<f64, Unavailable> {
    at_least(2, values.len())?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    finite(squares / (values.len() as f64 - 1.0))
}

/// An error where a parameter does not meet the condition; write it so that NaN does not meet it.
pub(super) fn in_range(condition: bool) -> Result<(), Unavailable> {
    if condition {
        Ok(())
    } else {
        Err(Unavailable::OutOfRange)
    }
}

/// An error where there are fewer than `needed`.
pub(super) fn at_least(needed: usize, given: usize) -> Result<(), Unavailable> {
    if given >= needed {
        Ok(())
    } else {
        Err(Unavailable::TooFew {
            needed: needed as u64,
            given: given as u64,
        })
    }
}

/// The 97.5 % quantile of Student's t.
pub(super) fn t_95(degrees_of_freedom: f64) -> Result<f64, Unavailable> {
    let t = StudentsT::new(0.0, 1.0, degrees_of_freedom).map_err(|_| Unavailable::OutOfRange)?;
    finite(t.inverse_cdf(0.975))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_student() {
        // Any printed table of Student's t, two-sided 5 %.
        for (degrees_of_freedom, quantile) in [
            (1.0, 12.706_205),
            (4.0, 2.776_445),
            (10.0, 2.228_139),
            (30.0, 2.042_272),
        ] {
            let t = t_95(degrees_of_freedom).unwrap();
            assert!((t - quantile).abs() < 2e-6, "{degrees_of_freedom}: {t}");
        }
    }

    #[test]
    fn never_a_number_that_is_none() {
        assert_eq!(Estimate::normal(f64::NAN, 1.0), Err(Unavailable::NotFinite));
        assert_eq!(
            Estimate::normal(1.0, f64::INFINITY).unwrap().uncertainty,
            Err(Unavailable::NotFinite)
        );
        assert_eq!(
            Estimate::normal(1.0, 0.0).unwrap().uncertainty,
            Err(Unavailable::NoVariation)
        );
        assert_eq!(mean(&[]), Err(Unavailable::TooFew { needed: 1, given: 0 }));
    }
}
