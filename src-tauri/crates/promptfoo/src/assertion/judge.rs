//! Judges: models that grade by a rubric, by facts, by a criterion or by steps.

use super::{Check, Grading, ask_grader, json::first_object_in, rubrics};
use crate::{document, problem::Fault, project::split_function, template::Vars};
use harness::script::{Limits, Program, run};
use serde_json::{Value, json};

/// The prompt of a judge: the assertion's, the test's, or the default. A file is read, an object is JSON.
pub(super) async fn rubric(check: &Check<'_>, part: Option<&str>, default: &str) -> Result<String, Fault> {
    let case = check.subject.case;
    let written = check.assertion.rubric_prompt.as_ref().or_else(|| {
        case.options
            .get("rubricPrompt")
            .filter(|prompt| document::truthy(prompt))
    });
    let written = match (part, written) {
        (Some(part), Some(Value::Object(parts))) => parts.get(part).filter(|prompt| document::truthy(prompt)),
        (Some(_), _) => None,
        (None, written) => written,
    };
    load(check, written, default).await
}

/// The text of a rubric prompt as it is written.
pub(super) async fn load(check: &Check<'_>, written: Option<&Value>, default: &str) -> Result<String, Fault> {
    let caller = check.subject.caller;
    match written {
        None => Ok(default.to_owned()),
        Some(Value::Object(fields)) if fields.is_empty() => Ok(default.to_owned()),
        Some(Value::String(reference)) if reference.starts_with("file://") => {
            let reference = caller.templates.render(reference, &Vars::new()).await?;
            let (path, _) = split_function(&reference);
            if crate::project::is_javascript(path) {
                let export = caller.project.export(&reference).map_err(Fault::Invalid)?;
                let returned = run(Program::Export(export), Vec::new(), Limits::JAVASCRIPT).await?;
                return Ok(document::coerce(&returned.value));
            }
            caller.project.text(&reference).map_err(Fault::Invalid)
        }
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Ok(other.to_string()),
    }
}

/// The variables of the test with more.
pub(super) fn vars_with<const N: usize>(check: &Check<'_>, more: [(&str, Value); N]) -> Vars {
    let mut vars = check.subject.vars.clone();
    for (key, value) in more {
        vars.insert(key.to_owned(), value);
    }
    vars
}

/// An output that is JSON as what it says, else as text.
pub(super) fn parsed(text: &str) -> Value {
    document::json(text).unwrap_or_else(|_| json!(text))
}

/// What a judge wrote, or why it wrote nothing.
pub(super) async fn ask(
    check: &Check<'_>,
    prompt: &str,
    label: &str,
    vars: &Vars,
) -> Result<Result<Value, String>, Fault> {
    let subject = check.subject;
    let provider = subject.graders.text(check, label == "llm-rubric")?;
    let prompt = subject.caller.templates.render_rubric(prompt, vars).await?;
    let response = ask_grader(subject, &provider, &prompt, label, vars).await?;
    Ok(match response.error {
        Some(error) => Err(error),
        None if document::truthy(&response.output) => Ok(response.output),
        None => Err("No output".into()),
    })
}

/// As [`ask`], where the answer must be a text.
pub(super) async fn ask_text(
    check: &Check<'_>,
    prompt: &str,
    label: &str,
    vars: &Vars,
) -> Result<Result<String, String>, Fault> {
    match ask(check, prompt, label, vars).await? {
        Ok(Value::String(text)) => Ok(Ok(text)),
        Ok(_) => Err(Fault::invalid(format!("{label} produced malformed response"))),
        Err(why) => Ok(Err(why)),
    }
}

pub(super) async fn llm_rubric(check: &Check<'_>) -> Result<Grading, Fault> {
    let value = match &check.value {
        None => json!(""),
        Some(value @ (Value::String(_) | Value::Object(_) | Value::Array(_))) => value.clone(),
        Some(Value::Null) => json!(""),
        Some(_) => {
            return Err(Fault::invalid(
                "\"llm-rubric\" assertion type must have a string or object value",
            ));
        }
    };
    let prompt = rubric(check, None, rubrics::RUBRIC).await?;
    let vars = vars_with(check, [("output", parsed(&check.text)), ("rubric", value)]);
    let answer = match ask(check, &prompt, "llm-rubric", &vars).await? {
        Ok(answer) => answer,
        Err(why) => return Ok(Grading::grader_fail(why)),
    };
    let verdict = match answer {
        Value::String(text) => first_object_in(&text)?,
        object @ Value::Object(_) => Some(object),
        _ => None,
    };
    let Some(Value::Object(verdict)) = verdict else {
        return Ok(Grading::grader_fail(
            "Could not extract JSON from llm-rubric response",
        ));
    };
    let mut pass = match verdict.get("pass") {
        None | Some(Value::Null) => true,
        Some(Value::Bool(flag)) => *flag,
        Some(other) => matches!(
            document::text(other).to_lowercase().as_str(),
            "true" | "yes" | "pass" | "y"
        ),
    };
    let score = match verdict.get("score") {
        Some(Value::Number(score)) => score.as_f64(),
        Some(Value::String(text)) => document::parse_number(text).filter(|score| score.is_finite()),
        Some(Value::Bool(flag)) => Some(f64::from(u8::from(*flag))),
        Some(Value::Null) => Some(0.0),
        _ => None,
    }
    .unwrap_or_else(|| f64::from(u8::from(pass)));
    if let Some(limit) = check.assertion.threshold {
        pass = pass && score >= limit;
    }
    let reason = verdict
        .get("reason")
        .filter(|reason| document::truthy(reason))
        .map_or_else(
            || {
                if pass {
                    "Grading passed".into()
                } else {
                    format!("Score {score} below threshold")
                }
            },
            document::text,
        );
    let score = if check.inverse {
        (1.0 - score).clamp(0.0, 1.0)
    } else {
        score
    };
    Ok(Grading::new(pass != check.inverse, score, reason))
}

pub(super) async fn factuality(check: &Check<'_>) -> Result<Grading, Fault> {
    let ideal = check.value_text()?;
    let input = prompt_of(check)?;
    let prompt = rubric(check, None, rubrics::FACTUALITY).await?;
    let vars = vars_with(
        check,
        [
            ("input", json!(input)),
            ("ideal", json!(ideal)),
            ("completion", parsed(&check.text)),
        ],
    );
    let answer = match ask_text(check, &prompt, "factuality", &vars).await? {
        Ok(answer) => answer,
        Err(why) => return Ok(Grading::fail(why)),
    };
    let object = first_object_in(&answer)?;
    let category = object
        .as_ref()
        .and_then(|object| object.get("category"))
        .and_then(Value::as_str)
        .filter(|category| !category.is_empty());
    let letter = match category {
        Some(category) => {
            let category = document::trim(category).to_uppercase();
            if !matches!(category.as_str(), "A" | "B" | "C" | "D" | "E") {
                return Ok(Grading::fail(format!("Invalid category value: {category}")));
            }
            category
        }
        None => match letter_in_brackets(&answer) {
            Some(letter) => letter.to_string(),
            None => {
                let why = format!("Factuality checker output did not match expected format: {answer}");
                return Ok(Grading::fail(why));
            }
        },
    };
    let scores = check.subject.case.options.get("factuality");
    let (key, default) = match letter.as_str() {
        "A" => ("subset", 1.0),
        "B" => ("superset", 1.0),
        "C" => ("agree", 1.0),
        "D" => ("disagree", 0.0),
        _ => ("differButFactual", 1.0),
    };
    let score = scores
        .and_then(|scores| scores.get(key))
        .and_then(Value::as_f64)
        .unwrap_or(default);
    Ok(Grading::new(score > 0.0, score, answer))
}

/// The first letter from A to E before a closing bracket.
fn letter_in_brackets(text: &str) -> Option<char> {
    text.match_indices(')').find_map(|(at, _)| {
        let letter = text[..at].chars().next_back()?.to_ascii_uppercase();
        ('A'..='E').contains(&letter).then_some(letter)
    })
}

fn prompt_of<'a>(check: &'a Check<'_>) -> Result<&'a str, Fault> {
    let prompt = check.subject.prompt;
    if prompt.is_empty() {
        return Err(Fault::invalid(format!(
            "{} assertion type must have a prompt",
            check.assertion.base()
        )));
    }
    Ok(prompt)
}

pub(super) async fn closed_qa(check: &Check<'_>) -> Result<Grading, Fault> {
    let criteria = check.value_text()?;
    let input = prompt_of(check)?;
    let prompt = rubric(check, None, rubrics::CLOSED_QA).await?;
    let vars = vars_with(
        check,
        [
            ("input", json!(input)),
            ("criteria", json!(criteria)),
            ("completion", parsed(&check.text)),
        ],
    );
    Ok(
        match ask_text(check, &prompt, "model-graded-closedqa", &vars).await? {
            Err(why) => Grading::fail(why),
            Ok(answer) => {
                let pass = answer.trim_end_matches(document::is_space).ends_with('Y');
                Grading::new(pass, f64::from(u8::from(pass)), answer)
            }
        },
    )
}

pub(super) async fn g_eval(check: &Check<'_>) -> Result<Grading, Fault> {
    let limit = check.assertion.threshold.unwrap_or(0.7);
    let criteria = check.value_texts()?;
    if criteria.is_empty() {
        return Ok(Grading::fail(
            "G-Eval assertion requires at least one criterion string in the value array.",
        ));
    }
    let mut total = 0.0;
    let mut reasons = Vec::new();
    for criterion in &criteria {
        match g_eval_one(check, criterion).await? {
            Ok((score, reason)) => {
                total += score;
                reasons.push(reason);
            }
            Err(why) => return Ok(Grading::grader_fail(why)),
        }
    }
    let score = total / criteria.len() as f64;
    let pass = (score >= limit) != check.inverse;
    Ok(Grading::new(
        pass,
        if check.inverse { 1.0 - score } else { score },
        reasons.join("\n\n"),
    ))
}

async fn g_eval_one(check: &Check<'_>, criteria: &str) -> Result<Result<(f64, String), String>, Fault> {
    const MOST: f64 = 10.0;
    let input = check.subject.prompt;
    if input.is_empty() {
        return Err(Fault::invalid("No source text to estimate reply"));
    }
    let prompt = rubric(check, Some("steps"), rubrics::G_EVAL_STEPS).await?;
    let vars = Vars::from_iter([("criteria".to_owned(), json!(criteria))]);
    let answer = match ask(check, &prompt, "g-eval-steps", &vars).await? {
        Ok(Value::String(answer)) => answer,
        Ok(_) => {
            return Ok(Err(
                "LLM-proposed evaluation steps response is not a string".into()
            ));
        }
        Err(why) => return Ok(Err(why)),
    };
    // The first line that holds {"steps" … }, from there to the last brace of the line.
    let steps = answer.lines().find_map(|line| {
        let line = &line[line.find("{\"steps\"")?..];
        line.rfind('}').map(|end| &line[..=end])
    });
    let steps: Option<Vec<String>> = steps
        .and_then(|steps| document::json(steps).ok())
        .and_then(|object| serde_json::from_value(object.get("steps")?.clone()).ok())
        .filter(|steps: &Vec<String>| {
            !steps.is_empty() && steps.iter().all(|step| !document::trim(step).is_empty())
        });
    let Some(steps) = steps else {
        return Ok(Err(format!(
            "LLM-proposed evaluation steps are not in JSON format: {answer}"
        )));
    };
    let prompt = rubric(check, Some("evaluate"), rubrics::G_EVAL).await?;
    let vars = Vars::from_iter([
        ("criteria".to_owned(), json!(criteria)),
        ("steps".to_owned(), json!(steps.join("\n- "))),
        ("maxScore".to_owned(), json!("10")),
        ("input".to_owned(), parsed(input)),
        ("output".to_owned(), parsed(&check.text)),
    ]);
    let answer = match ask(check, &prompt, "g-eval", &vars).await? {
        Ok(Value::String(answer)) => answer,
        Ok(_) => {
            return Ok(Err(
                "LLM-proposed evaluation result response is not a string".into()
            ));
        }
        Err(why) => return Ok(Err(why)),
    };
    let result = answer.lines().find_map(|line| {
        let line = &line[line.find('{')?..];
        line.rfind('}').filter(|end| *end > 1).map(|end| &line[..=end])
    });
    let Some(result) = result.and_then(|result| document::json(result).ok()) else {
        return Ok(Err(format!(
            "LLM-proposed evaluation result is not in JSON format: {answer}"
        )));
    };
    let score = match result.get("score") {
        Some(Value::Number(score)) => score.as_f64(),
        Some(Value::String(text)) if !document::trim(text).is_empty() => document::parse_number(text),
        _ => None,
    };
    let reason = result
        .get("reason")
        .and_then(Value::as_str)
        .filter(|reason| !document::trim(reason).is_empty());
    Ok(
        match (score.filter(|score| (0.0..=MOST).contains(score)), reason) {
            (Some(score), Some(reason)) => Ok((score / MOST, reason.to_owned())),
            (None, _) => Err(format!("G-Eval result has no score from 0 to {MOST}: {answer}")),
            (_, None) => Err(format!("G-Eval result has no reason: {answer}")),
        },
    )
}
