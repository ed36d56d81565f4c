//! `cargo xtask run`: from a fresh clone to the open app, or to the report where there is no display.

use crate::arguments::Arguments;
use crate::failure::{Outcome, failure};
use crate::prerequisites::{self, Purpose};
use crate::{display, places, process};
use std::process::{Command, ExitCode};

const STARTER: &str = "rag-support-assistant";

/// Builds and opens the app.
pub fn command(mut words: Vec<String>) -> Outcome<ExitCode> {
    let passed_on = match words.iter().position(|word| word == "--") {
        Some(position) => words.split_off(position).split_off(1),
        None => Vec::new(),
    };
    let mut arguments = Arguments::new("run", words);
    let release = arguments.switch("--release");
    arguments.finish()?;
    if display::is_there() {
        window(release, &passed_on)
    } else {
        command_line(release)
    }
}

fn window(release: bool, passed_on: &[String]) -> Outcome<ExitCode> {
    prerequisites::ensure(Purpose::Window)?;
    process::run(process::npm(["run", "build"]), "see what Vite says above")?;
    // With this feature the built user interface is embedded; without it the window would ask a development server.
    let app = build("playbook-app", &["--features", "custom-protocol"], release)?;
    println!("Opening the app. Closing its window ends this command.");
    let mut command = Command::new(app);
    command.args(passed_on).current_dir(places::root());
    let status = process::status(command)?;
    if status.success() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(failure(
            format!("the app ended with {status}"),
            "its log file, named in Settings, says why",
        ))
    }
}

/// The same main job without a window.
fn command_line(release: bool) -> Outcome<ExitCode> {
    println!(
        "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can be opened."
    );
    println!("Doing the same main job on the starter project through the command line instead.");
    prerequisites::ensure(Purpose::CommandLine)?;
    let playbook = build("playbook-cli", &[], release)?;
    let folder = places::target()?.join("run-demo");
    std::fs::create_dir_all(&folder).map_err(|error| {
        failure(
            format!("{} could not be created ({error})", folder.display()),
            "see that the target folder is yours to write to",
        )
    })?;
    let (project, results, case_study) = (
        folder.join(STARTER),
        folder.join("results.json"),
        folder.join("case-study"),
    );

    if !project.exists() {
        let mut new = Command::new(&playbook);
        new.arg("new").arg(&project).args(["--starter", STARTER]);
        process::run(new, "see what it says above")?;
    }
    let mut eval = Command::new(&playbook);
    eval.arg("eval")
        .arg(&project)
        .arg("--trust")
        .arg("--output")
        .arg(&results);
    let status = process::status(eval)?;
    match status.code() {
        Some(0) => println!("The release gate passed."),
        Some(1) => println!(
            "The release gate failed, as it should at first: the starter's failures are there to be mended."
        ),
        _ => {
            return Err(failure(
                format!("the run did not finish ({status})"),
                "see what it says above",
            ));
        }
    }
    let mut write = Command::new(&playbook);
    write
        .arg("case-study")
        .arg(&project)
        .arg("--out")
        .arg(&case_study);
    process::run(write, "see what it says above")?;

    println!();
    println!("Project     {}", project.display());
    println!("Results     {}", results.display());
    println!("Case study  {}", case_study.display());
    Ok(ExitCode::SUCCESS)
}

/// Builds a package and gives back where its executable lies.
fn build(package: &str, more: &[&str], release: bool) -> Outcome<std::path::PathBuf> {
    let mut command = process::cargo(["build", "-p", package]);
    command.args(more);
    if release {
        command.arg("--release");
    }
    process::run(command, "see what the compiler says above")?;
    let name = if package == "playbook-cli" {
        "playbook"
    } else {
        package
    };
    places::executable(&format!("{}/{name}", if release { "release" } else { "debug" }))
}
