//! What a sample can carry: intervals, quantiles and paired comparisons.
//!
//! Every formula names its source and is tested against a published value, not against itself.
//! All intervals are two-sided at 95 % unless a function says otherwise.

mod mean;
mod paired;
mod proportion;
mod quantile;

pub use mean::{MeanEstimate, mean_interval};
pub use paired::{PairedDifference, mcnemar_exact, paired_difference};
pub use proportion::wilson;
pub use quantile::{QuantileEstimate, quantile, samples_needed};

/// The 97.5 % quantile of the standard normal distribution.
pub const Z_95: f64 = 1.959_963_984_540_054;
