//! Rates: prices of tokens, exact to the picodollar.

use evidence::PicoUsd;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The price of one token. It is written in US dollars per million tokens, as price lists are, in a JSON text; since 10⁻⁶ USD
/// per million is one picodollar per token, six decimals are exact and more are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(PicoUsd);

/// A rate that cannot be kept exactly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RateError(String);

impl Rate {
    /// Reads US dollars per million tokens.
    pub fn per_million(text: &str) -> Result<Self, RateError> {
        let per_million = PicoUsd::parse_usd(text).map_err(|error| RateError(error.to_string()))?;
        if per_million.pico() % 1_000_000 != 0 {
            return Err(RateError(format!(
                "{text}: at most six decimals are exact per token"
            )));
        }
        Ok(Self(PicoUsd::from_pico(per_million.pico() / 1_000_000)))
    }

    /// Reads US dollars for one token.
    pub fn per_token(text: &str) -> Result<Self, RateError> {
        PicoUsd::parse_usd(text)
            .map(Self)
            .map_err(|error| RateError(error.to_string()))
    }

    /// The price of one token.
    #[must_use]
    pub fn token(self) -> PicoUsd {
        self.0
    }

    /// This rate times a factor in millionths; refused where the result is no whole picodollar.
    pub fn scaled(self, millionths: u64) -> Result<Self, RateError> {
        let inexact = || {
            RateError(format!(
                "{self} times {millionths} millionths is not exact per token"
            ))
        };
        let product = i128::from(self.0.pico()) * i128::from(millionths);
        if product % 1_000_000 != 0 {
            return Err(inexact());
        }
        i64::try_from(product / 1_000_000)
            .map(|pico| Self(PicoUsd::from_pico(pico)))
            .map_err(|_| inexact())
    }
}

impl std::fmt::Display for Rate {
    /// US dollars per million tokens, as short as is exact.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pico = self.0.pico();
        let text = format!("{}.{:06}", pico / 1_000_000, pico % 1_000_000);
        formatter.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::per_million(&text).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The rates of every kind of token. A kind without a rate of its own is charged at the rate of what it is a part of:
/// cached and media tokens as tokens read, reasoning and media as tokens written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// Tokens read.
    pub input: Rate,
    /// Tokens read from the prompt cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<Rate>,
    /// Tokens written into the prompt cache for its usual, short lifetime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_5m: Option<Rate>,
    /// Tokens written into the prompt cache for an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<Rate>,
    /// Tokens of audio read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_input: Option<Rate>,
    /// Tokens of audio read from the prompt cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_cache_read: Option<Rate>,
    /// Tokens of pictures read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_input: Option<Rate>,
    /// Tokens written.
    pub output: Rate,
    /// Tokens of reasoning, where they cost something else than the rest of the output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Rate>,
    /// Tokens of audio written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_output: Option<Rate>,
    /// Tokens of pictures written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_output: Option<Rate>,
}

impl Rates {
    /// The names of the fields in files.
    pub(super) const FIELDS: [&'static str; 11] = [
        "input",
        "cache_read",
        "cache_write_5m",
        "cache_write_1h",
        "audio_input",
        "audio_cache_read",
        "image_input",
        "output",
        "reasoning",
        "audio_output",
        "image_output",
    ];

    /// Every rate times a factor in millionths, those of the cache included.
    pub fn scaled(&self, millionths: u64) -> Result<Self, RateError> {
        let some = |rate: Option<Rate>| rate.map(|rate| rate.scaled(millionths)).transpose();
        Ok(Self {
            input: self.input.scaled(millionths)?,
            cache_read: some(self.cache_read)?,
            cache_write_5m: some(self.cache_write_5m)?,
            cache_write_1h: some(self.cache_write_1h)?,
            audio_input: some(self.audio_input)?,
            audio_cache_read: some(self.audio_cache_read)?,
            image_input: some(self.image_input)?,
            output: self.output.scaled(millionths)?,
            reasoning: some(self.reasoning)?,
            audio_output: some(self.audio_output)?,
            image_output: some(self.image_output)?,
        })
    }
}
