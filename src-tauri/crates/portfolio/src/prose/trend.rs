//! Words of improvement: only beside a change that the paired comparison supports, and only in its direction.

use super::{
    Finding,
    blocks::Block,
    lexicon::{
        ACHIEVED, BARE_CLAIMS, DENIALS, INTENTIONS, NO_DENIAL, NO_TREND_AFTER, NOUNS, PLAIN_FORMS, TRENDS,
        Trend,
    },
    source::TOKEN,
    words::{Word, words},
};
use crate::claim::{Change, Claim, ClaimKind};

/// Finds the words of improvement that no change in their sentence supports. `claim_at` gives the claim of the token at
/// an offset of the source.
pub(crate) fn find<'a>(block: &Block, claim_at: impl Fn(usize) -> Option<&'a Claim>) -> Vec<Finding> {
    let words = words(block);
    let mut found = Vec::new();
    let mut from = 0;
    while from < words.len() {
        let to = (from + 1..words.len())
            .find(|&i| words[i].starts_sentence)
            .unwrap_or(words.len());
        let sentence = &words[from..to];
        let claims: Vec<&Claim> = sentence
            .iter()
            .filter(|word| word.text.starts_with(TOKEN))
            .filter_map(|word| claim_at(block.chars[word.from].1))
            .collect();
        for (i, word) in sentence.iter().enumerate() {
            let Some(trend) = trend(sentence, i) else { continue };
            if let Some(reason) = why_refused(&word.text, trend, &claims) {
                let span = block.span(word.from, word.to);
                found.push(Finding {
                    start: span.start,
                    end: span.end,
                    reason,
                    hint: "Put a token of a change claim that holds into this sentence, or say it without the comparison."
                        .into(),
                });
            }
        }
        from = to;
    }
    found
}

fn trend(sentence: &[Word], i: usize) -> Option<Trend> {
    let word = sentence[i].text.as_str();
    let of = |table: &[(Trend, &[&str])]| {
        table
            .iter()
            .find(|(_, set)| set.contains(&word))
            .map(|(trend, _)| *trend)
    };
    let next = |skip: usize| sentence.get(i + skip).map_or("", |word| word.text.as_str());
    let before = |back: usize| i.checked_sub(back).map_or("", |i| sentence[i].text.as_str());
    let trend = match of(TRENDS) {
        // "to cut", "to lower": what is intended, unless it was achieved.
        Some(_)
            if matches!(word, "cut" | "lower" | "boost") && before(1) == "to" && !achieved(sentence, i) =>
        {
            None
        }
        Some(trend) => Some(trend),
        None if achieved(sentence, i) => of(PLAIN_FORMS),
        None if ["a", "an"]
            .iter()
            .any(|article| [before(1), before(2)].contains(article)) =>
        {
            of(NOUNS)
        }
        None if BARE_CLAIMS.contains(&word) && i > 0 && !intended(sentence, i) => of(PLAIN_FORMS),
        None => None,
    }?;
    let exempt = NO_TREND_AFTER
        .iter()
        .find(|(name, _)| *name == word)
        .is_some_and(|(_, after)| {
            let skip = if matches!(next(1), "a" | "an" | "the" | "its" | "no") {
                2
            } else {
                1
            };
            after.contains(&next(skip))
        });
    (!exempt && !denied(sentence, i)).then_some(trend)
}

/// Whether one of the four words before makes an achievement of an infinitive.
fn achieved(sentence: &[Word], i: usize) -> bool {
    sentence[i.saturating_sub(4)..i]
        .iter()
        .any(|word| ACHIEVED.contains(&word.text.as_str()))
}

/// Whether one of the six words before makes an intention of it ("to cut cost and improve answers").
fn intended(sentence: &[Word], i: usize) -> bool {
    sentence[i.saturating_sub(6)..i]
        .iter()
        .any(|word| INTENTIONS.contains(&word.text.as_str()))
}

/// Whether one of the three words before denies it ("did not improve"), and is not taken back ("not only improved").
fn denied(sentence: &[Word], i: usize) -> bool {
    let before = &sentence[i.saturating_sub(3)..i];
    let denial = |word: &Word| {
        let text = word.text.as_str();
        DENIALS.contains(&text) || text.ends_with("n't") || text.ends_with("n\u{2019}t")
    };
    before.iter().any(denial) && !before.iter().any(|word| NO_DENIAL.contains(&word.text.as_str()))
}

fn why_refused(word: &str, trend: Trend, claims: &[&Claim]) -> Option<String> {
    let changes: Vec<&Claim> = claims
        .iter()
        .copied()
        .filter(|claim| claim.kind == ClaimKind::Change)
        .collect();
    let holding: Vec<(&Claim, &Change)> = changes
        .iter()
        .filter(|claim| claim.holds())
        .filter_map(|claim| Some((*claim, claim.change.as_ref()?)))
        .collect();
    let fits = |change: &Change| match trend {
        Trend::Better => change.improved == Some(true),
        Trend::Worse => change.improved == Some(false),
        Trend::Up => change.difference > 0.0,
        Trend::Down => change.difference < 0.0,
    };
    if holding.iter().any(|(_, change)| fits(change)) {
        return None;
    }
    Some(match (holding.first(), changes.first()) {
        (Some((claim, _)), _) => format!(
            "`{word}` says the opposite of what was measured: {}.",
            claim.sentence
        ),
        (None, Some(claim)) => {
            let reason = claim.reason.as_deref().unwrap_or("it does not hold.");
            format!(
                "`{word}` needs a change that holds; `{}` does not: {reason}",
                claim.slug
            )
        }
        (None, None) => format!("`{word}` claims a change, and this sentence names no measured one."),
    })
}
