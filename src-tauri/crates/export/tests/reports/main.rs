//! The reports of runs, format by format. H14: results in four formats. R77: the weekly report.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../../../portfolio/tests/support/mod.rs"]
mod support;

mod fixture;
mod html;
mod junit;
mod markdown;
mod rows;
mod weekly;
