//! The cost of one usage at given rates.
//!
//! A usage holds sums and parts of sums. It is first cut into disjoint leaves, so that each token is charged once; parts that
//! exceed their sum contradict each other, and such a usage is refused and never clamped.

use super::Unpriced;
use super::rate::{Rate, Rates};
use crate::Usage;
use evidence::PicoUsd;

/// Tokens by what they are charged at; each token stands in one field only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaves {
    text_input: u64,
    text_cache_read: u64,
    cache_write_5m: u64,
    cache_write_1h: u64,
    audio_input: u64,
    audio_cache_read: u64,
    image_input: u64,
    text_output: u64,
    reasoning: u64,
    audio_output: u64,
    image_output: u64,
}

/// Cuts a usage into leaves; none where its parts exceed their sums.
pub(super) fn leaves(usage: &Usage) -> Option<Leaves> {
    let text_cache_read = usage.cache_read.checked_sub(usage.audio_cache_read)?;
    let audio_input = usage.audio_input.checked_sub(usage.audio_cache_read)?;
    Some(Leaves {
        text_input: usage
            .input
            .checked_sub(usage.cache_read)?
            .checked_sub(usage.cache_write_5m)?
            .checked_sub(usage.cache_write_1h)?
            .checked_sub(audio_input)?
            .checked_sub(usage.image_input)?,
        text_cache_read,
        cache_write_5m: usage.cache_write_5m,
        cache_write_1h: usage.cache_write_1h,
        audio_input,
        audio_cache_read: usage.audio_cache_read,
        image_input: usage.image_input,
        text_output: usage
            .output
            .checked_sub(usage.reasoning)?
            .checked_sub(usage.audio_output)?
            .checked_sub(usage.image_output)?,
        reasoning: usage.reasoning,
        audio_output: usage.audio_output,
        image_output: usage.image_output,
    })
}

impl Leaves {
    /// What the tokens cost.
    pub(super) fn cost(&self, rates: &Rates) -> Result<PicoUsd, Unpriced> {
        let (read, written) = (rates.input, rates.output);
        let cached = rates.cache_read.unwrap_or(read);
        // Who lists a price for one lifetime has another for the longer one, and it is higher.
        let long_lived = match (rates.cache_write_1h, rates.cache_write_5m) {
            (Some(rate), _) => rate,
            (None, Some(_)) if self.cache_write_1h > 0 => return Err(Unpriced::UnknownRate),
            (None, _) => read,
        };
        let parts: [(u64, Rate); 11] = [
            (self.text_input, read),
            (self.text_cache_read, cached),
            (self.cache_write_5m, rates.cache_write_5m.unwrap_or(read)),
            (self.cache_write_1h, long_lived),
            (self.audio_input, rates.audio_input.unwrap_or(read)),
            (self.audio_cache_read, rates.audio_cache_read.unwrap_or(cached)),
            (self.image_input, rates.image_input.unwrap_or(read)),
            (self.text_output, written),
            (self.reasoning, rates.reasoning.unwrap_or(written)),
            (self.audio_output, rates.audio_output.unwrap_or(written)),
            (self.image_output, rates.image_output.unwrap_or(written)),
        ];
        let mut pico: i64 = 0;
        for (count, rate) in parts {
            pico = rate
                .token()
                .times(count)
                .and_then(|part| pico.checked_add(part.pico()))
                .ok_or(Unpriced::OutOfRange)?;
        }
        Ok(PicoUsd::from_pico(pico))
    }
}
