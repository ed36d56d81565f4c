//! What a sample can carry: intervals, quantiles, comparisons, repeats, agreement, and what may be said of them.
//!
//! Every formula names its source and is tested against a published value, not against itself. All intervals are
//! two-sided at 95 % unless a function says otherwise. A number is finite or it is not there: newer functions say why
//! with [`Unavailable`], the older ones are absent. Which function is for what: `docs/statistics.md`.

mod agreement;
mod bootstrap;
mod clustered;
mod estimate;
mod flakiness;
mod judge;
mod mean;
mod multiple;
mod paired;
mod power;
mod proportion;
mod quantile;
mod repeats;
mod sequential;
mod variance;
mod verdict;

pub use agreement::{Level, RatingTable, Weights, krippendorff_alpha};
pub use bootstrap::{RESAMPLES, SplitMix64, bootstrap_difference};
pub use clustered::{Total, clustered_difference, clustered_mean, ratio_mean, weighted_mean};
pub use estimate::{Estimate, Unavailable, Uncertainty};
pub use flakiness::{FLIP_TOLERANCE, Flakiness, Stability, case_stability, flakiness, rarer_outcome_bound};
pub use judge::{CorrectedRate, Trust, corrected_rate};
pub use mean::{MeanEstimate, Moments, mean_interval};
pub use multiple::{benjamini_hochberg, holm};
pub use paired::{PairedDifference, PairedMoments, mcnemar_exact, paired_difference};
pub use power::{
    PowerPlan, Sensitivity, difference_deviation, minimum_detectable_effect, required_cases, sensitivity,
};
pub use proportion::wilson;
pub use quantile::{
    QuantileEstimate, estimable_quantile, quantile, samples_needed, samples_needed_two_sided,
};
pub use repeats::{Repeats, mean_pass_at_k, mean_pass_hat_k, pass_at_k, pass_hat_k};
pub use sequential::{SequentialDecision, SequentialTest, normal_mixture_boundary, normal_mixture_rho};
pub use variance::{RepeatedMean, VarianceComponents, design_effect, repeated_mean, variance_components};
pub use verdict::{
    Change, NonInferiority, PairedCounts, SliceVerdict, change, non_inferiority, not_distinguishable,
    slice_verdicts,
};

/// The 97.5 % quantile of the standard normal distribution.
pub const Z_95: f64 = 1.959_963_984_540_054;
