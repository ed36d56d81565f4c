//! Assertions: one file a family, each with the rule of promptfoo 0.121.20.

mod aggregate;
mod javascript;
mod json;
mod judge;
mod kinds;
mod measure;
mod overlap;
mod prepare;
mod rag;
mod refusal;
mod rubrics;
mod schema;
mod scoring;
mod similar;
mod text;
mod tools;
mod webhook;
mod xml;

pub(crate) use aggregate::Aggregate;
pub use aggregate::Grading;
pub(crate) use kinds::{KNOWN_TYPES, UNSUPPORTED_TYPES};
pub(crate) use scoring::score as score_by_function;

use crate::{
    problem::Fault,
    provider::{Call, Caller, ProviderSpec, Response},
    template::Vars,
    test::{Assertion, TestCase},
};
use prepare::prepare;
use serde_json::{Map, Value};

/// Everything that grading one output may look at.
pub(crate) struct Subject<'a> {
    pub(crate) caller: Caller<'a>,
    pub(crate) provider: &'a ProviderSpec,
    pub(crate) graders: &'a crate::graders::Graders,
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
        "webhook" => webhook::webhook(check).await,
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
