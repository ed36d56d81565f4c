//! `playbook`: the evidence chain without a window. What CI runs.

mod arguments;
mod ci;
mod console;
mod eval;
mod init;
mod report;
mod settings;
mod variants;

use api::{
    Code, Error, Host as _, Paths, Playbook, PracticeOptions, PracticeServer, SystemHost,
    evidence::ProjectId,
    wire::{
        portfolio::{ClaimNamedRequest, ExportRequest, Exported},
        project::{CreateStarterRequest, ProjectRequest},
        run::CompareRequest,
    },
};
use arguments::{Arguments, Command};
use clap::Parser as _;
use console::{note, print};
use std::{process::ExitCode, sync::Arc};

/// How the command ended, besides an error.
pub(crate) enum Ended {
    /// As asked for; for an eval, the gate passed.
    Well,
    /// The gate failed.
    GateFailed,
    /// A person stopped it.
    Stopped,
}

impl Ended {
    /// The worse of two ends.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Stopped, _) | (_, Self::Stopped) => Self::Stopped,
            (Self::GateFailed, _) | (_, Self::GateFailed) => Self::GateFailed,
            _ => Self::Well,
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("PLAYBOOK_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let json = arguments.json;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            note(&format!("error: the runtime cannot start: {error}"));
            return ExitCode::from(3);
        }
    };
    match runtime.block_on(carry_out(arguments)) {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::GateFailed) => ExitCode::from(1),
        Ok(Ended::Stopped) => ExitCode::from(130),
        Err(error) => {
            if json {
                print(&format!("{}\n", serde_json::json!({ "error": error.wire() })));
            }
            note(&format!("error: {}", error.message));
            if !error.hint.is_empty() {
                note(&format!("  {}", error.hint));
            }
            ExitCode::from(match error.code {
                Code::Input | Code::NotFound | Code::Refused | Code::Untrusted | Code::FileChanged => 2,
                Code::Target | Code::Machine => 3,
            })
        }
    }
}

async fn carry_out(arguments: Arguments) -> Result<Ended, Error> {
    let json = arguments.json;
    if let Command::ServePracticeModel { port, seed } = arguments.command {
        return serve_practice_model(port, seed, json).await;
    }
    let mut paths = Paths::usual();
    if let Some(database) = arguments.db {
        paths.database = std::path::absolute(&database).unwrap_or(database);
    }
    let playbook = Playbook::open(paths, Arc::new(SystemHost))?;
    match arguments.command {
        Command::New { dir, starter } => {
            let row = playbook
                .create_starter(CreateStarterRequest { starter, folder: dir })
                .await?;
            if json {
                print_json(&row)?;
            } else {
                print(&format!(
                    "Made {} in {}\nNext: playbook eval {}\n",
                    row.name, row.folder, row.folder
                ));
            }
            Ok(Ended::Well)
        }
        Command::Init(init) => init::init(&playbook, *init, json).await,
        Command::Eval(eval) => eval::eval(&playbook, eval, json).await,
        Command::Merge { databases, reports } => {
            eval::demand_free_places(&reports)?;
            let runs = playbook.merge(&databases).await?;
            eval::finish(&playbook, &runs, &reports, json).await
        }
        Command::Ci { command } => ci::ci(&playbook, command, json).await,
        Command::Weekly { project } => {
            let row = playbook.find_project(&project).await?;
            let text = playbook.weekly_report(row.id).await?;
            if json {
                print_json(&serde_json::json!({ "markdown": text }))?;
            } else {
                print(&text);
            }
            Ok(Ended::Well)
        }
        Command::Runs { project } => {
            let project = named_project(&playbook, project).await?;
            let runs = playbook.run_list(project).await?;
            if json {
                print_json(&runs)?
            } else {
                // Numbers count within a project, so each has a table of its own, the one that ran last first.
                let mut projects: Vec<ProjectId> = Vec::new();
                for run in &runs {
                    if !projects.contains(&run.project) {
                        projects.push(run.project);
                    }
                }
                for id in &projects {
                    let row = playbook.find_project(&id.to_string()).await?;
                    let own: Vec<_> = runs.iter().filter(|run| run.project == *id).cloned().collect();
                    print(&format!(
                        "Runs of {} ({})\n{}",
                        row.name,
                        row.folder,
                        report::runs(&own)
                    ));
                }
                if projects.is_empty() {
                    print(&report::runs(&runs));
                }
            }
            Ok(Ended::Well)
        }
        Command::Compare {
            before,
            after,
            project,
        } => {
            let project = named_project(&playbook, project).await?;
            let before = playbook.find_run(project, &before).await?;
            let after = playbook.find_run(project, &after).await?;
            let compared = playbook.compare(CompareRequest { before, after }).await?;
            if json {
                print_json(&compared)?
            } else {
                print(&report::compared(&compared))
            }
            Ok(Ended::Well)
        }
        Command::Variants { runs, group, project } => {
            variants::variants(&playbook, runs, group, project, json).await
        }
        Command::Diff {
            before,
            after,
            project,
        } => variants::diff(&playbook, &before, &after, project, json).await,
        Command::CaseStudy {
            project,
            out,
            replace,
            renew,
        } => case_study(&playbook, &project, out, replace, renew, json).await,
        Command::Providers { test } => settings::providers(&playbook, test, json).await,
        Command::Prices { model } => settings::prices(&playbook, model, json).await,
        Command::ServePracticeModel { .. } => Ok(Ended::Well),
    }
}

/// The project that was named by folder, name or id, if one was.
pub(crate) async fn named_project(
    playbook: &Playbook,
    named: Option<String>,
) -> Result<Option<ProjectId>, Error> {
    Ok(match named {
        Some(text) => Some(playbook.find_project(&text).await?.id),
        None => None,
    })
}

async fn case_study(
    playbook: &Playbook,
    project: &str,
    out: String,
    replace: Vec<String>,
    renew: bool,
    json: bool,
) -> Result<Ended, Error> {
    let row = playbook.find_project(project).await?;
    let before = playbook.portfolio(ProjectRequest { project: row.id }).await?;
    let source = playbook
        .create_case_study(ProjectRequest { project: row.id })
        .await?;
    if before.case_study.text.is_none() {
        note(&format!(
            "wrote {} into {}: the case study's source, for you to fill in",
            source.path, row.folder
        ));
    }
    let named = ClaimNamedRequest {
        project: row.id,
        renew,
    };
    for slug in playbook.claim_what_the_text_names(named).await?.slugs {
        note(&format!("made the claim `{slug}`, which {} names", source.path));
    }
    let exported = playbook
        .export_case_study(ExportRequest {
            project: row.id,
            folder: out,
            replace,
        })
        .await?;
    demand_no_conflict(&exported)?;
    if json {
        print_json(&exported)?;
    } else {
        print(
            &exported
                .written
                .iter()
                .map(|path| format!("{path}\n"))
                .collect::<String>(),
        );
    }
    Ok(Ended::Well)
}

/// An error that shows the differences, where files are not as the app left them.
pub(crate) fn demand_no_conflict(exported: &Exported) -> Result<(), Error> {
    if exported.conflicts.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = exported
        .conflicts
        .iter()
        .map(|conflict| format!("{}: {}\n{}", conflict.path, conflict.reason, conflict.difference))
        .collect();
    let names: Vec<String> = exported
        .conflicts
        .iter()
        .map(|one| format!("--replace {}", one.path))
        .collect();
    Err(Error::new(
        Code::FileChanged,
        format!(
            "no file was written, because these files are not as the app left them:\n{}",
            shown.join("\n")
        ),
        format!("Choose another folder, or replace them: {}", names.join(" ")),
    ))
}

async fn serve_practice_model(port: u16, seed: u64, json: bool) -> Result<Ended, Error> {
    let server = PracticeServer::start(PracticeOptions { port, seed })
        .await
        .map_err(|error| {
            Error::new(
                Code::Machine,
                error.to_string(),
                "Choose another port with --port, or 0 for a free one.",
            )
        })?;
    let url = server.base_url();
    if json {
        print_json(&serde_json::json!({ "base_url": url, "seed": seed, "started_at": SystemHost.now() }))?;
    } else {
        print(&format!(
            "OPENAI_BASE_URL={url}\nPractice model, seed {seed}. Stop it with Ctrl-C.\n"
        ));
    }
    let _ = tokio::signal::ctrl_c().await;
    server.shutdown().await;
    Ok(Ended::Well)
}

pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::internal(error.to_string()))?;
    print(&format!("{text}\n"));
    Ok(())
}
