//! What a request asks for, checked word by word.

use super::early;
use crate::{Code, Error, wire::run::StartRunRequest};
use evidence::{PicoUsd, Purpose};
use harness::{Suite, filter::Filter, runner::Shard, suite::TargetSpec};

pub(super) fn chosen(suite: &Suite, names: Option<&[String]>) -> Result<Vec<TargetSpec>, Error> {
    let Some(names) = names.filter(|names| !names.is_empty()) else {
        return Ok(suite.targets.clone());
    };
    names
        .iter()
        .map(|name| {
            suite.target(name).cloned().ok_or_else(|| {
                let known: Vec<&str> = suite.targets.iter().map(|target| target.name.as_str()).collect();
                Error::input(
                    format!("the suite has no target `{name}`"),
                    format!("It has {}.", known.join(", ")),
                )
            })
        })
        .collect()
}

pub(super) fn parse_filter(text: Option<&str>) -> Result<Option<Filter>, Error> {
    text.map(Filter::parse)
        .transpose()
        .map_err(|message| Error::input(message, "For example --filter category=returns."))
}

pub(super) fn parse_shard(text: &str) -> Result<Shard, Error> {
    let shard = if text == "auto" {
        Shard::from_environment(|name| std::env::var(name).ok())
    } else {
        text.parse()
    };
    shard.map_err(|message| Error::input(message, "Nothing was started."))
}

/// What the run is for. One that leaves cases out is no candidate, and neither is one of a promptfoo configuration unless that is
/// said: a configuration has no release metrics of its own, and its tests are run to see whether they pass.
pub(super) fn purpose(request: &StartRunRequest, filtered: bool, imported: bool) -> Result<Purpose, Error> {
    match (request.purpose, filtered || request.stop_early) {
        (Some(Purpose::Candidate), _) if request.stop_early => Err(early::no_candidate()),
        (Some(Purpose::Candidate), true) => Err(Error::new(
            Code::Refused,
            "a candidate runs the whole suite, and this filter leaves cases out",
            "Leave the filter out, or make the run an experiment (--purpose experiment).",
        )),
        (Some(purpose), _) => Ok(purpose),
        (None, true) => Ok(Purpose::Experiment),
        (None, false) if imported => Ok(Purpose::Experiment),
        (None, false) => Ok(Purpose::Candidate),
    }
}

pub(super) fn budget(text: &str) -> Result<PicoUsd, Error> {
    let expected = "Give an amount in US dollars above 0, such as 0.50.";
    let amount = PicoUsd::parse_usd(text.trim().trim_start_matches('$'))
        .map_err(|error| Error::input(format!("`{text}` is not a budget: {error}"), expected))?;
    if amount.pico() <= 0 {
        return Err(Error::input(
            format!("a budget of {text} allows no call"),
            expected,
        ));
    }
    Ok(amount)
}

pub(super) fn in_range(
    given: Option<u32>,
    usual: u32,
    least: u32,
    most: u32,
    what: &str,
) -> Result<u32, Error> {
    match given {
        None => Ok(usual),
        Some(value) if (least..=most).contains(&value) => Ok(value),
        Some(value) => Err(Error::input(
            format!("{what} {value} is out of range"),
            format!("Give {least} to {most}."),
        )),
    }
}
