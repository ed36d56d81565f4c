//! Journeys through `api`, the door that window and command line share, with a clock of the test's own.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod adoption;
mod case_study;
mod gate;
mod journal;
mod pages;
mod providers;
mod recovery;
mod review;
mod same_numbers;
mod spine;
mod support;
mod variants;
