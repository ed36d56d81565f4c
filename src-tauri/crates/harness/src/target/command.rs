//! A program, started once for each case: arguments or standard input in, standard output back.

use super::{Asked, ServiceFailure, Surroundings, Target, fill_text, map_answer};
use crate::{
    dataset::Case,
    process::{self, OnceError},
    suite::{CommandSpec, ModelSource, file::CommandFile},
    trial::{Answer, Cause, TrialError},
};
use futures::{FutureExt as _, future::BoxFuture};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, Instant},
};

pub(super) struct CommandTarget {
    command: CommandFile,
    folder: PathBuf,
    timeout: Duration,
    mark: String,
    model_url: Option<String>,
}

impl CommandTarget {
    pub(super) fn new(spec: &CommandSpec, surroundings: &Surroundings<'_>) -> Result<Self, ServiceFailure> {
        let model_url = match &spec.model {
            ModelSource::Url(url) => Some(url.clone()),
            ModelSource::Own | ModelSource::Practice => surroundings.practice_url.map(str::to_owned),
        };
        let asking = spec
            .command
            .environment
            .iter()
            .find(|(_, value)| value.contains("{model_url}"));
        if let (None, Some((name, _))) = (&model_url, asking) {
            return Err(ServiceFailure::NotStarted {
                message: format!(
                    "the command's `{name}` asks for {{model_url}}, and the suite's target names no `model`; set \
                     `model: practice` or a base URL"
                ),
            });
        }
        Ok(Self {
            folder: spec
                .command
                .working_directory
                .as_deref()
                .map_or(surroundings.folder.to_path_buf(), |inner| {
                    surroundings.folder.join(inner)
                }),
            command: spec.command.clone(),
            timeout: surroundings.timeout,
            mark: surroundings.mark.to_owned(),
            model_url,
        })
    }

    async fn ask_once(&self, case: &Case) -> Asked {
        let started = Instant::now();
        let answer = self.answer(case).await;
        Asked {
            answer,
            exchange: None,
            unanswered: None,
            latency_ms: started.elapsed().as_secs_f64() * 1000.0,
        }
    }

    async fn answer(&self, case: &Case) -> Result<Answer, TrialError> {
        let command = fill_all(&self.command.run, case)?;
        let stdin = self
            .command
            .stdin
            .as_deref()
            .map(|text| fill_text(text, case))
            .transpose()?;
        let mut environment = BTreeMap::new();
        for (name, value) in &self.command.environment {
            let value = value.replace("{model_url}", self.model_url.as_deref().unwrap_or_default());
            environment.insert(name.clone(), fill_text(&value, case)?);
        }
        let once = process::Once {
            command: &command,
            folder: &self.folder,
            environment: &environment,
            stdin: stdin.as_deref().unwrap_or_default().as_bytes(),
            timeout: self.timeout,
            mark: &self.mark,
        };
        let output = process::run_once(once).await.map_err(|error| TrialError {
            cause: match error {
                OnceError::Timeout { .. } => Cause::Timeout,
                OnceError::TooLarge { .. } => Cause::TooLarge,
                OnceError::Unreadable { .. } => Cause::Interrupted,
                OnceError::Start(_) | OnceError::Failed { .. } => Cause::CommandFailed,
            },
            message: error.to_string(),
        })?;
        let Some(response) = &self.command.response else {
            return Ok(Answer {
                text: output.trim_end_matches(['\r', '\n']).to_owned(),
                ..Answer::default()
            });
        };
        let body = serde_json::from_str(&output).map_err(|error| TrialError {
            cause: Cause::MalformedResponse,
            message: format!(
                "the command's output is not JSON ({error}), and the suite maps it under `response:`"
            ),
        })?;
        map_answer(response, &body)
    }
}

fn fill_all(texts: &[String], case: &Case) -> Result<Vec<String>, TrialError> {
    texts.iter().map(|text| fill_text(text, case)).collect()
}

/// Fills every template of the command with a case.
pub(super) fn check(command: &CommandFile, case: &Case) -> Result<(), TrialError> {
    fill_all(&command.run, case)?;
    for text in command.stdin.iter().chain(command.environment.values()) {
        fill_text(text, case)?;
    }
    Ok(())
}

impl Target for CommandTarget {
    fn ask<'a>(&'a self, case: &'a Case, _repeat: u32) -> BoxFuture<'a, Asked> {
        self.ask_once(case).boxed()
    }
}
