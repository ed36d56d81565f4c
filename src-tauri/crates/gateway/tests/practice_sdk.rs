//! OpenAI's own clients for Python and Node.js against the practice models. In the long tier, since it installs them from their
//! registries, once a build folder.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;

use gateway::practice::{PracticeOptions, PracticeServer};

const PYTHON_CLIENT: &str = "openai==3.52.0";
const NODE_CLIENT: &str = "openai@6.49.0";

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk").join(name)
}

fn run(command: &mut Command) {
    let ended = command.output().unwrap_or_else(|error| {
        panic!("this test needs python3 with venv, node and npm; {command:?}: {error}")
    });
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{command:?} failed:\n{said}");
}

async fn talk(mut command: Command) {
    let server = PracticeServer::start(PracticeOptions::default()).await.unwrap();
    command.arg(server.base_url());
    tokio::task::spawn_blocking(move || run(&mut command))
        .await
        .unwrap();
    server.shutdown().await;
}

#[tokio::test]
#[ignore = "long tier: installs OpenAI's client for Python"]
async fn openai_for_python_understands_the_practice_models() {
    let folder = folder("openai-python");
    let python = folder.join("bin/python");
    if !folder.join("bin/openai").exists() {
        run(Command::new("python3")
            .args(["-m", "venv", "."])
            .current_dir(&folder));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PYTHON_CLIENT]));
    }
    let mut command = Command::new(python);
    command.arg(script("practice.py"));
    talk(command).await;
}

#[tokio::test]
#[ignore = "long tier: installs OpenAI's client for Node.js"]
async fn openai_for_node_understands_the_practice_models() {
    let folder = folder("openai-node");
    if !folder.join("node_modules/openai/package.json").exists() {
        run(Command::new("npm")
            .args([
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--no-save",
                NODE_CLIENT,
            ])
            .current_dir(&folder));
    }
    // A module finds its packages beside itself.
    let beside = folder.join("practice.mjs");
    std::fs::copy(script("practice.mjs"), &beside).unwrap();
    let mut command = Command::new("node");
    command.arg(beside);
    talk(command).await;
}
