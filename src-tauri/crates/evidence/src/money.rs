//! Money: whole picodollars (10⁻¹² USD), so that a price of 0.075 USD per million tokens and a sum
//! over a million calls are both exact. The range is about ± 9.2 million USD.

use serde::{Deserialize, Serialize};
use std::{fmt, iter::Sum, ops::Add};

/// An amount of US dollars in whole picodollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PicoUsd(i64);

/// A text that should be an amount of money and is not.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is not an amount in US dollars (expected digits such as 0.15, at most 12 decimals)")]
pub struct MoneyError {
    text: String,
}

/// Picodollars in a dollar.
const PER_USD: i64 = 1_000_000_000_000;

impl PicoUsd {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount in whole picodollars.
    pub const fn from_pico(pico: i64) -> Self {
        Self(pico)
    }

    /// The amount in whole picodollars.
    pub const fn pico(self) -> i64 {
        self.0
    }

    /// Reads a decimal amount of dollars exactly ("0.075"), never through a float.
    pub fn parse_usd(text: &str) -> Result<Self, MoneyError> {
        let error = || MoneyError { text: text.into() };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if whole.is_empty() || fraction.len() > 12 || text.ends_with('.') {
            return Err(error());
        }
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return Err(error());
        }
        let whole: i64 = whole.parse().map_err(|_| error())?;
        let fraction: i64 = format!("{fraction:0<12}").parse().map_err(|_| error())?;
        whole
            .checked_mul(PER_USD)
            .and_then(|pico| pico.checked_add(fraction))
            .map(Self)
            .ok_or_else(error)
    }

    /// What `count` units cost at this price each; none when the amount leaves the range.
    pub fn times(self, count: u64) -> Option<Self> {
        self.0.checked_mul(i64::try_from(count).ok()?).map(Self)
    }

    /// The amount as a float of dollars, for charts and statistics only.
    pub fn as_usd(self) -> f64 {
        self.0 as f64 / PER_USD as f64
    }
}

impl Add for PicoUsd {
    type Output = Self;
    /// Saturates at the ends of the range, so that a sum can never wrap into a small amount.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for PicoUsd {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for PicoUsd {
    /// Dollars with four significant decimals at least: `$0.0031`, `$12.40`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usd = self.as_usd();
        match usd.abs() {
            0.0 => f.write_str("$0.00"),
            size if size >= 1.0 => write!(f, "${usd:.2}"),
            size if size >= 0.001 => write!(f, "${usd:.4}"),
            _ => write!(f, "${usd:.6}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_prices_exactly() {
        assert_eq!(PicoUsd::parse_usd("0.075").unwrap().pico(), 75_000_000_000);
        assert_eq!(PicoUsd::parse_usd("12").unwrap().pico(), 12 * PER_USD);
        for bad in ["", ".", "1.", "-1", "1e3", "0.0000000000001", "9999999999999"] {
            assert!(PicoUsd::parse_usd(bad).is_err(), "{bad} was accepted");
        }
    }

    proptest! {
        #[test]
        fn sums_are_exact(amounts in prop::collection::vec(0i64..1_000_000_000, 0..200)) {
            let sum: PicoUsd = amounts.iter().copied().map(PicoUsd::from_pico).sum();
            prop_assert_eq!(sum.pico(), amounts.iter().sum::<i64>());
        }
    }
}
