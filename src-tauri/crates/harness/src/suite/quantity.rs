use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A limit as people write it: `0.85`, `85%`, `1.5s`, `800ms`, `$0.004`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Quantity {
    /// A plain number: a share between 0 and 1, a score, or US dollars, as the metric has it.
    Number(f64),
    /// A number with its unit: `85%`, `1.5s`, `800ms`, `$0.004`.
    Text(String),
}

/// What a [`Quantity`] turned out to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A number without a unit.
    Plain,
    /// A percentage, kept as a share.
    Percent,
    /// A duration, kept in milliseconds.
    Duration,
    /// US dollars.
    Money,
}

impl Quantity {
    /// The value in its base unit (share, milliseconds, dollars) and which unit it was written with.
    pub fn read(&self) -> Result<(f64, Kind), String> {
        let text = match self {
            Quantity::Number(value) if value.is_finite() && *value >= 0.0 => {
                return Ok((*value, Kind::Plain));
            }
            Quantity::Number(value) => return Err(format!("{value} is not a limit; expected 0 or more")),
            Quantity::Text(text) => text.trim(),
        };
        let number = |part: &str| {
            part.trim()
                .parse::<f64>()
                .ok()
                .filter(|value| value.is_finite() && *value >= 0.0)
        };
        let read = if let Some(part) = text.strip_suffix('%') {
            number(part).map(|value| (value / 100.0, Kind::Percent))
        } else if let Some(part) = text.strip_prefix('$') {
            number(part).map(|value| (value, Kind::Money))
        } else if let Ok(duration) = parse_duration(text) {
            Some((duration.as_secs_f64() * 1000.0, Kind::Duration))
        } else {
            number(text).map(|value| (value, Kind::Plain))
        };
        read.ok_or_else(|| {
            format!("`{text}` is not a limit; expected for example 0.85, 85%, 1.5s, 800ms or $0.004")
        })
    }
}

/// Reads `500ms`, `20s`, `1.5s` or `2m`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let error = || format!("`{text}` is not a duration; expected for example 500ms, 20s or 2m");
    let (number, scale) = if let Some(number) = text.strip_suffix("ms") {
        (number, 0.001)
    } else if let Some(number) = text.strip_suffix('s') {
        (number, 1.0)
    } else if let Some(number) = text.strip_suffix('m') {
        (number, 60.0)
    } else {
        return Err(error());
    };
    let seconds = number.trim().parse::<f64>().map_err(|_| error())? * scale;
    Duration::try_from_secs_f64(seconds).map_err(|_| error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        let read = |text: &str| Quantity::Text(text.into()).read().unwrap();
        assert_eq!(read("85%"), (0.85, Kind::Percent));
        assert_eq!(read("1.5s"), (1500.0, Kind::Duration));
        assert_eq!(read("800 ms"), (800.0, Kind::Duration));
        assert_eq!(read("$0.004"), (0.004, Kind::Money));
        assert_eq!(read("0.85"), (0.85, Kind::Plain));
        for bad in ["", "fast", "-1", "1h", "%", "NaN", "$x"] {
            assert!(Quantity::Text(bad.into()).read().is_err(), "{bad} was accepted");
        }
    }
}
