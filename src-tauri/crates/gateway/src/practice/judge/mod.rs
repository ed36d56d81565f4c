//! Judges an answer by a rubric, where the prompt asks for that.
//!
//! A prompt asks to judge when it holds an **answer** and a **rubric**, each between tags (`<Output>...</Output>`) or after a name and a
//! colon at the start of a line (`Output: ...`), and one of the words rubric, criteria, criterion, grade, grading, judge, evaluate
//! or score. The names are in [`ANSWERS`] and [`RUBRICS`]; [`REFERENCES`] stand in for a rubric where there is none.

mod block;
mod rubric;
mod verdict;

use provider::openai::{ChatMessage, Role};

use super::draw::Draw;
use super::text::stems;
pub(super) use verdict::Verdict;

const ANSWERS: [&str; 7] = [
    "output",
    "answer",
    "response",
    "submission",
    "completion",
    "candidate",
    "actual",
];
const RUBRICS: [&str; 7] = [
    "rubric",
    "criteria",
    "criterion",
    "grading_criteria",
    "grading criteria",
    "requirements",
    "requirement",
];
const REFERENCES: [&str; 7] = [
    "reference",
    "reference_answer",
    "reference answer",
    "expected",
    "expected answer",
    "ideal",
    "expert",
];
const TRIGGERS: [&str; 11] = [
    "rubric",
    "criteria",
    "criterion",
    "grade",
    "grading",
    "grader",
    "judge",
    "judging",
    "evaluate",
    "evaluating",
    "score",
];

/// What a prompt asks to be judged.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Case {
    answer: String,
    rubric: String,
    /// The rest of the prompt: it says in which form the verdict is wanted.
    pub told: String,
}

/// Finds what is to be judged; nothing where the prompt does not ask for judgement.
pub(super) fn read(messages: &[ChatMessage]) -> Option<Case> {
    let all: Vec<String> = messages.iter().map(ChatMessage::plain).collect();
    let triggered = all.iter().any(|text| {
        text.split(|letter: char| !letter.is_alphabetic())
            .any(|word| TRIGGERS.contains(&word.to_lowercase().as_str()))
    });
    if !triggered {
        return None;
    }
    // The last message of the user that has an answer; a system message may hold examples, and counts only without one.
    let find = |names: &[&str]| {
        let users = messages
            .iter()
            .zip(&all)
            .filter(|(message, _)| message.role == Role::User);
        let others = messages
            .iter()
            .zip(&all)
            .filter(|(message, _)| message.role.instructs());
        users
            .rev()
            .chain(others.rev())
            .find_map(|(_, text)| block::last(text, names))
    };
    let answer = find(&ANSWERS)?;
    let rubric = find(&RUBRICS).or_else(|| find(&REFERENCES))?;
    let told = all.join("\n").replace(&answer, " ").replace(&rubric, " ");
    Some(Case { answer, rubric, told })
}

/// Judges: which demands of the rubric the answer meets.
pub(super) fn judge(case: &Case, draw: &Draw) -> Verdict {
    let demands = rubric::demands(&case.rubric);
    let met: Vec<bool> = demands
        .iter()
        .map(|demand| demand.met(&case.answer, draw))
        .collect();
    let unmet = demands
        .iter()
        .zip(&met)
        .find(|(_, met)| !**met)
        .map(|(demand, _)| demand.text.clone());
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let share = count(met.iter().filter(|met| **met).count()) / count(met.len().max(1));
    Verdict {
        pass: unmet.is_none() && !demands.is_empty(),
        share,
        reason: match unmet {
            Some(unmet) => format!("It does not meet: {unmet}"),
            None if demands.is_empty() => "The rubric demands nothing that I can look for.".into(),
            None => format!("It meets what the rubric demands: {}", stems_short(&case.rubric)),
        },
        scale: verdict::scale(&case.told).or_else(|| verdict::scale(&case.rubric)),
        words: verdict::words(&case.told),
        only_word: verdict::only_word(&case.told),
    }
}

fn stems_short(rubric: &str) -> String {
    let words: Vec<&str> = rubric.split_whitespace().take(12).collect();
    if stems(rubric).is_empty() {
        "nothing in particular".into()
    } else {
        words.join(" ")
    }
}
