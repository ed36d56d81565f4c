//! Finds a named block in a prompt: between tags, or after a name and a colon.

/// Names that end a block which began with a name and a colon, beside those that can be looked for.
const OTHERS: [&str; 6] = ["question", "input", "instructions", "context", "verdict", "data"];

/// The last block under one of these names.
pub(super) fn last(text: &str, names: &[&str]) -> Option<String> {
    tagged(text, names)
        .or_else(|| marked(text, names))
        .filter(|block| !block.is_empty())
}

fn tagged(text: &str, names: &[&str]) -> Option<String> {
    // ASCII only, so that positions hold in the text itself.
    let lower = text.to_ascii_lowercase();
    let found = names.iter().filter_map(|name| {
        let [open, close] = [format!("<{name}>"), format!("</{name}>")];
        let end = lower.rfind(&close)?;
        let start = lower.get(..end)?.rfind(&open)? + open.len();
        Some((start, text.get(start..end)?.trim().to_owned()))
    });
    found.max_by_key(|(start, _)| *start).map(|(_, block)| block)
}

fn marked(text: &str, names: &[&str]) -> Option<String> {
    let mut found: Option<String> = None;
    let mut open = false;
    for line in text.lines() {
        let divider = line.len() >= 3 && line.chars().all(|letter| matches!(letter, '*' | '-' | '='))
            || line.starts_with("[END");
        if let Some((name, rest)) = marker(line) {
            open = names.contains(&name.as_str());
            if open {
                found = Some(rest.trim().to_owned());
            }
        } else if divider {
            open = false;
        } else if open && let Some(block) = &mut found {
            block.push('\n');
            block.push_str(line);
        }
    }
    found.map(|block| block.trim().to_owned())
}

/// The name, in lower case, and the rest of a line such as `Output: x`, `**Output:** x`, `## Output: x` or `[Output]: x`.
fn marker(line: &str) -> Option<(String, &str)> {
    let (head, rest) = line.split_once(':')?;
    let name = head
        .trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '*' | '#' | '[' | ']' | '"'))
        .to_lowercase();
    let known = [
        &super::ANSWERS[..],
        &super::RUBRICS[..],
        &super::REFERENCES[..],
        &OTHERS[..],
    ];
    let known = known.iter().any(|names| names.contains(&name.as_str()));
    known.then(|| (name, rest.trim_start_matches("**")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_between_tags_and_after_names() {
        let tags = "<Output>one</Output> <rubric>\ntwo\n</rubric>\n<output>\nthree\n</output>";
        assert_eq!(last(tags, &["output"]).as_deref(), Some("three"));
        assert_eq!(last(tags, &["rubric"]).as_deref(), Some("two"));
        let names =
            "[Question]: why?\n***\n[Submission]: because\nof this\n***\n**Criteria:** short\nAnswer: x";
        assert_eq!(last(names, &["submission"]).as_deref(), Some("because\nof this"));
        assert_eq!(last(names, &["criteria"]).as_deref(), Some("short"));
        assert_eq!(last(names, &["rubric"]), None);
    }
}
