//! What one call consumed, in one form for every model API.

use evidence::Tokens;
use serde::{Deserialize, Serialize};

/// What one call consumed, as the API itself counted it. Nothing here is derived from a total: a count that an API does
/// not report leaves the whole usage absent (`Option<Usage>`), never 0.
///
/// Two counts hold the sums, `input` and `output`; every other count of tokens is a part of one of them. This is the
/// convention of OpenTelemetry's GenAI attributes; Anthropic's shape, which leaves cached tokens out, is summed up to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens read, those from and into a prompt cache included.
    pub input: u64,
    /// Part of `input`: read from the prompt cache.
    pub cache_read: u64,
    /// Part of `input`: written into the prompt cache for its usual, short lifetime (five minutes at Anthropic).
    pub cache_write_5m: u64,
    /// Part of `input`: written into the prompt cache for an hour.
    pub cache_write_1h: u64,
    /// Part of `input`: tokens of audio, cached ones included.
    pub audio_input: u64,
    /// Part of both `cache_read` and `audio_input`: audio from the prompt cache.
    pub audio_cache_read: u64,
    /// Part of `input`: tokens of pictures.
    pub image_input: u64,
    /// Tokens written, reasoning included.
    pub output: u64,
    /// Part of `output`: thought and not shown.
    pub reasoning: u64,
    /// Part of `output`: tokens of audio.
    pub audio_output: u64,
    /// Part of `output`: tokens of pictures.
    pub image_output: u64,
    /// Searches of the web that the provider ran and bills for.
    pub web_searches: u64,
}

impl Usage {
    /// The two sums.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        Tokens {
            input: self.input,
            output: self.output,
        }
    }
}

impl From<Tokens> for Usage {
    /// The usage of a call of which only the two sums are known to matter.
    fn from(tokens: Tokens) -> Self {
        Self {
            input: tokens.input,
            output: tokens.output,
            ..Self::default()
        }
    }
}
