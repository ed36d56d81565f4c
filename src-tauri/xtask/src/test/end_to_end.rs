//! The tests that drive the real window, on a display and a bus of their own.

use super::{Choice, Ended, none_is_a_failure, run_tests};
use crate::display::VirtualDisplay;
use crate::failure::Outcome;
use crate::platform::Platform;
use crate::tidy::WHOLE_WORKSPACE;
use crate::{places, process};
use std::process::Command;

/// Runs them one after another: a window has one keyboard.
pub fn run(choice: Choice) -> Ended {
    if !Platform::here().is_linux() {
        println!(
            "The real window is driven through WebKitWebDriver, which is there on Linux only: skipped on this system."
        );
        return Ended::default();
    }
    let (display, command) = match prepare(choice) {
        Ok(prepared) => prepared,
        Err(failure) => return Err(failure).into(),
    };
    let ended = none_is_a_failure(run_tests(command, choice), "end-to-end test");
    drop(display);
    ended
}

fn prepare(choice: Choice) -> Outcome<(VirtualDisplay, Command)> {
    let app = places::executable("debug/playbook-app")?;
    let display = VirtualDisplay::start()?;
    let mut cargo = process::cargo(["test"]);
    cargo
        .args(WHOLE_WORKSPACE)
        .args(["--test", "e2e", "--", "--test-threads=1"]);
    if choice.full {
        cargo.arg("--include-ignored");
    }
    let mut command = Command::new("dbus-run-session");
    command
        .arg("--")
        .arg(cargo.get_program())
        .args(cargo.get_args())
        .current_dir(places::root());
    command
        .env("DISPLAY", &display.name)
        .env("GDK_BACKEND", "x11")
        .env_remove("WAYLAND_DISPLAY")
        // No accessibility bus to wait for, no graphics card to ask for.
        .env("NO_AT_BRIDGE", "1")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
        .env("TAURI_AUTOMATION", "true")
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        .env("PLAYBOOK_APP_BINARY", app);
    Ok((display, command))
}
