//! What the services of other people's making need: installed once per build folder, shared by all tests.

use crate::root;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A Python environment with what `fixtures/python-service` asks for.
pub fn python_environment() -> PathBuf {
    let wanted = root().join("tests/fixtures/python-service/requirements.txt");
    installed("python", &wanted, |folder| {
        run(Command::new("python3")
            .args(["-m", "venv", "."])
            .current_dir(folder));
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ];
        run(Command::new(folder.join("bin/python"))
            .args(pip)
            .arg(&wanted)
            .current_dir(folder));
    })
}

/// The `node_modules` folder that `fixtures/node-service` asks for.
pub fn node_modules() -> PathBuf {
    let wanted = root().join("tests/fixtures/node-service/package.json");
    let folder = installed("node", &wanted, |folder| {
        fs::copy(&wanted, folder.join("package.json")).unwrap();
        let npm = [
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
        ];
        run(Command::new("npm").args(npm).current_dir(folder));
    });
    folder.join("node_modules")
}

/// A folder that was filled once for this state of a file. Several processes may want it at the same time.
fn installed(name: &str, wanted: &Path, fill: impl FnOnce(&Path)) -> PathBuf {
    let text = fs::read_to_string(wanted).unwrap();
    let hash = evidence::ContentHash::of(text);
    let place = crate::build_folder()
        .parent()
        .unwrap()
        .join("fixtures")
        .join(format!("{name}-{}", hash.short()));
    if !place.exists() {
        let beside = place.with_extension(format!("{}.part", std::process::id()));
        let _ = fs::remove_dir_all(&beside);
        fs::create_dir_all(&beside).unwrap();
        fill(&beside);
        if fs::rename(&beside, &place).is_err() {
            // Another process was faster.
            let _ = fs::remove_dir_all(&beside);
        }
    }
    place
}

fn run(command: &mut Command) {
    match command.output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!(
            "this test needs the package registry, and {command:?} failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => panic!("this test needs python3 with venv, node and npm; {command:?}: {error}"),
    }
}
