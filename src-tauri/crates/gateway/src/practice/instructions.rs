//! The instructions that are obeyed, read by words and nothing else.

/// What a prompt demands of the answer.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instructions {
    pub cite: bool,
    pub refuse: bool,
    pub one_sentence: bool,
    /// Most words of an answer, citations not counted.
    pub most_words: Option<usize>,
    /// Whether to answer as JSON although the request has no `response_format`.
    pub json: bool,
    /// Whether tools should be used, where the prompt says so.
    pub tools: Option<bool>,
}

/// Takes what a text demands, sentence by sentence; the later sentence wins.
pub(super) fn obey(text: &str, instructions: &mut Instructions) {
    let text = text.to_lowercase().replace('\u{2019}', "'");
    for sentence in text.split(['.', '!', '\n', ';']) {
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| sentence.contains(phrase));
        if says(&["not cite", "n't cite", "never cite"]) {
            instructions.cite = false;
        } else if says(&[
            "cite",
            "citation",
            "square brackets",
            "passage id",
            "id of the passage",
        ]) {
            instructions.cite = true;
        }
        if says(&["never refuse", "not refuse", "n't refuse"]) {
            instructions.refuse = false;
        } else if says(&[
            "cannot answer",
            "can't answer",
            "not answer",
            "don't know",
            "do not know",
            "refuse",
            "not enough information",
        ]) {
            instructions.refuse = true;
        }
        if says(&["one sentence", "single sentence"]) {
            instructions.one_sentence = true;
        }
        if let Some(most) = most_words(sentence) {
            instructions.most_words = Some(most);
        }
        if says(&["no json", "not json", "not use json", "n't use json"]) {
            instructions.json = false;
        } else if says(&["json"]) {
            instructions.json = true;
        }
        if says(&[
            "not use tool",
            "not use the tool",
            "n't use tool",
            "n't use the tool",
            "not call tool",
        ]) {
            instructions.tools = Some(false);
        } else if says(&[
            "use a tool",
            "use the tool",
            "use tool",
            "call a tool",
            "call the tool",
            "call tool",
        ]) {
            instructions.tools = Some(true);
        }
    }
}

/// The N of "at most N words" and its kin.
fn most_words(sentence: &str) -> Option<usize> {
    const BEFORE: [&str; 9] = [
        "at most ",
        "no more than ",
        "not more than ",
        "up to ",
        "maximum of ",
        "maximum ",
        "under ",
        "fewer than ",
        "within ",
    ];
    let number = |rest: &str| {
        let mut words = rest.split_whitespace();
        let most = words.next()?.parse::<usize>().ok()?;
        words
            .next()
            .is_some_and(|word| word.starts_with("word"))
            .then_some(most)
    };
    let stated = BEFORE.iter().find_map(|before| {
        let (_, rest) = sentence.split_once(before)?;
        let most = number(rest)?;
        Some(if matches!(*before, "under " | "fewer than ") {
            most.saturating_sub(1)
        } else {
            most
        })
    });
    let or_fewer = || {
        let (head, _) = sentence
            .split_once(" words or fewer")
            .or_else(|| sentence.split_once(" words or less"))?;
        head.rsplit(' ').next()?.parse().ok()
    };
    stated.or_else(or_fewer).filter(|most| *most > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Instructions {
        let mut instructions = Instructions::default();
        obey(text, &mut instructions);
        instructions
    }

    #[test]
    fn instructions_are_read_by_words() {
        assert_eq!(told("You are helpful."), Instructions::default());
        assert!(told("Cite your sources.").cite && !told("Do not cite anything.").cite);
        assert!(told("Quote the passage id.").cite);
        assert!(told("If you don\u{2019}t know, say so.").refuse);
        assert!(told("Answer in one sentence.").one_sentence);
        assert!(told("Answer as JSON.").json && !told("Answer in prose, not JSON.").json);
        assert_eq!(told("Use the tools when they fit.").tools, Some(true));
        assert_eq!(told("Do not use tools.").tools, Some(false));
    }

    #[test]
    fn a_limit_on_words_is_read_in_its_usual_forms() {
        for (text, most) in [
            ("Answer in at most 12 words.", Some(12)),
            ("Use no more than 20 words", Some(20)),
            ("Be brief: under 10 words.", Some(9)),
            ("Answer in 15 words or fewer.", Some(15)),
            ("At most 3 passages matter.", None),
            ("Use many words.", None),
        ] {
            assert_eq!(told(text).most_words, most, "{text}");
        }
    }
}
