//! Rust and Node: there, and new enough.

use crate::failure::{Outcome, failure};
use crate::process;
use crate::version::Version;

const RUST: Version = Version { major: 1, minor: 92 };
const NODE: Version = Version { major: 20, minor: 19 };

/// Rust, as new as the workspace's `rust-version`.
pub fn rust() -> Outcome {
    let said = process::ask("rustc", &["--version"]);
    let remedy = if process::find("rustup").is_some() {
        "run `rustup update stable`"
    } else {
        "install it from https://rustup.rs"
    };
    at_least("Rust", RUST, said.as_deref(), remedy)
}

/// Node, as new as Vite asks for, and npm beside it.
pub fn node() -> Outcome {
    let remedy = "install Node.js 22 from https://nodejs.org or with your version manager (`nvm install 22`)";
    at_least(
        "Node.js",
        NODE,
        process::ask("node", &["--version"]).as_deref(),
        remedy,
    )?;
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    if process::succeeds(npm, &["--version"]) {
        Ok(())
    } else {
        Err(failure("npm was not found, though Node.js is there", remedy))
    }
}

/// rustfmt and clippy, which a minimal installation of Rust leaves out.
pub fn rust_components() -> Outcome {
    let missing: Vec<&str> = [("rustfmt", "fmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(_, subcommand)| !process::succeeds("cargo", &[subcommand, "--version"]))
        .map(|(component, _)| component)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if process::find("rustup").is_none() {
        return Err(failure(
            format!("Rust's {names} was not found"),
            "install it with the package manager that installed Rust",
        ));
    }
    println!("Installing Rust's {names}, which tidy needs.");
    let mut command = std::process::Command::new("rustup");
    command
        .args(["component", "add"])
        .args(&missing)
        .current_dir(crate::places::root());
    process::run(command, "see what rustup says above")
}

fn at_least(name: &str, needed: Version, said: Option<&str>, remedy: &str) -> Outcome {
    let Some(said) = said else {
        return Err(failure(
            format!("{name} was not found ({needed} or newer is needed)"),
            remedy,
        ));
    };
    match Version::first_in(said) {
        Some(version) if version >= needed => Ok(()),
        Some(version) => Err(failure(
            format!("{name} {version} is too old ({needed} or newer is needed)"),
            remedy,
        )),
        None => Err(failure(
            format!("{name} did not tell its version (it said `{}`)", said.trim()),
            remedy,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_old_tools_get_one_clear_line() {
        assert!(at_least("Node.js", NODE, Some("v20.19.0"), "upgrade").is_ok());
        let old = at_least("Node.js", NODE, Some("v18.20.4"), "upgrade")
            .unwrap_err()
            .to_string();
        assert_eq!(
            old,
            "Node.js 18.20 is too old (20.19 or newer is needed); upgrade"
        );
        let missing = at_least("Rust", RUST, None, "install it")
            .unwrap_err()
            .to_string();
        assert_eq!(
            missing,
            "Rust was not found (1.92 or newer is needed); install it"
        );
        assert!(at_least("Rust", RUST, Some("gibberish"), "look").is_err());
    }
}
