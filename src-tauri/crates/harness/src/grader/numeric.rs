//! Numbers of the answer against an expected number.

use super::{
    Graded,
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};
use crate::dataset::Case;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

grader_file! {
    /// Exactly one of `expected` and `value`.
    NumericFile {
        /// Field of the case with the number, or a list of numbers of which one must match. A text such as `45 days`
        /// is read as its number. Cases without it are not graded.
        #[serde(default)]
        expected: Option<String>,
        /// The number itself, the same for all cases.
        #[serde(default)]
        value: Option<f64>,
        /// Which number of the answer counts. Default `last`.
        #[serde(default)]
        take: Take,
        /// Units, such as `[kg, kilograms]`. Only numbers that stand directly before or after one of them count.
        #[serde(default)]
        units: Vec<String>,
        /// The mark between whole and fraction. Default `point`.
        #[serde(default)]
        decimal: Decimal,
        /// Greatest difference that passes. Default 0.
        #[serde(default)]
        absolute: Option<f64>,
        /// Greatest difference that passes, as a share of the expected number: `0.01` for one per cent. Default 0.
        #[serde(default)]
        relative: Option<f64>,
    }
}

/// Which number of the answer counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// The first one.
    First,
    /// The last one, as where an answer reasons first.
    #[default]
    Last,
    /// The only one; an answer with several fails.
    Only,
}

/// The mark between whole and fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// `1,234.5`
    #[default]
    Point,
    /// `1.234,5`
    Comma,
}

#[derive(Debug)]
enum Wanted {
    Field(String),
    Number(f64),
}

#[derive(Debug)]
struct Numeric {
    wanted: Wanted,
    take: Take,
    units: Vec<String>,
    decimal: Decimal,
    absolute: f64,
    relative: f64,
}

impl Entry for NumericFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        let tolerance = |value: Option<f64>, what: &str| match value.unwrap_or(0.0) {
            value if value.is_finite() && value >= 0.0 => Ok(value),
            value => Err(format!("{what} {value} is not a tolerance; expected 0 or more")),
        };
        if self.units.iter().any(|unit| unit.trim().is_empty()) {
            return Err("one of the units is empty; expected for example [kg, kilograms]".into());
        }
        let wanted = match (&self.expected, self.value) {
            (Some(field), None) => Wanted::Field(field.clone()),
            (None, Some(number)) if number.is_finite() => Wanted::Number(number),
            (None, Some(number)) => return Err(format!("value {number} is not a number")),
            _ => return Err("needs exactly one of `expected` (a field of the case) and `value`".into()),
        };
        Ready::now(Numeric {
            wanted,
            take: self.take,
            units: self.units.iter().map(|unit| unit.trim().to_owned()).collect(),
            decimal: self.decimal,
            absolute: tolerance(self.absolute, "absolute")?,
            relative: tolerance(self.relative, "relative")?,
        })
    }
}

impl Numeric {
    /// As `math.isclose` of Python (PEP 485), with the relative tolerance held against the expected number alone.
    /// The last digits of a float never decide.
    fn close(&self, found: f64, expected: f64) -> bool {
        let tolerance = self.absolute.max(self.relative * expected.abs());
        (found - expected).abs() <= tolerance + 1e-12 * expected.abs().max(found.abs())
    }

    /// The expected numbers; none where the case has nothing, a message where what it has is no number.
    fn expected(&self, case: &Case) -> Option<Result<Vec<f64>, String>> {
        let field = match &self.wanted {
            Wanted::Number(number) => return Some(Ok(vec![*number])),
            Wanted::Field(field) => case.fields.get(field)?,
        };
        let alternatives = match field {
            Value::Null => return None,
            Value::Array(items) if items.is_empty() => return None,
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let read = |value: &Value| match value {
            Value::Number(number) => number.as_f64(),
            // A text is written as the suite says, and may name a unit.
            Value::String(text) => match numbers(text, self.decimal, &[]).as_slice() {
                [number] => Some(*number),
                _ => None,
            },
            _ => None,
        };
        let wrong = |value: &Value| format!("the case expects {value}, which is not one number");
        Some(
            alternatives
                .iter()
                .map(|value| read(value).ok_or_else(|| wrong(value)))
                .collect(),
        )
    }

    /// The number that counts, or why there is none.
    fn taken(&self, text: &str) -> Result<f64, String> {
        let numbers = numbers(text, self.decimal, &self.units);
        let none = || match self.units.first() {
            None => "the answer holds no number".to_owned(),
            Some(_) => format!(
                "the answer holds no number with the unit {}",
                self.units.join(" or ")
            ),
        };
        match (self.take, numbers.as_slice()) {
            (_, []) => Err(none()),
            (Take::First, [first, ..]) => Ok(*first),
            (Take::Last, [.., last]) => Ok(*last),
            (Take::Only, [only]) => Ok(*only),
            (Take::Only, more) => Err(format!("the answer holds {} numbers, expected one", more.len())),
        }
    }
}

impl Rule for Numeric {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let expected = match self.expected(graded.case)? {
            Ok(expected) => expected,
            Err(message) => return Some(Mark::plain(false, message)),
        };
        let found = match self.taken(&graded.answer.text) {
            Ok(found) => found,
            Err(message) => return Some(Mark::plain(false, message)),
        };
        let wanted = expected
            .iter()
            .map(f64::to_string)
            .collect::<Vec<_>>()
            .join(" or ");
        let passed = expected.iter().any(|expected| self.close(found, *expected));
        Some(Mark::plain(passed, format!("{found}, expected {wanted}")))
    }

    fn fields(&self) -> Vec<&str> {
        match &self.wanted {
            Wanted::Field(field) => vec![field],
            Wanted::Number(_) => Vec::new(),
        }
    }
}

/// Every number of a text, in order. With units, only those beside one of them.
///
/// Digits that hang on a letter (`B12`) or in a longer chain (`1.2.3`) are a name and no number. A minus counts
/// where no letter or digit stands before it, so that `3-5` is a 3 and a 5.
fn numbers(text: &str, decimal: Decimal, units: &[String]) -> Vec<f64> {
    let (mark, groups) = match decimal {
        Decimal::Point => ('.', [',', '\'', '\u{a0}', '\u{202f}']),
        Decimal::Comma => (',', ['.', '\'', '\u{a0}', '\u{202f}']),
    };
    let letters: Vec<char> = text.chars().collect();
    let digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    let run = |mut at: usize| {
        while digit(at) {
            at += 1;
        }
        at
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let leading_mark = letters[at] == mark && digit(at + 1);
        if !digit(at) && !leading_mark {
            at += 1;
            continue;
        }
        let start = at;
        at = run(at);
        let mut plain: String = letters[start..at].iter().collect();
        // Groups of three digits, of which the first may be shorter.
        while !plain.is_empty()
            && letters.get(at).is_some_and(|letter| groups.contains(letter))
            && run(at + 1) == at + 4
            && (plain.len() <= 3 || at - start > plain.len())
        {
            plain.extend(&letters[at + 1..at + 4]);
            at += 4;
        }
        if letters.get(at) == Some(&mark) && digit(at + 1) {
            let end = run(at + 1);
            plain.push('.');
            plain.extend(&letters[at + 1..end]);
            at = end;
        }
        let mut chained = false;
        while letters
            .get(at)
            .is_some_and(|letter| *letter == mark || *letter == '.')
            && digit(at + 1)
        {
            chained = true;
            at = run(at + 1);
        }
        if matches!(letters.get(at), Some('e' | 'E')) {
            let sign = usize::from(matches!(letters.get(at + 1), Some('+' | '-')));
            if digit(at + 1 + sign) {
                let end = run(at + 1 + sign);
                plain.extend(&letters[at..end]);
                at = end;
            }
        }
        let before = start.checked_sub(1).and_then(|at| letters.get(at));
        if chained || before.is_some_and(|letter| letter.is_alphabetic() || *letter == '_') {
            continue;
        }
        if !units.is_empty() && !units.iter().any(|unit| beside(&letters, start, at, unit)) {
            continue;
        }
        if let Ok(number) = plain.parse::<f64>()
            && number.is_finite()
        {
            found.push(if negative(&letters, start) {
                -number
            } else {
                number
            });
        }
    }
    found
}

/// Whether a minus belongs to the number that starts here; a currency sign may stand between them.
fn negative(letters: &[char], start: usize) -> bool {
    let mut before = letters[..start].iter().rev().peekable();
    before.next_if(|letter| "$€£¥".contains(**letter));
    matches!(before.next(), Some('-' | '\u{2212}'))
        && !before.next().is_some_and(|letter| letter.is_alphanumeric())
}

/// Whether a unit stands directly before or after a number, with a space between them at most, and is a whole word.
fn beside(letters: &[char], start: usize, end: usize, unit: &str) -> bool {
    let unit: Vec<char> = unit.chars().collect();
    let space = |letter: Option<&char>| usize::from(letter.is_some_and(|letter| letter.is_whitespace()));
    let wordy = |letter: Option<&char>, edge: Option<&char>| {
        letter.is_some_and(|letter| letter.is_alphanumeric())
            && edge.is_some_and(|edge| edge.is_alphanumeric())
    };
    let after = &letters[end + space(letters.get(end))..];
    let before = &letters[..start];
    let before = &before[..before.len() - space(before.last())];
    (after.starts_with(&unit) && !wordy(after.get(unit.len()), unit.last()))
        || (before.ends_with(&unit) && !wordy(before[..before.len() - unit.len()].last(), unit.first()))
}
