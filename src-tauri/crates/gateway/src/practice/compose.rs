//! Makes an answer of the ranked sentences: how many, with which citations, or a refusal.

use super::draw::Draw;
use super::lexicon::asks_for;
use super::prompt::{Passage, Prompt};
use super::rank::{Candidate, rank};

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
/// Confidence is a logistic curve; these are its weights: of the support, of how far the best sentence leads the first one that was
/// left out, of holding the kind of thing asked for, and the middle.
const BY_SUPPORT: f64 = 3.0;
const BY_LEAD: f64 = 3.0;
const BY_KIND: f64 = 1.0;
const MIDDLE: f64 = 2.2;
/// What is left of the confidence when it does not quite remember an id.
const HESITANT: f64 = 0.5;

/// An answer before it is counted and cut.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub text: String,
    pub citations: Vec<String>,
    pub refused: bool,
    /// The sentences that it consists of, in order.
    pub picked: Vec<Picked>,
    /// How sure it is, from 0 to 1.
    pub confidence: f64,
}

/// A sentence of the answer and where it is from.
#[derive(Debug, Clone)]
pub(super) struct Picked {
    pub sentence: String,
    /// The id of its passage, as the model remembers it.
    pub id: String,
    pub title: String,
}

impl Reply {
    fn refusal(text: &str, confidence: f64) -> Self {
        Self {
            text: text.to_owned(),
            refused: true,
            confidence,
            ..Self::default()
        }
    }
}

pub(super) fn reply(prompt: &Prompt, draw: &Draw) -> Reply {
    if prompt.question.is_empty() {
        return Reply::refusal(NO_QUESTION, 1.0);
    }
    // What a tool gave back was asked for, so it is not held against the question as a found passage is.
    let (passages, may_refuse) = if prompt.results.is_empty() {
        (&prompt.passages, prompt.instructions.refuse)
    } else {
        (&prompt.results, false)
    };
    if passages.is_empty() {
        return Reply::refusal(NO_PASSAGES, 1.0);
    }
    let ranked = rank(passages, &prompt.question, draw);
    let Some(best) = ranked.first() else {
        return Reply::refusal(REFUSAL, 1.0);
    };
    if may_refuse && best.support < SUPPORT {
        return Reply::refusal(
            REFUSAL,
            (1.0 - best.support.max(0.0) / SUPPORT * 0.5).clamp(0.5, 0.99),
        );
    }
    let mut chosen = vec![best];
    if !prompt.instructions.one_sentence {
        chosen.extend(further(&ranked, best, draw.size.sentences() - 1));
    }
    // Sentences of one passage stand together in the order they have there; otherwise the better passage goes first.
    let order: Vec<usize> = chosen.iter().map(|candidate| candidate.passage).collect();
    chosen.sort_by_key(|candidate| {
        let first = order.iter().position(|passage| *passage == candidate.passage);
        (first, candidate.position)
    });
    let mut reply = compose(prompt, passages, &chosen, draw);
    reply.confidence = confidence(&ranked, &chosen, &prompt.question);
    let given = |picked: &Picked| passages.iter().any(|passage| passage.id == picked.id);
    if !reply.picked.iter().all(given) {
        reply.confidence *= HESITANT;
    }
    reply
}

/// The sentences that go with the best one, the worthiest first.
fn further<'a>(ranked: &'a [Candidate], best: &Candidate, most: usize) -> Vec<&'a Candidate> {
    let worth = |second: &Candidate| {
        let beside = second.passage == best.passage && second.position.abs_diff(best.position) == 1;
        second.score
            + if beside { BESIDE } else { 0.0 }
            + if second.fits && !best.fits { COMPLETES } else { 0.0 }
    };
    let mut others: Vec<&Candidate> = ranked.get(1..).unwrap_or_default().iter().collect();
    // Of equals the later one goes first.
    others.reverse();
    others.sort_by(|one, other| worth(other).total_cmp(&worth(one)));
    others.truncate(most);
    others.retain(|second| second.score > 0.0 && worth(second) >= SECOND * best.score);
    others
}

/// Sure where the best sentence covers the question, leads what was left out by far, and something chosen is of the kind asked for.
fn confidence(ranked: &[Candidate], chosen: &[&Candidate], question: &str) -> f64 {
    let best = chosen.iter().map(|chosen| chosen.score).fold(0.0, f64::max);
    let support = chosen.iter().map(|chosen| chosen.support).fold(0.0, f64::max);
    let left_out = ranked
        .iter()
        .find(|candidate| !chosen.contains(candidate))
        .map_or(0.0, |candidate| candidate.score.max(0.0));
    let lead = if best > 0.0 {
        ((best - left_out) / best).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let of_kind = asks_for(question).is_none() || chosen.iter().any(|chosen| chosen.fits);
    let sure = BY_SUPPORT * support.min(1.0) + BY_LEAD * lead + if of_kind { BY_KIND } else { 0.0 } - MIDDLE;
    (1.0 / (1.0 + (-sure).exp())).clamp(0.01, 0.99)
}

fn compose(prompt: &Prompt, passages: &[Passage], chosen: &[&Candidate], draw: &Draw) -> Reply {
    let mut reply = Reply::default();
    let mut left = prompt.instructions.most_words;
    for candidate in chosen {
        let (Some(passage), Some(sentence)) = (
            passages.get(candidate.passage),
            shortened(&candidate.sentence, &mut left),
        ) else {
            continue;
        };
        if !reply.text.is_empty() {
            reply.text.push(' ');
        }
        reply.text.push_str(&sentence);
        let id = citation(passage, &prompt.question, draw);
        if prompt.instructions.cite {
            reply.text.push_str(&format!(" [{id}]"));
            reply.citations.push(id.clone());
        }
        reply.picked.push(Picked {
            sentence,
            id,
            title: passage.title.clone(),
        });
    }
    reply
}

/// As many words of a sentence as are left; nothing if none is.
fn shortened(sentence: &str, left: &mut Option<usize>) -> Option<String> {
    let Some(most) = left else {
        return Some(sentence.to_owned());
    };
    let words: Vec<&str> = sentence.split_whitespace().take(*most).collect();
    *most = most.saturating_sub(words.len());
    (!words.is_empty()).then(|| words.join(" "))
}

/// The passage's id; now and then shortened or lengthened, as a weak model's memory does.
fn citation(passage: &Passage, question: &str, draw: &Draw) -> String {
    if !draw.happens(draw.size.wrong_citation(), &["citation", question, &passage.id]) {
        return passage.id.clone();
    }
    match passage.id.rsplit_once(['-', '_', '/', '#', '.']) {
        Some((shorter, _)) if !shorter.is_empty() => shorter.to_owned(),
        _ => format!("{}-2", passage.id),
    }
}
