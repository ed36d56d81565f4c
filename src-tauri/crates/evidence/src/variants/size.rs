//! What a model's name says of its size. Vendors publish few sizes, so most are not known, and none is guessed.

/// Words that vendors put into names for a size within a family; they say an order and no figure.
const WORDS: [&str; 9] = [
    "nano", "tiny", "mini", "small", "lite", "medium", "large", "xl", "xxl",
];

/// The size that a model's name carries: a count of parameters ("qwen2.5:7b", "mixtral-8x7b") or a word ("gpt-5-mini");
/// "not known" for any other name.
pub fn size_in_name(model: &str) -> String {
    let lower = model.to_lowercase();
    let parts = || lower.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.');
    if let Some(count) = parts().find_map(parameters) {
        return format!("{count} parameters, by its name");
    }
    match parts().find(|part| WORDS.contains(part)) {
        Some(word) => format!("\u{201c}{word}\u{201d}, by its name"),
        None => "not known".into(),
    }
}

/// "7b" -> "7B", "8x7b" -> "8x7B", "0.5b" -> "0.5B", "270m" -> "270M".
fn parameters(part: &str) -> Option<String> {
    let (figure, unit) = part
        .strip_suffix('b')
        .map(|figure| (figure, "B"))
        .or_else(|| part.strip_suffix('m').map(|figure| (figure, "M")))?;
    let number = |text: &str| !text.is_empty() && text.parse::<f64>().is_ok_and(|value| value > 0.0);
    let fits = match figure.split_once('x') {
        Some((experts, each)) => number(experts) && number(each),
        None => number(figure),
    };
    fits.then(|| format!("{figure}{unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_name_says_is_known() {
        assert_eq!(size_in_name("qwen2.5:7b-instruct"), "7B parameters, by its name");
        assert_eq!(size_in_name("mixtral-8x7b"), "8x7B parameters, by its name");
        assert_eq!(size_in_name("gemma-3-270m"), "270M parameters, by its name");
        assert!(size_in_name("gpt-5-mini").starts_with("\u{201c}mini\u{201d}"));
        assert!(size_in_name("practice-large").starts_with("\u{201c}large\u{201d}"));
        for unknown in ["gpt-5", "claude-opus-4-5", "unreported", "gemini-2.5-pro", ""] {
            assert_eq!(size_in_name(unknown), "not known", "{unknown}");
        }
    }
}
