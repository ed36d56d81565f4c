//! Threads on which async code runs JavaScript, so that a script without an end holds up no other work.

use super::{Limits, ScriptError, javascript};
use crate::script::{Program, Returned};
use serde_json::Value;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// Threads, each with an engine. Some scripts may be endless at once; the rest go on.
const THREADS: usize = 4;
/// Stack of a thread, in bytes. The engine's own limit lies far below.
const STACK: usize = 4 * 1024 * 1024;

struct Job {
    program: Program,
    arguments: Vec<Value>,
    limits: Limits,
    answer: oneshot::Sender<Result<Returned, ScriptError>>,
}

/// Runs a JavaScript program on a thread of its own and waits for it without blocking this one.
pub async fn run(program: Program, arguments: Vec<Value>, limits: Limits) -> Result<Returned, ScriptError> {
    let (answer, answered) = oneshot::channel();
    let job = Job {
        program,
        arguments,
        limits,
        answer,
    };
    let gone = || ScriptError::Failed("the threads for scripts have ended".into());
    queue().send(job).await.map_err(|_| gone())?;
    answered.await.map_err(|_| gone())?
}

fn queue() -> &'static mpsc::Sender<Job> {
    static QUEUE: OnceLock<mpsc::Sender<Job>> = OnceLock::new();
    QUEUE.get_or_init(|| {
        let (sender, receiver) = mpsc::channel::<Job>(THREADS * 8);
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..THREADS {
            let receiver = Arc::clone(&receiver);
            let started = std::thread::Builder::new()
                .name(format!("script-{number}"))
                .stack_size(STACK)
                .spawn(move || work(&receiver));
            if let Err(error) = started {
                tracing::warn!("a thread for scripts could not be started: {error}");
            }
        }
        sender
    })
}

fn work(receiver: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        let job = receiver
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .blocking_recv();
        let Some(job) = job else { return };
        // Nobody waits any more: the run was cancelled.
        if job.answer.is_closed() {
            continue;
        }
        let _ = job
            .answer
            .send(javascript::run_here(&job.program, &job.arguments, job.limits));
    }
}
