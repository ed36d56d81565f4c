//! Closing the window while a run goes on or a service is tried asks first, then stops it in an orderly way: results are kept,
//! the service is ended.

use crate::commands::Opened;
use tauri::{Manager as _, Window, WindowEvent};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons};

/// Hears of the window's events.
pub fn on_window_event(window: &Window, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api: request, .. } = event else {
        return;
    };
    let Some(Ok(playbook)) = window.try_state::<Opened>().map(|opened| opened.0.clone()) else {
        return;
    };
    let Some(going_on) = going_on(playbook.running().len(), playbook.tries()) else {
        return;
    };
    request.prevent_close();
    let window = window.clone();
    window
        .dialog()
        .message(going_on)
        .title("Close Transition Playbook?")
        .buttons(MessageDialogButtons::OkCancelCustom(
            "Stop and close".into(),
            "Keep running".into(),
        ))
        .show(move |agreed| {
            if agreed {
                tauri::async_runtime::spawn(async move {
                    playbook.stop_all().await;
                    let _ = window.destroy();
                });
            }
        });
}

/// What closing would cut off, and what becomes of it.
fn going_on(runs: usize, tries: usize) -> Option<String> {
    let resumed = "going on. What is finished is kept, and it can be resumed later.";
    match (runs, tries) {
        (0, 0) => None,
        (0, _) => Some("A service is being tried. It would be stopped.".into()),
        (1, _) => Some(format!("A run is {resumed}")),
        (runs, _) => Some(format!("{runs} runs are {resumed}")),
    }
}
