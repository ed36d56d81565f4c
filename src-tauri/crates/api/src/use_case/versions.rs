//! What differs between the versions of dataset, suite and rubrics that two runs used, or between a run and the files now.

use super::{Playbook, imported::read_suite, results::short_title};
use crate::{
    Error,
    wire::variants::{
        CaseChange, CaseDiff, CategoryDiff, DatasetDiff, DiffRequest, FieldDiff, Piece, PieceKind,
        TextDiffView, VersionDiff,
    },
};
use evidence::ContentHash;
use harness::{BadRows, Suite, TrialKey};
use provider::ProviderConfiguration;
use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};
use store::{KeptText, RunRecord};

/// Cases that are shown with their fields; the counts are of all.
const SHOWN_CASES: usize = 200;
/// Lines that are shown around a change.
const CONTEXT_LINES: usize = 3;

/// One version of everything that a run is measured with.
struct Version {
    name: String,
    dataset: ContentHash,
    suite: ContentHash,
    grading: Option<ContentHash>,
    cases: Vec<VersionCase>,
    texts: Vec<KeptText>,
    note: Option<String>,
}

struct VersionCase {
    id: String,
    category: String,
    /// What the case says; absent in results from before it was kept.
    fingerprint: Option<u64>,
    place: Place,
}

/// Where a case's fields lie. Those of a run are packed, and only unpacked for the cases that differ.
enum Place {
    Run { key: i64, trial: TrialKey },
    Here(Map<String, Value>),
}

impl Playbook {
    /// What differs between the dataset, the suite and the rubrics of two runs, or of a run and the files as they are now.
    pub async fn diff(&self, request: DiffRequest) -> Result<VersionDiff, Error> {
        self.blocking(move |playbook| {
            let record = playbook.store.run(request.before)?;
            let after = match request.after {
                Some(run) => playbook.version_of_run(&playbook.store.run(run)?)?,
                None => version_now(&record, &playbook.store.providers()?)?,
            };
            let before = playbook.version_of_run(&record)?;
            let mut notes: Vec<String> = [&before, &after].into_iter().filter_map(|one| one.note.clone()).collect();
            if before.suite != after.suite && (before.texts.is_empty() || after.texts.is_empty()) {
                notes.push(
                    "The suite changed; its text was not kept with runs of earlier versions of the app, so how it changed cannot be shown."
                        .into(),
                );
            }
            Ok(VersionDiff {
                dataset: playbook.dataset_diff(&before, &after)?,
                texts: text_diffs(&before.texts, &after.texts),
                graders_differ: before.grading != after.grading,
                before: before.name,
                after: after.name,
                notes,
            })
        })
        .await
    }

    fn version_of_run(&self, record: &RunRecord) -> Result<Version, Error> {
        let run = &record.summary;
        let mut cases: Vec<VersionCase> = Vec::new();
        for trial in self.store.records(record.key, &record.graders)? {
            if cases.last().is_none_or(|last| last.id != trial.case_id) {
                cases.push(VersionCase {
                    id: trial.case_id,
                    category: trial.category,
                    fingerprint: trial.case_fingerprint,
                    place: Place::Run {
                        key: record.key,
                        trial: trial.key,
                    },
                });
            }
        }
        let whole = record.plan.filter.is_none() && run.shard.is_none() && run.trials >= run.planned;
        Ok(Version {
            name: format!("run {}", run.number),
            dataset: run.dataset.clone(),
            suite: run.suite.clone(),
            grading: run.grading.clone(),
            texts: self.store.texts_of_run(record.key)?,
            note: (!whole).then(|| {
                format!(
                    "Run {} did not ask every case of its dataset; a case that is missing there was perhaps only not asked.",
                    run.number
                )
            }),
            cases,
        })
    }

    fn dataset_diff(&self, before: &Version, after: &Version) -> Result<DatasetDiff, Error> {
        let there: HashMap<&str, &VersionCase> =
            before.cases.iter().map(|case| (case.id.as_str(), case)).collect();
        let here: HashMap<&str, &VersionCase> =
            after.cases.iter().map(|case| (case.id.as_str(), case)).collect();
        let mut found = Differences::default();
        for case in &after.cases {
            match there.get(case.id.as_str()) {
                None => {
                    let fields = found.has_room().then(|| self.fields(case)).transpose()?;
                    found.add(CaseChange::Added, case, fields.as_ref(), Vec::new());
                }
                Some(old) if self.alike(old, case)? => found.unchanged += 1,
                Some(old) => {
                    let fields = found.has_room().then(|| self.fields(case)).transpose()?;
                    let differing = match &fields {
                        Some(now) => field_diffs(old, &self.fields(old)?, case, now),
                        None => Vec::new(),
                    };
                    found.add(CaseChange::Changed, case, fields.as_ref(), differing);
                }
            }
        }
        for case in before
            .cases
            .iter()
            .filter(|case| !here.contains_key(case.id.as_str()))
        {
            let fields = found.has_room().then(|| self.fields(case)).transpose()?;
            found.add(CaseChange::Removed, case, fields.as_ref(), Vec::new());
        }
        Ok(DatasetDiff {
            before_hash: before.dataset.to_string(),
            after_hash: after.dataset.to_string(),
            headline: headline(&found, before.dataset == after.dataset),
            added: found.added,
            removed: found.removed,
            changed: found.changed,
            unchanged: found.unchanged,
            cases: found.cases,
            categories: categories(&before.cases, &after.cases),
        })
    }

    fn alike(&self, old: &VersionCase, new: &VersionCase) -> Result<bool, Error> {
        let says = match (old.fingerprint, new.fingerprint) {
            (Some(one), Some(other)) => one == other,
            _ => self.fields(old)? == self.fields(new)?,
        };
        Ok(says && old.category == new.category)
    }

    fn fields(&self, case: &VersionCase) -> Result<Map<String, Value>, Error> {
        Ok(match &case.place {
            Place::Here(fields) => fields.clone(),
            Place::Run { key, trial } => self.store.result_detail(*key, *trial)?.fields,
        })
    }
}

/// The files of a run's suite as they are now.
fn version_now(record: &RunRecord, configured: &[ProviderConfiguration]) -> Result<Version, Error> {
    let read = read_suite(Path::new(&record.plan.suite), configured)?;
    let mut cases = Vec::new();
    let dataset = read.summarise(BadRows::Skip, |case| {
        cases.push(VersionCase {
            id: case.id.clone(),
            category: case.category.clone(),
            fingerprint: Some(case.fingerprint()),
            place: Place::Here(case.fields.clone()),
        });
    })?;
    let suite = &read.suite;
    Ok(Version {
        name: "the files now".into(),
        dataset: dataset.hash,
        suite: suite.hash.clone(),
        grading: Some(suite.grading.clone()),
        texts: texts_of(suite),
        note: (dataset.skipped > 0)
            .then(|| format!("{} bad rows of the file were passed over.", dataset.skipped)),
        cases,
    })
}

/// The suite file and what its graders read, as they are on the disk. What is no text, or has gone by now, is left out.
pub(super) fn texts_of(suite: &Suite) -> Vec<KeptText> {
    let name = suite
        .path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut paths = vec![(name, suite.path.clone())];
    for input in suite.graders.iter().flat_map(|grader| &grader.inputs) {
        if paths.iter().all(|(known, _)| *known != input.path) {
            paths.push((input.path.clone(), suite.folder.join(&input.path)));
        }
    }
    paths
        .into_iter()
        .filter_map(|(name, path)| {
            let text = std::fs::read_to_string(path).ok()?;
            Some(KeptText { name, text })
        })
        .collect()
}

#[derive(Default)]
struct Differences {
    added: u64,
    removed: u64,
    changed: u64,
    unchanged: u64,
    cases: Vec<CaseDiff>,
}

impl Differences {
    fn has_room(&self) -> bool {
        self.cases.len() < SHOWN_CASES
    }

    fn add(
        &mut self,
        change: CaseChange,
        case: &VersionCase,
        fields: Option<&Map<String, Value>>,
        differing: Vec<FieldDiff>,
    ) {
        match change {
            CaseChange::Added => self.added += 1,
            CaseChange::Removed => self.removed += 1,
            CaseChange::Changed => self.changed += 1,
        }
        if let Some(fields) = fields {
            self.cases.push(CaseDiff {
                id: case.id.clone(),
                change,
                category: case.category.clone(),
                title: short_title(fields),
                fields: differing,
            });
        }
    }
}

fn headline(found: &Differences, same_file: bool) -> String {
    let cases = |count: u64| {
        if count == 1 {
            "1 case".to_owned()
        } else {
            format!("{count} cases")
        }
    };
    let parts: Vec<String> = [
        (found.added, "added"),
        (found.removed, "removed"),
        (found.changed, "changed"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, what)| format!("{} {what}", cases(count)))
    .collect();
    match (parts.is_empty(), same_file) {
        (true, true) => "The dataset is the same file, byte for byte.".into(),
        (true, false) => {
            "The file differs, and no case does: order, spacing or cases that were not asked.".into()
        }
        (false, _) => format!("{}; {} alike.", parts.join(", "), cases(found.unchanged)),
    }
}

fn categories(before: &[VersionCase], after: &[VersionCase]) -> Vec<CategoryDiff> {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for case in before {
        counts.entry(&case.category).or_default().0 += 1;
    }
    for case in after {
        counts.entry(&case.category).or_default().1 += 1;
    }
    counts
        .into_iter()
        .map(|(name, (before, after))| CategoryDiff {
            name: name.to_owned(),
            before,
            after,
        })
        .collect()
}

/// The fields that differ, in the order of the later version, then those that only the earlier one has.
fn field_diffs(
    old_case: &VersionCase,
    old: &Map<String, Value>,
    new_case: &VersionCase,
    new: &Map<String, Value>,
) -> Vec<FieldDiff> {
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let mut diffs = Vec::new();
    if old_case.category != new_case.category {
        diffs.push(FieldDiff {
            field: "category".into(),
            pieces: words(&old_case.category, &new_case.category),
        });
    }
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    for name in new.keys().chain(gone) {
        if old.get(name) != new.get(name) {
            diffs.push(FieldDiff {
                field: name.clone(),
                pieces: words(&text(old.get(name)), &text(new.get(name))),
            });
        }
    }
    diffs
}

/// Two texts word by word.
fn words(before: &str, after: &str) -> Vec<Piece> {
    let diff = TextDiff::from_words(before, after);
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        push(&mut pieces, kind(change.tag()), change.value());
    }
    pieces
}

fn kind(tag: ChangeTag) -> PieceKind {
    match tag {
        ChangeTag::Equal => PieceKind::Same,
        ChangeTag::Delete => PieceKind::Removed,
        ChangeTag::Insert => PieceKind::Added,
    }
}

fn push(pieces: &mut Vec<Piece>, kind: PieceKind, text: &str) {
    match pieces.last_mut() {
        Some(last) if last.kind == kind => last.text.push_str(text),
        _ => pieces.push(Piece {
            kind,
            text: text.to_owned(),
        }),
    }
}

fn text_diffs(before: &[KeptText], after: &[KeptText]) -> Vec<TextDiffView> {
    let find = |texts: &[KeptText], name: &str| {
        texts
            .iter()
            .find(|kept| kept.name == name)
            .map(|kept| kept.text.clone())
            .unwrap_or_default()
    };
    let mut names: Vec<&str> = Vec::new();
    for kept in after.iter().chain(before) {
        if !names.contains(&kept.name.as_str()) {
            names.push(&kept.name);
        }
    }
    // Without the text of one side everything would seem to be new.
    if before.is_empty() || after.is_empty() {
        return Vec::new();
    }
    names
        .into_iter()
        .filter_map(|name| {
            let (old, new) = (find(before, name), find(after, name));
            (old != new).then(|| TextDiffView {
                name: name.to_owned(),
                lines: lines(&old, &new),
            })
        })
        .collect()
}

/// Two texts line by line, with what is alike left out but for a few lines.
fn lines(before: &str, after: &str) -> Vec<Piece> {
    let diff = TextDiff::from_lines(before, after);
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, group) in diff.grouped_ops(CONTEXT_LINES).iter().enumerate() {
        if at > 0 {
            push(&mut pieces, PieceKind::Gap, "");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            push(&mut pieces, kind(change.tag()), change.value());
        }
    }
    pieces
}
