//! The blocks of a source as a reader sees them: one run of characters each, every character knowing where it came from.

use super::{
    Finding,
    source::{Prepared, TOKEN},
};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// A heading, paragraph, list item, table cell or code block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// Its level when it is a heading.
    pub heading: Option<HeadingLevel>,
    /// Where it stands in the source.
    pub range: Range<usize>,
    /// The characters with the offset each came from; a token is one [`TOKEN`].
    pub chars: Vec<(char, usize)>,
}

impl Block {
    /// A text that is not Markdown.
    pub fn plain(text: &str) -> Self {
        let chars = text.char_indices().map(|(at, c)| (c, at)).collect();
        Self {
            heading: None,
            range: 0..text.len(),
            chars,
        }
    }

    /// The text of the characters `from..to`.
    pub fn text(&self, from: usize, to: usize) -> String {
        let to = to.min(self.chars.len());
        self.chars[from.min(to)..to].iter().map(|(c, _)| *c).collect()
    }

    /// Where the characters `from..to` stand in the source.
    pub fn span(&self, from: usize, to: usize) -> Range<usize> {
        let start = self.chars.get(from).map_or(self.range.end, |(_, at)| *at);
        let end = to
            .checked_sub(1)
            .and_then(|last| self.chars.get(last))
            .map_or(start, |(c, at)| at + c.len_utf8());
        start..end.max(start)
    }

    /// Whether nothing is written in it.
    pub fn is_empty(&self) -> bool {
        self.chars.iter().all(|(c, _)| c.is_whitespace())
    }
}

/// A link's destination.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    /// Where the whole link stands.
    pub range: Range<usize>,
    /// Where it leads.
    pub to: String,
}

/// Everything that a source consists of.
#[derive(Default)]
pub(crate) struct Parsed {
    pub blocks: Vec<Block>,
    pub addresses: Vec<Address>,
    pub findings: Vec<Finding>,
}

/// What the Markdown of a source may use beyond CommonMark.
pub(crate) fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

/// Cuts a source into blocks.
pub(crate) fn parse(prepared: &Prepared<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    let mut open: Vec<Block> = Vec::new();
    for (event, range) in Parser::new_ext(&prepared.clean, options()).into_offset_iter() {
        match event {
            Event::Start(tag) => start(tag, range, &mut open, &mut parsed),
            Event::End(end) => {
                if is_block_end(end)
                    && let Some(block) = open.pop()
                {
                    keep(block, &mut parsed);
                }
            }
            Event::Text(text) | Event::Code(text) => push(&text, range, prepared, &mut open, &mut parsed),
            Event::SoftBreak | Event::HardBreak => {
                if let Some(block) = open.last_mut() {
                    block.chars.push((' ', range.start));
                }
            }
            Event::Html(_) | Event::InlineHtml(_) => parsed.findings.push(Finding {
                start: range.start,
                end: range.end,
                reason: "HTML cannot be exported.".into(),
                hint: "Write it as Markdown.".into(),
            }),
            _ => {}
        }
    }
    for block in open {
        keep(block, &mut parsed);
    }
    parsed
        .blocks
        .sort_by_key(|block| (block.range.start, block.range.end));
    parsed
}

fn start(tag: Tag<'_>, range: Range<usize>, open: &mut Vec<Block>, parsed: &mut Parsed) {
    let mut refuse = |reason: &str, hint: &str| {
        parsed.findings.push(Finding {
            start: range.start,
            end: range.end,
            reason: reason.into(),
            hint: hint.into(),
        });
    };
    match tag {
        Tag::Heading { level, .. } => open.push(Block {
            heading: Some(level),
            range,
            chars: Vec::new(),
        }),
        Tag::List(Some(_)) => {
            refuse(
                "A numbered list writes numbers that are no claims.",
                "Use a list with dashes.",
            );
        }
        Tag::Image { .. } => refuse(
            "A picture may show numbers that nobody can check.",
            "Leave it out: the charts of the runs are added by the export.",
        ),
        Tag::Link { dest_url, title, .. } => {
            if !title.is_empty() {
                refuse(
                    "A link's title is text that is read only on hover.",
                    "Write it into the sentence.",
                );
            }
            let scheme = dest_url
                .split_once(':')
                .map(|(scheme, _)| scheme.to_ascii_lowercase());
            if scheme.is_some_and(|scheme| !matches!(scheme.as_str(), "http" | "https" | "mailto")) {
                refuse(
                    "Only http, https and mailto addresses can be linked.",
                    "Change the address.",
                );
            }
            parsed.addresses.push(Address {
                range,
                to: dest_url.into_string(),
            });
        }
        tag if is_block_end(tag.to_end()) => open.push(Block {
            heading: None,
            range,
            chars: Vec::new(),
        }),
        _ => {}
    }
}

fn is_block_end(end: TagEnd) -> bool {
    matches!(
        end,
        TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::Item
            | TagEnd::TableCell
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock
    )
}

fn keep(block: Block, parsed: &mut Parsed) {
    if !block.is_empty() || block.heading.is_some() {
        parsed.blocks.push(block);
    }
}

fn push(
    text: &str,
    range: Range<usize>,
    prepared: &Prepared<'_>,
    open: &mut Vec<Block>,
    parsed: &mut Parsed,
) {
    if open.is_empty() {
        open.push(Block {
            heading: None,
            range: range.clone(),
            chars: Vec::new(),
        });
    }
    let Some(block) = open.last_mut() else { return };
    let raw = prepared.clean.get(range.clone()).unwrap_or_default();
    // Code is handed over without its backticks: find it within its range.
    let shift = raw.find(text);
    if shift.is_none() && text.contains(TOKEN) {
        parsed.findings.push(Finding {
            start: range.start,
            end: range.end,
            reason: "A token cannot stand here.".into(),
            hint: "Write it into a plain sentence.".into(),
        });
    }
    let mut skip_until = 0;
    for (at, c) in text.char_indices() {
        let offset = shift.map_or(range.start, |shift| range.start + shift + at);
        if shift.is_some() && offset < skip_until {
            continue;
        }
        if c == TOKEN
            && let Some(token) = prepared.token_at(offset)
        {
            skip_until = prepared.tokens[token].range.end;
        }
        block.chars.push((c, offset));
    }
}
