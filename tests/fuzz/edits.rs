//! Edits that break a file.

use proptest::prelude::*;

/// A seed and what is done to it.
#[derive(Clone, Debug)]
pub struct Broken {
    seed: usize,
    edits: Vec<Edit>,
}

/// One edit. Places and lengths are taken modulo what is there.
#[derive(Clone, Debug)]
enum Edit {
    Delete(usize, usize),
    Repeat(usize, usize, usize),
    Move(usize, usize, usize),
    Token(usize, usize),
    Byte(usize, u8),
    Bytes(usize, Vec<u8>),
    Cut(usize),
}

/// Some edits of one of so many seeds.
pub fn broken(seeds: usize) -> impl Strategy<Value = Broken> {
    let place = any::<usize>;
    let length = 0..80usize;
    let edit = prop_oneof![
        2 => (place(), length.clone()).prop_map(|(at, length)| Edit::Delete(at, length)),
        1 => (place(), length.clone(), 1..40usize).prop_map(|(at, length, times)| Edit::Repeat(at, length, times)),
        1 => (place(), length, place()).prop_map(|(from, length, to)| Edit::Move(from, length, to)),
        4 => (place(), place()).prop_map(|(at, token)| Edit::Token(at, token)),
        2 => (place(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
        1 => (place(), prop::collection::vec(any::<u8>(), 1..12)).prop_map(|(at, bytes)| Edit::Bytes(at, bytes)),
        1 => place().prop_map(Edit::Cut),
    ];
    (0..seeds, prop::collection::vec(edit, 1..8)).prop_map(|(seed, edits)| Broken { seed, edits })
}

impl Broken {
    /// The broken file.
    pub fn apply(&self, seeds: &[Vec<u8>], tokens: &[&str]) -> Vec<u8> {
        let mut bytes = seeds[self.seed].clone();
        for edit in &self.edits {
            edit.apply(&mut bytes, tokens);
        }
        bytes
    }
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>, tokens: &[&str]) {
        let place = |at: usize, bytes: &[u8]| at % (bytes.len() + 1);
        let part = |at: usize, length: usize, bytes: &[u8]| {
            let from = place(at, bytes);
            from..(from + length).min(bytes.len())
        };
        let insert = |at: usize, what: &[u8], bytes: &mut Vec<u8>| {
            let at = place(at, bytes);
            bytes.splice(at..at, what.iter().copied());
        };
        match self {
            Self::Delete(at, length) => drop(bytes.drain(part(*at, *length, bytes))),
            Self::Repeat(at, length, times) => {
                let again = bytes[part(*at, *length, bytes)].repeat(*times);
                insert(*at, &again, bytes);
            }
            Self::Move(from, length, to) => {
                let moved: Vec<u8> = bytes.drain(part(*from, *length, bytes)).collect();
                insert(*to, &moved, bytes);
            }
            Self::Token(at, token) => insert(*at, tokens[token % tokens.len()].as_bytes(), bytes),
            Self::Byte(at, byte) => {
                let at = place(*at, bytes);
                if let Some(old) = bytes.get_mut(at) {
                    *old = *byte;
                }
            }
            Self::Bytes(at, new) => insert(*at, new, bytes),
            Self::Cut(at) => bytes.truncate(place(*at, bytes)),
        }
    }
}
