//! Adopting a project of one's own. Nothing of the project's own files is changed; two files are added.

use super::{
    Playbook, folder_reading,
    project::{absolute, folder_name},
};
use crate::{
    Code, Error,
    wire::adoption::{
        AdoptRequest, Adopted, InspectRequest, Inspection, Mapping, PortWay, ResponseValue, ServiceSpec,
        TryRequest, TryResponse,
    },
};
use evidence::ContentHash;
use harness::{
    Case, Cause, RunFailure, Suite,
    suite::{
        ModelSource, ServiceSource, TargetSpec,
        file::{RequestFile, ResponseFile, ServiceFile},
    },
    target::{ServiceTarget, Target as _, pointers},
};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

/// The two files that adopting adds.
const SUITE: &str = "playbook.suite.yaml";
const DATASET: &str = "playbook.golden.jsonl";
/// How long a program may take until it answers the first time.
const STARTUP: &str = "60s";

impl Playbook {
    /// Looks at a folder and proposes how its program starts and what to ask it.
    pub async fn inspect_folder(&self, request: InspectRequest) -> Result<Inspection, Error> {
        self.blocking(move |_| {
            let folder = folder(&request.folder)?;
            Ok(folder_reading::inspect(&folder))
        })
        .await
    }

    /// Starts the program, asks one question, stops it, and shows what came back.
    pub async fn try_request(&self, request: TryRequest) -> Result<TryResponse, Error> {
        let folder = folder(&request.folder)?;
        demand_trust(request.trusted, &request.service.command, &folder)?;
        let suite = trial_suite(&folder, &request.service)?;
        let mark = harness::process::passing_mark();
        let target = ServiceTarget::start(&suite, None, &mark)
            .await
            .map_err(RunFailure::from)?;
        let fields = Map::from_iter([("question".to_owned(), Value::String(request.question))]);
        let case = Case {
            index: 0,
            id: "try".into(),
            category: "try".into(),
            fields,
        };
        let asked = target.ask(&case).await;
        target.stop().await;
        let Some(exchange) = asked.exchange else {
            let message = asked
                .answer
                .err()
                .map_or_else(|| "no answer".into(), |error| error.message);
            return Err(Error::new(
                Code::Target,
                message,
                "Check the path and what the program prints, then try again.",
            ));
        };
        let body = match (serde_json::from_slice::<Value>(&exchange.body), asked.answer) {
            (Ok(body), Ok(_)) => body,
            (_, Err(error)) if error.cause == Cause::HttpStatus => {
                return Err(Error::new(
                    Code::Target,
                    format!(
                        "the program answered {} {} with {}",
                        request.service.method, request.service.path, error.message
                    ),
                    "Check method, path and the name of the question's field.",
                ));
            }
            _ => {
                return Err(Error::new(
                    Code::Target,
                    "the program's answer is not JSON, so nothing in it can be pointed at",
                    "Ask a path that answers in JSON.",
                ));
            }
        };
        let values = pointers(&body)
            .into_iter()
            .map(|(pointer, value)| described(pointer, value))
            .collect();
        Ok(TryResponse {
            status: exchange.status,
            latency_ms: asked.latency_ms,
            proposed: propose_mapping(&body),
            values,
            body,
        })
    }

    /// Writes a suite of typed cases and makes the folder a project.
    pub async fn adopt_project(&self, request: AdoptRequest) -> Result<Adopted, Error> {
        self.blocking(move |playbook| {
            let folder = folder(&request.folder)?;
            let cases: Vec<_> = request
                .cases
                .iter()
                .filter(|case| !case.question.trim().is_empty())
                .collect();
            if cases.is_empty() {
                return Err(Error::input(
                    "there is no case yet",
                    "Type one question at least; five are a good start.",
                ));
            }
            if request.mapping.answer.is_none() {
                return Err(Error::input(
                    "nobody has pointed at the answer",
                    "Point at the answer's text in the response.",
                ));
            }
            let mut dataset = String::new();
            for (index, case) in cases.iter().enumerate() {
                let (question, expected) = (case.question.trim(), case.expected.trim());
                let category = if case.category.trim().is_empty() {
                    "general"
                } else {
                    case.category.trim()
                };
                let mut row = Map::new();
                row.insert("id".into(), json!(format!("case-{:03}", index + 1)));
                row.insert("category".into(), json!(category));
                row.insert("question".into(), json!(question));
                if !expected.is_empty() {
                    row.insert("expected".into(), json!(expected));
                }
                row.insert("refuse".into(), json!(expected.is_empty()));
                dataset.push_str(&Value::Object(row).to_string());
                dataset.push('\n');
            }
            let suite = suite_text(&folder_name(&folder), &request.service, &request.mapping)?;
            let paths = [folder.join(SUITE), folder.join(DATASET)];
            if let Some(taken) = paths.iter().find(|path| path.exists()) {
                return Err(Error::new(
                    Code::Refused,
                    format!(
                        "{} is there already, and nothing was overwritten",
                        taken.display()
                    ),
                    "Open the folder as a project; it has a suite.",
                ));
            }
            create(&paths[1], &dataset)?;
            create(&paths[0], &suite)?;
            // What was written must be readable before the person relies on it.
            if let Err(error) = Suite::load(&paths[0]) {
                for path in &paths {
                    let _ = fs::remove_file(path);
                }
                return Err(error.into());
            }
            let row = playbook.add(&folder, folder_name(&folder), None, request.trusted)?;
            Ok(Adopted {
                project: row.id,
                files: vec![SUITE.into(), DATASET.into()],
            })
        })
        .await
    }
}

/// Makes a file that must not exist.
fn create(path: &Path, text: &str) -> Result<(), Error> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Error::file(path, &error))
}

fn folder(text: &str) -> Result<PathBuf, Error> {
    let path = absolute(text)?;
    let path = path.canonicalize().map_err(|error| Error::file(&path, &error))?;
    if !path.is_dir() {
        return Err(Error::input(
            format!("{} is not a folder", path.display()),
            "Choose the project's folder.",
        ));
    }
    Ok(path)
}

fn demand_trust(trusted: bool, command: &str, folder: &Path) -> Result<(), Error> {
    if trusted {
        return Ok(());
    }
    Err(Error::new(
        Code::Untrusted,
        format!(
            "this starts `{command}` in {}, and the folder is not trusted yet",
            folder.display()
        ),
        "Look at the command, then trust the folder in the window, or pass --trust on the command line.",
    ))
}

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
        health: Some(if service.health.is_empty() {
            "/".into()
        } else {
            service.health.clone()
        }),
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

/// A suite that asks once and takes the whole response as the answer.
fn trial_suite(folder: &Path, service: &ServiceSpec) -> Result<Suite, Error> {
    Ok(Suite {
        path: folder.join(SUITE),
        folder: folder.to_path_buf(),
        hash: ContentHash::of(""),
        configuration: ContentHash::of(""),
        grading: ContentHash::of(""),
        name: "try".into(),
        description: String::new(),
        dataset: folder.join(DATASET),
        target: TargetSpec {
            name: folder_name(folder),
            model: ModelSource::Own,
            service: ServiceSource::Managed(service_file(service)?),
            request: request_file(service),
            response: ResponseFile::default(),
        },
        repeat: 1,
        concurrency: 1,
        timeout: Duration::from_secs(60),
        graders: Vec::new(),
        thresholds: Vec::new(),
    })
}

fn described(pointer: String, value: &Value) -> ResponseValue {
    let kind = match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) => "yes or no".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "text".into(),
        Value::Array(items) => format!("list of {}", items.len()),
        Value::Object(fields) => format!("{} fields", fields.len()),
    };
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let preview = match text.char_indices().nth(120) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    };
    ResponseValue {
        pointer,
        kind,
        preview,
    }
}

/// Guesses by name and shape; the person confirms or changes.
fn propose_mapping(body: &Value) -> Mapping {
    let all = pointers(body);
    let find = |names: &[&str], fits: &dyn Fn(&Value) -> bool| {
        names.iter().find_map(|name| {
            let ends = |pointer: &str| {
                pointer
                    .rsplit('/')
                    .next()
                    .is_some_and(|last| last.eq_ignore_ascii_case(name))
            };
            all.iter()
                .find(|(pointer, value)| ends(pointer) && fits(value))
                .map(|(pointer, _)| pointer.clone())
        })
    };
    let objects = |value: &Value| {
        value
            .as_array()
            .is_some_and(|items| items.first().is_some_and(Value::is_object))
    };
    let texts = |value: &Value| {
        value
            .as_array()
            .is_some_and(|items| items.iter().all(Value::is_string))
    };
    let answer_names = [
        "answer",
        "response",
        "output",
        "reply",
        "completion",
        "result",
        "text",
        "message",
        "content",
        "generated_text",
    ];
    let passages = find(
        &[
            "passages",
            "contexts",
            "context",
            "documents",
            "docs",
            "chunks",
            "retrieved",
            "sources",
            "hits",
        ],
        &|value| objects(value) || (texts(value) && !value.as_array().is_some_and(Vec::is_empty)),
    );
    let first = passages
        .as_ref()
        .and_then(|pointer| body.pointer(&format!("{pointer}/0")));
    let within = |names: &[&str]| {
        let fields = first?.as_object()?;
        names
            .iter()
            .find(|name| fields.contains_key(**name))
            .map(|name| format!("/{name}"))
    };
    // Without a telling name, the longest text of the response is likely the answer.
    let longest = || {
        let texts = all
            .iter()
            .filter_map(|(pointer, value)| Some((value.as_str()?.len(), pointer)));
        texts
            .max_by_key(|(length, _)| *length)
            .map(|(_, pointer)| pointer.clone())
    };
    Mapping {
        answer: find(&answer_names, &Value::is_string).or_else(longest),
        citations: find(&["citations", "cited", "references", "sources"], &texts)
            .filter(|found| Some(found) != passages.as_ref()),
        passage_id: within(&["id", "doc_id", "document_id", "source", "title"]),
        passage_text: within(&["text", "content", "page_content", "body", "chunk"]),
        passages,
        refused: find(
            &["refused", "refusal", "declined", "no_answer"],
            &Value::is_boolean,
        ),
        model: find(&["model", "model_name"], &Value::is_string),
        input_tokens: find(&["input_tokens", "prompt_tokens"], &Value::is_number),
        output_tokens: find(&["output_tokens", "completion_tokens"], &Value::is_number),
    }
}

/// The suite as YAML with comments. A JSON text is a YAML text, so values are written as JSON.
fn suite_text(name: &str, service: &ServiceSpec, mapping: &Mapping) -> Result<String, Error> {
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
    url: {url}
    health: {health}
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
        health = text(&file.health.clone().unwrap_or_default()),
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

    #[test]
    fn a_mapping_is_proposed_by_name_and_shape() {
        let body = json!({
            "output": { "text": "Thirty days.", "model": "m-1" },
            "sources": [{ "doc_id": "a", "content": "x" }],
            "usage": { "prompt_tokens": 3, "completion_tokens": 2 }
        });
        let mapping = propose_mapping(&body);
        assert_eq!(mapping.answer.as_deref(), Some("/output/text"));
        assert_eq!(mapping.passages.as_deref(), Some("/sources"));
        assert_eq!(mapping.passage_id.as_deref(), Some("/doc_id"));
        assert_eq!(mapping.model.as_deref(), Some("/output/model"));
        assert_eq!(mapping.input_tokens.as_deref(), Some("/usage/prompt_tokens"));
    }
}
