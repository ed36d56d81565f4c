//! Adopting a project of one's own. Nothing of the project's own files is changed; two files are added.

mod mapping;
mod own_suite;

use super::{
    Playbook, folder_reading,
    project::{absolute, folder_name},
};
use crate::{
    Code, Error,
    wire::adoption::{AdoptRequest, Adopted, InspectRequest, Inspection, TryRequest, TryResponse},
};
use harness::{
    Case, Cause, Suite,
    target::{NoAccounts, ServiceTarget, Surroundings, Target as _},
};
use mapping::{described_values, propose_mapping};
use own_suite::{suite_text, trial_target};
use serde_json::{Map, Value, json};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

/// Longest time for the answer to the one question that is tried.
const TRIAL_TIMEOUT: Duration = Duration::from_secs(60);

/// The two files that adopting adds.
const SUITE: &str = "playbook.suite.yaml";
const DATASET: &str = "playbook.golden.jsonl";

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
        let spec = trial_target(&request.service)?;
        let mark = harness::process::passing_mark();
        let surroundings = Surroundings {
            folder: &folder,
            timeout: TRIAL_TIMEOUT,
            practice_url: None,
            mark: &mark,
            environment: &|name| std::env::var(name).ok(),
            accounts: &NoAccounts,
        };
        let fields = Map::from_iter([("question".to_owned(), Value::String(request.question))]);
        let case = Case {
            index: 0,
            id: "try".into(),
            category: "try".into(),
            fields,
        };
        let tried = self.jobs.try_out(async {
            let (target, healthy) = ServiceTarget::start_guessing(&spec, &surroundings)
                .await
                .map_err(|failure| {
                    Error::new(
                        Code::Target,
                        failure.to_string(),
                        "Check the command, how the port reaches it, and what the program prints, then try again.",
                    )
                })?;
            let asked = target.ask(&case, 0).await;
            target.stop().await;
            Ok::<_, Error>((asked, healthy))
        });
        let (asked, healthy) = tried.await.ok_or_else(|| {
            Error::new(
                Code::Target,
                "the program was stopped before it answered",
                "Try it again.",
            )
        })??;
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
        let values = described_values(&body);
        Ok(TryResponse {
            status: exchange.status,
            latency_ms: asked.latency_ms,
            health: if healthy {
                request.service.health
            } else {
                String::new()
            },
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
                } else if cases.iter().all(|case| case.expected.trim().is_empty()) {
                    // The suite grades by this field, and a field that no case has would be a misspelling.
                    row.insert("expected".into(), Value::Null);
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
