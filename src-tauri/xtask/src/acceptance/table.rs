//! Reading tests/acceptance.toml: exactly the part of TOML that it uses.

use std::collections::HashMap;
use std::str::Chars;

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// `R33`, `N5`, `H2`, `G8`.
    pub id: String,
    /// What the row is about, in few words.
    pub text: String,
    /// What reads the record, where the row records something.
    pub reader: Option<String>,
    /// The tests that show it.
    pub tests: Vec<Test>,
}

/// A test by file and name.
#[derive(Debug, PartialEq, Eq)]
pub struct Test {
    /// Its file below `tests/` or the root.
    pub file: String,
    /// Its function, or its title in TypeScript.
    pub name: String,
    /// Where the table names it.
    pub line: usize,
}

/// All rows, or `LINE: what is wrong`.
pub fn parse(text: &str) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let mut current: Option<Fields> = None;
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    while let Some((number, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line == "[[row]]" {
            rows.extend(current.take().map(Fields::finish).transpose()?);
            current = Some(Fields {
                line: number,
                ..Fields::default()
            });
            continue;
        }
        let (key, value) = line
            .split_once('=')
            .ok_or_else(|| format!("{number}: expected `[[row]]` or `key = value`"))?;
        let fields = current
            .as_mut()
            .ok_or_else(|| format!("{number}: expected `[[row]]` before the first key"))?;
        let (key, value) = (key.trim(), value.trim());
        match key {
            "id" => set(&mut fields.id, one_string(value, number)?, key, number)?,
            "text" => set(&mut fields.text, one_string(value, number)?, key, number)?,
            "reader" => set(&mut fields.reader, one_string(value, number)?, key, number)?,
            "tests" => {
                let mut strings = Strings::open(value, number)?;
                while !strings.closed {
                    let (number, line) = lines
                        .next()
                        .ok_or_else(|| format!("{number}: the list of tests is not closed with `]`"))?;
                    strings.take(line, number)?;
                }
                let tests = strings.found.into_iter().map(test).collect::<Result<_, _>>()?;
                set(&mut fields.tests, tests, key, number)?;
            }
            unknown => {
                return Err(format!(
                    "{number}: there is no key `{unknown}`; the keys are id, text, reader, tests"
                ));
            }
        }
    }
    rows.extend(current.map(Fields::finish).transpose()?);
    unique(rows)
}

#[derive(Default)]
struct Fields {
    line: usize,
    id: Option<String>,
    text: Option<String>,
    reader: Option<String>,
    tests: Option<Vec<Test>>,
}

impl Fields {
    fn finish(self) -> Result<(usize, Row), String> {
        let line = self.line;
        let lacks = |key: &str| format!("{line}: this row lacks `{key}`");
        let id = self.id.ok_or_else(|| lacks("id"))?;
        let number = id.strip_prefix(['R', 'N', 'H', 'G']);
        if !number.is_some_and(|number| number.parse::<u32>().is_ok_and(|number| number > 0)) {
            return Err(format!(
                "{line}: `{id}` is no row; a row is R, N, H or G with its number"
            ));
        }
        let text = self
            .text
            .filter(|text| !text.is_empty())
            .ok_or_else(|| lacks("text"))?;
        let tests = self.tests.ok_or_else(|| lacks("tests"))?;
        Ok((
            line,
            Row {
                id,
                text,
                reader: self.reader,
                tests,
            },
        ))
    }
}

fn set<T>(place: &mut Option<T>, value: T, key: &str, line: usize) -> Result<(), String> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{line}: `{key}` is given twice for this row")),
    }
}

fn unique(rows: Vec<(usize, Row)>) -> Result<Vec<Row>, String> {
    let mut seen = HashMap::new();
    for (line, row) in &rows {
        if let Some(earlier) = seen.insert(row.id.clone(), *line) {
            return Err(format!("{line}: {} is there already, in line {earlier}", row.id));
        }
    }
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

fn test((line, text): (usize, String)) -> Result<Test, String> {
    match text.split_once("::") {
        Some((file, name)) if !file.is_empty() && !name.is_empty() => Ok(Test {
            file: file.to_owned(),
            name: name.to_owned(),
            line,
        }),
        _ => Err(format!(
            "{line}: expected a test as \"file::name\", found \"{text}\""
        )),
    }
}

fn one_string(value: &str, line: usize) -> Result<String, String> {
    let mut characters = value.chars();
    if characters.next() != Some('"') {
        return Err(format!("{line}: expected a string in double quotes"));
    }
    let text = string(&mut characters, line)?;
    let rest = characters.as_str().trim();
    if rest.is_empty() || rest.starts_with('#') {
        Ok(text)
    } else {
        Err(format!("{line}: nothing may follow the string, found `{rest}`"))
    }
}

/// The rest of a string after its opening quote.
fn string(characters: &mut Chars<'_>, line: usize) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match characters.next() {
            None => return Err(format!("{line}: the string is not closed with `\"`")),
            Some('"') => return Ok(text),
            Some('\\') => match characters.next() {
                Some(escaped @ ('"' | '\\')) => text.push(escaped),
                _ => return Err(format!("{line}: after `\\` only `\"` or `\\` may stand")),
            },
            Some(other) => text.push(other),
        }
    }
}

/// A list of strings that may run over several lines.
struct Strings {
    found: Vec<(usize, String)>,
    closed: bool,
    comma_needed: bool,
}

impl Strings {
    fn open(value: &str, line: usize) -> Result<Self, String> {
        let rest = value
            .strip_prefix('[')
            .ok_or_else(|| format!("{line}: expected a list in brackets"))?;
        let mut strings = Self {
            found: Vec::new(),
            closed: false,
            comma_needed: false,
        };
        strings.take(rest, line)?;
        Ok(strings)
    }

    fn take(&mut self, text: &str, line: usize) -> Result<(), String> {
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match character {
                '#' => return Ok(()),
                space if space.is_whitespace() => {}
                other if self.closed => {
                    return Err(format!("{line}: nothing may follow the list, found `{other}`"));
                }
                ']' => self.closed = true,
                ',' if self.comma_needed => self.comma_needed = false,
                '"' if !self.comma_needed => {
                    self.found.push((line, string(&mut characters, line)?));
                    self.comma_needed = true;
                }
                other => return Err(format!("{line}: unexpected `{other}` in the list")),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
# A comment.
[[row]]
id = "R33"
text = "score \"instruction\" design" # why
reader = "Today"
tests = [
  "cli/eval.rs::name", # a comment
  "ui/tests/x.test.ts::says \"why\": a::b",
]

[[row]]
id = "N5"
text = "asks first"
tests = []
"#;

    #[test]
    fn reads_rows_and_their_tests() {
        let rows = parse(GOOD).unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(
            (rows[0].id.as_str(), rows[0].text.as_str()),
            ("R33", "score \"instruction\" design")
        );
        assert_eq!(rows[0].reader.as_deref(), Some("Today"));
        assert_eq!(
            rows[0].tests[0],
            Test {
                file: "cli/eval.rs".into(),
                name: "name".into(),
                line: 8
            }
        );
        assert_eq!(rows[0].tests[1].name, "says \"why\": a::b");
        assert_eq!(rows[1].tests, []);
        assert_eq!(
            parse("[[row]]\nid=\"R1\"\ntext=\"t\"\ntests=[\"a.rs::b\"]").unwrap()[0]
                .tests
                .len(),
            1
        );
    }

    #[test]
    fn a_mistake_is_named_by_its_line() {
        let wrong = [
            ("id = \"R1\"", "1: expected `[[row]]` before"),
            ("[[row]]\nid = R1", "2: expected a string"),
            ("[[row]]\nid = \"R1", "2: the string is not closed"),
            ("[[row]]\nid = \"R1\" x", "2: nothing may follow the string"),
            (
                "[[row]]\nid = \"X1\"\ntext = \"t\"\ntests = []",
                "1: `X1` is no row",
            ),
            ("[[row]]\nid = \"R1\"\ntests = []", "1: this row lacks `text`"),
            ("[[row]]\nid = \"R1\"\ntext = \"t\"", "1: this row lacks `tests`"),
            ("[[row]]\nid = \"R1\"\nid = \"R2\"", "3: `id` is given twice"),
            ("[[row]]\ntests = [\"a\"]", "2: expected a test as"),
            ("[[row]]\ntests = [\n\"a::b\" \"c::d\"]", "3: unexpected `\"`"),
            (
                "[[row]]\ntests = [\n\"a::b\",",
                "2: the list of tests is not closed",
            ),
            ("[[row]]\nnote = \"x\"", "2: there is no key `note`"),
            ("[[row]]\nwhat", "2: expected `[[row]]` or"),
            (
                "[[row]]\nid=\"R1\"\ntext=\"t\"\ntests=[]\n[[row]]\nid=\"R1\"\ntext=\"t\"\ntests=[]",
                "5: R1 is there already, in line 1",
            ),
        ];
        for (text, said) in wrong {
            let problem = parse(text).unwrap_err();
            assert!(
                problem.starts_with(said),
                "{text:?} gave {problem:?}, not {said:?}"
            );
        }
    }
}
