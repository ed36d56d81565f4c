//! `playbook eval`.

mod follow;

use crate::{
    Ended,
    arguments::{EvalArguments, ReportArguments},
    console::{ask, interactive, note, print},
    print_json, report, variants,
};
use api::{
    Code, Error, Playbook, ReportFormat,
    evidence::{GateVerdict, ProjectId, Purpose, RunId, RunStatus},
    may_replace,
    wire::{
        project::{ProjectRow, TrustRequest},
        run::{ResultFilter, ResultRequest, ResultsRequest, RunRequest, RunView, StartRunRequest},
    },
};
use std::path::Path;

/// Causes of errors that are shown with an example.
const EXAMPLES: usize = 3;
/// Letters of an example's message at most.
const LETTERS: usize = 240;

pub async fn eval(playbook: &Playbook, arguments: EvalArguments, json: bool) -> Result<Ended, Error> {
    let purpose = arguments
        .purpose
        .as_deref()
        .map(str::parse::<Purpose>)
        .transpose()
        .map_err(|message| Error::input(message, "Leave it out for a candidate."))?;
    let project = match &arguments.suite {
        Some(path) => Some(playbook.project_of(path).await?),
        None => None,
    };
    if let (true, Some((row, suite))) = (arguments.check, &project) {
        let folder = Path::new(&row.folder);
        let path = suite
            .as_ref()
            .map_or(folder.to_path_buf(), |suite| folder.join(suite));
        let found = playbook.check_suite(&path, arguments.skip_bad_rows).await?;
        if json {
            print_json(&found)?;
        } else {
            print(&report::checked(&found));
        }
        return Ok(Ended::Well);
    }
    if !arguments.estimate {
        demand_free_places(&arguments.reports)?;
    }
    if let (Some((row, _)), false) = (&project, arguments.estimate) {
        trust(playbook, row, arguments.trust).await?;
    }
    let again = arguments.resume.as_ref().or(arguments.retry_errors.as_ref());
    let runs = match again {
        Some(text) => {
            let owner = project.as_ref().map(|(row, _)| row.id);
            let run = playbook.find_run(owner, text).await?;
            vec![go_on(playbook, &arguments, run, project.is_none()).await?]
        }
        None => {
            let Some((row, suite)) = project else {
                return Err(Error::input(
                    "no suite was named",
                    "playbook eval SUITE, or --resume last.",
                ));
            };
            let baseline = match &arguments.reports.baseline {
                Some(text) => Some(playbook.find_run(Some(row.id), text).await?),
                None => None,
            };
            let request = StartRunRequest {
                project: row.id,
                suite,
                purpose,
                repeat: arguments.repeat,
                concurrency: arguments.concurrency,
                filter: arguments.filter.clone(),
                targets: (!arguments.target.is_empty()).then(|| arguments.target.clone()),
                budget_usd: arguments.budget.clone(),
                retries: arguments.retries,
                shard: arguments.shard.clone(),
                cache: arguments.cache,
                skip_bad_rows: arguments.skip_bad_rows,
                stop_early: arguments.stop_early,
                baseline,
            };
            if arguments.estimate {
                return variants::estimate(playbook, request, json).await;
            }
            let started = playbook.start_run(request).await?;
            for warning in &started.warnings {
                note(&format!("warning: {warning}"));
            }
            std::iter::once(started.run).chain(started.beside).collect()
        }
    };
    follow::follow(playbook, &runs).await;
    finish(playbook, &runs, &arguments.reports, json).await
}

/// Goes on with a run: with what has no result yet, or with what ended in an error.
async fn go_on(
    playbook: &Playbook,
    arguments: &EvalArguments,
    run: RunId,
    trust_its_project: bool,
) -> Result<RunId, Error> {
    let there = playbook.run(RunRequest { run }).await?.summary;
    if arguments.trust && trust_its_project {
        allow(playbook, there.project).await?;
    }
    if arguments.retry_errors.is_some() {
        if there.errored == 0 && there.status == RunStatus::Finished {
            note(&format!(
                "run {} has no result that ended in an error; these are its results",
                there.number
            ));
            return Ok(run);
        }
        return Ok(playbook.retry_errors(RunRequest { run }).await?.run);
    }
    if there.status == RunStatus::Finished {
        note(&format!(
            "run {} is finished, so there is nothing to go on with; these are its results",
            there.number
        ));
        return Ok(run);
    }
    let started = match &arguments.budget {
        Some(budget) => {
            playbook
                .resume_run_within(RunRequest { run }, budget.clone())
                .await?
        }
        None => playbook.resume_run(RunRequest { run }).await?,
    };
    Ok(started.run)
}

/// Commands of a project folder run only where the person trusts it: `--trust`, or a yes at the terminal.
async fn trust(playbook: &Playbook, row: &ProjectRow, given: bool) -> Result<(), Error> {
    if row.trusted {
        return Ok(());
    }
    let agreed = given
        || (interactive()
            && ask(
                &format!("Trust {} and run its commands? (yes/no)", row.folder),
                "no",
            )
            .is_some_and(|answer| answer.eq_ignore_ascii_case("yes") || answer.eq_ignore_ascii_case("y")));
    if agreed {
        allow(playbook, row.id).await
    } else {
        Ok(())
    }
}

async fn allow(playbook: &Playbook, project: ProjectId) -> Result<(), Error> {
    playbook
        .trust_project(TrustRequest {
            project,
            trusted: true,
        })
        .await?;
    Ok(())
}

/// Writes and prints what came of the runs. The worst of them decides how the command ends.
pub(crate) async fn finish(
    playbook: &Playbook,
    runs: &[RunId],
    reports: &ReportArguments,
    json: bool,
) -> Result<Ended, Error> {
    let mut views = Vec::new();
    for run in runs {
        views.push(playbook.run(RunRequest { run: *run }).await?);
    }
    // Before any file, so that one that cannot be written does not take the figures with it.
    if !json {
        for view in &views {
            // Figures without a single result would only hide why there is none.
            if view.summary.trials > 0 {
                print(&report::run(view, &examples(playbook, view).await));
            }
        }
    }
    if json || reports.output.is_some() {
        let file = playbook.results_file(runs).await?;
        if let Some(path) = &reports.output {
            playbook.write_results(&file, path).await.map_err(|error| {
                Error::new(
                    Code::Machine,
                    format!(
                        "the results cannot be written to {}: {}",
                        path.display(),
                        error.message
                    ),
                    "The run itself is safe in the database; name another file with --resume last --output FILE.",
                )
            })?;
            note(&format!("results written to {}", path.display()));
        }
        // A run that broke off is an error, and standard output carries one JSON text.
        let whole =
            |view: &RunView| matches!(view.summary.status, RunStatus::Finished | RunStatus::Cancelled);
        if json && views.iter().all(whole) {
            print_json(&file)?;
        }
    }
    write_reports(
        playbook,
        runs,
        reports,
        views.first().map(|view| view.summary.project),
    )
    .await?;
    let mut worst = Ended::Well;
    for view in &views {
        worst = worst.or(ended(view)?);
    }
    Ok(worst)
}

/// For the most frequent causes of errors, what one trial of each was told.
async fn examples(playbook: &Playbook, view: &RunView) -> Vec<(String, String)> {
    let run = view.summary.run;
    let mut examples = Vec::new();
    for failure in view.summary.failures.iter().filter(|failure| failure.error) {
        if examples.len() == EXAMPLES {
            break;
        }
        let request = ResultsRequest {
            run,
            filter: ResultFilter {
                failure: Some(failure.name.clone()),
                ..ResultFilter::default()
            },
            offset: 0,
            limit: 1,
        };
        // An example that cannot be read is left out; the figures stand without it.
        let Ok(page) = playbook.results(request).await else {
            continue;
        };
        let Some(row) = page.rows.first() else { continue };
        let request = ResultRequest {
            run,
            case_index: row.case_index,
            repeat: row.repeat,
        };
        if let Ok(result) = playbook.result(request).await
            && let Some(error) = result.error
        {
            let message: String = error
                .message
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(LETTERS)
                .collect();
            examples.push((failure.name.clone(), format!("{}: {message}", row.case_id)));
        }
    }
    examples
}

/// A slip of the keyboard costs nobody a file: whatever is in the way is said before anything is asked.
pub(crate) fn demand_free_places(reports: &ReportArguments) -> Result<(), Error> {
    if let Some(path) = &reports.output {
        may_replace(path, None)?;
    }
    for (path, format) in formats(reports) {
        if let Some(path) = path {
            may_replace(path, Some(format))?;
        }
    }
    Ok(())
}

fn formats(reports: &ReportArguments) -> [(Option<&Path>, ReportFormat); 5] {
    [
        (reports.junit.as_deref(), ReportFormat::Junit),
        (reports.markdown.as_deref(), ReportFormat::Markdown),
        (reports.html.as_deref(), ReportFormat::Html),
        (reports.jsonl.as_deref(), ReportFormat::Jsonl),
        (reports.csv.as_deref(), ReportFormat::Csv),
    ]
}

async fn write_reports(
    playbook: &Playbook,
    runs: &[RunId],
    reports: &ReportArguments,
    project: Option<ProjectId>,
) -> Result<(), Error> {
    let baseline = match &reports.baseline {
        Some(text) => Some(playbook.find_run(project, text).await?),
        None => None,
    };
    for (path, format) in formats(reports) {
        if let Some(path) = path {
            let path = playbook.write_report(runs, format, path, baseline).await?;
            note(&format!("written: {}", path.display()));
        }
    }
    Ok(())
}

/// How one run ended.
fn ended(view: &RunView) -> Result<Ended, Error> {
    let run = &view.summary;
    match run.status {
        RunStatus::Failed | RunStatus::Interrupted | RunStatus::Running => Err(match &view.failure {
            Some(failure) => Error::new(
                Code::parse(&failure.code).unwrap_or(Code::Target),
                failure.message.clone(),
                failure.hint.clone(),
            ),
            None => Error::new(
                Code::Machine,
                "the run broke off",
                "Resume it with --resume last.",
            ),
        }),
        RunStatus::Cancelled => {
            let kept = format!("{} of {} results are kept", run.trials, run.planned);
            note(&match &run.stopped {
                // Only a budget stops a run by itself, and with the same budget it would stop again at once.
                Some(why) => format!(
                    "stopped ({why}): {kept}. To go on, raise the budget: playbook eval --resume {} --budget USD",
                    run.run
                ),
                None => format!("stopped: {kept}. Go on with: playbook eval --resume {}", run.run),
            });
            Ok(Ended::Stopped)
        }
        RunStatus::Finished => Ok(match run.gate.verdict {
            GateVerdict::Passed => Ended::Well,
            GateVerdict::Failed => Ended::GateFailed,
            // Nothing can be released without three release metrics; an experiment is no release.
            GateVerdict::Unset if run.purpose == Purpose::Candidate => Ended::GateFailed,
            GateVerdict::Unset => Ended::Well,
        }),
    }
}
