//! A case more for a dataset: from a result, or from what somebody reported. The dataset is the person's file, so the difference
//! is shown first, and nothing is written to a file that has changed since.

use super::{
    Playbook,
    editing::SuiteFile,
    files::{difference, write_whole},
};
use crate::{
    Error,
    wire::{
        case::{AddCaseRequest, CaseAddition, CaseDraft, NewCase},
        run::ResultRequest,
    },
};
use evidence::ContentHash;
use harness::{Case, Suite, dataset, target::check_case};
use serde_json::{Map, Value};
use std::{collections::HashSet, path::Path};

/// Names that a question usually has.
const QUESTION: [&str; 5] = ["question", "input", "prompt", "query", "text"];
/// Names that a right answer usually has.
const RIGHT: [&str; 8] = [
    "expected",
    "fact",
    "answer",
    "expected_answer",
    "reference",
    "ideal",
    "facts",
    "expected_facts",
];
/// Names that the document of a right answer usually has.
const DOCUMENT: [&str; 5] = [
    "relevant",
    "relevant_ids",
    "expected_documents",
    "sources",
    "context",
];
/// Names that the wish for a refusal usually has.
const REFUSE: [&str; 2] = ["refuse", "should_refuse"];
/// The field that says where a case comes from.
const SOURCE: &str = "source";

/// What a dataset and its graders call things.
struct Vocabulary {
    /// Ids that are taken.
    ids: HashSet<String>,
    /// What each case says, by content without its source: the same case twice would count twice.
    contents: HashSet<ContentHash>,
    /// Every field of any case, with a value as an example.
    fields: Map<String, Value>,
    /// Fields that graders read.
    graded: Vec<String>,
}

impl Vocabulary {
    fn of(suite: &Suite) -> Result<Self, Error> {
        let mut vocabulary = Self {
            ids: HashSet::new(),
            contents: HashSet::new(),
            fields: Map::new(),
            graded: suite
                .graders
                .iter()
                .flat_map(|grader| grader.fields())
                .map(str::to_owned)
                .collect(),
        };
        dataset::summarise_with(&suite.dataset, harness::BadRows::Refuse, |case| {
            vocabulary.ids.insert(case.id.clone());
            vocabulary.contents.insert(content(&case.fields));
            for (name, value) in &case.fields {
                if !vocabulary.fields.contains_key(name) && !value.is_null() {
                    vocabulary.fields.insert(name.clone(), value.clone());
                }
            }
        })?;
        Ok(vocabulary)
    }

    /// The first of these names that graders read, or that cases have.
    fn name(&self, usual: &[&'static str]) -> Option<&'static str> {
        let graded = usual
            .iter()
            .find(|name| self.graded.iter().any(|field| field == *name));
        graded
            .or_else(|| usual.iter().find(|name| self.fields.contains_key(**name)))
            .copied()
    }

    /// A text as the other cases hold it: in a list where they have lists.
    fn value(&self, name: &str, text: &str) -> Value {
        match self.fields.get(name) {
            Some(Value::Array(_)) => vec![text].into(),
            _ => text.into(),
        }
    }

    /// The first id that is free: `returns-005-2`, `feedback-001`.
    fn free_id(&self, stem: &str, first: u32, width: usize) -> String {
        (first..)
            .map(|number| format!("{stem}-{number:0width$}"))
            .find(|id| !self.ids.contains(id))
            .unwrap_or_else(|| stem.to_owned())
    }
}

/// Content of a case whatever is said of its origin.
fn content(fields: &Map<String, Value>) -> ContentHash {
    let mut fields = fields.clone();
    fields.shift_remove(SOURCE);
    Case {
        index: 0,
        id: String::new(),
        category: String::new(),
        fields,
    }
    .hash()
}

impl Playbook {
    /// A result as a new case of its dataset, to be edited.
    pub async fn draft_case(&self, request: ResultRequest) -> Result<CaseDraft, Error> {
        self.blocking(move |playbook| {
            let (record, trial) = playbook.trial(request.run, request.case_index, request.repeat)?;
            let detail = playbook.store.result_detail(record.key, trial.key)?;
            let folder = playbook.store.project(record.summary.project)?.folder;
            let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
            let folder = canonical(Path::new(&folder));
            let path = canonical(Path::new(&record.plan.suite));
            let suite = path.strip_prefix(&folder).unwrap_or(&path).display().to_string();
            let file = playbook.suite_file(record.summary.project, Some(&suite))?;
            let suite_read = Suite::load_with(&file.path, &playbook.store.providers()?)?;
            let vocabulary = Vocabulary::of(&suite_read)?;
            let mut fields = detail.fields;
            fields.insert(
                SOURCE.into(),
                format!("run {}, {}", record.summary.number, trial.case_id).into(),
            );
            Ok(CaseDraft {
                suite,
                dataset: file.inner(&suite_read.dataset),
                id: vocabulary.free_id(&trial.case_id, 2, 0),
                category: trial.category,
                fields,
            })
        })
        .await
    }

    /// Adds a case to a dataset: shows the difference first, and writes once it was seen.
    pub async fn add_case(&self, request: AddCaseRequest) -> Result<CaseAddition, Error> {
        self.blocking(move |playbook| {
            let file = playbook.suite_file(request.project, request.suite.as_deref())?;
            let suite = Suite::load_with(&file.path, &playbook.store.providers()?)?;
            let vocabulary = Vocabulary::of(&suite)?;
            let row = match request.case {
                NewCase::Result { id, category, fields } => edited(&vocabulary, &id, &category, fields)?,
                NewCase::Feedback {
                    question,
                    said,
                    right,
                    document,
                    should_refuse,
                } => {
                    let report = Report {
                        question: question.trim(),
                        said: said.trim(),
                        right: right.trim(),
                        document: document.trim(),
                        should_refuse,
                    };
                    report.row(&vocabulary, &playbook.host.today().to_string())?
                }
            };
            write(&file, &suite, &row, request.hash.as_deref())
        })
        .await
    }
}

/// A result's case as the person edited it.
fn edited(
    vocabulary: &Vocabulary,
    id: &str,
    category: &str,
    fields: Map<String, Value>,
) -> Result<Map<String, Value>, Error> {
    if vocabulary.contents.contains(&content(&fields)) {
        return Err(Error::input(
            "the dataset has a case that says the same",
            "Change what it asks or what it expects: a second copy would only count the same failure twice.",
        ));
    }
    let mut row = Map::new();
    row.insert("id".into(), id.trim().into());
    row.insert("category".into(), category.trim().into());
    row.extend(fields);
    Ok(row)
}

/// What somebody reported.
struct Report<'a> {
    question: &'a str,
    said: &'a str,
    right: &'a str,
    document: &'a str,
    should_refuse: bool,
}

impl Report<'_> {
    fn row(&self, vocabulary: &Vocabulary, today: &str) -> Result<Map<String, Value>, Error> {
        if self.question.is_empty() {
            return Err(Error::input(
                "the question is missing",
                "Write what was asked, word for word.",
            ));
        }
        if self.right.is_empty() && !self.should_refuse {
            return Err(Error::input(
                "nothing says what would have been right",
                "Write the right answer, or say that it should have refused.",
            ));
        }
        let refuse = vocabulary.name(&REFUSE);
        if self.should_refuse && refuse.is_none() {
            return Err(Error::input(
                "no grader of this suite looks for a refusal",
                "Add a grader of type refusal to the suite first, or write the right answer.",
            ));
        }
        let mut row = Map::new();
        row.insert("id".into(), vocabulary.free_id("feedback", 1, 3).into());
        row.insert("category".into(), "feedback".into());
        let question = vocabulary.name(&QUESTION).unwrap_or("question");
        row.insert(question.into(), vocabulary.value(question, self.question));
        if !self.right.is_empty() {
            let right = vocabulary.name(&RIGHT).unwrap_or("expected");
            row.insert(right.into(), vocabulary.value(right, self.right));
        }
        if let Some(refuse) = refuse {
            row.insert(refuse.into(), self.should_refuse.into());
        }
        if !self.document.is_empty() {
            let document = vocabulary.name(&DOCUMENT).unwrap_or("document");
            row.insert(document.into(), vocabulary.value(document, self.document));
        }
        if !self.said.is_empty() {
            row.insert("said".into(), self.said.into());
        }
        row.insert(SOURCE.into(), "feedback".into());
        row.insert("reported_on".into(), today.into());
        Ok(row)
    }
}

/// Shows the difference, or writes where it was seen and the file is still the same.
fn write(
    file: &SuiteFile,
    suite: &Suite,
    row: &Map<String, Value>,
    seen: Option<&str>,
) -> Result<CaseAddition, Error> {
    let fields: Map<String, Value> = row
        .iter()
        .filter(|(name, _)| !["id", "category"].contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let text = |name: &str| {
        row.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let case = Case {
        index: 0,
        id: text("id"),
        category: text("category"),
        fields,
    };
    if let Some(error) = suite
        .targets
        .iter()
        .find_map(|target| check_case(target, &case).err())
    {
        return Err(Error::input(
            format!("the case cannot be asked: {}", error.message),
            "Give it the fields that the suite's request names.",
        ));
    }
    let appended = dataset::append(&suite.dataset, row)?;
    let hash = ContentHash::of(&appended.before).to_string();
    let name = file.inner(&suite.dataset);
    let written = seen == Some(hash.as_str());
    if written {
        write_whole(&suite.dataset, &appended.after)?;
    }
    Ok(CaseAddition {
        id: case.id,
        difference: difference(&name, &appended.before, &appended.after),
        dataset: name,
        written,
        hash: if written {
            ContentHash::of(&appended.after).to_string()
        } else {
            hash
        },
        note: format!(
            "The dataset then has {} cases and another content hash: the next run is on a new dataset version, and is held against earlier runs by the cases that both have.",
            appended.cases + 1
        ),
        changed_since: !written && seen.is_some(),
    })
}
