use super::{Ledger, Sealer};
use crate::prose::Refusal;

/// Attributes that people read or hear.
const READ: &[&str] = &[
    "alt",
    "title",
    "aria-label",
    "aria-description",
    "placeholder",
    "value",
    "label",
    "summary",
];

/// The same for HTML: text, titles and labels are checked; markup and style are not text. Scripts are refused.
pub fn seal_html(rendered: &str, ledger: &Ledger) -> Result<String, Vec<Refusal>> {
    let mut sealer = Sealer::new(rendered, ledger);
    let mut at = 0;
    while at < rendered.len() {
        let rest = &rendered[at..];
        let taken = if rest.starts_with("<!--") {
            copy(
                &mut sealer,
                rest,
                rest.find("-->").map_or(rest.len(), |end| end + 3),
            )
        } else if starts_element(rest, "script") {
            sealer.refuse(at, "A script stands in the document.");
            copy(&mut sealer, rest, "<script".len())
        } else if starts_element(rest, "style") {
            style(&mut sealer, at, rest)
        } else if rest.starts_with('<') {
            tag(&mut sealer, at, rest)
        } else {
            text(&mut sealer, at, rest)
        };
        at += taken;
    }
    sealer.finish(rendered.len())
}

fn starts_element(rest: &str, name: &str) -> bool {
    rest.get(1..=name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
        && rest.starts_with('<')
}

fn copy(sealer: &mut Sealer<'_>, rest: &str, len: usize) -> usize {
    for c in rest[..len].chars() {
        sealer.out_unless_mark(c);
    }
    len
}

fn style(sealer: &mut Sealer<'_>, at: usize, rest: &str) -> usize {
    let end = rest.find("</").unwrap_or(rest.len());
    // Style can write text too: `content: "91 %"`.
    for (start, _) in rest[..end].match_indices("content:") {
        let value = rest[start..end].split([';', '}']).next().unwrap_or_default();
        if value.chars().any(crate::prose::numerals::is_numeral) {
            sealer.refuse(at + start, "The style writes a number into the document.");
        }
    }
    copy(sealer, rest, end)
}

/// A tag: its markup is copied, the attributes that people read are checked.
fn tag(sealer: &mut Sealer<'_>, at: usize, rest: &str) -> usize {
    let len = tag_end(rest);
    let tag = &rest[..len];
    for name in READ {
        for (start, _) in tag.match_indices(name) {
            let value = &tag[start + name.len()..];
            let Some(quote) = value.strip_prefix("=").and_then(|value| value.chars().next()) else {
                continue;
            };
            if !matches!(quote, '"' | '\'') || !tag[..start].ends_with(char::is_whitespace) {
                continue;
            }
            let value = value[2..].split(quote).next().unwrap_or_default();
            read(sealer, at + start + name.len() + 2, value);
        }
    }
    copy(sealer, rest, len)
}

/// The length of a tag, `>` in quotes not being its end.
fn tag_end(rest: &str) -> usize {
    let mut quote = None;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '>') => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn text(sealer: &mut Sealer<'_>, at: usize, rest: &str) -> usize {
    let len = rest.find('<').unwrap_or(rest.len());
    read(sealer, at, &rest[..len]);
    copy(sealer, rest, len)
}

/// Takes in text as a browser shows it, entities resolved.
fn read(sealer: &mut Sealer<'_>, at: usize, text: &str) {
    let mut from = 0;
    while let Some(c) = text[from..].chars().next() {
        let entity = if c == '&' { entity(&text[from..]) } else { None };
        let (shown, len) = entity.unwrap_or((c, c.len_utf8()));
        sealer.take(at + from, shown);
        from += len;
    }
}

fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.find(';').filter(|end| *end <= 10)?;
    let shown = match &text[1..end] {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{A0}',
        // Fractions and superscripts by name; any other name is a letter or a sign.
        name if name.starts_with("frac") || name.starts_with("sup") => '½',
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((shown, end + 1))
}
