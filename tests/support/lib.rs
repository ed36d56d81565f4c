//! What the tests share: the built command, a place of its own for each test, and services that misbehave on purpose.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod fault_server;
mod install;
mod projects;

pub use fault_server::{Call, FaultServer};
pub use install::{node_modules, python_environment};
pub use projects::{StubCase, StubProject, copy_folder, fingerprints};

use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{OnceLock, mpsc},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// No command of these tests needs longer, on a machine that does nothing else.
const LIMIT: Duration = Duration::from_secs(120);

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_path_buf()
}

/// The folder of the build that these tests belong to, such as `target/debug`.
pub fn build_folder() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors()
        .find(|path| path.ends_with("deps"))
        .and_then(Path::parent)
        .unwrap()
        .to_path_buf()
}

/// The `playbook` command: `PLAYBOOK_CLI_BINARY`, or built once as these tests were.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(given) = std::env::var_os("PLAYBOOK_CLI_BINARY") {
            return given.into();
        }
        let folder = build_folder();
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--package", "playbook-cli"])
            .current_dir(root());
        cargo.arg("--target-dir").arg(folder.parent().unwrap());
        if folder.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(
            cargo.status().unwrap().success(),
            "the command line could not be built"
        );
        folder.join("playbook")
    })
}

/// A place of its own for one test: data folder, home and working folder below one temporary folder.
pub struct Sandbox {
    folder: TempDir,
}

/// What a command came to.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }

    /// The same, after the exit code was checked.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// An empty one.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("playbook-").tempdir().unwrap();
        Self { folder }
    }

    /// Its folder, without symbolic links in it.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// A path below it.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder().join(name)
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// The command with these arguments. Of the surrounding environment it sees the search path alone: no keys, no
    /// proxies, no settings of whoever runs the tests.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder())
            .env("PLAYBOOK_DATA", self.data())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the command to its end; one that does not end is a failure.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments))
    }

    /// Makes the starter in a folder `app`.
    #[track_caller]
    pub fn starter(&self) -> PathBuf {
        self.run(&["new", "app", "--starter", "rag-support-assistant"])
            .exits(0);
        self.path("app")
    }

    /// Every living process that was started from this sandbox, with its mark where it carries one.
    pub fn processes(&self) -> Vec<(u32, Option<String>)> {
        let own = format!("PLAYBOOK_DATA={}", self.data().display());
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let Some(pid) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<u32>().ok())
            else {
                continue;
            };
            let Ok(environment) = std::fs::read(entry.path().join("environ")) else {
                continue;
            };
            let variables: Vec<String> = environment
                .split(|byte| *byte == 0)
                .map(|one| String::from_utf8_lossy(one).into_owned())
                .collect();
            if variables.contains(&own) {
                let mark = variables
                    .iter()
                    .find_map(|one| one.strip_prefix("PLAYBOOK_RUN=").map(str::to_owned));
                found.push((pid, mark));
            }
        }
        found
    }
}

/// Runs a command to its end and gathers what it printed.
#[track_caller]
pub fn finish(mut command: Command) -> Ran {
    let child = command.spawn().unwrap();
    let (pid, (sender, receiver)) = (child.id(), mpsc::channel());
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    match receiver.recv_timeout(LIMIT) {
        Ok(output) => Ran::from(output.unwrap()),
        Err(_) => {
            signal(pid, nix::sys::signal::Signal::SIGKILL);
            panic!("{command:?} hangs");
        }
    }
}

/// Sends a signal to a process.
pub fn signal(pid: u32, signal: nix::sys::signal::Signal) {
    let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(i32::try_from(pid).unwrap()), signal);
}

/// Waits until something holds.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
