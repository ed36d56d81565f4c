//! Counting tests from the summary lines of their runners.

use std::ops::Add;

/// Tests that were run.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// How many passed.
    pub passed: u64,
    /// How many failed, timed out or could not be started.
    pub failed: u64,
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
        }
    }
}

/// What a line says, if it is the summary of a runner: cargo test, nextest, vitest, Playwright, node's own or the component tests'.
pub fn of_line(line: &str) -> Tally {
    let line = without_colour(line);
    let line = line.trim();
    let words: Vec<&str> = line.split_whitespace().collect();
    let summary = line.starts_with("test result: ")
        || (line.starts_with("Summary [") && (line.contains(" tests run:") || line.contains(" test run:")))
        || (words.first() == Some(&"Tests") && line.ends_with(')'));
    if summary {
        return pairs(&words);
    }
    match words.as_slice() {
        // Playwright: `5 passed (3.2s)`, `1 failed`.
        [_, "passed", time] if time.starts_with('(') && time.ends_with("s)") => pairs(&words),
        [_, "failed"] => pairs(&words),
        // The component runner: `31 passed, 0 failed`.
        [_, "passed,", _, "failed"] => pairs(&words),
        // node --test: `# pass 5`, `# fail 1`.
        ["#" | "ℹ", "pass", number] => Tally {
            passed: number.parse().unwrap_or(0),
            failed: 0,
        },
        ["#" | "ℹ", "fail", number] => Tally {
            passed: 0,
            failed: number.parse().unwrap_or(0),
        },
        _ => Tally::default(),
    }
}

/// Sums `N passed`, `N failed`, `N timed out` and `N exec failed`.
fn pairs(words: &[&str]) -> Tally {
    let mut tally = Tally::default();
    for pair in words.windows(2) {
        let Ok(number) = pair[0].parse::<u64>() else {
            continue;
        };
        match pair[1].trim_end_matches([',', ';']) {
            "passed" => tally.passed += number,
            "failed" | "timed" | "exec" => tally.failed += number,
            _ => {}
        }
    }
    tally
}

/// The text without terminal colour sequences.
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            for skipped in characters.by_ref() {
                if skipped.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64) -> Tally {
        Tally { passed, failed }
    }

    #[test]
    fn reads_the_summary_of_each_runner() {
        assert_eq!(
            of_line("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out"),
            tally(3, 0)
        );
        assert_eq!(
            of_line("test result: FAILED. 3 passed; 2 failed; 0 ignored;"),
            tally(3, 2)
        );
        assert_eq!(
            of_line("     Summary [   0.012s] 3 tests run: 3 passed, 1 skipped"),
            tally(3, 0)
        );
        assert_eq!(
            of_line(
                "     Summary [   9.1s] 9/12 tests run: 5 passed (1 slow, 1 flaky), 2 failed, 1 timed out, 1 exec failed, 0 skipped"
            ),
            tally(5, 4)
        );
        assert_eq!(
            of_line(
                "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m1 failed\u{1b}[39m\u{1b}[22m | \u{1b}[32m4 passed\u{1b}[39m (5)"
            ),
            tally(4, 1)
        );
        assert_eq!(of_line(" Test Files  2 passed (2)"), tally(0, 0));
        assert_eq!(of_line("  5 passed (3.2s)"), tally(5, 0));
        assert_eq!(of_line("  1 failed"), tally(0, 1));
        assert_eq!(of_line("31 passed, 2 failed"), tally(31, 2));
        assert_eq!(of_line("# pass 7"), tally(7, 0));
        assert_eq!(of_line("ℹ fail 2"), tally(0, 2));
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in [
            "",
            "running 3 tests",
            "test cases::a ... ok",
            "100 cases, 83 passed",
            "gate failed",
        ] {
            assert_eq!(of_line(line), tally(0, 0), "{line}");
        }
    }
}
