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

/// The quantile `q` (0 < q < 1) of values sorted in ascending order, with its interval; absent for no values.
///
/// Value: nearest rank, the element at rank ⌈qN⌉. Interval (Conover, Practical Nonparametric Statistics, 3.2):
/// ranks `l = max{k: F(k−1) ≤ α/2}` and `u = min{k: F(k−1) ≥ 1−α/2}` with F = Bin(N, q).
pub fn quantile(sorted: &[f64], q: f64) -> Option<QuantileEstimate> {
    let n = sorted.len();
    if n == 0 || !(0.0..1.0).contains(&q) || q == 0.0 {
        return None;
    }
    let rank = ((q * n as f64 - 1e-9).ceil() as usize).clamp(1, n);
    let cumulative = Binomial::new(q, n as u64).ok()?;
    let (mut low, mut high) = (None, None);
    for k in 1..=n {
        let before = cumulative.cdf(k as u64 - 1);
        if before <= 0.025 {
            low = Some(sorted[k - 1]);
        }
        if before >= 0.975 {
            high = Some(sorted[k - 1]);
            break;
        }
    }
    let supported = n as u64 >= samples_needed(q);
    Some(QuantileEstimate {
        value: sorted[rank - 1],
        low,
        high,
        supported,
    })
}

/// The least n whose largest observation exceeds the quantile `q` with 95 % confidence: qⁿ ≤ 0.05.
/// That is 59 for p95 and 299 for p99.
pub fn samples_needed(q: f64) -> u64 {
    (0.05f64.ln() / q.ln()).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_100_observations() {
        let sorted: Vec<f64> = (1..=100).map(f64::from).collect();
        // The interval of p95 at n = 100 is [x₉₀, x₁₀₀].
        let p95 = quantile(&sorted, 0.95).unwrap();
        assert_eq!((p95.value, p95.low, p95.high), (95.0, Some(90.0), Some(100.0)));
        let p50 = quantile(&sorted, 0.5).unwrap();
        assert_eq!((p50.value, p50.low, p50.high), (50.0, Some(40.0), Some(61.0)));
        let p99 = quantile(&sorted, 0.99).unwrap();
        assert!(!p99.supported && p99.high.is_none());
    }

    #[test]
    fn samples_that_a_tail_needs() {
        assert_eq!((samples_needed(0.95), samples_needed(0.99)), (59, 299));
        let sorted: Vec<f64> = (1..=368).map(f64::from).collect();
        assert!(quantile(&sorted, 0.99).unwrap().high.is_some());
        assert!(quantile(&sorted[..367], 0.99).unwrap().high.is_none());
    }
}
