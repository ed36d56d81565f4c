//! A number typed by hand, held against what was measured: the reason says by how much it overstates.

use super::blocks::Block;
use crate::claim::Claim;
use evidence::{Direction, Unit};

/// What the measurements say of the number at the characters `from..`; absent when none has its unit.
pub(crate) fn against(block: &Block, offset: usize, claims: &[Claim]) -> Option<String> {
    let from = block.chars.iter().position(|(_, at)| *at == offset)?;
    let (value, unit) = read(block, from)?;
    let of_unit = |claim: &&Claim| claim.unit == unit && claim.value.is_some();
    let text = block.text(0, block.chars.len()).to_lowercase();
    let named = |claim: &&Claim| text.contains(&claim.label.to_lowercase());
    let holding = || claims.iter().filter(|claim| claim.holds()).filter(of_unit);
    let claim = holding()
        .find(named)
        .or_else(|| holding().next())
        .or_else(|| claims.iter().find(of_unit))?;
    let measured = claim.value?;
    let run = claim.runs.last().map_or(0, |run| run.number);
    let what = format!("the measured {} ({}, run {run})", claim.value_text, claim.label);
    let typed = unit.text(value);
    Some(match claim.better {
        _ if typed == claim.value_text => {
            format!(
                "{typed} was measured: write it as [[{}]], so that it stays tied to run {run}.",
                claim.slug
            )
        }
        Direction::Higher if value > measured => format!("{typed} is above {what}."),
        Direction::Lower if value < measured => format!("{typed} is below {what}, and less is better."),
        _ => format!("{typed} is not {what}."),
    })
}

/// The number and unit that start at a character.
fn read(block: &Block, from: usize) -> Option<(f64, Unit)> {
    let chars: Vec<char> = block.chars[from..].iter().map(|(c, _)| *c).collect();
    let digits: String = chars
        .iter()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
        .collect();
    let number = digits.trim_end_matches(['.', ',']);
    let value: f64 = number.replace(',', "").parse().ok()?;
    let after: String = chars[number.chars().count()..].iter().take(24).collect();
    let after = after.trim_start_matches([' ', '\u{A0}', '-']).to_lowercase();
    let word: String = after.chars().take_while(|c| c.is_alphabetic()).collect();
    let dollar = from > 0 && block.chars[from - 1].0 == '$';
    match word.as_str() {
        _ if dollar => Some((value, Unit::Usd)),
        _ if after.starts_with('%') => Some((value / 100.0, Unit::Share)),
        "percent" | "pct" | "per" => Some((value / 100.0, Unit::Share)),
        "ms" | "milliseconds" | "millisecond" => Some((value, Unit::Milliseconds)),
        "s" | "sec" | "seconds" | "second" => Some((value * 1000.0, Unit::Milliseconds)),
        "usd" | "dollars" | "dollar" => Some((value, Unit::Usd)),
        _ if value <= 1.0 && number.contains('.') => Some((value, Unit::Score)),
        _ => None,
    }
}
