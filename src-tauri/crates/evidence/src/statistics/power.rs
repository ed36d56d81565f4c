use super::estimate::{Unavailable, finite, in_range};
use statrs::distribution::{ContinuousCDF, Normal};

/// What a comparison shall be able to show, decided before the run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerPlan {
    /// Two-sided level: how often a difference is seen where there is none.
    pub level: f64,
    /// How often a true difference of the sought size is seen.
    pub power: f64,
    /// How many times wider clusters make the variance; 1 without clusters.
    pub design_effect: f64,
}

impl Default for PowerPlan {
    /// Level 5 %, power 80 %, no clusters.
    fn default() -> Self {
        Self {
            level: 0.05,
            power: 0.8,
            design_effect: 1.0,
        }
    }
}

impl PowerPlan {
    /// `z(1 − level/2) + z(power)`, in standard errors.
    fn distance(&self) -> Result<f64, Unavailable> {
        let inside = |share: f64| 0.0 < share && share < 1.0;
        in_range(inside(self.level) && (0.5..1.0).contains(&self.power) && self.design_effect >= 1.0)?;
        let normal = Normal::new(0.0, 1.0).map_err(|_| Unavailable::OutOfRange)?;
        Ok(normal.inverse_cdf(1.0 - self.level / 2.0) + normal.inverse_cdf(self.power))
    }
}

/// Standard deviation of the per-case difference of two yes-or-no verdicts with pass rates `before` and `after` whose
/// correlation over cases is `correlation`: `σ_d² = p_A·q_A + p_B·q_B − 2ρ·√(p_A·q_A·p_B·q_B)`.
///
/// Source: the variance of a difference; Miller (arXiv 2411.00640), section 4.2. Rates are 0 to 1, ρ is −1 to 1.
pub fn difference_deviation(before: f64, after: f64, correlation: f64) -> Result<f64, Unavailable> {
    let share = 0.0..=1.0;
    in_range(share.contains(&before) && share.contains(&after) && (-1.0..=1.0).contains(&correlation))?;
    let (a, b) = (before * (1.0 - before), after * (1.0 - after));
    finite((a + b - 2.0 * correlation * (a * b).sqrt()).max(0.0).sqrt())
}

/// The smallest true difference that `cases` paired cases show with the plan's power, in the unit of `deviation`
/// (the standard deviation of the per-case differences): `(z_α/2 + z_β)·σ_d·√(deff/n)`.
///
/// Source: the normal approximation, Miller (arXiv 2411.00640), section 5; some points too small below 20 cases.
/// After a comparison, its standard error times √n is the deviation that was seen.
pub fn minimum_detectable_effect(cases: u64, deviation: f64, plan: &PowerPlan) -> Result<f64, Unavailable> {
    if cases == 0 {
        return Err(Unavailable::TooFew { needed: 1, given: 0 });
    }
    in_range(deviation >= 0.0)?;
    finite(plan.distance()? * deviation * (plan.design_effect / cases as f64).sqrt())
}

/// The least number of paired cases that show a true difference of `effect` with the plan's power; the inverse of
/// [`minimum_detectable_effect`].
pub fn required_cases(effect: f64, deviation: f64, plan: &PowerPlan) -> Result<u64, Unavailable> {
    in_range(effect > 0.0 && deviation >= 0.0)?;
    let cases = finite((plan.distance()? * deviation / effect).powi(2) * plan.design_effect)?;
    // A rounding error must not ask for one case more.
    Ok((cases - 1e-9).ceil().max(1.0) as u64)
}

/// What a number of cases can show, in numbers: "with 100 cases you can see 11 points or more".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensitivity {
    /// Cases.
    pub cases: u64,
    /// Pass rate about which the difference is sought.
    pub pass_rate: f64,
    /// Assumed correlation of the two versions' verdicts.
    pub correlation: f64,
    /// The smallest difference of pass rates that these cases show, 0 to 1 (0.112 is 11.2 points); cut to 1.
    pub effect: f64,
    /// Cases that half of that difference would need.
    pub cases_for_half: u64,
    /// The plan under which this holds.
    pub plan: PowerPlan,
}

/// What `cases` paired cases about a pass rate can show under `plan`.
///
/// Both versions are taken to pass at about `pass_rate`. Where the correlation is not known yet, 0.5 is a middling
/// guess; at a pass rate of exactly 0 or 1 nothing varies, and there is no answer.
pub fn sensitivity(
    cases: u64,
    pass_rate: f64,
    correlation: f64,
    plan: &PowerPlan,
) -> Result<Sensitivity, Unavailable> {
    let deviation = difference_deviation(pass_rate, pass_rate, correlation)?;
    if deviation == 0.0 {
        return Err(Unavailable::NoVariation);
    }
    let effect = minimum_detectable_effect(cases, deviation, plan)?;
    Ok(Sensitivity {
        cases,
        pass_rate,
        correlation,
        effect: effect.min(1.0),
        cases_for_half: required_cases(effect / 2.0, deviation, plan)?,
        plan: *plan,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_values() {
        let plan = PowerPlan::default();
        // statsmodels 0.15, NormalIndPower().solve_power(0.5, None, 0.05, 0.8) = 62.79 a group: Cohen's classical 63.
        // Two independent groups of deviation 1 differ with deviation √2.
        assert_eq!(required_cases(0.5, 2.0f64.sqrt(), &plan), Ok(63));
        // The same of one sample, effect 0.3: NormalIndPower(ddof=0).solve_power(0.3, None, 0.05, 0.8, ratio=0) = 87.21.
        assert_eq!(required_cases(0.3, 1.0, &plan), Ok(88));
    }

    #[test]
    fn what_100_cases_show() {
        // About a pass rate of 80 %, worked by hand: 2.80159 · √(2 · 0.16 · (1 − ρ)) / 10.
        for (correlation, points) in [(0.0, 15.848), (0.5, 11.206), (0.7, 8.680), (0.9, 5.012)] {
            let sensitivity = sensitivity(100, 0.8, correlation, &PowerPlan::default()).unwrap();
            assert!(
                (sensitivity.effect * 100.0 - points).abs() < 1e-3,
                "{sensitivity:?}"
            );
            assert_eq!(sensitivity.cases_for_half, 400);
        }
    }

    #[test]
    fn clusters_need_more_cases() {
        let clustered = PowerPlan {
            design_effect: 1.95,
            ..PowerPlan::default()
        };
        assert_eq!(required_cases(0.3, 1.0, &clustered), Ok(171));
    }

    #[test]
    fn bad_input_has_a_reason() {
        let plan = PowerPlan::default();
        assert_eq!(
            minimum_detectable_effect(0, 1.0, &plan),
            Err(Unavailable::TooFew { needed: 1, given: 0 })
        );
        assert_eq!(
            minimum_detectable_effect(9, f64::NAN, &plan),
            Err(Unavailable::OutOfRange)
        );
        assert_eq!(required_cases(0.0, 1.0, &plan), Err(Unavailable::OutOfRange));
        assert_eq!(
            required_cases(1.0, 1.0, &PowerPlan { level: 0.0, ..plan }),
            Err(Unavailable::OutOfRange)
        );
        assert_eq!(sensitivity(100, 1.0, 0.5, &plan), Err(Unavailable::NoVariation));
        assert_eq!(difference_deviation(1.2, 0.5, 0.0), Err(Unavailable::OutOfRange));
    }

    proptest! {
        #[test]
        fn effect_and_cases_are_inverse(cases in 1u64..100_000, deviation in 0.01f64..2.0) {
            let plan = PowerPlan::default();
            let effect = minimum_detectable_effect(cases, deviation, &plan).unwrap();
            prop_assert_eq!(required_cases(effect, deviation, &plan), Ok(cases));
        }
    }
}
