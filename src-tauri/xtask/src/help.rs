//! `cargo xtask help`.

use crate::failure::Outcome;
use std::process::ExitCode;

const TEXT: &str = "\
The project's own commands:

  cargo xtask run [--release] [-- ARGUMENTS]
      Installs what is missing, builds, and opens the app. Where there is no display it does the same main job on the
      starter project through the command line and prints where the report lies.
  cargo xtask test [--full] [--skip-e2e] [--only STEP]
      Installs what is missing and runs every test. --full adds the long tier (PLAYBOOK_FULL=1, ignored tests).
  cargo xtask tidy [--fix]
      Format, lints, and the invariants of docs/ARCHITECTURE.md. --fix formats and regenerates first.
  cargo xtask bindings
      Writes the TypeScript types and the suite schema from the Rust types.
  cargo xtask acceptance
      Which rows of tests/acceptance.toml have a test; fails where a named test does not hold what it says.
  cargo xtask bench [ARGUMENTS]
      Builds for release and measures the numbers of the design, side by side with a bare loop.
  cargo xtask prices FILE --format litellm|genai-prices [--checked YYYY-MM-DD] [--out FILE]
      Reads the price table of another project and prints its prices as rows for content/prices/.
  cargo xtask help
      This text.
";

/// Prints what there is.
pub fn command() -> Outcome<ExitCode> {
    print!("{TEXT}");
    Ok(ExitCode::SUCCESS)
}
