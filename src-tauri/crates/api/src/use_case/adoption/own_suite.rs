//! The suite that asks a person's own service: once for a try, then as a file of their own.

use super::DATASET;
use crate::{
    Error,
    wire::adoption::{Mapping, PortWay, ServiceSpec},
};
use harness::suite::{
    self, ModelSource, ServiceSource,
    file::{RequestFile, ResponseFile, ServiceFile},
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How long a program may take until it answers the first time.
const STARTUP: &str = "60s";

/// Splits a command as typed: blanks separate, quotes keep together. No shell, so no expansion either.
fn words(command: &str) -> Result<Vec<String>, Error> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    for letter in command.chars() {
        match (letter, quote) {
            (_, Some(open)) if letter == open => quote = None,
            (_, Some(_)) => word.push(letter),
            ('"' | '\'', None) => (quote, begun) = (Some(letter), true),
            (_, None) if letter.is_whitespace() => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                    begun = false;
                }
            }
            _ => word.push(letter),
        }
    }
    if quote.is_some() {
        return Err(Error::input(
            format!("`{command}` has a quote that is not closed"),
            "Close it.",
        ));
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    if words.is_empty() {
        return Err(Error::input(
            "the command is empty",
            "Type the command that starts the program.",
        ));
    }
    if let Some(sign) = words
        .iter()
        .find(|word| ["&&", "||", "|", ";", ">", "<", "&"].contains(&word.as_str()))
    {
        return Err(Error::input(
            format!("`{sign}` is a sign of the shell, and the command is started without one"),
            "Put such steps into a script of your project and name the script.",
        ));
    }
    Ok(words)
}

fn service_file(service: &ServiceSpec) -> Result<ServiceFile, Error> {
    let (url, environment) = match &service.port {
        PortWay::Environment { name } => (
            "http://127.0.0.1:{port}".to_owned(),
            BTreeMap::from([(name.clone(), "{port}".to_owned())]),
        ),
        PortWay::Argument if !service.command.contains("{port}") => {
            return Err(Error::input(
                "the command has no {port} in it",
                "Write {port} where the port belongs, or choose another way to pass it.",
            ));
        }
        PortWay::Argument => ("http://127.0.0.1:{port}".to_owned(), BTreeMap::new()),
        PortWay::Fixed { port } => (format!("http://127.0.0.1:{port}"), BTreeMap::new()),
    };
    Ok(ServiceFile {
        command: words(&service.command)?,
        url,
        health: Some(service.health.clone()).filter(|path| !path.is_empty()),
        startup_timeout: Some(STARTUP.into()),
        environment,
        working_directory: None,
    })
}

fn request_file(service: &ServiceSpec) -> RequestFile {
    RequestFile {
        method: service.method.clone(),
        path: service.path.clone(),
        headers: BTreeMap::new(),
        body: service.question_field.as_ref().map(|field| {
            Value::Object(Map::from_iter([(
                field.clone(),
                Value::String("{{question}}".into()),
            )]))
        }),
    }
}

/// A target that takes the whole response as the answer.
pub(super) fn trial_target(service: &ServiceSpec) -> Result<suite::ServiceSpec, Error> {
    Ok(suite::ServiceSpec {
        model: ModelSource::Own,
        service: ServiceSource::Managed(service_file(service)?),
        request: request_file(service),
        response: ResponseFile::default(),
    })
}

/// The suite as YAML with comments. A JSON text is a YAML text, so values are written as JSON.
pub(super) fn suite_text(name: &str, service: &ServiceSpec, mapping: &Mapping) -> Result<String, Error> {
    let file = service_file(service)?;
    let mut response = vec![format!(
        "    answer: {}",
        text(&mapping.answer.clone().unwrap_or_default())
    )];
    let rest = [
        ("citations", &mapping.citations),
        ("passages", &mapping.passages),
        ("passage_id", &mapping.passage_id),
        ("passage_text", &mapping.passage_text),
        ("refused", &mapping.refused),
        ("model", &mapping.model),
        ("input_tokens", &mapping.input_tokens),
        ("output_tokens", &mapping.output_tokens),
    ];
    for (key, pointer) in rest {
        if let Some(pointer) = pointer {
            response.push(format!("    {key}: {}", text(pointer)));
        }
    }
    let environment = if file.environment.is_empty() {
        String::new()
    } else {
        format!("\n    environment: {}", text(&file.environment))
    };
    let health = file
        .health
        .as_ref()
        .map(|path| format!("\n    health: {}", text(path)))
        .unwrap_or_default();
    let body = request_file(service)
        .body
        .map(|body| format!("\n    body: {}", text(&body)))
        .unwrap_or_default();
    let citations = if mapping.citations.is_some() && mapping.passages.is_some() {
        "  - { name: citations, type: citations, failure: bad citation }\n"
    } else {
        ""
    };
    Ok(format!(
        "# What your service is asked, how answers are graded, and what a release must reach.
# Every key is described in the app's docs/suite-format.md. Yours to change.
version: 1
name: golden
description: The first typed cases of {description}.
dataset: {DATASET}
target:
  name: {target}
  service:
    command: {command}
    url: {url}{health}
    startup_timeout: {STARTUP}{environment}
  request:
    method: {method}
    path: {path}{body}
  response:
{response}
concurrency: 4
timeout: 60s
graders:
  - {{ name: refusal, type: refusal, expected: refuse, failure: should refuse }}
  - {{ name: expected, type: contains, expected: expected, ignore_case: true, failure: missing fact }}
{citations}  - {{ name: latency, type: latency, at_most: 10s, failure: too slow }}
release_metrics:
  - {{ metric: pass_rate, at_least: 0.8 }}
  - {{ metric: error_rate, at_most: 0.02 }}
  - {{ metric: latency_p95, at_most: 10s }}
",
        description = name.replace(['\n', ':', '#'], " "),
        target = text(name),
        command = text(&file.command),
        url = text(&file.url),
        method = text(&service.method),
        path = text(&service.path),
        response = response.join("\n"),
    ))
}

/// A value as JSON, which is YAML too.
fn text(value: &(impl serde::Serialize + ?Sized)) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_split_as_typed_and_never_by_a_shell() {
        assert_eq!(
            words("node 'my server.js' --port {port}").unwrap(),
            ["node", "my server.js", "--port", "{port}"]
        );
        assert_eq!(words("a \"\" b").unwrap(), ["a", "", "b"]);
        for bad in ["", "a && b", "a 'b", "a | b"] {
            assert!(words(bad).is_err(), "{bad} was accepted");
        }
    }
}
