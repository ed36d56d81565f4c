//! Words, stems and sentences: as much language as the practice model has.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Words too common to say what a text is about.
const STOP_WORDS: &str = " a about after all also am an and any are as at be been before being but by can could did do does for \
    from get had has have he her him his how i if in into is it its just many may me more most much must my no not of on one only or \
    other our out over own s she should so some such t than that the their them then there these they this those to under up us was \
    we were what when where which while who whom whose why will with would you your please tell need want ";

static STOPPED: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP_WORDS.split_whitespace().collect());

/// Whether a word in lower case is too common to say what a text is about.
pub(super) fn stop_word(word: &str) -> bool {
    STOPPED.contains(word)
}

/// The stems of the content words in a text, in order, repetitions included.
pub(super) fn stems(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .filter(|word| !STOPPED.contains(word.as_str()))
        .map(|word| stem(&word))
        .collect()
}

/// The words of a name, in lower case: `order_id`, `orderId` and `order-id` are all `order`, `id`.
pub(super) fn words_of_name(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut before = ' ';
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            spaced.push(' ');
        }
        spaced.push(if letter.is_alphanumeric() { letter } else { ' ' });
        before = letter;
    }
    spaced.split_whitespace().map(str::to_lowercase).collect()
}

/// Strips the commonest English endings, lightly: `charged`, `charges` and `charging` meet, `charity` stays apart.
pub(super) fn stem(word: &str) -> String {
    let cut = |ending: &str, keep: usize| {
        word.strip_suffix(ending)
            .filter(|rest| rest.chars().count() >= keep)
    };
    if let Some(rest) = cut("ies", 3) {
        return format!("{rest}y");
    }
    let rest = if word.ends_with("ss") {
        word
    } else {
        cut("ing", 4)
            .or_else(|| cut("ed", 3))
            .or_else(|| cut("es", 3))
            .or_else(|| cut("s", 3))
            .unwrap_or(word)
    };
    let rest = rest
        .strip_suffix('e')
        .filter(|shorter| shorter.chars().count() >= 3)
        .unwrap_or(rest);
    undouble(rest).to_owned()
}

/// `shipp` from `shipping` becomes `ship`; `bill`, `pass` and `buff` keep their ends.
fn undouble(word: &str) -> &str {
    let mut letters = word.chars().rev();
    match (letters.next(), letters.next()) {
        (Some(last), Some(before))
            if last == before && matches!(last, 'b' | 'd' | 'g' | 'm' | 'n' | 'p' | 'r' | 't') =>
        {
            word.get(..word.len() - last.len_utf8())
                .filter(|rest| rest.len() >= 3)
                .unwrap_or(word)
        }
        _ => word,
    }
}

/// Splits running text and Markdown into sentences: at full stops before a space, and at headings, list items and table rows.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut paragraph = String::new();
    for line in text.lines().map(str::trim) {
        let item = line
            .strip_prefix("- ")
            .or_else(|| line.strip_prefix("* "))
            .or_else(|| numbered(line));
        if line.is_empty() || line.starts_with('#') || line.starts_with('|') || item.is_some() {
            split(&paragraph, &mut found);
            paragraph.clear();
        }
        match item {
            Some(item) => paragraph.push_str(item),
            None if line.starts_with('#') => {}
            None if line.starts_with('|') => split(&line.replace('|', " "), &mut found),
            None => {
                if !paragraph.is_empty() {
                    paragraph.push(' ');
                }
                paragraph.push_str(line);
            }
        }
    }
    split(&paragraph, &mut found);
    found
}

/// What follows `1. ` or `12) ` at the start of a line.
fn numbered(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    if rest.len() == line.len() {
        return None;
    }
    rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "))
}

fn split(paragraph: &str, found: &mut Vec<String>) {
    let mut start = 0;
    let mut letters = paragraph.char_indices().peekable();
    let mut previous = ' ';
    while let Some((at, letter)) = letters.next() {
        let ends =
            matches!(letter, '.' | '!' | '?') && letters.peek().is_none_or(|(_, next)| next.is_whitespace());
        // "e.g. " and "i.e. " and initials do not end a sentence.
        let abbreviation = letter == '.' && previous.is_alphabetic() && {
            let before = paragraph.get(start..at).unwrap_or_default();
            before
                .rsplit([' ', '.', '('])
                .next()
                .is_some_and(|last| last.chars().count() == 1)
        };
        if ends && !abbreviation {
            let end = at + letter.len_utf8();
            push(paragraph.get(start..end).unwrap_or_default(), found);
            start = end;
        }
        previous = letter;
    }
    push(paragraph.get(start..).unwrap_or_default(), found);
}

fn push(sentence: &str, found: &mut Vec<String>) {
    let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
    if sentence.chars().any(char::is_alphanumeric) {
        found.push(sentence);
    }
}

/// Cuts a text at a token limit, at four characters a token. Says whether it had to.
pub(super) fn limit(text: String, tokens: Option<u32>) -> (String, bool) {
    let Some(most) = tokens.map(|tokens| usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(4))
    else {
        return (text, false);
    };
    match text.char_indices().nth(most) {
        Some((at, _)) => (text.get(..at).unwrap_or_default().to_owned(), true),
        None => (text, false),
    }
}

/// Every `[id]` in a text, in order.
pub(super) fn bracketed(text: &str) -> Vec<String> {
    text.split('[')
        .skip(1)
        .filter_map(|rest| rest.split_once(']'))
        .map(|(id, _)| id.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_meet_across_endings() {
        assert_eq!(stems("Charges, charged, CHARGING the charge"), ["charg"; 4]);
        assert_eq!(stems("policies policy"), ["policy"; 2]);
        assert_eq!(stems("shipping ships ship shipped"), ["ship"; 4]);
        assert_eq!(
            stems("How do I get my refund's status?"),
            ["refund", "status"].map(stem)
        );
        assert_eq!(stems("pass address"), ["pass", "address"]);
    }

    #[test]
    fn sentences_are_split_at_stops_and_items() {
        let text = "# Title\nPay 4.50 EUR at once. It\nis final! See e.g. the list:\n- first item\n1. second item\n| a | b |\n|---|---|";
        assert_eq!(
            sentences(text),
            [
                "Pay 4.50 EUR at once.",
                "It is final!",
                "See e.g. the list:",
                "first item",
                "second item",
                "a b"
            ]
        );
    }

    #[test]
    fn a_limit_cuts_between_characters() {
        assert_eq!(limit("äöüßé".into(), Some(1)), ("äöüß".into(), true));
        assert_eq!(limit("abcd".into(), Some(1)), ("abcd".into(), false));
    }
}
