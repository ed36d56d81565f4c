use super::estimate::{Estimate, Unavailable, at_least, mean, variance};

/// How much of the judge's verdicts goes into the corrected rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Whole: λ = 1, the plain correction.
    Full,
    /// As far as the judge goes along with the people on the labelled cases: λ between 0 (the judge is of no use, and
    /// the people's rate stands alone) and 1. Never much wider than the people's rate alone.
    Tuned,
}

/// A judge's rate, corrected by the cases that a person labelled too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CorrectedRate {
    /// What the judge alone says, over all its verdicts.
    pub judged: f64,
    /// What people say on the labelled cases alone.
    pub labelled: f64,
    /// By how much the judge is too kind (above 0) or too strict, on the labelled cases.
    pub bias: f64,
    /// The weight of the judge's verdicts, 0 to 1.
    pub lambda: f64,
    /// The corrected rate with its normal interval, cut to 0 to 1.
    pub rate: Estimate,
}

/// Corrects a judge's rate by a labelled subset: `labelled` are `(person, judge)` verdicts of the same cases,
/// `unlabelled` the judge's verdicts of the *other* cases, all between 0 and 1. It needs two of each, and holds where
/// the labelled cases were drawn at random; some points too narrow below 30 of them.
///
/// Source: prediction-powered inference (Angelopoulos et al., Science 382 (2023); power tuning: arXiv 2311.01453):
/// `θ = λ·mean(f̃) + mean(y − λf)`, `SE² = λ²·var(f̃)/N + var(y − λf)/n`, and for [`Trust::Tuned`]
/// `λ = cov(y, f)/((1 + n/N)·var(f))` cut to 0 to 1. Variances have n − 1 below, where the authors' ppi_py has n.
pub fn corrected_rate(
    labelled: &[(f64, f64)],
    unlabelled: &[f64],
    trust: Trust,
) -> Result<CorrectedRate, Unavailable> {
    at_least(2, labelled.len())?;
    at_least(2, unlabelled.len())?;
    let (people, judge): (Vec<f64>, Vec<f64>) = labelled.iter().copied().unzip();
    let all: Vec<f64> = judge.iter().chain(unlabelled).copied().collect();
    if !people
        .iter()
        .chain(&all)
        .all(|verdict| (0.0..=1.0).contains(verdict))
    {
        return Err(Unavailable::OutOfRange);
    }
    let (n, rest) = (people.len() as f64, unlabelled.len() as f64);
    let (of_people, of_judge, of_rest) = (mean(&people)?, mean(&judge)?, mean(unlabelled)?);
    let judged = mean(&all)?;
    let lambda = match trust {
        Trust::Full => 1.0,
        Trust::Tuned => {
            let products: f64 = labelled
                .iter()
                .map(|(y, f)| (y - of_people) * (f - of_judge))
                .sum();
            let spread = (1.0 + n / rest) * variance(&all, judged)?;
            // A judge that says the same of all cases says nothing.
            if spread > 0.0 {
                (products / n / spread).clamp(0.0, 1.0)
            } else {
                0.0
            }
        }
    };
    let left: Vec<f64> = labelled.iter().map(|(y, f)| y - lambda * f).collect();
    let of_left = mean(&left)?;
    let error =
        (lambda * lambda * variance(unlabelled, of_rest)? / rest + variance(&left, of_left)? / n).sqrt();
    let value = (lambda * of_rest + of_left).clamp(0.0, 1.0);
    Ok(CorrectedRate {
        judged,
        labelled: of_people,
        bias: of_judge - of_people,
        lambda,
        rate: Estimate::normal(value, error)?.share(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PEOPLE: [u8; 20] = [1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0];
    const JUDGE: [u8; 20] = [1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 0, 1, 1];

    fn data() -> (Vec<(f64, f64)>, Vec<f64>) {
        let labelled = PEOPLE
            .iter()
            .zip(JUDGE)
            .map(|(y, f)| (f64::from(*y), f64::from(f)))
            .collect();
        (labelled, (0..80).map(|i| f64::from(u8::from(i < 58))).collect())
    }

    #[test]
    fn published_values() {
        // ppi_py 0.2.3 (the authors' package), ppi_mean_pointestimate and ppi_mean_ci: with lam=1 0.575, with its own
        // λ 0.58995434. Its intervals (.344197 to .805803; .394961 to .784947) divide by n; the errors here are those
        // of its formula in numpy with ddof=1.
        let (labelled, unlabelled) = data();
        let full = corrected_rate(&labelled, &unlabelled, Trust::Full).unwrap();
        assert!((full.rate.value - 0.575).abs() < 1e-9);
        let (low, high) = full.rate.interval().unwrap();
        assert!(
            (low - 0.339_010_094).abs() < 1e-8 && (high - 0.810_989_906).abs() < 1e-8,
            "{low} {high}"
        );
        let tuned = corrected_rate(&labelled, &unlabelled, Trust::Tuned).unwrap();
        assert!(
            (tuned.rate.value - 0.589_954_34).abs() < 1e-8 && (tuned.lambda - 0.401_826_484).abs() < 1e-8
        );
        let (low, high) = tuned.rate.interval().unwrap();
        assert!(
            (low - 0.390_050_310).abs() < 1e-8 && (high - 0.789_858_365).abs() < 1e-8,
            "{low} {high}"
        );
        assert!((tuned.bias - 0.15).abs() < 1e-12);
    }

    #[test]
    fn a_constant_bias_is_taken_off() {
        // ppi_py's own test: a judge that is off by the same amount everywhere leaves the people's value.
        let labelled: Vec<(f64, f64)> = (0..10)
            .map(|i| (f64::from(i % 2) * 0.5, f64::from(i % 2) * 0.5 + 0.3))
            .collect();
        let unlabelled: Vec<f64> = (0..50).map(|i| f64::from(i % 2) * 0.5 + 0.3).collect();
        let corrected = corrected_rate(&labelled, &unlabelled, Trust::Full).unwrap();
        assert!((corrected.rate.value - 0.25).abs() < 1e-12 && (corrected.bias - 0.3).abs() < 1e-12);
    }

    #[test]
    fn a_judge_that_never_differs_is_left_out() {
        let labelled: Vec<(f64, f64)> = PEOPLE.iter().map(|y| (f64::from(*y), 1.0)).collect();
        let corrected = corrected_rate(&labelled, &[1.0; 40], Trust::Tuned).unwrap();
        assert_eq!(
            (corrected.lambda, corrected.rate.value),
            (0.0, corrected.labelled)
        );
    }

    #[test]
    fn bad_input_has_a_reason() {
        let (labelled, unlabelled) = data();
        let few = Err(Unavailable::TooFew { needed: 2, given: 1 });
        assert_eq!(corrected_rate(&labelled[..1], &unlabelled, Trust::Full), few);
        assert_eq!(corrected_rate(&labelled, &unlabelled[..1], Trust::Full), few);
        let out = Err(Unavailable::OutOfRange);
        assert_eq!(corrected_rate(&labelled, &[f64::NAN, 1.0], Trust::Full), out);
    }

    proptest! {
        #[test]
        fn a_rate_stays_a_rate(
            labelled in prop::collection::vec((any::<bool>(), any::<bool>()), 2..40),
            unlabelled in prop::collection::vec(any::<bool>(), 2..80),
        ) {
            let one = |yes: bool| f64::from(u8::from(yes));
            let labelled: Vec<(f64, f64)> = labelled.into_iter().map(|(y, f)| (one(y), one(f))).collect();
            let unlabelled: Vec<f64> = unlabelled.into_iter().map(one).collect();
            for trust in [Trust::Full, Trust::Tuned] {
                let corrected = corrected_rate(&labelled, &unlabelled, trust).unwrap();
                prop_assert!((0.0..=1.0).contains(&corrected.rate.value));
                if let Some((low, high)) = corrected.rate.interval() {
                    prop_assert!(0.0 <= low && low <= corrected.rate.value && corrected.rate.value <= high && high <= 1.0);
                }
            }
        }
    }
}
