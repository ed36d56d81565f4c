//! What may stand in a CI file. The texts end up in YAML, in shell and in the engines' own expression languages, so they
//! are held to what a path, a git address or a variable's name needs, and everything else is refused by name.

use super::{CiKind, CiRequest};
use portfolio::TemplateError;

/// Why no file was made.
#[derive(Debug, thiserror::Error)]
pub enum CiError {
    /// No engine was named.
    #[error("no engine was named: choose github, gitlab, slurm or kubernetes")]
    NoKind,
    /// A text holds what it may not.
    #[error("the {what} `{text}` cannot stand in a CI file: {reason}")]
    Text {
        /// What it is: "suite", "repository".
        what: &'static str,
        /// The text.
        text: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// Too many shards, or none.
    #[error("{shards} shards cannot be had on {kind}: choose 1 to {most}")]
    Shards {
        /// What was asked for.
        shards: u32,
        /// The engine.
        kind: &'static str,
        /// The most it takes.
        most: u32,
    },
    /// Kubernetes has to fetch the project from somewhere.
    #[error(
        "a Kubernetes pod has to fetch the project: give the git address that it is fetched from (--project-repository)"
    )]
    ProjectRepository,
    /// A template cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

pub(super) fn check(request: &CiRequest) -> Result<(), CiError> {
    if request.kinds.is_empty() {
        return Err(CiError::NoKind);
    }
    for kind in &request.kinds {
        let most = kind.most_shards();
        if !(1..=most).contains(&request.shards) {
            return Err(CiError::Shards {
                shards: request.shards,
                kind: kind.as_str(),
                most,
            });
        }
        if *kind == CiKind::Kubernetes && request.project_repository.is_none() {
            return Err(CiError::ProjectRepository);
        }
    }
    path("suite", &request.suite)?;
    address("repository", &request.repository)?;
    if let Some(repository) = &request.project_repository {
        address("project repository", repository)?;
    }
    for (what, name) in [
        ("revision", &request.revision),
        ("project revision", &request.project_revision),
    ] {
        if let Some(name) = name {
            revision(what, name)?;
        }
    }
    request.secrets.iter().try_for_each(|name| secret(name))
}

fn refuse(what: &'static str, text: &str, reason: impl Into<String>) -> CiError {
    CiError::Text {
        what,
        text: text.to_owned(),
        reason: reason.into(),
    }
}

/// Only characters that mean themselves in YAML, shell and the engines' expressions.
fn plain(what: &'static str, text: &str, others: &str) -> Result<(), CiError> {
    if text.is_empty() {
        return Err(refuse(what, text, "it is empty"));
    }
    if text.starts_with('-') {
        return Err(refuse(what, text, "a leading hyphen would be read as an option"));
    }
    match text
        .chars()
        .find(|c| !c.is_alphanumeric() && !others.contains(*c))
    {
        Some(c) => Err(refuse(
            what,
            text,
            format!("it holds {c:?}; letters, digits and {others:?} may stand in it"),
        )),
        None => Ok(()),
    }
}

fn path(what: &'static str, text: &str) -> Result<(), CiError> {
    plain(what, text, " ._-/+@,")?;
    if text.starts_with('/') || text.split('/').any(|part| part == "..") {
        return Err(refuse(
            what,
            text,
            "give it from the project's folder, inside of it",
        ));
    }
    if text.trim() != text {
        return Err(refuse(what, text, "it begins or ends with a space"));
    }
    Ok(())
}

fn address(what: &'static str, text: &str) -> Result<(), CiError> {
    plain(what, text, "._-/+@:~%")?;
    let scheme = ["https://", "ssh://", "git://", "file://"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    if !scheme {
        return Err(refuse(
            what,
            text,
            "give an address such as https://example.org/owner/name.git",
        ));
    }
    // A password in an address would end up in the repository, where everybody reads it.
    let authority = text
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split('/').next())
        .unwrap_or_default();
    if authority
        .rsplit_once('@')
        .is_some_and(|(user, _)| user.contains(':'))
    {
        return Err(refuse(
            what,
            "(hidden)",
            "it carries a password; give the address without it",
        ));
    }
    Ok(())
}

fn revision(what: &'static str, text: &str) -> Result<(), CiError> {
    plain(what, text, "._-/+")
}

fn secret(name: &str) -> Result<(), CiError> {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if !starts || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        // It may be a value given by mistake, so it is not repeated.
        return Err(refuse(
            "secret",
            "(hidden)",
            "give the name of a variable such as OPENAI_API_KEY, not its value",
        ));
    }
    if name.to_ascii_uppercase().starts_with("GITHUB_") {
        return Err(refuse(
            "secret",
            name,
            "GitHub keeps names that begin with GITHUB_ for itself",
        ));
    }
    Ok(())
}
