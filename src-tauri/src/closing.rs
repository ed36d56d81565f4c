//! Closing the window while a run goes on asks first, then stops the run in an orderly way: results are kept, the
//! service is ended.

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
    let running = playbook.running().len();
    if running == 0 {
        return;
    }
    request.prevent_close();
    let window = window.clone();
    let what = if running == 1 {
        "A run is".to_owned()
    } else {
        format!("{running} runs are")
    };
    window
        .dialog()
        .message(format!(
            "{what} going on. What is finished is kept, and it can be resumed later."
        ))
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
