//! The values that a text names: numbers, dates, addresses, codes, names, and what stands in quotation marks.

use super::text::stop_word;

/// What kind of value a text names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Quoted,
    Number(f64),
    /// Year, month and day, as `2026-11-21`.
    Date,
    Email,
    /// Letters and digits, as `A-1023`.
    Code,
    /// Words that begin with a capital and no sentence.
    Name,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub text: String,
    pub kind: Kind,
    /// The word before it, in lower case.
    pub before: String,
    /// The word after it, in lower case.
    pub after: String,
}

const OPENING: [char; 4] = ['"', '\u{201c}', '`', '\u{2018}'];

/// The values of a text in order.
pub(super) fn values(text: &str) -> Vec<Value> {
    let words = words(text);
    let mut found: Vec<Value> = Vec::new();
    let mut name_ends = None;
    for (at, word) in words.iter().enumerate() {
        let near = |at: Option<usize>| {
            at.and_then(|at| words.get(at))
                .map(|word| word.text.to_lowercase())
                .unwrap_or_default()
        };
        let kind = if word.quoted {
            Some(Kind::Quoted)
        } else {
            kind(&word.text, word.begins_sentence)
        };
        let Some(kind) = kind else { continue };
        // "New York" is one name.
        if kind == Kind::Name
            && name_ends == Some(at)
            && let Some(last) = found.last_mut()
        {
            last.text.push(' ');
            last.text.push_str(&word.text);
            last.after = near(at.checked_add(1));
            name_ends = Some(at + 1);
            continue;
        }
        name_ends = (kind == Kind::Name && !word.ends_phrase).then_some(at + 1);
        found.push(Value {
            text: word.text.clone(),
            kind,
            before: near(at.checked_sub(1)),
            after: near(at.checked_add(1)),
        });
    }
    found
}

struct Word {
    text: String,
    quoted: bool,
    begins_sentence: bool,
    ends_phrase: bool,
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut begins_sentence = true;
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        let closing = match first {
            '\u{201c}' => '\u{201d}',
            '\u{2018}' => '\u{2019}',
            other => other,
        };
        let quoted = (OPENING.contains(&first) || first == '\'')
            .then(|| after.find(closing))
            .flatten()
            .filter(|end| *end > 0);
        if let Some(end) = quoted {
            words.push(Word {
                text: after.get(..end).unwrap_or_default().to_owned(),
                quoted: true,
                begins_sentence: false,
                ends_phrase: true,
            });
            rest = after.get(end + closing.len_utf8()..).unwrap_or_default();
            begins_sentence = false;
        } else {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let raw = rest.get(..end).unwrap_or_default();
            let bare = raw
                .trim_matches(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '#' | '-' | '$'))
                .trim_end_matches('-');
            let bare = bare
                .strip_suffix("'s")
                .or(bare.strip_suffix("\u{2019}s"))
                .unwrap_or(bare);
            if bare.chars().any(char::is_alphanumeric) {
                words.push(Word {
                    text: bare.to_owned(),
                    quoted: false,
                    begins_sentence,
                    ends_phrase: raw.ends_with([',', '.', '!', '?', ';', ':']),
                });
            }
            begins_sentence = raw.ends_with(['.', '!', '?', ':']);
            rest = rest.get(end..).unwrap_or_default();
        }
        rest = rest.trim_start();
    }
    words
}

fn kind(word: &str, begins_sentence: bool) -> Option<Kind> {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().filter(|letter| letter.is_alphabetic()).count();
    if word.split_once('@').is_some_and(|(_, host)| host.contains('.')) {
        return Some(Kind::Email);
    }
    if is_date(word) {
        return Some(Kind::Date);
    }
    if digits > 0 {
        return Some(number(word).map_or(Kind::Code, Kind::Number));
    }
    let capital = word.starts_with(char::is_uppercase);
    let common = stop_word(&word.to_lowercase());
    (capital && letters > 1 && !begins_sentence && !common).then_some(Kind::Name)
}

fn is_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let all_digits =
        |part: &&str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(&parts[..], [year, month, day]
        if all_digits(year, 4) && all_digits(month, 2) && all_digits(day, 2)
            && (1..=12).contains(&month.parse::<u8>().unwrap_or(0))
            && (1..=31).contains(&day.parse::<u8>().unwrap_or(0)))
}

/// `1,200`, `$12.50`, `20kg` and `7%` are numbers; `A-1023` is none.
fn number(word: &str) -> Option<f64> {
    let word = word.strip_prefix('$').unwrap_or(word);
    let end = word
        .find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '.' | ',' | '-')))
        .unwrap_or(word.len());
    let unit = word.get(end..).unwrap_or_default();
    if unit.chars().count() > 3 || unit.contains(|letter: char| letter.is_ascii_digit() || letter == '-') {
        return None;
    }
    let digits: String = word.get(..end)?.chars().filter(|letter| *letter != ',').collect();
    digits.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_kind() {
        let text = "What does order A-1023 of 2026-11-21 for ana@example.com weigh in New York, above 1,200 kg or \"two tons\"? It is 20kg.";
        let found: Vec<_> = values(text)
            .into_iter()
            .map(|value| (value.text, value.kind))
            .collect();
        let expected = [
            ("A-1023", Kind::Code),
            ("2026-11-21", Kind::Date),
            ("ana@example.com", Kind::Email),
            ("New York", Kind::Name),
            ("1,200", Kind::Number(1200.0)),
            ("two tons", Kind::Quoted),
            ("20kg", Kind::Number(20.0)),
        ];
        assert_eq!(found, expected.map(|(text, kind)| (text.to_owned(), kind)));
    }

    #[test]
    fn the_words_beside_a_value_are_kept() {
        let found = values("Book a train from Lisbon to Porto for 2 people");
        let beside: Vec<_> = found
            .iter()
            .map(|value| (value.before.as_str(), value.text.as_str(), value.after.as_str()))
            .collect();
        assert_eq!(
            beside,
            [
                ("from", "Lisbon", "to"),
                ("to", "Porto", "for"),
                ("for", "2", "people")
            ]
        );
    }
}
