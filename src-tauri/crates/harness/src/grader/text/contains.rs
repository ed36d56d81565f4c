use crate::grader::{
    Graded,
    expected::Expected,
    file::grader_file,
    mark::Mark,
    rule::{Entry, Folder, Ready, Rule},
};

grader_file! {
    /// Exactly one of `expected` and `value`.
    ContainsFile {
        /// Field of the case that holds the text, or a list of texts. Cases without it are not graded.
        #[serde(default)]
        expected: Option<String>,
        /// The text itself, the same for all cases.
        #[serde(default)]
        value: Option<String>,
        /// Compare without regard to case. Default false.
        #[serde(default)]
        ignore_case: bool,
        /// With a list: one found text is enough. Default false, all must be found.
        #[serde(default)]
        any: bool,
    }
}

#[derive(Debug)]
struct Contains {
    expected: Expected,
    ignore_case: bool,
    any: bool,
}

impl Entry for ContainsFile {
    fn build(&self, _: &mut Folder<'_>) -> Result<Ready, String> {
        Ready::now(Contains {
            expected: Expected::text(self.expected.as_ref(), self.value.as_ref())?,
            ignore_case: self.ignore_case,
            any: self.any,
        })
    }
}

impl Contains {
    fn fold(&self, text: &str) -> String {
        if self.ignore_case {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    }
}

impl Rule for Contains {
    fn mark(&self, graded: &Graded<'_>) -> Option<Mark> {
        let wanted = self.expected.texts(graded.case)?;
        let answer = self.fold(&graded.answer.text);
        let missing: Vec<&String> = wanted
            .iter()
            .filter(|text| !answer.contains(&self.fold(text)))
            .collect();
        let found = wanted.len() - missing.len();
        let passed = if self.any {
            found > 0 || wanted.is_empty()
        } else {
            missing.is_empty()
        };
        let reason = match missing.first() {
            None => format!("the answer says “{}”", wanted.join("”, “")),
            Some(first) => format!("the answer does not say “{first}”"),
        };
        let score = if wanted.is_empty() || (self.any && passed) {
            1.0
        } else {
            found as f64 / wanted.len() as f64
        };
        Some(Mark::new(passed, score, reason))
    }

    fn fields(&self) -> Vec<&str> {
        self.expected.fields()
    }
}
