//! The one door that a finished document passes.
//!
//! Numbers enter a template's context marked, with private-use characters around them. After rendering, every numeral
//! must stand inside such a mark, and what stands inside must be in the [`Ledger`]. So a number that somebody writes into
//! a template by hand is refused like one in a source, and a filter that alters a claim is noticed. No mark survives.

mod html;

pub use html::seal_html;

use crate::prose::{Refusal, numerals::is_numeral, source::is_private};
use std::collections::BTreeSet;

/// Where a number in a document came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// A claim's token.
    Claim,
    /// A fact that the author states.
    Stated,
    /// A generated fact of the proof: run numbers, hashes, dates, n.
    Proof,
    /// A name with digits: BM25, p95.
    Name,
}

const CLOSE: char = '\u{E10F}';

impl Mark {
    const ALL: [Self; 4] = [Self::Claim, Self::Stated, Self::Proof, Self::Name];

    fn open(self) -> char {
        match self {
            Self::Claim => '\u{E101}',
            Self::Stated => '\u{E102}',
            Self::Proof => '\u{E103}',
            Self::Name => '\u{E104}',
        }
    }

    fn of(c: char) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.open() == c)
    }
}

/// The numbers that may appear in one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: BTreeSet<(Mark, String)>,
    addresses: BTreeSet<String>,
}

impl Ledger {
    /// Enters a text and gives it back marked. Characters that could be taken for marks are left out.
    pub fn mark(&mut self, mark: Mark, text: &str) -> String {
        let text: String = text.chars().filter(|c| !is_private(*c)).collect();
        let marked = format!("{}{text}{CLOSE}", mark.open());
        self.entries.insert((mark, text));
        marked
    }

    /// Enters the destination of a link: digits in it are no numbers.
    pub fn allow_address(&mut self, address: &str) {
        self.addresses.insert(address.into());
    }

    fn vouches(&self, mark: Mark, text: &str) -> bool {
        self.entries.contains(&(mark, text.to_owned()))
    }
}

/// Takes the marks out of a rendered plain text or Markdown document, and refuses every numeral that no mark vouches for.
pub fn seal(rendered: &str, ledger: &Ledger) -> Result<String, Vec<Refusal>> {
    let mut sealer = Sealer::new(rendered, ledger);
    let mut at = 0;
    while let Some(c) = rendered[at..].chars().next() {
        let before = &rendered[..at];
        let linked = before.ends_with("](") || before.ends_with("](<");
        let address = ledger
            .addresses
            .iter()
            .filter(|address| linked && rendered[at..].starts_with(address.as_str()));
        if let Some(address) = address
            .max_by_key(|address| address.len())
            .filter(|address| !address.is_empty())
        {
            sealer.out.push_str(address);
            at += address.len();
            continue;
        }
        sealer.take(at, c);
        sealer.out_unless_mark(c);
        at += c.len_utf8();
    }
    sealer.finish(rendered.len())
}

/// Walks a document and remembers what it may not say.
struct Sealer<'a> {
    rendered: &'a str,
    ledger: &'a Ledger,
    open: Option<(Mark, String)>,
    out: String,
    refusals: Vec<Refusal>,
}

impl<'a> Sealer<'a> {
    fn new(rendered: &'a str, ledger: &'a Ledger) -> Self {
        Self {
            rendered,
            ledger,
            open: None,
            out: String::with_capacity(rendered.len()),
            refusals: Vec::new(),
        }
    }

    /// Takes in one character that a reader will see.
    fn take(&mut self, at: usize, c: char) {
        if let Some(mark) = Mark::of(c) {
            if self.open.is_some() {
                self.refuse(at, "A mark was opened within a mark.");
            }
            self.open = Some((mark, String::new()));
        } else if c == CLOSE {
            match self.open.take() {
                Some((mark, text)) if self.ledger.vouches(mark, &text) => {}
                Some((_, text)) => self.refuse(
                    at,
                    &format!("`{text}` is not what the claim says: the template altered it."),
                ),
                None => self.refuse(at, "A mark was closed that was never opened."),
            }
        } else if let Some((_, text)) = &mut self.open {
            text.push(c);
        } else if is_numeral(c) {
            self.refuse(at, "A number stands in the document that no claim vouches for.");
        }
    }

    fn out_unless_mark(&mut self, c: char) {
        if !is_private(c) {
            self.out.push(c);
        }
    }

    fn refuse(&mut self, at: usize, reason: &str) {
        let before = &self.rendered[..at];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let visible = |text: &str| text.chars().filter(|c| !is_private(*c)).collect::<String>();
        let written: Vec<char> = visible(&before[start..]).chars().collect();
        let rest = self.rendered[at..].lines().next().unwrap_or_default();
        let lead: String = written[written.len().saturating_sub(24)..].iter().collect();
        let tail: String = visible(rest).chars().take(24).collect();
        self.refusals.push(Refusal {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(written.len() + 1).unwrap_or(u32::MAX),
            excerpt: format!("{lead}{tail}"),
            reason: reason.into(),
            hint: "Take the number out of the template: its values bring their own.".into(),
        });
    }

    fn finish(mut self, end: usize) -> Result<String, Vec<Refusal>> {
        if self.open.is_some() {
            self.refuse(end, "A mark was opened and never closed.");
        }
        if self.refusals.is_empty() {
            Ok(self.out)
        } else {
            Err(self.refusals)
        }
    }
}
