use super::estimate::Unavailable;
use statrs::distribution::{Binomial, DiscreteCDF};

/// A quantile with the order-statistic interval that the sample allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileEstimate {
    /// The nearest-rank quantile.
    pub value: f64,
    /// Lower end of the 95 % interval, where a rank exists for it.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval, where a rank exists for it.
    pub high: Option<f64>,
    /// Whether n reaches [`samples_needed`]: below that the largest observation says too little about the quantile.
    pub supported: bool,
}

/// The quantile `q` (0 < q < 1) of values sorted in ascending order, with its interval; absent for no values and where
/// the first or the last is not finite.
///
/// Value: nearest rank, the element at rank ⌈qN⌉. Interval (Conover, Practical Nonparametric Statistics, 3.2):
/// ranks `l = max{k: F(k−1) ≤ α/2}` and `u = min{k: F(k−1) ≥ 1−α/2}` with F = Bin(N, q).
pub fn quantile(sorted: &[f64], q: f64) -> Option<QuantileEstimate> {
    let n = sorted.len();
    let finite = |value: Option<&f64>| value.is_some_and(|value| value.is_finite());
    if !finite(sorted.first()) || !finite(sorted.last()) || !inside(q) {
        return None;
    }
    let rank = ((q * n as f64 - 1e-9).ceil() as usize).clamp(1, n);
    let cumulative = Binomial::new(q, n as u64).ok()?;
    // F(k−1) grows with k, so both ranks are found by halving. Each is the number of ranks before it.
    let above = first_rank(n, |k| cumulative.cdf(k as u64 - 1) > 0.025);
    let reaching = first_rank(n, |k| cumulative.cdf(k as u64 - 1) >= 0.975);
    Some(QuantileEstimate {
        value: sorted[rank - 1],
        low: (above >= 2).then(|| sorted[above - 2]),
        high: sorted.get(reaching - 1).copied(),
        supported: n as u64 >= samples_needed(q),
    })
}

/// The quantile `q` of values sorted in ascending order, or why it must not be named: below [`samples_needed`] values
/// the largest says too little about the tail (p99 of 100 answers is [`Unavailable::TooFew`], 299 needed).
pub fn estimable_quantile(sorted: &[f64], q: f64) -> Result<QuantileEstimate, Unavailable> {
    if !inside(q) {
        return Err(Unavailable::OutOfRange);
    }
    let (needed, given) = (samples_needed(q), sorted.len() as u64);
    if given < needed {
        return Err(Unavailable::TooFew { needed, given });
    }
    quantile(sorted, q).ok_or(Unavailable::NotFinite)
}

/// The least n whose largest observation exceeds the quantile `q` with 95 % confidence: qⁿ ≤ 0.05.
/// That is 59 for p95 and 299 for p99. For a q that is no quantile, the largest number.
///
/// Source: Wilks (1942), the one-sided distribution-free tolerance limit.
pub fn samples_needed(q: f64) -> u64 {
    samples(q, 0.05)
}

/// The least n at which the two-sided 95 % interval of `q` has an upper end: qⁿ ≤ 0.025.
/// That is 72 for p95 and 368 for p99. For a q that is no quantile, the largest number.
pub fn samples_needed_two_sided(q: f64) -> u64 {
    samples(q, 0.025)
}

fn samples(q: f64, level: f64) -> u64 {
    if inside(q) {
        (level.ln() / q.ln()).ceil() as u64
    } else {
        u64::MAX
    }
}

fn inside(q: f64) -> bool {
    0.0 < q && q < 1.0
}

/// The least rank from 1 to n for which `holds`, which must not turn false again; n + 1 where there is none.
fn first_rank(n: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (1, n + 1);
    while low < high {
        let middle = low.midpoint(high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(n: u32) -> Vec<f64> {
        (1..=n).map(f64::from).collect()
    }

    #[test]
    fn ranks_of_100_observations() {
        // The interval of p95 at n = 100 is [x₉₀, x₁₀₀].
        let p95 = quantile(&counted(100), 0.95).unwrap();
        assert_eq!((p95.value, p95.low, p95.high), (95.0, Some(90.0), Some(100.0)));
        let p50 = quantile(&counted(100), 0.5).unwrap();
        assert_eq!((p50.value, p50.low, p50.high), (50.0, Some(40.0), Some(61.0)));
        let p99 = quantile(&counted(100), 0.99).unwrap();
        assert!(!p99.supported && p99.high.is_none());
    }

    #[test]
    fn published_intervals() {
        // scipy 1.12, stats.quantile_test(x, p=q).confidence_interval(0.95) of its documentation's 101 values
        // exp(0), exp(0.01), … exp(1).
        let values: Vec<f64> = (0..=100).map(|i| (f64::from(i) / 100.0).exp()).collect();
        for (q, low, high) in [
            (0.5, 1.491_824_697_6, 1.822_118_800_4),
            (0.75, 1.934_792_334_4, 2.316_366_976_8),
            (0.95, 2.459_603_111_2, std::f64::consts::E),
        ] {
            let estimate = quantile(&values, q).unwrap();
            assert!((estimate.low.unwrap() - low).abs() < 1e-9, "{q}: {estimate:?}");
            assert!((estimate.high.unwrap() - high).abs() < 1e-9, "{q}: {estimate:?}");
        }
        // The same test on 1 to 368, q = 0.99: 360 to 368; on 1 to 367 no upper end, and 359 below.
        let p99 = quantile(&counted(368), 0.99).unwrap();
        assert_eq!((p99.low, p99.high), (Some(360.0), Some(368.0)));
        let p99 = quantile(&counted(367), 0.99).unwrap();
        assert_eq!((p99.low, p99.high), (Some(359.0), None));
    }

    #[test]
    fn samples_that_a_tail_needs() {
        assert_eq!((samples_needed(0.95), samples_needed(0.99)), (59, 299));
        assert_eq!(
            (samples_needed_two_sided(0.95), samples_needed_two_sided(0.99)),
            (72, 368)
        );
        assert_eq!(
            (samples_needed(1.0), samples_needed(f64::NAN)),
            (u64::MAX, u64::MAX)
        );
        let refused = Err(Unavailable::TooFew {
            needed: 299,
            given: 100,
        });
        assert_eq!(estimable_quantile(&counted(100), 0.99), refused);
        assert_eq!(estimable_quantile(&counted(299), 0.99).unwrap().value, 297.0);
        assert_eq!(estimable_quantile(&counted(9), 1.0), Err(Unavailable::OutOfRange));
    }

    proptest! {
        #[test]
        fn interval_holds_the_value(n in 1u32..500, q in 0.01f64..0.99) {
            let values = counted(n);
            let estimate = quantile(&values, q).unwrap();
            prop_assert!(estimate.low.is_none_or(|low| low <= estimate.value));
            prop_assert!(estimate.high.is_none_or(|high| high >= estimate.value));
            prop_assert_eq!(estimate.high.is_some(), u64::from(n) >= samples_needed_two_sided(q));
        }
    }
}
