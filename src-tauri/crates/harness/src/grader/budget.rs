//! Budgets of one answer, in time and money.

use super::{
    Graded,
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};
use crate::suite::{Kind, Quantity, parse_duration};

grader_file! {
    /// A budget for one answer.
    LatencyFile {
        /// Longest time, such as `2s`.
        at_most: Quantity,
    }
}

grader_file! {
    /// A budget for the beginning of one answer. Answers that did not stream are not graded.
    FirstTokenFile {
        /// Longest time until the first token, such as `400ms`.
        at_most: Quantity,
    }
}

grader_file! {
    /// A budget for one answer.
    CostFile {
        /// Highest cost in US dollars, such as `$0.004`.
        at_most: Quantity,
    }
}

/// A duration with its unit, in milliseconds.
fn milliseconds(quantity: &Quantity) -> Result<f64, String> {
    match quantity {
        Quantity::Text(text) => Ok(parse_duration(text)?.as_secs_f64() * 1000.0),
        Quantity::Number(number) => Err(format!(
            "at_most: {number} has no unit; expected for example 2s or 800ms"
        )),
    }
}

fn within(took: f64, limit: f64) -> Mark {
    Mark::plain(took <= limit, format!("{took:.0} ms, budget {limit:.0} ms"))
}

#[derive(Debug)]
struct Latency(f64);

impl Entry for LatencyFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(Latency(milliseconds(&self.at_most)?))
    }
}

impl Rule for Latency {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        Some(within(graded.latency_ms, self.0))
    }
}

#[derive(Debug)]
struct FirstToken(f64);

impl Entry for FirstTokenFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(FirstToken(milliseconds(&self.at_most)?))
    }
}

impl Rule for FirstToken {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        Some(within(graded.answer.first_token_ms?, self.0))
    }
}

#[derive(Debug)]
struct Cost(f64);

impl Entry for CostFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        let (at_most, kind) = self.at_most.read()?;
        if !matches!(kind, Kind::Plain | Kind::Money) {
            return Err("at_most is not an amount of money; expected for example $0.004".into());
        }
        Ready::now(Cost(at_most))
    }
}

impl Rule for Cost {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let limit = self.0;
        Some(match graded.cost {
            Some(cost) => Mark::plain(cost.as_usd() <= limit, format!("{cost}, budget ${limit}")),
            None => Mark::plain(
                false,
                "the cost is not known: no tokens reported, or no price for the model",
            ),
        })
    }
}
