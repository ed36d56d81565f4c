//! Makes an answer of the ranked sentences: how many, with which citations, or a refusal.

use super::prompt::{Passage, Prompt};
use super::rank::{Candidate, rank};
use super::seeded;

/// What the model says when it refuses.
pub const REFUSAL: &str = "I cannot answer that from the passages I was given.";
/// What the model says when the prompt holds no passages.
pub const NO_PASSAGES: &str = "I was given no passages, so I cannot answer that.";
/// What the model says when it finds no question.
pub const NO_QUESTION: &str = "I found no question. Put it on a line that begins with \"Question:\".";

/// Below this support the model refuses, if told to.
const SUPPORT: f64 = 0.3;
/// A second sentence must score this share of the first.
const SECOND: f64 = 0.4;
/// A second sentence beside the first is worth more.
const BESIDE: f64 = 0.17;
/// A second sentence with the kind of thing asked for, where the first has none.
const COMPLETES: f64 = 0.4;
/// How often a citation names an id that was not given.
const WRONG_CITATION: f64 = 0.025;

/// An answer before it is counted and cut.
pub(super) struct Reply {
    pub text: String,
    pub citations: Vec<String>,
    pub refused: bool,
}

impl Reply {
    fn refusal(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            citations: Vec::new(),
            refused: true,
        }
    }
}

pub(super) fn reply(prompt: &Prompt, seed: u64) -> Reply {
    if prompt.question.is_empty() {
        return Reply::refusal(NO_QUESTION);
    }
    if prompt.passages.is_empty() {
        return Reply::refusal(NO_PASSAGES);
    }
    let ranked = rank(&prompt.passages, &prompt.question, seed);
    let Some(best) = ranked.first() else {
        return Reply::refusal(REFUSAL);
    };
    if prompt.instructions.refuse && best.support < SUPPORT {
        return Reply::refusal(REFUSAL);
    }
    let mut chosen = vec![best];
    if !prompt.instructions.one_sentence {
        let worth = |second: &&Candidate| {
            let beside = second.passage == best.passage && second.position.abs_diff(best.position) == 1;
            second.score
                + if beside { BESIDE } else { 0.0 }
                + if second.fits && !best.fits { COMPLETES } else { 0.0 }
        };
        let second = ranked
            .get(1..)
            .unwrap_or_default()
            .iter()
            .max_by(|one, other| worth(one).total_cmp(&worth(other)));
        chosen.extend(second.filter(|second| second.score > 0.0 && worth(second) >= SECOND * best.score));
    }
    // Two sentences of one passage keep the order they have there; otherwise the better one goes first.
    if let [first, second] = chosen[..]
        && first.passage == second.passage
    {
        chosen.sort_by_key(|candidate| candidate.position);
    }
    compose(prompt, &chosen, seed)
}

fn compose(prompt: &Prompt, chosen: &[&Candidate], seed: u64) -> Reply {
    let mut text = String::new();
    let mut citations = Vec::new();
    for candidate in chosen {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&candidate.sentence);
        if prompt.instructions.cite
            && let Some(passage) = prompt.passages.get(candidate.passage)
        {
            let id = citation(passage, &prompt.question, seed);
            text.push_str(&format!(" [{id}]"));
            citations.push(id);
        }
    }
    Reply {
        text,
        citations,
        refused: false,
    }
}

/// The passage's id; now and then shortened or lengthened, as a weak model's memory does.
fn citation(passage: &Passage, question: &str, seed: u64) -> String {
    if seeded::unit(seed, &["citation", question, &passage.id]) >= WRONG_CITATION {
        return passage.id.clone();
    }
    match passage.id.rsplit_once(['-', '_', '/', '#', '.']) {
        Some((shorter, _)) if !shorter.is_empty() => shorter.to_owned(),
        _ => format!("{}-2", passage.id),
    }
}
