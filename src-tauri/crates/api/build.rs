//! Rebuilds when content is added: `include_dir!` alone notices changed files only.
#![allow(
    clippy::print_stdout,
    reason = "cargo reads a build script's instructions from its output"
)]

fn main() {
    println!("cargo::rerun-if-changed=../../../content");
    println!("cargo::rerun-if-changed=build.rs");
}
