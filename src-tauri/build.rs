//! Embeds the built window and its configuration.

fn main() {
    tauri_build::build();
}
