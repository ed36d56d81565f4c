//! The window. It carries commands to the api and events back, and knows no rule of the domain.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod closing;
mod commands;
mod graphics;
mod logs;

use api::{Paths, Playbook, SystemHost};
use std::{process::ExitCode, sync::Arc};
use tauri::Manager as _;

#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "Tauri's own macro holds the call, for a start on a wrong system"
)]
fn main() -> ExitCode {
    graphics::prepare();
    let paths = Paths::usual();
    // The guard writes out what is still buffered when main returns.
    let _logs = logs::start(paths.data_folder());
    // The window's library panics where no display answers; a person is told in one line instead.
    let usual_hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|panic| tell_that_no_window_opens(&panic.to_string())));
    let built = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| {
            if let Some(window) = app.get_webview_window("main") {
                let _ = window.unminimize();
                let _ = window.set_focus();
            }
        }))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .manage(commands::Watchers::default())
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::watch_run,
            commands::unwatch_run,
            commands::choose_folder,
            commands::choose_file,
            commands::open_path,
        ])
        .on_window_event(closing::on_window_event)
        .setup(move |app| {
            // An app that cannot open its database still opens its window, to say why and what to do.
            let opened = Playbook::open(paths, Arc::new(SystemHost));
            if let Err(error) = &opened {
                tracing::error!(%error, "the database cannot be opened");
            }
            app.manage(commands::Opened(opened));
            Ok(())
        })
        .build(tauri::generate_context!());
    std::panic::set_hook(usual_hook);
    match built {
        Ok(app) => {
            app.run(|_, _| ());
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window cannot be opened");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "there is no window to say it in")]
fn tell_that_no_window_opens(reason: &str) {
    tracing::error!(reason, "the window cannot be opened");
    let display = ["WAYLAND_DISPLAY", "DISPLAY"]
        .iter()
        .find_map(|name| Some(format!("{name}={}", std::env::var(name).ok()?)))
        .unwrap_or_else(|| "neither DISPLAY nor WAYLAND_DISPLAY is set".into());
    eprintln!(
        "The window cannot be opened ({display}). Start the app in a desktop session; on a machine without one, use the \
         command line: playbook --help"
    );
}
