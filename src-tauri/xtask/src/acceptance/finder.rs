//! Finding a test in the text of its file, together with what is said about it.

/// What a script calls to state a test: vitest's two words, and the component runner's `check(title, holds)`.
const TEST_CALLS: [&str; 3] = ["it", "test", "check"];

/// The text of a Rust test: from its comment and attributes to the next function. None when there is no such test.
pub fn rust<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let name = name.rsplit("::").next()?;
    let lines: Vec<(usize, &str)> = with_offsets(text);
    let functions: Vec<usize> = (0..lines.len())
        .filter(|index| function_name(lines[*index].1).is_some())
        .collect();
    for (position, &index) in functions.iter().enumerate() {
        if function_name(lines[index].1) != Some(name) {
            continue;
        }
        let first = head_of(&lines, index, 0);
        let is_test = lines[first..index].iter().any(|(_, line)| {
            let line = line.trim_start();
            line.starts_with("#[") && line.contains("test") && !line.starts_with("#[cfg")
        });
        if !is_test {
            continue;
        }
        let end = functions
            .get(position + 1)
            .map_or(text.len(), |&next| lines[head_of(&lines, next, index + 1)].0);
        return Some(&text[lines[first].0..end]);
    }
    None
}

/// The text of a TypeScript test: from its comment to the next test. None when there is no such test, or it is skipped.
pub fn script<'a>(text: &'a str, title: &str) -> Option<&'a str> {
    let lines = with_offsets(text);
    let (call, after) = ['"', '\'', '`']
        .iter()
        .flat_map(|quote| {
            text.match_indices(&format!("{quote}{title}{quote}"))
                .map(|(at, found)| (at, at + found.len()))
                .collect::<Vec<_>>()
        })
        .find_map(|(at, after)| Some((test_call_before(&text[..at])?, after)))?;
    let index = lines.iter().rposition(|(offset, _)| *offset <= call)?;
    let first = head_of(&lines, index, 0);
    let next = lines
        .iter()
        .position(|(offset, line)| *offset > after && starts_test(line));
    let end = next.map_or(text.len(), |next| lines[head_of(&lines, next, index + 1)].0);
    Some(&text[lines[first].0..end])
}

/// Whether the text names the row: `R4`, not `R41`; in a name also `r4`.
pub fn names_row(text: &str, row: &str) -> bool {
    let text = text.to_lowercase();
    let row = row.to_lowercase();
    text.match_indices(&row).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + row.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// The lines of a text with where each begins.
fn with_offsets(text: &str) -> Vec<(usize, &str)> {
    let mut offset = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let here = offset;
            offset += line.len();
            (here, line.trim_end())
        })
        .collect()
}

/// The first line of the comments and attributes that stand directly above a line.
fn head_of(lines: &[(usize, &str)], index: usize, lowest: usize) -> usize {
    let belongs = |line: &str| {
        let line = line.trim_start();
        line.starts_with("//")
            || line.starts_with("#[")
            || line.starts_with("/*")
            || line.starts_with('*')
            || line == ")]"
    };
    (lowest..index)
        .rev()
        .take_while(|above| belongs(lines[*above].1))
        .last()
        .unwrap_or(index)
}

/// The name of the function that begins on this line.
fn function_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    for word in ["pub(crate) ", "pub ", "const ", "async ", "unsafe "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let rest = rest.strip_prefix("fn ")?.trim_start();
    let end = rest.find(|character: char| !character.is_alphanumeric() && character != '_')?;
    Some(&rest[..end])
}

/// Where the call begins, if this text ends with the opening of a test: `it(`, `test(`, `it.each(rows)(` are, `it.skip(` is not.
fn test_call_before(text: &str) -> Option<usize> {
    let mut head = text.trim_end().strip_suffix('(')?.trim_end();
    // `it.each([...])("title"`: step over the table.
    if head.ends_with(')') {
        let mut depth = 0_usize;
        let open = head.char_indices().rev().find_map(|(at, character)| {
            match character {
                ')' => depth += 1,
                '(' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(at)
        })?;
        head = &head[..open];
    }
    let start = head
        .char_indices()
        .rev()
        .take_while(|(_, character)| character.is_alphanumeric() || matches!(character, '.' | '_' | '$'))
        .last()?
        .0;
    is_test(&head[start..]).then_some(start)
}

fn is_test(call: &str) -> bool {
    let mut parts = call.split('.');
    parts.next().is_some_and(|word| TEST_CALLS.contains(&word))
        && !parts.any(|part| matches!(part, "skip" | "todo" | "fails" | "describe" | "step"))
}

fn starts_test(line: &str) -> bool {
    let line = line.trim_start();
    let end = line
        .find(|character: char| !character.is_alphanumeric() && character != '.')
        .unwrap_or(line.len());
    line[end..].starts_with('(')
        && line[..end]
            .split('.')
            .next()
            .is_some_and(|word| TEST_CALLS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = "\
use x;

/// Shows R1.
#[test]
fn first() {
    // Says R2 within.
}

/// About R3.
#[tokio::test(flavor = \"multi_thread\")]
async fn second_r4() -> Result<(), Error> {
    let fn_like = 1;
}

/// Only a helper, about R5.
fn helper() {}

#[cfg(test)]
mod inner {
    /// R6.
    #[test]
    #[ignore = \"long\"]
    fn third() {}
}
";

    #[test]
    fn a_rust_test_reaches_from_its_comment_to_the_next_function() {
        let first = rust(RUST, "first").unwrap();
        assert!(
            first.starts_with("/// Shows R1.") && first.contains("R2") && !first.contains("R3"),
            "{first}"
        );
        let second = rust(RUST, "second_r4").unwrap();
        assert!(
            second.starts_with("/// About R3.") && !second.contains("R5"),
            "{second}"
        );
        assert!(rust(RUST, "inner::third").unwrap().starts_with("    /// R6."));
        assert_eq!(
            rust(RUST, "helper"),
            None,
            "a function without a test attribute is no test"
        );
        assert_eq!(rust(RUST, "seco"), None);
    }

    #[test]
    fn a_row_is_named_whole() {
        assert!(names_row("/// Shows R4 and R41.", "R4"));
        assert!(names_row("fn shows_r4_first() {}", "R4"));
        assert!(names_row("(R4)", "R4"));
        assert!(!names_row("/// Shows R41.", "R4"));
        assert!(!names_row("fn over4()", "R4"));
    }

    const SCRIPT: &str = "\
import { it } from 'vitest';

describe(\"rows\", () => {
  // Shows R1.
  it(\"opens a case\", () => {
    expect(\"opens a case\"); // R2
  });

  /** R3. */
  test.each([[1], [2]])(
    'counts %i',
    () => {},
  );

  // R7.
  check('names its run', shown === 'run 3');

  it.skip(\"later\", () => {});
  expect(\"no test\");
});
";

    #[test]
    fn a_script_test_is_found_by_its_title() {
        let opens = script(SCRIPT, "opens a case").unwrap();
        assert!(
            opens.trim_start().starts_with("// Shows R1.") && opens.contains("R2") && !opens.contains("R3"),
            "{opens}"
        );
        assert!(script(SCRIPT, "counts %i").unwrap().contains("R3"));
        assert!(script(SCRIPT, "names its run").unwrap().contains("R7"));
        assert_eq!(script(SCRIPT, "later"), None, "a skipped test shows nothing");
        assert_eq!(script(SCRIPT, "no test"), None);
        assert_eq!(script(SCRIPT, "rows"), None);
    }
}
