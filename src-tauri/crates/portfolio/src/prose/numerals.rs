//! Digits of any script, and the one small rule by which a name may contain them.
//!
//! A name is one word (letters, digits, `-`, `.`, `_`, `@`) that starts with a letter, whose first digit follows a letter
//! directly or over `-`, `_` or `@`, and that neither ends in a unit nor is followed by one: BM25, p95, gpt-5-mini, UTF-8,
//! Recall@5. Besides these, the members of a few numbered series: RFC 9110. Everything else is a number.

use super::{
    Finding,
    blocks::Block,
    lexicon::{NO_STEM, SERIES, UNITS},
    source::TOKEN,
};
use std::ops::Range;

/// What the digits of a block are.
#[derive(Default)]
pub(crate) struct Numerals {
    /// Numbers.
    pub refused: Vec<Finding>,
    /// Digits in names, as offsets into the source.
    pub names: Vec<Range<usize>>,
}

/// Whether a character writes a number: any script's digits, fractions, superscripts, letters styled as digits are.
pub(crate) fn is_numeral(c: char) -> bool {
    c.is_numeric() || matches!(c, '\u{1F51F}' | '\u{1F4AF}' | '\u{1D400}'..='\u{1D7FF}')
}

/// Signs that make a share of a number.
pub(crate) fn is_percent(c: char) -> bool {
    matches!(c, '%' | '‰' | '‱' | '٪' | '％' | '﹪' | '℅')
}

/// Signs of currencies.
pub(crate) fn is_currency(c: char) -> bool {
    matches!(
        c,
        '$' | '¢' | '£' | '¤' | '¥' | '\u{20A0}'..='\u{20CF}' | '＄' | '￡' | '￥'
    )
}

const HINT: &str = "Numbers enter as tokens: [[claim-name]] for a measured one, [[stated: 64 documents]] for a fact you state.";

/// Finds the digits of a block.
pub(crate) fn find(block: &Block) -> Numerals {
    let mut found = Numerals::default();
    let chars = &block.chars;
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at].0;
        if is_percent(c) {
            found.refused.push(finding(
                block,
                at,
                at + 1,
                "A percent sign stands outside a token.",
            ));
            at += 1;
        } else if is_numeral(c) {
            let (from, to) = word(block, at);
            if is_name(block, from, to) {
                let digits = (from..to).filter(|&i| is_numeral(chars[i].0));
                found.names.extend(digits.map(|i| block.span(i, i + 1)));
            } else {
                let text = block.text(from, to);
                found.refused.push(finding(
                    block,
                    from,
                    to,
                    &format!("`{text}` is a number that is not a claim."),
                ));
            }
            at = to;
        } else {
            at += 1;
        }
    }
    found
}

fn finding(block: &Block, from: usize, to: usize, reason: &str) -> Finding {
    let span = block.span(from, to);
    Finding {
        start: span.start,
        end: span.end,
        reason: reason.into(),
        hint: HINT.into(),
    }
}

/// The word around a digit, without what only joins.
fn word(block: &Block, at: usize) -> (usize, usize) {
    let joins = |c: char| matches!(c, '-' | '.' | '_' | '@' | '\u{2011}');
    let part = |c: char| (c.is_alphanumeric() || is_numeral(c) || joins(c)) && c != TOKEN;
    let (mut from, mut to) = (at, at + 1);
    while from > 0 && part(block.chars[from - 1].0) {
        from -= 1;
    }
    while to < block.chars.len() && part(block.chars[to].0) {
        to += 1;
    }
    while from < at && joins(block.chars[from].0) {
        from += 1;
    }
    while to > at + 1 && joins(block.chars[to - 1].0) {
        to -= 1;
    }
    (from, to)
}

fn is_name(block: &Block, from: usize, to: usize) -> bool {
    let text = block.text(from, to);
    if text.chars().any(|c| is_numeral(c) && !c.is_ascii_digit()) || followed_by_unit(block, to) {
        return false;
    }
    let touches_token = from > 0 && block.chars[from - 1].0 == TOKEN;
    if !text.starts_with(char::is_alphabetic) {
        let member = text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-');
        return member && in_series(block, from);
    }
    let Some(digit) = text.find(|c: char| c.is_ascii_digit()) else {
        return false;
    };
    let before = text[..digit].trim_end_matches(['-', '_', '@', '\u{2011}']);
    let joined = text[..digit].chars().count() - before.chars().count() <= 1;
    let stem: String = last_letters(before).to_lowercase();
    let after: String = last_letters(&text).to_lowercase();
    let quarter = text.len() == 2 && matches!(text.as_bytes(), [b'Q' | b'q' | b'H' | b'h', b'1'..=b'4']);
    joined
        && !touches_token
        && !quarter
        && !stem.is_empty()
        && !NO_STEM.contains(&stem.as_str())
        && !UNITS.contains(&stem.as_str())
        && (after.is_empty() || !UNITS.contains(&after.as_str()))
}

/// The letters that a text ends in; a text that ends in a digit has none.
fn last_letters(text: &str) -> String {
    let letters: Vec<char> = text.chars().rev().take_while(|c| c.is_alphabetic()).collect();
    letters.into_iter().rev().collect()
}

fn in_series(block: &Block, from: usize) -> bool {
    let mut start = from;
    if start == 0 || !matches!(block.chars[start - 1].0, ' ' | '\u{A0}') {
        return false;
    }
    start -= 1;
    let end = start;
    while start > 0 && block.chars[start - 1].0.is_alphabetic() {
        start -= 1;
    }
    SERIES.contains(&block.text(start, end).as_str())
}

/// Whether a unit follows at once, over a space or over a dash.
pub(crate) fn followed_by_unit(block: &Block, to: usize) -> bool {
    let mut at = to;
    while at < block.chars.len()
        && (block.chars[at].0.is_whitespace() || is_joiner(block.chars[at].0))
        && at < to + 2
    {
        at += 1;
    }
    let Some((c, _)) = block.chars.get(at) else {
        return false;
    };
    if is_percent(*c) || is_currency(*c) || *c == '×' {
        return true;
    }
    let mut end = at;
    while end < block.chars.len() && block.chars[end].0.is_alphabetic() && block.chars[end].0 != TOKEN {
        end += 1;
    }
    let word = block.text(at, end).to_lowercase();
    // "second" and "time" after a name are no units: "the p95 time".
    UNITS.contains(&word.as_str()) && word != "time"
}

fn is_joiner(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}')
}
