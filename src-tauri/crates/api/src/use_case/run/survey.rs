//! The look through a dataset that comes before a run, a resume and a check: what cannot be right is named all at once, and
//! nothing is started.

use super::super::imported::SuiteRead;
use crate::Error;
use harness::{
    BadRows, Case, DatasetSummary, Suite, grader::Grader, near, suite::TargetSpec, target::check_case,
};

/// Names of fields that are kept to be named.
const NAMED: usize = 40;
/// Fields that every case has, which graders do not read.
const OWN_FIELDS: [&str; 2] = ["id", "category"];

/// Which fields cases have, and which fields graders read that no case has had so far.
pub(super) struct Fields<'a> {
    suite: &'a Suite,
    unread: Vec<(&'a Grader, &'a str)>,
    known: Vec<String>,
    any: bool,
}

impl<'a> Fields<'a> {
    pub(super) fn new(suite: &'a Suite) -> Self {
        let unread = suite
            .graders
            .iter()
            .flat_map(|grader| grader.fields().into_iter().map(move |field| (grader, field)));
        Self {
            suite,
            unread: unread.collect(),
            known: Vec::new(),
            any: false,
        }
    }

    pub(super) fn see(&mut self, case: &Case) {
        self.any = true;
        self.unread.retain(|(_, field)| !case.fields.contains_key(*field));
        for name in case.fields.keys() {
            if self.known.len() < NAMED && !self.known.contains(name) {
                self.known.push(name.clone());
            }
        }
    }

    /// Graders that would grade nothing, since no case has what they read: their part of the gate would pass by silence.
    fn mistakes(&self) -> Vec<String> {
        let decided = self.unread.iter().filter(|(grader, _)| !waits_for_a_mark(grader));
        decided
            .filter(|_| self.any)
            .map(|(grader, field)| {
                format!(
                    "{}: {}; {}",
                    self.suite.path.display(),
                    unread(grader, field),
                    self.meant(field)
                )
            })
            .collect()
    }

    /// What does not keep the run from starting, and is probably a slip.
    fn warnings(&self) -> Vec<String> {
        self.unread
            .iter()
            .filter(|(grader, _)| waits_for_a_mark(grader))
            .map(|(grader, field)| unread(grader, field))
            .collect()
    }

    fn meant(&self, field: &str) -> String {
        if OWN_FIELDS.contains(&field) {
            return format!("`{field}` names a case, and graders read other fields");
        }
        match near(field, self.known.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("cases have {}", self.known.join(", ")),
        }
    }

    /// Refuses graders that read what no case has.
    pub(super) fn demand_read(&self) -> Result<(), Error> {
        let mistakes = self.mistakes();
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(Error::input(mistakes.join("\n"), CORRECT_GRADER))
        }
    }
}

const CORRECT_GRADER: &str = "Correct the grader in the suite, or the cases. Nothing was started.";

/// Whether a case need not have the field: people are asked about those that are marked, and none may be marked yet.
fn waits_for_a_mark(grader: &Grader) -> bool {
    grader.rubric().is_some()
}

fn unread(grader: &Grader, field: &str) -> String {
    format!(
        "grader {} reads the field `{field}`, and no case has it",
        grader.name
    )
}

/// What a look through the dataset found.
pub(in crate::use_case) struct Looked {
    pub(in crate::use_case) dataset: DatasetSummary,
    /// Fields of the cases, besides id and category.
    pub(in crate::use_case) fields: Vec<String>,
    pub(in crate::use_case) warnings: Vec<String>,
}

/// Reads the dataset through once, and refuses what cannot be right: rows, requests that a case cannot fill, graders that
/// read what no case has.
pub(in crate::use_case) fn look_through(
    read: &SuiteRead,
    targets: &[TargetSpec],
    bad: BadRows,
    mut each: impl FnMut(&Case),
) -> Result<Looked, Error> {
    let suite = &read.suite;
    let mut fields = Fields::new(suite);
    let mut unasked: Vec<Option<String>> = vec![None; targets.len()];
    let dataset = read.summarise(bad, |case| {
        fields.see(case);
        // A misspelt field is found before anything is asked, and not as an error among the results.
        for (found, target) in unasked.iter_mut().zip(targets) {
            if found.is_none() {
                *found = check_case(target, case).err().map(|error| error.message);
            }
        }
        each(case);
    });
    let mut requests: Vec<String> = Vec::new();
    for message in unasked.into_iter().flatten() {
        let mistake = format!("{}: {message}", suite.dataset.display());
        if !requests.contains(&mistake) {
            requests.push(mistake);
        }
    }
    let graders = fields.mistakes();
    let dataset = match dataset {
        Ok(dataset) if requests.is_empty() && graders.is_empty() => dataset,
        Ok(_) => {
            let hint = if requests.is_empty() {
                CORRECT_GRADER
            } else {
                "Correct the row, or the target in the suite. Nothing was started."
            };
            return Err(Error::input([requests, graders].concat().join("\n"), hint));
        }
        // A row that cannot be read may have the field, so of the graders nothing is said yet.
        Err(mut error) => {
            for mistake in requests {
                error.message.push('\n');
                error.message.push_str(&mistake);
            }
            return Err(error);
        }
    };
    Ok(Looked {
        dataset,
        warnings: fields.warnings(),
        fields: fields.known,
    })
}
