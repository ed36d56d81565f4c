//! How far raters agree: two passes of one person, a person and a judge, several people.
//!
//! No single coefficient is enough. Kappa may be below 0 where two raters agree on 94 % of the cases, because nearly
//! all cases are of one category; so raw agreement, kappa and AC1 stand side by side.

mod alpha;
mod table;

pub use alpha::{Level, krippendorff_alpha};
pub use table::{RatingTable, Weights};
