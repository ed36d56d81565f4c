//! Assertions: one file a family, each with the rule of promptfoo 0.121.20.

mod aggregate;
mod javascript;
mod json;
mod judge;
mod measure;
mod overlap;
mod rag;
mod refusal;
mod rubrics;
mod schema;
mod similar;
mod text;
mod tools;
mod xml;

pub(crate) use aggregate::Aggregate;
pub use aggregate::Grading;
pub(crate) use javascript::score as score_by_function;

use crate::{
    document,
    problem::Fault,
    project::{extension, is_javascript},
    provider::{Call, Caller, ProviderSpec, Response},
    template::Vars,
    test::{Assertion, TestCase},
    transform,
};
use harness::script::{Limits, Program, run};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Types that promptfoo 0.121.20 knows, in the order in which its CSV grammar tries them.
pub(crate) const KNOWN_TYPES: [&str; 66] = [
    "agent-rubric",
    "answer-relevance",
    "bleu",
    "classifier",
    "contains",
    "contains-all",
    "contains-any",
    "contains-html",
    "contains-json",
    "contains-sql",
    "contains-xml",
    "context-faithfulness",
    "context-recall",
    "context-relevance",
    "conversation-relevance",
    "cost",
    "equals",
    "factuality",
    "finish-reason",
    "g-eval",
    "gleu",
    "guardrails",
    "icontains",
    "icontains-all",
    "icontains-any",
    "is-html",
    "is-json",
    "is-refusal",
    "is-sql",
    "is-valid-function-call",
    "is-valid-openai-function-call",
    "is-valid-openai-tools-call",
    "is-xml",
    "javascript",
    "latency",
    "levenshtein",
    "llm-rubric",
    "pi",
    "meteor",
    "model-graded-closedqa",
    "model-graded-factuality",
    "moderation",
    "perplexity",
    "perplexity-score",
    "python",
    "regex",
    "rouge-n",
    "ruby",
    "similar",
    "similar:cosine",
    "similar:dot",
    "similar:euclidean",
    "starts-with",
    "tool-call-f1",
    "skill-used",
    "trajectory:goal-success",
    "trajectory:tool-args-match",
    "trajectory:step-count",
    "trajectory:tool-sequence",
    "trajectory:tool-used",
    "trace-error-spans",
    "trace-span-count",
    "trace-span-duration",
    "search-rubric",
    "webhook",
    "word-count",
];

/// Types that are known and do not run here, each with the reason.
pub(crate) const UNSUPPORTED_TYPES: [(&str, &str); 25] = [
    ("agent-rubric", "it drives an agent of another program"),
    ("classifier", "it needs a classification service"),
    (
        "conversation-relevance",
        "its verdict hangs on a template of another project",
    ),
    ("is-html", "no HTML parser here gives the same verdict"),
    ("is-sql", "no SQL parser here gives the same verdict"),
    ("contains-sql", "no SQL parser here gives the same verdict"),
    ("is-valid-function-call", "each provider checks it in its own way"),
    (
        "is-valid-openai-function-call",
        "each provider checks it in its own way",
    ),
    ("meteor", "it needs a stemmer and WordNet"),
    ("moderation", "it needs a moderation service"),
    ("pi", "it needs a remote service"),
    ("ruby", "it needs Ruby"),
    ("search-rubric", "it needs a model that searches the web"),
    ("skill-used", "it needs traces"),
    ("trajectory:goal-success", "it needs traces"),
    ("trajectory:tool-args-match", "it needs traces"),
    ("trajectory:step-count", "it needs traces"),
    ("trajectory:tool-sequence", "it needs traces"),
    ("trajectory:tool-used", "it needs traces"),
    ("trace-error-spans", "it needs traces"),
    ("trace-span-count", "it needs traces"),
    ("trace-span-duration", "it needs traces"),
    ("select-best", "it compares the outputs of several targets"),
    ("max-score", "it compares the outputs of several targets"),
    ("human", "it asks a person"),
];

/// Everything that grading one output may look at.
pub(crate) struct Subject<'a> {
    pub(crate) caller: Caller<'a>,
    pub(crate) provider: &'a ProviderSpec,
    pub(crate) graders: &'a crate::evaluate::Graders,
    pub(crate) prompt: &'a str,
    pub(crate) case: &'a TestCase,
    pub(crate) vars: &'a Vars,
    pub(crate) response: &'a Response,
    /// The output after the provider's transform and before the test's.
    pub(crate) provider_output: &'a Value,
    pub(crate) latency_ms: f64,
    pub(crate) test: &'a Value,
}

/// One assertion at work.
pub(crate) struct Check<'a> {
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) assertion: &'a Assertion,
    pub(crate) inverse: bool,
    /// The output, after the assertion's transform.
    pub(crate) output: Value,
    /// The output as a text.
    pub(crate) text: String,
    /// The value, rendered and loaded.
    pub(crate) value: Option<Value>,
    /// What a script gave as the value.
    pub(crate) from_script: Option<Value>,
    /// What scripts see as `context`.
    pub(crate) context: Value,
}

impl Check<'_> {
    /// A verdict of yes or no, with the score 1 or 0.
    pub(crate) fn verdict(&self, holds: bool, failure: impl FnOnce(&str) -> String) -> Grading {
        let pass = holds != self.inverse;
        let not = if self.inverse { "not " } else { "" };
        let reason = if pass {
            "Assertion passed".into()
        } else {
            failure(not)
        };
        Grading::new(pass, f64::from(u8::from(pass)), reason)
    }

    /// The value as a text, or the complaint of the type.
    pub(crate) fn value_text(&self) -> Result<&str, Fault> {
        match &self.value {
            Some(Value::String(text)) => Ok(text),
            _ => Err(Fault::invalid(format!(
                "\"{}\" assertion type must have a string value",
                self.assertion.base()
            ))),
        }
    }

    /// The value as one text or several.
    pub(crate) fn value_texts(&self) -> Result<Vec<&str>, Fault> {
        let wrong = || {
            let kind = self.assertion.base();
            Fault::invalid(format!(
                "\"{kind}\" assertion type must have a string or array of strings value"
            ))
        };
        match &self.value {
            Some(Value::String(text)) => Ok(vec![text]),
            Some(Value::Array(items)) => items.iter().map(|item| item.as_str().ok_or_else(wrong)).collect(),
            _ => Err(wrong()),
        }
    }
}

/// Grades one output by one assertion.
pub(crate) async fn run_one(subject: &Subject<'_>, assertion: &Assertion) -> Result<Grading, Fault> {
    let base = assertion.base();
    if base.starts_with("promptfoo:redteam:") {
        return Err(Fault::Unsupported(format!("`{base}`: red teaming")));
    }
    if let Some((_, why)) = UNSUPPORTED_TYPES.iter().find(|(kind, _)| *kind == base) {
        return Err(Fault::Unsupported(format!(
            "the assertion `{}`: {why}",
            assertion.kind
        )));
    }
    if !KNOWN_TYPES.contains(&base) {
        return Err(Fault::invalid(format!(
            "Unknown assertion type: {}",
            assertion.kind
        )));
    }
    let check = prepare(subject, assertion).await?;
    let check = match check {
        Ok(check) => check,
        Err(grading) => return Ok(grading),
    };
    let mut grading = dispatch(&check, base).await?;
    if assertion.weight == 0.0 {
        grading.pass = true;
    }
    Ok(grading)
}

async fn dispatch(check: &Check<'_>, base: &str) -> Result<Grading, Fault> {
    match base {
        "equals" => text::equals(check),
        "contains" | "icontains" => text::contains(check),
        "contains-any" | "icontains-any" | "contains-all" | "icontains-all" => text::contains_list(check),
        "starts-with" => text::starts_with(check),
        "regex" => text::regex(check).await,
        "word-count" => text::word_count(check),
        "contains-html" => text::contains_html(check).await,
        "is-refusal" => refusal::is_refusal(check),
        "levenshtein" => overlap::levenshtein(check),
        "bleu" => overlap::bleu(check),
        "gleu" => overlap::gleu(check),
        "rouge-n" => overlap::rouge(check).await,
        "is-json" => json::is_json(check),
        "contains-json" => json::contains_json(check),
        "is-xml" => xml::is_xml(check),
        "contains-xml" => xml::contains_xml(check),
        "latency" => measure::latency(check),
        "cost" => measure::cost(check),
        "perplexity" => measure::perplexity(check),
        "perplexity-score" => measure::perplexity_score(check),
        "finish-reason" => measure::finish_reason(check),
        "guardrails" => measure::guardrails(check),
        "is-valid-openai-tools-call" => tools::openai_tools_call(check).await,
        "tool-call-f1" => tools::f1(check),
        "javascript" => javascript::javascript(check).await,
        "python" => javascript::python(check).await,
        "webhook" => javascript::webhook(check).await,
        "similar" | "similar:cosine" | "similar:dot" | "similar:euclidean" => similar::similar(check).await,
        "llm-rubric" => judge::llm_rubric(check).await,
        "factuality" | "model-graded-factuality" => judge::factuality(check).await,
        "model-graded-closedqa" => judge::closed_qa(check).await,
        "g-eval" => judge::g_eval(check).await,
        "answer-relevance" => rag::answer_relevance(check).await,
        "context-recall" => rag::context_recall(check).await,
        "context-relevance" => rag::context_relevance(check).await,
        "context-faithfulness" => rag::context_faithfulness(check).await,
        other => Err(Fault::invalid(format!("Unknown assertion type: {other}"))),
    }
}

/// Transforms the output and finds the value. A Python file that fails is a failed assertion, not an error.
async fn prepare<'a>(
    subject: &'a Subject<'a>,
    assertion: &'a Assertion,
) -> Result<Result<Check<'a>, Grading>, Fault> {
    let caller = subject.caller;
    let mut output = subject.response.output.clone();
    if let Some(code) = &assertion.transform {
        let mut context = json!({ "vars": subject.vars, "prompt": { "label": subject.prompt } });
        if let Some(metadata) = &subject.response.metadata {
            context["metadata"] = metadata.clone();
        }
        output = transform::output(code, &output, context, caller.project, caller.variables).await?;
    }
    let mut context = json!({
        "prompt": subject.prompt,
        "vars": subject.vars,
        "test": subject.test,
        "provider": { "id": subject.provider.id, "label": subject.provider.label, "config": subject.provider.config },
        "providerResponse": subject.response.to_mapping(),
    });
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            context[key] = value;
        }
    };
    put(
        "logProbs",
        subject
            .response
            .log_probabilities
            .as_ref()
            .map(|list| json!(list)),
    );
    put(
        "config",
        assertion
            .written
            .get("config")
            .filter(|config| document::truthy(config))
            .cloned(),
    );
    put("metadata", subject.response.metadata.clone());
    let mut value = assertion.value.clone();
    let mut from_script = None;
    match &assertion.value {
        Some(Value::String(reference)) if reference.starts_with("file://") => {
            // The path ends at the first colon: so promptfoo reads an assertion's reference.
            let written = &reference["file://".len()..];
            let (path, function) = written
                .split_once(':')
                .map_or((written, None), |(path, name)| (path, Some(name)));
            if is_javascript(path) {
                let program = Program::Export(caller.project.export(written).map_err(Fault::Invalid)?);
                let arguments = vec![output.clone(), context.clone()];
                let returned = run(program, arguments, Limits::JAVASCRIPT).await?;
                from_script = javascript::of_returned(returned);
            } else if path.ends_with(".py") {
                let file = caller.project.resolve(path).map_err(Fault::Invalid)?;
                let arguments = [output.clone(), context.clone()];
                match caller
                    .python(&file, function.unwrap_or("get_assert"), &arguments)
                    .await
                {
                    Ok(returned) => {
                        from_script = Some(returned)
                            .filter(|value| !value.is_null())
                            .or(Some(Value::Null))
                    }
                    Err(Fault::Script(harness::script::ScriptError::Threw(message))) => {
                        return Ok(Err(Grading::new(false, 0.0, message)));
                    }
                    Err(other) => return Err(other),
                }
            } else if path.ends_with(".rb") {
                return Err(Fault::Unsupported("an assertion in Ruby".into()));
            } else {
                value = Some(file_value(subject, written)?);
            }
        }
        Some(Value::String(text)) if text.starts_with("package:") => {
            return Err(Fault::Unsupported(format!(
                "an assertion in an npm package (`{text}`)"
            )));
        }
        Some(Value::String(text)) => value = Some(json!(caller.templates.render(text, subject.vars).await?)),
        Some(Value::Array(items)) => {
            let mut rendered = Vec::new();
            for item in items {
                rendered.push(match item {
                    Value::String(text) if text.starts_with("file://") => {
                        file_value(subject, &text["file://".len()..])?
                    }
                    Value::String(text) => json!(caller.templates.render(text, subject.vars).await?),
                    other => other.clone(),
                });
            }
            value = Some(Value::Array(rendered));
        }
        _ => {}
    }
    if let Some(scripted) = &from_script
        && !matches!(assertion.base(), "javascript" | "python" | "ruby")
    {
        let what = match scripted {
            Value::Bool(_) => Some("a boolean"),
            Value::Object(fields) if fields.contains_key("pass") => Some("a GradingResult"),
            _ => None,
        };
        if let Some(what) = what {
            return Err(Fault::invalid(format!(
                "the script of a `{}` assertion returned {what}; only javascript and python may",
                assertion.kind
            )));
        }
        value = Some(scripted.clone());
    }
    let text = document::coerce(&output);
    Ok(Ok(Check {
        subject,
        assertion,
        inverse: assertion.inverse(),
        output,
        text,
        value,
        from_script,
        context,
    }))
}

fn file_value(subject: &Subject<'_>, path: &str) -> Result<Value, Fault> {
    let project = subject.caller.project;
    let file = project.resolve(path).map_err(Fault::Invalid)?;
    match extension(Path::new(path)) {
        "json" | "yaml" | "yml" => {
            let text = project.text(path).map_err(Fault::Invalid)?;
            document::yaml(&file, &text, &mut Vec::new())
                .map(Option::unwrap_or_default)
                .map_err(|problem| Fault::Invalid(problem.to_string()))
        }
        "txt" => Ok(json!(document::trim(
            &project.text(path).map_err(Fault::Invalid)?
        ))),
        _ => Err(Fault::invalid(format!("Unsupported file type: {path}"))),
    }
}

/// What grading asks of a model: the prompt, and what the provider sees besides.
pub(crate) async fn ask_grader(
    subject: &Subject<'_>,
    provider: &ProviderSpec,
    prompt: &str,
    label: &str,
    vars: &Vars,
) -> Result<Response, Fault> {
    let config = Map::new();
    let call = Call {
        prompt,
        label,
        config: &config,
        vars,
        test: &Value::Null,
    };
    subject.caller.ask(provider, &call).await
}
