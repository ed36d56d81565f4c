//! The person's suites and datasets, edited in the window and written as the plain files that they are.

use super::{
    Playbook,
    files::{difference, write_whole},
    suite_row::{counts, small, warnings},
};
use crate::{
    Code, Error,
    wire::{
        portfolio::FileConflict,
        variants::{
            DatasetPage, DatasetRequest, DatasetRow, FileSaved, RowChange, SaveDatasetRequest,
            SaveSuiteRequest, SuiteCheck, SuiteFileRequest, SuiteText, SuiteTextRequest, TextProblem,
        },
    },
};
use evidence::{ContentHash, ProjectId};
use harness::{
    Suite, SuiteError,
    dataset::edit::{RowEdit, Table},
};
use provider::ProviderConfiguration;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Rows of a page at most.
const LONGEST_PAGE: usize = 500;
/// Below this, a category is a handful of examples and no measurement.
const FEW_CASES: u64 = 5;

/// A suite file of a project, and the folder that paths are shown from.
pub(super) struct SuiteFile {
    pub(super) folder: PathBuf,
    pub(super) path: PathBuf,
}

impl SuiteFile {
    pub(super) fn inner(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

impl Playbook {
    /// A suite file as text.
    pub async fn suite_text(&self, request: SuiteFileRequest) -> Result<SuiteText, Error> {
        self.blocking(move |playbook| {
            let file = playbook.suite_file(request.project, request.suite.as_deref())?;
            let text = read(&file.path)?;
            let suite = Suite::check_text(&file.path, &text, &playbook.store.providers()?);
            Ok(SuiteText {
                path: file.inner(&file.path),
                hash: ContentHash::of(&text).to_string(),
                dataset: suite.as_ref().ok().map(|suite| file.inner(&suite.dataset)),
                check: check(suite),
                text,
            })
        })
        .await
    }

    /// What is wrong with a suite's text, without saving it.
    pub async fn check_suite_text(&self, request: SuiteTextRequest) -> Result<SuiteCheck, Error> {
        self.blocking(move |playbook| {
            let file = playbook.suite_file(request.project, Some(&request.suite))?;
            Ok(check(Suite::check_text(
                &file.path,
                &request.text,
                &playbook.store.providers()?,
            )))
        })
        .await
    }

    /// Saves a suite's text. A text with mistakes is saved too: it is the person's file, and half a thought must not be lost.
    pub async fn save_suite_text(&self, request: SaveSuiteRequest) -> Result<FileSaved, Error> {
        self.blocking(move |playbook| {
            let file = playbook.suite_file(request.project, Some(&request.suite))?;
            let there = read(&file.path)?;
            save(
                &file,
                &file.path,
                there.as_bytes(),
                &request.hash,
                request.text.as_bytes(),
            )
        })
        .await
    }

    /// A page of a suite's dataset.
    pub async fn dataset(&self, request: DatasetRequest) -> Result<DatasetPage, Error> {
        self.blocking(move |playbook| {
            let file = playbook.suite_file(request.project, Some(&request.suite))?;
            let table = Table::open(&dataset_of(&file, &playbook.store.providers()?)?)?;
            let wanted = request
                .text
                .map(|text| text.trim().to_lowercase())
                .filter(|text| !text.is_empty());
            let fits = |row: &&DatasetRow| {
                wanted.as_deref().is_none_or(|wanted| {
                    row.fields
                        .values()
                        .any(|value| value.to_string().to_lowercase().contains(wanted))
                })
            };
            let all: Vec<DatasetRow> = table
                .rows
                .iter()
                .enumerate()
                .map(|(number, row)| DatasetRow {
                    row: number as u64,
                    line: row.line,
                    fields: row.fields.clone().unwrap_or_default(),
                    problem: row.fields.as_ref().err().cloned(),
                })
                .collect();
            let found: Vec<&DatasetRow> = all.iter().filter(fits).collect();
            let offset = usize::try_from(request.offset).unwrap_or(usize::MAX);
            let categories = table.categories();
            let mut warnings: Vec<String> = small(all.len() as u64).into_iter().collect();
            let few: Vec<&str> = categories
                .iter()
                .filter(|(_, cases)| **cases < FEW_CASES)
                .map(|(name, _)| name.as_str())
                .collect();
            if !few.is_empty() && categories.len() > 1 {
                warnings.push(format!(
                    "Fewer than {FEW_CASES} cases in {}: their pass rates say next to nothing.",
                    few.join(", ")
                ));
            }
            Ok(DatasetPage {
                path: file.inner(&table.path),
                hash: table.hash.to_string(),
                open_columns: table
                    .path
                    .extension()
                    .is_none_or(|extension| !extension.eq_ignore_ascii_case("csv")),
                columns: table.columns,
                total: found.len() as u64,
                rows: found
                    .into_iter()
                    .skip(offset)
                    .take((request.limit as usize).min(LONGEST_PAGE))
                    .cloned()
                    .collect(),
                cases: all.len() as u64,
                categories: counts(categories),
                warnings,
            })
        })
        .await
    }

    /// Changes rows of a suite's dataset; every other row keeps its bytes.
    pub async fn save_dataset(&self, request: SaveDatasetRequest) -> Result<FileSaved, Error> {
        self.blocking(move |playbook| {
            let file = playbook.suite_file(request.project, Some(&request.suite))?;
            let path = dataset_of(&file, &playbook.store.providers()?)?;
            let table = Table::open(&path)?;
            let there = fs::read(&path).map_err(|error| Error::file(&path, &error))?;
            let edits = request
                .changes
                .into_iter()
                .map(|change| edit(&table, change))
                .collect::<Result<Vec<_>, _>>()?;
            let new = table.with(&edits)?;
            save(&file, &path, &there, &request.hash, &new)
        })
        .await
    }

    /// A suite of the project: one of those that the project lists, so that no other file can be read or written by this way.
    pub(super) fn suite_file(&self, project: ProjectId, suite: Option<&str>) -> Result<SuiteFile, Error> {
        let folder = PathBuf::from(self.store.project(project)?.folder);
        let folder = folder
            .canonicalize()
            .map_err(|error| Error::file(&folder, &error))?;
        let known = harness::suite::find(&folder);
        let path = match suite {
            None => known.into_iter().next(),
            Some(name) => known.into_iter().find(|path| *path == folder.join(name)),
        };
        let path = path.ok_or_else(|| {
            Error::new(
                Code::NotFound,
                format!(
                    "{} has no suite file {}",
                    folder.display(),
                    suite.unwrap_or("suite.yaml")
                ),
                "Make one with playbook init, or name one of the project's suites.",
            )
        })?;
        Ok(SuiteFile { folder, path })
    }
}

fn read(path: &Path) -> Result<String, Error> {
    let bytes = fs::read(path).map_err(|error| Error::file(path, &error))?;
    String::from_utf8(bytes).map_err(|_| {
        Error::input(
            format!("{} is not UTF-8 text", path.display()),
            "Save it as UTF-8 in a text editor.",
        )
    })
}

fn dataset_of(file: &SuiteFile, configured: &[ProviderConfiguration]) -> Result<PathBuf, Error> {
    Ok(Suite::load_with(&file.path, configured)?.dataset)
}

fn check(suite: Result<Suite, SuiteError>) -> SuiteCheck {
    let dataset = |suite: Suite| harness::dataset::summarise(&suite.dataset).map(|dataset| (suite, dataset));
    let place = |error: SuiteError, own: Option<&Path>| -> Vec<TextProblem> {
        error
            .problems
            .into_iter()
            .map(|problem| {
                // A mistake in the dataset has no line in the suite's text.
                let here = own.is_none_or(|own| problem.file == own);
                TextProblem {
                    line: if here { problem.line } else { 0 },
                    column: if here { problem.column } else { 0 },
                    message: if here {
                        problem.message.clone()
                    } else {
                        problem.to_string()
                    },
                }
            })
            .collect()
    };
    match suite {
        Err(error) => SuiteCheck {
            problems: place(error, None),
            warnings: Vec::new(),
        },
        Ok(suite) => {
            let own = suite.path.clone();
            match dataset(suite) {
                Ok((suite, dataset)) => SuiteCheck {
                    problems: Vec::new(),
                    warnings: warnings(&suite, &dataset),
                },
                Err(error) => SuiteCheck {
                    problems: place(error, Some(&own)),
                    warnings: Vec::new(),
                },
            }
        }
    }
}

/// Writes a file whose content is the one that the person saw; otherwise shows what writing it would change.
fn save(file: &SuiteFile, path: &Path, there: &[u8], seen: &str, new: &[u8]) -> Result<FileSaved, Error> {
    let now = ContentHash::of(there).to_string();
    if now != seen && there != new {
        let name = file.inner(path);
        return Ok(FileSaved {
            hash: now,
            conflict: Some(FileConflict {
                difference: difference(&name, there, new),
                path: name,
                reason: "The file was changed outside the app since you opened it. Nothing was written."
                    .into(),
            }),
        });
    }
    if there != new {
        write_whole(path, new)?;
    }
    Ok(FileSaved {
        hash: ContentHash::of(new).to_string(),
        conflict: None,
    })
}

/// A change of the row that the person saw, wherever it stands now.
fn edit(table: &Table, change: RowChange) -> Result<RowEdit, Error> {
    let Some(row) = change.row else {
        return match change.fields {
            Some(fields) => Ok(RowEdit::Add { fields }),
            None => Err(Error::input(
                "a new row without fields",
                "Fill in the row, or leave it out.",
            )),
        };
    };
    let row = match &change.before {
        None => row,
        Some(before) => {
            let holds = |number: usize| {
                table
                    .rows
                    .get(number)
                    .is_some_and(|there| there.fields.as_ref().is_ok_and(|fields| fields == before))
            };
            let number = usize::try_from(row).unwrap_or(usize::MAX);
            let found = if holds(number) {
                Some(number)
            } else {
                (0..table.rows.len()).find(|number| holds(*number))
            };
            found.map(|number| number as u64).ok_or_else(|| {
                Error::new(
                    Code::FileChanged,
                    format!(
                        "row {} was changed or removed outside the app since you opened it; nothing was written",
                        row + 1
                    ),
                    "Copy what you wrote, reload the dataset, and put it in again.",
                )
            })?
        }
    };
    Ok(match change.fields {
        Some(fields) => RowEdit::Replace { row, fields },
        None => RowEdit::Remove { row },
    })
}
