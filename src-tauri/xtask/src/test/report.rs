//! The table at the end of `cargo xtask test`.

use crate::tally::Tally;
use std::time::Duration;

/// One line of the table.
pub struct Row {
    name: &'static str,
    result: &'static str,
    time: Option<Duration>,
    tests: Tally,
}

impl Row {
    /// A step that ran.
    pub fn ran(name: &'static str, passed: bool, time: Duration, tests: Tally) -> Self {
        Self {
            name,
            result: if passed { "ok" } else { "FAILED" },
            time: Some(time),
            tests,
        }
    }

    /// A step that was not asked for.
    pub fn skipped(name: &'static str) -> Self {
        Self {
            name,
            result: "skipped",
            time: None,
            tests: Tally::default(),
        }
    }

    /// A step that an earlier failure kept from running.
    pub fn not_run(name: &'static str) -> Self {
        Self {
            name,
            result: "not run",
            time: None,
            tests: Tally::default(),
        }
    }
}

/// Prints the table.
pub fn print(rows: &[Row], whole: Duration) {
    println!(
        "\n{:<15} {:<8} {:>9} {:>8} {:>8}",
        "step", "result", "time", "passed", "failed"
    );
    for row in rows {
        let counted = row.tests != Tally::default();
        let number = |number: u64| {
            if counted {
                number.to_string()
            } else {
                String::new()
            }
        };
        let line = format!(
            "{:<15} {:<8} {:>9} {:>8} {:>8}",
            row.name,
            row.result,
            row.time.map_or_else(String::new, seconds),
            number(row.tests.passed),
            number(row.tests.failed)
        );
        println!("{}", line.trim_end());
    }
    println!("{:<15} {:<8} {:>9}\n", "all", "", seconds(whole));
}

/// Prints the sum over all runners, unless it would hide that something other than a test failed.
pub fn print_sum(rows: &[Row], failed: bool) {
    let sum = rows.iter().fold(Tally::default(), |sum, row| sum + row.tests);
    if !failed || sum.failed > 0 {
        println!("{} passed, {} failed", sum.passed, sum.failed);
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
