//! Decides whether to call a tool, and which.

mod arguments;

use provider::openai::ChatRequest;
use serde_json::Value;

use super::Invalid;
use super::draw::Draw;
use super::lexicon::{everyday, nearness};
use super::prompt::Prompt;
use super::rank::rank;
use super::schema::fill;
use super::text::{stems, words_of_name};
use super::values::values;
use arguments::Asked;

/// A tool must explain this share of the question, and more of it than the passages do.
const ENOUGH: f64 = 0.34;
/// Weight of an everyday word of the question.
const EVERYDAY: f64 = 0.35;
/// Words of a tool's name and description that say nothing of what it is for.
const HOLLOW: &str = " function tool call given return value result use get ";

/// A call that the model makes.
#[derive(Debug, Clone, PartialEq)]
pub struct PracticeToolCall {
    /// The tool's name.
    pub name: String,
    /// The arguments, as JSON text.
    pub arguments: String,
}

/// The tools of a request and what it says of their use.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tools {
    offered: Vec<Tool>,
    choice: Choice,
}

#[derive(Debug, PartialEq)]
struct Tool {
    name: String,
    words: Vec<String>,
    parameters: Value,
}

#[derive(Debug, Default, PartialEq)]
enum Choice {
    None,
    #[default]
    Auto,
    Required,
    Named(String),
}

/// Reads `tools` and `tool_choice`.
pub(super) fn read(request: &ChatRequest) -> Result<Tools, Invalid> {
    let offered = match request.other.get("tools").filter(|tools| !tools.is_null()) {
        None => Vec::new(),
        Some(Value::Array(tools)) => tools
            .iter()
            .enumerate()
            .map(|(at, tool)| read_tool(at, tool))
            .collect::<Result<_, _>>()?,
        Some(_) => {
            return Err(Invalid::new(
                "tools",
                "'tools' is not a list. Send [{\"type\": \"function\", \"function\": {...}}].".into(),
            ));
        }
    };
    let choice = read_choice(request.other.get("tool_choice"))?;
    if let Choice::Named(name) = &choice
        && !offered.iter().any(|tool| tool.name == *name)
    {
        return Err(Invalid::new(
            "tool_choice",
            format!("There is no tool '{name}' among the tools. Name one of them, or send \"auto\"."),
        ));
    }
    if choice == Choice::Required && offered.is_empty() {
        return Err(Invalid::new(
            "tool_choice",
            "A tool call is required and there are no tools. Send some, or leave out 'tool_choice'.".into(),
        ));
    }
    Ok(Tools { offered, choice })
}

fn read_tool(at: usize, tool: &Value) -> Result<Tool, Invalid> {
    let name = tool
        .pointer("/function/name")
        .and_then(Value::as_str)
        .filter(|name| !name.is_empty());
    let Some(name) = name.filter(|_| tool.get("type").is_none_or(|kind| kind == "function")) else {
        return Err(Invalid::new(
            "tools",
            format!(
                "Tool {} is not a function with a name. Send {{\"type\": \"function\", \"function\": {{\"name\": \"...\", \"parameters\": {{...}}}}}}.",
                at + 1
            ),
        ));
    };
    let about = tool
        .pointer("/function/description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let parameters = tool
        .pointer("/function/parameters")
        .filter(|schema| schema.is_object());
    let words = stems(&format!("{} {about}", words_of_name(name).join(" ")));
    Ok(Tool {
        name: name.to_owned(),
        words: words
            .into_iter()
            .filter(|word| !HOLLOW.contains(&format!(" {word} ")))
            .collect(),
        parameters: parameters
            .cloned()
            .unwrap_or_else(|| serde_json::json!({ "type": "object", "properties": {} })),
    })
}

fn read_choice(choice: Option<&Value>) -> Result<Choice, Invalid> {
    match choice {
        None | Some(Value::Null) => Ok(Choice::Auto),
        Some(Value::String(word)) if word == "auto" => Ok(Choice::Auto),
        Some(Value::String(word)) if word == "none" => Ok(Choice::None),
        Some(Value::String(word)) if word == "required" => Ok(Choice::Required),
        Some(other) => match other.pointer("/function/name").and_then(Value::as_str) {
            Some(name) => Ok(Choice::Named(name.to_owned())),
            None => Err(Invalid::new(
                "tool_choice",
                "This tool_choice is not known. Send \"none\", \"auto\", \"required\", or {\"type\": \"function\", \"function\": {\"name\": \"...\"}}.".into(),
            )),
        },
    }
}

/// The call that the model makes, if it makes one.
pub(super) fn choose(tools: &Tools, prompt: &Prompt, draw: &Draw) -> Option<PracticeToolCall> {
    let call = |tool: &Tool| {
        let asked = Asked::new(&prompt.question, &tool.words, draw);
        PracticeToolCall {
            name: tool.name.clone(),
            arguments: fill(&tool.parameters, &asked).to_string(),
        }
    };
    let forced = matches!(tools.choice, Choice::Required);
    match &tools.choice {
        Choice::None => return None,
        Choice::Named(name) => return tools.offered.iter().find(|tool| tool.name == *name).map(call),
        Choice::Auto if !prompt.results.is_empty() || prompt.instructions.tools == Some(false) => {
            return None;
        }
        Choice::Auto | Choice::Required => {}
    }
    let (tool, explained) = tools
        .offered
        .iter()
        .map(|tool| {
            let hot = draw.heat(&["tool", &tool.name]);
            let jitter =
                draw.size.noise() * super::seeded::signed(draw.seed, &["tool", &tool.name, &prompt.question]);
            (tool, explains(tool, &prompt.question) + jitter + hot)
        })
        .reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    if forced {
        return Some(call(tool));
    }
    let told = prompt.instructions.tools == Some(true);
    let held = rank(&prompt.passages, &prompt.question, draw)
        .first()
        .map_or(0.0, |best| best.support);
    let enough = if told { ENOUGH / 2.0 } else { ENOUGH };
    (explained >= enough && (told || explained > held)).then(|| call(tool))
}

/// The share of the question's words that a tool is for, leaving aside the values that would become arguments.
fn explains(tool: &Tool, question: &str) -> f64 {
    let mut about: Vec<String> = tool.words.clone();
    if let Some(properties) = tool.parameters.get("properties").and_then(Value::as_object) {
        for (key, schema) in properties {
            about.extend(stems(&words_of_name(key).join(" ")));
            let options = schema.get("enum").and_then(Value::as_array);
            about.extend(
                options
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .flat_map(stems),
            );
        }
    }
    let arguments: Vec<String> = values(question)
        .iter()
        .flat_map(|value| stems(&value.text))
        .collect();
    let (mut explained, mut total, mut touched) = (0.0, 0.0, false);
    for word in stems(question)
        .iter()
        .filter(|word| !arguments.contains(word))
        .take(60)
    {
        let weight = if everyday(word) { EVERYDAY } else { 1.0 };
        let near = about.iter().map(|held| nearness(word, held)).fold(0.0, f64::max);
        touched |= tool.words.iter().any(|held| nearness(word, held) > 0.0);
        explained += weight * near;
        total += weight;
    }
    if touched && total > 0.0 {
        explained / total
    } else {
        0.0
    }
}
