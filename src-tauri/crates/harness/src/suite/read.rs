//! From the file as written to a suite that makes sense, with every mistake named at its line.

use super::{
    Suite, SuiteError,
    file::{ReleaseMetricFile, SuiteFile},
    find, parse_duration,
    problem::Problem,
    quantity::{Kind, Quantity},
};
use crate::{
    grader::{Grader, file::GraderFile},
    near,
};
use evidence::{Bound, ContentHash, Threshold};
use provider::ProviderConfiguration;
use serde_saphyr::Spanned;
use std::{
    path::{Component, Path, PathBuf},
    time::Duration,
};

/// A suite file is written by people; a longer one is a mistake.
const LONGEST_SUITE_BYTES: u64 = 4 * 1024 * 1024;

pub(super) fn load(path: &Path, configured: &[ProviderConfiguration]) -> Result<Suite, SuiteError> {
    let path = locate(path)?;
    let text = read_text(&path)?;
    check_text(&path, &text, configured)
}

/// As [`load`], of a text that is not in the file yet.
pub(super) fn check_text(
    path: &Path,
    text: &str,
    configured: &[ProviderConfiguration],
) -> Result<Suite, SuiteError> {
    let file: SuiteFile = serde_saphyr::from_str(text).map_err(|error| {
        // What holds nothing at all has no place; its beginning is where something is missing.
        let (line, column) = error
            .location()
            .map_or((1, 1), |place| (place.line(), place.column()));
        SuiteError::one(path, line, column, yaml_message(&error))
    })?;
    Reader {
        path,
        configured,
        problems: Vec::new(),
    }
    .suite(file, text)
}

/// The library's message without its own snippet and position, which we give ourselves.
pub(crate) fn yaml_message(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let text = text
        .lines()
        .next()
        .unwrap_or("not valid YAML")
        .trim_end_matches(['.', ' ']);
    let text = text
        .rfind(" at line ")
        .or_else(|| text.rfind(" (line "))
        .map_or(text, |at| &text[..at]);
    // The library speaks of its own types and events.
    match text {
        "invalid u32" => "expected a whole number such as 8".into(),
        "expected sequence start" => "expected a list, each entry beginning with `- `".into(),
        "expected mapping start" => "expected fields such as `name: value`".into(),
        other => other.to_owned(),
    }
}

fn locate(path: &Path) -> Result<PathBuf, SuiteError> {
    let path = if path.is_dir() {
        find(path).into_iter().next().ok_or_else(|| {
            SuiteError::one(
                path,
                0,
                0,
                "no suite here (looked for suite.yaml); make one with `playbook init`, or name a suite file",
            )
        })?
    } else {
        path.to_path_buf()
    };
    path.canonicalize()
        .map_err(|error| SuiteError::one(&path, 0, 0, format!("cannot be read: {error}")))
}

fn read_text(path: &Path) -> Result<String, SuiteError> {
    let unreadable = |why: String| SuiteError::one(path, 0, 0, format!("cannot be read: {why}"));
    let size = std::fs::metadata(path)
        .map_err(|error| unreadable(error.to_string()))?
        .len();
    if size > LONGEST_SUITE_BYTES {
        return Err(unreadable(format!("{size} bytes is too long for a suite file")));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| unreadable("the file is not UTF-8 text".into()))
}

pub(super) struct Reader<'a> {
    path: &'a Path,
    /// What the person has configured and the suite may name.
    pub(super) configured: &'a [ProviderConfiguration],
    problems: Vec<Problem>,
}

impl Reader<'_> {
    pub(super) fn problem<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        let place = at.referenced;
        self.problems.push(Problem {
            file: self.path.to_path_buf(),
            line: place.line(),
            column: place.column(),
            message: message.into(),
        });
    }

    fn suite(mut self, file: SuiteFile, text: &str) -> Result<Suite, SuiteError> {
        let folder = self.path.parent().unwrap_or(Path::new(".")).to_path_buf();
        if file.version.value != 1 {
            let message = format!(
                "version {} is not known; this app reads version 1",
                file.version.value
            );
            self.problem(&file.version, message);
        }
        if file.name.value.trim().is_empty() {
            self.problem(
                &file.name,
                "the name is empty; expected a short name such as golden",
            );
        }
        let dataset = self.inside(&folder, &file.dataset);
        let graders = self.graders(&file.graders, &folder);
        if graders.is_empty() && self.problems.is_empty() {
            self.problem(
                &file.name,
                "no graders; a suite needs at least one under `graders:`",
            );
        }
        let thresholds = self.thresholds(&file.release_metrics, &graders);
        let repeat = self.count(file.repeat, 1, 10_000, "repeat");
        let concurrency = self.count(file.concurrency, 8, 1000, "concurrency");
        let timeout = match &file.timeout {
            None => Duration::from_secs(30),
            Some(timeout) => parse_duration(&timeout.value).unwrap_or_else(|message| {
                self.problem(timeout, message);
                Duration::ZERO
            }),
        };
        let retries = file.retries.map(|retries| {
            if retries.value > 10 {
                self.problem(
                    &retries,
                    format!("retries {} is out of range; expected 0 to 10", retries.value),
                );
            }
            retries.value
        });
        // What graders read from files is part of the ruler too.
        let mut ruler = section(text, "graders:");
        for input in graders.iter().flat_map(|grader| &grader.inputs) {
            ruler.push_str(&format!("{} {}\n", input.path, input.hash));
        }
        let grading = ContentHash::of(ruler);
        let providers = self.providers(file.providers, &graders, &file.name);
        let targets = self.targets(&file.name, file.target, file.targets);
        if !self.problems.is_empty() {
            return Err(SuiteError {
                problems: self.problems,
            });
        }
        Ok(Suite {
            path: self.path.to_path_buf(),
            folder,
            hash: ContentHash::of(text),
            grading,
            name: file.name.value,
            description: file.description,
            dataset,
            targets,
            repeat,
            concurrency,
            timeout,
            retries,
            providers,
            graders,
            thresholds,
        })
    }

    /// A path below the project folder; a path that leaves it is refused.
    fn inside(&mut self, folder: &Path, name: &Spanned<String>) -> PathBuf {
        let relative = Path::new(&name.value);
        let leaves = relative.is_absolute() || relative.components().any(|part| part == Component::ParentDir);
        let path = folder.join(relative);
        let resolved = path.canonicalize().ok();
        if leaves
            || resolved
                .as_ref()
                .is_some_and(|resolved| !resolved.starts_with(folder))
        {
            self.problem(
                name,
                format!(
                    "`{}` leaves the project folder; keep the file inside it",
                    name.value
                ),
            );
        } else if !path.is_file() {
            self.problem(
                name,
                format!("there is no file `{}` beside the suite", name.value),
            );
        }
        path
    }

    fn count(&mut self, value: Option<Spanned<u32>>, default: u32, most: u32, what: &str) -> u32 {
        let Some(value) = value else { return default };
        if value.value == 0 || value.value > most {
            let message = format!("{what} {} is out of range; expected 1 to {most}", value.value);
            self.problem(&value, message);
        }
        value.value
    }

    fn graders(&mut self, entries: &[Spanned<serde_json::Value>], folder: &Path) -> Vec<Grader> {
        let mut graders: Vec<Grader> = Vec::new();
        for entry in entries {
            let built = serde_json::from_value::<GraderFile>(entry.value.clone())
                .map_err(|error| misspelt_type(&entry.value).unwrap_or_else(|| error.to_string()))
                .and_then(|file| Grader::build(file, folder));
            match built {
                Ok(grader) if graders.iter().any(|other| other.name == grader.name) => {
                    self.problem(
                        entry,
                        format!("two graders are called `{}`; names must differ", grader.name),
                    );
                }
                Ok(grader) => graders.push(grader),
                Err(message) => {
                    let name = entry.value.get("name").and_then(|name| name.as_str());
                    let who = name.map(|name| format!("grader `{name}`: ")).unwrap_or_default();
                    self.problem(entry, format!("{who}{message}"));
                }
            }
        }
        graders
    }

    fn thresholds(&mut self, entries: &[Spanned<serde_json::Value>], graders: &[Grader]) -> Vec<Threshold> {
        let mut thresholds = Vec::new();
        for entry in entries {
            let read = serde_json::from_value::<ReleaseMetricFile>(entry.value.clone())
                .map_err(|error| error.to_string())
                .and_then(|file| threshold(file, graders));
            match read {
                Ok(threshold) => thresholds.push(threshold),
                Err(message) => self.problem(entry, message),
            }
        }
        thresholds
    }
}

/// Names the type of grader that was probably meant; none where the type is known, or like no other.
fn misspelt_type(entry: &serde_json::Value) -> Option<String> {
    let written = entry.get("type")?.as_str()?;
    if GraderFile::KINDS.contains(&written) {
        return None;
    }
    let meant = near(written, GraderFile::KINDS.iter().copied())?;
    Some(format!("unknown variant `{written}`, did you mean `{meant}`?"))
}

pub(super) fn is_http(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// The lines of one top-level section, whose hash says whether two suites agree in it.
fn section(text: &str, key: &str) -> String {
    let mut inside = false;
    let mut section = String::new();
    for line in text.lines() {
        let content = line.trim();
        if line.starts_with(key) {
            inside = true;
        } else if inside
            && !line.starts_with([' ', '\t', '-'])
            && !content.is_empty()
            && !content.starts_with('#')
        {
            break;
        }
        if inside && !content.is_empty() && !content.starts_with('#') {
            section.push_str(line.trim_end());
            section.push('\n');
        }
    }
    section
}

/// Metrics that a run has besides those of its graders.
const RUN_METRICS: [&str; 9] = [
    "pass_rate",
    "error_rate",
    "latency_p50",
    "latency_p95",
    "latency_p99",
    "latency_mean",
    "first_token_p50",
    "first_token_p95",
    "cost_per_case",
];

/// How the metrics of a run begin that are better the lower they are; a rate of passes is better the higher it is, and so is
/// that of a grader. A score is what its grader makes of it.
const LOWER_IS_BETTER: [&str; 4] = ["error_rate", "latency_", "first_token_", "cost_per_case"];

fn threshold(file: ReleaseMetricFile, graders: &[Grader]) -> Result<Threshold, String> {
    let grader = file.metric.strip_suffix(".score").unwrap_or(&file.metric);
    if !RUN_METRICS.contains(&file.metric.as_str()) && !graders.iter().any(|known| known.name == grader) {
        let names: Vec<&str> = RUN_METRICS
            .iter()
            .copied()
            .chain(graders.iter().map(|grader| grader.name.as_str()))
            .collect();
        return Err(format!(
            "`{}` is not a metric; expected one of {}",
            file.metric,
            names.join(", ")
        ));
    }
    let limits = (&file.at_least, &file.at_most, &file.no_worse_by);
    let (bound, quantity): (Bound, &Quantity) = match limits {
        (Some(quantity), None, None) => (Bound::AtLeast, quantity),
        (None, Some(quantity), None) => (Bound::AtMost, quantity),
        (None, None, Some(quantity)) => (Bound::NoWorseBy, quantity),
        _ => {
            return Err(format!(
                "`{}` needs exactly one of at_least, at_most and no_worse_by",
                file.metric
            ));
        }
    };
    // A share of results passed, or something that a user waits for and pays: the better side is known.
    let of_run = RUN_METRICS.contains(&file.metric.as_str());
    let better = if of_run && LOWER_IS_BETTER.iter().any(|kind| file.metric.starts_with(kind)) {
        Bound::AtMost
    } else {
        Bound::AtLeast
    };
    let score = file.metric.ends_with(".score");
    match bound {
        Bound::AtLeast if better == Bound::AtMost => {
            return Err(format!(
                "`{}` is better the lower it is, so at_least would pass what is bad and fail what is good; write at_most",
                file.metric
            ));
        }
        Bound::AtMost if better == Bound::AtLeast && !score => {
            return Err(format!(
                "`{}` is better the higher it is, so at_most would pass what is bad and fail what is good; write at_least",
                file.metric
            ));
        }
        _ => {}
    }
    let quantile = ["_p50", "_p95", "_p99"]
        .iter()
        .any(|end| file.metric.ends_with(end));
    if bound == Bound::NoWorseBy && quantile {
        return Err(format!(
            "`{}` cannot be held against a baseline case by case; use latency_mean, or at_most",
            file.metric
        ));
    }
    let (limit, kind) = quantity.read()?;
    let latency = file.metric.starts_with("latency_") || file.metric.starts_with("first_token_");
    let cost = file.metric == "cost_per_case";
    match kind {
        Kind::Duration if !latency => Err(format!("`{}` is not a duration", file.metric)),
        Kind::Plain | Kind::Percent | Kind::Money if latency => Err(format!(
            "`{}` needs a duration such as 800ms or 1.5s",
            file.metric
        )),
        Kind::Money if !cost => Err(format!("`{}` is not an amount of money", file.metric)),
        Kind::Percent if cost => Err("`cost_per_case` needs an amount such as $0.004".into()),
        Kind::Plain | Kind::Percent if !cost && limit > 1.0 => Err(format!(
            "{limit} is out of range; `{}` lies between 0 and 1 (or write a percentage)",
            file.metric
        )),
        _ => Ok(Threshold {
            metric: file.metric,
            bound,
            limit,
            demand_bound: file.demand_bound,
            outcome: file
                .outcome
                .map(|outcome| outcome.trim().to_owned())
                .filter(|outcome| !outcome.is_empty()),
        }),
    }
}
