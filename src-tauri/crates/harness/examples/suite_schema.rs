//! Prints the JSON Schema of a suite file, from which editors complete it (`cargo xtask bindings` keeps it in
//! `docs/suite.schema.json`).

use harness::suite::file::SuiteFile;
use schemars::generate::SchemaSettings;
use std::{error::Error, io::Write as _};

fn main() -> Result<(), Box<dyn Error>> {
    let schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<SuiteFile>();
    let text = serde_json::to_string_pretty(&schema)?;
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}
