//! `cargo xtask acceptance`: which rows of tests/acceptance.toml have a test, and whether each test holds what it says.

mod finder;
mod table;

use crate::arguments::Arguments;
use crate::failure::{Outcome, failure};
use crate::places;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use table::{Row, Test};

const TABLE: &str = "tests/acceptance.toml";
/// A test that carries more rows than this shows none of them well.
const MOST_ROWS_OF_A_TEST: usize = 5;

/// Prints coverage and the rows without a test.
pub fn command(words: Vec<String>) -> Outcome<ExitCode> {
    Arguments::new("acceptance", words).finish()?;
    let rows = read()?;
    let without: Vec<&Row> = rows.iter().filter(|row| row.tests.is_empty()).collect();
    println!("Rows without a test:");
    for row in &without {
        println!("  {:<5} {}", row.id, row.text);
    }
    println!(
        "\n{} of {} rows have a test, {} have none.",
        rows.len() - without.len(),
        rows.len(),
        without.len()
    );
    let problems = objections(&rows, &places::root());
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => Ok(ExitCode::SUCCESS),
        count => Err(failure(
            format!("{TABLE} claims what does not hold ({count} times)"),
            "each is named above with its remedy",
        )),
    }
}

/// What does not hold, one line each.
pub fn problems() -> Outcome<Vec<String>> {
    Ok(objections(&read()?, &places::root()))
}

fn read() -> Outcome<Vec<Row>> {
    let text = std::fs::read_to_string(places::root().join(TABLE)).map_err(|error| {
        failure(
            format!("{TABLE} could not be read ({error})"),
            "run `git checkout` on it",
        )
    })?;
    table::parse(&text).map_err(|problem| {
        failure(
            format!("{TABLE}:{problem}"),
            "mend the line; the head of the file shows the form",
        )
    })
}

fn objections(rows: &[Row], root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let mut carried: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for row in rows {
        for test in &row.tests {
            match look_up(row, test, root) {
                Err(problem) => problems.push(format!("{TABLE}:{}: {problem}", test.line)),
                Ok(path) => {
                    let rows = carried
                        .entry(format!("{}::{}", places::readable(&path), test.name))
                        .or_default();
                    rows.push(&row.id);
                }
            }
        }
    }
    for (test, rows) in carried
        .iter()
        .filter(|(_, rows)| rows.len() > MOST_ROWS_OF_A_TEST)
    {
        problems.push(format!(
            "{test} carries {} rows ({}); give it at most {MOST_ROWS_OF_A_TEST} and write tests for the others",
            rows.len(),
            rows.join(", ")
        ));
    }
    problems
}

/// Where the named test is, if it is there and names its row.
fn look_up(row: &Row, test: &Test, root: &Path) -> Result<PathBuf, String> {
    let Some(path) = [root.join("tests").join(&test.file), root.join(&test.file)]
        .into_iter()
        .find(|path| path.is_file())
    else {
        return Err(format!(
            "{}: there is no file tests/{} or {}; name the file that holds the test",
            row.id, test.file, test.file
        ));
    };
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("{}: {} could not be read ({error})", row.id, test.file))?;
    let rust = path.extension().is_some_and(|ending| ending == "rs");
    let found = if rust {
        finder::rust(&text, &test.name)
    } else {
        finder::script(&text, &test.name)
    };
    match found {
        None => Err(format!(
            "{}: {} has no test `{}`; write it or name one that is there",
            row.id, test.file, test.name
        )),
        Some(found) if !finder::names_row(found, &row.id) => Err(format!(
            "{0}: the test `{1}` in {2} does not name {0}; say in its comment that it shows {0}",
            row.id, test.name, test.file
        )),
        Some(_) => Ok(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn with(name: &str, file: &str, text: &str) -> Self {
            let root = std::env::temp_dir().join(format!("xtask-acceptance-{name}-{}", std::process::id()));
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
            Self(root)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn row(id: &str, tests: &[(&str, &str)]) -> Row {
        let tests = tests
            .iter()
            .map(|(file, name)| Test {
                file: (*file).to_owned(),
                name: (*name).to_owned(),
                line: 3,
            })
            .collect();
        Row {
            id: id.to_owned(),
            text: "something".to_owned(),
            reader: None,
            tests,
        }
    }

    #[test]
    fn what_does_not_hold_is_named_with_its_line() {
        let folder = Folder::with(
            "holds",
            "tests/cli/eval.rs",
            "/// Shows R4.\n#[test]\nfn one() {}\n\nfn no_test() {}\n",
        );
        let holds = [row("R4", &[("cli/eval.rs", "one")])];
        assert_eq!(objections(&holds, &folder.0), Vec::<String>::new());

        let rows = [
            row("R5", &[("cli/eval.rs", "one")]),
            row("R4", &[("cli/eval.rs", "two")]),
            row("R4", &[("cli/none.rs", "one")]),
            row("R4", &[("cli/eval.rs", "no_test")]),
        ];
        let problems = objections(&rows, &folder.0);
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(problems[0].starts_with("tests/acceptance.toml:3: R5: the test `one`"));
        assert!(problems[1].contains("has no test `two`"));
        assert!(problems[2].contains("there is no file tests/cli/none.rs"));
        assert!(problems[3].contains("has no test `no_test`"));
    }

    #[test]
    fn no_test_carries_more_than_five_rows() {
        let folder = Folder::with(
            "carries",
            "ui/tests/all.test.ts",
            "// R1 R2 R3 R4 R5 R6\nit(\"does all\", () => {});\n",
        );
        let test = ("ui/tests/all.test.ts", "does all");
        let rows: Vec<Row> = (1..=6)
            .map(|number| row(&format!("R{number}"), &[test]))
            .collect();
        assert_eq!(objections(&rows[..5], &folder.0).len(), 0);
        let problems = objections(&rows, &folder.0);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("carries 6 rows (R1, R2, R3, R4, R5, R6)"));
    }

    #[test]
    fn the_table_of_this_project_reads() {
        let rows = read().unwrap();
        assert_eq!(rows.len(), 219 + 12 + 15 + 10);
    }
}
