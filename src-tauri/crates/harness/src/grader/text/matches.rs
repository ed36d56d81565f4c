use crate::grader::{
    Graded,
    expected::Expected,
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};

grader_file! {
    /// Exactly one of `pattern` and `expected`.
    RegexFile {
        /// The regular expression (Rust syntax; `(?i)` ignores case).
        #[serde(default)]
        pattern: Option<String>,
        /// Field of the case that holds the expression.
        #[serde(default)]
        expected: Option<String>,
    }
}

#[derive(Debug)]
struct Matches {
    expected: Expected,
    compiled: Option<regex::Regex>,
}

/// A pattern that compiles to more than this is refused rather than left to eat memory.
const LARGEST_PATTERN_BYTES: usize = 1 << 20;

/// Compiles an expression; the message says what is wrong with it.
pub(in crate::grader) fn compile(pattern: &str) -> Result<regex::Regex, String> {
    regex::RegexBuilder::new(pattern)
        .size_limit(LARGEST_PATTERN_BYTES)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            let last = text
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            format!("`{pattern}` is not a regular expression: {last}")
        })
}

impl Entry for RegexFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        let expected = Expected::one_of(
            self.expected.as_ref(),
            self.pattern.as_ref(),
            ("expected", "pattern"),
        )?;
        let compiled = match &expected {
            Expected::Literal(pattern) => Some(compile(pattern)?),
            Expected::Field(_) => None,
        };
        Ready::now(Matches { expected, compiled })
    }
}

impl Rule for Matches {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let expression = match (&self.compiled, &self.expected) {
            (Some(compiled), _) => compiled.clone(),
            (None, Expected::Field(field)) => match compile(&graded.case.text(field)?) {
                Ok(compiled) => compiled,
                Err(message) => return Some(Mark::plain(false, message)),
            },
            (None, Expected::Literal(_)) => return None,
        };
        Some(match expression.find(&graded.answer.text) {
            Some(found) => Mark::plain(true, format!("“{}” matches", found.as_str())),
            None => Mark::plain(false, format!("nothing matches {expression}")),
        })
    }

    fn fields(&self) -> Vec<&str> {
        self.expected.fields()
    }
}
