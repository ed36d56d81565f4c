//! Scores the sentences of the passages against the question.

use super::draw::Draw;
use super::lexicon::{asks_for, everyday, nearness, offers};
use super::prompt::Passage;
use super::seeded;
use super::text::{sentences, stems};

/// Weight of a question's word that occurs in the title and not in the sentence.
const TITLE: f64 = 0.5;
/// Weight of a question's word that occurs elsewhere in the passage only.
const AROUND: f64 = 0.35;
/// For a sentence with a time, a price, a number, when the question asks for one.
const KIND: f64 = 0.4;
/// Share of the sentence itself, beside its passage, in the support for an answer.
const INSIDE: f64 = 0.15;
/// Support by a sentence that holds the kind of thing asked for.
const KIND_SUPPORT: f64 = 0.18;
/// For the first sentence of a passage, where texts tend to say what matters.
const LEAD: f64 = 0.15;
/// Weight of an everyday word, beside 1 for a word that says what a text is about.
const EVERYDAY: f64 = 0.35;
/// How much more a word counts that no passage has.
const MISSING: f64 = 1.4;
/// Most different words of a question that are looked at.
const LONGEST_QUESTION: usize = 60;

/// A sentence that might answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    /// Index of its passage.
    pub passage: usize,
    /// Position in its passage.
    pub position: usize,
    pub sentence: String,
    /// How well it fits, perturbed: what the choice goes by.
    pub score: f64,
    /// How much of the question it and its passage cover, perturbed: what refusing goes by.
    pub support: f64,
    /// Whether it holds the kind of thing that is asked for.
    pub fits: bool,
}

/// Every sentence of every passage, best first. A question without content words supports nothing.
pub(super) fn rank(passages: &[Passage], question: &str, draw: &Draw) -> Vec<Candidate> {
    let mut asked: Vec<String> = Vec::new();
    for stem in stems(question) {
        if asked.len() < LONGEST_QUESTION && !asked.contains(&stem) {
            asked.push(stem);
        }
    }
    let kind = asks_for(question);
    let read: Vec<Read> = passages
        .iter()
        .map(|passage| Read::new(passage, &asked))
        .collect();
    let weights: Vec<f64> = asked
        .iter()
        .enumerate()
        .map(|(at, word)| rarity(at, &read) * if everyday(word) { EVERYDAY } else { 1.0 })
        .collect();
    let total = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let covered = |levels: &Levels| {
        levels
            .iter()
            .zip(&weights)
            .map(|(level, weight)| level * weight)
            .sum::<f64>()
            / total
    };
    // The more there is to read, the more it is distracted.
    let noise = draw.size.noise() * count(passages.len()).sqrt();
    let asked_pairs = pairs(question);

    let mut candidates = Vec::new();
    for (index, (passage, read)) in passages.iter().zip(read).enumerate() {
        let around = covered(&read.all);
        for (position, (sentence, levels)) in read.sentences.into_iter().enumerate() {
            let inside = covered(&levels);
            let titled = covered(&best(&levels, &read.title)) - inside;
            // The perturbation belongs to question and sentence: a further passage does not shuffle those that were there.
            let drawn = ["sentence", question, &passage.id, &sentence];
            let jitter = noise * seeded::signed(draw.seed, &drawn);
            let heat = draw.heat(&drawn);
            let fits = kind.is_some_and(|kind| offers(&sentence, kind));
            let [of_kind, kind_support] = if fits { [KIND, KIND_SUPPORT] } else { [0.0; 2] };
            let lead = if position == 0 { LEAD } else { 0.0 };
            let elsewhere = around - inside - titled;
            let worth = draw.size.pair();
            let together = if worth > 0.0 && inside > 0.0 {
                worth * shared(&asked_pairs, &pairs(&sentence))
            } else {
                0.0
            };
            candidates.push(Candidate {
                passage: index,
                position,
                sentence,
                score: inside
                    + TITLE * titled
                    + AROUND * elsewhere
                    + of_kind
                    + lead
                    + jitter
                    + together
                    + heat,
                support: INSIDE * inside + (1.0 - INSIDE) * around + kind_support + jitter,
                fits,
            });
        }
    }
    candidates.sort_by(|one, other| {
        other
            .score
            .total_cmp(&one.score)
            .then((one.passage, one.position).cmp(&(other.passage, other.position)))
    });
    candidates
}

/// The neighbouring words of a text that say what it is about.
fn pairs(text: &str) -> Vec<[String; 2]> {
    stems(text)
        .windows(2)
        .filter_map(|pair| match pair {
            [one, two] => Some([one.clone(), two.clone()]),
            _ => None,
        })
        .take(LONGEST_QUESTION)
        .collect()
}

/// The share of the question's pairs that a sentence has too, in either order.
fn shared(asked: &[[String; 2]], held: &[[String; 2]]) -> f64 {
    let near = |[one, two]: &[String; 2]| {
        held.iter().any(|[first, second]| {
            (nearness(one, first) > 0.0 && nearness(two, second) > 0.0)
                || (nearness(one, second) > 0.0 && nearness(two, first) > 0.0)
        })
    };
    if asked.is_empty() || held.is_empty() {
        return 0.0;
    }
    count(asked.iter().filter(|pair| near(pair)).count()) / count(asked.len())
}

/// For each word of the question, how nearly a text holds it.
type Levels = Vec<f64>;

/// A passage, read for the question's words.
struct Read {
    title: Levels,
    sentences: Vec<(String, Levels)>,
    all: Levels,
}

impl Read {
    fn new(passage: &Passage, asked: &[String]) -> Self {
        let levels = |text: &str| -> Levels {
            let held = stems(text);
            let nearest = |word: &String| held.iter().map(|held| nearness(word, held)).fold(0.0, f64::max);
            asked.iter().map(nearest).collect()
        };
        let title = levels(&passage.title);
        let sentences: Vec<_> = sentences(&passage.text)
            .into_iter()
            .map(|sentence| {
                let held = levels(&sentence);
                (sentence, held)
            })
            .collect();
        let all = sentences
            .iter()
            .fold(title.clone(), |all, (_, levels)| best(&all, levels));
        Self {
            title,
            sentences,
            all,
        }
    }
}

fn best(one: &Levels, other: &Levels) -> Levels {
    one.iter()
        .zip(other)
        .map(|(one, other)| one.max(*other))
        .collect()
}

/// Rare among the passages counts more; a word that none of them has counts most, and against every sentence.
fn rarity(word: usize, read: &[Read]) -> f64 {
    let holding: f64 = read.iter().filter_map(|passage| passage.all.get(word)).sum();
    let weight = 1.0 + ((count(read.len()) + 1.0) / (holding + 1.0)).ln();
    if holding > 0.0 { weight } else { weight * MISSING }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
