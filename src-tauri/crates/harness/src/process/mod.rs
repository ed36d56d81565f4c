//! Supervision of a process that the harness starts.
//!
//! It gets a process group of its own, dies with the harness (on Linux by a parent-death signal), is stopped as a
//! group, and carries a mark in its environment by which the next start finds what a killed harness left behind.

mod once;

pub use once::{Once, OnceError, run_once};

use std::{
    collections::{BTreeMap, VecDeque},
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

/// Environment variable that marks every process of a run.
pub const MARK: &str = "PLAYBOOK_RUN";

/// Lines of output that are kept for error messages.
const KEPT_LINES: usize = 40;
/// Bytes that are read of a line at once; a longer one counts as several.
const LONGEST_LINE: u64 = 64 * 1024;
/// How long a process may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(3);

/// How long the rest of an ended process's output is awaited.
const OUTPUT_GRACE: Duration = Duration::from_millis(500);

/// A supervised process.
pub struct Supervised {
    child: Child,
    group: Option<u32>,
    output: Arc<Mutex<VecDeque<String>>>,
    readers: Vec<JoinHandle<()>>,
}

/// A process that could not be started.
#[derive(Debug, thiserror::Error)]
#[error("`{command}` cannot be started: {message}")]
pub struct StartError {
    /// What was to be started.
    pub command: String,
    /// Why not.
    pub message: String,
}

fn build(
    command: &[String],
    folder: &Path,
    environment: &BTreeMap<String, String>,
    mark: &str,
) -> Result<Command, StartError> {
    let (program, arguments) = command.split_first().ok_or_else(|| StartError {
        command: command.join(" "),
        message: "it is empty".into(),
    })?;
    // A program named by a path is meant from the project folder, whatever folder the harness runs in.
    let local = folder.join(program);
    let program = if program.contains('/') && local.is_file() {
        local
    } else {
        program.into()
    };
    let mut builder = Command::new(&program);
    builder
        .args(arguments)
        .current_dir(folder)
        .envs(environment)
        .env(MARK, mark)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    builder.process_group(0);
    die_with_parent(&mut builder);
    Ok(builder)
}

fn spawn(builder: &mut Command, command: &[String], folder: &Path) -> Result<Child, StartError> {
    builder.spawn().map_err(|cause| StartError {
        command: command.join(" "),
        message: match cause.kind() {
            std::io::ErrorKind::NotFound => format!(
                "there is no program `{}` on the PATH or in {}; install it or correct the command",
                command.first().map(String::as_str).unwrap_or_default(),
                folder.display()
            ),
            _ => cause.to_string(),
        },
    })
}

impl Supervised {
    /// Starts a command in a folder, with these variables besides those of the harness, marked with `mark`.
    pub fn start(
        command: &[String],
        folder: &Path,
        environment: &BTreeMap<String, String>,
        mark: &str,
    ) -> Result<Self, StartError> {
        let mut child = spawn(&mut build(command, folder, environment, mark)?, command, folder)?;
        let output = Arc::new(Mutex::new(VecDeque::new()));
        let mut readers = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            readers.push(keep_lines(stdout, Arc::clone(&output)));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.push(keep_lines(stderr, Arc::clone(&output)));
        }
        let group = child.id();
        Ok(Self {
            child,
            group,
            output,
            readers,
        })
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until it ends by itself.
    pub async fn wait(&mut self) -> Option<ExitStatus> {
        self.child.wait().await.ok()
    }

    /// The last lines that a process printed which has ended. Its exit is seen before the end of its output, so what is still
    /// on the way is awaited, though not for long: a grandchild may hold the pipe open.
    pub async fn final_output(&mut self) -> String {
        let readers = futures::future::join_all(self.readers.drain(..));
        let _ = tokio::time::timeout(OUTPUT_GRACE, readers).await;
        self.last_output()
    }

    /// The last lines it printed so far, for an error message.
    pub fn last_output(&self) -> String {
        let lines = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }

    /// Ends the whole group: asks first, then kills what is left.
    pub async fn stop(&mut self) {
        signal_group(self.group, Signal::Terminate);
        let asked = tokio::time::timeout(GRACE, self.child.wait()).await;
        if asked.is_err() {
            tracing::warn!(
                "the service did not end within {} s of being asked; it is killed",
                GRACE.as_secs()
            );
        }
        // The group outlives its leader while a child of the service lives.
        signal_group(self.group, Signal::Kill);
        let _ = self.child.wait().await;
        self.group = None;
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        signal_group(self.group.take(), Signal::Kill);
    }
}

/// "exit code 1", "signal 11".
pub fn describe(status: ExitStatus) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = status.signal() {
            return format!("signal {signal}");
        }
    }
    status
        .code()
        .map_or_else(|| "an unknown status".into(), |code| format!("exit code {code}"))
}

fn keep_lines(
    stream: impl AsyncRead + Unpin + Send + 'static,
    output: Arc<Mutex<VecDeque<String>>>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        // A line without an end, such as a progress bar, is cut: it must not fill the memory.
        while let Ok(1..) = (&mut stream)
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
            .await
        {
            let mut text = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line)).into_owned();
            line.clear();
            text.truncate(text.floor_char_boundary(500));
            let mut kept = output.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() == KEPT_LINES {
                kept.pop_front();
            }
            kept.push_back(text);
        }
    })
}

#[derive(Clone, Copy)]
enum Signal {
    Terminate,
    Kill,
}

#[cfg(unix)]
fn signal_group(group: Option<u32>, signal: Signal) {
    use nix::{
        sys::signal::{Signal as Unix, killpg},
        unistd::Pid,
    };
    let Some(group) = group.and_then(|group| i32::try_from(group).ok()) else {
        return;
    };
    let signal = match signal {
        Signal::Terminate => Unix::SIGTERM,
        Signal::Kill => Unix::SIGKILL,
    };
    // An error says that the group has ended, which is what was wanted.
    let _ = killpg(Pid::from_raw(group), signal);
}

#[cfg(not(unix))]
fn signal_group(_group: Option<u32>, _signal: Signal) {}

#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "the parent-death signal can be set only between fork and exec"
)]
pub(crate) fn die_with_parent(command: &mut Command) {
    // SAFETY: the closure calls one async-signal-safe function (prctl) and touches no memory of the parent.
    unsafe {
        command.pre_exec(|| {
            nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL).map_err(std::io::Error::from)
        });
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn die_with_parent(_command: &mut Command) {}

/// A mark for a process that belongs to this process and to no run.
pub fn passing_mark() -> String {
    format!("{PASSING}{}", own_identity())
}

/// How a mark begins that names its owner instead of a run.
const PASSING: &str = "owner-";

/// Ends every process that carries one of these marks, or the passing mark of a process that is gone: what a killed harness left behind. Returns how many.
/// The mark is read from the process itself, so a process that merely has the same number is never touched.
#[cfg(target_os = "linux")]
pub fn end_marked(marks: &[String]) -> usize {
    use nix::{
        sys::signal::{Signal as Unix, kill},
        unistd::Pid,
    };
    let mut ended = 0;
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return 0;
    };
    for entry in processes.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        let Ok(environment) = std::fs::read(entry.path().join("environ")) else {
            continue;
        };
        let marked = environment.split(|byte| *byte == 0).any(|variable| {
            variable
                .strip_prefix(MARK.as_bytes())
                .and_then(|rest| rest.strip_prefix(b"="))
                .and_then(|value| std::str::from_utf8(value).ok())
                .is_some_and(|value| {
                    let orphaned = value.strip_prefix(PASSING).is_some_and(|owner| !is_alive(owner));
                    orphaned || marks.iter().any(|mark| mark == value)
                })
        });
        if marked && pid != std::process::id() as i32 && kill(Pid::from_raw(pid), Unix::SIGKILL).is_ok() {
            ended += 1;
        }
    }
    ended
}

/// Elsewhere a process cannot be asked for its mark; the group dies with the harness or is left to the person.
#[cfg(not(target_os = "linux"))]
pub fn end_marked(_marks: &[String]) -> usize {
    0
}

/// A name for this process that no later process can have: its number and, on Linux, when it began.
pub fn own_identity() -> String {
    let pid = std::process::id();
    format!("{pid}:{}", began(pid).unwrap_or_default())
}

/// Whether the process of this identity (see [`own_identity`]) still lives.
pub fn is_alive(identity: &str) -> bool {
    let Some((pid, start)) = identity.split_once(':') else {
        return false;
    };
    let Ok(pid) = pid.parse::<u32>() else { return false };
    if cfg!(target_os = "linux") {
        return began(pid).is_some_and(|began| began == start);
    }
    exists(pid)
}

/// When a process began, in clock ticks since the machine did: field 22 of `/proc/<pid>/stat` (proc(5)).
fn began(pid: u32) -> Option<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets and may itself hold spaces and brackets.
    let after_name = text.rsplit_once(')')?.1;
    let mut fields = after_name.split_whitespace();
    // A process that has ended and waits for its parent to notice does not live.
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18).map(str::to_owned)
}

#[cfg(unix)]
fn exists(pid: u32) -> bool {
    i32::try_from(pid).is_ok_and(|pid| nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None).is_ok())
}

#[cfg(not(unix))]
fn exists(_pid: u32) -> bool {
    false
}

/// What a program printed, and how it ended.
pub struct Output {
    /// Standard output, 64 MiB at most.
    pub stdout: Vec<u8>,
    /// Standard error, 1 MiB at most.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub status: ExitStatus,
}

/// Why there is no [`Output`].
#[derive(Debug)]
pub enum OutputError {
    /// It took too long and was killed with its group.
    Time,
    /// It could not be started or read.
    Start(String),
}

/// Runs a command whose output is piped to its end, in a group of its own, which is killed when the time is over.
pub async fn output(mut command: Command, limit: Duration) -> Result<Output, OutputError> {
    const STDOUT: u64 = 64 * 1024 * 1024;
    const STDERR: u64 = 1024 * 1024;
    command.kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    die_with_parent(&mut command);
    let start = |error: std::io::Error| OutputError::Start(error.to_string());
    let mut child = command.spawn().map_err(start)?;
    let group = GroupKiller(child.id());
    let read = async |stream: Option<Box<dyn AsyncRead + Send + Unpin>>, most: u64| {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            let mut stream = stream.take(most);
            stream.read_to_end(&mut bytes).await?;
            tokio::io::copy(&mut stream.into_inner(), &mut tokio::io::sink()).await?;
        }
        std::io::Result::Ok(bytes)
    };
    let stdout = child.stdout.take().map(|stream| Box::new(stream) as Box<_>);
    let stderr = child.stderr.take().map(|stream| Box::new(stream) as Box<_>);
    let all = async {
        let (stdout, stderr) = tokio::join!(read(stdout, STDOUT), read(stderr, STDERR));
        Ok(Output {
            stdout: stdout.map_err(start)?,
            stderr: stderr.map_err(start)?,
            status: child.wait().await.map_err(start)?,
        })
    };
    let ended = tokio::time::timeout(limit, all).await;
    drop(group);
    ended.map_err(|_| OutputError::Time)?
}

/// Kills what is left of a group when a call is over, however it ends.
pub(crate) struct GroupKiller(pub(crate) Option<u32>);

impl Drop for GroupKiller {
    fn drop(&mut self) {
        signal_group(self.0.take(), Signal::Kill);
    }
}
