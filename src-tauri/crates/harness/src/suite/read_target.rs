//! The targets of a suite file, each checked at its line.

use super::{
    CommandSpec, ModelSource, PRACTICE, PRACTICE_MODELS, ServiceSource, ServiceSpec, TargetKind, TargetSpec,
    file::{CommandFile, ModelApiFile, ModelApiKind, ProviderFile, ServiceFile, TargetFile},
    parse_duration,
    read::{Reader, is_http},
};
use crate::grader::Grader;
use evidence::ContentHash;
use serde::Serialize;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;

impl Reader<'_> {
    /// `target:` or `targets:`, whose names must differ.
    pub(super) fn targets(
        &mut self,
        suite_name: &Spanned<String>,
        one: Option<TargetFile>,
        several: Vec<TargetFile>,
    ) -> Vec<TargetSpec> {
        let files = match (one, several) {
            (Some(one), several) if several.is_empty() => vec![one],
            (None, several) if !several.is_empty() => several,
            (Some(one), _) => {
                self.problem(
                    &one.name,
                    "the suite has both `target:` and `targets:`; keep one of them",
                );
                return Vec::new();
            }
            (None, _) => {
                self.problem(
                    suite_name,
                    "the suite has no target; write what is measured under `target:`",
                );
                return Vec::new();
            }
        };
        let mut targets: Vec<TargetSpec> = Vec::new();
        for file in files {
            if targets.iter().any(|other| other.name == file.name.value) {
                let message = format!("two targets are called `{}`; names must differ", file.name.value);
                self.problem(&file.name, message);
            }
            targets.extend(self.target(file));
        }
        targets
    }

    fn target(&mut self, file: TargetFile) -> Option<TargetSpec> {
        let kinds = [
            ("service", file.service.is_some()),
            ("url", file.url.is_some()),
            ("model_api", file.model_api.is_some()),
            ("command", file.command.is_some()),
            ("echo", file.echo.is_some()),
        ];
        let given: Vec<&str> = kinds
            .iter()
            .filter(|(_, given)| *given)
            .map(|(name, _)| *name)
            .collect();
        if given.len() != 1 {
            let found = if given.is_empty() {
                "none".into()
            } else {
                given.join(" and ")
            };
            self.problem(
                &file.name,
                format!(
                    "the target needs exactly one of `service:` (started by the harness), `url:` (already running), \
                     `model_api:`, `command:` and `echo:`; found {found}"
                ),
            );
            return None;
        }
        let model = self.model(file.model.as_ref())?;
        let asked_over_http = file.service.is_some() || file.url.is_some();
        if !asked_over_http && (file.request.is_some() || file.response.is_some()) {
            self.problem(
                &file.name,
                "`request:` and `response:` belong to a service; a command has its own `response:` inside `command:`",
            );
        }
        let name = file.name.value.clone();
        let (kind, prompt) = if let Some(api) = file.model_api {
            let prompt = content(&api.value.messages);
            (TargetKind::ModelApi(self.model_api(api)?), Some(prompt))
        } else if let Some(command) = file.command {
            let command = self.command(command)?;
            (TargetKind::Command(CommandSpec { model, command }), None)
        } else if let Some(echo) = file.echo {
            (TargetKind::Echo(echo.value), None)
        } else {
            let service = match (file.service, file.url) {
                (Some(service), _) => ServiceSource::Managed(self.service(service)),
                (None, Some(url)) if is_http(&url.value) => {
                    ServiceSource::Running(url.value.trim_end_matches('/').to_owned())
                }
                (None, url) => {
                    let text = url.as_ref().map(|url| url.value.clone()).unwrap_or_default();
                    let message = format!("`{text}` is not an address; expected http:// or https://");
                    self.problem(url.as_ref().unwrap_or(&file.name), message);
                    return None;
                }
            };
            let (Some(request), Some(response)) = (file.request, file.response) else {
                self.problem(
                    &file.name,
                    "a service needs `request:` (how a case becomes a request) and `response:` (where the answer is)",
                );
                return None;
            };
            let service = ServiceSpec {
                model,
                service,
                request,
                response,
            };
            (TargetKind::Service(service), None)
        };
        Some(TargetSpec {
            name,
            configuration: configuration(&kind),
            prompt,
            kind,
        })
    }

    fn model(&mut self, model: Option<&Spanned<String>>) -> Option<ModelSource> {
        Some(match model {
            None => ModelSource::Own,
            Some(model) if model.value == PRACTICE => ModelSource::Practice,
            Some(model) if is_http(&model.value) => {
                ModelSource::Url(model.value.trim_end_matches('/').to_owned())
            }
            Some(model) => {
                let message = format!(
                    "`{}` is not a model; expected `practice` or a base URL such as http://127.0.0.1:11434/v1",
                    model.value
                );
                self.problem(model, message);
                return None;
            }
        })
    }

    fn service(&mut self, spanned: Spanned<ServiceFile>) -> ServiceFile {
        let service = &spanned.value;
        let mut mistakes = Vec::new();
        if is_blank(&service.command) {
            mistakes.push("service.command is empty; expected a program and its arguments".to_owned());
        }
        if !is_http(&service.url) {
            mistakes.push(format!(
                "service.url `{}` is not an address; expected http://127.0.0.1:{{port}}",
                service.url
            ));
        }
        if let Some(Err(message)) = service.startup_timeout.as_deref().map(parse_duration) {
            mistakes.push(format!("service.startup_timeout: {message}"));
        }
        for mistake in mistakes {
            self.problem(&spanned, mistake);
        }
        spanned.value
    }

    /// What stands for `api` and `base`: the configured provider that is named, or what the file itself says.
    fn dialect_and_base<T>(
        &mut self,
        place: &Spanned<T>,
        named: Option<&Spanned<String>>,
        (api, base, key): (Option<ModelApiKind>, Option<String>, Option<&str>),
    ) -> Option<(ModelApiKind, Option<String>)> {
        let Some(name) = named else {
            if api.is_none() {
                let message =
                    "needs `provider:` with the name of a provider of Settings, or `api:` with a dialect";
                self.problem(place, message);
            }
            return api.map(|api| (api, base));
        };
        if api.is_some() || base.is_some() || key.is_some() {
            let message = format!(
                "`provider: {}` brings API, address and key; leave out `api`, `base` and `key`",
                name.value
            );
            self.problem(name, message);
            return None;
        }
        let configured = self.configured;
        let found = configured.iter().find(|known| known.name == name.value);
        let Some(found) = found else {
            let known: Vec<&str> = configured.iter().map(|known| known.name.as_str()).collect();
            let known = if name.value == super::PRACTICE {
                "the practice models are written `api: openai_chat, base: practice`".to_owned()
            } else if known.is_empty() {
                "none is configured yet; add it in Settings under Providers".to_owned()
            } else {
                format!("configured are {}", known.join(", "))
            };
            self.problem(name, format!("there is no provider `{}`: {known}", name.value));
            return None;
        };
        Some((ModelApiKind::of(found.api), Some(found.base.clone())))
    }

    fn model_api(&mut self, mut spanned: Spanned<ModelApiFile>) -> Option<ModelApiFile> {
        let written = &spanned.value;
        let given = (written.api, written.base.clone(), written.key.as_deref());
        let (dialect, base) = self.dialect_and_base(&spanned, written.provider.as_ref(), given)?;
        spanned.value.api = Some(dialect);
        spanned.value.base = base;
        let api = &spanned.value;
        let mut mistakes = Vec::new();
        if api.model.trim().is_empty() {
            mistakes.push("model_api.model is empty; expected a model's name such as gpt-5-mini".to_owned());
        }
        if api.messages.is_empty() {
            mistakes.push("model_api.messages is empty; expected at least one message".to_owned());
        }
        for message in &api.messages {
            if !["system", "developer", "user", "assistant"].contains(&message.role.as_str()) {
                mistakes.push(format!(
                    "`{}` is not a role; expected system, user or assistant",
                    message.role
                ));
            }
        }
        if let Some(base) = api
            .base
            .as_deref()
            .filter(|base| *base != PRACTICE && !is_http(base))
        {
            mistakes.push(format!(
                "model_api.base `{base}` is not an address; expected http:// or https://, or `practice`"
            ));
        }
        if mistakes.is_empty() {
            return Some(spanned.value);
        }
        for mistake in mistakes {
            self.problem(&spanned, mistake);
        }
        None
    }

    /// The models that graders ask; each name that a grader gives must be there.
    pub(super) fn providers(
        &mut self,
        mut files: BTreeMap<String, Spanned<ProviderFile>>,
        graders: &[Grader],
        suite_name: &Spanned<String>,
    ) -> BTreeMap<String, ProviderFile> {
        for file in files.values_mut() {
            let written = &file.value;
            let given = (written.api, written.base.clone(), written.key.as_deref());
            if let Some((dialect, base)) = self.dialect_and_base(file, written.provider.as_ref(), given) {
                file.value.api = Some(dialect);
                file.value.base = base;
            }
        }
        for file in files.values() {
            if file.value.model.trim().is_empty() {
                self.problem(file, "the provider's model is empty; expected a model's name");
            }
            if let Some(base) = file
                .value
                .base
                .as_deref()
                .filter(|base| *base != PRACTICE && !is_http(base))
            {
                let message =
                    format!("`{base}` is not an address; expected http:// or https://, or `practice`");
                self.problem(file, message);
            }
        }
        for grader in graders {
            for name in grader.providers() {
                if !files.contains_key(name) && !PRACTICE_MODELS.contains(&name) {
                    let message = format!(
                        "grader `{}` asks `{name}`, which is not there; add it under `providers:`, or name {}",
                        grader.name,
                        PRACTICE_MODELS.join(" or ")
                    );
                    self.problem(suite_name, message);
                }
            }
        }
        files.into_iter().map(|(name, file)| (name, file.value)).collect()
    }

    fn command(&mut self, spanned: Spanned<CommandFile>) -> Option<CommandFile> {
        if is_blank(&spanned.value.run) {
            self.problem(
                &spanned,
                "command.run is empty; expected a program and its arguments",
            );
            return None;
        }
        Some(spanned.value)
    }
}

fn is_blank(command: &[String]) -> bool {
    command.first().is_none_or(|program| program.trim().is_empty())
}

fn content(value: &impl Serialize) -> ContentHash {
    ContentHash::of(serde_json::to_vec(value).unwrap_or_default())
}

/// Content of what decides how a target is asked, without its name.
fn configuration(kind: &TargetKind) -> ContentHash {
    match kind {
        TargetKind::Service(spec) => {
            let model = match &spec.model {
                ModelSource::Own => "",
                ModelSource::Practice => PRACTICE,
                ModelSource::Url(url) => url,
            };
            match &spec.service {
                ServiceSource::Managed(service) => content(&(model, service, &spec.request, &spec.response)),
                ServiceSource::Running(url) => content(&(model, url, &spec.request, &spec.response)),
            }
        }
        TargetKind::ModelApi(api) => content(api),
        TargetKind::Command(spec) => content(&spec.command),
        TargetKind::Echo(text) => content(text),
        TargetKind::Imported(number) => content(number),
    }
}
