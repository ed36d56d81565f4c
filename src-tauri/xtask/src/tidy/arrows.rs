//! Arrows between crates run down only, and some libraries belong to one crate (docs/ARCHITECTURE.md, invariant 1).

use super::tree;
use crate::failure::Outcome;
use crate::process;

/// A crate of the house and what it may stand on.
struct Floor {
    name: &'static str,
    stands_on: &'static [&'static str],
}

/// The house as design and docs/ARCHITECTURE.md draw it, from the ground up. A new crate gets its line here.
const HOUSE: &[Floor] = &[
    Floor {
        name: "evidence",
        stands_on: &[],
    },
    Floor {
        name: "provider",
        stands_on: &["evidence"],
    },
    Floor {
        name: "harness",
        stands_on: &["provider", "evidence"],
    },
    Floor {
        name: "promptfoo",
        stands_on: &["harness", "provider", "evidence"],
    },
    Floor {
        name: "gateway",
        stands_on: &["provider", "evidence"],
    },
    Floor {
        name: "journey",
        stands_on: &["evidence"],
    },
    Floor {
        name: "portfolio",
        stands_on: &["evidence"],
    },
    Floor {
        name: "export",
        stands_on: &["portfolio", "evidence"],
    },
    // Knows the types of all that is kept, and never how it is set on paper.
    Floor {
        name: "store",
        stands_on: &[
            "harness",
            "gateway",
            "journey",
            "portfolio",
            "provider",
            "evidence",
        ],
    },
    Floor {
        name: "api",
        stands_on: &[
            "store",
            "export",
            "portfolio",
            "journey",
            "gateway",
            "promptfoo",
            "harness",
            "provider",
            "evidence",
        ],
    },
    Floor {
        name: "playbook-cli",
        stands_on: &["api"],
    },
    Floor {
        name: "playbook-app",
        stands_on: &["api"],
    },
    Floor {
        name: "xtask",
        stands_on: &[],
    },
];

/// The tests come in through the public doors; they may look at every floor but the window and this program.
const TESTS: &str = "playbook-tests";
const CLOSED_TO_TESTS: &[&str] = &["playbook-app", "playbook-cli", "xtask"];

/// Libraries that belong to one crate, by the first part of their name.
pub const OWNED: &[(&str, &str)] = &[
    ("tauri", "playbook-app"),
    ("rusqlite", "store"),
    ("reqwest", "provider"),
    ("typst", "export"),
];

/// What the command line may not carry along, anywhere in its tree.
const NOT_IN_COMMAND_LINE: &[&str] = &["tauri", "wry", "tao", "webkit"];

/// Objects to each arrow that runs up and each library outside its crate.
pub fn check() -> Outcome<Vec<String>> {
    let direct = process::capture(process::cargo([
        "tree",
        "--workspace",
        "--edges",
        "normal,build",
        "--depth",
        "1",
        "--prefix",
        "depth",
        "--no-dedupe",
        "--target",
        "all",
    ]))?;
    let command_line = process::capture(process::cargo([
        "tree",
        "--package",
        "playbook-cli",
        "--edges",
        "normal",
        "--prefix",
        "depth",
        "--target",
        "all",
    ]))?;
    let mut problems = wrong_arrows(&direct);
    problems.extend(windows_in_command_line(&command_line));
    Ok(problems)
}

fn wrong_arrows(direct: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut from = "";
    for line in tree::lines(direct) {
        if line.depth == 0 {
            from = line.name;
            if from != TESTS && !HOUSE.iter().any(|floor| floor.name == from) {
                problems.push(format!("crate {from} has no place in the house; give it a line in src-tauri/xtask/src/tidy/arrows.rs and in docs/ARCHITECTURE.md"));
            }
        } else if line.local {
            if !may_stand_on(from, line.name) {
                problems.push(format!("{from} -> {}: this arrow is not drawn in the house; move what {from} needs to a floor below both", line.name));
            }
        } else if let Some((_, owner)) = owned(line.name)
            && from != owner
            && from != TESTS
        {
            problems.push(format!(
                "{from} -> {}: only {owner} may depend on it; call it through {owner}",
                line.name
            ));
        }
    }
    problems
}

fn may_stand_on(from: &str, to: &str) -> bool {
    if from == TESTS {
        return !CLOSED_TO_TESTS.contains(&to);
    }
    // A crate without a place has been objected to already.
    HOUSE
        .iter()
        .find(|floor| floor.name == from)
        .is_none_or(|floor| floor.stands_on.contains(&to))
}

/// The entry of `OWNED` for a library: `tauri` and `tauri-build`, not `taurine`.
fn owned(library: &str) -> Option<(&'static str, &'static str)> {
    OWNED.iter().copied().find(|(name, _)| belongs_to(library, name))
}

fn belongs_to(library: &str, family: &str) -> bool {
    library
        .strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

fn windows_in_command_line(tree: &str) -> Vec<String> {
    let mut found: Vec<&str> = tree::lines(tree)
        .map(|line| line.name)
        .filter(|name| {
            NOT_IN_COMMAND_LINE.iter().any(|family| belongs_to(name, family)) || name.contains("webkit")
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
        .iter()
        .map(|name| {
            format!(
                "playbook-cli carries {name} along; `cargo tree -p playbook-cli -i {name}` shows through whom"
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_that_runs_up_is_named() {
        let tree = "0evidence v0.1.0 (/h/evidence)\n1serde v1.0.0\n1store v0.1.0 (/h/store)\n\n0store v0.1.0 (/h/store)\n1evidence v0.1.0 (/h/evidence)\n1export v0.1.0 (/h/export)\n1rusqlite v0.41.0\n";
        let problems = wrong_arrows(tree);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].starts_with("evidence -> store:"));
        assert!(problems[1].starts_with("store -> export:"));
    }

    #[test]
    fn a_library_outside_its_crate_is_named() {
        let tree = "0harness v0.1.0 (/h/harness)\n1reqwest v0.13.0\n1taurine v1.0.0\n\n0playbook-app v0.1.0 (/h)\n1tauri-build v2.0.0\n\n0playbook-tests v0.1.0 (/h/tests)\n1reqwest v0.13.0\n1playbook-app v0.1.0 (/h)\n";
        let problems = wrong_arrows(tree);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].starts_with("harness -> reqwest: only provider"));
        assert!(problems[1].starts_with("playbook-tests -> playbook-app:"));
    }

    #[test]
    fn a_crate_without_a_place_is_named_once() {
        let problems = wrong_arrows("0helper v0.1.0 (/h/helper)\n1store v0.1.0 (/h/store)\n");
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("crate helper has no place"));
    }

    #[test]
    fn the_house_has_no_arrow_up() {
        for (position, floor) in HOUSE.iter().enumerate() {
            for below in floor.stands_on {
                assert!(
                    HOUSE[..position].iter().any(|lower| lower.name == *below),
                    "{} -> {below}",
                    floor.name
                );
            }
        }
    }

    #[test]
    fn a_window_in_the_command_line_is_named() {
        let tree = "0playbook-cli v0.1.0 (/h/cli)\n1clap v4.0.0\n3javascriptcore-webkit-sys v1.0.0\n2wry v0.1.0\n2wry v0.1.0\n";
        assert_eq!(windows_in_command_line(tree).len(), 2);
    }
}
