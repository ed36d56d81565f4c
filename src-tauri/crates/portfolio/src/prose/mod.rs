//! What a sentence written by a person may say.
//!
//! A text is prepared (comments out, tokens found), cut into blocks, and each block is read three times: for numerals,
//! for number words, and for words of improvement. The checks read what a reader will see, so a number split by markup
//! or written as an entity is found too.

pub(crate) mod blocks;
#[rustfmt::skip] // Tables of words, set as tables.
pub(crate) mod lexicon;
pub(crate) mod measured;
pub(crate) mod numerals;
pub(crate) mod scan;
pub(crate) mod source;
pub(crate) mod stated;
pub(crate) mod tokens;
pub(crate) mod trend;
pub(crate) mod words;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A place in a text that may not be exported, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Refusal {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The words in question.
    pub excerpt: String,
    /// What is wrong.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

/// Whether a short text (a label, a project's name) has no number in it except in names such as p95.
pub(crate) fn plain(text: &str) -> bool {
    let block = blocks::Block::plain(text);
    numerals::find(&block).refused.is_empty() && words::find(&block).is_empty()
}

/// A finding in a block: byte offsets into the source, and what to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub start: usize,
    pub end: usize,
    pub reason: String,
    pub hint: String,
}
