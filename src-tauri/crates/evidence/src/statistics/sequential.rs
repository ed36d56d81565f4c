use super::estimate::{Unavailable, finite, in_range};

/// The two-sided normal-mixture boundary: a sum of independent deviations with variance process `variance` leaves
/// ± this value, at *any* time, with probability `level` at most.
///
/// Source: `√((V + ρ)(ln(1 + V/ρ) + 2·ln(1/α)))` (Howard, Ramdas, McAuliffe and Sekhon, Annals of Statistics 49
/// (2021); `TwoSidedNormalMixture` in gostevehoward/confseq). `rho` > 0, `variance` ≥ 0, 0 < `level` < 1.
pub fn normal_mixture_boundary(variance: f64, rho: f64, level: f64) -> Result<f64, Unavailable> {
    in_range(variance >= 0.0 && rho > 0.0 && 0.0 < level && level < 1.0)?;
    finite(((variance + rho) * ((variance / rho).ln_1p() - 2.0 * level.ln())).sqrt())
}

/// The ρ for which the boundary is about tightest where the variance process is `variance`:
/// `v/(2·ln(1/α) + ln(1 + 2·ln(1/α)))`, from the same source.
pub fn normal_mixture_rho(variance: f64, level: f64) -> Result<f64, Unavailable> {
    in_range(variance > 0.0 && 0.0 < level && level < 1.0)?;
    let twice = -2.0 * level.ln();
    finite(variance / (twice + twice.ln_1p()))
}

/// What a run that is still going says of its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequentialDecision {
    /// The mean lies above the threshold.
    Above,
    /// The mean lies below the threshold.
    Below,
    /// Nothing is decided yet: go on.
    Undecided,
}

/// A run that may stop as soon as the answer is clear, however often one looks: the chance of ever deciding against a
/// mean that lies exactly at the threshold is at most the level.
///
/// It holds for observations that are independent, lie within the given range, and come in an order that does not
/// depend on them (so shuffle the cases, and give each case's mean once rather than its repeats). The variance of an
/// observation is taken at its largest for the range, `(high − low)²/4` (Hoeffding), so a decision is rather late.
/// A decision stays: later observations do not take it back.
#[derive(Clone, Debug, PartialEq)]
pub struct SequentialTest {
    threshold: f64,
    range: (f64, f64),
    level: f64,
    rho: f64,
    count: u64,
    sum: f64,
    decision: SequentialDecision,
}

impl SequentialTest {
    /// A test of a mean against `threshold`, for observations within `range` (a pass is 1, a failure 0; a paired
    /// difference of two passes lies within −1 and 1). It is sharpest at about `sharpest_after` observations.
    ///
    /// # Errors
    ///
    /// [`Unavailable::OutOfRange`] for an empty or infinite range, a threshold outside it, a level not between 0 and 1,
    /// or `sharpest_after` 0.
    pub fn new(
        threshold: f64,
        range: (f64, f64),
        level: f64,
        sharpest_after: u64,
    ) -> Result<Self, Unavailable> {
        let width = range.1 - range.0;
        in_range(width > 0.0 && width.is_finite() && (range.0..=range.1).contains(&threshold))?;
        let rho = normal_mixture_rho(sharpest_after as f64 * width * width / 4.0, level)?;
        Ok(Self {
            threshold,
            range,
            level,
            rho,
            count: 0,
            sum: 0.0,
            decision: SequentialDecision::Undecided,
        })
    }

    /// Takes one observation and says what is decided now.
    ///
    /// # Errors
    ///
    /// [`Unavailable::OutOfRange`] for a value outside the range (or NaN); it is not counted.
    pub fn observe(&mut self, value: f64) -> Result<SequentialDecision, Unavailable> {
        in_range((self.range.0..=self.range.1).contains(&value))?;
        self.count += 1;
        self.sum += value - self.threshold;
        if self.decision == SequentialDecision::Undecided {
            let boundary = self.boundary()?;
            if self.sum > boundary {
                self.decision = SequentialDecision::Above;
            } else if self.sum < -boundary {
                self.decision = SequentialDecision::Below;
            }
        }
        Ok(self.decision)
    }

    /// What is decided so far.
    pub fn decision(&self) -> SequentialDecision {
        self.decision
    }

    /// Observations so far.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The interval of the mean so far, which holds at all times at once; absent for no observations.
    pub fn interval(&self) -> Option<(f64, f64)> {
        if self.count == 0 {
            return None;
        }
        let n = self.count as f64;
        let (mean, half) = (self.threshold + self.sum / n, self.boundary().ok()? / n);
        let (low, high) = self.range;
        Some(((mean - half).clamp(low, high), (mean + half).clamp(low, high)))
    }

    fn boundary(&self) -> Result<f64, Unavailable> {
        let width = self.range.1 - self.range.0;
        normal_mixture_boundary(self.count as f64 * width * width / 4.0, self.rho, self.level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::SplitMix64;
    use proptest::prelude::*;

    #[test]
    fn published_values() {
        // gostevehoward/confseq, test/uniform_boundaries_unittest.cpp, from its reference implementation in R.
        let rho = normal_mixture_rho(100.0, 0.05).unwrap();
        assert!((rho - 12.600_56).abs() < 1e-5);
        assert!((normal_mixture_boundary(100.0, rho, 0.05).unwrap() - 30.352_09).abs() < 1e-5);
    }

    #[test]
    fn decides_what_is_clear_and_keeps_it() {
        let mut test = SequentialTest::new(0.8, (0.0, 1.0), 0.05, 100).unwrap();
        let mut first = None;
        for i in 1..=200u64 {
            // 30 % pass.
            let decision = test.observe(if i % 10 < 3 { 1.0 } else { 0.0 }).unwrap();
            if decision != SequentialDecision::Undecided && first.is_none() {
                first = Some(i);
            }
        }
        assert!(first.is_some_and(|first| first < 60), "{first:?}");
        assert!(test.interval().unwrap().1 < 0.8);
        for _ in 0..1000 {
            test.observe(1.0).unwrap();
        }
        assert_eq!(test.decision(), SequentialDecision::Below);
    }

    #[test]
    fn looking_all_the_time_costs_nothing() {
        // 400 runs of 1,000 fair coins against ½, looked at after each toss: at most 5 % may ever decide.
        let mut generator = SplitMix64::new(42);
        let wrong = (0..400)
            .filter(|_| {
                let mut test = SequentialTest::new(0.5, (0.0, 1.0), 0.05, 200).unwrap();
                (0..1000).any(|_| {
                    let toss = (generator.next_u64() >> 63) as f64;
                    test.observe(toss).unwrap() != SequentialDecision::Undecided
                })
            })
            .count();
        assert!(0 < wrong && wrong <= 20, "{wrong} of 400");
    }

    #[test]
    fn bad_input_has_a_reason() {
        let out = Err(Unavailable::OutOfRange);
        assert_eq!(SequentialTest::new(1.2, (0.0, 1.0), 0.05, 100), out);
        assert_eq!(SequentialTest::new(0.5, (0.0, f64::INFINITY), 0.05, 100), out);
        assert_eq!(SequentialTest::new(0.5, (0.0, 1.0), 1.0, 100), out);
        assert_eq!(SequentialTest::new(0.5, (0.0, 1.0), 0.05, 0), out);
        let mut test = SequentialTest::new(0.5, (0.0, 1.0), 0.05, 100).unwrap();
        assert_eq!(test.observe(f64::NAN), Err(Unavailable::OutOfRange));
        assert_eq!((test.count(), test.interval()), (0, None));
    }

    proptest! {
        #[test]
        fn interval_and_decision_agree(values in prop::collection::vec(0.0f64..=1.0, 1..300), threshold in 0.0f64..=1.0) {
            let mut test = SequentialTest::new(threshold, (0.0, 1.0), 0.05, 50).unwrap();
            for value in values {
                let before = test.decision();
                let now = test.observe(value).unwrap();
                let (low, high) = test.interval().unwrap();
                prop_assert!(0.0 <= low && low <= high && high <= 1.0);
                if before == SequentialDecision::Undecided {
                    prop_assert_eq!(now == SequentialDecision::Above, low > threshold);
                    prop_assert_eq!(now == SequentialDecision::Below, high < threshold);
                }
            }
        }
    }
}
