#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use provider::openai::{ChatMessage, Role};
use serde_json::json;

use super::*;

const TOLD: &str = "Cite each sentence. If the passages do not hold the answer, say that you cannot answer.";
const PASSAGES: &str = "[fees] Late fees\nA late payment costs 12 EUR. Reminders are free.\n\n\
    [parcels] Parcels\nA parcel may weigh up to 20 kg. Heavier parcels go by freight.\n\n";

fn request(system: &str, user: &str) -> ChatRequest {
    let messages = vec![
        ChatMessage::text(Role::System, system),
        ChatMessage::text(Role::User, user),
    ];
    ChatRequest {
        model: PRACTICE_MODEL.into(),
        messages,
        ..ChatRequest::default()
    }
}

fn ask(system: &str, question: &str) -> PracticeAnswer {
    answer(&request(system, &format!("{PASSAGES}Question: {question}")), 1)
}

#[test]
fn it_answers_from_the_passages_and_cites() {
    let answer = ask(TOLD, "How much does a late payment cost?");
    assert!(
        answer.text.starts_with("A late payment costs 12 EUR. [fees]"),
        "{}",
        answer.text
    );
    assert_eq!(answer.citations.first().map(String::as_str), Some("fees"));
    assert!(!answer.refused);
}

#[test]
fn it_cites_only_when_told_to() {
    let answer = ask("Be helpful.", "How much may a parcel weigh?");
    assert!(
        answer.text.starts_with("A parcel may weigh up to 20 kg.") && !answer.text.contains('['),
        "{}",
        answer.text
    );
    assert!(answer.citations.is_empty());
}

#[test]
fn it_refuses_only_when_told_to() {
    let unsupported = "Which telescope shows the moons of Jupiter?";
    let refused = ask(TOLD, unsupported);
    assert!(refused.refused && refused.text == REFUSAL && refused.citations.is_empty());
    assert!(
        !ask("Be helpful.", unsupported).refused,
        "a weak model answers anyway"
    );
}

#[test]
fn it_says_what_is_missing() {
    assert_eq!(answer(&request(TOLD, "Question: Why?"), 1).text, NO_PASSAGES);
    assert_eq!(answer(&request(TOLD, PASSAGES), 1).text, NO_QUESTION);
}

#[test]
fn one_sentence_means_one() {
    let question = "May a heavier parcel that weighs more go by freight?";
    let both = ask("Be helpful.", question).text;
    let one = ask("Answer in one sentence.", question).text;
    assert!(one.len() <= both.len() && one.matches(". ").count() == 0, "{one}");
}

#[test]
fn a_limit_on_words_leaves_the_citation() {
    let short = ask(
        "Cite the passage id. Use at most 4 words.",
        "How much does a late payment cost?",
    );
    assert_eq!(short.text, "A late payment costs [fees]");
}

#[test]
fn json_is_given_where_the_instructions_ask_for_it() {
    let told = "Answer as JSON with the keys \"source\" and \"refused\".";
    let json = ask(told, "How much does a late payment cost?");
    assert_eq!(json.text, "{\"source\":\"fees\",\"refused\":false}");
}

#[test]
fn it_is_surer_of_what_the_passages_hold() {
    let held = ask("Be helpful.", "How much does a late payment cost?").confidence;
    let not_held = ask("Be helpful.", "Which telescope shows the moons of Jupiter?").confidence;
    assert!(held > 0.9 && not_held < 0.5, "{held} {not_held}");
}

#[test]
fn a_form_asked_for_after_the_blocks_is_obeyed_and_one_in_the_answer_is_not() {
    let user = "Grade this.\nQuestion: What is the fee?\nOutput: 12 EUR, as JSON {\"a\": 1}\nRubric: Says 12.\n\nInstructions: reply with one word, yes or no.";
    assert_eq!(answer(&request("", user), 1).text, "yes");
}

#[test]
fn now_and_then_a_citation_is_wrong() {
    let wrong = (0..2000)
        .filter(|seed| {
            let request = request(
                TOLD,
                &format!("{PASSAGES}Question: How much does a late payment cost?"),
            );
            answer(&request, *seed)
                .citations
                .iter()
                .any(|id| id != "fees" && id != "parcels")
        })
        .count();
    assert!((20..=160).contains(&wrong), "{wrong} of 2000");
}

#[test]
fn tokens_latency_and_limit_follow_the_rule() {
    let mut request = request("abcd", "Question: abcde");
    let whole = answer(&request, 1);
    assert_eq!(whole.prompt_tokens, 5, "19 characters");
    assert_eq!(whole.completion_tokens, 13, "{} characters", NO_PASSAGES.len());
    assert_eq!(whole.latency(), Duration::from_micros(15_000 + 5 * 20 + 13 * 200));
    request.max_tokens = Some(2);
    let cut = answer(&request, 1);
    assert!(cut.truncated && cut.text == "I was gi" && cut.completion_tokens == 2);
}

proptest! {
    #[test]
    fn it_never_panics_and_repeats_itself(system in ".{0,80}", user in "(\\PC|\n|\\[[a-z]\\] |Question: |\\. ){0,80}", seed: u64, limit in proptest::option::of(0_u32..40)) {
        let mut request = request(&system, &user);
        request.max_tokens = limit;
        let once = answer(&request, seed);
        prop_assert_eq!(&once, &answer(&request, seed));
        prop_assert!(once.completion_tokens <= u64::from(limit.unwrap_or(u32::MAX)));
    }

    #[test]
    fn whatever_the_prompt_a_schema_is_obeyed(system in ".{0,60}", user in "(\\PC|\n|\\[[a-z]\\] |Question: |\\. |7 |\"){0,80}", temperature in 0.0..=2.0_f64) {
        let schema = json!({
            "type": "object", "required": ["answer", "kind", "items"], "additionalProperties": false,
            "properties": {
                "answer": { "type": "string", "minLength": 2, "maxLength": 9 },
                "kind": { "enum": ["a", "b", null] },
                "score": { "type": "integer", "minimum": 1, "maximum": 5 },
                "items": { "type": "array", "minItems": 1, "maxItems": 2, "items": { "type": "number", "exclusiveMaximum": 3 } }
            }
        });
        let mut request = request(&system, &user);
        request.temperature = Some(temperature);
        request.other.insert("response_format".into(), json!({ "type": "json_schema", "json_schema": { "schema": schema } }));
        let value: Value = serde_json::from_str(&answer(&request, 3).text).unwrap();
        prop_assert!(jsonschema::is_valid(&schema, &value), "{}", value);

        let arguments = json!([{ "type": "function", "function": { "name": "x", "parameters": schema } }]);
        request.other = serde_json::Map::from_iter([("tools".to_owned(), arguments), ("tool_choice".to_owned(), json!("required"))]);
        let call = answer(&request, 3).tool_call.unwrap();
        let value: Value = serde_json::from_str(&call.arguments).unwrap();
        prop_assert!(jsonschema::is_valid(&schema, &value), "{}", value);
    }

    #[test]
    fn a_judge_never_panics(answer_block in "\\PC{0,60}", rubric in "(\\PC|not |\"|and |12 |; |at most 3 words){0,20}") {
        let user = format!("<output>{answer_block}</output> Rubric: {rubric}");
        let judged = answer(&request("Grade it from 1 to 5 as JSON.", &user), 1);
        prop_assert!((0.0..=1.0).contains(&judged.confidence));
    }

    #[test]
    fn whatever_the_question_citations_name_ids_and_sentences_come_from_passages(question in "[a-z ]{1,60}", seed: u64) {
        let answer = answer(&request("Cite.", &format!("{PASSAGES}Question: x {question}")), seed);
        prop_assert!(!answer.refused);
        prop_assert_eq!(answer.citations.len(), answer.text.matches('[').count());
        let sentence = answer.text.split(" [").next().unwrap_or_default();
        prop_assert!(PASSAGES.contains(sentence), "{}", answer.text);
    }
}
