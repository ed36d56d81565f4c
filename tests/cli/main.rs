//! The contract of the `playbook` command, through the built binary: what it takes, prints, writes and returns.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod contract;
mod criteria;
mod hostile_files;
mod large;
mod mistakes;
mod own_projects;
mod process_faults;
mod promptfoo;
mod provider_faults;
mod repeats;
mod settings;
mod shards;
#[cfg(target_os = "linux")]
mod slurm;
mod starter;
mod stop_early;
mod streams;
mod supervision;
mod targets;
mod variants;
