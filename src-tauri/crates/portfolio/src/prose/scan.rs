//! One reading of a source: what is refused, what each token says, and the same text with marks in it.

use super::{
    Finding, Refusal,
    blocks::{Block, Parsed, parse},
    measured, numerals, source,
    source::{Prepared, TOKEN, prepare},
    tokens::{Meaning, meanings},
    trend, words,
};
use crate::{
    claim::Claim,
    seal::{Ledger, Mark},
};
use std::{collections::BTreeMap, ops::Range};

/// A source that was read.
pub(crate) struct Scan<'a> {
    pub prepared: Prepared<'a>,
    pub parsed: Parsed,
    /// One for each token of the prepared source.
    pub meanings: Vec<Meaning>,
    findings: Vec<Finding>,
    names: Vec<Range<usize>>,
}

/// Reads a source.
pub(crate) fn scan<'a>(text: &'a str, claims: &[Claim]) -> Scan<'a> {
    let prepared = prepare(text);
    let parsed = parse(&prepared);
    let mut findings = [prepared.findings.clone(), parsed.findings.clone()].concat();
    let mut names = Vec::new();
    let meanings = meanings(&prepared, claims, &mut findings);
    let claim_at = |offset: usize| match meanings.get(prepared.token_at(offset)?)? {
        Meaning::Claim { claim, .. } | Meaning::Refused(Some(claim)) => claims.get(*claim),
        _ => None,
    };
    for block in &parsed.blocks {
        let numerals = numerals::find(block);
        findings.extend(
            numerals
                .refused
                .into_iter()
                .map(|finding| compared(finding, block, claims)),
        );
        names.extend(numerals.names);
        findings.extend(words::find(block));
        findings.extend(trend::find(block, claim_at));
    }
    addresses(&parsed, &prepared, &mut findings);
    outside_blocks(&prepared, &parsed, &names, &mut findings);
    findings.sort_by_key(|finding| (finding.start, finding.end));
    findings.dedup_by(|next, before| next.start < before.end && next.reason == before.reason);
    names.sort_by_key(|name| name.start);
    Scan {
        prepared,
        parsed,
        meanings,
        findings,
        names,
    }
}

fn compared(finding: Finding, block: &Block, claims: &[Claim]) -> Finding {
    match measured::against(block, finding.start, claims) {
        Some(reason) => Finding {
            reason: format!("{} {reason}", finding.reason),
            ..finding
        },
        None => finding,
    }
}

fn addresses(parsed: &Parsed, prepared: &Prepared<'_>, findings: &mut Vec<Finding>) {
    for address in &parsed.addresses {
        let raw = &prepared.clean[address.range.clone()];
        let digits = address.to.chars().any(numerals::is_numeral);
        let reason = if address.to.contains(TOKEN) || address.to.contains("%EE%80%80") {
            "A token cannot stand in an address."
        } else if digits && (raw.starts_with('<') || !raw.contains(&address.to)) {
            "An address with digits needs a text of its own."
        } else {
            continue;
        };
        let Range { start, end } = address.range;
        let hint = "Write it as [text](address).".into();
        findings.push(Finding {
            start,
            end,
            reason: reason.into(),
            hint,
        });
    }
}

/// Digits that no block shows: reference definitions, the language of a code block, entities.
fn outside_blocks(
    prepared: &Prepared<'_>,
    parsed: &Parsed,
    names: &[Range<usize>],
    findings: &mut Vec<Finding>,
) {
    let mut extra = Vec::new();
    for (at, c) in prepared
        .clean
        .char_indices()
        .filter(|(_, c)| numerals::is_numeral(*c))
    {
        let within = |range: &Range<usize>| range.contains(&at);
        let known = names.iter().any(within)
            || parsed.addresses.iter().any(|address| within(&address.range))
            || findings
                .iter()
                .chain(&extra)
                .any(|finding: &Finding| (finding.start..finding.end).contains(&at));
        if !known {
            extra.push(Finding {
                start: at,
                end: at + c.len_utf8(),
                reason:
                    "A number stands outside the text (in a reference, an entity or a code block's language)."
                        .into(),
                hint: "Write the character itself, and addresses within their link.".into(),
            });
        }
    }
    findings.append(&mut extra);
}

impl Scan<'_> {
    /// The findings as people read them, in order of place.
    pub fn refusals(&self) -> Vec<Refusal> {
        self.findings
            .iter()
            .map(|finding| self.refusal(finding))
            .collect()
    }

    /// A finding as people read it.
    pub fn refusal(&self, finding: &Finding) -> Refusal {
        let (line, column) = self.prepared.place(finding.start);
        let raw = self
            .prepared
            .original
            .get(finding.start..finding.end)
            .unwrap_or_default();
        let mut excerpt: String = raw
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(80)
            .collect();
        excerpt.retain(|c| !source::is_private(c));
        Refusal {
            line,
            column,
            excerpt,
            reason: finding.reason.clone(),
            hint: finding.hint.clone(),
        }
    }

    /// The marked text of a part of the source, tokens and names vouched for in the ledger.
    pub fn marked(&self, range: Range<usize>, ledger: &mut Ledger) -> String {
        let mut pieces: BTreeMap<usize, (usize, String)> = BTreeMap::new();
        for (token, meaning) in self.prepared.tokens.iter().zip(&self.meanings) {
            pieces.insert(token.range.start, (token.range.end, mark(meaning, ledger)));
        }
        for name in &self.names {
            let text = ledger.mark(Mark::Name, &self.prepared.clean[name.clone()]);
            pieces.insert(name.start, (name.end, text));
        }
        for address in &self.parsed.addresses {
            ledger.allow_address(&address.to);
        }
        let mut out = String::new();
        let mut done = range.start;
        for (start, (end, text)) in pieces.range(range.clone()) {
            if *start >= done && *end <= range.end {
                out.push_str(&self.prepared.clean[done..*start]);
                out.push_str(text);
                done = *end;
            }
        }
        out.push_str(&self.prepared.clean[done..range.end]);
        out
    }

    /// The marked words of a block, without Markdown.
    pub fn marked_words(&self, block: &Block, ledger: &mut Ledger) -> String {
        let mut out = String::new();
        for (c, offset) in &block.chars {
            match self
                .prepared
                .token_at(*offset)
                .and_then(|token| self.meanings.get(token))
            {
                Some(meaning) if *c == TOKEN => out.push_str(&mark(meaning, ledger)),
                _ if self.names.iter().any(|name| name.contains(offset)) && numerals::is_numeral(*c) => {
                    out.push_str(&ledger.mark(Mark::Name, &c.to_string()));
                }
                _ => out.push(*c),
            }
        }
        out
    }
}

fn mark(meaning: &Meaning, ledger: &mut Ledger) -> String {
    match meaning {
        Meaning::Claim { text, .. } => ledger.mark(Mark::Claim, text),
        Meaning::Stated(text) => ledger.mark(Mark::Stated, text),
        Meaning::Refused(_) => String::new(),
    }
}
