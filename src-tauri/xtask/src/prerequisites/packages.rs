//! The packages of the user interface, exactly as its lock file says.

use crate::failure::{Outcome, failure};
use crate::{places, process};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Installs them when they are missing or when the lock file has changed since.
pub fn ensure() -> Outcome {
    let ui = places::ui();
    let Ok(lock) = std::fs::read(ui.join("package-lock.json")) else {
        return Err(failure(
            "ui/package-lock.json is missing",
            "run `git checkout ui/package-lock.json`, or `npm install` in ui/ and commit it",
        ));
    };
    let stamp_file = ui.join("node_modules").join(".xtask-stamp");
    let stamp = stamp(&lock);
    if std::fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        return Ok(());
    }
    println!("Installing the npm packages of ui/package-lock.json, which the window is built from.");
    process::run(
        process::npm(["ci", "--no-audit", "--no-fund"]),
        "see what npm says above, then run the command again",
    )?;
    std::fs::create_dir_all(ui.join("node_modules"))
        .and_then(|()| std::fs::write(&stamp_file, stamp))
        .map_err(|error| {
            failure(
                format!("{} could not be written ({error})", places::readable(&stamp_file)),
                "see that ui/ is yours to write to",
            )
        })
}

/// What tells one lock file from another.
fn stamp(lock: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    lock.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::stamp;

    #[test]
    fn another_lock_file_has_another_stamp() {
        assert_eq!(stamp(b"{}"), stamp(b"{}"));
        assert_ne!(stamp(b"{}"), stamp(b"{ }"));
    }
}
