//! `playbook ci`.

use crate::{
    Ended,
    arguments::CiCommand,
    console::{note, print},
    demand_no_conflict, print_json,
};
use api::{CiKind, CiRequest, Error, Playbook};
use std::{fmt::Write as _, path::Path};

pub async fn ci(playbook: &Playbook, command: CiCommand, json: bool) -> Result<Ended, Error> {
    let CiCommand::Init {
        suite,
        kinds,
        shards,
        repository,
        revision,
        secrets,
        project_repository,
        project_revision,
        replace,
    } = command;
    let kinds = kinds
        .iter()
        .map(|name| kind(name))
        .collect::<Result<Vec<_>, _>>()?;
    let (row, inner) = playbook.project_of(&suite).await?;
    let request = CiRequest {
        kinds: if kinds.is_empty() {
            vec![CiKind::GithubActions]
        } else {
            kinds
        },
        suite: inner.unwrap_or_else(|| "suite.yaml".into()).replace('\\', "/"),
        shards,
        repository,
        revision,
        secrets,
        project_repository,
        project_revision,
    };
    let files = playbook
        .write_ci_files(Path::new(&row.folder), request, replace)
        .await?;
    demand_no_conflict(&files.exported)?;
    if !files.repository {
        note(&format!(
            "{} lies in no git repository, so the files were written into the project's folder; an engine reads them at the root of a repository.",
            row.folder
        ));
    } else if files.folder != row.folder {
        note(&format!(
            "written into {}, the root of the git repository",
            files.folder
        ));
    }
    if json {
        print_json(&files)?;
    } else {
        let mut text = String::new();
        for (path, next) in &files.next {
            let _ = writeln!(text, "{path}\n  {next}");
        }
        print(&text);
    }
    Ok(Ended::Well)
}

fn kind(name: &str) -> Result<CiKind, Error> {
    CiKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == name)
        .ok_or_else(|| {
            let known: Vec<&str> = CiKind::ALL.iter().map(|kind| kind.as_str()).collect();
            Error::input(
                format!("`{name}` is not an engine"),
                format!("Expected {}.", known.join(", ")),
            )
        })
}
