//! Suites of this app, and configurations of promptfoo that run as they are: read once, told apart once.

use super::{
    Playbook,
    run::{bad_rows, survey::look_through},
};
use crate::{Code, Error};
use evidence::{Bound, ContentHash, Threshold};
use harness::{
    BadRows, Case, DatasetSummary, Problem, Suite, SuiteError,
    grader::GraderInfo,
    suite::{TargetKind, TargetSpec},
};
use promptfoo::{Loaded, ProcessEnvironment, connect};
use provider::ProviderConfiguration;
use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

/// Longest time for one answer of an imported target.
const TIMEOUT: Duration = Duration::from_secs(300);
/// Graders that an imported configuration may have metrics of; tests that differ in everything have too many to compare.
const MOST_GRADERS: usize = 40;

/// A suite that was read, whatever it was written as.
#[derive(Clone)]
pub(super) struct SuiteRead {
    /// The suite; of an imported configuration, what a suite would say of it.
    pub(super) suite: Arc<Suite>,
    /// The configuration it stands for.
    pub(super) imported: Option<Arc<Loaded>>,
}

/// Reads a suite file that may name these providers, a promptfoo configuration, or the default one of a folder.
pub(super) fn read_suite(path: &Path, configured: &[ProviderConfiguration]) -> Result<SuiteRead, Error> {
    let file = if path.is_dir() {
        harness::suite::find(path)
            .into_iter()
            .next()
            .unwrap_or_else(|| path.to_path_buf())
    } else {
        path.to_path_buf()
    };
    if is_promptfoo(&file) {
        return import(&file);
    }
    Ok(SuiteRead {
        suite: Arc::new(Suite::load_with(path, configured)?),
        imported: None,
    })
}

/// Whether a file is a configuration of promptfoo: by its name, or by its keys.
pub(super) fn is_promptfoo(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    if name.starts_with("promptfooconfig.") {
        return true;
    }
    let Ok(text) = std::fs::read_to_string(path) else {
        return false;
    };
    let has = |keys: &[&str]| {
        text.lines()
            .any(|line| keys.iter().any(|key| line.starts_with(key)))
    };
    has(&["prompts:", "tests:", "scenarios:", "defaultTest:"]) && !has(&["graders:", "dataset:"])
}

/// What a suite has, and what of it would not run.
#[derive(Clone, Debug, serde::Serialize)]
pub struct SuiteCheckup {
    /// Its name.
    pub name: String,
    /// Cases.
    pub cases: u64,
    /// Names of its targets.
    pub targets: Vec<String>,
    /// What does not run here, with its place.
    pub unsupported: Vec<String>,
    /// What is ignored, or means something else than it seems to.
    pub warnings: Vec<String>,
}

impl Playbook {
    /// Reads a suite and its cases through as a run would, refuses what a run would refuse, and says what would not run.
    /// Nothing is started.
    pub async fn check_suite(&self, path: &Path, skip_bad_rows: bool) -> Result<SuiteCheckup, Error> {
        let path = path.to_path_buf();
        self.blocking(move |playbook| {
            let read = read_suite(&path, &playbook.store.providers()?)?;
            let looked = look_through(&read, &read.suite.targets, bad_rows(skip_bad_rows), |_| ())?;
            Ok(SuiteCheckup {
                name: read.suite.name.clone(),
                cases: looked.dataset.cases,
                targets: read
                    .suite
                    .targets
                    .iter()
                    .map(|target| target.name.clone())
                    .collect(),
                unsupported: read.unsupported()?,
                warnings: [looked.warnings, read.warnings()].concat(),
            })
        })
        .await
    }
}

fn import(path: &Path) -> Result<SuiteRead, Error> {
    let path = path.canonicalize().map_err(|error| Error::file(path, &error))?;
    let loaded = promptfoo::load(&path, &ProcessEnvironment).map_err(unreadable)?;
    let targets = loaded
        .targets
        .iter()
        .enumerate()
        .map(|(number, target)| TargetSpec {
            name: target_name(&loaded, number),
            configuration: ContentHash::of(format!("{:?}", target.provider)),
            prompt: Some(ContentHash::of(&target.prompt.raw)),
            kind: TargetKind::Imported(number),
        });
    let suite = Suite {
        folder: path.parent().unwrap_or(Path::new(".")).to_path_buf(),
        hash: loaded.hash.clone(),
        // What a test asserts is part of the test, so the ruler is the configuration with the files that it grades with.
        grading: loaded.grading.clone(),
        name: path
            .file_stem()
            .map_or_else(|| "promptfoo".into(), |stem| stem.to_string_lossy().into_owned()),
        description: loaded.description.clone().unwrap_or_default(),
        dataset: path.clone(),
        targets: targets.collect(),
        // Where tests have repeats of their own, each repeat is a case.
        repeat: if loaded.own_repeats {
            1
        } else {
            loaded.repeat.max(1)
        },
        concurrency: if loaded.serial {
            1
        } else {
            loaded.max_concurrency.max(1)
        },
        timeout: TIMEOUT,
        retries: Some(0),
        providers: BTreeMap::new(),
        graders: Vec::new(),
        thresholds: vec![every_test()],
        path,
    };
    Ok(SuiteRead {
        suite: Arc::new(suite),
        imported: Some(Arc::new(loaded)),
    })
}

/// What a configuration asks of its tests, as promptfoo does with how it ends: that every one passes.
fn every_test() -> Threshold {
    Threshold {
        metric: "pass_rate".into(),
        bound: Bound::AtLeast,
        limit: 1.0,
        demand_bound: false,
        outcome: Some("Every test of the configuration passes.".into()),
    }
}

/// The provider's name, and which prompt where there are several.
fn target_name(loaded: &Loaded, number: usize) -> String {
    let Some(target) = loaded.targets.get(number) else {
        return String::new();
    };
    let provider = target.provider.name();
    let others = loaded
        .targets
        .iter()
        .filter(|other| other.provider.name() == provider)
        .count();
    if others > 1 {
        format!("{provider}, prompt {}", target.prompt_index + 1)
    } else {
        provider.to_owned()
    }
}

/// Names the way past bad rows where rows are what is bad, and not the file.
fn unusable_dataset(error: SuiteError) -> Error {
    let is_row = |problem: &Problem| {
        let named = |kind: &str| {
            let extension = problem.file.extension();
            extension.is_some_and(|extension| extension.eq_ignore_ascii_case(kind))
        };
        // The first line of a CSV file is its header; a place inside a line is one of the whole file unless lines are rows.
        problem.line > u64::from(named("csv")) && (problem.column == 0 || named("jsonl") || named("ndjson"))
    };
    let hint = if error.problems.iter().all(is_row) {
        "Correct the rows, or pass over them with --skip-bad-rows; docs/suite-format.md says what a case is."
    } else {
        "Correct the dataset and try again; docs/suite-format.md says what it may be."
    };
    Error::input(error.to_string(), hint)
}

fn unreadable(errors: promptfoo::ConfigurationErrors) -> Error {
    Error::new(
        Code::Input,
        errors.to_string(),
        "Correct the configuration. Nothing was started.",
    )
}

impl SuiteRead {
    /// Refuses what would show tests another past than they have in the whole: a part of a configuration whose tests read
    /// what earlier ones said.
    pub(super) fn demand_in_one_piece(&self, part: Option<&str>) -> Result<(), Error> {
        let serial = self.imported.as_ref().is_some_and(|loaded| loaded.serial);
        match part.filter(|_| serial) {
            None => Ok(()),
            Some(part) => Err(Error::new(
                Code::Refused,
                format!(
                    "tests of {} read what earlier ones said (`_conversation` or `storeOutputAs`), so {part} would ask them \
                     something else",
                    self.suite.path.display()
                ),
                "Run the whole configuration in one go. Nothing was started.",
            )),
        }
    }

    /// Refuses a shuffled order of more promptfoo tests than are kept at hand: they are read in order.
    pub(super) fn demand_at_hand(&self, cases: u64) -> Result<(), Error> {
        if self.imported.is_none() || cases <= promptfoo::connect::AT_HAND as u64 {
            return Ok(());
        }
        Err(Error::new(
            Code::Refused,
            format!(
                "{cases} promptfoo tests cannot be asked in a shuffled order, which stopping early needs; {} can",
                promptfoo::connect::AT_HAND
            ),
            "Leave --stop-early out. Nothing was started.",
        ))
    }

    /// Refuses to repeat tests that say themselves how often they run.
    pub(super) fn demand_repeatable(&self, asked: Option<u32>) -> Result<(), Error> {
        let own = self.imported.as_ref().is_some_and(|loaded| loaded.own_repeats);
        if !own || asked.is_none_or(|repeat| repeat == 1) {
            return Ok(());
        }
        Err(Error::new(
            Code::Refused,
            format!(
                "tests of {} say themselves how often they run (`options.repeat`)",
                self.suite.path.display()
            ),
            "Leave the number of repeats out, or change it in the configuration. Nothing was started.",
        ))
    }

    /// Calls in flight at once: one where tests read what earlier ones said, and why that differs from what was asked for.
    pub(super) fn in_flight(&self, asked: u32) -> (u32, Option<String>) {
        let serial = self.imported.as_ref().is_some_and(|loaded| loaded.serial);
        if !serial || asked == 1 {
            return (asked, None);
        }
        let why = format!(
            "tests of this configuration read what earlier ones said, so one call is in flight at a time and not {asked}"
        );
        (1, Some(why))
    }

    /// The configuration with one of its targets alone: what a run of that target is.
    pub(super) fn only(&self, spec: &TargetSpec) -> Option<Loaded> {
        let (Some(imported), TargetKind::Imported(number)) = (&self.imported, &spec.kind) else {
            return None;
        };
        let mut one = Loaded::clone(imported);
        one.targets = imported.targets.get(*number).cloned().into_iter().collect();
        Some(one)
    }

    /// Reads every case through once.
    pub(super) fn summarise(
        &self,
        bad: BadRows,
        mut each: impl FnMut(&Case),
    ) -> Result<DatasetSummary, Error> {
        let Some(imported) = &self.imported else {
            return harness::dataset::summarise_with(&self.suite.dataset, bad, each)
                .map_err(unusable_dataset);
        };
        let mut one = Loaded::clone(imported);
        one.targets.truncate(1);
        let mut cases = 0;
        for case in connect::cases(&one) {
            let (case, _) = case.map_err(|problem| {
                Error::from(harness::SuiteError {
                    problems: vec![problem],
                })
            })?;
            each(&case);
            cases += 1;
        }
        Ok(DatasetSummary {
            hash: imported.hash.clone(),
            cases,
            categories: BTreeMap::from([("uncategorised".to_owned(), cases)]),
            skipped: 0,
            problems: Vec::new(),
        })
    }

    /// The graders that a run of a target has metrics of.
    pub(super) fn graders(&self, spec: &TargetSpec) -> Result<Vec<GraderInfo>, Error> {
        let Some(one) = self.only(spec) else {
            return Ok(self
                .suite
                .graders
                .iter()
                .map(harness::grader::Grader::info)
                .collect());
        };
        let mut names: Vec<String> = Vec::new();
        for case in connect::cases(&one) {
            let (_, graders) = case.map_err(|problem| {
                Error::from(harness::SuiteError {
                    problems: vec![problem],
                })
            })?;
            for name in graders {
                if names.len() < MOST_GRADERS && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        Ok(names
            .into_iter()
            .map(|name| GraderInfo {
                kind: name.split(". ").last().unwrap_or_default().to_owned(),
                name,
                score_label: None,
                rubric: None,
                informational: false,
            })
            .collect())
    }

    /// What was ignored, or means something else than it seems to, a sentence each with its place.
    pub(super) fn warnings(&self) -> Vec<String> {
        let imported = self.imported.iter();
        imported
            .flat_map(|loaded| &loaded.warnings)
            .map(ToString::to_string)
            .collect()
    }

    /// What does not run here, a sentence each.
    pub(super) fn unsupported(&self) -> Result<Vec<String>, Error> {
        let Some(imported) = &self.imported else {
            return Ok(Vec::new());
        };
        let found = imported.check().map_err(unreadable)?;
        Ok(found.iter().map(ToString::to_string).collect())
    }
}
