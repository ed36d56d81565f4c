//! What a command costs: wall time, CPU time, peak memory.

use crate::Outcome;
use serde_json::Value;
use std::{
    ffi::OsString,
    process::{Command, Stdio},
};

/// What one command cost, with all its children.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// From starting it to its end, in milliseconds.
    pub wall_ms: f64,
    /// User and system time, in seconds.
    pub cpu_s: f64,
    /// Peak resident memory of its largest process, in MiB.
    pub peak_mib: f64,
}

/// Runs a command and measures it. The kernel adds up what the ended children of a process cost, so the command
/// runs below a process that has no other child.
pub fn measure(command: &[OsString], environment: &[(&str, OsString)]) -> Outcome<Measured> {
    let program = std::env::current_exe().map_err(|error| format!("this program's own path: {error}"))?;
    let output = Command::new(program)
        .arg("measure")
        .args(command)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot be measured: {error}"))?;
    let figures: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let figure = |name: &str| {
        figures[name]
            .as_f64()
            .ok_or_else(|| format!("{command:?} did not run"))
    };
    Ok(Measured {
        wall_ms: figure("wall_ms")?,
        cpu_s: figure("cpu_s")?,
        peak_mib: figure("peak_mib")?,
    })
}

/// The process in between: runs the command and prints what it cost.
#[cfg(not(unix))]
pub fn child(_program: &str, _arguments: &[&str]) -> Outcome<()> {
    Err("the benchmarks read the kernel's own accounting, which is there on Linux and macOS only".into())
}

/// The process in between: runs the command and prints what it cost.
#[cfg(unix)]
pub fn child(program: &str, arguments: &[&str]) -> Outcome<()> {
    use nix::sys::resource::{UsageWho, getrusage};
    let started = std::time::Instant::now();
    let output = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    let wall_ms = started.elapsed().as_secs_f64() * 1000.0;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "{program} {}: {}\n{said}",
            arguments.join(" "),
            output.status
        ));
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| format!("getrusage: {error}"))?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    // Kibibytes on Linux, bytes on macOS.
    let unit = if cfg!(target_os = "macos") {
        1024.0 * 1024.0
    } else {
        1024.0
    };
    crate::say(
        &serde_json::json!({
            "wall_ms": wall_ms,
            "cpu_s": seconds(usage.user_time()) + seconds(usage.system_time()),
            "peak_mib": usage.max_rss() as f64 / unit,
        })
        .to_string(),
    )
}
