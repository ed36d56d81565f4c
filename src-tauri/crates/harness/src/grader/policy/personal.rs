//! Personal data by its form. A form can be checked, a meaning cannot: names, addresses and dates of birth are not found,
//! and a number that happens to have the form is.

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

/// A kind of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonalData {
    /// An email address in its common form; quoted local parts and addresses by number are not found.
    Email,
    /// A telephone number: international with + and 8 to 15 digits (E.164), or of North America with its area code.
    /// Other national forms are not found.
    Phone,
    /// An international bank account number, with its check digits (ISO 13616).
    Iban,
    /// A payment card number of 13 to 19 digits, with its check digit (ISO/IEC 7812, Luhn).
    CreditCard,
    /// An IPv4 or IPv6 address. Loopback and unspecified addresses belong to nobody. A version of four parts looks the same.
    IpAddress,
    /// A social security number of the United States, written with hyphens and in a range that is given out.
    UsSsn,
}

#[expect(
    clippy::unwrap_used,
    reason = "the patterns are constants, and a test compiles them all"
)]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}"));
static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\+\d(?:[ ().\-/]{0,2}\d){7,14}|(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}",
    )
});
static IBAN: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}"));
static CARD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[2-6](?:[ -]?\d){12,18}"));
static IPV4: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d{1,3}(?:\.\d{1,3}){3}"));
static IPV6: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"));
static SSN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d{3}-\d{2}-\d{4}"));

impl PersonalData {
    /// With its article, as in a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Email => "an email address",
            Self::Phone => "a telephone number",
            Self::Iban => "a bank account number",
            Self::CreditCard => "a payment card number",
            Self::IpAddress => "an IP address",
            Self::UsSsn => "a social security number",
        }
    }

    /// Every text of this kind, in order.
    pub(super) fn find(self, text: &str) -> Vec<&str> {
        match self {
            Self::Email => EMAIL.find_iter(text).map(|found| found.as_str()).collect(),
            Self::Phone => whole(&PHONE, text).collect(),
            Self::Iban => whole_start(&IBAN, text).filter_map(iban).collect(),
            Self::CreditCard => whole(&CARD, text).filter(|found| luhn(found)).collect(),
            Self::IpAddress => {
                let addresses = whole(&IPV4, text).chain(whole(&IPV6, text));
                addresses
                    .map(|found| found.trim_end_matches('.'))
                    .filter(|found| personal_address(found))
                    .collect()
            }
            Self::UsSsn => whole(&SSN, text).filter(|found| given_out(found)).collect(),
        }
    }
}

fn wordy(letter: Option<char>) -> bool {
    letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
}

/// Matches that do not begin within a word.
fn whole_start<'a>(pattern: &'static Regex, text: &'a str) -> impl Iterator<Item = &'a str> {
    pattern
        .find_iter(text)
        .filter(|found| !wordy(text[..found.start()].chars().next_back()))
        .map(|found| found.as_str())
}

/// Matches that neither begin nor end within a word or a longer number.
fn whole<'a>(pattern: &'static Regex, text: &'a str) -> impl Iterator<Item = &'a str> {
    pattern
        .find_iter(text)
        .filter(|found| {
            let (before, after) = (&text[..found.start()], &text[found.end()..]);
            let mut next = after.chars();
            let (first, second) = (next.next(), next.next());
            // `.5` or `-5` after a number goes on with it; a full stop at a sentence's end does not.
            let goes_on =
                matches!(first, Some('.' | '-')) && second.is_some_and(|letter| letter.is_ascii_digit());
            let mut last = before.chars().rev();
            let (near, far) = (last.next(), last.next());
            let came_from =
                matches!(near, Some('.' | '-')) && far.is_some_and(|letter| letter.is_ascii_digit());
            !wordy(near) && !wordy(first) && !goes_on && !came_from
        })
        .map(|found| found.as_str())
}

/// The longest beginning that ends with a group and has valid check digits: what follows an account number may look
/// like its next group.
fn iban(found: &str) -> Option<&str> {
    let ends = found
        .char_indices()
        .filter(|(_, letter)| matches!(letter, ' ' | '-'))
        .map(|(at, _)| at)
        .chain([found.len()]);
    let valid: Vec<usize> = ends.filter(|end| valid_iban(&found[..*end])).collect();
    valid.last().map(|end| &found[..*end])
}

/// ISO 13616: the first four characters moved to the end, letters as 10 to 35, the whole modulo 97 is 1.
fn valid_iban(text: &str) -> bool {
    let letters: Vec<char> = text
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric())
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    if !(15..=34).contains(&letters.len()) {
        return false;
    }
    let rest = letters[4..]
        .iter()
        .chain(&letters[..4])
        .fold(0u32, |rest, letter| {
            let value = letter.to_digit(36).unwrap_or(0);
            (rest * if value > 9 { 100 } else { 10 } + value) % 97
        });
    rest == 1
}

/// ISO/IEC 7812-1, annex B: from the right, each second digit doubled and its digits summed, the whole divisible by 10.
fn luhn(text: &str) -> bool {
    let sum: u32 = text
        .chars()
        .rev()
        .filter_map(|letter| letter.to_digit(10))
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled @ 10..) => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn personal_address(text: &str) -> bool {
    // `a::b` in a program has the form of an address; a real one without any digit is rare.
    if !text.contains(|letter: char| letter.is_ascii_digit()) {
        return false;
    }
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => !address.is_loopback() && address != Ipv4Addr::UNSPECIFIED,
        Ok(IpAddr::V6(address)) => !address.is_loopback() && address != Ipv6Addr::UNSPECIFIED,
        Err(_) => false,
    }
}

/// Ranges that the Social Security Administration never gives out: area 000, 666 and 900 to 999, group 00, serial 0000.
fn given_out(text: &str) -> bool {
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or("");
    let (area, group, serial) = (part(0, 3), part(4, 6), part(7, 11));
    area != "000" && area != "666" && !area.starts_with('9') && group != "00" && serial != "0000"
}
