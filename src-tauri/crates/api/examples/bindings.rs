//! Writes the TypeScript types of the boundary into the folder named as the argument (`cargo xtask bindings`).

use std::{collections::BTreeSet, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write into")?);
    fs::create_dir_all(&folder)?;
    let config = ts_rs::Config::new()
        .with_out_dir(&folder)
        .with_large_int("number");
    api::command::export_types(&config)?;
    let (commands, names) = api::command::typescript(&config);
    let imports: BTreeSet<String> = names.into_iter().collect();
    let imports: Vec<String> = imports
        .iter()
        .map(|name| format!("import type {{ {name} }} from \"./{name}\";"))
        .collect();
    let text = format!(
        "// Generated from Rust by `cargo xtask bindings`. Do not edit.\n{}\n\nexport type Commands = {{\n{commands}\n}};\n",
        imports.join("\n")
    );
    fs::write(folder.join("Commands.ts"), text)?;
    Ok(())
}
