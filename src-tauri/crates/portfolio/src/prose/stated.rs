//! Facts that an author states: counts, names, versions and dates. What only a measurement can know is refused.

use super::{
    blocks::Block,
    lexicon::{MEASURES, TRENDS, UNITS},
    numerals::{is_currency, is_numeral, is_percent},
    source::is_private,
    words,
};

/// Why a stated fact cannot stand, if it cannot.
pub(crate) fn why_refused(text: &str) -> Option<&'static str> {
    let fold: Vec<char> = text.chars().collect();
    if text.is_empty() {
        return Some("The fact is empty.");
    }
    if fold.len() > 120 {
        return Some("A stated fact is a few words, 120 characters at most.");
    }
    if text
        .chars()
        .any(|c| is_private(c) || words::is_invisible(c) || "*_`[]<>&\\|~#\"{}".contains(c))
    {
        return Some("A stated fact is plain words without formatting.");
    }
    if text.chars().any(is_percent) {
        return Some("A percentage can only come from a claim.");
    }
    if text.chars().any(is_currency) {
        return Some("An amount of money can only come from a claim.");
    }
    if text.contains('×') {
        return Some("A multiple can only come from a claim.");
    }
    if text.chars().any(|c| is_numeral(c) && !c.is_ascii_digit()) {
        return Some("A stated number is written with plain digits.");
    }
    // Letters behind digits are words too: "40ms", "3x", "5k".
    let words = words::words(&Block::plain(text));
    let names = |set: &[&str]| words.iter().any(|word| set.contains(&word.text.as_str()));
    if names(UNITS) || words.iter().any(|word| word.text.ends_with("fold")) {
        return Some(
            "A percentage, a multiple, an amount of money or a duration can only come from a claim.",
        );
    }
    if names(MEASURES) || TRENDS.iter().any(|(_, set)| names(set)) {
        return Some("What is measured can only come from a claim.");
    }
    if is_share(text) {
        return Some("A share can only come from a claim.");
    }
    if !words.iter().any(|word| word.text.len() > 1) && !is_date(text) {
        return Some("Say what is counted: [[stated: 64 documents]].");
    }
    None
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit()))
}

/// "0.91", ".91", "9 of 10", "9/10", "9 out of 10", "9 in 10", "9:10".
fn is_share(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut numbers: Vec<(usize, usize)> = Vec::new();
    for (at, c) in lower.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        match numbers.last_mut() {
            Some((_, end)) if *end == at => *end = at + c.len_utf8(),
            _ => numbers.push((at, at + c.len_utf8())),
        }
    }
    let decimal = numbers.iter().enumerate().any(|(i, (from, to))| {
        let point_before = lower[..*from].ends_with(['.', ',']);
        let whole = i
            .checked_sub(1)
            .and_then(|before| numbers.get(before))
            .map(|(from, to)| &lower[*from..*to]);
        let zero = whole.is_none_or(|whole| whole.chars().all(|c| c == '0'));
        point_before && zero && to > from
    });
    let versions = numbers.len() > 2;
    let related = numbers.windows(2).any(|pair| {
        let between = lower[pair[0].1..pair[1].0].trim();
        matches!(between, "of" | "out of" | "in" | "of the" | ":") || (between == "/" && !versions)
    });
    decimal || related
}
