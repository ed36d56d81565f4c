//! A source with its comments blanked and its tokens found, byte for byte as long as before.

use super::Finding;
use std::ops::Range;

/// Stands for a token in prepared text.
pub(crate) const TOKEN: char = '\u{E000}';

/// Something in double square brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// Where it stands, brackets included.
    pub range: Range<usize>,
    /// What stands between the brackets.
    pub body: String,
}

/// A prepared source.
pub(crate) struct Prepared<'a> {
    /// The text as it was.
    pub original: &'a str,
    /// The text without comments, tokens replaced by placeholders; offsets are those of the original.
    pub clean: String,
    /// The tokens in order.
    pub tokens: Vec<Token>,
    /// What cannot be prepared.
    pub findings: Vec<Finding>,
}

/// Characters that no keyboard types: the marks of this crate live among them.
pub(crate) fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}')
}

/// Prepares a source.
pub(crate) fn prepare(original: &str) -> Prepared<'_> {
    let mut bytes = original.as_bytes().to_vec();
    let mut findings = Vec::new();
    for (at, c) in original.char_indices().filter(|(_, c)| is_private(*c)) {
        findings.push(Finding {
            start: at,
            end: at + c.len_utf8(),
            reason: "This character has no meaning of its own (private use).".into(),
            hint: "Delete it.".into(),
        });
        blank(&mut bytes, at..at + c.len_utf8());
    }
    for range in comments(original) {
        blank(&mut bytes, range);
    }
    // Only whole characters were blanked, so this is UTF-8 still.
    let without_comments = String::from_utf8_lossy(&bytes).into_owned();
    let tokens = tokens(&without_comments);
    let mut clean = String::with_capacity(original.len());
    let mut done = 0;
    for token in &tokens {
        clean.push_str(&without_comments[done..token.range.start]);
        clean.push(TOKEN);
        clean.extend(std::iter::repeat_n('q', token.range.len() - TOKEN.len_utf8()));
        done = token.range.end;
    }
    clean.push_str(&without_comments[done..]);
    Prepared {
        original,
        clean,
        tokens,
        findings,
    }
}

impl Prepared<'_> {
    /// The token that starts at this offset.
    pub fn token_at(&self, offset: usize) -> Option<usize> {
        self.tokens
            .binary_search_by_key(&offset, |token| token.range.start)
            .ok()
    }

    /// Line and column of an offset, both from 1.
    pub fn place(&self, offset: usize) -> (u32, u32) {
        let before = self.original.get(..offset).unwrap_or(self.original);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        (
            u32::try_from(line).unwrap_or(u32::MAX),
            u32::try_from(column).unwrap_or(u32::MAX),
        )
    }
}

fn blank(bytes: &mut [u8], range: Range<usize>) {
    for byte in &mut bytes[range] {
        if *byte != b'\n' && *byte != b'\r' {
            *byte = b' ';
        }
    }
}

/// HTML comments; one that is never closed reaches to the end.
fn comments(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("<!--").map(|at| from + at) {
        let end = text[start + 4..]
            .find("-->")
            .map_or(text.len(), |at| start + 4 + at + 3);
        found.push(start..end);
        from = end;
    }
    found
}

fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("[[").map(|at| from + at) {
        let inner = &text[start + 2..];
        let close = inner.find("]]");
        let odd = inner.find(['[', '\n']);
        match close {
            Some(close) if close > 0 && odd.is_none_or(|odd| odd > close) => {
                let end = start + 2 + close + 2;
                found.push(Token {
                    range: start..end,
                    body: inner[..close].trim().to_owned(),
                });
                from = end;
            }
            _ => from = start + 1,
        }
    }
    found
}
