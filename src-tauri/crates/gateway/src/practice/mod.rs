//! The practice model: a small, deterministic stand-in for a language model, so that a learner's real service can be run,
//! measured and improved without an account, a network or a key.
//!
//! It understands no language. It answers *extractively*: it picks the one or two sentences of the passages in the prompt that
//! share most with the question. So an answer gets better when retrieval gets better, which is what it is there to teach.
//! What it knows of English is a short list of near-synonyms, word endings, slips of the keyboard, and that "how long" wants a time
//! and "how much" a price; see `lexicon.rs`. Of a question it looks at the first sixty different words.
//!
//! Its constants were fitted to the golden set of the starter `rag-support-assistant` (seeds 0 and 1), so that the starter's first
//! version misses its gate and one change meets it. They say nothing about any real model, and other seeds give other rates.
//!
//! # What it reads
//! - **Passages**: blocks in user messages, each beginning with `[id]` at the start of a line. What follows the id on that line
//!   is the title, if more lines follow and it does not end like a sentence. A block ends at the next `[id]` or `Question:`.
//! - **The question**: what follows `Question:` at the start of a line, up to a blank line; the last one counts. Without the
//!   marker, the last user message is the question, if it holds no passages.
//! - **Instructions**, in system and developer messages, sentence by sentence, by words and nothing else:
//!
//! | a sentence with | makes it |
//! |---|---|
//! | `cite`, `citation` or `square brackets` | put `[id]` after each sentence that it uses |
//! | `cannot answer`, `can't answer`, `not answer`, `don't know`, `do not know`, `refuse` or `not enough information` | refuse when the passages give too little support |
//! | `one sentence` or `single sentence` | use one sentence only |
//!
//!   `do not cite`, `don't cite`, `never cite` and `never refuse` take an instruction back.
//!
//! # Where it fails, on purpose
//! - Not told to refuse, it gives the best sentence it has, however bad.
//! - Told to refuse, it judges by shared words, so it refuses answerable questions that are worded differently, and answers
//!   unanswerable ones whose words happen to occur.
//! - Its judgement is perturbed, and more so the more passages it is given: a long prompt distracts it.
//! - Now and then, for about one citation in forty, it cites an id that it was not given.
//!
//! # Limits
//! It follows no other instruction, calls no tools, reads no images, remembers no earlier turn, ignores temperature, and resists
//! nothing: an instruction hidden in a passage is neither obeyed nor noticed, so it says nothing about injection. It works on
//! English. Its scores are evidence about the service around it and never about a real model.
//!
//! # Numbers
//! Tokens are `ceil(characters / 4)`. *Practice latency* is simulated: 15 ms, plus 0.02 ms for each token read, plus 0.2 ms for
//! each token written. Everything but the time stamp is a function of the request and the seed.

mod compose;
mod http;
mod lexicon;
mod prompt;
mod rank;
mod seeded;
mod server;
mod text;

use std::time::Duration;

use provider::openai::ChatRequest;

pub use compose::{NO_PASSAGES, NO_QUESTION, REFUSAL};
pub use server::{PracticeOptions, PracticeServer};

/// Id of the practice model.
pub const PRACTICE_MODEL: &str = "practice-small";

/// Counts changes of behaviour: answers of different versions must not be compared. Part of the system fingerprint.
pub const PRACTICE_VERSION: u32 = 1;

/// What the practice model made of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeAnswer {
    /// The answer as the caller sees it, citations included.
    pub text: String,
    /// The ids cited in the text, in order; a wrong one among them is one of the model's mistakes.
    pub citations: Vec<String>,
    /// Whether it declined to answer.
    pub refused: bool,
    /// Whether the request's token limit cut the text short.
    pub truncated: bool,
    /// Tokens read, by the rough rule above.
    pub prompt_tokens: u64,
    /// Tokens written, by the rough rule above.
    pub completion_tokens: u64,
}

impl PracticeAnswer {
    /// How long a server should take over this answer: practice latency, simulated and deterministic.
    #[must_use]
    pub fn latency(&self) -> Duration {
        let micros = self
            .prompt_tokens
            .saturating_mul(20)
            .saturating_add(self.completion_tokens.saturating_mul(200))
            .saturating_add(15_000);
        Duration::from_micros(micros)
    }
}

/// Answers a request, deterministically. Never panics; a request that makes no sense gets an answer that says so.
#[must_use]
pub fn answer(request: &ChatRequest, seed: u64) -> PracticeAnswer {
    let seed = request
        .seed
        .map_or(seed, |own| seeded::hash(seed, &[&own.to_string()]));
    let reply = compose::reply(&prompt::read(&request.messages), seed);
    let (text, truncated) = text::limit(reply.text, request.token_limit());
    let read = request
        .messages
        .iter()
        .map(|message| message.plain().chars().count())
        .sum();
    let citations = if truncated {
        text::bracketed(&text)
    } else {
        reply.citations
    };
    PracticeAnswer {
        citations,
        refused: reply.refused,
        truncated,
        prompt_tokens: tokens(read),
        completion_tokens: tokens(text.chars().count()),
        text,
    }
}

/// The fingerprint that every response carries.
#[must_use]
pub fn fingerprint(seed: u64) -> String {
    format!("practice-{PRACTICE_VERSION}-{seed}")
}

fn tokens(characters: usize) -> u64 {
    u64::try_from(characters.div_ceil(4)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
