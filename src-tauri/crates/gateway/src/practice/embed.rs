//! Embeddings: a bag of word stems and of the lexicon's groups of near-synonyms, hashed into a vector of unit length.
//!
//! Texts that share words or near-synonyms point in similar directions; nothing else of their meaning is seen. Both sizes embed alike.

use super::lexicon::{everyday, groups};
use super::seeded;
use super::text::stems;

/// Numbers in an embedding, unless a request asks for fewer.
pub(super) const DIMENSIONS: usize = 256;

/// Weight of the word itself, beside 1 for the groups that it belongs to, together.
const WORD: f64 = 0.7;
/// Weight of an everyday word.
const EVERYDAY: f64 = 0.4;

/// The embedding of a text in this many dimensions: the same for the same text, whatever the seed.
pub(super) fn embed(text: &str, dimensions: usize) -> Vec<f32> {
    let mut vector = vec![0.0_f64; dimensions];
    let mut add = |feature: &str, weight: f64| {
        let hash = seeded::hash(0, &["embedding", feature]);
        let place = usize::try_from(hash >> 33).unwrap_or(0) % dimensions.max(1);
        if let Some(value) = vector.get_mut(place) {
            // The sign makes chance meetings of features cancel out on average.
            *value += if hash & 1 == 0 { weight } else { -weight };
        }
    };
    let mut words = stems(text);
    if words.is_empty() {
        words = text.split_whitespace().map(str::to_lowercase).collect();
    }
    words.sort_unstable();
    for same in words.chunk_by(|one, other| one == other) {
        let Some(word) = same.first() else { continue };
        let times = f64::from(u32::try_from(same.len()).unwrap_or(u32::MAX));
        let weight = (1.0 + times.ln()) * if everyday(word) { EVERYDAY } else { 1.0 };
        let groups = groups(word);
        let share = f64::from(u32::try_from(groups.len()).unwrap_or(1).max(1));
        add(word, weight * if groups.is_empty() { 1.0 + WORD } else { WORD });
        for group in groups {
            add(&format!("\u{1}{group}"), weight / share.sqrt());
        }
    }
    let length = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
    if length == 0.0 {
        // Nothing but blanks, or features that cancel out: a direction of its own.
        let place = usize::try_from(seeded::hash(0, &[text]) >> 33).unwrap_or(0) % dimensions.max(1);
        return (0..dimensions)
            .map(|at| if at == place { 1.0 } else { 0.0 })
            .collect();
    }
    vector.into_iter().map(|value| narrow(value / length)).collect()
}

/// To single precision, which is what goes over the wire.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding to the nearest single-precision number is what is wanted"
)]
fn narrow(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(one: &str, other: &str) -> f32 {
        let [one, other] = [one, other].map(|text| embed(text, DIMENSIONS));
        one.iter().zip(&other).map(|(one, other)| one * other).sum()
    }

    #[test]
    fn similar_texts_are_near_and_others_are_not() {
        let near = cosine(
            "How long is the warranty on a parcel?",
            "The guarantee of a package lasts two years.",
        );
        let far = cosine(
            "How long is the warranty on a parcel?",
            "Bake the bread at a moderate heat.",
        );
        assert!(near > 0.4 && far < 0.2 && near > far + 0.3, "{near} {far}");
        assert!((cosine("a late fee", "A LATE FEE!") - 1.0).abs() < 1e-5);
    }

    #[test]
    fn every_text_has_unit_length() {
        for text in ["", "   ", "?!", "the of and", "late fees", &"word ".repeat(5000)] {
            for dimensions in [1, 64, DIMENSIONS] {
                let length: f32 = embed(text, dimensions).iter().map(|value| value * value).sum();
                assert!((length - 1.0).abs() < 1e-4, "{text:.20} {length}");
            }
        }
    }
}
