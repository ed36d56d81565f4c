//! What the page may ask of the app: one command for every use case, one channel for the events of a run, and the
//! system's own dialogs.

use api::{
    Error, Playbook,
    evidence::RunId,
    wire::{WireError, event::RunEvent},
};
use serde_json::Value;
use std::{
    collections::HashMap,
    path::Path,
    sync::{Mutex, PoisonError},
};
use tauri::{AppHandle, State, async_runtime::JoinHandle, ipc::Channel};
use tauri_plugin_dialog::{DialogExt as _, FilePath};
use tauri_plugin_opener::OpenerExt as _;

/// The app, or why it could not be opened, which every command then answers.
pub struct Opened(pub Result<Playbook, Error>);

impl Opened {
    fn playbook(&self) -> Result<Playbook, WireError> {
        self.0.clone().map_err(|error| error.wire())
    }
}

/// Who follows which run, by the channel's number, so that each channel can be let go of.
#[derive(Default)]
pub struct Watchers(Mutex<HashMap<u32, JoinHandle<()>>>);

impl Watchers {
    fn put(&self, channel: u32, task: JoinHandle<()>) {
        let mut watchers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watchers.retain(|_, task| !task.inner().is_finished());
        watchers.insert(channel, task);
    }

    fn remove(&self, channel: u32) {
        if let Some(task) = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&channel)
        {
            task.abort();
        }
    }
}

/// Carries out a command of the api.
#[tauri::command]
pub async fn call(opened: State<'_, Opened>, command: String, request: Value) -> Result<Value, WireError> {
    opened.playbook()?.call(&command, request).await.map_err(|error| {
        tracing::debug!(command, %error, "a command was refused");
        error.wire()
    })
}

/// Follows a run until it ends.
#[tauri::command]
pub fn watch_run(
    opened: State<'_, Opened>,
    watchers: State<'_, Watchers>,
    run_id: String,
    channel: Channel<RunEvent>,
) -> Result<(), WireError> {
    let run: RunId = run_id.parse().map_err(|error: api::evidence::id::IdError| {
        Error::input(error.to_string(), "Reload the page.").wire()
    })?;
    let (playbook, number) = (opened.playbook()?, channel.id());
    let task = tauri::async_runtime::spawn(async move {
        let outcome = playbook.follow(run, |event| channel.send(event).is_ok()).await;
        if let Err(error) = outcome {
            tracing::warn!(%error, "a run could not be followed");
        }
    });
    watchers.put(number, task);
    Ok(())
}

/// Lets go of a run.
#[tauri::command]
pub fn unwatch_run(watchers: State<'_, Watchers>, channel_id: u32) {
    watchers.remove(channel_id);
}

/// The system's folder chooser.
#[tauri::command]
pub async fn choose_folder(app: AppHandle) -> Option<String> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    app.dialog()
        .file()
        .pick_folder(move |chosen| drop(sender.send(chosen)));
    path_text(receiver.await.ok().flatten())
}

/// The system's file chooser.
#[tauri::command]
pub async fn choose_file(app: AppHandle) -> Option<String> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    app.dialog()
        .file()
        .pick_file(move |chosen| drop(sender.send(chosen)));
    path_text(receiver.await.ok().flatten())
}

fn path_text(chosen: Option<FilePath>) -> Option<String> {
    chosen?.into_path().ok().map(|path| path.display().to_string())
}

/// Opens a file or folder that exists, or a page, with the system's own program for it.
#[tauri::command]
pub fn open_path(app: AppHandle, path: String) -> Result<(), WireError> {
    let opened = if path.starts_with("https://") || path.starts_with("http://") {
        app.opener().open_url(&path, None::<&str>)
    } else if Path::new(&path).is_absolute() && Path::new(&path).exists() {
        app.opener().open_path(&path, None::<&str>)
    } else {
        return Err(Error::input(
            format!("{path} is not there"),
            "It may have been moved or deleted.",
        )
        .wire());
    };
    opened.map_err(|error| {
        Error::input(
            format!("{path} cannot be opened: {error}"),
            "Open it with a program of your choice.",
        )
        .wire()
    })
}
