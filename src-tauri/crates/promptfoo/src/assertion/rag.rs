//! Judges of retrieval: relevance of the answer, recall and relevance of the context, faithfulness to it.

use super::{Check, Grading, judge, rubrics, similar};
use crate::{document, problem::Fault, template::Vars, transform};
use serde_json::{Value, json};
use std::collections::HashSet;

/// The context, as one text or as pieces.
enum Context {
    Text(String),
    Pieces(Vec<String>),
}

impl Context {
    fn joined(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Pieces(pieces) => pieces.join("\n\n"),
        }
    }
}

/// The context of the test's variable, or else of the prompt, or of what `contextTransform` takes from the output.
async fn context(check: &Check<'_>, fallback: Option<&str>) -> Result<Context, Fault> {
    let subject = check.subject;
    let missing = || {
        Fault::invalid(
            "Context is required for context-based assertions. Provide either a \"context\" variable or use \"contextTransform\".",
        )
    };
    let of_value = |value: &Value| match value {
        Value::String(text) => Some(Context::Text(text.clone())),
        Value::Array(items) => {
            let pieces: Option<Vec<String>> = items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect();
            pieces.map(Context::Pieces)
        }
        _ => None,
    };
    let mut found = match subject
        .vars
        .get("context")
        .filter(|value| document::truthy(value))
    {
        Some(value) => Some(of_value(value).ok_or_else(missing)?),
        None => fallback.map(|text| Context::Text(text.to_owned())),
    };
    if let Some(code) = &check.assertion.context_transform {
        let mut given = json!({ "vars": subject.vars, "prompt": { "label": subject.prompt } });
        if let Some(metadata) = &subject.response.metadata {
            given["metadata"] = metadata.clone();
        }
        let value = transform::output(code, subject.provider_output, given, &subject.caller).await?;
        found = Some(of_value(&value).ok_or_else(|| {
            Fault::invalid(format!(
                "contextTransform must return a string or array of strings, not `{value}`"
            ))
        })?);
    }
    let found = found.ok_or_else(missing)?;
    let empty = match &found {
        Context::Text(text) => text.is_empty(),
        Context::Pieces(pieces) => pieces.is_empty() || pieces.iter().any(String::is_empty),
    };
    if empty { Err(missing()) } else { Ok(found) }
}

fn query(check: &Check<'_>) -> Result<String, Fault> {
    match check.subject.vars.get("query") {
        Some(Value::String(query)) => Ok(query.clone()),
        _ => Err(Fault::invalid(format!(
            "{} assertion requires a \"query\" variable with the user question",
            check.assertion.base()
        ))),
    }
}

fn scored(check: &Check<'_>, score: f64, what: &str) -> Grading {
    let limit = check.assertion.threshold.unwrap_or(0.0);
    let pass = score >= limit - f64::EPSILON;
    let sign = if pass { ">=" } else { "<" };
    Grading::new(pass, score, format!("{what} {score:.2} is {sign} {limit}"))
}

fn lines(text: &str) -> Vec<&str> {
    text.split('\n')
        .filter(|line| !document::trim(line).is_empty())
        .collect()
}

/// Lines where there are several, else sentences: split after `.`, `!` and `?` before space. A lone `1.` is none.
fn sentences(text: &str) -> Vec<String> {
    let lines = lines(text);
    let mut parts: Vec<String> = Vec::new();
    if lines.len() > 1 {
        parts.extend(lines.into_iter().map(str::to_owned));
    } else {
        let mut current = String::new();
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            current.push(character);
            let ends = matches!(character, '.' | '!' | '?');
            if ends && characters.peek().is_some_and(|next| document::is_space(*next)) {
                parts.push(std::mem::take(&mut current));
                while characters.next_if(|next| document::is_space(*next)).is_some() {}
            }
        }
        parts.push(current);
    }
    let marker = |text: &str| {
        text.strip_suffix(['.', ')'])
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    parts
        .iter()
        .map(|part| document::trim(part).to_owned())
        .filter(|part| !part.is_empty() && !marker(part))
        .collect()
}

pub(super) async fn answer_relevance(check: &Check<'_>) -> Result<Grading, Fault> {
    if !check.output.is_string() {
        return Err(Fault::invalid(
            "answer-relevance assertion type must evaluate a string output",
        ));
    }
    let subject = check.subject;
    let embedding = subject.graders.embedding(check)?;
    let prompt = judge::rubric(check, None, rubrics::ANSWER_QUESTION).await?;
    let vars = Vars::from_iter([("answer".to_owned(), judge::parsed(&check.text))]);
    let mut questions = Vec::new();
    for _ in 0..3 {
        match judge::ask_text(check, &prompt, "answer-relevance", &vars).await? {
            Ok(question) => questions.push(question),
            Err(why) => return Ok(Grading::fail(why)),
        }
    }
    let input = match subject.vars.get("query") {
        Some(Value::String(query)) if !query.is_empty() => query.as_str(),
        _ => subject.prompt,
    };
    let own = match subject.caller.embed(&embedding, input).await? {
        Ok(vector) => vector,
        Err(why) => return Ok(Grading::fail(why)),
    };
    let mut total = 0.0;
    for question in &questions {
        match subject.caller.embed(&embedding, question).await? {
            Ok(vector) if vector.len() == own.len() => total += similar::cosine(&own, &vector),
            Ok(_) => return Err(Fault::invalid("Vectors must be of equal length")),
            Err(why) => return Ok(Grading::fail(why)),
        }
    }
    Ok(scored(check, total / questions.len() as f64, "Relevance"))
}

pub(super) async fn context_recall(check: &Check<'_>) -> Result<Grading, Fault> {
    let truth = match &check.value {
        Some(Value::String(truth)) => truth.clone(),
        _ => {
            return Err(Fault::invalid(
                "context-recall assertion requires a string value (expected answer or fact to verify)",
            ));
        }
    };
    let prompt = check.subject.prompt;
    if prompt.is_empty() {
        return Err(Fault::invalid("context-recall assertion requires a prompt"));
    }
    let context = context(check, Some(prompt)).await?.joined();
    let vars = judge::vars_with(
        check,
        [("context", json!(context)), ("groundTruth", json!(truth))],
    );
    let rubric = judge::rubric(check, None, rubrics::CONTEXT_RECALL).await?;
    let answer = match judge::ask_text(check, &rubric, "context-recall", &vars).await? {
        Ok(answer) => answer.to_lowercase(),
        Err(why) => return Ok(Grading::fail(why)),
    };
    let (yes, no) = ("[attributed]", "[not attributed]");
    let judged: Vec<&str> = lines(&answer)
        .into_iter()
        .filter(|line| line.contains(yes) || line.contains(no))
        .collect();
    let supported = judged
        .iter()
        .filter(|line| line.contains(yes) && !line.contains(no))
        .count();
    let score = if judged.is_empty() {
        0.0
    } else {
        supported as f64 / judged.len() as f64
    };
    Ok(scored(check, score, "Recall"))
}

pub(super) async fn context_relevance(check: &Check<'_>) -> Result<Grading, Fault> {
    let query = query(check)?;
    let context = context(check, None).await?;
    let vars = Vars::from_iter([
        ("context".to_owned(), json!(context.joined())),
        ("query".to_owned(), json!(query)),
    ]);
    let rubric = judge::rubric(check, None, rubrics::CONTEXT_RELEVANCE).await?;
    let answer = match judge::ask_text(check, &rubric, "context-relevance", &vars).await? {
        Ok(answer) => answer,
        Err(why) => return Ok(Grading::fail(why)),
    };
    let (units, segmented) = match &context {
        Context::Pieces(pieces) => (
            pieces
                .iter()
                .filter(|piece| !document::trim(piece).is_empty())
                .count(),
            true,
        ),
        Context::Text(text) => (sentences(text).len(), lines(text).len() > 1),
    };
    let relevant: HashSet<String> = if answer.contains("Insufficient Information") {
        HashSet::new()
    } else if segmented {
        lines(&answer).into_iter().map(str::to_owned).collect()
    } else {
        sentences(&answer).into_iter().collect()
    };
    let score = if units == 0 {
        0.0
    } else {
        relevant.len().min(units) as f64 / units as f64
    };
    Ok(scored(check, score, "Context relevance"))
}

pub(super) async fn context_faithfulness(check: &Check<'_>) -> Result<Grading, Fault> {
    let query = query(check)?;
    let Value::String(output) = &check.output else {
        return Err(Fault::invalid(
            "context-faithfulness assertion requires string output from the provider",
        ));
    };
    let context = context(check, None).await?.joined();
    let written = check.assertion.rubric_prompt.as_ref().or_else(|| {
        check
            .subject
            .case
            .options
            .get("rubricPrompt")
            .filter(|prompt| document::truthy(prompt))
    });
    let prompts = match written {
        None => [None, None],
        Some(Value::Array(prompts)) => [0, 1].map(|at| match prompts.get(at) {
            Some(Value::Object(message)) => message.get("content"),
            other => other,
        }),
        Some(_) => return Err(Fault::invalid("rubricPrompt must be an array")),
    };
    let first = judge::load(check, prompts[0], rubrics::FAITHFULNESS_STATEMENTS).await?;
    let second = judge::load(check, prompts[1], rubrics::FAITHFULNESS_VERDICTS).await?;
    let vars = judge::vars_with(
        check,
        [("question", json!(query)), ("answer", judge::parsed(output))],
    );
    let answer = match judge::ask_text(check, &first, "context-faithfulness-longform", &vars).await? {
        Ok(answer) => answer,
        Err(why) => return Ok(Grading::fail(why)),
    };
    let statements = lines(&answer);
    let vars = judge::vars_with(
        check,
        [("context", json!(context)), ("statements", json!(statements))],
    );
    let verdicts = match judge::ask_text(check, &second, "context-faithfulness-nli", &vars).await? {
        Ok(verdicts) => document::trim(&verdicts.to_lowercase()).to_owned(),
        Err(why) => return Ok(Grading::fail(why)),
    };
    let count = statements.len();
    // What is not answered counts against the output.
    let share =
        |no: usize, answered: usize| 1.0 - (no + count.saturating_sub(answered)) as f64 / count as f64;
    const FINAL: &str = "final verdict for each statement in order:";
    let score = match verdicts.split_once(FINAL) {
        _ if count == 0 => 0.0,
        Some((_, after)) => {
            let answers: Vec<&str> = after
                .split('.')
                .filter(|answer| !document::trim(answer).is_empty())
                .collect();
            let no = answers.iter().filter(|answer| !answer.contains("yes")).count();
            if answers.is_empty() {
                0.0
            } else {
                share(no, answers.len())
            }
        }
        None => {
            let no = verdicts.matches("verdict: no").count();
            let yes = verdicts.matches("verdict: yes").count();
            if no + yes == 0 { 0.0 } else { share(no, no + yes) }
        }
    };
    Ok(scored(check, score.clamp(0.0, 1.0), "Faithfulness"))
}
