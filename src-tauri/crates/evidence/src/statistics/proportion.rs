use super::Z_95;

/// Wilson score interval of `passed` out of `n`, as `(low, high)`; absent for n = 0.
///
/// Source: Wilson (1927), without continuity correction:
/// `(p + z²/2n ± z·√(pq/n + z²/4n²)) / (1 + z²/n)`.
pub fn wilson(passed: u64, n: u64) -> Option<(f64, f64)> {
    if n == 0 || passed > n {
        return None;
    }
    Some(wilson_share(passed as f64 / n as f64, n as f64))
}

/// [`wilson`] of a share `p` between 0 and 1 that need not be a whole number out of `n` > 0.
///
/// For values between 0 and 1 with mean p the variance is at most p(1 − p), so the interval is then rather too wide.
pub(super) fn wilson_share(p: f64, n: f64) -> (f64, f64) {
    let z2 = Z_95 * Z_95;
    let centre = p + z2 / (2.0 * n);
    let half = Z_95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    // At the ends the formula gives 0 or 1 up to rounding; say it exactly.
    let low = if p == 0.0 { 0.0 } else { (centre - half) / scale };
    let high = if p == 1.0 { 1.0 } else { (centre + half) / scale };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_values() {
        // R, binom::binom.wilson(3, 10).
        let (low, high) = wilson(3, 10).unwrap();
        assert!((low - 0.107_791_3).abs() < 1e-6 && (high - 0.603_221_9).abs() < 1e-6);
        // 80 of 100: 71.1 to 86.7 %.
        let (low, high) = wilson(80, 100).unwrap();
        assert!((low - 0.711_1).abs() < 1e-3 && (high - 0.866_6).abs() < 1e-3);
        // Newcombe (1998), table I: 0 of 20 gives 0 to 0.1611.
        let (low, high) = wilson(0, 20).unwrap();
        assert!(low == 0.0 && (high - 0.1611).abs() < 1e-4);
        assert_eq!(wilson(0, 0), None);
    }

    proptest! {
        #[test]
        fn holds_the_point_and_stays_within_0_and_1(n in 1u64..5000, part in 0.0f64..=1.0) {
            let passed = (part * n as f64) as u64;
            let (low, high) = wilson(passed, n).unwrap();
            let p = passed as f64 / n as f64;
            prop_assert!(0.0 <= low && low <= p + 1e-12 && p <= high + 1e-12 && high <= 1.0);
        }
    }
}
