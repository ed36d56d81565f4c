//! The practice models: two small, deterministic stand-ins for language models, so that a learner's real service can be run,
//! measured and improved without an account, a network or a key.
//!
//! They understand no language. They answer *extractively*: they pick the sentences of the passages in the prompt that share most
//! with the question. So an answer gets better when retrieval gets better, which is what they are there to teach. What they know of
//! English is a short list of near-synonyms, word endings, slips of the keyboard, and that "how long" wants a time and "how much" a
//! price; see `lexicon.rs`. Of a question they look at the first sixty different words.
//!
//! Their constants were fitted to the golden set of the starter `rag-support-assistant` (the small one's with seeds 0 and 1), so that
//! the starter's first version misses its gate and one change meets it, and so that the large one is right more often than the small
//! one. They say nothing about any real model, and other seeds give other rates. Whatever a practice model answers is labelled
//! practice by its name, and its invented price enters no claim about money.
//!
//! # Two sizes
//!
//! | | `practice-small` | `practice-large` |
//! |---|---|---|
//! | sentences of an answer, at most | 2 | 3 |
//! | reads | single words | pairs of neighbouring words too |
//! | is distracted by many passages | by up to 0.02 x sqrt(passages) of a score | a fifth of that |
//! | cites an id that it was not given | about one citation in 40 | one in 250 |
//! | forgets an optional argument of a tool | 15 in 100 | 1 in 100 |
//! | as a judge: perturbed, prefers long answers, overlooks a "not" | by 0.12, 0.35 for 100 words, 1 in 4 | by 0.02, 0.02, 1 in 100 |
//! | before the first token | 15 ms, and 0.02 ms for each token read | 60 ms, and 0.04 ms |
//! | for each token written | 0.2 ms | 0.6 ms |
//! | practice price (`content/prices/practice.json`) | 1 | 10 times that |
//!
//! # What they read
//! - **Passages**: blocks in user messages, each beginning with `[id]` at the start of a line. What follows the id on that line
//!   is the title, if more lines follow and it does not end like a sentence. A block ends at the next `[id]` or `Question:`.
//! - **The question**: what follows `Question:` at the start of a line, up to a blank line; the last one counts. Without the
//!   marker, the last user message is the question, if it holds no passages.
//! - **Instructions**, in system and developer messages and in what precedes the first passage or the question in a user message,
//!   sentence by sentence, by words and nothing else:
//!
//! | a sentence with | makes it |
//! |---|---|
//! | `cite`, `citation`, `square brackets`, `passage id` or `id of the passage` | put `[id]` after each sentence that it uses |
//! | `cannot answer`, `can't answer`, `not answer`, `don't know`, `do not know`, `refuse` or `not enough information` | refuse when the passages give too little support |
//! | `one sentence` or `single sentence` | use one sentence only |
//! | `at most N words`, `no more than N words`, `up to`, `within`, `maximum`, `under`, `fewer than`; `N words or fewer`, `or less` | stop after N words, citations not counted |
//! | `JSON` | answer as JSON, as under `json_object` below |
//! | `use the tools`, `call a tool` and the like; `do not use tools` | call a tool on half the evidence; call none |
//!
//!   `do not cite`, `don't cite`, `never cite`, `never refuse` and `not JSON` take an instruction back.
//!
//! # Forms of an answer
//! - **Streaming**: `stream`, with `stream_options.include_usage`. The first piece comes after the time for reading.
//! - **JSON**: `response_format` `json_object` gives an object with the keys that the prompt names (before colons in its first braces,
//!   or in quotation marks in a sentence about JSON, keys or fields), else `answer`, `citations` and `confidence`. `json_schema` gives
//!   JSON that obeys the schema: types, `properties`, `required`, `additionalProperties`, `enum`, `const`, `anyOf`, `oneOf`, `allOf`,
//!   references inside the schema, bounds, lengths and counts. What is not obeyed, such as `pattern`, is refused by name. What goes
//!   into which property is told in `answered.rs`; where nothing fits, the emptiest value that the schema allows.
//! - **Tool calls**: when a tool's name, description and parameters share more with the question than the passages do, one call, its
//!   arguments filled from the values that the question names. After a message of the role `tool` it answers from what that holds.
//!   `tool_choice` is honoured: `none`, `auto`, `required`, or a name.
//! - **Judging**: a prompt with an answer and a rubric is judged by whether what the rubric demands is in the answer; see `judge`.
//!   The verdict comes as JSON if JSON is asked for, else as `pass: reason`, in the pair of words and the scale that the prompt names.
//! - **Confidence**: with `logprobs`, each token carries the logarithm of how sure the model is, so that the mean is that too; in JSON
//!   it is the key `confidence`. It is a hint, good enough to send the doubtful questions from the small model to the large one.
//! - **Embeddings** at `/v1/embeddings`: see `embed.rs`.
//!
//! # Chance
//! At temperature 0, and where none is sent, the answer is a function of the messages, the server's seed and the request's `seed`.
//! Above it, the scores of sentences are moved by up to 0.12 a degree, so that what is nearly equal changes places; the draw
//! depends on the whole conversation and both seeds. There is no hidden counter: the same request gets the same answer, and a repeat that
//! should differ sends another `seed`.
//!
//! # Where they fail, on purpose
//! - Not told to refuse, they give the best sentence they have, however bad.
//! - Told to refuse, they judge by shared words, so they refuse answerable questions that are worded differently, and answer
//!   unanswerable ones whose words happen to occur.
//! - Their judgement is perturbed, and more so the more passages they are given: a long prompt distracts them.
//! - Now and then they cite an id that they were not given.
//!
//! # Limits
//! They follow no other instruction, make one tool call at a time, give one answer a request, read no images, remember no earlier
//! turn, and resist nothing: an instruction hidden in a passage is neither obeyed nor noticed, so they say nothing about injection.
//! They work on English. Their scores are evidence about the service around them and never about a real model.
//!
//! # Numbers
//! Tokens are `ceil(characters / 4)`, of the messages, the tools and the response format. *Practice latency* is simulated, as in the
//! table of sizes. Everything but the time stamp is a function of the request and the seed.

mod answered;
mod compose;
mod draw;
mod embed;
mod format;
mod http;
mod instructions;
mod judge;
mod lexicon;
mod prompt;
mod rank;
mod result;
mod schema;
mod seeded;
mod server;
mod size;
mod text;
mod tools;
mod values;

use std::time::Duration;

use provider::openai::ChatRequest;
use serde_json::Value;

pub use compose::{NO_PASSAGES, NO_QUESTION, REFUSAL};
pub use server::{PracticeOptions, PracticeServer};
pub use size::PracticeSize;
pub use tools::PracticeToolCall;

use answered::Answered;
use draw::Draw;
use format::Format;

/// Id of the small practice model.
pub const PRACTICE_MODEL: &str = "practice-small";

/// Counts changes of behaviour: answers of different versions must not be compared. Part of the system fingerprint.
pub const PRACTICE_VERSION: u32 = 2;

/// What the practice model made of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct PracticeAnswer {
    /// The size that answered.
    pub size: PracticeSize,
    /// The answer as the caller sees it, citations included; empty where a tool is called.
    pub text: String,
    /// The tool that is called instead of an answer.
    pub tool_call: Option<PracticeToolCall>,
    /// The ids cited in the text, in order; a wrong one among them is one of the model's mistakes.
    pub citations: Vec<String>,
    /// Whether it declined to answer.
    pub refused: bool,
    /// How sure it is, from 0 to 1; a hint, and not a probability.
    pub confidence: f64,
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
        self.first_token()
            .saturating_add(self.size.writing(self.completion_tokens))
    }

    /// How long until it begins to write: the part of the latency in which it reads.
    #[must_use]
    pub fn first_token(&self) -> Duration {
        self.size.before_writing(self.prompt_tokens)
    }
}

/// A request that cannot be understood: which field, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Invalid {
    param: &'static str,
    message: String,
}

impl Invalid {
    fn new(param: &'static str, message: String) -> Self {
        Self { param, message }
    }
}

/// Answers a request, deterministically. Never panics; a request that makes no sense gets an answer that says so. A model that
/// is not there is answered for by the small one.
#[must_use]
pub fn answer(request: &ChatRequest, seed: u64) -> PracticeAnswer {
    decide(request, seed).unwrap_or_else(|invalid| {
        let said = Said {
            text: invalid.message,
            refused: true,
            confidence: 1.0,
            ..Said::default()
        };
        count(request, said)
    })
}

/// What the model says, before it is counted and cut.
#[derive(Default)]
struct Said {
    text: String,
    tool_call: Option<PracticeToolCall>,
    citations: Vec<String>,
    refused: bool,
    confidence: f64,
}

fn decide(request: &ChatRequest, server_seed: u64) -> Result<PracticeAnswer, Invalid> {
    if request
        .temperature
        .is_some_and(|heat| !(0.0..=2.0).contains(&heat))
    {
        return Err(Invalid::new(
            "temperature",
            "The temperature must be from 0 to 2.".into(),
        ));
    }
    if request
        .other
        .get("n")
        .and_then(Value::as_u64)
        .is_some_and(|wanted| wanted != 1)
    {
        return Err(Invalid::new("n", "The practice model gives one answer a request. Leave out 'n', and repeat the request with another 'seed'.".into()));
    }
    let format = format::read(&request.other)?;
    let tools = tools::read(request)?;
    let prompt = prompt::read(&request.messages);
    let draw = Draw::new(request, server_seed);
    if let Some(case) = judge::read(&request.messages) {
        let verdict = judge::judge(&case, &draw);
        let json = case.told.to_lowercase().contains("json");
        let said = Said {
            text: verdict.render(&format, json, &case.told),
            confidence: (verdict.share - 0.5).abs() + 0.5,
            ..Said::default()
        };
        return Ok(count(request, said));
    }
    if let Some(call) = tools::choose(&tools, &prompt, &draw) {
        let said = Said {
            tool_call: Some(call),
            confidence: 1.0,
            ..Said::default()
        };
        return Ok(count(request, said));
    }
    let reply = compose::reply(&prompt, &draw);
    let source = Answered::new(&reply, &prompt.question);
    let text = match &format {
        Format::Text if !prompt.instructions.json => reply.text.clone(),
        Format::Schema(wanted) => schema::fill(wanted, &source).to_string(),
        Format::Text | Format::Object => {
            let mut keys = format::keys_asked(&prompt.told);
            if keys.is_empty() {
                keys = ["answer", "citations", "confidence"].map(str::to_owned).to_vec();
            }
            schema::fill(&format::schema_of(&keys), &source).to_string()
        }
    };
    let said = Said {
        text,
        tool_call: None,
        refused: reply.refused,
        confidence: reply.confidence,
        citations: reply.citations,
    };
    Ok(count(request, said))
}

/// Counts the tokens and cuts the text at the request's limit. A tool call is never cut.
fn count(request: &ChatRequest, said: Said) -> PracticeAnswer {
    let (text, truncated) = text::limit(said.text, request.token_limit());
    let messages: usize = request
        .messages
        .iter()
        .map(|message| message.plain().chars().count())
        .sum();
    // What a request describes beside its messages is read as well, and paid for.
    let described: usize = ["tools", "response_format"]
        .iter()
        .filter_map(|field| request.other.get(*field).filter(|value| !value.is_null()))
        .map(|value| value.to_string().chars().count())
        .sum();
    let called = said.tool_call.as_ref().map_or(0, |call| {
        call.name.chars().count() + call.arguments.chars().count()
    });
    PracticeAnswer {
        size: PracticeSize::named(&request.model).unwrap_or_default(),
        citations: if truncated {
            text::bracketed(&text)
        } else {
            said.citations
        },
        refused: said.refused,
        confidence: said.confidence,
        truncated,
        prompt_tokens: tokens(messages + described),
        completion_tokens: tokens(text.chars().count() + called),
        tool_call: said.tool_call,
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
