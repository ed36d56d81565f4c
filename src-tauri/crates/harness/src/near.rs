//! What somebody may have meant who misspelt a word.

/// Longer words than this are compared by their beginning.
const MOST_LETTERS: usize = 64;

/// The known word that is nearest to a misspelt one, where one is near enough to have been meant.
pub fn near<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = letters(word);
    let limit = match written.len() {
        0..4 => 1,
        4..10 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .map(|one| (levenshtein(&written, &letters(one)), one))
        .filter(|(edits, _)| *edits <= limit)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, one)| one)
}

fn letters(text: &str) -> Vec<char> {
    text.to_lowercase().chars().take(MOST_LETTERS).collect()
}

/// Fewest insertions, deletions and substitutions of one character (Levenshtein, Soviet Physics Doklady 10(8), 1966),
/// by the row-wise algorithm of Wagner and Fischer (J. ACM 21(1), 1974).
pub(crate) fn levenshtein(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (line, left) in a.iter().enumerate() {
        let mut diagonal = line;
        row[0] = line + 1;
        for (at, right) in b.iter().enumerate() {
            let substitution = diagonal + usize::from(left != right);
            diagonal = row[at + 1];
            row[at + 1] = substitution.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn a_slip_of_the_hand_is_understood_and_another_word_is_not() {
        let known = ["question", "fact", "relevant", "refuse"];
        for (word, meant) in [
            ("fcat", Some("fact")),
            ("relevnat", Some("relevant")),
            ("Question", Some("question")),
            ("qestion", Some("question")),
            ("expected", None),
            ("", None),
        ] {
            assert_eq!(near(word, known), meant, "{word}");
        }
    }
}
