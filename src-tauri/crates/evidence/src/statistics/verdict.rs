use super::{
    estimate::{Estimate, Unavailable, at_least, in_range},
    multiple::holm,
    paired::mcnemar_exact,
};
use crate::metric::Direction;

/// The level below which a p-value counts.
const LEVEL: f64 = 0.05;

/// What may be said of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It got better, and chance is no good explanation.
    Improved,
    /// It got worse, and chance is no good explanation.
    Worse,
    /// Chance may have done it: no document may say "improved".
    NotDistinguishable,
}

/// The sign-off rule for a paired comparison: the interval of the difference (after minus before) must exclude 0, and
/// p must be below 0.05 where there is one. No interval, or a number that is none, is not distinguishable.
pub fn change(interval: Option<(f64, f64)>, p_value: Option<f64>, better: Direction) -> Change {
    let Some((low, high)) = interval else {
        return Change::NotDistinguishable;
    };
    let rare = p_value.is_none_or(|p| p < LEVEL);
    let rose = low > 0.0 && high >= low;
    let fell = high < 0.0 && low <= high;
    match (rare, better) {
        (true, Direction::Higher) if rose => Change::Improved,
        (true, Direction::Higher) if fell => Change::Worse,
        (true, Direction::Lower) if fell => Change::Improved,
        (true, Direction::Lower) if rose => Change::Worse,
        _ => Change::NotDistinguishable,
    }
}

/// Whether chance alone may have made the difference: the negative of what [`change`] needs.
pub fn not_distinguishable(interval: Option<(f64, f64)>, p_value: Option<f64>) -> bool {
    change(interval, p_value, Direction::Higher) == Change::NotDistinguishable
}

/// Whether a version is at most a margin worse than the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonInferiority {
    /// The whole interval lies on the good side of the margin.
    Shown,
    /// The whole interval lies beyond the margin: it is worse by more than that.
    Inferior,
    /// The interval holds the margin, or there is none: neither can be said.
    NotShown,
}

/// Holds a paired difference (after minus before) against the `margin` (in its unit, 0 or more) by which it may be
/// worse.
///
/// Source: ICH E9, 3.3.2, and CONSORT's extension (Piaggio et al., JAMA 308 (2012), figure 1): the two-sided 95 %
/// interval must lie above −margin where more is better, below margin where less is better. Choose the margin before
/// the run. "Not worse by more than the margin" does not mean "as good".
pub fn non_inferiority(
    interval: Option<(f64, f64)>,
    margin: f64,
    better: Direction,
) -> Result<NonInferiority, Unavailable> {
    in_range(margin >= 0.0 && margin.is_finite())?;
    let Some((low, high)) = interval else {
        return Ok(NonInferiority::NotShown);
    };
    let (worst, best) = match better {
        Direction::Higher => (low, high),
        Direction::Lower => (-high, -low),
    };
    Ok(if worst > -margin {
        NonInferiority::Shown
    } else if best < -margin {
        NonInferiority::Inferior
    } else {
        NonInferiority::NotShown
    })
}

/// The cases of a slice that both runs have, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairedCounts {
    /// Cases that newly pass.
    pub gained: u64,
    /// Cases that newly fail.
    pub lost: u64,
    /// Cases with the same verdict twice.
    pub unchanged: u64,
}

impl PairedCounts {
    fn cases(&self) -> u64 {
        self.gained
            .saturating_add(self.lost)
            .saturating_add(self.unchanged)
    }

    /// Difference of the pass rates (after minus before) with Student's t over cases, as `paired_difference` gives it.
    pub fn difference(&self) -> Result<Estimate, Unavailable> {
        let cases = usize::try_from(self.cases()).unwrap_or(usize::MAX);
        at_least(1, cases)?;
        let (n, changed) = (cases as f64, self.gained as f64 + self.lost as f64);
        let value = (self.gained as f64 - self.lost as f64) / n;
        if let Err(reason) = at_least(2, cases) {
            return Ok(Estimate {
                value,
                uncertainty: Err(reason),
            });
        }
        let variance = ((changed - n * value * value) / (n - 1.0)).max(0.0);
        Estimate::student(value, (variance / n).sqrt(), n - 1.0)
    }
}

/// What became of a slice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SliceVerdict {
    /// Difference of the pass rates; an error for a slice without cases.
    pub difference: Result<Estimate, Unavailable>,
    /// Exact McNemar p-value of the slice alone.
    pub p_value: f64,
    /// The same, adjusted by Holm over all the slices.
    pub adjusted_p_value: f64,
    /// The verdict by `difference` and `adjusted_p_value`.
    pub change: Change,
}

/// Verdicts on slices of one comparison, in their order, adjusted for looking at all of them (Holm 1979): the chance
/// that any slice is called changed without being so is 5 % at most. Give the whole list that was fixed before the run;
/// a list picked afterwards undoes the correction. Passing is better.
pub fn slice_verdicts(slices: &[PairedCounts]) -> Result<Vec<SliceVerdict>, Unavailable> {
    // Far beyond any run; it keeps sums and the binomial finite.
    in_range(slices.iter().all(|slice| slice.cases() <= u64::from(u32::MAX)))?;
    let p_values: Vec<f64> = slices
        .iter()
        .map(|slice| mcnemar_exact(slice.gained, slice.lost))
        .collect();
    let adjusted = holm(&p_values)?;
    let verdict = |((slice, p_value), adjusted_p_value): ((&PairedCounts, f64), f64)| {
        let difference = slice.difference();
        let interval = difference.ok().and_then(|difference| difference.interval());
        // Where all cases of a slice changed alike there is no interval; the exact test stands alone.
        let interval = interval.or_else(|| all_alike(slice));
        SliceVerdict {
            difference,
            p_value,
            adjusted_p_value,
            change: change(interval, Some(adjusted_p_value), Direction::Higher),
        }
    };
    Ok(slices.iter().zip(p_values).zip(adjusted).map(verdict).collect())
}

/// The one value that all differences of the slice have, as an interval, where that is 1 or −1.
fn all_alike(slice: &PairedCounts) -> Option<(f64, f64)> {
    match (slice.gained, slice.lost, slice.unchanged) {
        (1.., 0, 0) => Some((1.0, 1.0)),
        (0, 1.., 0) => Some((-1.0, -1.0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::paired_difference;
    use proptest::prelude::*;

    #[test]
    fn improved_only_where_interval_and_test_say_so() {
        let higher = Direction::Higher;
        assert_eq!(change(Some((0.01, 0.12)), Some(0.031), higher), Change::Improved);
        assert_eq!(
            change(Some((0.01, 0.12)), Some(0.0625), higher),
            Change::NotDistinguishable
        );
        assert_eq!(
            change(Some((-0.01, 0.12)), Some(0.031), higher),
            Change::NotDistinguishable
        );
        assert_eq!(
            change(Some((0.0, 0.12)), None, higher),
            Change::NotDistinguishable
        );
        assert_eq!(change(Some((-0.12, -0.01)), None, higher), Change::Worse);
        assert_eq!(
            change(Some((-9.0, -1.0)), None, Direction::Lower),
            Change::Improved
        );
        assert_eq!(change(None, Some(0.001), higher), Change::NotDistinguishable);
        assert_eq!(
            change(Some((0.1, f64::NAN)), None, higher),
            Change::NotDistinguishable
        );
        assert_eq!(
            change(Some((0.1, 0.2)), Some(f64::NAN), higher),
            Change::NotDistinguishable
        );
        assert!(not_distinguishable(Some((-0.01, 0.12)), None));
    }

    #[test]
    fn published_verdicts_on_a_margin() {
        // Piaggio et al. (2012), figure 1, margin Δ = 1, a positive difference favours the old treatment (less is
        // better): A superior, B and C noninferior, D noninferior though worse than 0, E and F inconclusive,
        // G inconclusive though worse than 0, H inferior. The figure has no numbers; these
        // lie as its intervals do.
        use NonInferiority::{Inferior, NotShown, Shown};
        let figure = [
            ((-0.9, -0.2), Shown),
            ((-0.6, 0.4), Shown),
            ((-0.2, 0.8), Shown),
            ((0.2, 0.8), Shown),
            ((-0.3, 1.3), NotShown),
            ((-1.4, 1.4), NotShown),
            ((0.3, 1.7), NotShown),
            ((1.2, 1.9), Inferior),
        ];
        for ((low, high), expected) in figure {
            assert_eq!(
                non_inferiority(Some((low, high)), 1.0, Direction::Lower),
                Ok(expected)
            );
            assert_eq!(
                non_inferiority(Some((-high, -low)), 1.0, Direction::Higher),
                Ok(expected)
            );
        }
        assert_eq!(non_inferiority(None, 1.0, Direction::Higher), Ok(NotShown));
        assert_eq!(
            non_inferiority(None, -1.0, Direction::Higher),
            Err(Unavailable::OutOfRange)
        );
        assert_eq!(
            non_inferiority(None, f64::NAN, Direction::Higher),
            Err(Unavailable::OutOfRange)
        );
    }

    #[test]
    fn a_slice_must_bear_the_others() {
        let slice = |gained, lost, unchanged| PairedCounts {
            gained,
            lost,
            unchanged,
        };
        // 6 gained and none lost is p = 0.03125 alone (exact McNemar), and not enough beside a second slice.
        let alone = slice_verdicts(&[slice(6, 0, 20)]).unwrap();
        assert_eq!(alone[0].change, Change::Improved);
        let two = slice_verdicts(&[slice(6, 0, 20), slice(2, 2, 20), slice(0, 12, 9)]).unwrap();
        assert_eq!(two[0].change, Change::NotDistinguishable);
        assert!((two[0].adjusted_p_value - 0.0625).abs() < 1e-9);
        assert_eq!(
            (two[1].change, two[1].adjusted_p_value),
            (Change::NotDistinguishable, 1.0)
        );
        // 12 lost: 2/2¹² · 3.
        assert_eq!(two[2].change, Change::Worse);
        assert!((two[2].adjusted_p_value - 6.0 / 4096.0).abs() < 1e-9);
        // All of nine cases newly pass.
        assert_eq!(
            slice_verdicts(&[slice(9, 0, 0)]).unwrap()[0].change,
            Change::Improved
        );
        let empty = slice_verdicts(&[PairedCounts::default()]).unwrap()[0];
        assert_eq!(empty.difference, Err(Unavailable::TooFew { needed: 1, given: 0 }));
        assert_eq!(empty.change, Change::NotDistinguishable);
        assert_eq!(
            slice_verdicts(&[slice(u64::MAX, 1, 1)]),
            Err(Unavailable::OutOfRange)
        );
    }

    proptest! {
        #[test]
        fn counts_give_what_pairs_give(gained in 0u64..30, lost in 0u64..30, unchanged in 1u64..60) {
            let mut pairs = vec![(0.0, 1.0); gained as usize];
            pairs.extend(vec![(1.0, 0.0); lost as usize]);
            pairs.extend(vec![(1.0, 1.0); unchanged as usize]);
            let counted = PairedCounts { gained, lost, unchanged }.difference().unwrap();
            let listed = paired_difference(&pairs).unwrap();
            prop_assert!((counted.value - listed.difference).abs() < 1e-12);
            if let (Some(counted), Some(listed)) = (counted.interval(), listed.interval) {
                prop_assert!((counted.0 - listed.0).abs() < 1e-9 && (counted.1 - listed.1).abs() < 1e-9);
            }
        }

        #[test]
        fn better_and_worse_are_mirrored(low in -1.0f64..1.0, width in 0.0f64..1.0, p in 0.0f64..=1.0) {
            let up = change(Some((low, low + width)), Some(p), Direction::Higher);
            let down = change(Some((low, low + width)), Some(p), Direction::Lower);
            prop_assert_eq!(up == Change::NotDistinguishable, down == Change::NotDistinguishable);
            prop_assert!(up != down || up == Change::NotDistinguishable);
        }
    }
}
