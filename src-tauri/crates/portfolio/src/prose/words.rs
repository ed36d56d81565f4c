//! Number words that are used as a quantity.

use super::{
    Finding,
    blocks::Block,
    lexicon::{
        BETWEEN, BOUNDS, DOUBLE, DURATIONS, NAMED, PART_NOUNS, PARTS, QUANTITIES, SHARE_AFTER, SMALL, UNITS,
    },
    numerals::is_currency,
    source::TOKEN,
};

/// A word of a block.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    /// In lower case, without invisible characters; a token is [`TOKEN`] alone.
    pub text: String,
    /// First character in the block.
    pub from: usize,
    /// One past its last character.
    pub to: usize,
    /// Whether a sentence ends before it.
    pub starts_sentence: bool,
}

/// The words of a block.
pub(crate) fn words(block: &Block) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut current: Option<Word> = None;
    let mut starts_sentence = true;
    for (at, (c, _)) in block.chars.iter().enumerate() {
        let c = fold(*c);
        if is_invisible(c) {
            continue;
        }
        let apostrophe = matches!(c, '\'' | '\u{2019}') && current.is_some();
        if c != TOKEN && (c.is_alphabetic() || apostrophe) {
            let word = current.get_or_insert_with(|| Word {
                text: String::new(),
                from: at,
                to: at,
                starts_sentence,
            });
            word.text.extend(c.to_lowercase());
            word.to = at + 1;
            starts_sentence = false;
            continue;
        }
        found.extend(current.take());
        if c == TOKEN {
            found.push(Word {
                text: TOKEN.to_string(),
                from: at,
                to: at + 1,
                starts_sentence,
            });
            starts_sentence = false;
        }
        let next = block.chars.get(at + 1).map(|(c, _)| *c);
        if matches!(c, '.' | '!' | '?' | '。' | '\u{2026}')
            && next.is_none_or(|c| c.is_whitespace() || c == '"')
        {
            starts_sentence = true;
        }
    }
    found.extend(current);
    found
}

/// Full-width Latin as plain Latin, the rest as it is.
fn fold(c: char) -> char {
    match c {
        '\u{FF21}'..='\u{FF5A}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// Characters that take no room and could split a word unseen.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

/// Finds the quantities that a block writes in words.
pub(crate) fn find(block: &Block) -> Vec<Finding> {
    let words = words(block);
    let mut found = Vec::new();
    let mut done = 0;
    for i in 0..words.len() {
        let Some((last, reason)) = quantity(block, &words, i) else {
            continue;
        };
        if words[i].from < done {
            continue;
        }
        done = words[last].to;
        let span = block.span(words[i].from, words[last].to);
        found.push(Finding {
            start: span.start,
            end: span.end,
            reason,
            hint: "Measured quantities enter as tokens, such as [[pass-rate.difference]]; otherwise say it without a \
                   quantity."
                .into(),
        });
    }
    found
}

/// The index of the last word of the quantity that starts at word `i`, and what to say of it.
fn quantity(block: &Block, words: &[Word], i: usize) -> Option<(usize, String)> {
    let text = |i: usize| words.get(i).map_or("", |word| word.text.as_str());
    let word = text(i);
    let says = |last: usize| {
        let shown = block.text(words[i].from, words[last].to);
        Some((
            last,
            format!(
                "`{}` is a quantity that is not a claim.",
                shown.replace(TOKEN, "[[\u{2026}]]")
            ),
        ))
    };
    if mixes_alphabets(word) {
        return Some((
            i,
            format!("`{word}` mixes alphabets, so that it reads as another word."),
        ));
    }
    if word == "double" && !DOUBLE.contains(&text(i + 1)) {
        return says(i);
    }
    if QUANTITIES.contains(&word) || fold_word(word) {
        let named = NAMED
            .iter()
            .any(|(name, after)| *name == word && after.contains(&text(i + 1)));
        return if named { None } else { says(i) };
    }
    if word == "per" && text(i + 1) == "cent" {
        return says(i + 1);
    }
    if DURATIONS.contains(&word) {
        let article = matches!(text(i.wrapping_sub(1)), "a" | "an");
        let bounded = article && BOUNDS.contains(&text(i.wrapping_sub(2)));
        return if bounded || text(i.wrapping_sub(1)) == "sub" {
            says(i)
        } else {
            None
        };
    }
    if PARTS.contains(&word) && is_part(text(i.wrapping_sub(1)), text(i.wrapping_sub(2)), text(i + 1)) {
        return says(i);
    }
    if !SMALL.contains(&word) && word != TOKEN.to_string() {
        return None;
    }
    let priced = words[i].from > 0 && is_currency(block.chars[words[i].from - 1].0);
    if priced {
        return says(i);
    }
    // A unit only counts when nothing but a space or a dash stands between.
    if !joined(block, words, i) {
        return None;
    }
    if UNITS.contains(&text(i + 1)) && !(word == "one" && text(i + 1) == "time") {
        let noun = matches!(
            text(i + 1),
            "time" | "times" | "point" | "points" | "us" | "figure" | "figures"
        );
        // After a token a plain noun may follow: "[[pass-rate]] points to".
        if word != TOKEN.to_string() || !noun || text(i + 1) == "times" {
            return says(i + 1);
        }
    }
    if BETWEEN.contains(&text(i + 1)) && UNITS.contains(&text(i + 2)) {
        return says(i + 2);
    }
    let counts = |i: usize| SMALL.contains(&text(i)) || QUANTITIES.contains(&text(i));
    if word != TOKEN.to_string() {
        if matches!(text(i + 1), "in" | "of" | "point" | "over") && counts(i + 2) {
            return says(i + 2);
        }
        if matches!(text(i + 1), "out" | "in" | "of")
            && matches!(text(i + 2), "of" | "every")
            && counts(i + 3)
        {
            return says(i + 3);
        }
    }
    None
}

fn joined(block: &Block, words: &[Word], i: usize) -> bool {
    let Some(next) = words.get(i + 1) else {
        return false;
    };
    let between = &block.chars[words[i].to..next.from];
    between
        .iter()
        .all(|(c, _)| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}') || is_invisible(*c))
}

/// "tenfold", "severalfold" is not; "scaffold" and "manifold" are other words.
fn fold_word(word: &str) -> bool {
    word.strip_suffix("fold")
        .is_some_and(|number| SMALL.contains(&number) || QUANTITIES.contains(&number))
}

fn is_part(before: &str, before_that: &str, after: &str) -> bool {
    match before {
        _ if PART_NOUNS.contains(&after) => false,
        "a" | "another" => before_that == "by" || SHARE_AFTER.contains(&after),
        "one" | "three" => true,
        _ => false,
    }
}

fn mixes_alphabets(word: &str) -> bool {
    let latin = word.chars().any(|c| c.is_ascii_alphabetic());
    latin
        && word
            .chars()
            .any(|c| matches!(c, '\u{370}'..='\u{52F}' | '\u{1C80}'..='\u{1C8F}' | '\u{13A0}'..='\u{13FF}'))
}
