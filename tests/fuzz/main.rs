//! Broken input for every reader: no panic, no hang, and mistakes that name their line.
//!
//! Each test takes the seconds of `PLAYBOOK_FUZZ_SECONDS`, two where it is not set. Real files are the seeds; the edits that break
//! one are shrunk to the fewest.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod datasets;
mod edits;
mod streams;
mod suites;

use edits::Broken;
use proptest::{
    strategy::Strategy as _,
    test_runner::{Config, TestCaseError, TestRunner},
};
use std::time::{Duration, Instant};

/// No reader needs longer for a few kilobytes, on a busy machine.
const LONGEST: Duration = Duration::from_secs(10);

/// Gives broken versions of the seeds to a check until the time is over.
fn fuzz(seeds: &[&str], tokens: &'static [&'static str], check: impl Fn(&[u8]) -> Result<(), String>) {
    let seconds = std::env::var("PLAYBOOK_FUZZ_SECONDS");
    let seconds = seconds.ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let seeds: Vec<Vec<u8>> = seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    let (started, mut inputs) = (Instant::now(), 0);
    while started.elapsed() < Duration::from_secs(seconds) {
        let mut runner = TestRunner::new(Config {
            cases: 50,
            failure_persistence: None,
            ..Config::default()
        });
        let broken = edits::broken(seeds.len()).prop_map(|broken: Broken| {
            let bytes = broken.apply(&seeds, tokens);
            (String::from_utf8_lossy(&bytes).into_owned(), bytes)
        });
        let outcome = runner.run(&broken, |(_, bytes)| {
            let began = Instant::now();
            check(&bytes).map_err(TestCaseError::fail)?;
            let took = began.elapsed();
            if took > LONGEST {
                return Err(TestCaseError::fail(format!("took {took:?}")));
            }
            Ok(())
        });
        if let Err(error) = outcome {
            panic!("after {inputs} inputs: {error}");
        }
        inputs += 50;
    }
    assert!(inputs > 0);
}
