//! A display to draw on: the person's own, or a virtual one for tests.

use crate::failure::{Outcome, failure};
use crate::platform::Platform;
use crate::process;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Whether a window can be shown to a person here.
pub fn is_there() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !Platform::here().is_linux() || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// A virtual display of its own number, which ends with this value.
pub struct VirtualDisplay {
    server: Child,
    /// What DISPLAY has to be: `:99`, say.
    pub name: String,
}

impl VirtualDisplay {
    /// Starts Xvfb, which picks a free number by itself (`xvfb-run` would need xauth as well).
    pub fn start() -> Outcome<Self> {
        let mut command = Command::new("Xvfb");
        command.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1280x800x24",
            "-nolisten",
            "tcp",
        ]);
        let mut server = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                failure(
                    format!("Xvfb could not be started ({error})"),
                    "install the package `xvfb`",
                )
            })?;
        let mut number = String::new();
        if let Some(pipe) = server.stdout.take() {
            // The server writes its number once it listens; if it ends before that, nothing is read.
            let _ = BufReader::new(pipe).read_line(&mut number);
        }
        let number = number.trim();
        if number.is_empty() {
            let _ = server.kill();
            let _ = server.wait();
            return Err(failure(
                "Xvfb ended before it offered a display",
                "run `Xvfb -displayfd 1` to see what it says",
            ));
        }
        Ok(Self {
            name: format!(":{number}"),
            server,
        })
    }
}

impl Drop for VirtualDisplay {
    fn drop(&mut self) {
        // Asked politely, the server takes its lock file in /tmp away; killed, it leaves it.
        if !process::succeeds("kill", &["-TERM", &self.server.id().to_string()]) {
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
    }
}
