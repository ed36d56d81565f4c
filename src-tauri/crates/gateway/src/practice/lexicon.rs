//! What the practice model knows of the world: common words that mean nearly the same, and what an answer to "how long" or
//! "how much" looks like. General English of shops and services; nothing of any particular corpus.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::text::stem;

/// Words that may stand for each other, a line a group. A word may be in several.
const SYNONYMS: &str = "\
abroad foreign international overseas country australia austria brazil canada denmark france germany india ireland italy \
    japan mexico netherlands norway poland portugal spain sweden switzerland
accident mistake error wrong
account profile login
activate add enrol register
address home location position where
after late deadline
alert notification notify warning warn
android samsung google phone
audio hear listen listening microphone record recording sound voice
battery cell
begin start
bill charge cost expensive fee pay paid payment price
big bigger large larger
box package parcel shipment
break broke broken crack damage defective fault faulty fail failure smash snap tear tore torn
bring carry take
buy bought purchase order shop
cabin cottage house home
camera image photo picture video
cancel stop quit end terminate
card bank statement
cash money refund reimburse
change edit modify alter switch
christmas december holiday festive
clean wash rinse dirty
close shut
colour color amber blue green orange purple red violet white yellow
confirm verify approve
connect link pair hook
contact email phone call telephone
cover guarantee warranty
credit voucher
csv spreadsheet excel export download file
customs duty duties tax import vat
dark night sun sunlight sunny solar
data history reading record measurement
decline fail reject refuse
delay late slow
deliver delivery arrive ship shipping send sent dispatch
delete erase remove wipe reset
device unit station console machine
discount coupon promotional promo voucher code
distance far range reach
expire end
family household relative
fast quick soon immediate
fix repair mend technician
friend guest neighbour people person someone visitor
gift present birthday aunt uncle wrapping
give gave offer
gust gusty gale storm wind windy
handset mobile phone smartphone
height high tall above
hold pause suspend
indoor inside room
instalment instalments spread monthly
invoice receipt
iphone ios ipad apple phone
join joined sign signed signup subscribe
keep kept retain store stored save
label sticker
lock locked block
log login sign
lost lose missing vanish gone
mail email message
mast pole mount
month monthly
money cash dollar
name called
network router wifi wireless internet
new current
old previous former
outdoor outside
owner own belong
part piece component accessory accessories
password passcode
pixel dot display
post postage carrier shipping
price pricing tariff
public stranger everybody anyone
put place mount install fit
quit leave
rain rainfall wet
recover restore
refurbished refurb renewed reconditioned
return send give
screen display
second two double
sell sold sale resell
server backup cloud
share invite
sms text message
step factor verification
subscribe subscription plan membership
support helpdesk team
throw discard recycle
tracking status scan
unplug disconnect
user member customer
weight weigh heavy
year yearly annual";

/// Words so common in questions that their absence from a passage says little.
const EVERYDAY: &str = "add again ago already ask away back become before begin best better big bit bought bring call came case \
    come day different else end enough ever every everything example far find first found full gave gave give given go goes going \
    gone good got great hand happen hear help high hold home hope hour house into kind know last late later leave left let like line \
    little live long look lot made make matter mean mine minute month name near never new next nothing now number often ok old once \
    open own part people person place put question quick quickly ready real really reason receive right run same say see seem sell \
    send sent set several show side small someone something sometimes soon sort start still stop sure take talk thing think time \
    today together told tomorrow took top total try turn two typed understand until use used usually wait way week went whole \
    without wonder word work world wrong year yesterday yet";

/// How well a synonym stands for the word itself.
const NEAR: f64 = 0.95;
/// Stems that share this many letters from the start count as near: `refurb` and `refurbish`.
const SHARED_START: usize = 5;

static GROUPS: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
    for (group, line) in SYNONYMS.lines().enumerate() {
        for word in line.split_whitespace() {
            groups.entry(stem(word)).or_default().push(group);
        }
    }
    groups
});

static COMMON: LazyLock<HashSet<String>> = LazyLock::new(|| EVERYDAY.split_whitespace().map(stem).collect());

/// Whether a stem is of an everyday word.
pub(super) fn everyday(stem: &str) -> bool {
    COMMON.contains(stem)
}

/// The groups of near-synonyms that a stem belongs to.
pub(super) fn groups(stem: &str) -> &'static [usize] {
    GROUPS.get(stem).map_or(&[], Vec::as_slice)
}

/// How near two stems are: 1 if the same, less if related, 0 if not.
pub(super) fn nearness(one: &str, other: &str) -> f64 {
    if one == other {
        return 1.0;
    }
    let related = match (GROUPS.get(one), GROUPS.get(other)) {
        (Some(one), Some(other)) => one.iter().any(|group| other.contains(group)),
        _ => false,
    };
    let begins = |long: &str, short: &str| short.len() >= SHARED_START && long.starts_with(short);
    if related || begins(one, other) || begins(other, one) || slip(one, other) {
        NEAR
    } else {
        0.0
    }
}

/// Whether two words of five letters or more differ by one slip: a letter too many, too few, wrong, or two swapped.
fn slip(one: &str, other: &str) -> bool {
    if one.len().abs_diff(other.len()) > 1 || one.len().min(other.len()) < 5 {
        return false;
    }
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let same = one
        .iter()
        .zip(other)
        .take_while(|(one, other)| one == other)
        .count();
    let (one, other) = (
        one.get(same..).unwrap_or_default(),
        other.get(same..).unwrap_or_default(),
    );
    match (one, other) {
        ([first, second, rest @ ..], [swapped, with, tail @ ..])
            if (first, second) == (with, swapped) && rest == tail =>
        {
            true
        }
        _ => {
            let (one_less, other_less) = (
                one.get(1..).unwrap_or_default(),
                other.get(1..).unwrap_or_default(),
            );
            one_less == other || one == other_less || one_less == other_less
        }
    }
}

/// The kind of thing that a question asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Time,
    Money,
    Length,
    Number,
}

const DURATIONS: &str = " second minute hour day night week month year yr ";
const DATES: &str = " am pm monday tuesday wednesday thursday friday saturday sunday january february march april may june july \
    august september october november december ";
const LENGTH_UNITS: &str = " mm cm m km metre meter inch foot feet mile kilometre kilometer centimetre ";
const NUMBERS: &str = " one two three four five six seven eight nine ten eleven twelve half once twice ";

/// The kind of thing that a question asks for, if it shows.
pub(super) fn asks_for(question: &str) -> Option<Kind> {
    let lower = question.to_lowercase();
    let words = raw_words(&lower);
    let pair = |first: &str, seconds: &[&str]| {
        words
            .windows(2)
            .any(|pair| matches!(pair, [one, two] if *one == first && seconds.contains(two)))
    };
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    if pair(
        "how",
        &[
            "long", "soon", "late", "quick", "quickly", "fast", "often", "old", "early",
        ],
    ) {
        return Some(Kind::Time);
    }
    if pair("how", &["many"]) {
        let after = words.iter().skip_while(|word| **word != "many").skip(1).take(2);
        let time = after.into_iter().any(|word| is_unit(word, DURATIONS));
        return Some(if time { Kind::Time } else { Kind::Number });
    }
    if pair("how", &["far"]) || has(&["distance"]) {
        return Some(Kind::Length);
    }
    if has(&["cost", "price", "fee", "pay", "charge", "charged", "paid"]) || pair("how", &["much"]) {
        return Some(Kind::Money);
    }
    has(&["when", "until", "deadline", "cutoff", "date", "period", "time"]).then_some(Kind::Time)
}

/// Whether a sentence holds something of that kind.
pub(super) fn offers(sentence: &str, kind: Kind) -> bool {
    let lower = sentence.to_lowercase();
    let words = raw_words(&lower);
    let number = |word: &&str| {
        word.starts_with(|letter: char| letter.is_ascii_digit()) || NUMBERS.contains(&format!(" {word} "))
    };
    let measured = |units: &str| {
        words.iter().enumerate().any(|(at, word)| {
            let beside = || {
                words
                    .iter()
                    .skip(at + 1)
                    .take(2)
                    .chain(at.checked_sub(1).and_then(|before| words.get(before)))
            };
            number(word) && beside().any(|word| is_unit(word, units))
        })
    };
    match kind {
        Kind::Time => measured(DURATIONS) || measured(DATES),
        Kind::Length => measured(LENGTH_UNITS),
        Kind::Number => words.iter().any(number),
        Kind::Money => {
            sentence.contains(['$', '\u{20ac}', '\u{a3}'])
                || measured(" dollar euro pound eur usd gbp cent percent ")
        }
    }
}

fn is_unit(word: &str, units: &str) -> bool {
    let singular = word.strip_suffix('s').unwrap_or(word);
    units.contains(&format!(" {word} ")) || units.contains(&format!(" {singular} "))
}

fn raw_words(text: &str) -> Vec<&str> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_and_shortened_words_are_near() {
        assert_eq!(nearness("warranty", &stem("guarantee")), NEAR);
        assert_eq!(nearness(&stem("refurb"), &stem("refurbished")), NEAR);
        assert_eq!(nearness("parcel", "parcel"), 1.0);
        assert_eq!(
            [nearness("pasword", "password"), nearness("foriegn", "foreign")],
            [NEAR; 2]
        );
        assert_eq!(nearness("parcel", "window"), 0.0);
    }

    #[test]
    fn a_question_shows_what_it_asks_for_and_a_sentence_what_it_offers() {
        assert_eq!(asks_for("How many working days does it take?"), Some(Kind::Time));
        assert_eq!(asks_for("how many people may use it"), Some(Kind::Number));
        assert_eq!(asks_for("What does it cost?"), Some(Kind::Money));
        assert_eq!(asks_for("Which colour is it?"), None);
        assert!(offers("It takes 3 to 6 working days.", Kind::Time) && offers("before 11 am", Kind::Time));
        assert!(!offers("It takes a while, 20 kg at most.", Kind::Time));
        assert!(offers("up to eight sensors", Kind::Number) && offers("A fee of $12", Kind::Money));
    }
}
